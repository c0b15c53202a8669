//! Traces of what was done on this PC to a case of the region and is not in the region's copy yet.
//!
//! The items of the outbox are bytes on their way; a trace says in the subject's own words what they mean, so that a
//! case shows at once what was done. It is written in the same transaction as its items and removed when the copy
//! fetched after their confirmation is here: from then on the region's word counts. Not in it: sending (`delivery`).

use std::collections::BTreeMap;

use cache::{ItemId, NewItem, State, Step, StoreError};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::desk::Desk;

/// A trace.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Trace<T> {
    /// Made here; a message or offer lends its own.
    pub(crate) id: String,
    /// The case.
    pub(crate) case: String,
    /// The items that carry it.
    pub(crate) items: Vec<ItemId>,
    pub(crate) at: Timestamp,
    /// What was done.
    pub(crate) deed: T,
}

/// How far the items of a trace are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Passage {
    /// On their way.
    Under,
    /// The region holds all of them.
    Through,
    /// One was refused or withdrawn, or a newer version stands at the region: what it meant did not happen.
    Stopped,
}

impl<T: Serialize> Trace<T> {
    /// Writes the trace in the step that queues its items.
    pub(crate) fn put(&self, step: &mut Step<'_>, kind: &str) -> Result<(), StoreError> {
        let body = serde_json::to_vec(self).map_err(|_| StoreError::Unreadable("trace"))?;
        step.draft_put(&subject(kind, &self.id), kind, &body)
    }
}

impl<T> Trace<T> {
    pub(crate) fn passage(&self, desk: &Desk) -> Passage {
        passage(desk, &self.items)
    }
}

/// How far some items are.
pub(crate) fn passage(desk: &Desk, items: &[ItemId]) -> Passage {
    let mut all = Passage::Through;
    for id in items {
        match desk.outbox().item_state(*id) {
            Ok(State::Confirmed) => {}
            Ok(State::Quarantined | State::Conflict | State::Cancelled) => return Passage::Stopped,
            Ok(_) | Err(_) => all = Passage::Under,
        }
    }
    all
}

/// Every trace of a kind, oldest first. What a newer version wrote is left alone.
pub(crate) fn of_kind<T: DeserializeOwned>(desk: &Desk, kind: &str) -> Result<Vec<Trace<T>>, StoreError> {
    let mut traces: Vec<Trace<T>> = desk
        .outbox()
        .drafts(kind)?
        .iter()
        .filter_map(|draft| serde_json::from_slice(&draft.body).ok())
        .collect();
    traces.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
    Ok(traces)
}

/// Where the outbox keeps a trace.
pub(crate) fn subject(kind: &str, id: &str) -> String {
    format!("{kind}/{id}")
}

/// Queues once more what the region confirmed and has lost since: the same requests, which it recognises if it has them
/// after all.
pub(crate) fn again(step: &mut Step<'_>, items: &[ItemId]) -> Result<Vec<ItemId>, StoreError> {
    let mut made: BTreeMap<ItemId, ItemId> = BTreeMap::new();
    let mut queued = Vec::with_capacity(items.len());
    for id in items {
        let item = step.item(*id)?;
        let depends_on = item
            .depends_on
            .iter()
            .filter_map(|needed| made.get(needed).copied());
        let new = NewItem {
            depends_on: depends_on.collect(),
            conversation: item.conversation,
            kind: item.kind,
            subject: item.subject,
            request: item.request,
            etag: None,
            awaiting_signature: false,
        };
        let new = step.enqueue(new)?.id;
        made.insert(*id, new);
        queued.push(new);
    }
    Ok(queued)
}

/// Removes traces whose meaning the region's copy now holds.
pub(crate) fn discard(desk: &Desk, subjects: Vec<String>) {
    if subjects.is_empty() {
        return;
    }
    let done = desk
        .outbox()
        .commit(Timestamp::now(), move |step| -> Result<(), StoreError> {
            subjects
                .iter()
                .try_for_each(|subject| step.draft_discard(subject))
        });
    if done.is_err() {
        tracing::warn!("traces stay until the next sync");
    }
}
