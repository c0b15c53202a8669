//! Who speaks for a patient or helps, and the colleagues whose names the screens show.
//!
//! Payloads are the callers' own types as JSON. Not in it: the patients themselves (`patients`).

use clinical::PatientId;
use rusqlite::params;
use serde_json::Value;

use super::{Batch, Replica, from_json, to_json};
use crate::StoreError;
use crate::outbox::millis;

impl Batch<'_> {
    /// Stores one related person.
    pub fn put_related(&mut self, patient: &PatientId, id: &str, payload: &Value) -> Result<(), StoreError> {
        self.tx
            .prepare_cached(
                "INSERT INTO related_person (id, patient, payload, fetched_at) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (id) DO UPDATE SET patient = ?2, payload = ?3, fetched_at = ?4",
            )?
            .execute(params![id, patient.as_str(), to_json(payload)?, millis(self.now)])?;
        Ok(())
    }

    /// Forgets who is related to a patient, before what the region gives is stored anew.
    pub fn forget_related(&mut self, patient: &PatientId) -> Result<(), StoreError> {
        self.tx.execute(
            "DELETE FROM related_person WHERE patient = ?1",
            [patient.as_str()],
        )?;
        Ok(())
    }

    /// Puts the whole list of colleagues in place of the one kept: role and payload.
    pub fn put_colleagues(&mut self, colleagues: &[(String, Value)]) -> Result<(), StoreError> {
        self.tx.execute("DELETE FROM colleague", [])?;
        let mut insert = self.tx.prepare_cached(
            "INSERT OR REPLACE INTO colleague (role, payload, fetched_at) VALUES (?1, ?2, ?3)",
        )?;
        for (role, payload) in colleagues {
            insert.execute(params![role, to_json(payload)?, millis(self.now)])?;
        }
        Ok(())
    }
}

impl Replica {
    /// Who is related to a patient.
    pub fn related_to(&self, patient: &PatientId) -> Result<Vec<Value>, StoreError> {
        self.database.read(|db| {
            let mut statement =
                db.prepare_cached("SELECT payload FROM related_person WHERE patient = ?1 ORDER BY id")?;
            let rows = statement.query_map([patient.as_str()], |row| row.get::<_, String>(0))?;
            rows.map(|row| from_json(&row?)).collect()
        })
    }

    /// The colleagues.
    pub fn colleagues(&self) -> Result<Vec<Value>, StoreError> {
        self.database.read(|db| {
            let mut statement = db.prepare_cached("SELECT payload FROM colleague ORDER BY role")?;
            let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
            rows.map(|row| from_json(&row?)).collect()
        })
    }
}
