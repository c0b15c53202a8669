//! The number that the region gives to a teleconsult request, by which people speak of it: *n. 44838*.
//!
//! It stands in `requisition`, where the asker had put the identifier made on its own PC, which stays in `identifier`.

use serde_json::{Value, json};

use super::writing::Writing;

const PROFILE: &str =
    "http://hl7.it/fhir/teleconsulto/StructureDefinition/ServiceRequestRichiestaTeleconsulto";
/// Before the first.
const START: u64 = 44_838;

/// Numbers a new request; everything else passes as it is.
pub(super) fn number(writing: &Writing<'_>, resource: &mut Value) {
    let profiles = resource["meta"]["profile"].as_array();
    let ours = profiles.is_some_and(|all| all.iter().any(|profile| profile == PROFILE));
    if resource["resourceType"] != "ServiceRequest" || !ours {
        return;
    }
    let stored = writing.store.snapshot("ServiceRequest");
    let pending = writing.pending.iter().filter_map(|pending| pending.entry.clone());
    let last = stored
        .into_iter()
        .chain(pending)
        .filter_map(|entry| {
            entry.resource["requisition"]["value"]
                .as_str()?
                .parse::<u64>()
                .ok()
        })
        .max();
    resource["requisition"] =
        json!({"value": last.unwrap_or_default().max(START).saturating_add(1).to_string()});
}
