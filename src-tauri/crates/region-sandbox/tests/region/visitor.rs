//! A running region with a client of its own, and members of the staff who log in as a browser would.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use region_sandbox::{Clock, Options, RunningRegion, start};
use reqwest::{Client, RequestBuilder, Response, StatusCode, redirect};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

pub(crate) const VERIFIER: &str = "the-verifier-of-a-test-of-at-least-43-characters";
pub(crate) const REDIRECT: &str = "http://127.0.0.1:49152/callback";

/// A region in a folder of its own.
pub(crate) struct Place {
    pub(crate) running: RunningRegion,
    pub(crate) client: Client,
    folder: TempDir,
}

/// Tokens of somebody who logged in.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) access: String,
    pub(crate) refresh: String,
    pub(crate) id_token: String,
}

pub(crate) fn client() -> Client {
    Client::builder()
        .redirect(redirect::Policy::none())
        .build()
        .expect("a client")
}

pub(crate) fn options(folder: &TempDir, clock: Clock) -> Options {
    Options {
        turn: false,
        clock,
        ..Options::new(folder.path())
    }
}

impl Place {
    pub(crate) async fn open() -> Self {
        Self::open_at(Clock::system()).await
    }

    pub(crate) async fn open_at(clock: Clock) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let running = start(options(&folder, clock)).await.expect("a region");
        Self {
            running,
            client: client(),
            folder,
        }
    }

    /// The same data, after a stop.
    pub(crate) async fn restart(self, clock: Clock) -> Self {
        let Self { running, folder, .. } = self;
        running.shutdown().await;
        let running = start(options(&folder, clock)).await.expect("a region again");
        Self {
            running,
            client: client(),
            folder,
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.running.base_url)
    }

    pub(crate) async fn login(&self, practitioner: &str) -> Session {
        let code = self.code(practitioner).await;
        let answer = self.redeem(&code, VERIFIER, REDIRECT).await;
        assert_eq!(answer.status(), StatusCode::OK, "no tokens");
        session(&json(answer).await)
    }

    pub(crate) async fn code(&self, practitioner: &str) -> String {
        let mut form = request();
        form.push(("practitioner", practitioner.to_owned()));
        let answer = self
            .client
            .post(self.url("/oidc/authorize"))
            .form(&form)
            .send()
            .await
            .expect("an answer");
        let location = location(&answer);
        assert_eq!(
            parameter(&location, "state").as_deref(),
            Some("the-state"),
            "{location}"
        );
        parameter(&location, "code").unwrap_or_else(|| panic!("no code in {location}"))
    }

    pub(crate) async fn redeem(&self, code: &str, verifier: &str, redirect: &str) -> Response {
        let form = [
            ("grant_type", "authorization_code"),
            ("client_id", "postazione"),
            ("code", code),
            ("code_verifier", verifier),
            ("redirect_uri", redirect),
        ];
        self.client
            .post(self.url("/oidc/token"))
            .form(&form)
            .send()
            .await
            .expect("an answer")
    }

    pub(crate) async fn refresh(&self, token: &str) -> Response {
        let form = [
            ("grant_type", "refresh_token"),
            ("client_id", "postazione"),
            ("refresh_token", token),
        ];
        self.client
            .post(self.url("/oidc/token"))
            .form(&form)
            .send()
            .await
            .expect("an answer")
    }

    pub(crate) fn get(&self, session: &Session, path: &str) -> RequestBuilder {
        self.client.get(self.url(path)).bearer_auth(&session.access)
    }

    pub(crate) fn post(&self, session: &Session, path: &str) -> RequestBuilder {
        self.client.post(self.url(path)).bearer_auth(&session.access)
    }

    pub(crate) fn put(&self, session: &Session, path: &str) -> RequestBuilder {
        self.client.put(self.url(path)).bearer_auth(&session.access)
    }

    pub(crate) fn delete(&self, session: &Session, path: &str) -> RequestBuilder {
        self.client.delete(self.url(path)).bearer_auth(&session.access)
    }

    /// A resource that must be there.
    pub(crate) async fn read(&self, session: &Session, path: &str) -> Value {
        let answer = self.get(session, path).send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        json(answer).await
    }

    pub(crate) async fn switch(&self, method: &str, path: &str, body: Value) -> Response {
        let method = method.parse().expect("a method");
        let url = self.url(&format!("/_sandbox/{path}"));
        self.client
            .request(method, url)
            .json(&body)
            .send()
            .await
            .expect("an answer")
    }
}

/// The authorization request of the workstation.
pub(crate) fn request() -> Vec<(&'static str, String)> {
    [
        ("response_type", "code"),
        ("client_id", "postazione"),
        ("redirect_uri", REDIRECT),
        ("scope", "openid profile"),
        ("state", "the-state"),
        ("nonce", "the-nonce"),
        ("code_challenge_method", "S256"),
        ("acr_values", "cie"),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .into_iter()
    .chain([("code_challenge", URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER)))])
    .collect()
}

pub(crate) fn session(tokens: &Value) -> Session {
    let text = |name: &str| {
        tokens[name]
            .as_str()
            .unwrap_or_else(|| panic!("no {name}"))
            .to_owned()
    };
    Session {
        access: text("access_token"),
        refresh: text("refresh_token"),
        id_token: text("id_token"),
    }
}

pub(crate) async fn json(answer: Response) -> Value {
    answer.json().await.expect("JSON")
}

pub(crate) fn location(answer: &Response) -> String {
    let header = answer
        .headers()
        .get("location")
        .unwrap_or_else(|| panic!("no redirect: {}", answer.status()));
    header.to_str().expect("an address").to_owned()
}

pub(crate) fn parameter(address: &str, name: &str) -> Option<String> {
    let url = url::Url::parse(address).expect("an address");
    url.query_pairs()
        .find(|(n, _)| n == name)
        .map(|(_, v)| v.into_owned())
}
