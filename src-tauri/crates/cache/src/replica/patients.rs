//! Patients and their search: by part of the name with accents folded, by codice fiscale, by NRE.

use clinical::{FiscalCode, Nre, Patient, PatientId};
use rusqlite::{Connection, OptionalExtension, params};

use super::{Batch, Replica, from_json, to_json};
use crate::StoreError;
use crate::outbox::millis;

impl Batch<'_> {
    /// Stores a patient as the region gives it.
    pub fn put_patient(&mut self, patient: &Patient) -> Result<(), StoreError> {
        self.tx
            .prepare_cached(
                "INSERT INTO patient (id, fiscal_code, payload, fetched_at) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (id) DO UPDATE SET fiscal_code = ?2, payload = ?3, fetched_at = ?4",
            )?
            .execute(params![
                patient.id.as_str(),
                patient.fiscal_code.as_str(),
                to_json(patient)?,
                millis(self.now)
            ])?;
        index(self.tx, &patient.id)
    }

    /// Notes that a prescription is this patient's, so that its number finds the patient.
    pub fn put_nre(&mut self, patient: &PatientId, nre: &Nre) -> Result<(), StoreError> {
        let sql = "INSERT OR IGNORE INTO patient_nre (patient, nre) VALUES (?1, ?2)";
        let new = self
            .tx
            .prepare_cached(sql)?
            .execute(params![patient.as_str(), nre.as_str()])?;
        if new > 0 { index(self.tx, patient) } else { Ok(()) }
    }

    /// Removes a patient who is no longer in this user's care, with everything copied about them.
    pub fn remove_patient(&mut self, patient: &PatientId) -> Result<(), StoreError> {
        let id = patient.as_str();
        let key: Option<i64> = self
            .tx
            .query_row("SELECT key FROM patient WHERE id = ?1", [id], |row| row.get(0))
            .optional()?;
        if let Some(key) = key {
            self.tx
                .execute("DELETE FROM patient_search WHERE rowid = ?1", [key])?;
        }
        self.tx.execute("DELETE FROM patient WHERE id = ?1", [id])?;
        for table in [
            "related_person",
            "patient_nre",
            "televisit",
            "document",
            "teleconsult",
            "transition",
        ] {
            self.tx
                .execute(&format!("DELETE FROM {table} WHERE patient = ?1"), [id])?;
        }
        Ok(())
    }
}

impl Replica {
    /// A patient, if a copy is here.
    pub fn patient(&self, id: &PatientId) -> Result<Option<Patient>, StoreError> {
        self.one("SELECT payload FROM patient WHERE id = ?1", id.as_str())
    }

    /// A patient by codice fiscale.
    pub fn patient_by_fiscal_code(&self, code: &FiscalCode) -> Result<Option<Patient>, StoreError> {
        self.one(
            "SELECT payload FROM patient WHERE fiscal_code = ?1",
            code.as_str(),
        )
    }

    /// Patients by name, and how many there are in all.
    pub fn patients(&self, limit: u32) -> Result<(Vec<Patient>, u32), StoreError> {
        self.database.read(|db| {
            let total = db
                .prepare_cached("SELECT count(*) FROM patient")?
                .query_row([], |row| row.get(0))?;
            let sql = "SELECT payload FROM patient
                       ORDER BY payload ->> '$.name.family', payload ->> '$.name.given', key LIMIT ?1";
            let mut statement = db.prepare_cached(sql)?;
            let rows = statement.query_map([limit], |row| row.get::<_, String>(0))?;
            let found = rows
                .map(|row| from_json(&row?))
                .collect::<Result<_, StoreError>>()?;
            Ok((found, total))
        })
    }

    /// Patients matching every word of a text: the beginning of a name, of a codice fiscale or of an NRE.
    /// Accents and case do not matter. Best first.
    pub fn search_patients(&self, text: &str, limit: u32) -> Result<Vec<Patient>, StoreError> {
        let Some(query) = match_expression(text) else {
            return Ok(Vec::new());
        };
        self.database.read(|db| {
            let sql = "SELECT p.payload FROM patient_search s JOIN patient p ON p.key = s.rowid
                       WHERE patient_search MATCH ?1 ORDER BY s.rank, p.key LIMIT ?2";
            let mut statement = db.prepare_cached(sql)?;
            let rows = statement.query_map(params![query, limit], |row| row.get::<_, String>(0))?;
            rows.map(|row| from_json(&row?)).collect()
        })
    }

    fn one(&self, sql: &'static str, argument: &str) -> Result<Option<Patient>, StoreError> {
        self.database.read(|db| {
            let found = db
                .prepare_cached(sql)?
                .query_row([argument], |row| row.get::<_, String>(0))
                .optional()?;
            found.map(|text| from_json(&text)).transpose()
        })
    }
}

/// What a person typed, as an FTS5 expression: every word quoted, as a prefix. Operators typed are only text.
fn match_expression(text: &str) -> Option<String> {
    let words: Vec<String> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| format!("\"{word}\"*"))
        .collect();
    (!words.is_empty()).then(|| words.join(" "))
}

fn index(db: &Connection, id: &PatientId) -> Result<(), StoreError> {
    let sql = "SELECT key, payload FROM patient WHERE id = ?1";
    let found = db
        .prepare_cached(sql)?
        .query_row([id.as_str()], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?))
        })
        .optional()?;
    let Some((key, payload)) = found else {
        return Ok(());
    };
    let patient: Patient = from_json(&payload)?;
    let nres: Vec<String> = db
        .prepare_cached("SELECT nre FROM patient_nre WHERE patient = ?1 ORDER BY nre")?
        .query_map([id.as_str()], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    db.prepare_cached("DELETE FROM patient_search WHERE rowid = ?1")?
        .execute([key])?;
    db.prepare_cached("INSERT INTO patient_search (rowid, name, fiscal_code, nre) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![
            key,
            patient.name.display(),
            patient.fiscal_code.as_str(),
            nres.join(" ")
        ])?;
    Ok(())
}
