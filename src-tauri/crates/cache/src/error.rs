//! What can go wrong with a store: opening it, and using it. No text here carries health data or a path
//! that names a person.

use std::path::PathBuf;

use crate::outbox::{ItemId, ItemKind, TransitionError};

/// Why a database was not opened. In no case was anything created or overwritten.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// There is no database in the directory.
    #[error("no database in this directory")]
    Absent,
    /// A database is already there and was to be created.
    #[error("a database is already there")]
    AlreadyThere,
    /// The key does not open the file, which is left as it is.
    #[error("the key does not open this database")]
    WrongKey,
    /// The file is not what was written; left as it is.
    #[error("the database is damaged")]
    Damaged,
    /// `outbox.db` was damaged and has been renamed; nothing of it was deleted.
    #[error("the outbox was damaged and has been set aside")]
    SetAside(SetAside),
    /// A newer program wrote it.
    #[error("the database was written by a newer version ({found}, this one knows {known})")]
    NewerSchema {
        /// Newest migration found in the file.
        found: i64,
        /// Newest migration that this program knows.
        known: i64,
    },
    /// The file is a database in the clear, which this program never writes.
    #[error("the file is not encrypted")]
    Foreign,
    /// Another process holds the directory: two senders must never share a queue.
    #[error("the store is in use by another process")]
    InUse,
    /// The program was built without SQLCipher.
    #[error("the cipher is missing from this build")]
    NoCipher,
    /// The disk refused.
    #[error("the disk refused: {0}")]
    Disk(std::io::ErrorKind),
    /// Any other refusal of the database engine, by its code.
    #[error("the database refused with code {0}")]
    Refused(i32),
}

impl From<std::io::Error> for OpenError {
    fn from(e: std::io::Error) -> Self {
        Self::Disk(e.kind())
    }
}

/// Where a damaged outbox went and what it still said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetAside {
    /// The renamed database; its `-wal` and `-shm` stand beside it.
    pub file: PathBuf,
    /// Items that were not confirmed, as far as the file could be read; `None` when it could not at all.
    pub unsent: Option<Vec<UnsentItem>>,
}

/// One item that had not been confirmed when the outbox was set aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnsentItem {
    /// Its identity.
    pub id: ItemId,
    /// What it was.
    pub kind: ItemKind,
    /// What it belonged to.
    pub subject: String,
}

/// Why a read or a write failed. A failed write changed nothing.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database is damaged: close, and open again to have it set aside or rebuilt.
    #[error("the database is damaged")]
    Damaged,
    /// No room left on the disk.
    #[error("the disk is full")]
    DiskFull,
    /// The disk refused.
    #[error("the disk refused")]
    Disk,
    /// The store has been closed (lock, change of user, end of the program).
    #[error("the store is closed")]
    Closed,
    /// A write was begun from inside another write.
    #[error("a write was begun from inside another write")]
    Nested,
    /// No such row.
    #[error("not found")]
    NotFound,
    /// A stored value is not one that this program writes.
    #[error("a stored value cannot be read: {0}")]
    Unreadable(&'static str),
    /// A step that may not follow the one before.
    #[error("this step may not follow the one before")]
    Order,
    /// The queue refused.
    #[error(transparent)]
    Transition(#[from] TransitionError),
    /// Any other refusal of the database engine, by its extended code.
    #[error("the database refused with code {0}")]
    Refused(i32),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Code;
        match error {
            rusqlite::Error::QueryReturnedNoRows => Self::NotFound,
            rusqlite::Error::SqliteFailure(e, _) => match e.code {
                Code::DatabaseCorrupt | Code::NotADatabase => Self::Damaged,
                Code::DiskFull => Self::DiskFull,
                Code::SystemIoFailure | Code::CannotOpen | Code::ReadOnly => Self::Disk,
                _ => Self::Refused(e.extended_code),
            },
            rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::IntegralValueOutOfRange(..) => Self::Unreadable("column"),
            _ => Self::Refused(0),
        }
    }
}
