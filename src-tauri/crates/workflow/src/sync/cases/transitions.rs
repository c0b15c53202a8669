//! Transitions of care of this person's COT, with their logs and handovers.

use std::collections::BTreeSet;

use ::transition::{Policy, fhir};
use cache::replica::CaseTable;
use cache::{Batch, StoreError};
use contract::events::Tag;
use jiff::Timestamp;
use region::fhir::Versioned;
use region::fhir::value::{id_in, instant, text};
use region::{RegionError, ResourceType};

use super::{TRANSITION_FEED, about, messages, shown, tasks, version};
use crate::colleague::names_in;
use crate::core::Core;
use crate::desk::Desk;
use crate::sync::people::{self, feed_of, keep};
use crate::trace::{self, Passage};
use crate::transition::{DONE, Deed, Read, Stored, rebase, row_of};

const HANDOVERS: &str = "transition/handover";
const MESSAGES: &str = "transition/Communication";

pub(super) async fn transitions(core: &Core, desk: &Desk) -> Result<bool, RegionError> {
    let rebased = rebase(core, desk).await?;
    // Confirmed before anything is read: what is read holds it.
    let traces = confirmed(desk);
    let moved = tasks(core, desk, TRANSITION_FEED, "transition").await?;
    let offered = tasks(core, desk, HANDOVERS, "handover").await?;
    let noted = feed_of(core, desk, MESSAGES, ResourceType::Communication, &[]).await?;
    let mut ids: BTreeSet<String> = moved
        .resources
        .iter()
        .filter_map(|task| text(task, "/id"))
        .map(str::to_owned)
        .collect();
    ids.extend(
        offered
            .resources
            .iter()
            .filter_map(|task| id_in(text(task, "/focus/reference")?, "Task"))
            .map(str::to_owned),
    );
    ids.extend(about(&noted.resources, "Task"));
    ids.extend(tasks_of(desk, &traces));
    let (mut fetched, mut broken) = (Vec::with_capacity(ids.len()), None);
    for id in &ids {
        match fetch(core, id).await {
            Ok(found) => fetched.extend(found),
            Err(error) => {
                broken = Some(error);
                break;
            }
        }
    }
    let patients: Vec<_> = fetched
        .iter()
        .map(|stored| stored.transition.patient.clone())
        .collect();
    people::missing(core, desk, &patients).await?;
    let assets = desk.assets.clone();
    if let Some(error) = broken {
        // What came is shown; the feeds are asked again from where they were, until all of it came.
        if !fetched.is_empty() {
            keep(desk, move |batch| put(batch, &fetched, &assets.policy));
            core.changed(&[Tag::Transition]);
        }
        return Err(error);
    }
    let mut changed = rebased || !fetched.is_empty();
    // Read from its beginning, the feed says what is no longer at the region. What was done here and is unsent stays.
    let lost = if moved.whole {
        no_longer_there(desk, &fetched)
    } else {
        Vec::new()
    };
    changed |= !lost.is_empty();
    let cursors = [
        (TRANSITION_FEED, moved.cursor()),
        (HANDOVERS, offered.cursor()),
        (MESSAGES, noted.cursor()),
    ];
    let arrived: BTreeSet<String> = fetched
        .iter()
        .map(|stored| stored.transition.id.to_string())
        .collect();
    keep(desk, move |batch| {
        for id in &lost {
            batch.remove_case(CaseTable::Transition, id)?;
        }
        put(batch, &fetched, &assets.policy)?;
        cursors
            .iter()
            .try_for_each(|(feed, cursor)| batch.set_cursor(feed, cursor))
    });
    if moved.anew {
        send_again(desk, &traces, &arrived);
    }
    let gone = traces
        .into_iter()
        .filter(|(_, case)| arrived.contains(case))
        .map(|(subject, _)| subject)
        .collect();
    trace::discard(desk, gone);
    Ok(changed)
}

fn put(batch: &mut Batch<'_>, fetched: &[Stored], policy: &Policy) -> Result<(), StoreError> {
    for stored in fetched {
        if let Some((row, listing)) = row_of(stored, policy) {
            batch.put_listed_case(CaseTable::Transition, &row, &listing)?;
        }
    }
    Ok(())
}

/// Cases of the copy that a whole reading did not bring, and on which nothing unsent hangs.
fn no_longer_there(desk: &Desk, fetched: &[Stored]) -> Vec<String> {
    let here: BTreeSet<&str> = fetched
        .iter()
        .map(|stored| stored.transition.id.as_str())
        .collect();
    let unsent: BTreeSet<String> = trace::of_kind::<Deed>(desk, DONE)
        .unwrap_or_default()
        .into_iter()
        .map(|trace| trace.case)
        .collect();
    let known = desk.replica().case_ids(CaseTable::Transition).unwrap_or_default();
    known
        .into_iter()
        .filter(|id| !here.contains(id.as_str()) && !unsent.contains(id))
        .collect()
}

/// Reports that the region confirmed and, restored from an older copy, no longer has, before they were ever read from it: they
/// leave once more. What else was done to a case that is gone has nowhere to go.
fn send_again(desk: &Desk, traces: &[(String, String)], arrived: &BTreeSet<String>) {
    for trace in trace::of_kind::<Deed>(desk, DONE).unwrap_or_default() {
        let confirmed = traces
            .iter()
            .any(|(subject, _)| *subject == trace::subject(DONE, &trace.id));
        let here = desk
            .replica()
            .case(CaseTable::Transition, &trace.case)
            .is_ok_and(|row| row.is_some());
        if !confirmed || here || arrived.contains(&trace.case) {
            continue;
        }
        if !matches!(trace.deed, Deed::Reported { .. }) {
            trace::discard(desk, vec![trace::subject(DONE, &trace.id)]);
            continue;
        }
        let mut trace = trace;
        let done = desk
            .outbox()
            .commit(Timestamp::now(), |step| -> Result<(), StoreError> {
                trace.items = trace::again(step, &trace.items)?;
                trace.put(step, DONE)
            });
        match done {
            Ok(()) => tracing::warn!("a report that the region lost leaves once more"),
            Err(error) => tracing::warn!(%error, "a report that the region lost could not be queued again"),
        }
        desk.outgoing.notify_one();
    }
}

/// Reads one case; none for a Task of another kind, or of another COT.
async fn fetch(core: &Core, id: &str) -> Result<Option<Stored>, RegionError> {
    let store = core.inner.region.fhir();
    let Some(Versioned {
        resource,
        version: tag,
    }) = shown(store.read(ResourceType::Task, id).await)?
    else {
        return Ok(None);
    };
    let mut transition = match fhir::transition(&resource) {
        Ok(transition) => transition,
        Err(fhir::Unmapped::NotThis) => return Ok(None),
        Err(error) => {
            tracing::warn!(%error, "a transition of the region cannot be read");
            return Ok(None);
        }
    };
    let reference = format!("Task/{id}");
    let log = messages(core, &reference).await?;
    for line in log.iter().filter_map(|line| fhir::log_entry(line).ok()) {
        transition.merge(line);
    }
    let code = format!("{}|handover", super::TASK);
    let query = [
        ("focus", reference.as_str()),
        ("code", code.as_str()),
        ("_count", "200"),
    ];
    let offers = shown(store.search_all(ResourceType::Task, &query).await)?;
    let offers = offers.map(|page| page.matches).unwrap_or_default();
    let last = offers
        .iter()
        .filter_map(|task| Some((task, fhir::handover(task).ok()?.1, version(task)?)))
        .max_by_key(|(_, offer, _)| offer.at);
    let handover = last.map(|(task, offer, version)| {
        transition.handover = Some(offer);
        Read {
            resource: task.clone(),
            version,
        }
    });
    Ok(Some(Stored {
        updated_at: instant(&resource, "/meta/lastUpdated").unwrap_or(transition.reported_at),
        names: names_in(log.iter().chain(&offers).chain([&resource])),
        task: Read {
            version: tag.or_else(|| version(&resource)).unwrap_or_default(),
            resource,
        },
        transition,
        handover,
    }))
}

/// Traces whose items the region has confirmed, each with its case.
fn confirmed(desk: &Desk) -> Vec<(String, String)> {
    let traces = trace::of_kind::<Deed>(desk, DONE).unwrap_or_default();
    traces
        .into_iter()
        .filter(|trace| trace.passage(desk) == Passage::Through)
        .map(|trace| (trace::subject(DONE, &trace.id), trace.case))
        .collect()
}

/// The FHIR ids of the Tasks of some cases, as far as the copy knows them.
fn tasks_of(desk: &Desk, traces: &[(String, String)]) -> Vec<String> {
    let cases: BTreeSet<&str> = traces.iter().map(|(_, case)| case.as_str()).collect();
    cases
        .into_iter()
        .filter_map(|case| desk.replica().case(CaseTable::Transition, case).ok().flatten())
        .filter_map(|row| serde_json::from_value::<Stored>(row.payload).ok())
        .map(|stored| stored.task.id().to_owned())
        .collect()
}
