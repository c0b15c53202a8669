//! The latest weight of minors and represented people: of the own list by the change feed, of others when their record is read.
//!
//! Not in it: who is asked for (`people`). A COT operator is shown none: the region does not give it to them.

use clinical::PatientId;
use region::fhir::{WEIGHT, Weight, weight};
use region::{RegionError, ResourceType};

use super::people::{feed_of, keep};
use crate::core::Core;
use crate::desk::Desk;

const FEED: &str = "weights";

/// Fetches what changed of everybody that this person sees; true when something did.
pub(super) async fn changed(core: &Core, desk: &Desk) -> Result<bool, RegionError> {
    let fed = match feed_of(core, desk, FEED, ResourceType::Observation, &[WEIGHT]).await {
        Ok(fed) => fed,
        // A region that keeps no measurements: the identity is shown without a weight.
        Err(RegionError::NotFound | RegionError::Refused(_) | RegionError::Forbidden(_)) => return Ok(false),
        Err(error) => return Err(error),
    };
    let found: Vec<Weight> = fed.resources.iter().filter_map(weight::weight).collect();
    let cursor = fed.cursor();
    let any = !found.is_empty();
    store(desk, found, Some((FEED, cursor)));
    Ok(any)
}

/// Fetches those of one patient.
pub(super) async fn of(core: &Core, desk: &Desk, patient: &PatientId) -> Result<(), RegionError> {
    match core.inner.region.fhir().weights_of(patient).await {
        Ok(found) => store(desk, found, None),
        Err(RegionError::NotFound | RegionError::Refused(_) | RegionError::Forbidden(_)) => {}
        Err(error) => return Err(error),
    }
    Ok(())
}

fn store(desk: &Desk, found: Vec<Weight>, cursor: Option<(&'static str, String)>) {
    keep(desk, move |batch| {
        for weight in &found {
            if weight.counts {
                let payload = serde_json::json!({"kg": weight.kg, "on": weight.on.to_string()});
                batch.put_weight(&weight.patient, &weight.id, weight.at, &payload)?;
            } else {
                batch.forget_weight(&weight.id)?;
            }
        }
        match &cursor {
            Some((feed, cursor)) => batch.set_cursor(feed, cursor),
            None => Ok(()),
        }
    });
}
