//! *Due versioni* of a case: what was written here on a state that the region has left behind.
//!
//! First the program looks whether the same deed still fits what stands now, and lays it on that. Only where the rules refuse
//! it (a colleague has the case, it is closed) does a person see both, and nothing of theirs is thrown away: what was
//! written can still go, as a note. Not in it: versions of drafts (`settle`).

use std::sync::Arc;

use ::teleconsult::fhir::{state_of, task_in};
use ::teleconsult::{Case, CaseRefusal, CaseState, Message, MessageKind};
use cache::{AuditAction, Event, ItemId, Jitter, OutboxItem, State};
use contract::teleconsult::{CaseVersionsView, TeleconsultRequest, TeleconsultView};
use contract::{Answer, ErrorCode, Failure};
use jiff::Timestamp;
use region::fhir::Versioned;
use region::{FrozenRequest, ResourceType};
use serde_json::Value;

use super::{Known, SAID, Said, claim, say, view};
use crate::colleague::Directory;
use crate::core::{Core, blocking};
use crate::delivery::{Subject, to_outbox};
use crate::desk::Desk;
use crate::failure::{IntoFailure, OrFail, StepError};
use crate::trace::{self, Trace};

/// After so many sends something else is wrong, and a person looks.
const MOST_SENDS: u32 = 8;

/// Lays a refused change on what stands at the region now, where the rules allow the same deed. True when it leaves again.
pub(crate) async fn rebased(core: &Core, desk: &Arc<Desk>, item: &OutboxItem) -> bool {
    if item.progress.state != State::Conflict || item.progress.sends >= MOST_SENDS {
        return false;
    }
    let Some((trace, known)) = mine(desk, item) else {
        return false;
    };
    let Some(task_id) = known.task().and_then(|(task, _)| text(task, "id")) else {
        return false;
    };
    let Ok(standing) = core.inner.region.fhir().read(ResourceType::Task, &task_id).await else {
        return false;
    };
    let worker = desk.clone();
    let id = item.id;
    let done = tokio::task::spawn_blocking(move || lay_on(&worker, id, trace, known, &standing)).await;
    let again = matches!(done, Ok(Ok(true)));
    if again {
        desk.outgoing.notify_one();
    }
    again
}

fn mine(desk: &Desk, item: &OutboxItem) -> Option<(Trace<Said>, Known)> {
    let message = Subject::parse(&item.subject)?.id;
    let trace = trace::of_kind::<Said>(desk, SAID)
        .ok()?
        .into_iter()
        .find(|trace| trace.id == message && trace.items.contains(&item.id))?;
    let known = super::load(desk, &trace.case).ok().flatten()?;
    Some((trace, known))
}

fn lay_on(
    desk: &Desk,
    item: ItemId,
    mut trace: Trace<Said>,
    mut known: Known,
    standing: &Versioned,
) -> Result<bool, Failure> {
    let (Some(stored), Some(version)) = (&known.stored, &standing.version) else {
        return Ok(false);
    };
    let Ok(state) = state_of(&standing.resource) else {
        return Ok(false);
    };
    let mut case = stored.case.clone();
    case.state = state;
    let message = trace.deed.message.clone();
    if again(&mut case, message.clone()).is_err() {
        // A person chooses, and sees what stands there now and not what was last read.
        claim::take_in(&mut known, standing)?;
        claim::store(desk, &known)?;
        return Ok(false);
    }
    let words = say::resource(&case, &stored.request, &message);
    let next = task_in(&standing.resource, &case.state);
    let request = to_outbox(say::both(&message.id, &words, &next, version)?)?;
    trace.deed.state = case.state;
    trace.deed.version = Some(version.clone());
    revise(desk, item, request, Some(version.clone()), trace, None)?;
    Ok(true)
}

/// The same deed, by the same rule.
fn again(case: &mut Case, message: Message) -> Result<(), CaseRefusal> {
    match message.kind {
        MessageKind::InformationRequest => case.ask_information(message),
        MessageKind::Information => case.give_information(message),
        MessageKind::Answer => case.answer(message),
        MessageKind::Acknowledgement => {
            let role = message.sender.clone();
            case.acknowledge(&role, Some(message))
        }
        _ => Err(CaseRefusal::NotNow),
    }
}

fn revise(
    desk: &Desk,
    item: ItemId,
    request: cache::FrozenRequest,
    etag: Option<String>,
    trace: Trace<Said>,
    entry: Option<cache::AuditEntry>,
) -> Result<(), Failure> {
    let done = desk
        .outbox()
        .commit(Timestamp::now(), move |step| -> Result<(), StepError> {
            step.apply(item, Event::Revised { request, etag }, Jitter::random())?;
            trace.put(step, SAID)?;
            if let Some(entry) = entry {
                step.audit(&entry)?;
            }
            Ok(())
        });
    done.or_fail()
}

/// The traces of a case that a newer version at the region stopped, with their items.
fn stopped<'a>(desk: &Desk, known: &'a Known) -> Option<(&'a Trace<Said>, ItemId)> {
    known.said.iter().find_map(|trace| {
        let item = trace.items.iter().find(|id| is_conflict(desk, **id))?;
        Some((trace, *item))
    })
}

fn is_conflict(desk: &Desk, item: ItemId) -> bool {
    matches!(desk.outbox().item_state(item), Ok(State::Conflict))
}

/// Both versions, side by side.
pub(super) fn view(desk: &Desk, known: &Known, directory: &Directory) -> Option<CaseVersionsView> {
    let (trace, _) = stopped(desk, known)?;
    let case = &known.stored.as_ref()?.case;
    let names = known.names();
    Some(CaseVersionsView {
        mine: view::said(desk, known, &trace.deed.message, directory),
        state: view::state(&case.state),
        owner: case.owner().map(|owner| directory.name(owner, &names)),
        last: case
            .messages
            .last()
            .map(|message| view::said(desk, known, message, directory)),
    })
}

impl Core {
    /// `teleconsult_resolve`: *Invia come nota*. What was written joins the conversation and changes no state.
    pub async fn teleconsult_resolve(&self, request: TeleconsultRequest) -> Answer<TeleconsultView> {
        let desk = self.desk()?;
        let role = desk.role();
        desk.allow(
            role.asks_teleconsults() || role.answers_teleconsults(),
            &request.teleconsult_id,
        )?;
        let worker = desk.clone();
        let view = blocking(move || {
            let id = request.teleconsult_id;
            let known = super::require(&worker, &id)?;
            // Nothing to choose any more: a second click.
            if let Some((trace, item)) = stopped(&worker, &known) {
                as_note(&worker, &known, trace.clone(), item)?;
            }
            view::case(&worker, &super::require(&worker, &id)?, Timestamp::now())
        })
        .await?;
        self.teleconsult_queued(&desk);
        Ok(view)
    }
}

fn as_note(desk: &Desk, known: &Known, mut trace: Trace<Said>, item: ItemId) -> Result<(), Failure> {
    let stored = known
        .stored
        .as_ref()
        .ok_or_else(|| Failure::new(ErrorCode::Conflict, "teleconsult/not-at-the-region"))?;
    trace.deed.message.kind = MessageKind::Note;
    trace.deed.version = None;
    trace.deed.state = CaseState::clone(&stored.case.state);
    let words = say::resource(&stored.case, &stored.request, &trace.deed.message);
    let request = to_outbox(FrozenRequest::create(&words).map_err(IntoFailure::failure)?)?;
    let entry = desk.entry(AuditAction::TeleconsultMessage, &trace.case);
    revise(desk, item, request, None, trace, Some(entry))
}

fn text(value: &Value, name: &str) -> Option<String> {
    value.get(name).and_then(Value::as_str).map(str::to_owned)
}
