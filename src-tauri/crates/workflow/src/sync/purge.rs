//! Once a day what is old and closed leaves this PC. The region keeps it, and opening it fetches it again.
//!
//! Only the copy is touched. What the region has not confirmed is in the outbox, which no purge reaches; a case with something
//! unsent stays whole, so that what was written can still be read in its place. The access register says what went.

use std::collections::BTreeSet;

use cache::replica::{CaseTable, Purged};
use cache::{AuditAction, StoreError};
use clinical::Role;
use contract::Failure;
use jiff::{SignedDuration, Timestamp};

use super::people::is_fresh;
use super::policy::{Policy, days, hours};
use crate::desk::Desk;
use crate::failure::OrFail;
use crate::views;

const FEED: &str = "purge";
const EVERY: SignedDuration = SignedDuration::from_hours(24);

/// Purges when a day has passed since the last time; what went.
pub(crate) fn daily(desk: &Desk, now: Timestamp) -> Result<Purged, Failure> {
    if is_fresh(desk, FEED, EVERY) {
        return Ok(Purged::default());
    }
    purge(desk, now)
}

/// Purges now.
pub(crate) fn purge(desk: &Desk, now: Timestamp) -> Result<Purged, Failure> {
    let policy = Policy::shipped();
    let unsent = unsent(desk)?;
    let ago = |span| now.checked_sub(span).unwrap_or(Timestamp::MIN);
    let cases = ago(days(policy.closed_cases_kept_days));
    let contents = ago(hours(policy.contents_kept_hours));
    let televisits = views::local(ago(days(policy.televisits_kept_days))).date();
    let people = ago(days(policy.people_kept_days));
    // A family doctor's people are the own list, whether they are ill or not.
    let own_list = matches!(desk.role(), Role::GeneralPractitioner | Role::Paediatrician);
    let purged = desk
        .replica()
        .apply(now, move |batch| -> Result<Purged, StoreError> {
            let mut purged = Purged::default();
            for (table, closed) in [
                (CaseTable::Transition, ["closed"].as_slice()),
                (CaseTable::Teleconsult, ["acknowledged", "closed"].as_slice()),
            ] {
                purged.cases += batch.purge_cases(table, closed, cases, &unsent)?;
            }
            purged.televisits = batch.purge_televisits(televisits)?;
            purged.contents = batch.purge_contents(contents)?;
            if !own_list {
                purged.people = batch.purge_people(people, &unsent)?;
            }
            batch.set_cursor(FEED, &now.to_string())?;
            Ok(purged)
        })
        .or_fail()?;
    if !purged.is_empty() {
        let words = format!(
            "cases={} contents={} televisits={} people={}",
            purged.cases, purged.contents, purged.televisits, purged.people
        );
        desk.accessed(AuditAction::CachePurged, &words)?;
    }
    Ok(purged)
}

/// Whatever the queue, the drafts and the traces speak of: cases, their patients, their conversations.
fn unsent(desk: &Desk) -> Result<BTreeSet<String>, Failure> {
    let mut keep = BTreeSet::new();
    for line in desk.outbox().queue().or_fail()? {
        keep.insert(line.conversation.clone());
        // A subject is `kind/id`.
        keep.extend(line.subject.rsplit_once('/').map(|(_, id)| id.to_owned()));
        keep.insert(line.subject);
    }
    for trace in crate::trace::of_kind::<serde_json::Value>(desk, crate::transition::DONE)
        .or_fail()?
        .into_iter()
        .chain(crate::trace::of_kind(desk, crate::teleconsult::SAID).or_fail()?)
    {
        keep.insert(trace.case);
    }
    let patients: Vec<String> = [CaseTable::Transition, CaseTable::Teleconsult]
        .into_iter()
        .flat_map(|table| keep.iter().map(move |id| (table, id)))
        .filter_map(|(table, id)| desk.replica().case(table, id).ok().flatten())
        .map(|row| row.patient.to_string())
        .collect();
    keep.extend(patients);
    Ok(keep)
}
