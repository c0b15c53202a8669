//! How far an outbox had come, kept beside it: a log that was cut, removed, or put back from another time is noticed.
//!
//! SQLite cannot tell a log that lost its end from one whose end was never written. So each transaction of an outbox counts
//! itself in the database (`PRAGMA user_version`, which nothing else uses), and after it is durable the number is written to
//! `outbox.db-mark`, authenticated and not synced: it costs one small write and can only be older than the truth. A database
//! that counts less than its mark has lost something that was acknowledged.
//!
//! After a power cut the mark may be old or spoiled: then nothing is said, and nothing is accused. Not told: a folder that was
//! put back whole, mark and all.

use std::fs::File;
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::Mutex;

use rusqlite::Connection;

use crate::SecretKey;
use crate::writer::locked;

const MAGIC: &[u8; 8] = b"PSTZMRK1";
/// Magic, number, and half of its authentication.
const LENGTH: usize = 8 + 8 + 16;
const PURPOSE: &[u8] = b"postazione mark 1";

/// The mark of an open outbox.
pub(crate) struct Mark {
    key: SecretKey,
    state: Mutex<State>,
}

struct State {
    number: i64,
    /// None once it refused: a mark that stays behind accuses nobody.
    file: Option<File>,
}

/// How many transactions a database counts.
pub(crate) fn count(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0))
}

/// What a mark says; none when there is none, or when it is not one that this key wrote.
pub(crate) fn read(path: &Path, key: &SecretKey) -> std::io::Result<Option<i64>> {
    let mut bytes = [0; LENGTH];
    match File::open(path).and_then(|mut file| file.read_exact(&mut bytes)) {
        Ok(()) => {}
        Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::UnexpectedEof) => return Ok(None),
        Err(e) => return Err(e),
    }
    let mut number = [0; 8];
    number.copy_from_slice(&bytes[8..16]);
    let number = i64::from_be_bytes(number);
    Ok((bytes == written(number, key)).then_some(number))
}

fn written(number: i64, key: &SecretKey) -> [u8; LENGTH] {
    let mut bytes = [0; LENGTH];
    bytes[..8].copy_from_slice(MAGIC);
    bytes[8..16].copy_from_slice(&number.to_be_bytes());
    bytes[16..].copy_from_slice(&key.mac(&[PURPOSE, &number.to_be_bytes()])[..16]);
    bytes
}

impl Mark {
    /// Of a database that was found not to be behind it.
    pub(crate) fn open(
        path: &Path,
        key: SecretKey,
        connection: &Connection,
    ) -> Result<Self, crate::OpenError> {
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path)?;
        let number = count(connection).map_err(|e| crate::database::refused(&e))?;
        let mark = Self {
            key,
            state: Mutex::new(State {
                number,
                file: Some(file),
            }),
        };
        mark.reached(number);
        Ok(mark)
    }

    /// Counts a transaction, inside it. The number that it will have reached.
    pub(crate) fn advance(&self, transaction: &Connection) -> rusqlite::Result<i64> {
        // A signed number of 32 bits: at its end, after two thousand million transactions, the count stands.
        let next = (locked(&self.state).number + 1).min(i64::from(i32::MAX));
        transaction.pragma_update(None, "user_version", next)?;
        Ok(next)
    }

    /// Writes down that a number is durable.
    pub(crate) fn reached(&self, number: i64) {
        let mut state = locked(&self.state);
        state.number = number;
        let bytes = written(number, &self.key);
        let kept = state
            .file
            .as_mut()
            .map(|file| file.seek(SeekFrom::Start(0)).and_then(|_| file.write_all(&bytes)));
        if let Some(Err(error)) = kept {
            tracing::warn!(kind = ?error.kind(), "the mark of an outbox could not be written");
            state.file = None;
        }
    }
}
