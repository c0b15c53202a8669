//! The state of a case as a Task, and a case put together from its resources.
//!
//! The Task is the region's word on who claimed a case and where it stands: an update carries the version that was
//! read, and the first one wins. `businessStatus` tells what FHIR's own status does not.

use serde_json::{Value, json};

use super::read::{coding, items, reference, text};
use super::{TASK, Unmapped, attachment, consent, message, request};
use crate::{Case, CaseState};

const STATUS: &str = "https://postazione.example/task-status";

/// The Task of a case as it should stand in a state: the copy read from the region, changed where the state says so.
pub fn task_in(task: &Value, state: &CaseState) -> Value {
    let (status, code, words, owner) = match state {
        CaseState::Draft | CaseState::Queued | CaseState::Requested => {
            ("requested", "requested", "richiesto", None)
        }
        CaseState::Claimed { by } => ("accepted", "claimed", "assegnato", Some(by)),
        CaseState::NeedsInformation { by } => (
            "on-hold",
            "needs-information",
            "in attesa di informazioni",
            Some(by),
        ),
        CaseState::Answered { by } => ("completed", "answered", "risposta inviata", Some(by)),
        CaseState::Acknowledged { by } => ("completed", "acknowledged", "presa visione", Some(by)),
        CaseState::Closed => {
            let answered = text(task, "/status") == Some("completed");
            (
                if answered { "completed" } else { "cancelled" },
                "closed",
                "chiuso",
                None,
            )
        }
    };
    let mut next = task.clone();
    next["status"] = json!(status);
    next["businessStatus"] = json!({"coding": [{"system": STATUS, "code": code}], "text": words});
    match owner {
        Some(role) => next["owner"] = json!({"reference": format!("PractitionerRole/{role}")}),
        // A closed case keeps its last owner; a released one has none.
        None if *state != CaseState::Closed => {
            if let Some(fields) = next.as_object_mut() {
                fields.remove("owner");
            }
        }
        None => {}
    }
    next
}

/// The state that a Task tells.
pub fn state_of(task: &Value) -> Result<CaseState, Unmapped> {
    let is_case = items(task, "/code/coding")
        .any(|c| text(c, "/code") == Some("teleconsult") && matches!(text(c, "/system"), None | Some(TASK)));
    if text(task, "/resourceType") != Some("Task") || !is_case {
        return Err(Unmapped::NotThis);
    }
    let owner = || {
        reference(task, "/owner/reference", "PractitionerRole")
            .map(str::to_owned)
            .ok_or(Unmapped::Element("owner"))
    };
    let code = task
        .get("businessStatus")
        .and_then(|s| coding(s, STATUS))
        .and_then(|c| text(c, "/code"));
    Ok(match (text(task, "/status"), code) {
        (Some("requested" | "received" | "ready" | "draft"), _) => CaseState::Requested,
        (Some("accepted" | "in-progress"), _) => CaseState::Claimed { by: owner()? },
        (Some("on-hold"), _) => CaseState::NeedsInformation { by: owner()? },
        (Some("completed"), Some("closed")) => CaseState::Closed,
        (Some("completed"), Some("acknowledged")) => CaseState::Acknowledged { by: owner()? },
        (Some("completed"), _) => CaseState::Answered { by: owner()? },
        (Some("cancelled" | "rejected" | "failed" | "entered-in-error"), _) => CaseState::Closed,
        _ => return Err(Unmapped::Element("status")),
    })
}

/// A case from its resources: the ServiceRequest, its Task, and whatever else is known of it (Communication,
/// DocumentReference, Consent; others and unreadable ones are skipped).
pub fn case(service_request: &Value, task: Option<&Value>, others: &[Value]) -> Result<Case, Unmapped> {
    let mut case = Case::queued(request(service_request)?);
    case.delivered();
    for other in others {
        match text(other, "/resourceType") {
            Some("Communication") => {
                if let Ok(message) = message(other) {
                    case.merge(message);
                }
            }
            Some("DocumentReference") => {
                if let Ok(found) = attachment(other)
                    && case.request.attachments.iter().all(|a| a.id != found.id)
                {
                    case.request.attachments.push(found);
                }
            }
            Some("Consent") => case.request.consent = consent(other).ok().or(case.request.consent),
            _ => {}
        }
    }
    case.rebuild_clock();
    if let Some(task) = task {
        case.state = state_of(task)?;
    }
    Ok(case)
}
