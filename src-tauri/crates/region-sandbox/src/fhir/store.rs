//! Resources as JSON with versions, in one SQLite file.
//!
//! Methods are synchronous and short (one connection behind a lock): call them from handlers directly, and never hold
//! their results' locks, there are none. Every write is told on [`Store::changes`].

use std::path::Path;
use std::sync::{Mutex, MutexGuard};

use rusqlite::Connection;
use serde_json::Value;
use tokio::sync::broadcast;

use crate::events::Changed;

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
        /// The stored version.
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
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] rusqlite::Error),
}

/// The store of resources.
#[derive(Debug)]
pub struct Store {
    connection: Mutex<Connection>,
    changes: broadcast::Sender<Changed>,
}

impl Store {
    pub(crate) fn open(file: &Path) -> Result<Self, StoreError> {
        let connection = Connection::open(file)?;
        Ok(Self { connection: Mutex::new(connection), changes: broadcast::channel(1024).0 })
    }

    /// Changes from now on.
    pub fn changes(&self) -> broadcast::Receiver<Changed> {
        self.changes.subscribe()
    }

    /// The current version of a resource, with `meta`; `None` when absent or deleted.
    pub fn read(&self, _resource_type: &str, _id: &str) -> Result<Option<Value>, StoreError> {
        Ok(None)
    }

    /// All current resources that match the parameters (`[("actor", "Patient/1"), ("date", "ge2026-11-21")]`), with the
    /// syntax of FHIR search, sorted by last change; no paging and no included resources.
    pub fn search(&self, _resource_type: &str, _parameters: &[(&str, &str)]) -> Result<Vec<Value>, StoreError> {
        Ok(Vec::new())
    }

    /// Stores a new resource under its own `id`, or a new UUID where it has none; gives it back with `meta`.
    pub fn create(&self, resource: Value) -> Result<Value, StoreError> {
        Ok(resource)
    }

    /// Stores a new version of the resource named by its `resourceType` and `id`; gives it back with `meta`.
    pub fn update(&self, resource: Value, _expected: Precondition) -> Result<Value, StoreError> {
        Ok(resource)
    }

    /// Reads, changes and writes in one step: for a status that others may be changing too. `None` when absent.
    /// The change is not written when `change` returns false.
    pub fn modify(
        &self,
        _resource_type: &str,
        _id: &str,
        _change: impl FnMut(&mut Value) -> bool,
    ) -> Result<Option<Value>, StoreError> {
        Ok(None)
    }

    /// Content of a `Binary`: media type and bytes.
    pub fn binary(&self, _id: &str) -> Result<Option<(String, Vec<u8>)>, StoreError> {
        Ok(None)
    }

    /// Stores a `Binary`, gives its id.
    pub fn create_binary(&self, _media_type: &str, _bytes: &[u8]) -> Result<String, StoreError> {
        Ok(String::new())
    }

    #[allow(dead_code)]
    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
