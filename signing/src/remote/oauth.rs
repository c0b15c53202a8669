//! The two ends of the person's login in a browser: the address to open, and the exchange of the code that comes back.
//!
//! OAuth 2 authorisation code (RFC 6749) with PKCE (RFC 7636, S256), as CSC API 8.3 asks: scope `service` for the
//! access token, scope `credential` for the SAD of hashes named in the address. Not in it: the browser, and who listens
//! at the redirect address.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use url::form_urlencoded::Serializer;
use zeroize::Zeroizing;

use super::refusal;
use super::service::is_safe;
use super::transport::{Request, Transport, TransportFault};
use super::wire::Number;
use crate::error::{DeviceError, RemoteRefusal};
use crate::pades::SigningHash;

/// This program as the service knows it.
#[derive(Clone)]
pub struct Client {
    /// The address of the authorisation server, from `info`.
    pub server: String,
    /// The identifier given by the service.
    pub id: String,
    /// The secret given by the service, where it gives one.
    pub secret: Option<SecretString>,
    /// Where the browser comes back to.
    pub redirect: String,
}

/// What is asked of the person.
#[derive(Clone, Debug)]
pub enum Scope<'a> {
    /// The use of the service.
    Service,
    /// The signature of these hashes.
    Credential {
        /// The credential, as the service names it.
        id: &'a str,
        /// What is to be signed.
        hashes: &'a [SigningHash],
    },
}

/// A login begun. `state` and `verifier` belong to it alone.
pub struct Login {
    /// The address to open in the browser.
    pub address: String,
    state: String,
    verifier: SecretString,
}

impl Login {
    /// What the browser brings back with the code, to tell this login's answer from any other's.
    pub fn state(&self) -> &str {
        &self.state
    }
}

/// What the login brought: an access token, or with scope `credential` a SAD.
pub struct Granted {
    /// The token.
    pub token: SecretString,
    /// How long it lasts.
    pub lasts: Duration,
}

#[derive(Deserialize)]
struct TokenAnswer {
    access_token: SecretString,
    #[serde(default)]
    expires_in: Option<Number>,
}

impl Client {
    /// Begins a login.
    pub fn begin(&self, scope: &Scope<'_>) -> Result<Login, DeviceError> {
        if !is_safe(&self.server) {
            return Err(RemoteRefusal::Unreachable.into());
        }
        let (state, verifier) = (random()?, random()?);
        let mut query = Serializer::new(String::new());
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.id)
            .append_pair("redirect_uri", &self.redirect)
            .append_pair("state", &state)
            .append_pair(
                "code_challenge",
                &URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes())),
            )
            .append_pair("code_challenge_method", "S256");
        match scope {
            Scope::Service => query.append_pair("scope", "service"),
            Scope::Credential { id, hashes } => {
                // v2 reads `hashes`, v1.0.4 `hash`; both are base64url, separated by commas.
                let hashes: Vec<_> = hashes.iter().map(|hash| URL_SAFE_NO_PAD.encode(hash.0)).collect();
                let joined = hashes.join(",");
                query
                    .append_pair("scope", "credential")
                    .append_pair("credentialID", id)
                    .append_pair("numSignatures", &hashes.len().to_string())
                    .append_pair("hash", &joined)
                    .append_pair("hashes", &joined)
                    .append_pair("hashAlgorithmOID", "2.16.840.1.101.3.4.2.1")
            }
        };
        Ok(Login {
            address: format!(
                "{}/oauth2/authorize?{}",
                self.server.trim_end_matches('/'),
                query.finish()
            ),
            state,
            verifier: SecretString::from(verifier),
        })
    }

    /// Ends it with what the browser brought to the redirect address. A code is used once, whatever comes.
    pub fn finish(
        &self,
        login: Login,
        state: &str,
        code: &SecretString,
        transport: &dyn Transport,
    ) -> Result<Granted, DeviceError> {
        // Another login's answer, or somebody else's.
        if !openssl::memcmp::eq(&Sha256::digest(state), &Sha256::digest(&login.state)) {
            return Err(RemoteRefusal::AccessExpired.into());
        }
        let mut form = Serializer::new(String::new());
        form.append_pair("grant_type", "authorization_code")
            .append_pair("code", code.expose_secret())
            .append_pair("client_id", &self.id)
            .append_pair("redirect_uri", &self.redirect)
            .append_pair("code_verifier", login.verifier.expose_secret());
        if let Some(secret) = &self.secret {
            form.append_pair("client_secret", secret.expose_secret());
        }
        let body = Zeroizing::new(form.finish());
        let answer = transport
            .post(&Request {
                url: &format!("{}/oauth2/token", self.server.trim_end_matches('/')),
                bearer: None,
                media_type: "application/x-www-form-urlencoded",
                body: body.as_bytes(),
            })
            .map_err(|fault| match fault {
                TransportFault::NotSent => RemoteRefusal::Unreachable,
                TransportFault::NoAnswer => RemoteRefusal::NoAnswer,
            })?;
        if answer.status != 200 {
            return Err(refusal::of(&answer));
        }
        let granted: TokenAnswer =
            serde_json::from_slice(&answer.body).map_err(|_| RemoteRefusal::Garbled)?;
        let lasts = granted.expires_in.as_ref().and_then(Number::get).unwrap_or(3600);
        Ok(Granted {
            token: granted.access_token,
            lasts: Duration::from_secs(lasts),
        })
    }
}

/// 256 bits as base64url.
fn random() -> Result<String, DeviceError> {
    let mut bytes = [0; 32];
    openssl::rand::rand_bytes(&mut bytes).map_err(|_| DeviceError::Failed { code: 0 })?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}
