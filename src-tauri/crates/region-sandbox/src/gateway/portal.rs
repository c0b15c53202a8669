//! What the citizen sees at once: a DocumentReference and its PDF, in the clinical store.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::cda::Cda;
use super::ledger::Published;
use crate::Shared;
use crate::fhir::StoreError;
use crate::fhir::store::Precondition;

/// Puts a document on the portal; the one that it replaces is marked as superseded.
pub(super) fn publish(
    region: &Shared,
    document: &Published,
    cda: &Cda,
    pdf: &[u8],
    replaced: Option<&Published>,
) -> Result<(), StoreError> {
    let now = region.clock.now().to_string();
    let binary = uuid::Uuid::now_v7().to_string();
    let identifier = json!({"system": "urn:ietf:rfc:3986", "value": document.id});
    let mut reference = json!({
        "resourceType": "DocumentReference", "id": document.reference, "status": "current", "docStatus": "final",
        "masterIdentifier": identifier, "identifier": [identifier],
        "type": {"coding": [{"system": "http://loinc.org", "code": cda.code, "display": cda.name}], "text": cda.name},
        "description": cda.name, "date": now,
        "subject": {"reference": format!("Patient/{}", document.patient)},
        "author": [author(region, &document.practitioner)],
        "content": [{"attachment": {"contentType": "application/pdf", "language": "it-IT", "title": cda.name,
            "url": format!("Binary/{binary}"), "creation": now, "size": pdf.len(),
            "hash": STANDARD.encode(Sha256::digest(pdf))}}],
    });
    let related = related(region, cda)?;
    if !related.is_empty() {
        reference["context"] = json!({"related": related});
    }
    if let Some(replaced) = replaced {
        let target = json!({"reference": format!("DocumentReference/{}", replaced.reference)});
        reference["relatesTo"] = json!([{"code": "replaces", "target": target}]);
    }
    region.store.write(None, |writing| {
        writing.put_binary(&binary, "application/pdf", pdf, Precondition::None)?;
        writing.put(reference, Precondition::None).map(drop)
    })?;
    if let Some(replaced) = replaced {
        mark(region, replaced, "superseded")?;
    }
    Ok(())
}

/// Takes a document off the portal; its history stays.
pub(super) fn withdraw(region: &Shared, document: &Published) -> Result<(), StoreError> {
    mark(region, document, "entered-in-error")
}

fn mark(region: &Shared, document: &Published, status: &str) -> Result<(), StoreError> {
    region
        .store
        .modify("DocumentReference", &document.reference, |resource| {
            resource["status"] = json!(status);
            true
        })
        .map(drop)
}

fn author(region: &Shared, practitioner: &str) -> Value {
    let display = region.store.entry("Practitioner", practitioner).map(|p| {
        let name = &p.resource["name"][0];
        let family = name["family"].as_str().unwrap_or_default().to_uppercase();
        format!("{family} {}", name["given"][0].as_str().unwrap_or_default())
    });
    json!({"reference": format!("Practitioner/{practitioner}"), "display": display.unwrap_or_default()})
}

/// The prescription named in the CDA, and the televisit that was booked for it.
fn related(region: &Shared, cda: &Cda) -> Result<Vec<Value>, StoreError> {
    let Some(number) = &cda.prescription else {
        return Ok(Vec::new());
    };
    let mut related = Vec::new();
    for request in region.store.find(
        "ServiceRequest",
        &[("identifier", &format!("http://hl7.it/sid/nre|{number}"))],
    )? {
        let reference = format!(
            "ServiceRequest/{}",
            request.resource["id"].as_str().unwrap_or_default()
        );
        for appointment in region.store.find("Appointment", &[("based-on", &reference)])? {
            let id = appointment.resource["id"].as_str().unwrap_or_default();
            related.push(json!({"reference": format!("Appointment/{id}")}));
        }
        related.push(json!({"reference": reference}));
    }
    Ok(related)
}
