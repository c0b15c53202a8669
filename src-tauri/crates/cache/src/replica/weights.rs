//! The latest weight of each patient, as the region gives it. Not in it: any other measurement, and any judgement of it.

use clinical::PatientId;
use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};
use serde_json::Value;

use super::{Batch, Replica, from_json, to_json};
use crate::StoreError;
use crate::outbox::millis;

impl Batch<'_> {
    /// Keeps a measurement when it is the newest known of its patient, or a newer version of that one.
    pub fn put_weight(
        &mut self,
        patient: &PatientId,
        measure: &str,
        at: Timestamp,
        payload: &Value,
    ) -> Result<(), StoreError> {
        self.tx
            .prepare_cached(
                "INSERT INTO weight (patient, measure, at, payload) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (patient) DO UPDATE SET measure = ?2, at = ?3, payload = ?4
             WHERE excluded.at >= weight.at OR excluded.measure = weight.measure",
            )?
            .execute(params![patient.as_str(), measure, millis(at), to_json(payload)?])?;
        Ok(())
    }

    /// Forgets a measurement that was entered in error.
    pub fn forget_weight(&mut self, measure: &str) -> Result<(), StoreError> {
        self.tx
            .execute("DELETE FROM weight WHERE measure = ?1", [measure])?;
        Ok(())
    }
}

impl Replica {
    /// The latest weight of a patient, as it was stored.
    pub fn weight_of(&self, patient: &PatientId) -> Result<Option<Value>, StoreError> {
        self.database.read(|db| {
            let found = db
                .prepare_cached("SELECT payload FROM weight WHERE patient = ?1")?
                .query_row([patient.as_str()], |row| row.get::<_, String>(0))
                .optional()?;
            found.map(|text| from_json(&text)).transpose()
        })
    }
}
