//! What was done to a case without the network while somebody else changed it at the region.
//!
//! The region wins: if the step can still be taken on what stands there, it is taken again on it; if not (the case has
//! another operator, or another column), it did not happen, and a line of the log says what had been done and when. Either
//! way the item goes on, so that notes and calls behind it arrive. Not in it: two who claim at once (`claim`).

use ::transition::{LogEntry, Transition, TransitionRefusal, fhir};
use cache::{Event, Jitter, State};
use jiff::Timestamp;
use region::{FrozenRequest, RegionError, ResourceType};
use uuid::Uuid;

use super::{DONE, Deed, Read, Stored, Update, claim, move_to, view};
use crate::colleague::Directory;
use crate::core::Core;
use crate::delivery::to_outbox;
use crate::desk::Desk;
use crate::failure::StepError;
use crate::trace::{self, Trace};
use crate::views;
use cache::replica::CaseTable;

/// Takes up every step that met a newer version; true when there was one.
pub(crate) async fn rebase(core: &Core, desk: &Desk) -> Result<bool, RegionError> {
    let mut any = false;
    for trace in trace::of_kind::<Deed>(desk, DONE).unwrap_or_default() {
        let conflict = trace
            .items
            .iter()
            .copied()
            .find(|id| matches!(desk.outbox().item_state(*id), Ok(State::Conflict)));
        let Some(item) = conflict.filter(|_| matches!(trace.deed, Deed::Moved { .. } | Deed::Updated { .. }))
        else {
            continue;
        };
        let row = desk
            .replica()
            .case(CaseTable::Transition, &trace.case)
            .ok()
            .flatten();
        let Some(mut stored) = row.and_then(|row| serde_json::from_value::<Stored>(row.payload).ok()) else {
            continue;
        };
        let store = core.inner.region.fhir();
        let standing = match store.read(ResourceType::Task, stored.task.id()).await {
            Ok(read) => Read::of(read),
            Err(RegionError::NotFound | RegionError::Forbidden(_)) => continue,
            Err(error) => return Err(error),
        };
        if claim::take_in(&mut stored, standing).is_err() || claim::store(desk, &stored).is_err() {
            continue;
        }
        any |= revise(desk, trace, item, &stored);
    }
    if any {
        desk.outgoing.notify_one();
    }
    Ok(any)
}

fn revise(desk: &Desk, mut trace: Trace<Deed>, item: cache::ItemId, stored: &Stored) -> bool {
    let version = stored.task.version.clone();
    let mut next = stored.transition.clone();
    super::with_checklist(&mut next, &desk.assets.policy);
    let again = again(&mut next, &trace.deed, &desk.assignment().id, trace.at);
    let request = match again {
        Ok(()) => {
            match &mut trace.deed {
                Deed::Moved { version: read, .. } | Deed::Updated { version: read, .. } => {
                    read.clone_from(&version);
                }
                _ => {}
            }
            FrozenRequest::update(&fhir::task(&next, Some(&stored.task.resource)), &version)
        }
        Err(_) => {
            let entry = not_done(desk, &trace, stored);
            let about = format!("Task/{}", stored.task.id());
            let note = fhir::communication(&entry, stored.transition.patient.as_str(), &about);
            trace.deed = Deed::Noted { entry };
            FrozenRequest::create(&note)
        }
    };
    let Ok(request) = request
        .map_err(|_| ())
        .and_then(|request| to_outbox(request).map_err(|_| ()))
    else {
        return false;
    };
    let etag = matches!(trace.deed, Deed::Moved { .. } | Deed::Updated { .. }).then_some(version);
    let written = desk
        .outbox()
        .commit(Timestamp::now(), move |step| -> Result<(), StepError> {
            step.apply(item, Event::Revised { request, etag }, Jitter::random())?;
            trace.put(step, DONE)?;
            Ok(())
        });
    if written.is_err() {
        tracing::warn!("a step that met a newer version waits for a person");
    }
    written.is_ok()
}

/// The step once more, on what stands at the region. One that is there already is harmless.
fn again(case: &mut Transition, deed: &Deed, me: &str, at: Timestamp) -> Result<(), TransitionRefusal> {
    match deed {
        Deed::Moved { state, .. } if case.state == *state => Ok(()),
        Deed::Moved { state, .. } => move_to::advance(case, view::column(*state), me, at),
        Deed::Updated {
            update: Update::Checked { item, done_at },
            ..
        } => case.check(me, item, *done_at),
        Deed::Updated {
            update:
                Update::Detailed {
                    expected_discharge,
                    assessment,
                    pai,
                },
            ..
        } => case.detail(me, *expected_discharge, *assessment, pai.clone()),
        _ => Err(TransitionRefusal::NotNow),
    }
}

/// A line that says what was done here and did not come to pass.
fn not_done(desk: &Desk, trace: &Trace<Deed>, stored: &Stored) -> LogEntry {
    let what = match &trace.deed {
        Deed::Moved { state, .. } => format!("il passaggio a «{}»", fhir::column(*state).1),
        Deed::Updated {
            update: Update::Checked { item, .. },
            ..
        } => format!("la voce «{item}»"),
        _ => "la modifica dei dati".to_owned(),
    };
    let owner = stored.transition.owner.as_deref();
    let who = match owner {
        Some(owner) if owner != desk.assignment().id => {
            let name = Directory::load(desk).name(owner, &stored.names);
            format!("il caso è assegnato a {name}")
        }
        _ => "il caso era già cambiato".to_owned(),
    };
    let at = views::local(trace.at).strftime("%d/%m/%Y %H:%M").to_string();
    LogEntry {
        id: Uuid::now_v7().to_string(),
        by: desk.assignment().id,
        by_name: Some(desk.practitioner.name.display().into()),
        at: Timestamp::now(),
        call: None,
        escalation: None,
        text: format!("Non applicato {what} registrato senza rete il {at}: {who}.").into(),
    }
}
