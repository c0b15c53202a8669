//! Teleconsults and transitions of care: two tables of the same shape, read by the clock, a page at a time.

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
    pub(super) fn name(self) -> &'static str {
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

/// What lists of cases are filtered by, beside the columns that every case has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// FHIR id of the role that has it.
    pub owner: Option<String>,
    /// Since when it is there.
    pub opened_at: Option<Timestamp>,
    /// A word of its subject, by which the few cases that carry it are found at once.
    pub mark: Option<String>,
}

/// People of some cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownPatients {
    /// How many they are.
    pub needed: u32,
    /// How many records are here.
    pub here: u32,
}

/// Whose cases.
#[derive(Clone, Copy, Debug, Default)]
pub enum OwnedBy<'a> {
    /// Everybody's.
    #[default]
    Any,
    /// Nobody's.
    Nobody,
    /// One role's.
    Role(&'a str),
}

/// The place of a case in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CasePlace {
    /// Its clock.
    pub due_at: Timestamp,
    /// Its id.
    pub id: String,
}

/// A page of the cases in one state that have a clock.
#[derive(Clone, Copy, Debug)]
pub struct CasePage<'a> {
    /// In the words of its subject.
    pub state: &'a str,
    /// Whose.
    pub owner: OwnedBy<'a>,
    /// Only those whose clock has run out by then.
    pub due_before: Option<Timestamp>,
    /// Only those that were there by then.
    pub opened_before: Option<Timestamp>,
    /// Only those of these patients.
    pub patients: Option<&'a [PatientId]>,
    /// After this one.
    pub after: Option<&'a CasePlace>,
    /// At most.
    pub limit: u32,
}

impl Batch<'_> {
    /// Stores a case with what lists are filtered by.
    pub fn put_listed_case(
        &mut self,
        table: CaseTable,
        row: &CaseRow,
        listing: &Listing,
    ) -> Result<(), StoreError> {
        self.put_case(table, row)?;
        let sql = format!(
            "UPDATE {} SET owner = ?2, opened_at = ?3, mark = ?4 WHERE id = ?1",
            table.name()
        );
        self.tx.prepare_cached(&sql)?.execute(params![
            row.id,
            listing.owner,
            listing.opened_at.map(millis),
            listing.mark
        ])?;
        Ok(())
    }

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

    /// A page of a list, in the order of the clocks. Costs the same anywhere in the list.
    pub fn case_page(&self, table: CaseTable, page: &CasePage<'_>) -> Result<Vec<CaseRow>, StoreError> {
        let end = i64::MAX;
        let (owned, owner) = match page.owner {
            OwnedBy::Any => ("", ""),
            OwnedBy::Nobody => (" AND owner IS NULL", ""),
            OwnedBy::Role(role) => (" AND owner = ?2", role),
        };
        let patients = page.patients.map(|ids| {
            let ids: Vec<&str> = ids.iter().map(PatientId::as_str).collect();
            to_json(&ids)
        });
        let patients = patients.transpose()?;
        // Few people have few cases: begin with them, and do not walk the whole state.
        let (of, from) = match patients {
            Some(_) => (
                " AND patient IN (SELECT value FROM json_each(?7))",
                format!("INDEXED BY {}_patient", table.name()),
            ),
            None => ("", String::new()),
        };
        let sql = format!(
            "SELECT {COLUMNS} FROM {} {from}
             WHERE state = ?1{owned} AND due_at < ?3 AND (due_at, id) > (?4, ?5) AND ifnull(opened_at, 0) < ?6{of}
               AND ?2 IS NOT NULL AND (?7 IS NULL OR ?7 <> '')
             ORDER BY due_at, id LIMIT ?8",
            table.name()
        );
        self.database.read(|db| {
            let mut statement = db.prepare_cached(&sql)?;
            let mut rows = statement.query(params![
                page.state,
                owner,
                page.due_before.map_or(end, millis),
                page.after.map_or(i64::MIN, |place| millis(place.due_at)),
                page.after.map_or("", |place| place.id.as_str()),
                page.opened_before.map_or(end, millis),
                patients,
                page.limit
            ])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                found.push(read(row)?);
            }
            Ok(found)
        })
    }

    /// The cases that carry one of some marks.
    pub fn marked_cases(&self, table: CaseTable, marks: &[&str]) -> Result<Vec<CaseRow>, StoreError> {
        let marks = to_json(marks)?;
        self.database.read(|db| {
            let sql = format!(
                "SELECT {COLUMNS} FROM {} WHERE mark IS NOT NULL AND mark IN (SELECT value FROM json_each(?1))
                 ORDER BY id",
                table.name()
            );
            let mut statement = db.prepare_cached(&sql)?;
            let mut rows = statement.query([marks])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                found.push(read(row)?);
            }
            Ok(found)
        })
    }

    /// How many cases each role has in some states; `None` is nobody.
    pub fn case_counts(
        &self,
        table: CaseTable,
        states: &[&str],
    ) -> Result<Vec<(String, Option<String>, u32)>, StoreError> {
        let states = to_json(states)?;
        self.database.read(|db| {
            let sql = format!(
                "SELECT state, owner, count(*) FROM {} WHERE state IN (SELECT value FROM json_each(?1))
                 GROUP BY state, owner",
                table.name()
            );
            let mut statement = db.prepare_cached(&sql)?;
            let rows = statement.query_map([states], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// How many cases in some states have a clock that has run out.
    pub fn cases_due(&self, table: CaseTable, states: &[&str], before: Timestamp) -> Result<u32, StoreError> {
        let states = to_json(states)?;
        self.database.read(|db| {
            let sql = format!(
                "SELECT count(*) FROM {} WHERE state IN (SELECT value FROM json_each(?1)) AND due_at < ?2",
                table.name()
            );
            Ok(db
                .prepare_cached(&sql)?
                .query_row(params![states, millis(before)], |row| row.get(0))?)
        })
    }

    /// Of the people of the cases in some states: how many there are, and how many records are here.
    pub fn known_patients(&self, table: CaseTable, states: &[&str]) -> Result<KnownPatients, StoreError> {
        let states = to_json(states)?;
        self.database.read(|db| {
            let sql = format!(
                "SELECT count(*), count(p.key) FROM
                   (SELECT DISTINCT patient FROM {} WHERE state IN (SELECT value FROM json_each(?1))) c
                 LEFT JOIN patient p ON p.id = c.patient",
                table.name()
            );
            Ok(db.prepare_cached(&sql)?.query_row([states], |row| {
                Ok(KnownPatients {
                    needed: row.get(0)?,
                    here: row.get(1)?,
                })
            })?)
        })
    }

    /// The ids of all cases, for a comparison with the region's.
    pub fn case_ids(&self, table: CaseTable) -> Result<Vec<String>, StoreError> {
        self.database.read(|db| {
            let mut statement = db.prepare_cached(&format!("SELECT id FROM {} ORDER BY id", table.name()))?;
            let rows = statement.query_map([], |row| row.get(0))?;
            Ok(rows.collect::<Result<_, _>>()?)
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
