//! Who calls: the bearer token of a member of the staff, read from a request.
//!
//! Not in it: what a caller may see (`fhir::access`) and how tokens are made (`login`).

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};

use crate::{Region, Shared};

/// A member of the staff with a valid access token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// FHIR `Practitioner.id`.
    pub practitioner: String,
}

/// The token is missing, unknown or over: 401 (RFC 6750).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// No `Authorization: Bearer`.
    #[error("no bearer token")]
    Missing,
    /// Not one of ours, or over.
    #[error("the token is unknown or over")]
    Invalid,
}

impl IntoResponse for TokenError {
    fn into_response(self) -> Response {
        let challenge = match self {
            Self::Missing => "Bearer realm=\"region-sandbox\"",
            Self::Invalid => "Bearer realm=\"region-sandbox\", error=\"invalid_token\"",
        };
        (
            StatusCode::UNAUTHORIZED,
            [(WWW_AUTHENTICATE, challenge)],
            self.to_string(),
        )
            .into_response()
    }
}

impl Region {
    /// Who holds this access token now.
    pub fn caller(&self, token: &str) -> Result<Caller, TokenError> {
        self.tokens.holder(&self.clock, token).ok_or(TokenError::Invalid)
    }
}

impl FromRequestParts<Shared> for Caller {
    type Rejection = TokenError;

    async fn from_request_parts(parts: &mut Parts, region: &Shared) -> Result<Self, Self::Rejection> {
        let header = parts
            .headers
            .get(AUTHORIZATION)
            .and_then(|v| v.to_str().ok())
            .ok_or(TokenError::Missing)?;
        let token = header.strip_prefix("Bearer ").ok_or(TokenError::Missing)?;
        region.caller(token.trim())
    }
}
