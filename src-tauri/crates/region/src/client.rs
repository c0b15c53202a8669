//! The one HTTP client: base address, proxy, trusted authorities, timeouts, tokens, and the meaning of an answer.
//!
//! Not in it: what is asked (one file per service).

use crate::{FrozenRequest, Gateway, RegionError, Sent, Tokens};
use url::Url;

/// Where the region is and how to reach it.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Base address `R`.
    pub base: Url,
    /// Authorities trusted beside the system's, as PEM; empty in most places.
    pub extra_authorities: Option<Vec<u8>>,
    /// Version of this program, for `User-Agent`.
    pub version: String,
}

/// Why the settings cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// Not an http or https address.
    #[error("the region's address is not an http or https address")]
    Address,
    /// Plain http to another machine.
    #[error("plain http is allowed to this machine only")]
    Insecure,
    /// The PEM cannot be read.
    #[error("the additional authorities cannot be read")]
    Authorities,
    /// The client could not be built (system's TLS or proxy settings).
    #[error("the system's TLS or proxy settings cannot be used")]
    System,
}

use std::error::Error as _;
use std::sync::{Arc, RwLock};
use std::time::Duration;

use futures_util::StreamExt;
use reqwest::header::{self, HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;

use crate::answer::{Answer, meaning};
use crate::{Confirm, Method, RegionError as E};

/// Time for a connection.
const CONNECT: Duration = Duration::from_secs(10);
/// Time without a byte: uploads of large reports may take minutes, silence may not.
const SILENCE: Duration = Duration::from_secs(30);
/// Time for a whole exchange, the slowest surgery line included.
const WHOLE: Duration = Duration::from_secs(300);
/// Largest JSON answer that is read.
pub(crate) const JSON_LIMIT: usize = 16 * 1024 * 1024;
/// Largest document that is read: the attachment limit of a request.
pub(crate) const DOCUMENT_LIMIT: usize = 200 * 1024 * 1024;

/// The region, as one user of this PC. Clones share connection and login.
#[derive(Clone, Debug)]
pub struct Region {
    pub(crate) shared: Arc<Shared>,
    pub(crate) user: Arc<User>,
}

/// What all users of this PC share.
pub(crate) struct Shared {
    pub(crate) base: Url,
    pub(crate) http: reqwest::Client,
    pub(crate) tls: native_tls::TlsConnector,
    pub(crate) agent: String,
    pub(crate) issuer: tokio::sync::RwLock<Option<Arc<crate::login::Issuer>>>,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Shared({})", self.base)
    }
}

/// The tokens of one user, and the lock that lets one renewal run at a time.
#[derive(Debug, Default)]
pub(crate) struct User {
    tokens: RwLock<Option<Tokens>>,
    renewal: tokio::sync::Mutex<()>,
}

/// A request in the making.
pub(crate) struct Ask<'a> {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: Vec<(&'a str, &'a str)>,
    pub(crate) body: Option<bytes::Bytes>,
    pub(crate) limit: usize,
    pub(crate) bearer: bool,
}

impl Region {
    /// Builds the client. Nothing is sent.
    pub fn new(settings: Settings) -> Result<Self, SettingsError> {
        let mut base = settings.base;
        let local = match base.host() {
            Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
            Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
            Some(url::Host::Domain(name)) => name == "localhost",
            None => return Err(SettingsError::Address),
        };
        match base.scheme() {
            "https" => {}
            "http" if local => {}
            "http" => return Err(SettingsError::Insecure),
            _ => return Err(SettingsError::Address),
        }
        if !base.path().ends_with('/') {
            base.set_path(&format!("{}/", base.path()));
        }
        let agent = format!("Postazione/{}", settings.version);
        let mut http = reqwest::Client::builder()
            .user_agent(agent.clone())
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT)
            .read_timeout(SILENCE)
            .timeout(WHOLE);
        if local {
            // A proxy of the network knows nothing of this machine's own loopback.
            http = http.no_proxy();
        }
        let mut tls = native_tls::TlsConnector::builder();
        if let Some(pem) = &settings.extra_authorities {
            let certificates =
                reqwest::Certificate::from_pem_bundle(pem).map_err(|_| SettingsError::Authorities)?;
            if certificates.is_empty() {
                return Err(SettingsError::Authorities);
            }
            for certificate in certificates {
                http = http.add_root_certificate(certificate);
            }
            for certificate in pem_blocks(pem) {
                let certificate = native_tls::Certificate::from_pem(&certificate)
                    .map_err(|_| SettingsError::Authorities)?;
                tls.add_root_certificate(certificate);
            }
        }
        let http = http.build().map_err(|_| SettingsError::System)?;
        let tls = tls.build().map_err(|_| SettingsError::System)?;
        Ok(Self {
            shared: Arc::new(Shared {
                base,
                http,
                tls,
                agent,
                issuer: tokio::sync::RwLock::new(None),
            }),
            user: Arc::new(User::default()),
        })
    }

    /// The same region for another user of this PC: own tokens, shared connections. A locked user's queue goes on
    /// with its own tokens while somebody else logs in.
    #[must_use]
    pub fn for_another_user(&self) -> Self {
        Self {
            shared: self.shared.clone(),
            user: Arc::new(User::default()),
        }
    }

    /// The base address, with a slash at its end.
    pub fn base(&self) -> &Url {
        &self.shared.base
    }

    /// The FHIR store.
    pub fn fhir(&self) -> crate::Fhir {
        crate::Fhir { region: self.clone() }
    }

    /// The gateway of the Fascicolo.
    pub fn gateway(&self) -> Gateway {
        Gateway {
            region: self.clone(),
            subject: None,
        }
    }

    /// Takes the tokens of a login.
    pub fn set_tokens(&self, tokens: Tokens) {
        *self.user.tokens.write().unwrap_or_else(|e| e.into_inner()) = Some(tokens);
    }

    /// Forgets the tokens: every later call is [`RegionError::Unauthorised`].
    pub fn forget_tokens(&self) {
        *self.user.tokens.write().unwrap_or_else(|e| e.into_inner()) = None;
    }

    /// Whether somebody is logged in; says nothing of whether the region still accepts it.
    pub fn is_logged_in(&self) -> bool {
        self.tokens().is_some()
    }

    pub(crate) fn tokens(&self) -> Option<Tokens> {
        self.user.tokens.read().unwrap_or_else(|e| e.into_inner()).clone()
    }

    /// A valid access token, renewed when it is about to end.
    pub(crate) async fn access_token(&self) -> Result<SecretString, E> {
        let tokens = self.tokens().ok_or(E::Unauthorised)?;
        let ending = tokens.expires.is_some_and(|end| {
            end.saturating_duration_since(std::time::Instant::now()) < Duration::from_secs(15)
        });
        if ending && tokens.refresh.is_some() {
            self.renew(&tokens.access).await
        } else {
            Ok(tokens.access)
        }
    }

    /// Renews the tokens once, however many calls found `used` ended.
    pub(crate) async fn renew(&self, used: &SecretString) -> Result<SecretString, E> {
        let _one = self.user.renewal.lock().await;
        let tokens = self.tokens().ok_or(E::Unauthorised)?;
        if tokens.access.expose_secret() != used.expose_secret() {
            return Ok(tokens.access);
        }
        let refresh = tokens.refresh.clone().ok_or(E::Unauthorised)?;
        let mut renewed = crate::login::refresh(self, &refresh).await?;
        if renewed.refresh.is_none() {
            renewed.refresh = Some(refresh);
        }
        let access = renewed.access.clone();
        // Logged out meanwhile: do not log in again behind the person's back.
        let mut cell = self.user.tokens.write().unwrap_or_else(|e| e.into_inner());
        if cell.is_none() {
            return Err(E::Unauthorised);
        }
        *cell = Some(renewed);
        Ok(access)
    }

    /// An address below the base; `path` may carry a query.
    pub(crate) fn url(&self, path: &str) -> Result<Url, E> {
        let url = self
            .shared
            .base
            .join(path.trim_start_matches('/'))
            .map_err(|_| E::Garbled)?;
        self.below_base(url)
    }

    /// Refuses an address outside the region, so that no token leaves it.
    pub(crate) fn below_base(&self, url: Url) -> Result<Url, E> {
        let base = &self.shared.base;
        let inside = url.origin() == base.origin()
            && url.path().starts_with(base.path())
            && !url.path().contains("..");
        if inside { Ok(url) } else { Err(E::Garbled) }
    }

    /// Asks and reads the answer whole, with one renewal of the token on 401.
    pub(crate) async fn ask(&self, ask: Ask<'_>) -> Result<Answer, E> {
        if !ask.bearer {
            return self.exchange(&ask, None).await.and_then(meaning);
        }
        let token = self.access_token().await?;
        match self.exchange(&ask, Some(&token)).await.and_then(meaning) {
            Err(E::Unauthorised) => {
                let token = self.renew(&token).await?;
                self.exchange(&ask, Some(&token)).await.and_then(meaning)
            }
            other => other,
        }
    }

    /// GET of JSON below the base.
    pub(crate) async fn get_json<T: DeserializeOwned>(&self, path: &str) -> Result<T, E> {
        let url = self.url(path)?;
        self.ask(Ask::get(url)).await?.json()
    }

    pub(crate) async fn exchange(&self, ask: &Ask<'_>, token: Option<&SecretString>) -> Result<Answer, E> {
        let mut headers = HeaderMap::new();
        headers.insert(
            header::ACCEPT,
            HeaderValue::from_static("application/fhir+json, application/json, application/problem+json"),
        );
        if ask.method == Method::Get {
            // A stock HAPI server answers an equal search from its memory for a minute: a change would be seen that late.
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        }
        for (name, value) in &ask.headers {
            let name = HeaderName::try_from(*name).map_err(|_| E::Garbled)?;
            headers.insert(name, HeaderValue::try_from(*value).map_err(|_| E::Garbled)?);
        }
        if let Some(token) = token {
            let mut value = HeaderValue::try_from(format!("Bearer {}", token.expose_secret()))
                .map_err(|_| E::Unauthorised)?;
            value.set_sensitive(true);
            headers.insert(header::AUTHORIZATION, value);
        }
        let method = match ask.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
            Method::Delete => reqwest::Method::DELETE,
        };
        let mut request = self.shared.http.request(method, ask.url.clone()).headers(headers);
        if let Some(body) = &ask.body {
            request = request.body(body.clone());
        }
        let response = request.send().await.map_err(|e| of_transport(&e))?;
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let mut body = Vec::new();
        let mut stream = response.bytes_stream();
        while let Some(chunk) = stream.next().await {
            match chunk {
                Ok(chunk) if body.len().saturating_add(chunk.len()) > ask.limit => return Err(E::TooLarge),
                Ok(chunk) => body.extend_from_slice(&chunk),
                Err(e) if e.is_timeout() => return Err(E::Timeout),
                Err(_) => return Err(E::Garbled),
            }
        }
        Ok(Answer::new(status, &headers, body))
    }

    pub(crate) async fn transmit(&self, request: &FrozenRequest) -> Result<Sent, E> {
        let answer = self
            .ask(Ask {
                method: request.method,
                url: self.url(&request.path)?,
                headers: request
                    .headers
                    .iter()
                    .map(|(n, v)| (n.as_str(), v.as_str()))
                    .collect(),
                body: Some(bytes::Bytes::copy_from_slice(&request.body)),
                limit: JSON_LIMIT,
                bearer: true,
            })
            .await?;
        answer.sent(false)
    }

    /// Looks for what an earlier attempt may have left at the region.
    pub(crate) async fn find_earlier(&self, confirm: &Confirm) -> Result<Option<Sent>, E> {
        match confirm {
            Confirm::Identifier {
                resource,
                system,
                value,
            } => {
                let mut url = self.url(&format!("fhir/{resource}"))?;
                url.query_pairs_mut()
                    .append_pair("identifier", &format!("{system}|{value}"))
                    .append_pair("_count", "2");
                let bundle: serde_json::Value = self.ask(Ask::get(url)).await?.json()?;
                let found = bundle
                    .pointer("/entry")
                    .and_then(|e| e.as_array())
                    .into_iter()
                    .flatten()
                    .find_map(|e| {
                        e.get("resource")
                            .filter(|r| r.get("resourceType").and_then(|t| t.as_str()) == Some(resource))
                    });
                Ok(found.map(|resource| Sent {
                    status: 200,
                    id: crate::fhir::value::text(resource, "/id").map(str::to_owned),
                    version: crate::fhir::value::text(resource, "/meta/versionId").map(str::to_owned),
                    workflow: None,
                    found: true,
                    body: serde_json::to_vec(resource).unwrap_or_default(),
                }))
            }
            Confirm::Document { identifier } => self.gateway().find_published(identifier).await,
        }
    }
}

impl Ask<'_> {
    pub(crate) fn get(url: Url) -> Self {
        Self {
            method: Method::Get,
            url,
            headers: Vec::new(),
            body: None,
            limit: JSON_LIMIT,
            bearer: true,
        }
    }
}

/// What a transport error means.
pub(crate) fn of_transport(error: &reqwest::Error) -> RegionError {
    let mut cause = error.source();
    while let Some(inner) = cause {
        let tls = inner.is::<native_tls::Error>()
            || inner
                .downcast_ref::<std::io::Error>()
                .and_then(|io| io.get_ref())
                .is_some_and(|e| e.is::<native_tls::Error>());
        if tls {
            return E::TlsRefused;
        }
        cause = inner.source();
    }
    if error.is_connect() {
        E::Unreachable
    } else if error.is_body() || error.is_decode() {
        E::Garbled
    } else {
        // Sent, and then silence or an early end: it may have been carried out.
        E::Timeout
    }
}

/// The single certificates of a PEM bundle.
fn pem_blocks(pem: &[u8]) -> Vec<Vec<u8>> {
    const END: &str = "-----END CERTIFICATE-----";
    let text = String::from_utf8_lossy(pem);
    text.split_inclusive(END)
        .filter_map(|block| {
            block
                .find("-----BEGIN CERTIFICATE-----")
                .map(|at| block.as_bytes()[at..].to_vec())
        })
        .collect()
}
