//! A service: its calls, one function each, in the version that it speaks.

use std::sync::OnceLock;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use super::refusal;
use super::transport::{Answer, Request, Transport, TransportFault};
use super::wire::{self, AuthoriseRequest, Number, SignRequest};
use crate::error::{DeviceError, RemoteRefusal};
use crate::pades::SigningHash;
use crate::pades::cms::{PSS_SHA256, Scheme};
use crate::token::SignatureValue;

const SHA256: &str = "2.16.840.1.101.3.4.2.1";
const RSA: &str = "1.2.840.113549.1.1.1";
const SHA256_WITH_RSA: &str = "1.2.840.113549.1.1.11";
const RSA_PSS: &str = "1.2.840.113549.1.1.10";
const ECDSA_WITH_SHA256: &str = "1.2.840.10045.4.3.2";

/// Pages of `credentials/list` that are read: a person has a few credentials.
const PAGES: usize = 20;

/// How long a SAD lasts when the service does not say (CSC API, `credentials/authorize`: 3600 seconds).
const USUAL_SAD: Duration = Duration::from_secs(3600);

/// Which edition of the specification the service follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// 1.0.4 and the other 1.x.
    V1,
    /// 2.0 and later.
    V2,
}

/// What a service says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Info {
    /// Its name.
    pub name: String,
    /// Its edition.
    pub version: Version,
    /// It takes the token of an OAuth 2 authorisation code; the base address of its authorisation server.
    pub oauth2: Option<String>,
    /// It makes time-stamps.
    pub timestamps: bool,
}

/// A service with the person's access token.
pub struct Service {
    base: String,
    access: Option<SecretString>,
    transport: Box<dyn Transport>,
    info: OnceLock<Info>,
}

/// How a credential takes its holder's consent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Consent {
    /// PIN, one-time code or both, passed by us.
    Explicit,
    /// The service asks the person by itself (push on a telephone).
    Implicit,
    /// An OAuth 2 login with scope `credential`.
    InBrowser,
}

pub(super) struct Credential {
    pub(super) id: String,
    pub(super) certificates: Vec<Vec<u8>>,
    pub(super) consent: Consent,
    pub(super) wants_pin: bool,
    pub(super) wants_otp: bool,
    pub(super) disabled: bool,
    pub(super) documents: usize,
    algorithms: Vec<String>,
}

impl Credential {
    fn knows(&self, oid: &str) -> bool {
        self.algorithms.iter().any(|known| known == oid)
    }

    /// Whether the service says that the key signs so. A bare RSA key leaves the padding open.
    pub(super) fn signs(&self, scheme: Scheme) -> bool {
        match scheme {
            Scheme::RsaPss => self.knows(RSA_PSS) || self.knows(RSA),
            Scheme::RsaPkcs1 | Scheme::Ecdsa => true,
        }
    }
}

impl Service {
    /// `base` is the address below which the calls stand, e.g. `https://firma.example.it/csc/v2`. Without TLS only
    /// this machine is spoken to.
    pub fn new(
        base: &str,
        access: Option<SecretString>,
        transport: Box<dyn Transport>,
    ) -> Result<Self, RemoteRefusal> {
        let base = base.trim_end_matches('/').to_owned();
        if !is_safe(&base) {
            return Err(RemoteRefusal::Unreachable);
        }
        Ok(Self {
            base,
            access,
            transport,
            info: OnceLock::new(),
        })
    }

    /// `info`, asked once.
    pub fn info(&self) -> Result<Info, DeviceError> {
        if let Some(info) = self.info.get() {
            return Ok(info.clone());
        }
        let answer: wire::InfoAnswer = self.ask("info", &wire::Nothing {})?;
        let info = Info {
            name: answer.name.chars().take(80).collect(),
            version: match answer.specs.trim().split('.').next() {
                Some("1" | "0") => Version::V1,
                _ => Version::V2,
            },
            timestamps: answer.methods.iter().any(|m| m == "signatures/timestamp"),
            oauth2: answer.oauth2.filter(|address| {
                is_safe(address) && answer.auth_type.iter().any(|t| t.starts_with("oauth2"))
            }),
        };
        Ok(self.info.get_or_init(|| info).clone())
    }

    pub(super) fn list(&self) -> Result<Vec<String>, DeviceError> {
        let (mut ids, mut page) = (Vec::new(), None::<String>);
        for _ in 0..PAGES {
            let request = wire::ListRequest {
                max_results: 50,
                page_token: page.as_deref(),
            };
            let answer: wire::ListAnswer = self.ask("credentials/list", &request)?;
            ids.extend(answer.ids);
            page = answer.next.filter(|token| !token.is_empty());
            if page.is_none() {
                break;
            }
        }
        Ok(ids)
    }

    pub(super) fn credential(&self, id: &str) -> Result<Credential, DeviceError> {
        let request = wire::CredentialRequest {
            id,
            certificates: "chain",
            cert_info: true,
            auth_info: true,
        };
        let answer: wire::CredentialAnswer = self.ask("credentials/info", &request)?;
        let mode = answer
            .auth
            .as_ref()
            .and_then(|auth| auth.mode.clone())
            .or(answer.auth_mode);
        let asks = |id: &str, v1: &Option<wire::Asked>| {
            v1.as_ref().is_some_and(|asked| asked.presence.is_required())
                || answer
                    .auth
                    .as_ref()
                    .is_some_and(|auth| auth.objects.iter().any(|object| object.id == id))
        };
        let is = |status: &Option<String>, word: &str| status.as_deref().is_some_and(|s| s == word);
        Ok(Credential {
            id: id.to_owned(),
            certificates: answer
                .cert
                .certificates
                .iter()
                .filter_map(|text| STANDARD.decode(text).ok())
                .collect(),
            consent: match mode.as_deref() {
                Some("implicit") => Consent::Implicit,
                Some("oauth2code") => Consent::InBrowser,
                _ => Consent::Explicit,
            },
            wants_pin: asks("PIN", &answer.pin),
            wants_otp: asks("OTP", &answer.otp),
            disabled: is(&answer.key.status, "disabled")
                || is(&answer.cert.status, "revoked")
                || is(&answer.cert.status, "suspended"),
            documents: answer
                .multisign
                .as_ref()
                .and_then(Number::get)
                .and_then(|number| usize::try_from(number).ok())
                .unwrap_or(1)
                .max(1),
            algorithms: answer.key.algo,
        })
    }

    pub(super) fn send_otp(&self, id: &str) -> Result<(), DeviceError> {
        let call = match self.info()?.version {
            Version::V1 => "credentials/sendOTP",
            Version::V2 => "credentials/getChallenge",
        };
        self.post(call, &wire::OtpRequest { id }).map(drop)
    }

    pub(super) fn authorise(
        &self,
        id: &str,
        hashes: &[SigningHash],
        pin: Option<&SecretString>,
        otp: Option<&SecretString>,
    ) -> Result<(SecretString, Duration), DeviceError> {
        let hashes = encoded(hashes);
        let (pin, otp) = (
            pin.map(ExposeSecret::expose_secret),
            otp.map(ExposeSecret::expose_secret),
        );
        let request = match self.info()?.version {
            Version::V1 => AuthoriseRequest::V1(wire::AuthoriseV1 {
                id,
                count: hashes.len(),
                hash: &hashes,
                pin,
                otp,
            }),
            Version::V2 => AuthoriseRequest::V2(wire::AuthoriseV2 {
                id,
                count: hashes.len(),
                hashes: &hashes,
                hash_algorithm: SHA256,
                data: [("PIN", pin), ("OTP", otp)]
                    .into_iter()
                    .filter_map(|(id, value)| Some(wire::AuthData { id, value: value? }))
                    .collect(),
            }),
        };
        let answer: wire::AuthoriseAnswer = self.ask("credentials/authorize", &request)?;
        let lasts = answer.expires_in.as_ref().and_then(Number::get);
        Ok((answer.sad, lasts.map_or(USUAL_SAD, Duration::from_secs)))
    }

    /// Sent once. No answer, or one of a gateway on the way, leaves open whether the service signed.
    pub(super) fn sign(
        &self,
        credential: &Credential,
        scheme: Scheme,
        sad: &SecretString,
        hashes: &[SigningHash],
    ) -> Result<Vec<SignatureValue>, DeviceError> {
        let hashes = encoded(hashes);
        let algorithm = match scheme {
            // The bare key algorithm is what every service knows; the hash is named beside it.
            Scheme::RsaPkcs1 if credential.knows(SHA256_WITH_RSA) && !credential.knows(RSA) => {
                SHA256_WITH_RSA
            }
            Scheme::RsaPkcs1 => RSA,
            Scheme::RsaPss => RSA_PSS,
            Scheme::Ecdsa => ECDSA_WITH_SHA256,
        };
        let parameters = (scheme == Scheme::RsaPss).then(|| STANDARD.encode(PSS_SHA256));
        let parameters = parameters.as_deref();
        let (id, sad) = (credential.id.as_str(), sad.expose_secret());
        let request = match self.info()?.version {
            Version::V1 => SignRequest::V1(wire::SignV1 {
                id,
                sad,
                hash: &hashes,
                hash_algorithm: SHA256,
                algorithm,
                parameters,
            }),
            Version::V2 => SignRequest::V2(wire::SignV2 {
                id,
                sad,
                hashes: &hashes,
                hash_algorithm: SHA256,
                algorithm,
                parameters,
                mode: "S",
            }),
        };
        let answer = match self.post("signatures/signHash", &request) {
            Err(DeviceError::Remote(
                RemoteRefusal::NoAnswer
                | RemoteRefusal::Unavailable {
                    status: 500 | 502 | 504..,
                },
            )) => return Err(RemoteRefusal::OutcomeUnknown.into()),
            other => other?,
        };
        let answer: wire::SignAnswer = read(&answer)?;
        answer
            .signatures
            .iter()
            .map(|text| {
                let value = STANDARD.decode(text).map_err(|_| RemoteRefusal::Garbled)?;
                Ok(SignatureValue(value))
            })
            .collect()
    }

    /// `signatures/timestamp`: an RFC 3161 token in DER over a SHA-256. The caller checks it.
    pub fn timestamp(&self, hash: &[u8; 32], nonce: Option<u64>) -> Result<Vec<u8>, DeviceError> {
        let nonce = nonce.map(|nonce| nonce.to_string());
        let request = wire::TimestampRequest {
            hash: &STANDARD.encode(hash),
            hash_algorithm: SHA256,
            nonce: nonce.as_deref(),
        };
        let answer: wire::TimestampAnswer = self.ask("signatures/timestamp", &request)?;
        Ok(STANDARD
            .decode(answer.timestamp)
            .map_err(|_| RemoteRefusal::Garbled)?)
    }

    fn ask<T: DeserializeOwned>(&self, call: &str, request: &impl Serialize) -> Result<T, DeviceError> {
        read(&self.post(call, request)?)
    }

    fn post(&self, call: &str, request: &impl Serialize) -> Result<Answer, DeviceError> {
        let body = Zeroizing::new(serde_json::to_vec(request).map_err(|_| RemoteRefusal::Garbled)?);
        let answer = self.transport.post(&Request {
            url: &format!("{}/{call}", self.base),
            bearer: self.access.as_ref(),
            media_type: "application/json",
            body: &body,
        });
        match answer {
            Ok(answer) if matches!(answer.status, 200..=299) => Ok(answer),
            Ok(answer) => Err(refusal::of(&answer)),
            Err(TransportFault::NotSent) => Err(RemoteRefusal::Unreachable.into()),
            Err(TransportFault::NoAnswer) => Err(RemoteRefusal::NoAnswer.into()),
        }
    }
}

/// TLS, or this machine.
pub(super) fn is_safe(address: &str) -> bool {
    let Some(rest) = address.strip_prefix("http://") else {
        return address.starts_with("https://");
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    matches!(host, "127.0.0.1" | "localhost" | "::1")
}

fn read<T: DeserializeOwned>(answer: &Answer) -> Result<T, DeviceError> {
    serde_json::from_slice(&answer.body).map_err(|_| RemoteRefusal::Garbled.into())
}

fn encoded(hashes: &[SigningHash]) -> Vec<String> {
    hashes.iter().map(|hash| STANDARD.encode(hash.0)).collect()
}

#[cfg(test)]
mod tests {
    use super::is_safe;

    #[test]
    fn secrets_travel_over_tls_or_stay_on_this_machine() {
        for good in [
            "https://firma.example.it/csc/v2",
            "http://127.0.0.1:9/csc",
            "http://[::1]:9",
            "http://localhost/x",
        ] {
            assert!(is_safe(good), "{good}");
        }
        for bad in [
            "http://firma.example.it",
            "http://127.0.0.1.example.it/",
            "http://localhost@example.it/",
            "ftp://127.0.0.1",
            "",
        ] {
            assert!(!is_safe(bad), "{bad}");
        }
    }
}
