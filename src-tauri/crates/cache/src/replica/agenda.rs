//! The agenda: televisits by day.

use clinical::{Nre, PatientId, TelevisitId};
use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::{OptionalExtension, Row, params};
use serde_json::Value;

use super::{Batch, Replica, from_json, to_json};
use crate::StoreError;
use crate::outbox::{from_millis, millis};

/// A televisit as the region gives it.
#[derive(Clone, PartialEq)]
pub struct TelevisitRow {
    /// Identity.
    pub id: TelevisitId,
    /// Whose.
    pub patient: PatientId,
    /// Local day that it belongs to.
    pub day: Date,
    /// When it starts.
    pub starts_at: Timestamp,
    /// State, in the words of the televisit.
    pub state: String,
    /// Prescription.
    pub nre: Option<Nre>,
    /// Version at the region (`ETag`).
    pub version: Option<String>,
    /// Everything else, in the subject's own type.
    pub payload: Value,
}

impl std::fmt::Debug for TelevisitRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TelevisitRow({} {})", self.id, self.state)
    }
}

impl Batch<'_> {
    /// Stores a televisit.
    pub fn put_televisit(&mut self, row: &TelevisitRow) -> Result<(), StoreError> {
        self.tx.prepare_cached(
            "INSERT INTO televisit (id, patient, day, starts_at, state, nre, version, payload, fetched_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
             ON CONFLICT (id) DO UPDATE SET patient = ?2, day = ?3, starts_at = ?4, state = ?5, nre = ?6, version = ?7,
                payload = ?8, fetched_at = ?9",
        )?
        .execute(params![
            row.id.as_str(),
            row.patient.as_str(),
            row.day.to_string(),
            millis(row.starts_at),
            row.state,
            row.nre.as_ref().map(Nre::as_str),
            row.version,
            to_json(&row.payload)?,
            millis(self.now),
        ])?;
        match &row.nre {
            Some(nre) => self.put_nre(&row.patient, nre),
            None => Ok(()),
        }
    }

    /// Removes a televisit that the region no longer has.
    pub fn remove_televisit(&mut self, id: &TelevisitId) -> Result<(), StoreError> {
        self.tx
            .execute("DELETE FROM televisit WHERE id = ?1", [id.as_str()])?;
        Ok(())
    }
}

impl Replica {
    /// The televisits of a day, by hour.
    pub fn agenda(&self, day: Date) -> Result<Vec<TelevisitRow>, StoreError> {
        self.televisits("day = ?1 ORDER BY starts_at, id", &day.to_string())
    }

    /// The televisits of a patient, last first.
    pub fn televisits_of(&self, patient: &PatientId) -> Result<Vec<TelevisitRow>, StoreError> {
        self.televisits("patient = ?1 ORDER BY starts_at DESC, id", patient.as_str())
    }

    /// A televisit, if a copy is here.
    pub fn televisit(&self, id: &TelevisitId) -> Result<Option<TelevisitRow>, StoreError> {
        self.database.read(|db| {
            let sql = format!("SELECT {COLUMNS} FROM televisit WHERE id = ?1");
            db.prepare_cached(&sql)?
                .query_row([id.as_str()], |row| Ok(read(row)))
                .optional()?
                .transpose()
        })
    }

    fn televisits(&self, filter: &'static str, argument: &str) -> Result<Vec<TelevisitRow>, StoreError> {
        self.database.read(|db| {
            let mut statement =
                db.prepare_cached(&format!("SELECT {COLUMNS} FROM televisit WHERE {filter}"))?;
            let mut rows = statement.query([argument])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                found.push(read(row)?);
            }
            Ok(found)
        })
    }
}

const COLUMNS: &str = "id, patient, day, starts_at, state, nre, version, payload";

fn read(row: &Row<'_>) -> Result<TelevisitRow, StoreError> {
    let day: String = row.get(2)?;
    let nre: Option<String> = row.get(5)?;
    Ok(TelevisitRow {
        id: TelevisitId(row.get(0)?),
        patient: PatientId(row.get(1)?),
        day: day.parse().map_err(|_| StoreError::Unreadable("day"))?,
        starts_at: from_millis(row.get(3)?)?,
        state: row.get(4)?,
        nre: nre
            .map(|n| Nre::parse(&n))
            .transpose()
            .map_err(|_| StoreError::Unreadable("nre"))?,
        version: row.get(6)?,
        payload: from_json(&row.get::<_, String>(7)?)?,
    })
}
