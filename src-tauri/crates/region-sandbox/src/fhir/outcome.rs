//! Refusals of the FHIR store: an `OperationOutcome` with the status that FHIR gives it.
//!
//! The texts carry names of parameters and versions, never content.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::fhir::store::StoreError;

/// Media type of FHIR in JSON.
pub(crate) const FHIR_JSON: &str = "application/fhir+json; charset=utf-8";

/// A refusal, ready to be answered.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    code: &'static str,
    text: String,
}

impl Refusal {
    pub(crate) fn new(status: StatusCode, code: &'static str, text: impl Into<String>) -> Self {
        Self {
            status,
            code,
            text: text.into(),
        }
    }

    pub(crate) fn bad(text: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid", text)
    }

    pub(crate) fn absent() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", "La risorsa non esiste")
    }

    pub(crate) fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", "Accesso non consentito")
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        let text = error.to_string();
        match error {
            StoreError::Malformed(_) => Self::bad(text),
            StoreError::UnknownParameter(_) => Self::new(StatusCode::BAD_REQUEST, "not-supported", text),
            StoreError::BadParameter(_) => Self::new(StatusCode::BAD_REQUEST, "value", text),
            StoreError::Conflict { .. } => Self::new(StatusCode::PRECONDITION_FAILED, "conflict", text),
            StoreError::Ambiguous => Self::new(StatusCode::PRECONDITION_FAILED, "multiple-matches", text),
            StoreError::Absent => Self::absent(),
            StoreError::Forbidden => Self::forbidden(),
            StoreError::Database(error) => {
                tracing::error!(%error, "the store failed");
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "exception", "Errore interno")
            }
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = json!({"resourceType": "OperationOutcome", "issue": [
            {"severity": "error", "code": self.code, "diagnostics": self.text}]});
        resource(self.status, &body)
    }
}

/// A FHIR resource as an answer; with `meta`, its ETag too.
pub(crate) fn resource(status: StatusCode, body: &Value) -> Response {
    let mut response = (
        status,
        [(header::CONTENT_TYPE, HeaderValue::from_static(FHIR_JSON))],
        body.to_string(),
    )
        .into_response();
    if let Some(version) = body["meta"]["versionId"].as_str()
        && let Ok(etag) = HeaderValue::from_str(&format!("W/\"{version}\""))
    {
        response.headers_mut().insert(header::ETAG, etag);
    }
    response
}
