//! The authorization endpoint: checks the request, shows who may be chosen, sends back a code.
//!
//! A wrong client or redirect is answered here, on a page; every other fault goes back to the client
//! (RFC 6749, 4.1.2.1). Redirects go to loopback addresses only (RFC 8252, 7.3).

use axum::Form;
use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use url::{Host, Url};

use super::{CLIENT, issuer, page};
use crate::Shared;

/// Parameters of an authorization request. All optional here, so that each absence has its own answer.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct AuthorizationRequest {
    pub(crate) response_type: String,
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    pub(crate) scope: String,
    pub(crate) state: String,
    pub(crate) nonce: String,
    pub(crate) code_challenge: String,
    pub(crate) code_challenge_method: String,
    pub(crate) acr_values: String,
    pub(crate) prompt: String,
}

/// The choice made on the login page.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Choice {
    practitioner: String,
    annulla: String,
    #[serde(flatten)]
    request: AuthorizationRequest,
}

/// How the person is known to the region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    Cie,
    Spid,
    Cns,
}

impl Method {
    pub(crate) const ALL: [Self; 3] = [Self::Spid, Self::Cie, Self::Cns];

    pub(crate) fn of(acr_values: &str) -> Self {
        match acr_values.split_whitespace().next() {
            Some("cie") => Self::Cie,
            Some("cns") => Self::Cns,
            _ => Self::Spid,
        }
    }

    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Cie => "cie",
            Self::Spid => "spid",
            Self::Cns => "cns",
        }
    }

    /// The level of assurance, with the names of the SPID and CIE rules. A CNS is a card, as strong as a CIE.
    pub(crate) fn acr(self) -> &'static str {
        match self {
            Self::Spid => "https://www.spid.gov.it/SpidL2",
            Self::Cie | Self::Cns => "https://www.spid.gov.it/SpidL3",
        }
    }
}

/// Faults that must not be sent to the redirect address, because it is not to be trusted.
enum Distrust {
    Client,
    Redirect,
}

/// What goes back to the client.
struct Refusal {
    error: &'static str,
    description: &'static str,
}

fn loopback(redirect: &str) -> Option<Url> {
    let url = Url::parse(redirect).ok()?;
    let is_loopback = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        _ => false,
    };
    let plain = url.scheme() == "http" && url.fragment().is_none() && url.username().is_empty();
    (is_loopback && plain && url.path() == "/callback" && url.port().is_some()).then_some(url)
}

impl AuthorizationRequest {
    fn trusted_redirect(&self) -> Result<Url, Distrust> {
        if self.client_id != CLIENT {
            return Err(Distrust::Client);
        }
        loopback(&self.redirect_uri).ok_or(Distrust::Redirect)
    }

    fn check(&self) -> Result<(), Refusal> {
        let invalid = |description| {
            Err(Refusal {
                error: "invalid_request",
                description,
            })
        };
        if self.response_type != "code" {
            return Err(Refusal {
                error: "unsupported_response_type",
                description: "only code",
            });
        }
        if !self.scope.split(' ').any(|s| s == "openid") {
            return Err(Refusal {
                error: "invalid_scope",
                description: "openid is needed",
            });
        }
        if self.state.is_empty() {
            return invalid("state is needed");
        }
        if self.nonce.is_empty() {
            return invalid("nonce is needed");
        }
        if self.code_challenge_method != "S256" {
            return invalid("code_challenge_method must be S256");
        }
        // BASE64URL of a SHA-256 (RFC 7636, 4.2).
        let is_challenge = self.code_challenge.len() == 43
            && self
                .code_challenge
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        if !is_challenge {
            return invalid("code_challenge is not an S256 challenge");
        }
        if self.prompt == "none" {
            return Err(Refusal {
                error: "login_required",
                description: "nobody is logged in here",
            });
        }
        Ok(())
    }
}

fn back(region: &Shared, request: &AuthorizationRequest, mut to: Url, pairs: &[(&str, &str)]) -> Response {
    to.query_pairs_mut()
        .extend_pairs(pairs)
        .append_pair("iss", &issuer(region));
    if !request.state.is_empty() {
        to.query_pairs_mut().append_pair("state", &request.state);
    }
    (
        StatusCode::SEE_OTHER,
        [
            (header::LOCATION, to.to_string()),
            (header::CACHE_CONTROL, "no-store".to_owned()),
        ],
    )
        .into_response()
}

/// The redirect address of a request that may be shown or answered; else the answer itself.
fn admit(region: &Shared, request: &AuthorizationRequest) -> Result<Url, Box<Response>> {
    let redirect = request.trusted_redirect().map_err(|distrust| {
        let (text, status) = match distrust {
            Distrust::Client => (
                "Il programma che chiede l'accesso non è conosciuto.",
                StatusCode::BAD_REQUEST,
            ),
            Distrust::Redirect => (
                "L'indirizzo di ritorno non è di questo computer.",
                StatusCode::BAD_REQUEST,
            ),
        };
        Box::new((status, page::refused(text)).into_response())
    })?;
    match request.check() {
        Ok(()) => Ok(redirect),
        Err(Refusal { error, description }) => {
            let pairs = [("error", error), ("error_description", description)];
            Err(Box::new(back(region, request, redirect, &pairs)))
        }
    }
}

/// `GET authorize`: the login page.
pub(crate) async fn show(
    State(region): State<Shared>,
    Query(request): Query<AuthorizationRequest>,
) -> Response {
    match admit(&region, &request) {
        Ok(_) => page::login(&region, &request).into_response(),
        Err(answer) => *answer,
    }
}

/// `POST authorize`: somebody was chosen.
pub(crate) async fn choose(State(region): State<Shared>, Form(choice): Form<Choice>) -> Response {
    let request = choice.request;
    let redirect = match admit(&region, &request) {
        Ok(redirect) => redirect,
        Err(answer) => return *answer,
    };
    if !choice.annulla.is_empty() {
        let pairs = [
            ("error", "access_denied"),
            ("error_description", "the person cancelled"),
        ];
        return back(&region, &request, redirect, &pairs);
    }
    if region.store.entry("Practitioner", &choice.practitioner).is_none() {
        return (
            StatusCode::BAD_REQUEST,
            page::refused("La persona scelta non esiste."),
        )
            .into_response();
    }
    match region
        .tokens
        .issue_code(&region.clock, &request, &choice.practitioner)
    {
        Ok(code) => back(&region, &request, redirect, &[("code", &code)]),
        Err(error) => {
            tracing::error!(%error, "no code could be made");
            back(&region, &request, redirect, &[("error", "server_error")])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::loopback;

    #[test]
    fn only_the_callback_of_this_computer_is_a_redirect() {
        for good in ["http://127.0.0.1:49152/callback", "http://[::1]:8123/callback"] {
            assert!(loopback(good).is_some(), "{good} was refused");
        }
        for bad in [
            "https://127.0.0.1:49152/callback",
            "http://127.0.0.1/callback",
            "http://localhost:49152/callback",
            "http://127.0.0.1.example:49152/callback",
            "http://127.0.0.1@evil.example:80/callback",
            "http://127.0.0.1:49152/callback/../other",
            "http://127.0.0.1:49152/callback#x",
            "postazione://callback",
            "",
        ] {
            assert!(loopback(bad).is_none(), "{bad} was taken");
        }
    }
}
