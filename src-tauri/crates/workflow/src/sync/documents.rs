//! Documents: what there is for the patients in view, and the last ones of those who come today, to be read offline.
//!
//! Patients in view are those of today's agenda and of the open cases. Everyone else's are fetched when they are opened
//! (`document`). Not in it: a COT, which sees no clinical document.

use std::collections::BTreeSet;

use cache::replica::{CaseFilter, CaseTable};
use clinical::{PatientId, Role};
use jiff::{SignedDuration, Timestamp};
use region::fhir::EarlierDocument;
use region::{RegionError, ResourceType};

use super::people::{is_fresh, keep};
use crate::core::Core;
use crate::desk::Desk;
use crate::{document, views};

/// What is known of a patient's documents is asked again after this time.
const FRESH: SignedDuration = SignedDuration::from_mins(10);
/// Contents fetched ahead for each patient.
const AHEAD: usize = 5;
/// Contents above this size wait until somebody opens them.
const LARGEST: u64 = 20 * 1024 * 1024;
/// Cases looked through for their patients.
const CASES: u32 = 500;

/// Fetches what changed; true when something did.
pub(crate) async fn documents(core: &Core, desk: &Desk) -> Result<bool, RegionError> {
    if desk.role() == Role::CotOperator {
        return Ok(false);
    }
    let mut changed = false;
    for patient in in_view(desk) {
        if !is_fresh(desk, &feed(&patient), FRESH) {
            changed |= documents_of(core, desk, &patient).await?;
        }
        changed |= ahead(core, desk, &patient).await?;
    }
    Ok(changed)
}

/// Fetches what is known of one patient's documents; true when it changed.
pub(crate) async fn documents_of(core: &Core, desk: &Desk, patient: &PatientId) -> Result<bool, RegionError> {
    let reference = format!("Patient/{patient}");
    let query = [("patient", reference.as_str()), ("_count", "200")];
    let page = core
        .inner
        .region
        .fhir()
        .search_all(ResourceType::DocumentReference, &query)
        .await?;
    let rows: Vec<_> = page.matches.iter().filter_map(document::row_of).collect();
    let before = desk.replica().documents_of(patient).unwrap_or_default();
    let gone: Vec<_> = before
        .iter()
        .filter(|old| rows.iter().all(|row| row.id != old.id))
        .map(|old| old.id.clone())
        .collect();
    let changed = !gone.is_empty()
        || rows.iter().any(|row| {
            before
                .iter()
                .all(|old| old.id != row.id || old.payload != row.payload)
        });
    let (feed, stamp) = (feed(patient), Timestamp::now());
    keep(desk, move |batch| {
        for row in &rows {
            batch.put_document(row)?;
        }
        for id in &gone {
            batch.remove_document(id)?;
        }
        batch.set_cursor(&feed, &stamp.to_string())
    });
    Ok(changed)
}

fn feed(patient: &PatientId) -> String {
    format!("documents/{patient}")
}

/// Nobody waits for these any more.
fn is_open(state: &str) -> bool {
    !matches!(state, "answered" | "acknowledged" | "closed")
}

/// Whose documents are fetched ahead.
pub(super) fn in_view(desk: &Desk) -> BTreeSet<PatientId> {
    let replica = desk.replica();
    let today = replica.agenda(views::today(Timestamp::now())).unwrap_or_default();
    let cases = replica
        .cases(CaseTable::Teleconsult, CaseFilter::All, CASES)
        .unwrap_or_default();
    today
        .into_iter()
        .map(|row| row.patient)
        .chain(
            cases
                .into_iter()
                .filter(|row| is_open(&row.state))
                .map(|row| row.patient),
        )
        .collect()
}

/// Of the documents that are fetched ahead for a patient: how many contents are here, how many are wanted.
pub(super) fn fetched_ahead(desk: &Desk, patient: &PatientId) -> (usize, usize) {
    let last = last_ones(desk, patient);
    (last.iter().filter(|(here, _)| *here).count(), last.len())
}

/// The documents that are fetched ahead, each with whether its content is here.
fn last_ones(desk: &Desk, patient: &PatientId) -> Vec<(bool, EarlierDocument)> {
    let rows = desk.replica().documents_of(patient).unwrap_or_default();
    rows.into_iter()
        .filter_map(|row| {
            let document: EarlierDocument = serde_json::from_value(row.payload).ok()?;
            (!document.superseded).then_some((row.has_content, document))
        })
        .take(AHEAD)
        .filter(|(_, document)| document.size.is_none_or(|size| size <= LARGEST))
        .collect()
}

/// The contents of the last documents, where they are not here yet.
async fn ahead(core: &Core, desk: &Desk, patient: &PatientId) -> Result<bool, RegionError> {
    let mut any = false;
    for (here, document) in last_ones(desk, patient) {
        if here {
            continue;
        }
        match core.inner.region.fhir().document_bytes(&document).await {
            Ok(binary) => {
                keep(desk, move |batch| {
                    batch.put_document_content(&document.id, &binary.bytes)
                });
                any = true;
            }
            Err(error) if error.is_passing() && error != RegionError::Garbled => return Err(error),
            // One document that cannot be had does not keep the others away.
            Err(_) => {}
        }
    }
    Ok(any)
}
