//! A user's directory as a whole: opened once, by one process, with one key for each part.
//!
//! What is done about damage stands in `decisions/0002`: a cache is rebuilt, an outbox is set aside and said so.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;

use crate::database::{self, Which};
use crate::mark::Mark;
use crate::outbox::queue_lines;
use crate::writer::Database;
use crate::{Attachments, OpenError, Outbox, Replica, SetAside, StoreError, StoreKeys, UnsentItem};

/// How the cache was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheCondition {
    /// As it was left.
    Whole,
    /// There was none; it is empty.
    New,
    /// It was damaged, foreign, or of another version; it is empty and will be fetched again.
    Rebuilt,
}

/// What the caller should know of a store that was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenReport {
    /// How the cache was found.
    pub cache: CacheCondition,
    /// Items that were being sent when the program last ended: search by identifier before repeating them.
    pub interrupted: usize,
}

/// The open store of one user.
#[derive(Debug)]
pub struct UserStore {
    /// What the region has not confirmed.
    pub outbox: Outbox,
    /// A copy of what the region holds.
    pub replica: Replica,
    /// Files.
    pub attachments: Attachments,
    _lock: Held,
}

impl UserStore {
    /// Creates the store of a user who has none in `dir`. Refused where there is an outbox already.
    pub fn create(dir: &Path, keys: &StoreKeys, now: Timestamp) -> Result<(Self, OpenReport), OpenError> {
        std::fs::create_dir_all(dir)?;
        let lock = lock(dir)?;
        let outbox = database::create(dir, &keys.outbox, Which::Outbox)?;
        Self::assemble(dir, keys, outbox, lock, now)
    }

    /// Opens the store of a user. Never creates an outbox: [`OpenError::Absent`] says that there is none, and
    /// [`OpenError::SetAside`] that it was damaged and renamed; [`UserStore::create`] then begins a new one.
    pub fn open(dir: &Path, keys: &StoreKeys, now: Timestamp) -> Result<(Self, OpenReport), OpenError> {
        if !dir.try_exists()? {
            return Err(OpenError::Absent);
        }
        let lock = lock(dir)?;
        match database::open(dir, &keys.outbox, Which::Outbox) {
            Ok(outbox) => Self::assemble(dir, keys, outbox, lock, now),
            Err(OpenError::Damaged) => {
                let unsent = unsent(dir, keys);
                let file = database::set_aside(dir, Which::Outbox, now)?;
                tracing::error!(
                    readable = unsent.is_some(),
                    "the outbox was damaged and has been set aside"
                );
                Err(OpenError::SetAside(SetAside { file, unsent }))
            }
            Err(other) => Err(other),
        }
    }

    /// Finishes what is being written, closes both databases and forgets their keys.
    pub fn close(self) {
        self.outbox.database.close();
        self.replica.database.close();
    }

    fn assemble(
        dir: &Path,
        keys: &StoreKeys,
        outbox: rusqlite::Connection,
        lock: Held,
        now: Timestamp,
    ) -> Result<(Self, OpenReport), OpenError> {
        let (cache, condition) = open_cache(dir, keys)?;
        let mark = Mark::open(&database::mark_path(dir), keys.outbox.clone(), &outbox)?;
        let outbox = Database::new(
            Which::Outbox.path(dir),
            keys.outbox.clone(),
            None,
            Some(mark),
            outbox,
        );
        let outbox = Outbox {
            database: Arc::new(outbox),
            audit_key: keys.audit.clone(),
        };
        let marker = Some(marker(dir));
        let replica = Database::new(Which::Cache.path(dir), keys.cache.clone(), marker, None, cache);
        let replica = Replica {
            database: Arc::new(replica),
        };
        let attachments = Attachments::open(dir, keys.attachments.clone(), outbox.clone())?;
        let interrupted = outbox.commit(now, |step| step.restarted()).map_err(|e| match e {
            StoreError::Damaged => OpenError::Damaged,
            StoreError::DiskFull => OpenError::Disk(std::io::ErrorKind::StorageFull),
            StoreError::Refused(code) => OpenError::Refused(code),
            _ => OpenError::Refused(0),
        })?;
        Ok((
            Self {
                outbox,
                replica,
                attachments,
                _lock: lock,
            },
            OpenReport {
                cache: condition,
                interrupted,
            },
        ))
    }
}

fn open_cache(dir: &Path, keys: &StoreKeys) -> Result<(rusqlite::Connection, CacheCondition), OpenError> {
    let condemned = marker(dir).try_exists()?;
    let found = if condemned {
        Err(OpenError::Damaged)
    } else {
        database::open(dir, &keys.cache, Which::Cache)
    };
    let condition = match found {
        Ok(connection) => return Ok((connection, CacheCondition::Whole)),
        Err(OpenError::Absent) => CacheCondition::New,
        // The outbox has opened, so the keys are this user's: whatever is here is not a copy we can use.
        Err(
            OpenError::Damaged | OpenError::WrongKey | OpenError::Foreign | OpenError::NewerSchema { .. },
        ) => {
            tracing::warn!("the cache could not be used and is rebuilt");
            database::remove_cache(dir)?;
            CacheCondition::Rebuilt
        }
        Err(other) => return Err(other),
    };
    let connection = database::create(dir, &keys.cache, Which::Cache)?;
    if condemned {
        std::fs::remove_file(marker(dir))?;
    }
    Ok((connection, condition))
}

fn marker(dir: &Path) -> PathBuf {
    dir.join("cache.damaged")
}

/// What a damaged outbox still says of its queue.
fn unsent(dir: &Path, keys: &StoreKeys) -> Option<Vec<UnsentItem>> {
    let connection = database::reader(&Which::Outbox.path(dir), &keys.outbox).ok()?;
    let lines = queue_lines(&connection).ok()?;
    Some(
        lines
            .into_iter()
            .map(|l| UnsentItem {
                id: l.id,
                kind: l.kind,
                subject: l.subject,
            })
            .collect(),
    )
}

/// Held while the store is open: two senders must never share a queue.
#[derive(Debug)]
struct Held(File);

impl Drop for Held {
    fn drop(&mut self) {
        // Closing alone is not enough: a process being started holds a copy of the lock until it runs.
        if let Err(error) = self.0.unlock() {
            tracing::warn!(kind = ?error.kind(), "the lock of a store was not released");
        }
    }
}

fn lock(dir: &Path) -> Result<Held, OpenError> {
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(dir.join("store.lock"))?;
    match file.try_lock() {
        Ok(()) => Ok(Held(file)),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse),
        Err(TryLockError::Error(e)) => Err(e.into()),
    }
}
