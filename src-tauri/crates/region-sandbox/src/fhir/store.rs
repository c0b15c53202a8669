//! Resources as JSON with versions, in the region's database, the current ones in memory as well.
//!
//! Methods are synchronous and short: call them from handlers directly. Every write is told on [`Store::changes`].
//! `meta.lastUpdated` grows strictly from write to write, so that a cursor on it misses nothing. Not in it: who may see
//! what (`access`), the syntax of searches (`search`), HTTP (`rest`).

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use rusqlite::OptionalExtension;
use serde_json::Value;
use tokio::sync::broadcast;

use crate::clock::Clock;
use crate::database::Database;
use crate::events::Changed;
use crate::fhir::search::{self, Criteria};
use crate::fhir::writing::{Pending, Writing};
use crate::uploads;

/// What an update expects of the stored version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precondition {
    /// Any version, also none.
    None,
    /// `If-Match: W/"n"`.
    Version(u64),
}

/// Why the store refused.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No `resourceType`, an id that FHIR does not allow, or not an object.
    #[error("the resource is malformed: {0}")]
    Malformed(&'static str),
    /// Another version is stored (412).
    #[error("version {stored} is stored")]
    Conflict {
        /// The stored version; 0 when there is none.
        stored: u64,
    },
    /// A search parameter that is not known (400).
    #[error("unknown search parameter {0}")]
    UnknownParameter(String),
    /// A value of a search parameter that cannot be read (400).
    #[error("search parameter {0} has a value that cannot be read")]
    BadParameter(String),
    /// A condition matched several (412).
    #[error("the condition matches several resources")]
    Ambiguous,
    /// A resource that is to be changed or deleted does not exist (404).
    #[error("no such resource")]
    Absent,
    /// The caller may not (403).
    #[error("not allowed")]
    Forbidden,
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] rusqlite::Error),
}

/// The current version of one resource.
#[derive(Debug)]
pub struct Entry {
    /// The resource with `meta`.
    pub resource: Value,
    /// Its version.
    pub version: u64,
    /// Who wrote the first version: a `Practitioner.id`; nothing for the region itself.
    pub author: Option<String>,
}

type Resources = HashMap<String, HashMap<String, Arc<Entry>>>;

#[derive(Debug, Default)]
struct Memory {
    current: Resources,
    last_updated: Option<Timestamp>,
}

/// The store of resources.
#[derive(Debug)]
pub struct Store {
    database: Arc<Database>,
    clock: Arc<Clock>,
    memory: Mutex<Memory>,
    /// Held by the one writer, for as long as its transaction; readers do not wait for it.
    writer: Mutex<()>,
    changes: broadcast::Sender<Changed>,
}

impl Store {
    pub(crate) fn open(database: Arc<Database>, clock: Arc<Clock>) -> Result<Self, StoreError> {
        let memory = Mutex::new(Memory::default());
        let store = Self {
            database,
            clock,
            memory,
            writer: Mutex::new(()),
            changes: broadcast::channel(4096).0,
        };
        store.load()?;
        Ok(store)
    }

    /// Reads the current versions into memory again, after the tables were changed from outside.
    pub(crate) fn load(&self) -> Result<(), StoreError> {
        let mut memory = self.memory();
        *memory = Memory::default();
        let connection = self.database.lock();
        let mut statement = connection.prepare(
            "SELECT r.type, r.id, r.version, r.updated, r.body,
                    (SELECT f.author FROM resource f WHERE f.type = r.type AND f.id = r.id ORDER BY f.version LIMIT 1)
             FROM resource r
             WHERE r.version = (SELECT max(version) FROM resource m WHERE m.type = r.type AND m.id = r.id)",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (kind, id): (String, String) = (row.get(0)?, row.get(1)?);
            if let Ok(updated) = row.get::<_, String>(3)?.parse::<Timestamp>() {
                memory.last_updated = memory.last_updated.max(Some(updated));
            }
            let Some(body) = row.get::<_, Option<String>>(4)? else {
                continue;
            };
            let Ok(resource) = serde_json::from_str::<Value>(&body) else {
                continue;
            };
            let entry = Entry {
                resource,
                version: row.get::<_, i64>(2)?.unsigned_abs(),
                author: row.get(5)?,
            };
            memory
                .current
                .entry(kind)
                .or_default()
                .insert(id, Arc::new(entry));
        }
        Ok(())
    }

    /// The types that were written after a moment; none when nothing is known of it: the tables are an older copy.
    pub(crate) fn changed_since(&self, moment: Timestamp) -> Result<Option<BTreeSet<String>>, StoreError> {
        if self.memory().last_updated.is_none_or(|last| last < moment) {
            return Ok(None);
        }
        let connection = self.database.lock();
        let mut statement = connection.prepare("SELECT type, updated FROM resource")?;
        let mut rows = statement.query([])?;
        let mut types = BTreeSet::new();
        while let Some(row) = rows.next()? {
            let after = row.get::<_, String>(1)?.parse::<Timestamp>();
            if after.is_ok_and(|updated| updated > moment) {
                types.insert(row.get(0)?);
            }
        }
        Ok(Some(types))
    }

    /// Changes from now on.
    pub fn changes(&self) -> broadcast::Receiver<Changed> {
        self.changes.subscribe()
    }

    /// The current version of a resource, with `meta`; `None` when absent or deleted.
    pub fn read(&self, resource_type: &str, id: &str) -> Result<Option<Value>, StoreError> {
        Ok(self.entry(resource_type, id).map(|e| e.resource.clone()))
    }

    /// All current resources that match the parameters (`[("actor", "Patient/1"), ("date", "ge2026-11-21")]`), with the
    /// syntax of FHIR search, oldest change first; no paging and no included resources.
    pub fn search(&self, resource_type: &str, parameters: &[(&str, &str)]) -> Result<Vec<Value>, StoreError> {
        Ok(self
            .find(resource_type, parameters)?
            .into_iter()
            .map(|e| e.resource.clone())
            .collect())
    }

    /// As [`Store::search`], without copying.
    pub(crate) fn find(
        &self,
        resource_type: &str,
        parameters: &[(&str, &str)],
    ) -> Result<Vec<Arc<Entry>>, StoreError> {
        let criteria = Criteria::read(resource_type, parameters)?;
        let all = self.snapshot(resource_type);
        let mut found: Vec<_> = all
            .into_iter()
            .filter(|e| criteria.matches(&e.resource, self))
            .collect();
        found.sort_by(|a, b| search::last_updated(&a.resource).cmp(search::last_updated(&b.resource)));
        Ok(found)
    }

    /// Stores a new resource under its own `id`, or a new UUID where it has none; gives it back with `meta`.
    pub fn create(&self, resource: Value) -> Result<Value, StoreError> {
        self.write(None, |writing| writing.put(resource, Precondition::None))
    }

    /// Stores a new version of the resource named by its `resourceType` and `id`; gives it back with `meta`.
    pub fn update(&self, resource: Value, expected: Precondition) -> Result<Value, StoreError> {
        self.write(None, |writing| writing.put(resource, expected))
    }

    /// Reads, changes and writes in one step: for a status that others may be changing too. `None` when absent.
    /// Nothing is written when `change` returns false.
    pub fn modify(
        &self,
        resource_type: &str,
        id: &str,
        change: impl FnOnce(&mut Value) -> bool,
    ) -> Result<Option<Value>, StoreError> {
        self.write(None, |writing| {
            let Some(entry) = writing.entry(resource_type, id) else {
                return Ok(None);
            };
            let mut resource = entry.resource.clone();
            if !change(&mut resource) {
                return Ok(Some(resource));
            }
            writing
                .put(resource, Precondition::Version(entry.version))
                .map(Some)
        })
    }

    /// Content of a `Binary`: media type and bytes.
    pub fn binary(&self, id: &str) -> Result<Option<(String, Vec<u8>)>, StoreError> {
        if self.entry("Binary", id).is_none() {
            return Ok(None);
        }
        let query = "SELECT media_type, bytes FROM binary WHERE id = ?1";
        let kept = self
            .database
            .lock()
            .query_row(query, [id], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        if kept.is_some() {
            return Ok(kept);
        }
        let Some((media_type, file)) = self.uploaded(id)? else {
            return Ok(None);
        };
        Ok(std::fs::read(file).ok().map(|bytes| (media_type, bytes)))
    }

    /// The file of a `Binary` that came as an upload.
    pub(crate) fn uploaded(&self, id: &str) -> Result<Option<(String, PathBuf)>, StoreError> {
        Ok(uploads::file_of(&self.database, id)?)
    }

    /// Stores a `Binary`, gives its id.
    pub fn create_binary(&self, media_type: &str, bytes: &[u8]) -> Result<String, StoreError> {
        let id = uuid::Uuid::now_v7().to_string();
        self.write(None, |writing| {
            writing
                .put_binary(&id, media_type, bytes, Precondition::None)
                .map(drop)
        })?;
        Ok(id)
    }

    /// All versions of a resource, newest first; deleted versions have no body.
    pub(crate) fn history(&self, resource_type: &str, id: &str) -> Result<Vec<Version>, StoreError> {
        let connection = self.database.lock();
        let mut statement = connection.prepare(
            "SELECT version, updated, body FROM resource WHERE type = ?1 AND id = ?2 ORDER BY version DESC",
        )?;
        let rows = statement.query_map([resource_type, id], |row| {
            Ok(Version {
                version: row.get::<_, i64>(0)?.unsigned_abs(),
                updated: row.get(1)?,
                body: row
                    .get::<_, Option<String>>(2)?
                    .and_then(|b| serde_json::from_str(&b).ok()),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    pub(crate) fn entry(&self, resource_type: &str, id: &str) -> Option<Arc<Entry>> {
        self.memory().current.get(resource_type)?.get(id).cloned()
    }

    pub(crate) fn snapshot(&self, resource_type: &str) -> Vec<Arc<Entry>> {
        self.memory()
            .current
            .get(resource_type)
            .map(|all| all.values().cloned().collect())
            .unwrap_or_default()
    }

    /// Everything that `work` writes, or nothing of it.
    pub(crate) fn write<T, E: From<StoreError>>(
        &self,
        author: Option<&str>,
        work: impl FnOnce(&mut Writing<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let _writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let last_updated = self.memory().last_updated;
        let before = last_updated;
        let mut connection = self.database.lock();
        let transaction = connection.transaction().map_err(StoreError::from)?;
        let mut writing = Writing {
            store: self,
            connection: &transaction,
            author,
            last_updated,
            pending: Vec::new(),
        };
        let result = work(&mut writing)?;
        let (pending, last_updated) = (writing.pending, writing.last_updated);
        transaction.commit().map_err(StoreError::from)?;
        drop(connection);
        let mut memory = self.memory();
        memory.last_updated = last_updated;
        for Pending { kind, id, entry } in pending {
            let of_type = memory.current.entry(kind.clone()).or_default();
            match entry {
                Some(entry) => drop(of_type.insert(id.clone(), entry)),
                None => drop(of_type.remove(&id)),
            }
            // Nobody listening is no fault.
            let _ = self.changes.send(Changed {
                resource_type: kind,
                id,
                since: before,
            });
        }
        Ok(result)
    }

    /// The region's time.
    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One stored version.
#[derive(Debug)]
pub(crate) struct Version {
    pub(crate) version: u64,
    pub(crate) updated: String,
    pub(crate) body: Option<Value>,
}

/// A FHIR `instant` with milliseconds, in UTC: as text it sorts by time.
pub(crate) fn instant(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

impl search::Resolver for Store {
    fn resolve(&self, kind: &str, id: &str) -> Option<Arc<Entry>> {
        self.entry(kind, id)
    }
}
