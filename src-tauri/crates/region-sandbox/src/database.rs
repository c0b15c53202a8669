//! The one SQLite file of the region: its tables, and one connection behind a lock.
//!
//! Calls are short and synchronous; a region for one training room needs no pool. Not in it: what the rows mean.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;

const TABLES: &str = "
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    CREATE TABLE IF NOT EXISTS resource (
        type TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, updated TEXT NOT NULL,
        author TEXT, body TEXT, PRIMARY KEY (type, id, version)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS binary (
        id TEXT PRIMARY KEY, media_type TEXT NOT NULL, bytes BLOB NOT NULL);
    CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS code (
        hash TEXT PRIMARY KEY, request TEXT NOT NULL, expires INTEGER NOT NULL, family TEXT NOT NULL,
        used INTEGER NOT NULL DEFAULT 0);
    CREATE TABLE IF NOT EXISTS token (
        hash TEXT PRIMARY KEY, kind TEXT NOT NULL, practitioner TEXT NOT NULL, claims TEXT NOT NULL,
        family TEXT NOT NULL, parent TEXT, expires INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS workflow (
        id TEXT PRIMARY KEY, trace TEXT NOT NULL, cda_hash TEXT NOT NULL, patient TEXT NOT NULL,
        validated INTEGER NOT NULL, published INTEGER, document TEXT, practitioner TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS workflow_event (
        workflow TEXT NOT NULL, due INTEGER NOT NULL, event TEXT NOT NULL, body TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS document (
        id TEXT PRIMARY KEY, workflow TEXT NOT NULL, reference TEXT NOT NULL, patient TEXT NOT NULL,
        practitioner TEXT NOT NULL, metadata TEXT NOT NULL, deleted INTEGER NOT NULL DEFAULT 0);
    CREATE TABLE IF NOT EXISTS upload (
        id TEXT PRIMARY KEY, owner TEXT NOT NULL, binary TEXT NOT NULL, media_type TEXT NOT NULL,
        length INTEGER NOT NULL, sha256 TEXT NOT NULL, expires INTEGER NOT NULL, done INTEGER NOT NULL);
    CREATE INDEX IF NOT EXISTS upload_binary ON upload (binary);
";

/// The region's database.
#[derive(Debug)]
pub(crate) struct Database {
    connection: Mutex<Connection>,
    folder: PathBuf,
}

impl Database {
    pub(crate) fn open(file: &Path) -> Result<Self, rusqlite::Error> {
        let connection = Connection::open(file)?;
        connection.execute_batch(TABLES)?;
        Ok(Self {
            connection: Mutex::new(connection),
            folder: file.parent().map(Path::to_owned).unwrap_or_default(),
        })
    }

    /// The connection; a poisoned lock is taken all the same, since SQLite rolled back what was open.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The data directory: large contents lie in files beside the database.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn setting(&self, name: &str) -> Result<Option<String>, rusqlite::Error> {
        use rusqlite::OptionalExtension;
        self.lock()
            .query_row("SELECT value FROM setting WHERE name = ?1", [name], |row| {
                row.get(0)
            })
            .optional()
    }

    pub(crate) fn set_setting(&self, name: &str, value: &str) -> Result<(), rusqlite::Error> {
        self.lock()
            .execute(
                "INSERT INTO setting (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2",
                [name, value],
            )
            .map(drop)
    }

    /// Empties every table but the settings that are secrets.
    pub(crate) fn clear(&self) -> Result<(), rusqlite::Error> {
        self.lock().execute_batch(
            "BEGIN;
             DELETE FROM resource; DELETE FROM binary; DELETE FROM code; DELETE FROM token; DELETE FROM workflow;
             DELETE FROM workflow_event; DELETE FROM document; DELETE FROM upload;
             DELETE FROM setting WHERE name LIKE 'seed%';
             COMMIT;",
        )
    }
}
