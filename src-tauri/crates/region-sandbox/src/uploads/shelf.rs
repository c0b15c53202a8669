//! Where uploads lie: a row in the region's database and a file beside it, whose length is the offset.
//!
//! A repeat of a creation (same author, identifier, length and hash) is answered with the upload that is there, so that a
//! lost answer leaves nothing behind and a file that has arrived is never sent twice.

use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::{OptionalExtension, Row, params};
use sha2::{Digest, Sha256};

use super::refusal::Refusal;
use crate::auth::Caller;
use crate::clock::Clock;
use crate::database::Database;
use crate::fhir::{Store, StoreError};

/// An upload that nobody touches is over after this time, seconds.
const LIFETIME: i64 = 24 * 3600;
/// Uploads that one person may have begun and not ended.
const UNDER_WAY: i64 = 64;

/// What a creation asks for.
pub(super) struct NewUpload {
    pub(super) id: String,
    pub(super) media_type: String,
    pub(super) length: u64,
    pub(super) sha256: String,
}

/// An upload.
#[derive(Debug)]
pub(super) struct Upload {
    pub(super) id: String,
    pub(super) owner: String,
    pub(super) binary: String,
    pub(super) media_type: String,
    pub(super) length: u64,
    pub(super) sha256: String,
    pub(super) expires: i64,
    pub(super) done: bool,
}

/// How far an upload got, for those who embed the region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadState {
    /// Id of the Binary that it becomes.
    pub binary: String,
    /// Bytes that are here.
    pub offset: u64,
    /// Bytes in all.
    pub length: u64,
    /// It is a Binary.
    pub done: bool,
}

/// The uploads of the region.
#[derive(Debug)]
pub(crate) struct Shelf {
    folder: PathBuf,
    database: Arc<Database>,
    clock: Arc<Clock>,
    /// One piece at a time: what is there is compared and added to in one step.
    one: Mutex<()>,
}

const COLUMNS: &str = "id, owner, binary, media_type, length, sha256, expires, done";

impl Shelf {
    pub(crate) fn open(data_dir: &Path, database: Arc<Database>, clock: Arc<Clock>) -> std::io::Result<Self> {
        let folder = data_dir.join("uploads");
        std::fs::create_dir_all(&folder)?;
        Ok(Self {
            folder,
            database,
            clock,
            one: Mutex::new(()),
        })
    }

    pub(super) fn create(
        &self,
        store: &Store,
        caller: &Caller,
        new: NewUpload,
    ) -> Result<(Upload, u64), Refusal> {
        let _one = self.one();
        self.sweep()?;
        let owner = &caller.practitioner;
        let others = store
            .entry("Binary", &new.id)
            .is_some_and(|binary| binary.author.as_deref() != Some(owner));
        if others {
            return Err(Refusal::Taken);
        }
        if let Some(there) = self.of_binary(owner, &new.id)? {
            if there.length != new.length || there.sha256 != new.sha256 {
                return Err(Refusal::Taken);
            }
            return self.settle(store, there);
        }
        let begun: i64 = self
            .database
            .lock()
            .query_row(
                "SELECT count(*) FROM upload WHERE owner = ?1 AND done = 0",
                [owner],
                |row| row.get(0),
            )
            .map_err(failed)?;
        if begun >= UNDER_WAY {
            return Err(Refusal::TooMany);
        }
        let upload = Upload {
            id: uuid::Uuid::now_v7().simple().to_string(),
            owner: owner.clone(),
            binary: new.id,
            media_type: new.media_type,
            length: new.length,
            sha256: new.sha256,
            expires: self.end(),
            done: false,
        };
        File::create(self.path(&upload)).map_err(|e| disk(&e))?;
        self.database
            .lock()
            .execute(
                "INSERT INTO upload (id, owner, binary, media_type, length, sha256, expires, done)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0)",
                params![
                    upload.id,
                    upload.owner,
                    upload.binary,
                    upload.media_type,
                    upload.length.cast_signed(),
                    upload.sha256,
                    upload.expires
                ],
            )
            .map_err(failed)?;
        self.settle(store, upload)
    }

    pub(super) fn standing(
        &self,
        store: &Store,
        caller: &Caller,
        id: &str,
    ) -> Result<(Upload, u64), Refusal> {
        let _one = self.one();
        let upload = self.find(caller, id)?;
        self.settle(store, upload)
    }

    pub(super) fn append(
        &self,
        store: &Store,
        caller: &Caller,
        id: &str,
        offset: u64,
        piece: &[u8],
    ) -> Result<(Upload, u64), Refusal> {
        let _one = self.one();
        let mut upload = self.find(caller, id)?;
        let standing = self.offset(&upload)?;
        if offset != standing {
            return Err(Refusal::Offset);
        }
        let after = standing.saturating_add(piece.len() as u64);
        if after > upload.length {
            return Err(Refusal::TooLarge);
        }
        if upload.done {
            return Ok((upload, standing));
        }
        let mut file = File::options()
            .append(true)
            .open(self.path(&upload))
            .map_err(|e| disk(&e))?;
        if let Err(error) = file.write_all(piece) {
            // Half a piece was never judged: it goes.
            let _ = file.set_len(standing);
            return Err(disk(&error));
        }
        upload.expires = self.end();
        self.database
            .lock()
            .execute(
                "UPDATE upload SET expires = ?2 WHERE id = ?1",
                params![upload.id, upload.expires],
            )
            .map_err(failed)?;
        self.settle(store, upload)
    }

    /// A finished upload is a Binary and stays.
    pub(super) fn terminate(&self, caller: &Caller, id: &str) -> Result<(), Refusal> {
        let _one = self.one();
        let upload = self.find(caller, id)?;
        if upload.done {
            Ok(())
        } else {
            self.discard(&upload)
        }
    }

    /// Every upload, the finished ones too.
    pub(crate) fn all(&self) -> Vec<UploadState> {
        self.rows("SELECT {} FROM upload ORDER BY id", &[])
            .unwrap_or_default()
            .into_iter()
            .map(|upload| UploadState {
                offset: self.offset(&upload).unwrap_or_default(),
                binary: upload.binary,
                length: upload.length,
                done: upload.done,
            })
            .collect()
    }

    /// Removes what is over, and files that no row names.
    pub(crate) fn sweep(&self) -> Result<(), Refusal> {
        let now = self.clock.now().as_second();
        for upload in self.rows("SELECT {} FROM upload WHERE done = 0 AND expires < ?1", &[&now])? {
            let _ = std::fs::remove_file(self.path(&upload));
        }
        let kept = self.rows("SELECT {} FROM upload", &[])?;
        for entry in std::fs::read_dir(&self.folder).map_err(|e| disk(&e))?.flatten() {
            if !kept
                .iter()
                .any(|upload| entry.file_name().to_str() == Some(&upload.id))
            {
                let _ = std::fs::remove_file(entry.path());
            }
        }
        // The row of one that is over is kept for as long again, so that who comes back is told so.
        self.database
            .lock()
            .execute(
                "DELETE FROM upload WHERE done = 0 AND expires < ?1",
                [now - LIFETIME],
            )
            .map(drop)
            .map_err(failed)
    }

    /// The upload that is whole becomes a Binary, whether its last piece came now or before a crash.
    fn settle(&self, store: &Store, mut upload: Upload) -> Result<(Upload, u64), Refusal> {
        let offset = self.offset(&upload)?;
        if upload.done || offset < upload.length {
            return Ok((upload, offset));
        }
        let found = sha256(&self.path(&upload)).map_err(|e| disk(&e))?;
        if found != upload.sha256 {
            self.discard(&upload)?;
            return Err(Refusal::Checksum);
        }
        let written: Result<(), StoreError> = store.write(Some(&upload.owner), |writing| {
            writing.put_uploaded(&upload.id, &upload.binary, &upload.media_type)
        });
        written.map_err(|_| Refusal::Disk)?;
        upload.done = true;
        Ok((upload, offset))
    }

    fn discard(&self, upload: &Upload) -> Result<(), Refusal> {
        let _ = std::fs::remove_file(self.path(upload));
        self.database
            .lock()
            .execute("DELETE FROM upload WHERE id = ?1", [&upload.id])
            .map(drop)
            .map_err(failed)
    }

    fn find(&self, caller: &Caller, id: &str) -> Result<Upload, Refusal> {
        let found = self.rows("SELECT {} FROM upload WHERE id = ?1", &[&id])?;
        let upload = found
            .into_iter()
            .next()
            .filter(|upload| upload.owner == caller.practitioner)
            .ok_or(Refusal::Unknown)?;
        if !upload.done && upload.expires < self.clock.now().as_second() {
            return Err(Refusal::Expired);
        }
        Ok(upload)
    }

    fn of_binary(&self, owner: &str, binary: &str) -> Result<Option<Upload>, Refusal> {
        let now = self.clock.now().as_second();
        let sql = "SELECT {} FROM upload WHERE owner = ?1 AND binary = ?2 AND (done = 1 OR expires >= ?3)";
        Ok(self.rows(sql, &[&owner, &binary, &now])?.into_iter().next())
    }

    fn rows(&self, sql: &str, arguments: &[&dyn rusqlite::ToSql]) -> Result<Vec<Upload>, Refusal> {
        let connection = self.database.lock();
        let mut statement = connection.prepare(&sql.replace("{}", COLUMNS)).map_err(failed)?;
        let rows = statement.query_map(arguments, read).map_err(failed)?;
        rows.collect::<Result<_, _>>().map_err(failed)
    }

    fn offset(&self, upload: &Upload) -> Result<u64, Refusal> {
        if upload.done {
            return Ok(upload.length);
        }
        match std::fs::metadata(self.path(upload)) {
            Ok(about) => Ok(about.len()),
            Err(error) if error.kind() == ErrorKind::NotFound => Err(Refusal::Expired),
            Err(error) => Err(disk(&error)),
        }
    }

    fn path(&self, upload: &Upload) -> PathBuf {
        self.folder.join(&upload.id)
    }

    fn end(&self) -> i64 {
        self.clock.now().as_second().saturating_add(LIFETIME)
    }

    fn one(&self) -> MutexGuard<'_, ()> {
        self.one.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The file of a finished upload that is this Binary, with its media type.
pub(crate) fn file_of(
    database: &Database,
    binary: &str,
) -> Result<Option<(String, PathBuf)>, rusqlite::Error> {
    let found = database
        .lock()
        .query_row(
            "SELECT media_type, id FROM upload WHERE binary = ?1 AND done = 1",
            [binary],
            |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)),
        )
        .optional()?;
    Ok(found.map(|(media_type, id)| (media_type, database.folder().join("uploads").join(id))))
}

fn read(row: &Row<'_>) -> Result<Upload, rusqlite::Error> {
    Ok(Upload {
        id: row.get(0)?,
        owner: row.get(1)?,
        binary: row.get(2)?,
        media_type: row.get(3)?,
        length: row.get::<_, i64>(4)?.unsigned_abs(),
        sha256: row.get(5)?,
        expires: row.get(6)?,
        done: row.get(7)?,
    })
}

fn sha256(path: &Path) -> std::io::Result<String> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut piece = vec![0; 1024 * 1024];
    loop {
        let count = file.read(&mut piece)?;
        if count == 0 {
            return Ok(hex::encode(hash.finalize()));
        }
        hash.update(piece.get(..count).unwrap_or_default());
    }
}

fn failed(error: rusqlite::Error) -> Refusal {
    tracing::error!(%error, "the uploads' table failed");
    Refusal::Disk
}

fn disk(error: &std::io::Error) -> Refusal {
    match error.kind() {
        ErrorKind::StorageFull => Refusal::Full,
        kind => {
            tracing::error!(?kind, "an upload's file failed");
            Refusal::Disk
        }
    }
}
