//! Patients: stored, removed with all that is theirs, listed in the order of their names.
//!
//! Not in it: how a search is answered (`search`).

use clinical::{FiscalCode, Nre, Patient, PatientId};
use rusqlite::{Connection, OptionalExtension, params};

use super::search::{self, Found, fold};
use super::{Batch, Replica, from_json, to_json};
use crate::StoreError;
use crate::outbox::millis;

impl Batch<'_> {
    /// Stores a patient as the region gives it.
    pub fn put_patient(&mut self, patient: &Patient) -> Result<(), StoreError> {
        self.tx
            .prepare_cached(
                "INSERT INTO patient (id, fiscal_code, sort, payload, fetched_at) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (id) DO UPDATE SET fiscal_code = ?2, sort = ?3, payload = ?4, fetched_at = ?5",
            )?
            .execute(params![
                patient.id.as_str(),
                patient.fiscal_code.as_str(),
                sort(patient),
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
            forget(self.tx, key)?;
        }
        self.tx.execute("DELETE FROM patient WHERE id = ?1", [id])?;
        for table in [
            "related_person",
            "weight",
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
        self.patients_after(None, limit)
    }

    /// The patients that follow one in the order of the names (from the first one, when it is not there), and how many there
    /// are in all. Costs the same anywhere in the list.
    pub fn patients_after(
        &self,
        after: Option<&PatientId>,
        limit: u32,
    ) -> Result<(Vec<Patient>, u32), StoreError> {
        self.database.read(|db| {
            let total = db
                .prepare_cached("SELECT n FROM tally WHERE name = 'patient'")?
                .query_row([], |row| row.get(0))?;
            let place = match after {
                Some(id) => db
                    .prepare_cached("SELECT sort, key FROM patient WHERE id = ?1")?
                    .query_row([id.as_str()], |row| {
                        Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?))
                    })
                    .optional()?,
                None => None,
            };
            let (sort, key) = place.unwrap_or_default();
            let sql = "SELECT payload FROM patient WHERE (sort, key) > (?1, ?2) ORDER BY sort, key LIMIT ?3";
            let mut statement = db.prepare_cached(sql)?;
            let rows = statement.query_map(params![sort, key, limit], |row| row.get::<_, String>(0))?;
            let found = rows
                .map(|row| from_json(&row?))
                .collect::<Result<_, StoreError>>()?;
            Ok((found, total))
        })
    }

    /// Patients matching every word of a text: the beginning of a name, of a codice fiscale or of an NRE; where these
    /// do not fill the list, parts of names from three letters on. Accents and case do not matter.
    pub fn search_patients(&self, text: &str, limit: u32) -> Result<Vec<Patient>, StoreError> {
        Ok(self.find_patients(text, limit)?.patients)
    }

    /// As [`Self::search_patients`], with how many match in all.
    pub fn find_patients(&self, text: &str, limit: u32) -> Result<Found, StoreError> {
        self.database.read(|db| search::find(db, text, limit))
    }

    /// The ids of all patients, for a comparison with the region's list.
    pub fn patient_ids(&self) -> Result<Vec<PatientId>, StoreError> {
        self.database.read(|db| {
            let mut statement = db.prepare_cached("SELECT id FROM patient ORDER BY id")?;
            let rows = statement.query_map([], |row| Ok(PatientId(row.get(0)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
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

/// The order of the list. A tab comes before every letter, so that *De* stands before *De Nicola*.
fn sort(patient: &Patient) -> String {
    let name = &patient.name;
    format!("{}\t{}", fold(name.family.expose()), fold(name.given.expose()))
}

fn forget(db: &Connection, key: i64) -> Result<(), StoreError> {
    for table in ["patient_search", "patient_part"] {
        db.prepare_cached(&format!("DELETE FROM {table} WHERE rowid = ?1"))?
            .execute([key])?;
    }
    Ok(())
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
    let name = sort(&patient);
    forget(db, key)?;
    db.prepare_cached("INSERT INTO patient_search (rowid, words) VALUES (?1, ?2)")?
        .execute(params![
            key,
            format!("{name} {} {}", patient.fiscal_code.as_str(), nres.join(" "))
        ])?;
    db.prepare_cached("INSERT INTO patient_part (rowid, name) VALUES (?1, ?2)")?
        .execute(params![key, name])?;
    Ok(())
}
