//! Saying something on a case: the message and the state that follows from it leave together or not at all.
//!
//! One transaction carries both, so that nobody reads *risposta inviata* without the answer, and whoever comes second finds
//! everything of theirs still here. A message that changes no state goes alone. Not in it: what may be said (`teleconsult`).

use ::teleconsult::fhir::{OWN_IDENTIFIER, communication, task_in, urn};
use ::teleconsult::{Case, Message, MessageKind};
use cache::{AuditAction, ItemKind, NewItem};
use contract::delivery::QueueSubject;
use contract::{ErrorCode, Failure};
use jiff::Timestamp;
use region::{Confirm, FrozenRequest};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{ANSWER, Known, SAID, Said, words};
use crate::delivery::{Subject, to_outbox};
use crate::desk::Desk;
use crate::failure::{IntoFailure, OrFail, StepError};
use crate::trace::{self, Passage, Trace};

/// A message of the person at the desk.
pub(super) fn message(desk: &Desk, kind: MessageKind, text: &str) -> Message {
    Message {
        id: Uuid::now_v7().to_string(),
        kind,
        sender: desk.assignment().id,
        sender_name: Some(desk.practitioner.name.display().into()),
        at: Timestamp::now(),
        text: text.trim().into(),
        to: None,
        disagrees: false,
    }
}

/// Queues a message, with the state that `case` has because of it; the trace shows both at once.
pub(super) fn say(
    desk: &Desk,
    known: &Known,
    case: &Case,
    message: Message,
    subject: QueueSubject,
    action: AuditAction,
) -> Result<(), Failure> {
    let unsent = || Failure::new(ErrorCode::Conflict, "teleconsult/not-at-the-region");
    let stored = known.stored.as_ref().ok_or_else(unsent)?;
    let words = resource(case, &stored.request, &message);
    let moves = case.state != known.case.state;
    let (kind, request, version) = if moves {
        let (task, _) = known.task().ok_or_else(unsent)?;
        let version = next_version(desk, known).ok_or_else(unsent)?;
        let next = task_in(task, &case.state);
        let request = both(&message.id, &words, &next, &version)?;
        (ItemKind::FhirTransaction, request, Some(version))
    } else {
        let request = FrozenRequest::create(&words).map_err(IntoFailure::failure)?;
        (ItemKind::FhirCreate, request, None)
    };
    let request = to_outbox(request)?;
    let conversation = case.id().to_string();
    let subject = Subject::new(subject, message.id.clone()).to_string();
    let entry = desk.entry(action, &conversation);
    let state = case.state.clone();
    let typed = draft_of(message.kind, &conversation);
    let done = desk
        .outbox()
        .commit(message.at, move |step| -> Result<(), StepError> {
            let item = step.enqueue(NewItem {
                conversation: conversation.clone(),
                kind,
                subject,
                depends_on: Vec::new(),
                request,
                etag: version.clone(),
                awaiting_signature: false,
            })?;
            let trace = Trace {
                id: message.id.clone(),
                case: conversation.clone(),
                items: vec![item.id],
                at: message.at,
                deed: Said {
                    message,
                    state,
                    version,
                },
            };
            trace.put(step, SAID)?;
            if let Some(typed) = typed {
                step.draft_discard(&typed)?;
            }
            step.audit(&entry)?;
            Ok(())
        });
    done.or_fail()
}

/// Where what was typed for a message of this kind is kept, until it is sent.
fn draft_of(kind: MessageKind, case: &str) -> Option<String> {
    if kind == MessageKind::Answer {
        return Some(trace::subject(ANSWER, case));
    }
    words::kind_of(kind).map(|kind| words::subject(case, kind))
}

/// The message as the region gets it. `request` is the FHIR id of the ServiceRequest.
pub(super) fn resource(case: &Case, request: &str, message: &Message) -> Value {
    let about = format!("ServiceRequest/{request}");
    let mut resource = communication(message, case.request.patient.as_str(), &about);
    if message.to.is_none()
        && let Some(recipient) = other_side(case, &message.sender)
    {
        resource["recipient"] = json!([{"reference": format!("PractitionerRole/{recipient}")}]);
    }
    resource
}

/// Message and Task in one transaction. An earlier attempt is found by the identifier of the message.
pub(super) fn both(
    message: &str,
    words: &Value,
    task: &Value,
    version: &str,
) -> Result<FrozenRequest, Failure> {
    let value = urn(message);
    let task_id = task.get("id").and_then(Value::as_str).unwrap_or_default();
    let bundle = json!({"resourceType": "Bundle", "type": "transaction", "entry": [
        {"fullUrl": value, "resource": words, "request": {"method": "POST", "url": "Communication",
            "ifNoneExist": format!("identifier={OWN_IDENTIFIER}|{value}")}},
        {"resource": task, "request": {"method": "PUT", "url": format!("Task/{task_id}"),
            "ifMatch": format!("W/\"{version}\"")}}
    ]});
    let confirm = Confirm::Identifier {
        resource: "Communication".to_owned(),
        system: OWN_IDENTIFIER.to_owned(),
        value,
    };
    FrozenRequest::transaction(&bundle, Some(confirm)).map_err(IntoFailure::failure)
}

/// The version that the next change must name: the last one read, or the one that our own queued change will make.
/// FHIR servers that number their versions (as HAPI does) count by one; with others the second change meets a conflict and
/// is laid on what stands then.
fn next_version(desk: &Desk, known: &Known) -> Option<String> {
    let read = known.version.clone()?;
    let queued = known
        .said
        .iter()
        .rev()
        .filter(|trace| trace.passage(desk) != Passage::Stopped)
        .find_map(|trace| trace.deed.version.as_ref());
    let Some(queued) = queued else { return Some(read) };
    match (queued.parse::<u64>(), read.parse::<u64>()) {
        (Ok(queued), Ok(last)) => Some(last.max(queued.saturating_add(1)).to_string()),
        _ => Some(read),
    }
}

/// To whom a message goes.
fn other_side(case: &Case, sender: &str) -> Option<String> {
    if case.request.requester != sender {
        return Some(case.request.requester.clone());
    }
    case.owner().map(str::to_owned)
}
