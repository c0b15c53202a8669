//! The calls of the API. Texts of refusals are those of the specification's tables.

#![allow(
    clippy::result_large_err,
    reason = "a refusal is the whole HTTP answer, made once in a test"
)]

use std::time::{Duration, Instant};

use axum::extract::{Path, State as Extract};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openssl::hash::MessageDigest;
use openssl::md::Md;
use openssl::pkey_ctx::PkeyCtx;
use openssl::rsa::Padding;
use openssl::sign::RsaPssSaltlen;
use serde_json::{Value, json};

use super::{CREDENTIAL, Edition, Grant, PIN, Shared, State, Trouble, locked, login, random};
use crate::tsa::{self, TsaFault};

const SHA256: &str = "2.16.840.1.101.3.4.2.1";
const RSA: &str = "1.2.840.113549.1.1.1";
const SHA256_WITH_RSA: &str = "1.2.840.113549.1.1.11";
const RSA_PSS: &str = "1.2.840.113549.1.1.10";
/// `RSASSA-PSS-params` of RFC 4055 with SHA-256 throughout and 32 bytes of salt.
const PSS_SHA256: &str = "MDSgDzANBglghkgBZQMEAgEFAKEcMBoGCSqGSIb3DQEBCDANBglghkgBZQMEAgEFAKIDAgEg";
const ECDSA_WITH_SHA256: &str = "1.2.840.10045.4.3.2";

pub(super) fn router(state: Shared) -> Router {
    Router::new()
        .route("/csc/{edition}/{*call}", post(call))
        .route("/oauth2/authorize", get(login::authorize))
        .route("/oauth2/token", post(login::token))
        .with_state(state)
}

type Refused = Response;

fn refused(status: StatusCode, error: &str, words: &str) -> Refused {
    let body = Json(json!({ "error": error, "error_description": words }));
    (status, body).into_response()
}

fn invalid(words: &str) -> Refused {
    refused(StatusCode::BAD_REQUEST, "invalid_request", words)
}

async fn call(
    Extract(shared): Extract<Shared>,
    Path((edition, call)): Path<(String, String)>,
    headers: HeaderMap,
    body: String,
) -> Response {
    let answer = {
        let mut state = locked(&shared);
        let known = match state.edition {
            Edition::V1 => "v1",
            Edition::V2 => "v2",
        };
        if edition != known {
            return StatusCode::NOT_FOUND.into_response();
        }
        state
            .check_access(&call, &headers)
            .and_then(|()| serde_json::from_str::<Value>(&body).map_err(|_| invalid("The body is not JSON")))
            .and_then(|request| state.answer(&call, &request))
            .map(|value| (value, state.trouble))
    };
    match answer {
        Ok((_, Trouble::SilentAfterSigning)) if call == "signatures/signHash" => {
            tokio::time::sleep(Duration::from_secs(3600)).await;
            StatusCode::GATEWAY_TIMEOUT.into_response()
        }
        Ok((_, Trouble::GatewayTimeout)) if call == "signatures/signHash" => {
            StatusCode::GATEWAY_TIMEOUT.into_response()
        }
        Ok((_, Trouble::Garbled)) if call != "info" => (
            [(header::CONTENT_TYPE, "text/html")],
            "<html>Accesso alla rete</html>",
        )
            .into_response(),
        Ok((value, _)) => Json(value).into_response(),
        Err(refusal) => refusal,
    }
}

fn text<'a>(request: &'a Value, name: &str) -> Result<&'a str, Refused> {
    request
        .get(name)
        .and_then(Value::as_str)
        .ok_or_else(|| invalid(&format!("Missing (or invalid type) string parameter {name}")))
}

impl State {
    fn check_access(&self, call: &str, headers: &HeaderMap) -> Result<(), Refused> {
        if call == "info" {
            return Ok(());
        }
        if self.trouble == Trouble::Unavailable {
            return Err(refused(
                StatusCode::SERVICE_UNAVAILABLE,
                "temporarily_unavailable",
                "",
            ));
        }
        let bearer = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
        if self.trouble != Trouble::AccessExpired && bearer.is_some_and(|token| self.access.contains(token)) {
            return Ok(());
        }
        let mut answer = refused(
            StatusCode::UNAUTHORIZED,
            "invalid_token",
            "The access or refresh token is expired or has been revoked",
        );
        answer.headers_mut().insert(
            header::WWW_AUTHENTICATE,
            header::HeaderValue::from_static("Bearer"),
        );
        Err(answer)
    }

    fn answer(&mut self, call: &str, request: &Value) -> Result<Value, Refused> {
        match (call, self.edition) {
            ("info", _) => Ok(self.info()),
            ("credentials/list", _) => Ok(json!({ "credentialIDs": [CREDENTIAL] })),
            ("credentials/info", _) => self.credential(request),
            ("credentials/sendOTP", Edition::V1) | ("credentials/getChallenge", Edition::V2) => {
                self.check_credential(request)?;
                self.counts.codes_sent += 1;
                Ok(json!({}))
            }
            ("credentials/authorize", _) => self.authorise(request),
            ("signatures/signHash", _) => self.sign(request),
            ("signatures/timestamp", _) => self.timestamp(request),
            _ => Err(StatusCode::NOT_FOUND.into_response()),
        }
    }

    fn info(&self) -> Value {
        json!({
            "specs": match self.edition { Edition::V1 => "1.0.4.0", Edition::V2 => "2.0.0.0" },
            "name": "Firma remota di prova", "logo": "https://example.it/logo.png", "region": "IT", "lang": "it-IT",
            "description": "Servizio di prova", "authType": ["oauth2code"], "oauth2": self.base,
            "methods": ["credentials/list", "credentials/info", "credentials/authorize", "signatures/signHash",
                "signatures/timestamp"],
        })
    }

    fn check_credential(&self, request: &Value) -> Result<(), Refused> {
        if text(request, "credentialID")? == CREDENTIAL {
            Ok(())
        } else {
            Err(invalid("Invalid parameter credentialID"))
        }
    }

    fn credential(&self, request: &Value) -> Result<Value, Refused> {
        self.check_credential(request)?;
        let chain: Vec<String> = self.chain.iter().map(|der| STANDARD.encode(der)).collect();
        let certificates = match request.get("certificates").and_then(Value::as_str) {
            Some("none") => Vec::new(),
            Some("chain") => chain,
            _ => chain.into_iter().take(1).collect(),
        };
        let disabled = self.trouble == Trouble::Disabled;
        let algorithms = match self.key.rsa() {
            Ok(_) => vec![RSA, SHA256_WITH_RSA, RSA_PSS],
            Err(_) => vec![ECDSA_WITH_SHA256],
        };
        let mut answer = json!({
            "description": "Firma qualificata di prova",
            "key": { "status": if disabled { "disabled" } else { "enabled" }, "algo": algorithms, "len": self.key.bits() },
            "cert": { "status": "valid", "certificates": certificates },
            "SCAL": "2", "multisign": self.terms.multisign, "lang": "it-IT",
        });
        let mode = if self.terms.in_browser {
            "oauth2code"
        } else {
            "explicit"
        };
        match self.edition {
            Edition::V1 => {
                // As text, which 1.0.4 asks for.
                answer["authMode"] = json!(mode);
                answer["PIN"] =
                    json!({ "presence": self.terms.pin.to_string(), "format": "N", "label": "PIN" });
                answer["OTP"] =
                    json!({ "presence": self.terms.otp.to_string(), "type": "online", "ID": "sms" });
            }
            Edition::V2 => {
                let object = |id: &str| json!({ "type": "Password", "id": id, "format": "N", "label": id });
                let mut objects = Vec::new();
                if self.terms.pin {
                    objects.push(object("PIN"));
                }
                if self.terms.otp {
                    objects.push(object("OTP"));
                }
                answer["auth"] = json!({ "mode": mode, "expression": "PIN AND OTP", "objects": objects });
            }
        }
        Ok(answer)
    }

    /// The hashes of a request, under the name of the edition.
    fn hashes(&self, request: &Value) -> Result<Vec<String>, Refused> {
        let name = match self.edition {
            Edition::V1 => "hash",
            Edition::V2 => "hashes",
        };
        let list = request
            .get(name)
            .and_then(Value::as_array)
            .ok_or_else(|| invalid(&format!("Missing (or invalid type) array parameter {name}")))?;
        if list.is_empty() {
            return Err(invalid("Empty hash array"));
        }
        list.iter()
            .map(|hash| match hash.as_str() {
                Some(text) if STANDARD.decode(text).is_ok_and(|bytes| bytes.len() == 32) => {
                    Ok(text.to_owned())
                }
                _ => Err(invalid("Invalid Base64 hash string parameter")),
            })
            .collect()
    }

    fn secret<'a>(&self, request: &'a Value, id: &str) -> Option<&'a str> {
        match self.edition {
            Edition::V1 => request.get(id)?.as_str(),
            Edition::V2 => {
                let data = request.get("authData")?.as_array()?;
                let object = data.iter().find(|object| object["id"] == id)?;
                object.get("value")?.as_str()
            }
        }
    }

    fn authorise(&mut self, request: &Value) -> Result<Value, Refused> {
        self.counts.authorisations += 1;
        self.check_credential(request)?;
        let hashes = self.hashes(request)?;
        let count = request.get("numSignatures").and_then(Value::as_u64);
        let count =
            count.ok_or_else(|| invalid("Missing (or invalid type) integer parameter numSignatures"))?;
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        if count == 0 || count > self.terms.multisign || hashes.len() > count {
            return Err(invalid("Invalid parameter numSignatures"));
        }
        if self.trouble == Trouble::Disabled {
            return Err(invalid("The credential is disabled"));
        }
        let bad = |error, words| refused(StatusCode::BAD_REQUEST, error, words);
        if self.terms.pin {
            let pin = self.secret(request, "PIN").map(str::to_owned);
            if self.wrong_pins >= 3 {
                return Err(bad("invalid_pin", "The PIN is locked"));
            }
            if pin.as_deref() != Some(PIN) {
                self.wrong_pins += 1;
                return Err(bad("invalid_pin", "The PIN is invalid"));
            }
            self.wrong_pins = 0;
        }
        if self.terms.otp {
            let code = self.code.to_string();
            if self.secret(request, "OTP") != Some(code.as_str()) {
                return Err(bad("invalid_otp", "The OTP is invalid"));
            }
            if self.trouble == Trouble::OtpExpired {
                return Err(bad("invalid_otp", "The OTP has expired"));
            }
            self.code += 1;
        }
        let lasts = self.grant_life();
        let sad = self.grant(hashes, count);
        let mut answer = json!({ "SAD": sad, "expiresIn": 300 });
        if self.trouble == Trouble::SadSaidToExpire {
            answer["expiresIn"] = json!(lasts.as_secs());
        }
        Ok(answer)
    }

    fn grant_life(&self) -> Duration {
        match self.trouble {
            Trouble::SadExpiresAtOnce | Trouble::SadSaidToExpire => Duration::ZERO,
            _ => Duration::from_secs(300),
        }
    }

    pub(super) fn grant(&mut self, hashes: Vec<String>, left: usize) -> String {
        let sad = random();
        self.grants.push(Grant {
            sad: sad.clone(),
            hashes,
            left,
            ends: Instant::now() + self.grant_life(),
        });
        sad
    }

    fn sign(&mut self, request: &Value) -> Result<Value, Refused> {
        self.counts.sign_requests += 1;
        if self.trouble == Trouble::TooManyRequests {
            let mut answer = refused(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", "");
            answer
                .headers_mut()
                .insert(header::RETRY_AFTER, header::HeaderValue::from_static("30"));
            return Err(answer);
        }
        self.check_credential(request)?;
        let sad = text(request, "SAD")?.to_owned();
        let algorithm = text(request, "signAlgo")?;
        if ![RSA, SHA256_WITH_RSA, RSA_PSS, ECDSA_WITH_SHA256].contains(&algorithm) {
            return Err(invalid("Invalid parameter signAlgo"));
        }
        let pss = algorithm == RSA_PSS;
        if pss && text(request, "signAlgoParams")? != PSS_SHA256 {
            return Err(invalid("Invalid parameter signAlgoParams"));
        }
        let hash_name = match self.edition {
            Edition::V1 => "hashAlgo",
            Edition::V2 => "hashAlgorithmOID",
        };
        if request.get(hash_name).is_some_and(|named| named != SHA256)
            || (algorithm == RSA && request.get(hash_name).is_none())
        {
            return Err(invalid(&format!("Invalid parameter {hash_name}")));
        }
        let hashes = self.hashes(request)?;
        let place = self.grants.iter().position(|grant| grant.sad == sad);
        let grant = place
            .and_then(|place| self.grants.get_mut(place))
            .ok_or_else(|| invalid("Invalid parameter SAD"))?;
        if Instant::now() >= grant.ends {
            return Err(invalid("The SAD has expired"));
        }
        if hashes.iter().any(|hash| !grant.hashes.contains(hash)) {
            return Err(invalid("Hash is not authorized by the SAD"));
        }
        grant.left = grant
            .left
            .checked_sub(hashes.len())
            .ok_or_else(|| invalid("Invalid parameter SAD"))?;
        let mut signatures = Vec::new();
        for hash in &hashes {
            let value = STANDARD
                .decode(hash)
                .ok()
                .and_then(|hash| self.signature(&hash, pss));
            let value =
                value.ok_or_else(|| refused(StatusCode::INTERNAL_SERVER_ERROR, "server_error", ""))?;
            signatures.push(STANDARD.encode(value));
        }
        self.counts.signed += signatures.len();
        match self.trouble {
            Trouble::Shuffles => signatures.reverse(),
            Trouble::OneMissing => drop(signatures.pop()),
            _ => {}
        }
        Ok(json!({ "signatures": signatures }))
    }

    fn signature(&self, hash: &[u8], pss: bool) -> Option<Vec<u8>> {
        let mut context = PkeyCtx::new(&self.key).ok()?;
        context.sign_init().ok()?;
        if pss {
            context.set_rsa_padding(Padding::PKCS1_PSS).ok()?;
            context.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH).ok()?;
        } else if self.key.rsa().is_ok() {
            context.set_rsa_padding(Padding::PKCS1).ok()?;
        }
        context.set_signature_md(Md::sha256()).ok()?;
        let mut value = Vec::new();
        context.sign_to_vec(hash, &mut value).ok()?;
        if self.trouble == Trouble::Lies {
            *value.last_mut()? ^= 1;
        }
        Some(value)
    }

    fn timestamp(&self, request: &Value) -> Result<Value, Refused> {
        let hash = STANDARD
            .decode(text(request, "hash")?)
            .ok()
            .filter(|hash| hash.len() == MessageDigest::sha256().size())
            .ok_or_else(|| invalid("Invalid Base64 hash string parameter"))?;
        if text(request, "hashAlgo")? != SHA256 {
            return Err(invalid("Invalid parameter hashAlgo"));
        }
        let nonce = match request.get("nonce") {
            None => None,
            Some(nonce) => Some(
                nonce
                    .as_str()
                    .and_then(|text| text.parse::<u64>().ok())
                    .ok_or_else(|| invalid("Invalid parameter nonce"))?,
            ),
        };
        let broken = || refused(StatusCode::INTERNAL_SERVER_ERROR, "server_error", "");
        let authority = self
            .tsa
            .as_ref()
            .ok_or_else(|| StatusCode::NOT_FOUND.into_response())?;
        let answer =
            tsa::answer(authority, &timestamp_request(&hash, nonce), TsaFault::None).map_err(|_| broken())?;
        let token = token_of(&answer).ok_or_else(broken)?;
        Ok(json!({ "timestamp": STANDARD.encode(token) }))
    }
}

/// `TimeStampReq` of RFC 3161 with `certReq`, small enough for one-byte lengths.
fn timestamp_request(hash: &[u8], nonce: Option<u64>) -> Vec<u8> {
    let value = |tag: u8, content: &[u8]| {
        let mut bytes = vec![tag, u8::try_from(content.len()).unwrap_or(0)];
        bytes.extend_from_slice(content);
        bytes
    };
    const OID: [u8; 13] = [
        0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01,
    ];
    let algorithm = [OID.as_slice(), &[0x05, 0x00]].concat();
    let imprint = value(0x30, &[algorithm, value(0x04, hash)].concat());
    let mut content = [value(0x02, &[1]), imprint].concat();
    if let Some(nonce) = nonce {
        // A leading zero keeps it positive; DER wants it only where it is needed.
        let bytes = [&[0], nonce.to_be_bytes().as_slice()].concat();
        let zeros = bytes
            .windows(2)
            .take_while(|pair| pair[0] == 0 && pair[1] < 0x80)
            .count();
        content.extend(value(0x02, bytes.get(zeros..).unwrap_or_default()));
    }
    content.extend([0x01, 0x01, 0xff]);
    value(0x30, &content)
}

/// The token of a `TimeStampResp`: what follows its status.
fn token_of(answer: &[u8]) -> Option<&[u8]> {
    let (head, length) = header_of(answer)?;
    let content = answer.get(head..head.checked_add(length)?)?;
    let (head, length) = header_of(content)?;
    content
        .get(head.checked_add(length)?..)
        .filter(|token| !token.is_empty())
}

fn header_of(bytes: &[u8]) -> Option<(usize, usize)> {
    let first = usize::from(*bytes.get(1)?);
    if first < 0x80 {
        return Some((2, first));
    }
    let count = first & 0x7f;
    let length = bytes
        .get(2..2 + count)?
        .iter()
        .fold(0, |length, byte| length << 8 | usize::from(*byte));
    Some((2 + count, length))
}
