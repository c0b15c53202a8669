//! Messages of a case as Communication.
//!
//! `about`, `basedOn` and `partOf` carry the same reference: stock servers search one or the other.

use serde_json::{Value, json};

use super::read::{coding, instant, items, own_uuid, reference, sensitive, text};
use super::{COMMUNICATION, OWN_IDENTIFIER, Unmapped, urn};
use crate::{Answer, Message, MessageKind};

fn code(kind: MessageKind) -> &'static str {
    match kind {
        MessageKind::Note => "note",
        MessageKind::InformationRequest => "information-request",
        MessageKind::Information => "information",
        MessageKind::Answer => "answer",
        MessageKind::Acknowledgement => "acknowledgement",
        MessageKind::Involvement => "involvement",
        MessageKind::Opinion => "opinion",
        MessageKind::Prescription => "prescription",
    }
}

/// Beside the kind of a message: an opinion that disagrees, an answer that indicates a control visit.
const DISAGREEMENT: &str = "disagreement";
const CONTROL_VISIT: &str = "control-visit";

/// The Communication. `about` is `ServiceRequest/…` or a `urn:uuid:…` of the same transaction.
pub fn communication(message: &Message, patient: &str, about: &str) -> Value {
    let mut resource = json!({
        "resourceType": "Communication",
        "identifier": [{"system": OWN_IDENTIFIER, "value": urn(&message.id)}],
        "status": "completed",
        "category": [{"coding": [{"system": COMMUNICATION, "code": code(message.kind)}]}],
        "subject": {"reference": format!("Patient/{patient}")},
        "about": [{"reference": about}],
        "basedOn": [{"reference": about}],
        "partOf": [{"reference": about}],
        "sent": message.at.to_string(),
        "sender": {"reference": format!("PractitionerRole/{}", message.sender)},
        "payload": [{"contentString": message.text.expose()}]
    });
    let mut also = |code: &str| {
        if let Some(categories) = resource["category"].as_array_mut() {
            categories.push(json!({"coding": [{"system": COMMUNICATION, "code": code}]}));
        }
    };
    if message.disagrees {
        also(DISAGREEMENT);
    }
    if message.kind == MessageKind::Answer && Answer::read(message.text.expose()).control_visit {
        also(CONTROL_VISIT);
    }
    if let Some(to) = &message.to {
        resource["recipient"] = json!([{"reference": format!("PractitionerRole/{to}")}]);
    }
    if let Some(name) = &message.sender_name {
        resource["sender"]["display"] = json!(name.expose());
    }
    resource
}

/// Reads a message of a case. An unknown category is a note: nothing that was written may vanish.
pub fn message(resource: &Value) -> Result<Message, Unmapped> {
    if text(resource, "/resourceType") != Some("Communication") {
        return Err(Unmapped::NotThis);
    }
    let category = items(resource, "/category")
        .find_map(|c| coding(c, COMMUNICATION).or_else(|| items(c, "/coding").next()))
        .and_then(|c| text(c, "/code"));
    let words: Vec<&str> = items(resource, "/payload")
        .filter_map(|p| text(p, "/contentString"))
        .collect();
    let kind = match category {
        Some("information-request") => MessageKind::InformationRequest,
        Some("information") => MessageKind::Information,
        Some("answer") => MessageKind::Answer,
        Some("acknowledgement") => MessageKind::Acknowledgement,
        Some("involvement") => MessageKind::Involvement,
        Some("opinion") => MessageKind::Opinion,
        Some("prescription") => MessageKind::Prescription,
        _ => MessageKind::Note,
    };
    let recipient = || reference(resource, "/recipient/0/reference", "PractitionerRole").map(str::to_owned);
    Ok(Message {
        id: own_uuid(resource)
            .or_else(|| text(resource, "/id"))
            .ok_or(Unmapped::Element("identifier"))?
            .to_owned(),
        kind,
        sender: reference(resource, "/sender/reference", "PractitionerRole")
            .unwrap_or_default()
            .to_owned(),
        sender_name: sensitive(resource, "/sender/display"),
        at: instant(resource, "/sent").ok_or(Unmapped::Element("sent"))?,
        text: words.join("\n").into(),
        to: (kind == MessageKind::Involvement).then(recipient).flatten(),
        disagrees: items(resource, "/category")
            .filter_map(|c| coding(c, COMMUNICATION))
            .any(|c| text(c, "/code") == Some(DISAGREEMENT)),
    })
}
