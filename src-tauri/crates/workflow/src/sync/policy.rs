//! How long copies stay on this PC and until when a prepared shift counts: data of the region, in `assets/station`.

use std::sync::LazyLock;

use jiff::civil::Time;
use jiff::{SignedDuration, Timestamp, Zoned};
use serde::Deserialize;

use crate::views;

/// The policy of a station.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Policy {
    /// What was fetched before a shift counts until this hour.
    prepared_until: Time,
    /// Contents of documents stay so long after they were last known to be needed.
    pub(super) contents_kept_hours: u32,
    /// Closed cases stay so long after their last change.
    pub(super) closed_cases_kept_days: u32,
    /// Televisits stay so long.
    pub(super) televisits_kept_days: u32,
    /// People of whom nothing here speaks stay so long.
    pub(super) people_kept_days: u32,
}

static SHIPPED: LazyLock<Policy> = LazyLock::new(|| {
    // Held readable by this module's tests; without it the same values count.
    Policy::read(include_str!("../../../../../assets/station/policy.json")).unwrap_or(Policy {
        prepared_until: Time::constant(20, 0, 0, 0),
        contents_kept_hours: 36,
        closed_cases_kept_days: 30,
        televisits_kept_days: 30,
        people_kept_days: 30,
    })
});

impl Policy {
    pub(super) fn shipped() -> &'static Self {
        &SHIPPED
    }

    fn read(data: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(data)
    }

    /// Until when something prepared now counts: the hour of the policy, of tomorrow when it is past.
    pub(super) fn until(&self, now: Timestamp) -> Timestamp {
        let local = views::local(now);
        let on = |day: Zoned| day.with().time(self.prepared_until).build().ok();
        let next = on(local.clone())
            .filter(|at| at.timestamp() > now)
            .or_else(|| on(local.tomorrow().ok()?));
        next.map_or(now, |at| at.timestamp())
    }
}

/// A span of whole days.
pub(super) fn days(n: u32) -> SignedDuration {
    hours(n.saturating_mul(24))
}

/// A span of hours.
pub(super) fn hours(n: u32) -> SignedDuration {
    SignedDuration::from_hours(i64::from(n))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_policy_is_read_and_a_shift_ends_at_its_hour() {
        let policy = Policy::read(include_str!("../../../../../assets/station/policy.json")).unwrap();
        assert!(policy.closed_cases_kept_days >= 7 && policy.contents_kept_hours >= 24);
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        assert_eq!(
            policy.until(at("2026-11-20T07:00:00+01:00")),
            at("2026-11-20T20:00:00+01:00")
        );
        assert_eq!(
            policy.until(at("2026-11-20T20:00:00+01:00")),
            at("2026-11-21T20:00:00+01:00"),
            "a night shift is prepared for the next evening"
        );
        assert_eq!(
            policy.until(at("2026-07-20T07:00:00+02:00")),
            at("2026-07-20T20:00:00+02:00")
        );
    }
}
