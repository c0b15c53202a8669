//! The agenda of a day, with the patients, prescriptions and tests that belong to it.

use cache::StoreError;
use cache::replica::TelevisitRow;
use jiff::civil::Date;
use region::RegionError;
use region::fhir::AgendaEntry;

use crate::core::Core;
use crate::desk::Desk;
use crate::views;

/// The feed whose cursor says of when the agenda is.
pub(crate) const AGENDA_FEED: &str = "agenda";

impl Core {
    /// Fetches a day; true when something changed.
    pub(crate) async fn sync_agenda(&self, desk: &Desk, day: Date) -> Result<bool, RegionError> {
        let role = desk.assignment().id;
        let entries = self
            .inner
            .region
            .fhir()
            .agenda(&role, day, &views::zone())
            .await?;
        let known = desk.replica().agenda(day).unwrap_or_default();
        let mut rows = Vec::with_capacity(entries.len());
        let mut patients = Vec::new();
        for entry in &entries {
            if let Some(patient) = &entry.patient {
                patients.push(patient.clone());
            }
            if let Some(row) = row_of(entry, day) {
                rows.push(row);
            }
        }
        let gone: Vec<_> = known
            .iter()
            .filter(|old| rows.iter().all(|row| row.id != old.id))
            .map(|old| old.id.clone())
            .collect();
        let changed = !gone.is_empty()
            || rows.iter().any(|row| {
                known
                    .iter()
                    .all(|old| old.id != row.id || old.payload != row.payload)
            });
        let stamp = jiff::Timestamp::now();
        let written = desk
            .replica()
            .apply(stamp, move |batch| -> Result<(), StoreError> {
                for patient in &patients {
                    batch.put_patient(patient)?;
                }
                for row in &rows {
                    batch.put_televisit(row)?;
                    if let Some(nre) = &row.nre {
                        batch.put_nre(&row.patient, nre)?;
                    }
                }
                for id in &gone {
                    batch.remove_televisit(id)?;
                }
                batch.set_cursor(AGENDA_FEED, &stamp.to_string())
            });
        if written.is_err() {
            tracing::warn!("the agenda was not stored");
            return Ok(false);
        }
        Ok(changed)
    }
}

fn row_of(entry: &AgendaEntry, day: Date) -> Option<TelevisitRow> {
    Some(TelevisitRow {
        id: entry.id.clone(),
        patient: entry.patient_id.clone(),
        day,
        starts_at: entry.booking.start,
        state: format!("{:?}", entry.status).to_lowercase(),
        nre: entry
            .prescription
            .as_ref()
            .and_then(|prescription| prescription.nre.clone()),
        version: entry.version.clone(),
        payload: serde_json::to_value(entry).ok()?,
    })
}
