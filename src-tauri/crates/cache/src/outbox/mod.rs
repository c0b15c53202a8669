//! `outbox.db`: everything that the region has not confirmed, and the queue that brings it there.
//!
//! Whatever belongs together is written together: [`Outbox::commit`] hands out a [`Step`], one transaction
//! in which a report changes state, its document is stored, its item is queued and the access is recorded.
//! Not in it: sending. A sender takes an item, sends its frozen request, and reports an [`Event`].

mod item;
mod queue;
mod request;
mod transition;
mod upload;

use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::Transaction;

pub use item::{ItemId, ItemKind, NewItem, OutboxItem, Progress, Reason, State};
pub(crate) use queue::queue_lines;
pub use queue::{Lane, QueueLine};
pub use request::FrozenRequest;
pub use transition::{Event, Jitter, LONGEST_PAUSE, SHORTEST_PAUSE, TransitionError, transition};

pub use upload::Upload;

use crate::writer::Database;
use crate::{SecretKey, StoreError};

/// Handle to an open `outbox.db`. Cheap to clone; every method blocks.
#[derive(Clone)]
pub struct Outbox {
    pub(crate) database: Arc<Database>,
    pub(crate) audit_key: SecretKey,
}

impl std::fmt::Debug for Outbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Outbox")
    }
}

/// One transaction on `outbox.db`. Dropped with an error, it never happened.
pub struct Step<'a> {
    pub(crate) tx: &'a Transaction<'a>,
    pub(crate) audit_key: &'a SecretKey,
    pub(crate) now: Timestamp,
}

impl Outbox {
    /// Writes everything that `work` writes, or nothing. Durable when it returns.
    ///
    /// `work` must not write through this handle: it would wait for itself and is refused.
    pub fn commit<T, E: From<StoreError>>(
        &self,
        now: Timestamp,
        work: impl FnOnce(&mut Step<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.database.write(|tx| {
            work(&mut Step {
                tx,
                audit_key: &self.audit_key,
                now,
            })
        })
    }
}

/// Times are kept as milliseconds; what is returned is what will be read back.
pub(crate) fn millis(at: Timestamp) -> i64 {
    at.as_millisecond()
}

pub(crate) fn from_millis(millis: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_millisecond(millis).map_err(|_| StoreError::Unreadable("time"))
}
