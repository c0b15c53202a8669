//! `cache.db`: a copy of what the region holds, to be read with the region gone. May be rebuilt at any time.
//!
//! What one page of the change feed brought and the feed's cursor are written in one transaction
//! ([`Replica::apply`]): after a crash the feed is read again from where the rows really stand.
//! Payloads are the subject's own types as JSON; beside them stand only the columns that are searched or sorted.
//! Not in it: anything typed on this PC that the region has not confirmed (`outbox`).

mod agenda;
mod cases;
mod documents;
mod feed;
mod patients;
mod people;
mod purge;
mod search;
mod weights;

use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::Transaction;

pub use agenda::TelevisitRow;
pub use cases::{CaseFilter, CasePage, CasePlace, CaseRow, CaseTable, KnownPatients, Listing, OwnedBy};
pub use documents::DocumentRow;
pub use feed::FeedCursor;
pub use purge::Purged;
pub use search::Found;

use crate::StoreError;
use crate::writer::Database;

/// Handle to an open `cache.db`. Cheap to clone; every method blocks.
#[derive(Clone)]
pub struct Replica {
    pub(crate) database: Arc<Database>,
}

impl std::fmt::Debug for Replica {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Replica")
    }
}

/// One transaction on `cache.db`.
pub struct Batch<'a> {
    tx: &'a Transaction<'a>,
    now: Timestamp,
}

impl Replica {
    /// Writes everything that `work` writes, or nothing.
    ///
    /// `work` runs on the writer's thread: it must not call back into this handle.
    pub fn apply<T, E>(
        &self,
        now: Timestamp,
        work: impl FnOnce(&mut Batch<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.database.write(move |tx| work(&mut Batch { tx, now }))
    }

    /// Has the copy be rebuilt when the store is next opened. A read that finds damage does it by itself.
    pub fn condemn(&self) {
        self.database.condemn();
    }
}

fn to_json<T: serde::Serialize + ?Sized>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|_| StoreError::Unreadable("payload"))
}

fn from_json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|_| StoreError::Unreadable("payload"))
}
