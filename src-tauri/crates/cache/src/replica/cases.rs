//! Teleconsults and transitions of care: two tables of the same shape, read by the clock.

use clinical::PatientId;
use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, params};
use serde_json::Value;

use super::{Batch, Replica, from_json, to_json};
use crate::StoreError;
use crate::outbox::{from_millis, millis};

/// Which table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CaseTable {
    /// Teleconsults.
    Teleconsult,
    /// Transitions of care.
    Transition,
}

impl CaseTable {
    fn name(self) -> &'static str {
        match self {
            Self::Teleconsult => "teleconsult",
            Self::Transition => "transition",
        }
    }
}

/// A case as the region gives it.
#[derive(Clone, PartialEq)]
pub struct CaseRow {
    /// Identity (a `TeleconsultId` or a `TransitionId`).
    pub id: String,
    /// Whose.
    pub patient: PatientId,
    /// State, in the words of its subject.
    pub state: String,
    /// When somebody must have acted.
    pub due_at: Option<Timestamp>,
    /// When it last changed at the region.
    pub updated_at: Timestamp,
    /// Version at the region (`ETag`).
    pub version: Option<String>,
    /// Everything else, in the subject's own type.
    pub payload: Value,
}

impl std::fmt::Debug for CaseRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CaseRow({} {})", self.id, self.state)
    }
}

/// Which cases.
#[derive(Clone, Copy, Debug)]
pub enum CaseFilter<'a> {
    /// All.
    All,
    /// In a state.
    InState(&'a str),
    /// Of a patient.
    Of(&'a PatientId),
}

impl Batch<'_> {
    /// Stores a case.
    pub fn put_case(&mut self, table: CaseTable, row: &CaseRow) -> Result<(), StoreError> {
        let sql = format!(
            "INSERT INTO {} (id, patient, state, due_at, updated_at, version, payload, fetched_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             ON CONFLICT (id) DO UPDATE SET patient = ?2, state = ?3, due_at = ?4, updated_at = ?5, version = ?6,
                payload = ?7, fetched_at = ?8",
            table.name()
        );
        self.tx.prepare_cached(&sql)?.execute(params![
            row.id,
            row.patient.as_str(),
            row.state,
            row.due_at.map(millis),
            millis(row.updated_at),
            row.version,
            to_json(&row.payload)?,
            millis(self.now),
        ])?;
        Ok(())
    }

    /// Removes a case that the region no longer shows to this user.
    pub fn remove_case(&mut self, table: CaseTable, id: &str) -> Result<(), StoreError> {
        self.tx
            .execute(&format!("DELETE FROM {} WHERE id = ?1", table.name()), [id])?;
        Ok(())
    }
}

impl Replica {
    /// Cases in the order of their clocks, those without one last.
    pub fn cases(
        &self,
        table: CaseTable,
        filter: CaseFilter<'_>,
        limit: u32,
    ) -> Result<Vec<CaseRow>, StoreError> {
        let (condition, argument) = match filter {
            CaseFilter::All => ("?1 = ''", ""),
            CaseFilter::InState(state) => ("state = ?1", state),
            CaseFilter::Of(patient) => ("patient = ?1", patient.as_str()),
        };
        self.database.read(|db| {
            let sql = format!(
                "SELECT {COLUMNS} FROM {} WHERE {condition} ORDER BY due_at NULLS LAST, id LIMIT ?2",
                table.name()
            );
            let mut statement = db.prepare_cached(&sql)?;
            let mut rows = statement.query(params![argument, limit])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                found.push(read(row)?);
            }
            Ok(found)
        })
    }

    /// A case, if a copy is here.
    pub fn case(&self, table: CaseTable, id: &str) -> Result<Option<CaseRow>, StoreError> {
        self.database.read(|db| {
            let sql = format!("SELECT {COLUMNS} FROM {} WHERE id = ?1", table.name());
            db.prepare_cached(&sql)?
                .query_row([id], |row| Ok(read(row)))
                .optional()?
                .transpose()
        })
    }
}

const COLUMNS: &str = "id, patient, state, due_at, updated_at, version, payload";

fn read(row: &Row<'_>) -> Result<CaseRow, StoreError> {
    Ok(CaseRow {
        id: row.get(0)?,
        patient: PatientId(row.get(1)?),
        state: row.get(2)?,
        due_at: row.get::<_, Option<i64>>(3)?.map(from_millis).transpose()?,
        updated_at: from_millis(row.get(4)?)?,
        version: row.get(5)?,
        payload: from_json(&row.get::<_, String>(6)?)?,
    })
}
