//! Attachments: files of up to hundreds of megabytes, kept in encrypted pieces, never in the clear.
//!
//! STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár 2015) over AES-256-GCM-SIV: each piece is
//! authenticated with its position and whether it is the last, so pieces cannot be swapped, dropped or cut.
//! Each file has a key of its own, derived from the user's, and a random prefix of its nonces, and is bound to its identity. Written under a temporary
//! name, synced, renamed, folder synced; the row in `outbox.db` comes last, so a row always has its file.
//!
//! Not in it: what kind of file it is (the type given is recorded, not believed) and its upload.

use std::fs::File;
use std::io::{BufReader, BufWriter, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use aes_gcm_siv::Aes256GcmSiv;
use aes_gcm_siv::aead::stream::{EncryptorBE32, NewStream, StreamBE32, StreamPrimitive};
use aes_gcm_siv::aead::{KeyInit, Payload};
use clinical::{AttachmentId, Sensitive};
use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, params};
use sha2::{Digest, Sha256};

use crate::outbox::{from_millis, millis};
use crate::{OpenError, Outbox, SecretKey, Step, StoreError, database};

/// Bytes of the file in one piece. Between 64 KiB and 1 MiB: large enough for speed, small in memory.
pub const PIECE: usize = 256 * 1024;
const TAG: usize = 16;
/// Format and version, then the random prefix of the nonces (12 bytes less the 5 that STREAM counts in).
const MAGIC: &[u8; 8] = b"PSTZATT2";
const PREFIX: usize = 7;

/// A stored attachment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// Identity; also the name of its file.
    pub id: AttachmentId,
    /// What it belongs to.
    pub subject: String,
    /// Media type, as sniffed by the caller.
    pub media_type: String,
    /// File name shown to people.
    pub name: Sensitive<String>,
    /// Size in bytes.
    pub size: u64,
    /// SHA-256 of the content, in hexadecimal.
    pub sha256: String,
    /// When it was stored.
    pub created_at: Timestamp,
}

/// Why an attachment was not written or read.
#[derive(Debug, thiserror::Error)]
pub enum AttachmentError {
    /// Its file is not there.
    #[error("the file of the attachment is missing")]
    Missing,
    /// Its file is not what was written, or another key wrote it.
    #[error("the attachment is damaged")]
    Damaged,
    /// The source could not be read.
    #[error("the source could not be read: {0}")]
    Source(ErrorKind),
    /// The disk refused.
    #[error("the disk refused: {0}")]
    Disk(ErrorKind),
    /// The disk is full.
    #[error("the disk is full")]
    DiskFull,
    /// The system's random generator did not answer.
    #[error("no random numbers from the system")]
    Random,
    /// The cipher refused (a file above the limit of the construction).
    #[error("the attachment is too large")]
    TooLarge,
    /// The row was not written; the file was removed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The attachments of one user.
#[derive(Clone)]
pub struct Attachments {
    folder: PathBuf,
    key: SecretKey,
    outbox: Outbox,
}

impl std::fmt::Debug for Attachments {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Attachments")
    }
}

impl Attachments {
    pub(crate) fn open(dir: &Path, key: SecretKey, outbox: Outbox) -> Result<Self, OpenError> {
        let folder = dir.join("attachments");
        std::fs::create_dir_all(&folder)?;
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            // Left by a write that never ended: no row names it.
            if path.extension().is_some_and(|e| e == "part") {
                std::fs::remove_file(path)?;
            }
        }
        Ok(Self { folder, key, outbox })
    }

    /// Stores what `source` gives, to its end. When it returns, file and row are durable.
    pub fn store(
        &self,
        subject: &str,
        media_type: &str,
        name: Sensitive<String>,
        source: &mut dyn Read,
        now: Timestamp,
    ) -> Result<Attachment, AttachmentError> {
        let id = AttachmentId::new();
        let (size, sha256) = self.write_file(&id, source)?;
        let row = Attachment {
            id: id.clone(),
            subject: subject.to_owned(),
            media_type: media_type.to_owned(),
            name,
            size,
            sha256,
            created_at: now,
        };
        let written = row.clone();
        let stored = self.outbox.commit(now, move |step| step.attachment_row(&written));
        if stored.is_err() {
            // Best effort: a file without a row is only wasted room.
            let _ = std::fs::remove_file(self.path(&id));
        }
        Ok(stored?)
    }

    /// Reads an attachment back, piece by piece; every piece is authenticated before it is given.
    pub fn read(&self, id: &AttachmentId) -> Result<AttachmentReader, AttachmentError> {
        self.sealed(id)?.read_from(0)
    }

    /// What opens one attachment and nothing else: for an upload that goes on behind the lock.
    pub fn sealed(&self, id: &AttachmentId) -> Result<SealedFile, AttachmentError> {
        let sealed = SealedFile {
            path: self.path(id),
            id: id.clone(),
            key: self.key_of(id),
        };
        open_file(&sealed.path)?;
        Ok(sealed)
    }

    fn key_of(&self, id: &AttachmentId) -> SecretKey {
        SecretKey::new(
            self.key
                .mac(&[b"postazione attachment 2", id.as_str().as_bytes()]),
        )
    }

    /// Throws an attachment away: its row first, so that no row is left without its file.
    pub fn discard(&self, id: &AttachmentId, now: Timestamp) -> Result<(), AttachmentError> {
        let row = id.clone();
        self.outbox.commit(now, move |step| -> Result<(), StoreError> {
            step.tx
                .execute("DELETE FROM attachment WHERE id = ?1", [row.as_str()])?;
            Ok(())
        })?;
        match std::fs::remove_file(self.path(id)) {
            Err(e) if e.kind() != ErrorKind::NotFound => Err(disk(&e)),
            _ => Ok(()),
        }
    }

    /// The attachments of a subject, in order.
    pub fn of(&self, subject: &str) -> Result<Vec<Attachment>, StoreError> {
        self.outbox.database.read(|db| {
            let sql = format!("SELECT {COLUMNS} FROM attachment WHERE subject = ?1 ORDER BY created_at, id");
            let mut statement = db.prepare_cached(&sql)?;
            let mut rows = statement.query([subject])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                found.push(read_row(row)?);
            }
            Ok(found)
        })
    }

    /// What is known of an attachment.
    pub fn get(&self, id: &AttachmentId) -> Result<Option<Attachment>, StoreError> {
        self.outbox.database.read(|db| {
            let sql = format!("SELECT {COLUMNS} FROM attachment WHERE id = ?1");
            db.prepare_cached(&sql)?
                .query_row([id.as_str()], |row| Ok(read_row(row)))
                .optional()?
                .transpose()
        })
    }

    fn path(&self, id: &AttachmentId) -> PathBuf {
        // An identity made here is a UUID; one that is not must not name another folder.
        let name: String = id
            .as_str()
            .chars()
            .filter(|c| c.is_ascii_alphanumeric() || *c == '-')
            .collect();
        self.folder.join(name)
    }

    fn write_file(&self, id: &AttachmentId, source: &mut dyn Read) -> Result<(u64, String), AttachmentError> {
        let path = self.path(id);
        let part = path.with_extension("part");
        let written = self.write_part(id, &part, source);
        let done = written.and_then(|found| {
            std::fs::rename(&part, &path).map_err(|e| disk(&e))?;
            database::sync_dir(&self.folder).map_err(|_| AttachmentError::Disk(ErrorKind::Other))?;
            Ok(found)
        });
        if done.is_err() {
            let _ = std::fs::remove_file(&part);
        }
        done
    }

    fn write_part(
        &self,
        id: &AttachmentId,
        part: &Path,
        source: &mut dyn Read,
    ) -> Result<(u64, String), AttachmentError> {
        let mut prefix = [0u8; PREFIX];
        getrandom::fill(&mut prefix).map_err(|_| AttachmentError::Random)?;
        let mut file = BufWriter::with_capacity(PIECE + TAG, File::create_new(part).map_err(|e| disk(&e))?);
        file.write_all(MAGIC)
            .and_then(|()| file.write_all(&prefix))
            .map_err(|e| disk(&e))?;

        let cipher = Aes256GcmSiv::new(self.key_of(id).bytes().into());
        let mut encryptor = EncryptorBE32::from_aead(cipher, (&prefix).into());
        let (mut size, mut hash) = (0u64, Sha256::new());
        let mut piece = zeroize::Zeroizing::new(vec![0u8; PIECE]);
        let mut following = zeroize::Zeroizing::new(vec![0u8; PIECE]);
        let mut length = fill(source, &mut piece)?;
        loop {
            hash.update(&piece[..length]);
            size += length as u64;
            let payload = Payload {
                msg: &piece[..length],
                aad: id.as_str().as_bytes(),
            };
            let ahead = if length == PIECE {
                fill(source, &mut following)?
            } else {
                0
            };
            if ahead == 0 {
                let sealed = encryptor
                    .encrypt_last(payload)
                    .map_err(|_| AttachmentError::TooLarge)?;
                file.write_all(&sealed).map_err(|e| disk(&e))?;
                break;
            }
            let sealed = encryptor
                .encrypt_next(payload)
                .map_err(|_| AttachmentError::TooLarge)?;
            file.write_all(&sealed).map_err(|e| disk(&e))?;
            std::mem::swap(&mut piece, &mut following);
            length = ahead;
        }
        let file = file.into_inner().map_err(|e| disk(e.error()))?;
        file.sync_all().map_err(|e| disk(&e))?;
        Ok((size, hex::encode(hash.finalize())))
    }
}

impl Step<'_> {
    fn attachment_row(&mut self, row: &Attachment) -> Result<Attachment, StoreError> {
        let size = i64::try_from(row.size).map_err(|_| StoreError::Unreadable("size"))?;
        self.tx.execute(
            "INSERT INTO attachment (id, subject, media_type, name, size, sha256, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                row.id.as_str(),
                row.subject,
                row.media_type,
                row.name.expose(),
                size,
                row.sha256,
                millis(self.now)
            ],
        )?;
        Ok(Attachment {
            created_at: from_millis(millis(self.now))?,
            ..row.clone()
        })
    }
}

/// One attachment and the key that opens it.
#[derive(Clone)]
pub struct SealedFile {
    path: PathBuf,
    id: AttachmentId,
    key: SecretKey,
}

impl std::fmt::Debug for SealedFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SealedFile({})", self.id)
    }
}

impl SealedFile {
    /// Reads from a byte of the content on, to its end.
    pub fn read_from(&self, offset: u64) -> Result<AttachmentReader, AttachmentError> {
        let mut file = open_file(&self.path)?;
        let mut head = [0u8; MAGIC.len() + PREFIX];
        file.read_exact(&mut head).map_err(|_| AttachmentError::Damaged)?;
        if &head[..MAGIC.len()] != MAGIC {
            return Err(AttachmentError::Damaged);
        }
        let prefix: [u8; PREFIX] = head[MAGIC.len()..]
            .try_into()
            .map_err(|_| AttachmentError::Damaged)?;
        let (piece, within) = (offset / PIECE as u64, (offset % PIECE as u64) as usize);
        let position = u32::try_from(piece).map_err(|_| AttachmentError::TooLarge)?;
        let start = head.len() as u64 + piece * (PIECE + TAG) as u64;
        file.seek(SeekFrom::Start(start)).map_err(|e| disk(&e))?;
        let cipher = Aes256GcmSiv::new(self.key.bytes().into());
        let mut reader = AttachmentReader {
            file: BufReader::with_capacity(PIECE + TAG, file),
            id: self.id.clone(),
            stream: Some(StreamBE32::from_aead(cipher, (&prefix).into())),
            position,
            next: Vec::new(),
            plain: Vec::new(),
            at: 0,
        };
        reader.next = reader.fetch().map_err(|e| disk(&e))?;
        if within > 0 {
            reader.advance().map_err(|_| AttachmentError::Damaged)?;
            reader.at = within.min(reader.plain.len());
        }
        Ok(reader)
    }

    /// For a queue in memory that outlives the user's keys: the file, the attachment, the key that opens only it.
    pub fn to_parts(&self) -> (PathBuf, String, [u8; 32]) {
        (self.path.clone(), self.id.to_string(), *self.key.bytes())
    }

    /// As [`SealedFile::to_parts`] gave it.
    pub fn from_parts(path: PathBuf, id: &str, key: [u8; 32]) -> Self {
        Self {
            path,
            id: AttachmentId::from(id),
            key: SecretKey::new(key),
        }
    }
}

fn open_file(path: &Path) -> Result<File, AttachmentError> {
    File::open(path).map_err(|e| match e.kind() {
        ErrorKind::NotFound => AttachmentError::Missing,
        _ => disk(&e),
    })
}

/// Reads an attachment as a stream. A damaged piece is an error of kind `InvalidData`, before any of it is given.
pub struct AttachmentReader {
    file: BufReader<File>,
    id: AttachmentId,
    /// Gone once the last piece has been read.
    stream: Option<StreamBE32<Aes256GcmSiv>>,
    /// Of the piece in `next`.
    position: u32,
    next: Vec<u8>,
    plain: Vec<u8>,
    at: usize,
}

impl AttachmentReader {
    fn fetch(&mut self) -> std::io::Result<Vec<u8>> {
        let mut sealed = Vec::with_capacity(PIECE + TAG);
        (&mut self.file)
            .take((PIECE + TAG) as u64)
            .read_to_end(&mut sealed)?;
        Ok(sealed)
    }

    fn advance(&mut self) -> std::io::Result<bool> {
        let Some(stream) = self.stream.take() else {
            return Ok(false);
        };
        let sealed = std::mem::take(&mut self.next);
        let following = if sealed.len() == PIECE + TAG {
            self.fetch()?
        } else {
            Vec::new()
        };
        let payload = Payload {
            msg: &sealed,
            aad: self.id.as_str().as_bytes(),
        };
        let last = following.is_empty();
        zeroize::Zeroize::zeroize(&mut self.plain);
        self.plain = stream
            .decrypt(self.position, last, payload)
            .map_err(|_| std::io::Error::from(ErrorKind::InvalidData))?;
        if !last {
            self.next = following;
            self.position = self.position.wrapping_add(1);
            self.stream = Some(stream);
        }
        self.at = 0;
        Ok(true)
    }
}

impl Read for AttachmentReader {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        while self.at == self.plain.len() {
            if !self.advance()? {
                return Ok(0);
            }
        }
        let count = buffer.len().min(self.plain.len() - self.at);
        buffer[..count].copy_from_slice(&self.plain[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}

impl Drop for AttachmentReader {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.plain);
    }
}

const COLUMNS: &str = "id, subject, media_type, name, size, sha256, created_at";

fn read_row(row: &Row<'_>) -> Result<Attachment, StoreError> {
    Ok(Attachment {
        id: AttachmentId(row.get(0)?),
        subject: row.get(1)?,
        media_type: row.get(2)?,
        name: Sensitive::new(row.get(3)?),
        size: u64::try_from(row.get::<_, i64>(4)?).map_err(|_| StoreError::Unreadable("size"))?,
        sha256: row.get(5)?,
        created_at: from_millis(row.get(6)?)?,
    })
}

fn fill(source: &mut dyn Read, piece: &mut [u8]) -> Result<usize, AttachmentError> {
    let mut length = 0;
    while length < piece.len() {
        match source.read(&mut piece[length..]) {
            Ok(0) => break,
            Ok(count) => length += count,
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            Err(e) => return Err(AttachmentError::Source(e.kind())),
        }
    }
    Ok(length)
}

fn disk(error: &std::io::Error) -> AttachmentError {
    match error.kind() {
        ErrorKind::StorageFull => AttachmentError::DiskFull,
        kind => AttachmentError::Disk(kind),
    }
}
