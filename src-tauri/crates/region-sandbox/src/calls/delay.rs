//! *Avvisa del ritardo*: a `Communication` of category `delay` about an Appointment, told to the patient who waits.

use std::sync::Weak;

use serde_json::Value;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use crate::Region;
use crate::events::Changed;

/// No notice speaks of more; a larger number in the text is something else.
const MOST_MINUTES: u32 = 600;

/// The delay last announced for a televisit, in minutes.
pub(super) fn announced(region: &Region, appointment: &str) -> Option<u32> {
    let about = format!("Appointment/{appointment}");
    // Not by a search parameter: servers differ in how they name it, and there are few in a sandbox.
    let found = region.store.search("Communication", &[]).unwrap_or_default();
    found
        .iter()
        .filter(|communication| is_about(communication, &about))
        .max_by_key(|communication| communication["meta"]["lastUpdated"].as_str().map(str::to_owned))
        .and_then(minutes)
}

/// Tells the rooms of every notice, until the region ends.
pub(super) async fn watch(region: Weak<Region>, mut changes: Receiver<Changed>) {
    loop {
        let change = match changes.recv().await {
            Ok(change) => change,
            // A notice missed here is told when the patient's page joins again.
            Err(RecvError::Lagged(_)) => continue,
            Err(RecvError::Closed) => return,
        };
        if change.resource_type != "Communication" {
            continue;
        }
        let Some(region) = region.upgrade() else { return };
        let Ok(Some(communication)) = region.store.read("Communication", &change.id) else {
            continue;
        };
        let Some(minutes) = minutes(&communication) else {
            continue;
        };
        for (appointment, room) in region.calls.rooms().iter_mut() {
            if is_about(&communication, &format!("Appointment/{appointment}")) {
                room.announce_delay(minutes);
            }
        }
    }
}

fn is_about(communication: &Value, reference: &str) -> bool {
    list(&communication["about"]).any(|about| about["reference"] == reference)
}

fn minutes(communication: &Value) -> Option<u32> {
    let is_delay = list(&communication["category"]).any(|category| {
        category["text"] == "delay" || list(&category["coding"]).any(|coding| coding["code"] == "delay")
    });
    if !is_delay {
        return None;
    }
    let text = list(&communication["payload"]).find_map(|payload| payload["contentString"].as_str())?;
    let number = text
        .split(|c: char| !c.is_ascii_digit())
        .find(|part| !part.is_empty())?;
    number
        .parse()
        .ok()
        .filter(|minutes| (1..=MOST_MINUTES).contains(minutes))
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_number_of_minutes_is_read_from_the_words() {
        let notice = |text: &str| json!({"category": [{"coding": [{"code": "delay"}]}], "payload": [{"contentString": text}]});
        assert_eq!(minutes(&notice("15")), Some(15));
        assert_eq!(
            minutes(&notice("Il medico è in ritardo di circa 20 minuti.")),
            Some(20)
        );
        assert_eq!(minutes(&notice("Il medico è in ritardo.")), None);
        assert_eq!(minutes(&notice("99999999999999")), None);
        assert_eq!(
            minutes(&json!({"payload": [{"contentString": "15"}]})),
            None,
            "another category"
        );
    }
}
