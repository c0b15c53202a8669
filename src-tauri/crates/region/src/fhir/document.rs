//! Earlier reports and attachments: DocumentReference and its Binary.
//!
//! `attachment.hash` is SHA-1 in FHIR R4's text and SHA-256 in use since (32 bytes): the length tells, and
//! only SHA-256 is believed. Not in it: showing or keeping the bytes.

use base64::Engine as _;
use clinical::{DocumentId, PatientId, Sensitive};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::value::{extension, instant, items, reference_id, text, words};
use super::{EXTENSION, Fhir, ResourceType};
use crate::RegionError;

/// Bytes with their type.
#[derive(Clone, PartialEq, Eq)]
pub struct Binary {
    /// MIME type.
    pub content_type: String,
    /// The bytes.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for Binary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Binary({}, {} bytes)", self.content_type, self.bytes.len())
    }
}

/// One line of a therapy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Medication {
    /// Medicine.
    pub name: Sensitive<String>,
    /// Dosage in words.
    pub dosage: Sensitive<String>,
}

/// A document of a patient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EarlierDocument {
    /// FHIR id.
    pub id: DocumentId,
    /// Whose.
    pub patient: PatientId,
    /// The document's own identifier (master or first).
    pub identifier: Option<String>,
    /// LOINC code of the type.
    pub type_code: Option<String>,
    /// Title or type, in words.
    pub title: Sensitive<String>,
    /// Who wrote it, as shown.
    pub author: Option<Sensitive<String>>,
    /// When.
    pub at: Option<Timestamp>,
    /// MIME type.
    pub content_type: Option<String>,
    /// Size in bytes.
    pub size: Option<u64>,
    /// SHA-256 in lower-case hex, where the region gives one.
    pub sha256: Option<String>,
    /// Where the bytes are, below the region.
    pub url: String,
    /// References in `context.related`, for example a teleconsult's `ServiceRequest/…`.
    pub related: Vec<String>,
    /// The therapy that an earlier report left.
    #[serde(default)]
    pub therapy: Vec<Medication>,
    /// No longer in force (`superseded`, `entered-in-error`).
    pub superseded: bool,
}

/// The domain record of a DocumentReference with content at the region.
pub fn document(resource: &Value) -> Option<EarlierDocument> {
    let attachment = resource.pointer("/content/0/attachment")?;
    let hash = text(attachment, "/hash")
        .and_then(|h| base64::engine::general_purpose::STANDARD.decode(h).ok())
        .filter(|h| h.len() == 32)
        .map(hex::encode);
    let title = text(resource, "/description")
        .or_else(|| text(attachment, "/title"))
        .or_else(|| resource.get("type").and_then(words))
        .unwrap_or("Documento");
    Some(EarlierDocument {
        id: text(resource, "/id")?.into(),
        patient: reference_id(resource.get("subject")?, "Patient")?.into(),
        identifier: text(resource, "/masterIdentifier/value")
            .or_else(|| text(resource, "/identifier/0/value"))
            .map(str::to_owned),
        type_code: text(resource, "/type/coding/0/code").map(str::to_owned),
        title: title.into(),
        author: text(resource, "/author/0/display").map(Into::into),
        at: instant(resource, "/date").or_else(|| instant(attachment, "/creation")),
        content_type: text(attachment, "/contentType").map(str::to_owned),
        size: attachment.get("size").and_then(Value::as_u64),
        sha256: hash,
        url: text(attachment, "/url")?.to_owned(),
        related: items(resource, "/context/related")
            .filter_map(|r| text(r, "/reference"))
            .map(str::to_owned)
            .collect(),
        therapy: items(resource, "/extension")
            .filter(|e| text(e, "/url") == Some(&format!("{EXTENSION}therapy")))
            .filter_map(|line| {
                let part = |name| extension(line, name).and_then(|e| text(e, "/valueString"));
                Some(Medication {
                    name: part("medication")?.into(),
                    dosage: part("dosage").unwrap_or_default().into(),
                })
            })
            .collect(),
        superseded: text(resource, "/status").is_some_and(|s| s != "current"),
    })
}

impl Fhir {
    /// The documents of a patient, newest first.
    pub async fn documents_of(&self, patient: &PatientId) -> Result<Vec<EarlierDocument>, RegionError> {
        let reference = format!("Patient/{patient}");
        self.documents(&[("patient", &reference)]).await
    }

    /// The attachments of a case, by the reference of its request.
    pub async fn documents_related(&self, reference: &str) -> Result<Vec<EarlierDocument>, RegionError> {
        self.documents(&[("related", reference)]).await
    }

    async fn documents(&self, query: &[(&str, &str)]) -> Result<Vec<EarlierDocument>, RegionError> {
        let page = self.search_all(ResourceType::DocumentReference, query).await?;
        let mut documents: Vec<EarlierDocument> = page.matches.iter().filter_map(document).collect();
        documents.sort_by_key(|d| std::cmp::Reverse(d.at));
        Ok(documents)
    }

    /// The bytes of a document, checked against size and hash.
    pub async fn document_bytes(&self, document: &EarlierDocument) -> Result<Binary, RegionError> {
        let binary = self.binary(&document.url).await?;
        let wrong_size = document.size.is_some_and(|s| s != binary.bytes.len() as u64);
        let wrong_hash = document
            .sha256
            .as_ref()
            .is_some_and(|h| *h != hex::encode(Sha256::digest(&binary.bytes)));
        if wrong_size || wrong_hash {
            Err(RegionError::Garbled)
        } else {
            Ok(binary)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_document_is_read_with_its_hash_only_when_it_is_sha256() {
        let make = |hash: &str| {
            json!({"id": "d", "status": "current", "subject": {"reference": "Patient/p"}, "date": "2026-08-18T09:00:00+02:00",
                "type": {"coding": [{"code": "34105-7"}], "text": "Lettera di dimissione"},
                "context": {"related": [{"reference": "ServiceRequest/s"}]},
                "content": [{"attachment": {"url": "Binary/b", "size": 3, "hash": hash, "contentType": "application/pdf"}}]})
        };
        let sha256 = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(b"abc"));
        let read = document(&make(&sha256)).unwrap();
        assert_eq!(read.sha256, Some(hex::encode(Sha256::digest(b"abc"))));
        assert_eq!(read.title.expose(), "Lettera di dimissione");
        assert_eq!(read.related, ["ServiceRequest/s"]);
        assert_eq!(
            document(&make("2jmj7l5rSw0yVb/vlWAYkK/YBwk=")).unwrap().sha256,
            None,
            "SHA-1 is not believed"
        );
        assert!(document(&json!({"id": "d"})).is_none());
    }
}
