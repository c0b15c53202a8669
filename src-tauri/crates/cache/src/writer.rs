//! One thread that writes, several connections that read.
//!
//! Each write is one transaction, run to its end even when the caller has gone; readers never wait for it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread::JoinHandle;

use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::mark::Mark;
use crate::{OpenError, SecretKey, StoreError, database};

/// Idle readers kept open; more are opened when needed and closed afterwards.
const IDLE_READERS: usize = 4;

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

pub(crate) struct Database {
    path: PathBuf,
    /// Taken away when the store closes.
    open: Mutex<Option<Open>>,
    readers: Mutex<Vec<Connection>>,
    /// Written when a read finds damage in a database that may be rebuilt; the next opening rebuilds it.
    marker: Option<PathBuf>,
    /// How far a database that is never rebuilt has come.
    mark: Option<Arc<Mark>>,
}

struct Open {
    key: SecretKey,
    jobs: mpsc::Sender<Job>,
    thread: JoinHandle<()>,
}

pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Database {
    pub(crate) fn start(
        path: PathBuf,
        key: SecretKey,
        name: &str,
        marker: Option<PathBuf>,
        mark: Option<Mark>,
        mut connection: Connection,
    ) -> Result<Self, OpenError> {
        let (jobs, queue) = mpsc::channel::<Job>();
        let thread = std::thread::Builder::new().name(name.to_owned()).spawn(move || {
            while let Ok(job) = queue.recv() {
                // A job that panics rolls back and answers "closed" to its caller; the thread goes on.
                if catch_unwind(AssertUnwindSafe(|| job(&mut connection))).is_err() {
                    tracing::error!("a write to the store panicked and was rolled back");
                }
            }
            if let Err((_, error)) = connection.close() {
                tracing::warn!(code = ?error.sqlite_error_code(), "a database did not close cleanly");
            }
        })?;
        let open = Mutex::new(Some(Open { key, jobs, thread }));
        Ok(Self {
            path,
            open,
            readers: Mutex::new(Vec::new()),
            marker,
            mark: mark.map(Arc::new),
        })
    }

    /// Runs `work` in one transaction; an error rolls it back.
    pub(crate) fn write<T, E>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (answer, result) = mpsc::sync_channel(1);
        let mark = self.mark.clone();
        let job: Job = Box::new(move |connection| {
            let done = in_transaction(connection, mark.as_deref(), work);
            // The caller may have gone; the work is done all the same.
            let _ = answer.send(done);
        });
        match locked(&self.open).as_ref() {
            // It would wait for itself.
            Some(open) if open.thread.thread().id() == std::thread::current().id() => {
                return Err(StoreError::Nested.into());
            }
            Some(open) => open.jobs.send(job).map_err(|_| StoreError::Closed)?,
            None => return Err(StoreError::Closed.into()),
        }
        result.recv().unwrap_or_else(|_| Err(StoreError::Closed.into()))
    }

    /// Runs `work` on a reader.
    pub(crate) fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let key = match locked(&self.open).as_ref() {
            Some(open) => open.key.clone(),
            None => return Err(StoreError::Closed),
        };
        let idle = locked(&self.readers).pop();
        let reader = match idle {
            Some(reader) => reader,
            None => database::reader(&self.path, &key)?,
        };
        let result = work(&reader);
        if matches!(result, Err(StoreError::Damaged)) {
            self.condemn();
        }
        let still_open = locked(&self.open).is_some();
        let mut readers = locked(&self.readers);
        if still_open && readers.len() < IDLE_READERS {
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

    /// Finishes the writes under way, closes every connection and forgets the key.
    pub(crate) fn close(&self) {
        let Some(open) = locked(&self.open).take() else {
            return;
        };
        locked(&self.readers).clear();
        drop(open.jobs);
        if open.thread.join().is_err() {
            tracing::error!("the writer of the store ended badly");
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
