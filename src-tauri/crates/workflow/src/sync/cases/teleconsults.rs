//! Teleconsults of this person.

use std::collections::BTreeSet;

use ::teleconsult::MessageKind;
use ::teleconsult::fhir::case;
use cache::replica::CaseTable;
use cache::{Batch, DocumentRow, StoreError};
use contract::events::Tag;
use jiff::Timestamp;
use region::fhir::value::{id_in, instant, items, text};
use region::{RegionError, ResourceType};
use serde_json::Value;

use super::{TELECONSULT_FEED, about, messages, shown, tasks, version};
use crate::colleague::names_in;
use crate::core::Core;
use crate::desk::Desk;
use crate::document;
use crate::host::Notice;
use crate::sync::people::{self, feed_of, keep};
use crate::teleconsult::{SAID, SENT, Said, Sent, Stored, row_of};
use crate::trace::{self, Passage, Trace};

const MESSAGES: &str = "teleconsult/Communication";

/// A case with what came along.
struct Fetched {
    stored: Stored,
    version: Option<String>,
    updated_at: Timestamp,
    documents: Vec<DocumentRow>,
}

pub(super) async fn teleconsults(core: &Core, desk: &Desk) -> Result<bool, RegionError> {
    // Confirmed before anything is read: what is read holds it.
    let confirmed = confirmed(desk);
    let moved = tasks(core, desk, TELECONSULT_FEED, "teleconsult").await?;
    let said = feed_of(core, desk, MESSAGES, ResourceType::Communication, &[]).await?;
    let mut requests: BTreeSet<String> = moved
        .resources
        .iter()
        .filter_map(|task| id_in(text(task, "/focus/reference")?, "ServiceRequest"))
        .map(str::to_owned)
        .collect();
    requests.extend(about(&said.resources, "ServiceRequest"));
    requests.extend(confirmed.requests);
    let (mut fetched, mut broken) = (Vec::with_capacity(requests.len()), None);
    for id in &requests {
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
        .map(|found| found.stored.case.request.patient.clone())
        .collect();
    people::missing(core, desk, &patients).await?;
    // One of each: a notification says that there is something, not how much.
    let news: BTreeSet<Notice> = fetched.iter().filter_map(|found| news(desk, found)).collect();
    if let Some(error) = broken {
        // What came is shown; the feeds are asked again from where they were, until all of it came.
        if !fetched.is_empty() {
            keep(desk, move |batch| put(batch, &fetched));
            core.changed(&[Tag::Teleconsult]);
            news.into_iter().for_each(|notice| core.inner.host.notify(notice));
        }
        return Err(error);
    }
    let changed = !fetched.is_empty();
    // Read from its beginning, the feed says what is no longer at the region.
    let lost = if moved.whole {
        no_longer_there(core, desk, &fetched).await?
    } else {
        Vec::new()
    };
    let changed = changed || !lost.is_empty();
    let (tasks_cursor, messages_cursor) = (moved.cursor(), said.cursor());
    let arrived: Vec<String> = fetched
        .iter()
        .map(|found| found.stored.case.id().to_string())
        .collect();
    keep(desk, move |batch| {
        for id in &lost {
            batch.remove_case(CaseTable::Teleconsult, id)?;
        }
        put(batch, &fetched)?;
        batch.set_cursor(TELECONSULT_FEED, &tasks_cursor)?;
        batch.set_cursor(MESSAGES, &messages_cursor)
    });
    if moved.anew {
        send_again(desk, &confirmed.traces, &arrived);
    }
    forget(desk, confirmed.traces, &arrived);
    news.into_iter().for_each(|notice| core.inner.host.notify(notice));
    Ok(changed)
}

fn put(batch: &mut Batch<'_>, fetched: &[Fetched]) -> Result<(), StoreError> {
    let now = Timestamp::now();
    for found in fetched {
        if let Some(row) = row_of(&found.stored, found.version.clone(), found.updated_at, now) {
            batch.put_case(CaseTable::Teleconsult, &row)?;
        }
        for document in &found.documents {
            batch.put_document(document)?;
        }
    }
    Ok(())
}

/// Reads one case; none for a request that is no teleconsult, or not this person's business.
async fn fetch(core: &Core, id: &str) -> Result<Option<Fetched>, RegionError> {
    let fhir = core.inner.region.fhir();
    let Some(request) = shown(fhir.read(ResourceType::ServiceRequest, id).await)? else {
        return Ok(None);
    };
    let request = request.resource;
    if ::teleconsult::fhir::request(&request).is_err() {
        return Ok(None);
    }
    let reference = format!("ServiceRequest/{id}");
    let code = format!("{}|teleconsult", super::TASK);
    let query = [("focus", reference.as_str()), ("code", code.as_str())];
    let found = shown(fhir.search_all(ResourceType::Task, &query).await)?;
    let task = found.and_then(|page| page.matches.into_iter().next());
    let mut others = messages(core, &reference).await?;
    let query = [("related", reference.as_str()), ("_count", "200")];
    let documents = shown(fhir.search_all(ResourceType::DocumentReference, &query).await)?;
    let documents = documents.map(|page| page.matches).unwrap_or_default();
    others.extend(documents.iter().cloned());
    for consent in items(&request, "/supportingInfo").filter_map(|r| id_in(text(r, "/reference")?, "Consent"))
    {
        others.extend(shown(fhir.read(ResourceType::Consent, consent).await)?.map(|read| read.resource));
    }
    let Ok(case) = case(&request, task.as_ref(), &others) else {
        tracing::warn!("a teleconsult of the region cannot be read");
        return Ok(None);
    };
    let names = names_in(others.iter().chain([&request]).chain(&task));
    let updated_at = task.as_ref().and_then(|task| instant(task, "/meta/lastUpdated"));
    Ok(Some(Fetched {
        version: task.as_ref().and_then(version),
        updated_at: updated_at.unwrap_or(case.request.authored_on),
        documents: documents.iter().filter_map(document::row_of).collect(),
        stored: Stored {
            case,
            request: id.to_owned(),
            number: number(&request),
            task,
            names,
        },
    }))
}

/// The number by which people speak of a case: what the region put in `requisition`, unless it is still ours.
fn number(request: &Value) -> Option<String> {
    text(request, "/requisition/value")
        .filter(|value| !value.starts_with("urn:"))
        .map(str::to_owned)
}

/// What is to be told of a case: a message of another that was not here before, and that this person waits for.
fn news(desk: &Desk, found: &Fetched) -> Option<Notice> {
    let case = &found.stored.case;
    let me = desk.assignment().id;
    let row = desk
        .replica()
        .case(CaseTable::Teleconsult, case.id().as_str())
        .ok()
        .flatten();
    // At the first sync everything is new, and nothing is news.
    let before: Stored = serde_json::from_value(row?.payload).ok()?;
    let known = |id: &str| before.case.messages.iter().any(|message| message.id == id);
    let new = |kind: MessageKind| {
        let mut messages = case.messages.iter();
        messages.any(|message| message.kind == kind && message.sender != me && !known(&message.id))
    };
    let asked = case.request.requester == me;
    let has = case.owner() == Some(me.as_str());
    if asked && new(MessageKind::Answer) {
        Some(Notice::AnswerArrived)
    } else if asked && new(MessageKind::InformationRequest) {
        Some(Notice::InformationAsked)
    } else if has && new(MessageKind::Information) {
        Some(Notice::InformationArrived)
    } else {
        None
    }
}

#[derive(Default)]
struct Confirmed {
    /// FHIR ids of requests to read again.
    requests: Vec<String>,
    /// Traces, with the case of each.
    traces: Vec<(String, String)>,
}

/// Traces whose items the region has confirmed, and their cases.
fn confirmed(desk: &Desk) -> Confirmed {
    let mut confirmed = Confirmed::default();
    for trace in trace::of_kind::<Said>(desk, SAID).unwrap_or_default() {
        let trace: Trace<Said> = trace;
        if trace.passage(desk) != Passage::Through {
            continue;
        }
        let row = desk
            .replica()
            .case(CaseTable::Teleconsult, &trace.case)
            .ok()
            .flatten();
        if let Some(stored) = row.and_then(|row| serde_json::from_value::<Stored>(row.payload).ok()) {
            confirmed.requests.push(stored.request);
        }
        confirmed
            .traces
            .push((trace::subject(SAID, &trace.id), trace.case));
    }
    for draft in desk.outbox().drafts(SENT).unwrap_or_default() {
        let sent = serde_json::from_slice::<Sent>(&draft.body).ok();
        if sent.is_some_and(|sent| trace::passage(desk, &sent.items) == Passage::Through) {
            confirmed.traces.push((draft.subject.clone(), draft.subject));
        }
    }
    confirmed
}

/// Cases of the copy that a whole reading did not bring, that the region does not show when asked by name, and on which nothing
/// unsent hangs.
async fn no_longer_there(core: &Core, desk: &Desk, fetched: &[Fetched]) -> Result<Vec<String>, RegionError> {
    let mut kept: BTreeSet<String> = fetched
        .iter()
        .map(|found| found.stored.case.id().to_string())
        .collect();
    let said = trace::of_kind::<Said>(desk, SAID).unwrap_or_default();
    let unsent = said
        .into_iter()
        .filter(|trace: &Trace<Said>| trace.passage(desk) != Passage::Through);
    kept.extend(unsent.map(|trace| trace.case));
    let mut lost = Vec::new();
    for id in desk
        .replica()
        .case_ids(CaseTable::Teleconsult)
        .unwrap_or_default()
    {
        if kept.contains(&id) {
            continue;
        }
        let row = desk.replica().case(CaseTable::Teleconsult, &id).ok().flatten();
        let Some(stored) = row.and_then(|row| serde_json::from_value::<Stored>(row.payload).ok()) else {
            continue;
        };
        let fhir = core.inner.region.fhir();
        let read = fhir.read(ResourceType::ServiceRequest, &stored.request).await;
        if shown(read)?.is_none() {
            lost.push(id);
        }
    }
    Ok(lost)
}

/// Requests that the region confirmed and, restored from an older copy, no longer has, before they were ever read from it: they
/// leave once more. Messages on a case that is gone have nowhere to go.
fn send_again(desk: &Desk, traces: &[(String, String)], arrived: &[String]) {
    for (subject, case) in traces {
        let here = desk
            .replica()
            .case(CaseTable::Teleconsult, case)
            .is_ok_and(|row| row.is_some());
        if here || arrived.contains(case) {
            continue;
        }
        if subject != case {
            trace::discard(desk, vec![subject.clone()]);
            continue;
        }
        let subject = subject.clone();
        let done = desk
            .outbox()
            .commit(Timestamp::now(), |step| -> Result<(), StoreError> {
                let Some(draft) = step.draft(&subject)?.filter(|draft| draft.kind == SENT) else {
                    return Ok(());
                };
                let unreadable = |_| StoreError::Unreadable("trace");
                let mut sent: Sent = serde_json::from_slice(&draft.body).map_err(unreadable)?;
                sent.items = trace::again(step, &sent.items)?;
                step.draft_put(&subject, SENT, &serde_json::to_vec(&sent).map_err(unreadable)?)
            });
        match done {
            Ok(()) => tracing::warn!("a request that the region lost leaves once more"),
            Err(error) => tracing::warn!(%error, "a request that the region lost could not be queued again"),
        }
        desk.outgoing.notify_one();
    }
}

/// Forgets the traces of the cases that have arrived, or that are in the copy from an earlier reading.
fn forget(desk: &Desk, traces: Vec<(String, String)>, arrived: &[String]) {
    let here = |case: &String| {
        arrived.contains(case)
            || desk
                .replica()
                .case(CaseTable::Teleconsult, case)
                .is_ok_and(|row| row.is_some())
    };
    let gone = traces
        .into_iter()
        .filter(|(subject, case)| {
            // A request waits for its case; a message for the reading that followed its confirmation.
            if subject == case {
                here(case)
            } else {
                arrived.contains(case)
            }
        })
        .map(|(subject, _)| subject)
        .collect();
    trace::discard(desk, gone);
}
