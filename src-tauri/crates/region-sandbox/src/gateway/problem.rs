//! The gateway's refusals: `application/problem+json` with the type, title and instance that the framework's
//! implementation guide lists (RFC 9457).

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// A refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) fault: Fault,
    detail: String,
    trace: String,
    workflow: Option<String>,
}

/// What is refused. The order is that of the checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    MissingToken,
    ExpiredToken,
    MissingField,
    BadFormat,
    BadDate,
    TooLarge,
    EmptyFile,
    NotPdf,
    NoCda,
    Syntax,
    Semantic,
    Unsigned,
    WrongPatient,
    DocumentExists,
    MissingWorkflow,
    NotValidated,
    TooOld,
    NotFound,
    Internal,
}

impl Fault {
    /// Status, type, title, instance.
    fn parts(self) -> (u16, &'static str, &'static str, &'static str) {
        match self {
            Self::MissingToken => (403, "/msg/missing-token", "Token non fornito.", "/missing-jwt"),
            // The middleware's own: the session of the caller is over, which is no fault of the document.
            Self::ExpiredToken => (
                401,
                "/msg/unauthorized",
                "Token scaduto o non valido.",
                "/jwt-expired",
            ),
            Self::MissingField => (
                400,
                "/msg/mandatory-element",
                "Campo obbligatorio non presente.",
                "/request-missing-field",
            ),
            Self::BadFormat => (
                400,
                "/msg/invalid-format",
                "Formato campo non valido.",
                "/request-invalid-format",
            ),
            Self::BadDate => (
                400,
                "/msg/invalid-format",
                "Formato campo non valido.",
                "/request-invalid-date-format",
            ),
            Self::TooLarge => (
                413,
                "/msg/generic-error",
                "File troppo grande.",
                "/multipart-file",
            ),
            Self::EmptyFile => (400, "/msg/empty-file", "File vuoto.", "/empty-multipart-file"),
            Self::NotPdf => (
                415,
                "/msg/document-type",
                "Il documento non è pdf.",
                "/multipart-file",
            ),
            Self::NoCda => (
                400,
                "/msg/cda-element",
                "Errore in fase di estrazione del CDA.",
                "/cda-extraction",
            ),
            Self::Syntax => (400, "/msg/syntax", "Errore di sintassi.", "/validation/error"),
            Self::Semantic => (422, "/msg/semantic", "Errore semantico.", "/validation/error"),
            Self::Unsigned => (
                400,
                "/msg/sign-error",
                "Firma del pdf non valida.",
                "/msg/sign-error",
            ),
            Self::WrongPatient => (
                403,
                "/msg/jwt-validation",
                "Campo token JWT non valido.",
                "/jwt-person-id",
            ),
            Self::DocumentExists => (
                409,
                "/msg/id-doc",
                "Identificativo documento già presente.",
                "/invalid-id",
            ),
            Self::MissingWorkflow => (
                400,
                "/msg/workflow-id-error-extraction",
                "Errore in fase di estrazione del workflow id.",
                "/msg/workflow-id-error-extraction",
            ),
            Self::NotValidated => (
                400,
                "/msg/cda-match",
                "Errore in fase di recupero dell'esito della verifica.",
                "/cda-validation",
            ),
            Self::TooOld => (
                400,
                "/msg/max-day-limit-exceed",
                "Error: document exceeded the maximum period to be published.",
                "/msg/max-day-limit-exceed",
            ),
            Self::NotFound => (404, "/msg/record-not-found", "Record non trovato.", "-"),
            Self::Internal => (500, "/msg/generic-error", "Errore generico.", "-"),
        }
    }
}

/// A trace for one request.
pub(crate) fn trace() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}

impl Problem {
    /// A refusal; `detail` names fields and positions, never content of the document.
    pub(crate) fn new(fault: Fault, detail: impl Into<String>) -> Self {
        Self {
            fault,
            detail: detail.into(),
            trace: trace(),
            workflow: None,
        }
    }

    /// A mandatory field that is absent.
    pub(crate) fn missing(field: &str) -> Self {
        Self::new(
            Fault::MissingField,
            format!("Il campo {field} deve essere valorizzato"),
        )
    }

    /// Names the workflow in which the document was refused.
    pub(crate) fn in_workflow(mut self, workflow: &str) -> Self {
        self.workflow = Some(workflow.to_owned());
        self
    }

    pub(crate) fn detail(&self) -> &str {
        &self.detail
    }

    pub(crate) fn trace(&self) -> &str {
        &self.trace
    }
}

impl From<rusqlite::Error> for Problem {
    fn from(error: rusqlite::Error) -> Self {
        tracing::error!(%error, "the gateway's ledger failed");
        Self::new(Fault::Internal, "Errore interno")
    }
}

impl From<crate::fhir::StoreError> for Problem {
    fn from(error: crate::fhir::StoreError) -> Self {
        tracing::error!(%error, "the portal refused a document");
        Self::new(Fault::Internal, "Errore interno")
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, kind, title, instance) = self.fault.parts();
        let mut body = json!({"traceID": self.trace, "spanID": self.trace, "type": kind, "title": title,
            "detail": self.detail, "status": status, "instance": instance});
        if let Some(workflow) = self.workflow {
            body["workflowInstanceId"] = json!(workflow);
        }
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (
            status,
            [(header::CONTENT_TYPE, "application/problem+json")],
            body.to_string(),
        )
            .into_response()
    }
}
