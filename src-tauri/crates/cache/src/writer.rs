//! One connection that writes, several that read.
//!
//! Each write is one transaction on the thread that asks for it, one at a time: handing it to a thread of its own costs as
//! much as a fifth of what the disk takes to keep it. Readers never wait for it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};

use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::mark::Mark;
use crate::{SecretKey, StoreError, database};

/// Idle readers kept open; more are opened when needed and closed afterwards.
const IDLE_READERS: usize = 4;

pub(crate) struct Database {
    path: PathBuf,
    /// Taken away when the store closes.
    key: Mutex<Option<SecretKey>>,
    /// Held for the length of a transaction; taken away when the store closes.
    writer: Mutex<Option<Connection>>,
    /// Who holds the writer.
    writing: Mutex<Option<ThreadId>>,
    readers: Mutex<Vec<Connection>>,
    /// Written when a read finds damage in a database that may be rebuilt; the next opening rebuilds it.
    marker: Option<PathBuf>,
    /// How far a database that is never rebuilt has come.
    mark: Option<Mark>,
}

pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Database {
    pub(crate) fn new(
        path: PathBuf,
        key: SecretKey,
        marker: Option<PathBuf>,
        mark: Option<Mark>,
        connection: Connection,
    ) -> Self {
        Self {
            path,
            key: Mutex::new(Some(key)),
            writer: Mutex::new(Some(connection)),
            writing: Mutex::new(None),
            readers: Mutex::new(Vec::new()),
            marker,
            mark,
        }
    }

    /// Runs `work` in one transaction; an error rolls it back.
    pub(crate) fn write<T, E>(&self, work: impl FnOnce(&Transaction<'_>) -> Result<T, E>) -> Result<T, E>
    where
        E: From<StoreError>,
    {
        let this = thread::current().id();
        if *locked(&self.writing) == Some(this) {
            // It would wait for itself.
            return Err(StoreError::Nested.into());
        }
        let mut writer = locked(&self.writer);
        let connection = writer.as_mut().ok_or(StoreError::Closed)?;
        *locked(&self.writing) = Some(this);
        let done = catch_unwind(AssertUnwindSafe(|| {
            in_transaction(connection, self.mark.as_ref(), work)
        }));
        *locked(&self.writing) = None;
        drop(writer);
        // A panic has rolled back; whoever comes next goes on.
        done.unwrap_or_else(|_| {
            tracing::error!("a write to the store panicked and was rolled back");
            Err(StoreError::Closed.into())
        })
    }

    /// Runs `work` on a reader.
    pub(crate) fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let key = locked(&self.key).clone().ok_or(StoreError::Closed)?;
        let idle = locked(&self.readers).pop();
        let reader = match idle {
            Some(reader) => reader,
            None => database::reader(&self.path, &key)?,
        };
        let result = work(&reader);
        if matches!(result, Err(StoreError::Damaged)) {
            self.condemn();
        }
        let mut readers = locked(&self.readers);
        if readers.len() < IDLE_READERS && locked(&self.key).is_some() {
            readers.push(reader);
        }
        result
    }

    /// Has a database that may be rebuilt be rebuilt when it is next opened.
    pub(crate) fn condemn(&self) {
        let Some(marker) = &self.marker else { return };
        if let Err(error) = std::fs::write(marker, b"") {
            tracing::warn!(kind = ?error.kind(), "the damage of a cache could not be noted");
        }
    }

    /// Waits for the write under way, closes every connection and forgets the key.
    pub(crate) fn close(&self) {
        *locked(&self.key) = None;
        locked(&self.readers).clear();
        let Some(writer) = locked(&self.writer).take() else {
            return;
        };
        if let Err((_, error)) = writer.close() {
            tracing::warn!(code = ?error.sqlite_error_code(), "a database did not close cleanly");
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        self.close();
    }
}

fn in_transaction<T, E: From<StoreError>>(
    connection: &mut Connection,
    mark: Option<&Mark>,
    work: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
) -> Result<T, E> {
    // Immediate: a read that becomes a write half-way could be refused.
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(StoreError::from)?;
    let before = transaction.total_changes();
    let done = work(&transaction)?;
    let marked = match mark {
        Some(mark) if transaction.total_changes() != before => {
            Some((mark, mark.advance(&transaction).map_err(StoreError::from)?))
        }
        _ => None,
    };
    transaction.commit().map_err(StoreError::from)?;
    if let Some((mark, number)) = marked {
        mark.reached(number);
    }
    Ok(done)
}
