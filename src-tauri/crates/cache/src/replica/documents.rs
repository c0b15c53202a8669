//! Documents of a patient: what they are, and their content once it was read.

use clinical::{DocumentId, PatientId};
use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, params};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{Batch, Replica, from_json, to_json};
use crate::StoreError;
use crate::outbox::{from_millis, millis};

/// What is known of a document.
#[derive(Clone, PartialEq)]
pub struct DocumentRow {
    /// Identity.
    pub id: DocumentId,
    /// Whose.
    pub patient: PatientId,
    /// Kind, as the region codes it.
    pub kind: String,
    /// When it was made.
    pub at: Timestamp,
    /// Version at the region (`ETag`).
    pub version: Option<String>,
    /// Everything else.
    pub payload: Value,
    /// Whether its content is here too, to be read without the network.
    pub has_content: bool,
}

impl std::fmt::Debug for DocumentRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DocumentRow({} {})", self.id, self.kind)
    }
}

impl Batch<'_> {
    /// Stores what is known of a document; a content already here stays unless the version changed.
    pub fn put_document(&mut self, row: &DocumentRow) -> Result<(), StoreError> {
        self.tx
            .prepare_cached(
                "INSERT INTO document (id, patient, kind, at, version, payload, fetched_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (id) DO UPDATE SET patient = ?2, kind = ?3, at = ?4, payload = ?6, fetched_at = ?7,
                content = CASE WHEN version IS ?5 THEN content END,
                sha256 = CASE WHEN version IS ?5 THEN sha256 END,
                version = ?5",
            )?
            .execute(params![
                row.id.as_str(),
                row.patient.as_str(),
                row.kind,
                millis(row.at),
                row.version,
                to_json(&row.payload)?,
                millis(self.now),
            ])?;
        Ok(())
    }

    /// Stores the content of a document that is known.
    pub fn put_document_content(&mut self, id: &DocumentId, content: &[u8]) -> Result<(), StoreError> {
        let hash = hex::encode(Sha256::digest(content));
        let sql = "UPDATE document SET content = ?2, sha256 = ?3 WHERE id = ?1";
        match self.tx.execute(sql, params![id.as_str(), content, hash])? {
            0 => Err(StoreError::NotFound),
            _ => Ok(()),
        }
    }

    /// Removes a document that the region no longer has.
    pub fn remove_document(&mut self, id: &DocumentId) -> Result<(), StoreError> {
        self.tx
            .execute("DELETE FROM document WHERE id = ?1", [id.as_str()])?;
        Ok(())
    }
}

impl Replica {
    /// The documents of a patient, last first.
    pub fn documents_of(&self, patient: &PatientId) -> Result<Vec<DocumentRow>, StoreError> {
        self.database.read(|db| {
            let sql = format!("SELECT {COLUMNS} FROM document WHERE patient = ?1 ORDER BY at DESC, id");
            let mut statement = db.prepare_cached(&sql)?;
            let mut rows = statement.query([patient.as_str()])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                found.push(read(row)?);
            }
            Ok(found)
        })
    }

    /// The documents of every patient whose copy is here, last first.
    pub fn documents(&self) -> Result<Vec<DocumentRow>, StoreError> {
        self.database.read(|db| {
            let sql = format!(
                "SELECT {COLUMNS} FROM document WHERE patient IN (SELECT id FROM patient) ORDER BY at DESC, id"
            );
            let mut statement = db.prepare_cached(&sql)?;
            let mut rows = statement.query([])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                found.push(read(row)?);
            }
            Ok(found)
        })
    }

    /// What is known of a document.
    pub fn document(&self, id: &DocumentId) -> Result<Option<DocumentRow>, StoreError> {
        self.database.read(|db| {
            let sql = format!("SELECT {COLUMNS} FROM document WHERE id = ?1");
            db.prepare_cached(&sql)?
                .query_row([id.as_str()], |row| Ok(read(row)))
                .optional()?
                .transpose()
        })
    }

    /// The content of a document, if it is here.
    pub fn document_content(&self, id: &DocumentId) -> Result<Option<Vec<u8>>, StoreError> {
        self.database.read(|db| {
            let sql = "SELECT content FROM document WHERE id = ?1";
            let found = db
                .prepare_cached(sql)?
                .query_row([id.as_str()], |row| row.get(0))
                .optional()?;
            Ok(found.flatten())
        })
    }
}

const COLUMNS: &str = "id, patient, kind, at, version, payload, content IS NOT NULL";

fn read(row: &Row<'_>) -> Result<DocumentRow, StoreError> {
    Ok(DocumentRow {
        id: DocumentId(row.get(0)?),
        patient: PatientId(row.get(1)?),
        kind: row.get(2)?,
        at: from_millis(row.get(3)?)?,
        version: row.get(4)?,
        payload: from_json(&row.get::<_, String>(5)?)?,
        has_content: row.get(6)?,
    })
}
