//! Attachments of a case as DocumentReference; the bytes are a Binary whose id is the attachment's own.
//!
//! The Binary is written by `PUT Binary/<id>`, so that a repeat is harmless. `hash` is the base64 of the SHA-256.

use base64::Engine as _;
use serde_json::{Value, json};

use super::read::{own_uuid, text};
use super::{OWN_IDENTIFIER, Unmapped, urn};
use crate::Attachment;

/// The DocumentReference. `request` is `ServiceRequest/…` or a `urn:uuid:…` of the same transaction.
pub fn document_reference(
    attachment: &Attachment,
    patient: &str,
    author: &str,
    request: &str,
    at: &str,
) -> Value {
    let hash = hex::decode(&attachment.sha256).unwrap_or_default();
    json!({
        "resourceType": "DocumentReference",
        "identifier": [{"system": OWN_IDENTIFIER, "value": urn(attachment.id.as_str())}],
        "status": "current",
        "subject": {"reference": format!("Patient/{patient}")},
        "date": at,
        "author": [{"reference": format!("PractitionerRole/{author}")}],
        "description": attachment.title.expose(),
        "content": [{"attachment": {
            "url": format!("Binary/{}", attachment.id),
            "contentType": attachment.content_type,
            "size": attachment.size,
            "hash": base64::engine::general_purpose::STANDARD.encode(hash),
            "title": attachment.title.expose()
        }}],
        "context": {"related": [{"reference": request}]}
    })
}

/// Reads an attachment of a case.
pub fn attachment(resource: &Value) -> Result<Attachment, Unmapped> {
    if text(resource, "/resourceType") != Some("DocumentReference") {
        return Err(Unmapped::NotThis);
    }
    let id = text(resource, "/id");
    let content = resource
        .pointer("/content/0/attachment")
        .ok_or(Unmapped::Element("content"))?;
    let sha256 = text(content, "/hash")
        .and_then(|h| base64::engine::general_purpose::STANDARD.decode(h).ok())
        .filter(|h| h.len() == 32)
        .map(hex::encode)
        .unwrap_or_default();
    Ok(Attachment {
        id: own_uuid(resource)
            .or(id)
            .ok_or(Unmapped::Element("identifier"))?
            .into(),
        title: text(resource, "/description")
            .or_else(|| text(content, "/title"))
            .unwrap_or("Allegato")
            .into(),
        content_type: text(content, "/contentType")
            .unwrap_or("application/octet-stream")
            .to_owned(),
        size: content.get("size").and_then(Value::as_u64).unwrap_or_default(),
        sha256,
        document: id.map(Into::into),
    })
}
