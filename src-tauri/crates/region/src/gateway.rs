//! The gateway of the Fascicolo Sanitario Elettronico, behind the region.
//!
//! Validation and status are asked at once; publication is frozen for the outbox and sent with
//! [`Region::send`](crate::Region::send). Source: the national OpenAPI of the FSE 2.0 gateway. Not in it: the
//! document itself (`report`), its signature (`signing`), certificates and tokens of the gateway (the region).

use clinical::FiscalCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{FrozenRequest, Region, RegionError};

/// The gateway of a region.
#[derive(Clone, Debug)]
pub struct Gateway {
    pub(crate) region: Region,
    pub(crate) subject: Option<FiscalCode>,
}

/// Answer of validation and publication.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Trace of the call.
    #[serde(rename = "traceID")]
    pub trace: String,
    /// The workflow that validation and publication share.
    #[serde(rename = "workflowInstanceId")]
    pub workflow: String,
    /// A warning in the gateway's words.
    #[serde(default)]
    pub warning: Option<String>,
}

/// What the gateway wants to know of a document (`requestBody` of create and replace).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Publication {
    /// From the validation; absent for validate-and-create.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workflow_instance_id: Option<String>,
    /// `Ospedale`, `Prevenzione`, `Territorio`, `SistemaTS`, `Cittadino`.
    pub tipologia_struttura: String,
    /// Access rules of the author.
    pub atti_clinici_regole_accesso: Vec<String>,
    /// Unique identifier of the document.
    pub identificativo_doc: String,
    /// Repository.
    pub identificativo_rep: String,
    /// High-level type, for example `REF`.
    pub tipo_documento_liv_alto: String,
    /// Organisational setting, for example `AD_PSC008`.
    pub assetto_organizzativo: String,
    /// Beginning of the service, `yyyyMMddHHmmss`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_inizio_prestazione: Option<String>,
    /// End of the service, `yyyyMMddHHmmss`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_fine_prestazione: Option<String>,
    /// Clinical activity, for example `ERP`.
    pub tipo_attivita_clinica: String,
    /// Identifier of the submission set.
    pub identificativo_sottomissione: String,
    /// Regime, for example `SSN`.
    pub administrative_request: Vec<String>,
}

/// One event of a workflow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GatewayEvent {
    /// What.
    pub kind: EventKind,
    /// When.
    pub at: Option<Timestamp>,
    /// How it went.
    pub outcome: EventOutcome,
    /// The gateway's words.
    pub message: Option<clinical::Sensitive<String>>,
}

/// Kinds of events that make receipts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// `VALIDATION`.
    Validation,
    /// `PUBLICATION`.
    Publication,
    /// `SEND_TO_INI`.
    SentToIni,
    /// `SEND_TO_FSE`, in the Fascicolo.
    SentToFse,
    /// `PORTAL`, the region's own: the citizen can read it.
    Portal,
    /// Another.
    Other(String),
}

/// How an event went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventOutcome {
    /// `SUCCESS`.
    Success,
    /// `BLOCKING_ERROR`: it will not arrive by itself.
    Blocked,
    /// Another status: still on its way.
    Pending,
}

use serde_json::{Value, json};

use crate::client::Ask;
use crate::fhir::value::{items, text};
use crate::multipart::Multipart;
use crate::{Confirm, Method, Sent};

/// Name of the PDF part's file; the gateway looks at the content only.
const FILE: &str = "referto.pdf";

/// Header that names the patient of a call that carries a CDA; the region writes it in the FSE token (`person_id`).
const SUBJECT: &str = "x-subject";

impl FrozenRequest {
    /// Names the patient of the document, so that the gateway refuses a document of somebody else.
    #[must_use]
    pub fn for_subject(mut self, patient: &FiscalCode) -> Self {
        self.headers.retain(|(name, _)| name != SUBJECT);
        self.headers
            .push((SUBJECT.to_owned(), patient.as_str().to_owned()));
        self
    }
}

impl Gateway {
    /// Names the patient of what is validated next.
    #[must_use]
    pub fn of(self, patient: &FiscalCode) -> Self {
        Self {
            subject: Some(patient.clone()),
            ..self
        }
    }

    /// Validates an unsigned PDF with its `cda.xml`. Nothing is kept at the gateway but the hash; a repeat is harmless.
    pub async fn validate(&self, pdf: &[u8]) -> Result<Receipt, RegionError> {
        let body = json!({"activity": "VALIDATION", "healthDataFormat": "CDA", "mode": "ATTACHMENT"});
        let mut frozen = multipart(
            Method::Post,
            "gateway/v1/documents/validation".to_owned(),
            pdf,
            &body,
            None,
        )?;
        if let Some(patient) = &self.subject {
            frozen = frozen.for_subject(patient);
        }
        let sent = self.region.transmit(&frozen).await?;
        serde_json::from_slice(&sent.body).map_err(|_| RegionError::Garbled)
    }

    /// Freezes the publication of a signed PDF that was validated.
    pub fn publish(pdf: &[u8], publication: &Publication) -> Result<FrozenRequest, RegionError> {
        Self::freeze(Method::Post, "gateway/v1/documents".to_owned(), pdf, publication)
    }

    /// Freezes validation and publication in one call, for a PDF signed during an outage.
    pub fn validate_and_create(pdf: &[u8], publication: &Publication) -> Result<FrozenRequest, RegionError> {
        Self::freeze(
            Method::Post,
            "gateway/v1/documents/validate-and-create".to_owned(),
            pdf,
            publication,
        )
    }

    /// Freezes the replacement of the document `replaced`.
    pub fn replace(
        replaced: &str,
        pdf: &[u8],
        publication: &Publication,
    ) -> Result<FrozenRequest, RegionError> {
        Self::freeze(
            Method::Put,
            format!("gateway/v1/documents/{}", segment(replaced)),
            pdf,
            publication,
        )
    }

    /// Freezes validation and replacement in one call.
    pub fn validate_and_replace(
        replaced: &str,
        pdf: &[u8],
        publication: &Publication,
    ) -> Result<FrozenRequest, RegionError> {
        let path = format!("gateway/v1/documents/validate-and-replace/{}", segment(replaced));
        Self::freeze(Method::Put, path, pdf, publication)
    }

    /// Freezes the deletion of a document.
    pub fn delete(identifier: &str) -> FrozenRequest {
        FrozenRequest {
            method: Method::Delete,
            path: format!("gateway/v1/documents/{}", segment(identifier)),
            headers: Vec::new(),
            body: Vec::new(),
            confirm: None,
        }
    }

    fn freeze(
        method: Method,
        path: String,
        pdf: &[u8],
        p: &Publication,
    ) -> Result<FrozenRequest, RegionError> {
        let mut body = serde_json::to_value(p).map_err(|_| RegionError::Garbled)?;
        body["healthDataFormat"] = json!("CDA");
        body["mode"] = json!("ATTACHMENT");
        multipart(
            method,
            path,
            pdf,
            &body,
            Some(Confirm::Document {
                identifier: p.identificativo_doc.clone(),
            }),
        )
    }

    /// The events of a workflow, oldest first.
    pub async fn status(&self, workflow: &str) -> Result<Vec<GatewayEvent>, RegionError> {
        let value: Value = self
            .region
            .get_json(&format!("gateway/v1/status/{}", segment(workflow)))
            .await?;
        events(&value)
    }

    /// The events of a document, by its `identificativoDoc`; empty when the gateway does not know it.
    pub async fn status_of_document(&self, identifier: &str) -> Result<Vec<GatewayEvent>, RegionError> {
        match self.search(identifier).await? {
            Some(value) => events(&value),
            None => Ok(Vec::new()),
        }
    }

    async fn search(&self, identifier: &str) -> Result<Option<Value>, RegionError> {
        let url = self
            .region
            .url(&format!("gateway/v1/status/search/{}", segment(identifier)))?;
        match self.region.ask(Ask::get(url)).await {
            Ok(answer) => Ok(Some(answer.json()?)),
            Err(RegionError::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether a document was published by an earlier attempt.
    pub(crate) async fn find_published(&self, identifier: &str) -> Result<Option<Sent>, RegionError> {
        let Some(value) = self.search(identifier).await? else {
            return Ok(None);
        };
        let published = events(&value)?
            .iter()
            .any(|e| e.kind == EventKind::Publication && e.outcome != EventOutcome::Blocked);
        let workflow = text(&value, "/workflowInstanceId")
            .or_else(|| items(&value, "/transactionData").find_map(|e| text(e, "/workflowInstanceId")))
            .map(str::to_owned);
        Ok(published.then(|| Sent {
            status: 200,
            id: None,
            version: None,
            workflow,
            found: true,
            body: serde_json::to_vec(&value).unwrap_or_default(),
        }))
    }
}

fn multipart(
    method: Method,
    path: String,
    pdf: &[u8],
    body: &Value,
    confirm: Option<Confirm>,
) -> Result<FrozenRequest, RegionError> {
    let json = serde_json::to_vec(body).map_err(|_| RegionError::Garbled)?;
    let (content_type, body) = Multipart::new()
        .part("requestBody", None, "application/json", &json)
        .part("file", Some(FILE), "application/pdf", pdf)
        .finish();
    Ok(FrozenRequest {
        method,
        path,
        headers: vec![("content-type".to_owned(), content_type)],
        body,
        confirm,
    })
}

/// One segment of a path: identifiers of documents hold `^` and may hold anything.
fn segment(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes())
        .collect::<String>()
        .replace('+', "%20")
        .replace("..", "%2E%2E")
}

fn events(value: &Value) -> Result<Vec<GatewayEvent>, RegionError> {
    value
        .pointer("/transactionData")
        .and_then(Value::as_array)
        .ok_or(RegionError::Garbled)?;
    let mut events: Vec<GatewayEvent> = items(value, "/transactionData")
        .map(|e| GatewayEvent {
            kind: match text(e, "/eventType").unwrap_or_default() {
                "VALIDATION" => EventKind::Validation,
                "PUBLICATION" => EventKind::Publication,
                "SEND_TO_INI" => EventKind::SentToIni,
                "SEND_TO_FSE" => EventKind::SentToFse,
                "PORTAL" => EventKind::Portal,
                other => EventKind::Other(other.to_owned()),
            },
            at: crate::fhir::value::instant(e, "/eventDate"),
            outcome: match text(e, "/eventStatus") {
                Some("SUCCESS") => EventOutcome::Success,
                Some(s) if s.starts_with("BLOCKING_ERROR") => EventOutcome::Blocked,
                _ => EventOutcome::Pending,
            },
            message: text(e, "/message").map(Into::into),
        })
        .collect();
    events.sort_by_key(|e| e.at);
    Ok(events)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn publication() -> Publication {
        Publication {
            workflow_instance_id: Some("w".into()),
            tipologia_struttura: "Territorio".into(),
            atti_clinici_regole_accesso: vec![],
            identificativo_doc: "2.16.840.1.113883.2.9.2.150.4.4^150.TV.1".into(),
            identificativo_rep: "2.16.840.1.113883.2.9.2.150.4.5.1".into(),
            tipo_documento_liv_alto: "REF".into(),
            assetto_organizzativo: "AD_PSC008".into(),
            data_inizio_prestazione: None,
            data_fine_prestazione: None,
            tipo_attivita_clinica: "ERP".into(),
            identificativo_sottomissione: "2.16.840.1.113883.2.9.2.150.4.3.1".into(),
            administrative_request: vec!["SSN".into()],
        }
    }

    #[test]
    fn a_frozen_publication_names_its_document_and_both_parts() {
        let frozen = Gateway::publish(b"%PDF-1.7", &publication()).unwrap();
        let body = String::from_utf8(frozen.body.clone()).unwrap();
        assert!(
            body.contains("name=\"requestBody\"") && body.contains("name=\"file\""),
            "{body}"
        );
        assert!(
            body.contains("\"workflowInstanceId\":\"w\"") && body.contains("\"healthDataFormat\":\"CDA\"")
        );
        assert!(matches!(frozen.confirm, Some(Confirm::Document { .. })));
        assert_eq!(frozen.body_hash().len(), 64);
        let code = FiscalCode::parse("MRTSNT55C52X000I").unwrap();
        let named = frozen.clone().for_subject(&code).for_subject(&code);
        assert_eq!(
            named
                .headers
                .iter()
                .filter(|(n, v)| n == SUBJECT && v == code.as_str())
                .count(),
            1
        );
        assert!(
            !format!("{frozen:?}").contains("PDF-1.7"),
            "a document reached Debug"
        );
    }

    #[test]
    fn an_identifier_cannot_leave_its_segment() {
        assert_eq!(segment("a^b/../c d"), "a%5Eb%2F%2E%2E%2Fc%20d");
    }

    #[test]
    fn events_are_read_in_order_and_an_error_is_not_a_success() {
        let value = json!({"transactionData": [
            {"eventType": "SEND_TO_INI", "eventDate": "2026-11-20T10:00:03Z", "eventStatus": "BLOCKING_ERROR_MAX_RETRY"},
            {"eventType": "PUBLICATION", "eventDate": "2026-11-20T10:00:01Z", "eventStatus": "SUCCESS"},
            {"eventType": "SEND_TO_FSE", "eventDate": "2026-11-20T10:00:04Z", "eventStatus": "ASYNC_RETRY"}]});
        let events = events(&value).unwrap();
        assert_eq!(events[0].kind, EventKind::Publication);
        assert_eq!(events[1].outcome, EventOutcome::Blocked);
        assert_eq!(events[2].outcome, EventOutcome::Pending);
        assert_eq!(super::events(&json!({})), Err(RegionError::Garbled));
    }
}
