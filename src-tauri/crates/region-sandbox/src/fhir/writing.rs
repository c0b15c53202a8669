//! Writes under way: one transaction, in which later steps see the earlier ones.
//!
//! Not in it: when a transaction ends and who is told (`store`), and who may write (`access`).

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, params};
use serde_json::{Value, json};

use super::search::{self, Criteria};
use super::store::{Entry, Precondition, Store, StoreError, instant};
use super::{numbering, parameters, prescribing};

/// What became of a conditional create.
#[derive(Debug)]
pub(crate) enum Created {
    /// It is new.
    New(Value),
    /// One was there already.
    Existing(Value),
}

/// A write that waits for the end of its transaction; no entry means deleted.
pub(super) struct Pending {
    pub(super) kind: String,
    pub(super) id: String,
    pub(super) entry: Option<Arc<Entry>>,
}

/// Writes under way, in one transaction; reads see them.
pub(crate) struct Writing<'a> {
    pub(super) store: &'a Store,
    pub(super) connection: &'a Connection,
    pub(super) author: Option<&'a str>,
    pub(super) last_updated: Option<Timestamp>,
    pub(super) pending: Vec<Pending>,
}

impl Writing<'_> {
    pub(crate) fn entry(&self, kind: &str, id: &str) -> Option<Arc<Entry>> {
        match self.pending.iter().rev().find(|p| p.kind == kind && p.id == id) {
            Some(pending) => pending.entry.clone(),
            None => self.store.entry(kind, id),
        }
    }

    /// The only resource that matches a condition (`identifier=SYSTEM|VALUE`), if any.
    pub(crate) fn matching(&self, kind: &str, condition: &str) -> Result<Option<Arc<Entry>>, StoreError> {
        let pairs: Vec<(String, String)> = url::form_urlencoded::parse(condition.as_bytes())
            .map(|(k, v)| (k.into_owned(), v.into_owned()))
            .collect();
        if pairs.is_empty() {
            return Err(StoreError::BadParameter("If-None-Exist".to_owned()));
        }
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        let criteria = Criteria::read(kind, &pairs)?;
        let stored = self.store.snapshot(kind);
        let stored = stored
            .iter()
            .filter_map(|e| self.entry(kind, e.resource["id"].as_str()?));
        let fresh = self
            .pending
            .iter()
            .filter(|p| p.kind == kind)
            .filter_map(|p| self.entry(kind, &p.id));
        let mut found: Option<Arc<Entry>> = None;
        for entry in stored
            .chain(fresh)
            .filter(|e| criteria.matches(&e.resource, &NoChains))
        {
            match &found {
                Some(first) if first.resource["id"] != entry.resource["id"] => {
                    return Err(StoreError::Ambiguous);
                }
                _ => found = Some(entry),
            }
        }
        Ok(found)
    }

    /// Conditional create (`If-None-Exist`).
    pub(crate) fn create_unless(
        &mut self,
        mut resource: Value,
        condition: &str,
    ) -> Result<Created, StoreError> {
        let kind = resource["resourceType"].as_str().unwrap_or_default().to_owned();
        match self.matching(&kind, condition)? {
            Some(entry) => Ok(Created::Existing(entry.resource.clone())),
            None => {
                numbering::number(self, &mut resource);
                let written = self.put(resource, Precondition::None)?;
                prescribing::follow(self, &written)?;
                Ok(Created::New(written))
            }
        }
    }

    /// Writes the next version.
    pub(crate) fn put(&mut self, mut resource: Value, expected: Precondition) -> Result<Value, StoreError> {
        let object = resource
            .as_object_mut()
            .ok_or(StoreError::Malformed("not an object"))?;
        let kind = object
            .get("resourceType")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned();
        if !parameters::is_known(&kind) {
            return Err(StoreError::Malformed("resourceType is missing or not kept here"));
        }
        let id = match object.get("id") {
            None => uuid::Uuid::now_v7().to_string(),
            Some(Value::String(id)) if is_id(id) => id.clone(),
            Some(_) => return Err(StoreError::Malformed("the id is not one of FHIR")),
        };
        if kind == "Binary" && object.contains_key("data") {
            use base64::Engine;
            let media_type = object
                .get("contentType")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned();
            let data = object.get("data").and_then(Value::as_str).unwrap_or_default();
            let bytes = base64::engine::general_purpose::STANDARD
                .decode(data)
                .map_err(|_| StoreError::Malformed("Binary.data is not base64"))?;
            return self.put_binary(&id, &media_type, &bytes, expected);
        }
        let stored: u64 = self
            .connection
            .query_row(
                "SELECT max(version) FROM resource WHERE type = ?1 AND id = ?2",
                [&kind, &id],
                |row| row.get::<_, Option<i64>>(0),
            )?
            .map_or(0, i64::unsigned_abs);
        let before = self.entry(&kind, &id);
        if let Precondition::Version(wanted) = expected
            && before.as_ref().map(|e| e.version) != Some(wanted)
        {
            return Err(StoreError::Conflict {
                stored: before.map_or(0, |e| e.version),
            });
        }
        let version = stored + 1;
        let updated = self.tick();
        let mut meta = object
            .remove("meta")
            .filter(Value::is_object)
            .unwrap_or_else(|| json!({}));
        meta["versionId"] = json!(version.to_string());
        meta["lastUpdated"] = json!(updated);
        object.insert("id".to_owned(), json!(id));
        object.insert("meta".to_owned(), meta);
        self.connection.execute(
            "INSERT INTO resource (type, id, version, updated, author, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                kind,
                id,
                version.cast_signed(),
                updated,
                self.author,
                resource.to_string()
            ],
        )?;
        let author = before.map_or(self.author.map(str::to_owned), |e| e.author.clone());
        let entry = Arc::new(Entry {
            resource: resource.clone(),
            version,
            author,
        });
        self.pending.push(Pending {
            kind,
            id,
            entry: Some(entry),
        });
        Ok(resource)
    }

    pub(crate) fn put_binary(
        &mut self,
        id: &str,
        media_type: &str,
        bytes: &[u8],
        expected: Precondition,
    ) -> Result<Value, StoreError> {
        let resource = self.put(
            json!({"resourceType": "Binary", "id": id, "contentType": media_type}),
            expected,
        )?;
        self.connection.execute(
            "INSERT INTO binary (id, media_type, bytes) VALUES (?1, ?2, ?3)
             ON CONFLICT (id) DO UPDATE SET media_type = ?2, bytes = ?3",
            params![id, media_type, bytes],
        )?;
        Ok(resource)
    }

    /// The Binary of a finished upload, whose bytes stay in its file; the upload is done in the same transaction.
    pub(crate) fn put_uploaded(
        &mut self,
        upload: &str,
        id: &str,
        media_type: &str,
    ) -> Result<(), StoreError> {
        self.put(
            json!({"resourceType": "Binary", "id": id, "contentType": media_type}),
            Precondition::None,
        )?;
        self.connection
            .execute("DELETE FROM binary WHERE id = ?1", [id])?;
        self.connection
            .execute("UPDATE upload SET done = 1 WHERE id = ?1", [upload])?;
        Ok(())
    }

    /// Deletes; the history stays.
    pub(crate) fn delete(&mut self, kind: &str, id: &str, expected: Precondition) -> Result<(), StoreError> {
        let entry = self.entry(kind, id).ok_or(StoreError::Absent)?;
        if let Precondition::Version(wanted) = expected
            && wanted != entry.version
        {
            return Err(StoreError::Conflict {
                stored: entry.version,
            });
        }
        let updated = self.tick();
        self.connection.execute(
            "INSERT INTO resource (type, id, version, updated, author, body) VALUES (?1, ?2, ?3, ?4, ?5, NULL)",
            params![kind, id, (entry.version + 1).cast_signed(), updated, self.author],
        )?;
        self.pending.push(Pending {
            kind: kind.to_owned(),
            id: id.to_owned(),
            entry: None,
        });
        Ok(())
    }

    /// The time of this write: now, and later than any before, also when the clock is set back.
    fn tick(&mut self) -> String {
        let now = self.store.now();
        let now = Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now);
        let next = match self.last_updated {
            Some(last) if last >= now => last.checked_add(SignedDuration::from_millis(1)).unwrap_or(last),
            _ => now,
        };
        self.last_updated = Some(next);
        instant(next)
    }
}

/// FHIR `id`: 1 to 64 of `[A-Za-z0-9.-]`.
pub(crate) fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.')
}

/// Conditions of a conditional create look at one resource alone.
struct NoChains;

impl search::Resolver for NoChains {
    fn resolve(&self, _kind: &str, _id: &str) -> Option<Arc<Entry>> {
        None
    }
}

impl search::Resolver for Writing<'_> {
    fn resolve(&self, kind: &str, id: &str) -> Option<Arc<Entry>> {
        self.entry(kind, id)
    }
}
