//! What the region learns of a visit: Consent, Communication, Encounter (`CONTRACT.md`, *Clinical data*).

use cache::{ItemKind, NewItem};
use clinical::{Consent, ConsentGiver, IdentityMethod, PersonName, Title};
use contract::delivery::QueueSubject;
use contract::{ErrorCode, Failure};
use jiff::Timestamp;
use region::FrozenRequest;
use region::fhir::{EXTENSION, OWN_IDENTIFIER};
use serde_json::{Value, json};
use televisit::{Outcome, Visit, VisitState};
use uuid::Uuid;

use crate::agenda::Facts;
use crate::delivery::{Subject, to_outbox};
use crate::desk::Desk;

/// An identifier made here, by which a repeat is recognised.
fn own_identifier() -> Value {
    json!([{ "system": OWN_IDENTIFIER, "value": format!("urn:uuid:{}", Uuid::now_v7()) }])
}

fn create(visit: &Visit, resource: &Value) -> Result<NewItem, Failure> {
    let request =
        FrozenRequest::create(resource).map_err(|_| Failure::new(ErrorCode::Internal, "visit/resource"))?;
    Ok(NewItem {
        conversation: visit.id.to_string(),
        kind: ItemKind::FhirCreate,
        subject: Subject::new(QueueSubject::VisitRecord, visit.id.as_str()).to_string(),
        depends_on: Vec::new(),
        request: to_outbox(request)?,
        etag: None,
        awaiting_signature: false,
    })
}

pub(super) fn consent_item(desk: &Desk, visit: &Visit, consent: &Consent) -> Result<NewItem, Failure> {
    let performer = match &consent.given_by {
        ConsentGiver::Patient => json!({ "reference": format!("Patient/{}", visit.patient) }),
        ConsentGiver::Representative { representation } => json!({
            "type": "RelatedPerson",
            "display": representation.name.display(),
            "extension": [{ "url": format!("{EXTENSION}representation"), "valueString": match representation.title {
                Title::Parent => "PRN",
                Title::Guardian => "GUARD",
                Title::SupportAdministrator => "RESPRSN",
            }}],
        }),
    };
    let mut codes = vec![json!({ "coding": [{ "code": "televisit" }] })];
    if consent.to_image {
        codes.push(json!({ "coding": [{ "code": "image" }] }));
    }
    create(
        visit,
        &json!({
            "resourceType": "Consent",
            "identifier": own_identifier(),
            "status": if consent.to_service { "active" } else { "rejected" },
            "scope": { "coding": [{ "system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "treatment" }] },
            "category": [{ "coding": [{ "system": "http://loinc.org", "code": "59284-0" }] }],
            "patient": { "reference": format!("Patient/{}", visit.patient) },
            "dateTime": consent.at.to_string(),
            "performer": [performer],
            "organization": [{ "reference": format!("Organization/{}", desk.assignment().structure.id) }],
            "sourceReference": { "reference": format!("Appointment/{}", visit.id) },
            "provision": { "type": "permit", "code": codes },
        }),
    )
}

pub(super) fn delay_item(
    desk: &Desk,
    visit: &Visit,
    minutes: u32,
    now: Timestamp,
) -> Result<NewItem, Failure> {
    create(
        visit,
        &json!({
            "resourceType": "Communication",
            "identifier": own_identifier(),
            "status": "completed",
            "category": [{ "coding": [{ "system": "https://postazione.example/communication", "code": "delay" }] }],
            "subject": { "reference": format!("Patient/{}", visit.patient) },
            "about": [{ "reference": format!("Appointment/{}", visit.id) }],
            "recipient": [{ "reference": format!("Patient/{}", visit.patient) }],
            "sender": { "reference": desk.role_reference() },
            "sent": now.to_string(),
            "payload": [{ "contentString": format!("La visita inizia con circa {minutes} minuti di ritardo.") }],
            "extension": [{ "url": format!("{EXTENSION}delay-minutes"), "valueInteger": minutes }],
        }),
    )
}

/// The recipient is named by reference when the region knows the person as related to the patient.
pub(super) fn invitation_item(
    desk: &Desk,
    visit: &Visit,
    who: &PersonName,
    now: Timestamp,
) -> Result<NewItem, Failure> {
    let mut recipient = json!({ "type": "RelatedPerson", "display": who.display() });
    let related = crate::patient::related_of(desk, &visit.patient);
    let known = related
        .iter()
        .find(|person| super::invite::same(&person.name.display(), &who.display()));
    if let (Some(known), Some(fields)) = (known, recipient.as_object_mut()) {
        fields.insert(
            "reference".to_owned(),
            json!(format!("RelatedPerson/{}", known.id)),
        );
    }
    create(
        visit,
        &json!({
            "resourceType": "Communication",
            "identifier": own_identifier(),
            "status": "completed",
            "category": [{ "coding": [{ "system": "https://postazione.example/communication", "code": INVITATION }] }],
            "subject": { "reference": format!("Patient/{}", visit.patient) },
            "about": [{ "reference": format!("Appointment/{}", visit.id) }],
            "recipient": [recipient],
            "sender": { "reference": desk.role_reference() },
            "sent": now.to_string(),
            "payload": [{ "contentString": "È invitato a partecipare alla televisita come caregiver." }],
        }),
    )
}

const INVITATION: &str = "invitation";

/// When the invitation in the body of a request was made; none for anything else.
pub(super) fn invited_at(body: &[u8]) -> Option<Timestamp> {
    let resource: Value = serde_json::from_slice(body).ok()?;
    if resource.pointer("/category/0/coding/0/code")?.as_str()? != INVITATION {
        return None;
    }
    resource.get("sent")?.as_str()?.parse().ok()
}

/// The televisit as it was held, or not: sent once, when the outcome is known.
pub(crate) fn encounter_item(
    desk: &Desk,
    visit: &Visit,
    facts: &Facts,
    now: Timestamp,
) -> Result<NewItem, Failure> {
    let VisitState::Completed { outcome, at, .. } = &visit.state else {
        return Err(Failure::new(ErrorCode::OutcomeFirst, "visit/outcome-missing"));
    };
    let call = visit.call();
    let start = call
        .and_then(|call| call.connected_at)
        .or(call.map(|call| call.started_at))
        .unwrap_or(*at);
    let end = call.and_then(|call| call.ended_at).unwrap_or(*at);
    let identity = visit.identity().map(|identity| match identity.method {
        IdentityMethod::DocumentShown => "document_shown",
        IdentityMethod::DigitalIdentity => "digital_identity",
        IdentityMethod::KnownToClinician => "known_to_clinician",
    });
    let mut extension = vec![json!({ "url": format!("{EXTENSION}outcome"), "valueCode": outcome.code() })];
    if let Outcome::NotDelivered { .. } = outcome {
        extension.push(json!({ "url": format!("{EXTENSION}not-delivered"), "valueBoolean": true }));
    }
    if let Some(method) = identity {
        extension.push(json!({ "url": format!("{EXTENSION}identity-method"), "valueCode": method }));
    }
    if let Some(summary) = call.and_then(|call| call.summary(now)) {
        let word = serde_json::to_value(summary.word).unwrap_or(Value::Null);
        extension.push(json!({ "url": format!("{EXTENSION}link-quality"), "valueCode": word }));
    }
    let mut encounter = json!({
        "resourceType": "Encounter",
        "identifier": own_identifier(),
        "status": if outcome.was_held() { "finished" } else { "cancelled" },
        "class": { "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "VR", "display": "virtual" },
        "subject": { "reference": format!("Patient/{}", visit.patient) },
        "appointment": [{ "reference": format!("Appointment/{}", visit.id) }],
        "participant": [{ "individual": { "reference": desk.role_reference() } }],
        "period": { "start": start.to_string(), "end": end.to_string() },
        "serviceProvider": { "reference": format!("Organization/{}", desk.assignment().structure.id) },
        "extension": extension,
    });
    if let (Some(prescription), Some(object)) = (&facts.entry.prescription, encounter.as_object_mut()) {
        object.insert(
            "basedOn".to_owned(),
            json!([{ "reference": format!("ServiceRequest/{}", prescription.id) }]),
        );
    }
    create(visit, &encounter)
}
