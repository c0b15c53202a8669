//! Letting go of what nobody needs on this PC any more. The region keeps it, and opening it fetches it again.
//!
//! It touches `cache.db` alone: what the region has not confirmed lives in `outbox.db` and cannot be reached from here. Cases
//! with something unsent are named by the caller and stay. Not in it: how long is long enough (policy of `workflow`).

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::params;

use super::{Batch, CaseTable, to_json};
use crate::StoreError;
use crate::outbox::millis;

/// What was removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Purged {
    /// Cases.
    pub cases: u32,
    /// Contents of documents; that they exist is still known.
    pub contents: u32,
    /// Televisits.
    pub televisits: u32,
    /// People whom nothing here speaks of any more.
    pub people: u32,
}

impl Purged {
    /// Whether nothing was removed.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Batch<'_> {
    /// Removes cases in these states that have not changed since a moment, but for those named. Gives their number.
    pub fn purge_cases(
        &mut self,
        table: CaseTable,
        states: &[&str],
        before: Timestamp,
        keep: &BTreeSet<String>,
    ) -> Result<u32, StoreError> {
        let sql = format!(
            "DELETE FROM {} WHERE state IN (SELECT value FROM json_each(?1)) AND updated_at < ?2
               AND id NOT IN (SELECT value FROM json_each(?3))",
            table.name()
        );
        let removed = self
            .tx
            .execute(&sql, params![to_json(states)?, millis(before), to_json(keep)?])?;
        Ok(count(removed))
    }

    /// Removes televisits of days before one.
    pub fn purge_televisits(&mut self, before: Date) -> Result<u32, StoreError> {
        let removed = self
            .tx
            .execute("DELETE FROM televisit WHERE day < ?1", [before.to_string()])?;
        Ok(count(removed))
    }

    /// Removes the contents of documents that were fetched before a moment. The documents stay in the lists.
    pub fn purge_contents(&mut self, before: Timestamp) -> Result<u32, StoreError> {
        let removed = self.tx.execute(
            "UPDATE document SET content = NULL, sha256 = NULL WHERE content IS NOT NULL AND fetched_at < ?1",
            [millis(before)],
        )?;
        Ok(count(removed))
    }

    /// Removes people, fetched before a moment, of whom nothing here speaks: no televisit, no case, and none of those named.
    pub fn purge_people(&mut self, before: Timestamp, keep: &BTreeSet<String>) -> Result<u32, StoreError> {
        let mut statement = self.tx.prepare_cached(
            "SELECT id FROM patient p WHERE fetched_at < ?1
               AND NOT EXISTS (SELECT 1 FROM televisit WHERE patient = p.id)
               AND NOT EXISTS (SELECT 1 FROM teleconsult WHERE patient = p.id)
               AND NOT EXISTS (SELECT 1 FROM transition WHERE patient = p.id)",
        )?;
        let ids: Vec<String> = statement
            .query_map([millis(before)], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        drop(statement);
        let mut removed = 0;
        for id in ids.into_iter().filter(|id| !keep.contains(id)) {
            self.remove_patient(&id.as_str().into())?;
            removed += 1;
        }
        Ok(removed)
    }
}

fn count(rows: usize) -> u32 {
    u32::try_from(rows).unwrap_or(u32::MAX)
}
