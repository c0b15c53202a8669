//! `teleconsult_answer` and `teleconsult_answer_save`: *Rispondi e chiudi*, and the text while it is typed.

use ::teleconsult::fhir::{communication, task_in};
use ::teleconsult::{Case, CaseState, Message, MessageKind};
use cache::{AuditAction, ItemKind, NewItem};
use contract::delivery::QueueSubject;
use contract::teleconsult::{TeleconsultTextRequest, TeleconsultView};
use contract::{Answer, ErrorCode, Failure};
use jiff::Timestamp;
use region::FrozenRequest;
use serde_json::json;
use uuid::Uuid;

use super::{ANSWER, Known, SAID, Said, view};
use crate::core::{Core, blocking};
use crate::delivery::{Subject, to_outbox};
use crate::desk::Desk;
use crate::failure::{IntoFailure, OrFail, StepError};
use crate::trace::{self, Trace};

impl Core {
    /// `teleconsult_answer_save`: the text is durable when this returns.
    pub async fn teleconsult_answer_save(&self, request: TeleconsultTextRequest) -> Answer<()> {
        let desk = self.desk()?;
        desk.allow(desk.role().answers_teleconsults(), &request.teleconsult_id)?;
        blocking(move || {
            let subject = trace::subject(ANSWER, &request.teleconsult_id);
            desk.outbox()
                .commit(Timestamp::now(), move |step| {
                    step.draft_put(&subject, ANSWER, request.text.as_bytes())
                })
                .or_fail()
        })
        .await
    }

    /// `teleconsult_answer`.
    pub async fn teleconsult_answer(&self, request: TeleconsultTextRequest) -> Answer<TeleconsultView> {
        let desk = self.desk()?;
        desk.allow(desk.role().answers_teleconsults(), &request.teleconsult_id)?;
        let worker = desk.clone();
        let view = blocking(move || {
            let id = request.teleconsult_id;
            let known = super::require(&worker, &id)?;
            let message = message(&worker, MessageKind::Answer, &request.text);
            let mut case = known.case.clone();
            case.answer(message.clone())
                .map_err(|refusal| super::refused(refusal, &known, &worker))?;
            say(
                &worker,
                &known,
                &case,
                message,
                QueueSubject::TeleconsultAnswer,
                AuditAction::TeleconsultAnswered,
            )?;
            view::case(&worker, &super::require(&worker, &id)?, Timestamp::now())
        })
        .await?;
        self.teleconsult_queued(&desk);
        Ok(view)
    }
}

/// The text of an answer that was begun.
pub(super) fn begun(desk: &Desk, id: &str) -> Result<String, Failure> {
    let draft = desk.outbox().draft_load(&trace::subject(ANSWER, id)).or_fail()?;
    Ok(draft
        .map(|draft| String::from_utf8_lossy(&draft.body).into_owned())
        .unwrap_or_default())
}

/// A message of the person at the desk.
pub(super) fn message(desk: &Desk, kind: MessageKind, text: &str) -> Message {
    Message {
        id: Uuid::now_v7().to_string(),
        kind,
        sender: desk.assignment().id,
        sender_name: Some(desk.practitioner.name.display().into()),
        at: Timestamp::now(),
        text: text.trim().into(),
    }
}

/// Queues a message and the state that follows from it, in that order; the trace shows both at once.
pub(super) fn say(
    desk: &Desk,
    known: &Known,
    case: &Case,
    message: Message,
    subject: QueueSubject,
    action: AuditAction,
) -> Result<(), Failure> {
    let unsent = || Failure::new(ErrorCode::Conflict, "teleconsult/not-at-the-region");
    let (task, version) = known.task().ok_or_else(unsent)?;
    let stored = known.stored.as_ref().ok_or_else(unsent)?;
    let about = format!("ServiceRequest/{}", stored.request);
    let mut resource = communication(&message, case.request.patient.as_str(), &about);
    if let Some(recipient) = other_side(case, &message.sender) {
        resource["recipient"] = json!([{"reference": format!("PractitionerRole/{recipient}")}]);
    }
    let words = to_outbox(FrozenRequest::create(&resource).map_err(IntoFailure::failure)?)?;
    let next = task_in(task, &case.state);
    let task = to_outbox(FrozenRequest::update(&next, version).map_err(IntoFailure::failure)?)?;
    let etag = Some(version.to_owned());
    let conversation = case.id().to_string();
    let subject = Subject::new(subject, message.id.clone()).to_string();
    let entry = desk.entry(action, &conversation);
    let state = case.state.clone();
    let now = message.at;
    let done = desk.outbox().commit(now, move |step| -> Result<(), StepError> {
        let new = |kind, depends_on, request, etag| NewItem {
            conversation: conversation.clone(),
            kind,
            subject: subject.clone(),
            depends_on,
            request,
            etag,
            awaiting_signature: false,
        };
        let first = step
            .enqueue(new(ItemKind::FhirCreate, Vec::new(), words, None))?
            .id;
        let second = step
            .enqueue(new(ItemKind::FhirUpdate, vec![first], task, etag))?
            .id;
        let trace = Trace {
            id: message.id.clone(),
            case: conversation.clone(),
            items: vec![first, second],
            at: message.at,
            deed: Said { message, state },
        };
        trace.put(step, SAID)?;
        step.draft_discard(&trace::subject(ANSWER, &conversation))?;
        step.audit(&entry)?;
        Ok(())
    });
    done.or_fail()
}

/// To whom a message goes.
fn other_side(case: &Case, sender: &str) -> Option<String> {
    if case.request.requester != sender {
        return Some(case.request.requester.clone());
    }
    match &case.state {
        CaseState::Claimed { by }
        | CaseState::NeedsInformation { by }
        | CaseState::Answered { by }
        | CaseState::Acknowledged { by } => Some(by.clone()),
        _ => None,
    }
}
