//! The change feed: what changed since a cursor, one cursor for each type.
//!
//! The cursor is committed by the caller in the same transaction as the rows. Servers keep `_lastUpdated` with
//! different precision, so a page is asked from the cursor on and what was seen already is left out by version.
//! Not in it: when to poll.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::value::{instant, text};
use super::{Fhir, ResourceType};
use crate::RegionError;

/// Where a type was read to: the newest time, and the versions seen at that very time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// Newest `meta.lastUpdated`; `None` reads from the beginning.
    pub at: Option<Timestamp>,
    /// `id/version` of everything seen at that time.
    pub seen: Vec<String>,
}

/// One changed resource.
#[derive(Clone, PartialEq)]
pub struct Change {
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: Option<String>,
    /// When it changed.
    pub at: Timestamp,
    /// It.
    pub resource: Value,
}

impl std::fmt::Debug for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Change({}, {})", self.id, self.at)
    }
}

/// What a poll brought.
#[derive(Clone, Debug, PartialEq)]
pub struct Changes {
    /// Oldest first.
    pub changes: Vec<Change>,
    /// To be stored with them.
    pub cursor: Cursor,
    /// More is waiting: poll again at once.
    pub more: bool,
    /// Ids of everything that the answer held, seen before or not: what stood at the cursor and is not among them in the whole
    /// reading is no longer at the region.
    pub present: Vec<String>,
}

/// Resources asked for at once.
const COUNT: usize = 200;

impl Fhir {
    /// What changed after the cursor, at most one page.
    pub async fn changes(&self, kind: ResourceType, cursor: &Cursor) -> Result<Changes, RegionError> {
        self.changes_where(kind, cursor, &[]).await
    }

    /// What changed after the cursor among the resources that match a search.
    pub async fn changes_where(
        &self,
        kind: ResourceType,
        cursor: &Cursor,
        only: &[(&str, &str)],
    ) -> Result<Changes, RegionError> {
        let since = cursor.at.map(|t| format!("ge{t}"));
        let count = COUNT.to_string();
        let mut query: Vec<(&str, &str)> = only.to_vec();
        if let Some(since) = &since {
            query.push(("_lastUpdated", since));
        }
        query.push(("_sort", "_lastUpdated"));
        query.push(("_count", &count));
        let mut page = self.search(kind, &query).await?;
        let mut changes = advance(cursor, &page.matches);
        let mut present = ids(&page.matches);
        // A whole page of the same instant, all seen: go on in the same search.
        while changes.changes.is_empty() {
            let Some(next) = page.next.take() else { break };
            page = self.next_page(kind, &next).await?;
            changes = advance(&changes.cursor, &page.matches);
            present.extend(ids(&page.matches));
        }
        changes.present = present;
        changes.more = page.next.is_some();
        Ok(changes)
    }
}

fn ids(resources: &[Value]) -> Vec<String> {
    let ids = resources.iter().filter_map(|r| text(r, "/id"));
    ids.map(str::to_owned).collect()
}

fn advance(cursor: &Cursor, resources: &[Value]) -> Changes {
    let mut next = cursor.clone();
    let mut changes = Vec::new();
    // A server that does not sort must not make us skip: the page is put in order here.
    let mut dated: Vec<(Timestamp, &str, &Value)> = resources
        .iter()
        .filter_map(|r| Some((instant(r, "/meta/lastUpdated")?, text(r, "/id")?, r)))
        .collect();
    dated.sort_by_key(|(at, ..)| *at);
    for (at, id, resource) in dated {
        let version = text(resource, "/meta/versionId").map(str::to_owned);
        let key = format!("{id}/{}", version.as_deref().unwrap_or_default());
        if next.at.is_some_and(|newest| at < newest) || (next.at == Some(at) && next.seen.contains(&key)) {
            continue;
        }
        if next.at != Some(at) {
            next.at = Some(at);
            next.seen.clear();
        }
        next.seen.push(key);
        changes.push(Change {
            id: id.to_owned(),
            version,
            at,
            resource: resource.clone(),
        });
    }
    Changes {
        changes,
        cursor: next,
        more: false,
        present: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn task(id: &str, version: u32, at: &str) -> Value {
        json!({"resourceType": "Task", "id": id, "meta": {"versionId": version.to_string(), "lastUpdated": at}})
    }

    #[test]
    fn two_changes_of_the_same_instant_are_both_seen_and_none_twice() {
        let first = advance(&Cursor::default(), &[task("a", 1, "2026-11-20T10:00:00Z")]);
        assert_eq!(first.changes.len(), 1);
        let both = [
            task("a", 1, "2026-11-20T10:00:00Z"),
            task("b", 1, "2026-11-20T10:00:00Z"),
        ];
        let second = advance(&first.cursor, &both);
        assert_eq!(
            second.changes.iter().map(|c| c.id.as_str()).collect::<Vec<_>>(),
            ["b"]
        );
        assert!(
            advance(&second.cursor, &both).changes.is_empty(),
            "a change came twice"
        );
        let newer = advance(&second.cursor, &[task("a", 2, "2026-11-20T10:00:00Z")]);
        assert_eq!(
            newer.changes.len(),
            1,
            "a new version in the same instant was lost"
        );
    }

    #[test]
    fn resources_without_time_are_left_out() {
        let odd = json!({"resourceType": "Task", "id": "x"});
        assert!(advance(&Cursor::default(), &[odd]).changes.is_empty());
    }
}
