//! The FHIR R4 form of a transition, both ways, as pure functions on JSON.
//!
//! After the region's contract: Task `transition` (inputs, owner, `businessStatus.text` the column,
//! `groupIdentifier` the COT), Task `handover` on it, Communication for the log. What is read is not trusted. Not in
//! it: HTTP (`region`).

use clinical::Sensitive;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    Assessment, Call, CallResult, CheckItem, Destination, Escalation, Handover, HandoverState, LogEntry,
    Origin, Transition, TransitionState,
};

/// System of identifiers made on a PC.
pub const OWN_IDENTIFIER: &str = "urn:ietf:rfc:3986";
/// System of task codes.
pub const TASK: &str = "https://postazione.example/task";
/// System of the inputs' codes.
pub const INPUT: &str = "https://postazione.example/transition";
/// System of the columns.
pub const COLUMN: &str = "https://postazione.example/transition-column";
/// System of `Communication.category`.
pub const COMMUNICATION: &str = "https://postazione.example/communication";
/// Base of this program's own extensions.
pub const EXTENSION: &str = "https://postazione.example/fhir/";
/// System of `groupIdentifier`: the FHIR id of the COT's Organization.
pub const COT: &str = "https://postazione.example/cot";

/// Why a resource is not what a case needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unmapped {
    /// Another type of resource or code.
    #[error("not the resource that was expected")]
    NotThis,
    /// An element is missing or wrong.
    #[error("{0} is missing or wrong")]
    Element(&'static str),
}

fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .filter(|s| !s.is_empty())
}

fn items<'a>(value: &'a Value, pointer: &str) -> impl Iterator<Item = &'a Value> {
    value
        .pointer(pointer)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

fn reference<'a>(value: &'a Value, pointer: &str, kind: &str) -> Option<&'a str> {
    let (before, id) = text(value, pointer)?
        .split("/_history/")
        .next()?
        .rsplit_once('/')?;
    (before == kind || before.ends_with(&format!("/{kind}"))).then_some(id)
}

fn own_uuid(resource: &Value) -> Option<&str> {
    items(resource, "/identifier")
        .find(|i| text(i, "/system") == Some(OWN_IDENTIFIER))
        .and_then(|i| text(i, "/value"))
        .and_then(|v| v.strip_prefix("urn:uuid:"))
}

fn instant(value: &Value, pointer: &str) -> Option<Timestamp> {
    text(value, pointer)?.parse().ok()
}

fn sensitive(value: &Value, pointer: &str) -> Option<Sensitive<String>> {
    text(value, pointer).map(Into::into)
}

fn is_task(resource: &Value, code: &str) -> bool {
    text(resource, "/resourceType") == Some("Task")
        && items(resource, "/code/coding").any(|c| text(c, "/code") == Some(code))
}

/// The column's code and words.
pub fn column(state: TransitionState) -> (&'static str, &'static str) {
    match state {
        TransitionState::Reported => ("reported", "Da assegnare"),
        TransitionState::Assessing => ("assessing", "In valutazione"),
        TransitionState::ProtectedDischarge => ("protected_discharge", "Dimissione protetta"),
        TransitionState::TerritoryConfirmation => ("territory_confirmation", "Conferma del territorio"),
        TransitionState::Closed => ("closed", "Chiuso"),
    }
}

/// The Task of a case as it should stand. `read` is the copy from the region, whose other elements are kept; `None`
/// makes a new one.
pub fn task(case: &Transition, read: Option<&Value>) -> Value {
    let mut task = read.cloned().unwrap_or_else(|| json!({"resourceType": "Task"}));
    let (code, words) = column(case.state);
    let status = match (case.state, &case.owner) {
        (TransitionState::Closed, _) => "completed",
        (_, None) => "requested",
        (TransitionState::Reported | TransitionState::Assessing, Some(_)) => "accepted",
        (TransitionState::ProtectedDischarge | TransitionState::TerritoryConfirmation, Some(_)) => {
            "in-progress"
        }
    };
    let input = |code: &str, value: (&str, Value)| {
        let mut input = json!({"type": {"coding": [{"system": INPUT, "code": code}]}});
        input[value.0] = value.1;
        input
    };
    let mut inputs = vec![
        input(
            "origin",
            (
                "valueCodeableConcept",
                coded(case.origin.code(), case.origin.words()),
            ),
        ),
        input(
            "destination",
            (
                "valueCodeableConcept",
                coded(case.destination.code(), case.destination.words()),
            ),
        ),
        input("from-citizen", ("valueBoolean", json!(case.from_citizen))),
    ];
    if let Some(receiver) = &case.receiver {
        inputs.push(input("receiver", ("valueString", json!(receiver))));
    }
    if let Some(at) = case.expected_discharge {
        inputs.push(input(
            "expected-discharge",
            ("valueDateTime", json!(at.to_string())),
        ));
    }
    if let Some(note) = &case.note {
        inputs.push(input("note", ("valueString", json!(note.expose()))));
    }
    if let Some(at) = case.confirmed_at {
        inputs.push(input(
            "territory-confirmed",
            ("valueDateTime", json!(at.to_string())),
        ));
    }
    if let Some(assessment) = case.assessment {
        let code = match assessment {
            Assessment::Simple => "simple",
            Assessment::Uvm => "uvm",
        };
        inputs.push(input("assessment", ("valueCode", json!(code))));
    }
    if let Some(pai) = &case.pai {
        inputs.push(input("pai", ("valueString", json!(pai))));
    }
    for item in &case.checklist {
        let done = item.done_at.map(|at| at.to_string()).unwrap_or_default();
        inputs.push(input(
            "check",
            ("valueString", json!(format!("{done}|{}", item.name))),
        ));
    }
    task["identifier"] = json!([{"system": OWN_IDENTIFIER, "value": format!("urn:uuid:{}", case.id)}]);
    task["groupIdentifier"] = json!({"system": COT, "value": case.cot.as_str()});
    task["status"] = json!(status);
    task["businessStatus"] = json!({"coding": [{"system": COLUMN, "code": code}], "text": words});
    task["intent"] = json!("order");
    task["code"] = json!({"coding": [{"system": TASK, "code": "transition"}]});
    task["for"] = json!({"reference": format!("Patient/{}", case.patient)});
    task["authoredOn"] = json!(case.reported_at.to_string());
    task["requester"] = json!({"reference": format!("PractitionerRole/{}", case.reported_by)});
    task["input"] = json!(inputs);
    match (&case.owner, task.as_object_mut()) {
        (Some(owner), _) => task["owner"] = json!({"reference": format!("PractitionerRole/{owner}")}),
        (None, Some(fields)) => {
            fields.remove("owner");
        }
        (None, None) => {}
    }
    task
}

fn coded(code: &str, words: &str) -> Value {
    json!({"coding": [{"code": code}], "text": words})
}

/// Reads a case. Log and handover live in resources of their own: see [`log_entry`], [`handover`].
pub fn transition(resource: &Value) -> Result<Transition, Unmapped> {
    if !is_task(resource, "transition") {
        return Err(Unmapped::NotThis);
    }
    let inputs = |code: &str| {
        let code = code.to_owned();
        items(resource, "/input").filter(move |i| {
            items(i, "/type/coding").any(|c| text(c, "/code") == Some(&code))
                || text(i, "/type/text") == Some(&code)
        })
    };
    // Servers and other programs write a coded input as a concept, a code or plain text.
    let value = |code: &str| {
        inputs(code).find_map(|i| {
            text(i, "/valueCodeableConcept/coding/0/code")
                .or_else(|| text(i, "/valueCode"))
                .or_else(|| text(i, "/valueString"))
        })
    };
    // Words may name the service behind a comma: "Casa con ADI, Distretto Nord".
    let (place, named_receiver) = match value("destination") {
        Some(words) => words.split_once(',').map_or((Some(words), None), |(place, who)| {
            (Some(place), Some(who.trim()))
        }),
        None => (None, None),
    };
    let owner = reference(resource, "/owner/reference", "PractitionerRole").map(str::to_owned);
    let column_code = items(resource, "/businessStatus/coding").find_map(|c| text(c, "/code"));
    let column_words = text(resource, "/businessStatus/text");
    let columns = [
        TransitionState::Reported,
        TransitionState::Assessing,
        TransitionState::ProtectedDischarge,
        TransitionState::TerritoryConfirmation,
        TransitionState::Closed,
    ];
    let named = columns.into_iter().find(|s| {
        let (code, words) = column(*s);
        column_code == Some(code) || column_words.is_some_and(|w| w.eq_ignore_ascii_case(words))
    });
    let state = match (text(resource, "/status"), named) {
        (Some("completed" | "cancelled" | "rejected" | "failed" | "entered-in-error"), _) => {
            TransitionState::Closed
        }
        (Some(_), Some(named)) => named,
        (Some("requested" | "received" | "ready"), None) => TransitionState::Reported,
        (Some("accepted"), None) => TransitionState::Assessing,
        (Some("in-progress"), None) => TransitionState::ProtectedDischarge,
        _ => return Err(Unmapped::Element("status")),
    };
    Ok(Transition {
        id: own_uuid(resource)
            .or_else(|| text(resource, "/id"))
            .ok_or(Unmapped::Element("identifier"))?
            .into(),
        patient: reference(resource, "/for/reference", "Patient")
            .ok_or(Unmapped::Element("for"))?
            .into(),
        cot: text(resource, "/groupIdentifier/value")
            .ok_or(Unmapped::Element("groupIdentifier"))?
            .into(),
        origin: value("origin")
            .and_then(Origin::of)
            .ok_or(Unmapped::Element("origin"))?,
        from_citizen: inputs("from-citizen")
            .any(|i| i.get("valueBoolean").and_then(Value::as_bool) == Some(true)),
        receiver: value("receiver").or(named_receiver).map(str::to_owned),
        destination: place
            .and_then(Destination::of)
            .ok_or(Unmapped::Element("destination"))?,
        expected_discharge: inputs("expected-discharge")
            .find_map(|i| instant(i, "/valueDateTime").or_else(|| instant(i, "/valueInstant"))),
        note: inputs("note").find_map(|i| sensitive(i, "/valueString")),
        reported_by: reference(resource, "/requester/reference", "PractitionerRole")
            .unwrap_or_default()
            .to_owned(),
        reported_at: instant(resource, "/authoredOn").ok_or(Unmapped::Element("authoredOn"))?,
        state,
        owner,
        confirmed_at: inputs("territory-confirmed").find_map(|i| instant(i, "/valueDateTime")),
        assessment: match value("assessment") {
            Some("simple") => Some(Assessment::Simple),
            Some("uvm") => Some(Assessment::Uvm),
            _ => None,
        },
        pai: value("pai").map(str::to_owned),
        checklist: inputs("check")
            .filter_map(|i| text(i, "/valueString")?.split_once('|'))
            .map(|(done, name)| CheckItem {
                name: name.to_owned(),
                done_at: done.parse().ok(),
            })
            .collect(),
        log: Vec::new(),
        handover: None,
    })
}

/// A line of the log as Communication about the Task. `about` is `Task/…`.
pub fn communication(entry: &LogEntry, patient: &str, about: &str) -> Value {
    let (category, rung) = match (&entry.escalation, &entry.call) {
        (Some(Escalation::Raised { rung }), _) => ("escalation", Some(rung)),
        (Some(Escalation::Acknowledged { rung }), _) => ("escalation-acknowledged", Some(rung)),
        (None, Some(_)) => ("call", None),
        (None, None) => ("note", None),
    };
    let mut resource = json!({
        "resourceType": "Communication",
        "identifier": [{"system": OWN_IDENTIFIER, "value": format!("urn:uuid:{}", entry.id)}],
        "status": "completed",
        "category": [{"coding": [{"system": COMMUNICATION, "code": category}]}],
        "subject": {"reference": format!("Patient/{patient}")},
        "about": [{"reference": about}],
        "partOf": [{"reference": about}],
        "basedOn": [{"reference": about}],
        "sent": entry.at.to_string(),
        "sender": {"reference": format!("PractitionerRole/{}", entry.by)},
        "payload": [{"contentString": entry.text.expose()}]
    });
    if let Some(name) = &entry.by_name {
        resource["sender"]["display"] = json!(name.expose());
    }
    if let Some(rung) = rung {
        resource["extension"] = json!([{"url": format!("{EXTENSION}escalation-rung"), "valueCode": rung}]);
        if entry.text.expose().is_empty() {
            resource["payload"] = json!([{"contentString": "Soglia superata"}]);
        }
    }
    if let Some(call) = &entry.call {
        let (result, at) = match call.result {
            CallResult::Reached => ("reached", None),
            CallResult::NoAnswer => ("no_answer", None),
            CallResult::CallBack { at } => ("call_back", Some(at)),
        };
        let mut extensions = vec![
            json!({"url": format!("{EXTENSION}call-whom"), "valueString": call.whom.expose()}),
            json!({"url": format!("{EXTENSION}call-result"), "valueCode": result}),
        ];
        if let Some(at) = at {
            extensions.push(json!({"url": format!("{EXTENSION}call-back"), "valueDateTime": at.to_string()}));
        }
        resource["extension"] = json!(extensions);
        if entry.text.expose().is_empty() {
            // FHIR allows no empty string.
            resource["payload"] = json!([{"contentString": "Telefonata"}]);
        }
    }
    resource
}

/// Reads a line of the log.
pub fn log_entry(resource: &Value) -> Result<LogEntry, Unmapped> {
    if text(resource, "/resourceType") != Some("Communication") {
        return Err(Unmapped::NotThis);
    }
    let extension = |name: &str| {
        let url = format!("{EXTENSION}{name}");
        items(resource, "/extension").find(move |e| text(e, "/url") == Some(&url))
    };
    let result = extension("call-result").and_then(|e| text(e, "/valueCode"));
    let call = match (
        result,
        extension("call-back").and_then(|e| instant(e, "/valueDateTime")),
    ) {
        (Some("reached"), _) => Some(CallResult::Reached),
        (Some("no_answer"), _) => Some(CallResult::NoAnswer),
        (Some("call_back"), Some(at)) => Some(CallResult::CallBack { at }),
        _ => None,
    };
    let rung = extension("escalation-rung").and_then(|e| text(e, "/valueCode"));
    let category = items(resource, "/category/0/coding").find_map(|c| text(c, "/code"));
    let escalation = match (category, rung) {
        (Some("escalation"), Some(rung)) => Some(Escalation::Raised {
            rung: rung.to_owned(),
        }),
        (Some("escalation-acknowledged"), Some(rung)) => Some(Escalation::Acknowledged {
            rung: rung.to_owned(),
        }),
        _ => None,
    };
    Ok(LogEntry {
        escalation,
        id: own_uuid(resource)
            .or_else(|| text(resource, "/id"))
            .ok_or(Unmapped::Element("identifier"))?
            .to_owned(),
        by: reference(resource, "/sender/reference", "PractitionerRole")
            .unwrap_or_default()
            .to_owned(),
        by_name: sensitive(resource, "/sender/display"),
        at: instant(resource, "/sent").ok_or(Unmapped::Element("sent"))?,
        call: call.map(|result| Call {
            whom: extension("call-whom")
                .and_then(|e| sensitive(e, "/valueString"))
                .unwrap_or_default(),
            result,
        }),
        text: sensitive(resource, "/payload/0/contentString").unwrap_or_default(),
    })
}

/// The Task of a handover. `case` is `Task/…` of the transition; `read` is the copy from the region, if there is one.
pub fn handover_task(handover: &Handover, patient: &str, case: &str, read: Option<&Value>) -> Value {
    let (status, at) = match handover.state {
        HandoverState::Offered => ("requested", None),
        HandoverState::Accepted { at } => ("accepted", Some(at)),
        HandoverState::Acknowledged { at } => ("completed", Some(at)),
        HandoverState::Refused { at } => ("rejected", Some(at)),
        HandoverState::Withdrawn { at } => ("cancelled", Some(at)),
    };
    let mut task = read.cloned().unwrap_or_else(|| json!({"resourceType": "Task"}));
    task["identifier"] = json!([{"system": OWN_IDENTIFIER, "value": format!("urn:uuid:{}", handover.id)}]);
    task["status"] = json!(status);
    task["intent"] = json!("order");
    task["code"] = json!({"coding": [{"system": TASK, "code": "handover"}]});
    task["focus"] = json!({"reference": case});
    task["for"] = json!({"reference": format!("Patient/{patient}")});
    task["authoredOn"] = json!(handover.at.to_string());
    task["requester"] = json!({"reference": format!("PractitionerRole/{}", handover.from)});
    task["owner"] = json!({"reference": format!("PractitionerRole/{}", handover.to)});
    if let Some(at) = at {
        task["executionPeriod"] = json!({"end": at.to_string()});
    }
    if let Some(note) = &handover.note {
        task["note"] = json!([{"text": note.expose()}]);
    }
    task
}

/// Reads a handover and the id of the transition's Task that it is about.
pub fn handover(resource: &Value) -> Result<(String, Handover), Unmapped> {
    if !is_task(resource, "handover") {
        return Err(Unmapped::NotThis);
    }
    let at = instant(resource, "/authoredOn").ok_or(Unmapped::Element("authoredOn"))?;
    let ended = instant(resource, "/executionPeriod/end").unwrap_or(at);
    let role = |pointer: &str, name: &'static str| {
        reference(resource, pointer, "PractitionerRole")
            .map(str::to_owned)
            .ok_or(Unmapped::Element(name))
    };
    let handover = Handover {
        id: own_uuid(resource)
            .or_else(|| text(resource, "/id"))
            .ok_or(Unmapped::Element("identifier"))?
            .to_owned(),
        from: role("/requester/reference", "requester")?,
        to: role("/owner/reference", "owner")?,
        at,
        note: sensitive(resource, "/note/0/text"),
        state: match text(resource, "/status") {
            Some("requested" | "received") => HandoverState::Offered,
            Some("accepted") => HandoverState::Accepted { at: ended },
            Some("completed") => HandoverState::Acknowledged { at: ended },
            Some("rejected") => HandoverState::Refused { at: ended },
            Some("cancelled" | "failed" | "entered-in-error") => HandoverState::Withdrawn { at: ended },
            _ => return Err(Unmapped::Element("status")),
        },
    };
    let case = reference(resource, "/focus/reference", "Task").ok_or(Unmapped::Element("focus"))?;
    Ok((case.to_owned(), handover))
}

/// Acceptance of a handover in one transaction: the case's new owner and the handover's end, each on the version that
/// was read. Either both stand or none, so that there is exactly one owner whatever happens between.
pub fn accept_bundle(case: (&Value, &str), handover: (&Value, &str)) -> Result<Value, Unmapped> {
    let entry = |(resource, version): (&Value, &str)| {
        let id = text(resource, "/id").ok_or(Unmapped::Element("id"))?;
        Ok(json!({"resource": resource,
            "request": {"method": "PUT", "url": format!("Task/{id}"), "ifMatch": format!("W/\"{version}\"")}}))
    };
    Ok(json!({"resourceType": "Bundle", "type": "transaction", "entry": [entry(case)?, entry(handover)?]}))
}

#[cfg(test)]
#[path = "fhir_tests.rs"]
mod tests;
