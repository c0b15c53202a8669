//! The forms of the CSC API, v1.0.4 and v2.0. Members that nobody here reads are left out.
//!
//! Requests borrow, so that a PIN is copied into nothing but the body. Answers are read leniently: services leave out
//! what they hold for obvious. Not in it: what the answers mean (`service`, `refusal`).

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

/// Numbers that some services write as text.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Number {
    Plain(u64),
    Text(String),
}

impl Number {
    pub(super) fn get(&self) -> Option<u64> {
        match self {
            Self::Plain(number) => Some(*number),
            Self::Text(text) => text.trim().parse().ok(),
        }
    }
}

/// Booleans that v1.0.4 writes as text, `optional` among them.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Presence {
    Plain(bool),
    Text(String),
}

impl Presence {
    pub(super) fn is_required(&self) -> bool {
        match self {
            Self::Plain(value) => *value,
            Self::Text(text) => text.eq_ignore_ascii_case("true"),
        }
    }
}

#[derive(Serialize)]
pub(super) struct Nothing {}

/// `info`.
#[derive(Deserialize)]
pub(super) struct InfoAnswer {
    #[serde(default)]
    pub(super) specs: String,
    #[serde(default)]
    pub(super) name: String,
    #[serde(default, rename = "authType")]
    pub(super) auth_type: Vec<String>,
    #[serde(default)]
    pub(super) oauth2: Option<String>,
    #[serde(default)]
    pub(super) methods: Vec<String>,
}

/// `credentials/list`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ListRequest<'a> {
    pub(super) max_results: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) page_token: Option<&'a str>,
}

#[derive(Deserialize)]
pub(super) struct ListAnswer {
    #[serde(rename = "credentialIDs")]
    pub(super) ids: Vec<String>,
    #[serde(default, rename = "nextPageToken")]
    pub(super) next: Option<String>,
}

/// `credentials/info`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CredentialRequest<'a> {
    #[serde(rename = "credentialID")]
    pub(super) id: &'a str,
    pub(super) certificates: &'static str,
    pub(super) cert_info: bool,
    pub(super) auth_info: bool,
}

#[derive(Deserialize)]
pub(super) struct CredentialAnswer {
    #[serde(default)]
    pub(super) key: Key,
    pub(super) cert: Cert,
    /// v1.0.4.
    #[serde(default, rename = "authMode")]
    pub(super) auth_mode: Option<String>,
    #[serde(default, rename = "PIN")]
    pub(super) pin: Option<Asked>,
    #[serde(default, rename = "OTP")]
    pub(super) otp: Option<Asked>,
    /// v2.
    #[serde(default)]
    pub(super) auth: Option<Auth>,
    #[serde(default)]
    pub(super) multisign: Option<Number>,
}

#[derive(Default, Deserialize)]
pub(super) struct Key {
    #[serde(default)]
    pub(super) status: Option<String>,
    #[serde(default)]
    pub(super) algo: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct Cert {
    #[serde(default)]
    pub(super) status: Option<String>,
    #[serde(default)]
    pub(super) certificates: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct Asked {
    pub(super) presence: Presence,
}

#[derive(Deserialize)]
pub(super) struct Auth {
    #[serde(default)]
    pub(super) mode: Option<String>,
    #[serde(default)]
    pub(super) objects: Vec<AuthObject>,
}

#[derive(Deserialize)]
pub(super) struct AuthObject {
    #[serde(default)]
    pub(super) id: String,
}

/// `credentials/sendOTP` (v1.0.4) and `credentials/getChallenge` (v2).
#[derive(Serialize)]
pub(super) struct OtpRequest<'a> {
    #[serde(rename = "credentialID")]
    pub(super) id: &'a str,
}

/// `credentials/authorize`.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum AuthoriseRequest<'a> {
    V1(AuthoriseV1<'a>),
    V2(AuthoriseV2<'a>),
}

#[derive(Serialize)]
pub(super) struct AuthoriseV1<'a> {
    #[serde(rename = "credentialID")]
    pub(super) id: &'a str,
    #[serde(rename = "numSignatures")]
    pub(super) count: usize,
    pub(super) hash: &'a [String],
    #[serde(rename = "PIN", skip_serializing_if = "Option::is_none")]
    pub(super) pin: Option<&'a str>,
    #[serde(rename = "OTP", skip_serializing_if = "Option::is_none")]
    pub(super) otp: Option<&'a str>,
}

#[derive(Serialize)]
pub(super) struct AuthoriseV2<'a> {
    #[serde(rename = "credentialID")]
    pub(super) id: &'a str,
    #[serde(rename = "numSignatures")]
    pub(super) count: usize,
    pub(super) hashes: &'a [String],
    #[serde(rename = "hashAlgorithmOID")]
    pub(super) hash_algorithm: &'static str,
    #[serde(rename = "authData")]
    pub(super) data: Vec<AuthData<'a>>,
}

#[derive(Serialize)]
pub(super) struct AuthData<'a> {
    pub(super) id: &'static str,
    pub(super) value: &'a str,
}

#[derive(Deserialize)]
pub(super) struct AuthoriseAnswer {
    #[serde(rename = "SAD")]
    pub(super) sad: SecretString,
    #[serde(default, rename = "expiresIn")]
    pub(super) expires_in: Option<Number>,
}

/// `signatures/signHash`.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum SignRequest<'a> {
    V1(SignV1<'a>),
    V2(SignV2<'a>),
}

#[derive(Serialize)]
pub(super) struct SignV1<'a> {
    #[serde(rename = "credentialID")]
    pub(super) id: &'a str,
    #[serde(rename = "SAD")]
    pub(super) sad: &'a str,
    pub(super) hash: &'a [String],
    #[serde(rename = "hashAlgo")]
    pub(super) hash_algorithm: &'static str,
    #[serde(rename = "signAlgo")]
    pub(super) algorithm: &'static str,
    /// DER in base64, where the algorithm has parameters.
    #[serde(rename = "signAlgoParams", skip_serializing_if = "Option::is_none")]
    pub(super) parameters: Option<&'a str>,
}

#[derive(Serialize)]
pub(super) struct SignV2<'a> {
    #[serde(rename = "credentialID")]
    pub(super) id: &'a str,
    #[serde(rename = "SAD")]
    pub(super) sad: &'a str,
    pub(super) hashes: &'a [String],
    #[serde(rename = "hashAlgorithmOID")]
    pub(super) hash_algorithm: &'static str,
    #[serde(rename = "signAlgo")]
    pub(super) algorithm: &'static str,
    /// DER in base64, where the algorithm has parameters.
    #[serde(rename = "signAlgoParams", skip_serializing_if = "Option::is_none")]
    pub(super) parameters: Option<&'a str>,
    #[serde(rename = "operationMode")]
    pub(super) mode: &'static str,
}

#[derive(Deserialize)]
pub(super) struct SignAnswer {
    pub(super) signatures: Vec<String>,
}

/// `signatures/timestamp`.
#[derive(Serialize)]
pub(super) struct TimestampRequest<'a> {
    pub(super) hash: &'a str,
    #[serde(rename = "hashAlgo")]
    pub(super) hash_algorithm: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) nonce: Option<&'a str>,
}

#[derive(Deserialize)]
pub(super) struct TimestampAnswer {
    pub(super) timestamp: String,
}

/// A refusal. Some services write `errorCode` for `error`.
#[derive(Default, Deserialize)]
pub(super) struct ErrorAnswer {
    #[serde(default, alias = "errorCode")]
    pub(super) error: String,
    #[serde(default, alias = "errorDescription")]
    pub(super) error_description: String,
}
