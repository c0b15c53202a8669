//! What the agenda shows of the waiting room: `Appointment.status` and since when the patient waits.
//!
//! `booked` becomes `arrived` when the patient's page joins and `booked` again when it leaves; any other status is the
//! workstation's and is not touched. The time of waiting counts from the first arrival: a page that was reloaded, or
//! a link that failed for a moment, does not send the patient to the end of the queue.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::Region;

/// `Appointment.extension` with a `valueDateTime`, present while the status is `arrived`.
pub const WAITING_SINCE: &str = "https://postazione.example/fhir/waiting-since";

/// Who comes back within this time never left the queue.
const GRACE: SignedDuration = SignedDuration::from_mins(2);

/// A stretch of waiting: since when, and when the patient was last seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    since: Timestamp,
    left: Option<Timestamp>,
}

impl Stretch {
    /// The patient came, `before` is the earlier stretch.
    pub(super) fn arrived(before: Option<Self>, now: Timestamp) -> Self {
        match before {
            Some(Self { since, left: None }) => Self { since, left: None },
            Some(Self {
                since,
                left: Some(left),
            }) if now.duration_since(left) <= GRACE => Self { since, left: None },
            _ => Self {
                since: now,
                left: None,
            },
        }
    }

    /// The patient went.
    pub(super) fn ended(self, now: Timestamp) -> Self {
        Self {
            left: Some(now),
            ..self
        }
    }
}

/// Writes that the patient is in the waiting room.
pub(super) fn arrived(region: &Region, appointment: &str, stretch: Stretch) {
    let written = region.store.modify("Appointment", appointment, |resource| {
        if !matches!(resource["status"].as_str(), Some("booked" | "arrived")) {
            return false;
        }
        resource["status"] = json!("arrived");
        drop_extension(resource);
        let extension = json!({"url": WAITING_SINCE, "valueDateTime": stretch.since.to_string()});
        match resource["extension"].as_array_mut() {
            Some(list) => list.push(extension),
            None => resource["extension"] = json!([extension]),
        }
        true
    });
    report(written.err());
}

/// Writes that the patient is not in the waiting room any more.
pub(super) fn left(region: &Region, appointment: &str) {
    let written = region.store.modify("Appointment", appointment, |resource| {
        if resource["status"].as_str() != Some("arrived") {
            return false;
        }
        resource["status"] = json!("booked");
        drop_extension(resource);
        true
    });
    report(written.err());
}

fn drop_extension(resource: &mut Value) {
    // Not by index: that would leave a null where there was nothing.
    let Some(list) = resource.get_mut("extension").and_then(Value::as_array_mut) else {
        return;
    };
    list.retain(|extension| extension["url"] != WAITING_SINCE);
    if list.is_empty()
        && let Some(object) = resource.as_object_mut()
    {
        object.remove("extension");
    }
}

fn report(error: Option<crate::fhir::StoreError>) {
    if let Some(error) = error {
        tracing::error!(%error, "the waiting room could not be written to the agenda");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    #[test]
    fn a_short_absence_keeps_the_place_in_the_queue() {
        let first = Stretch::arrived(None, at("2026-11-21T09:00:00Z"));
        let back = Stretch::arrived(
            Some(first.ended(at("2026-11-21T09:10:00Z"))),
            at("2026-11-21T09:11:00Z"),
        );
        assert_eq!(back.since, at("2026-11-21T09:00:00Z"));
        let late = Stretch::arrived(
            Some(back.ended(at("2026-11-21T09:20:00Z"))),
            at("2026-11-21T09:25:00Z"),
        );
        assert_eq!(
            late.since,
            at("2026-11-21T09:25:00Z"),
            "after five minutes the waiting begins anew"
        );
    }

    #[test]
    fn indexing_a_resource_without_extensions_adds_none() {
        let mut resource = json!({"status": "arrived"});
        drop_extension(&mut resource);
        assert_eq!(resource, json!({"status": "arrived"}));
    }
}
