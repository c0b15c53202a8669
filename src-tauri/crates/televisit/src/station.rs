//! *Verifica postazione*: what was measured on this PC, with what outcome, and how long ago.
//!
//! The verdict is computed from measurements and their age, never a constant. Not in it: how a device or the
//! network is measured (`media`, `region`, `cache`, `signing`).

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// A check older than this must be taken again before a call.
pub const VALID_FOR: SignedDuration = SignedDuration::from_hours(12);
/// The clock may differ from the region's by so much before signatures and tokens suffer.
pub const SKEW_LIMIT: SignedDuration = SignedDuration::from_secs(60);

/// What is checked, in the order shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StationItem {
    /// Regione raggiungibile.
    Region,
    /// Orologio allineato.
    Clock,
    /// Rete per le chiamate (TURN).
    Turn,
    /// Camera.
    Camera,
    /// Microfono.
    Microphone,
    /// Archivio cifrato.
    Cache,
    /// Dispositivo di firma.
    SignatureDevice,
}

impl StationItem {
    /// All, in the order shown.
    pub const ALL: [Self; 7] = [
        Self::Region,
        Self::Clock,
        Self::Turn,
        Self::Camera,
        Self::Microphone,
        Self::Cache,
        Self::SignatureDevice,
    ];

    /// Whether a televisit cannot be held without it. A signature can be made later.
    pub fn needed_for_call(self) -> bool {
        !matches!(self, Self::SignatureDevice)
    }
}

/// The number or name that was measured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Measure {
    /// Round trip in milliseconds.
    Latency {
        /// Milliseconds.
        ms: u32,
    },
    /// Region's clock minus this PC's, in milliseconds.
    Skew {
        /// Milliseconds.
        ms: i64,
    },
    /// A device that gave pictures, sound or an answer.
    Device {
        /// Its name.
        name: String,
        /// Synthetic source: named as such on the screen.
        synthetic: bool,
    },
    /// Free room on the disk.
    Free {
        /// Bytes.
        bytes: u64,
    },
}

/// The outcome of one item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum ItemOutcome {
    /// It works.
    Passed {
        /// What was measured.
        measure: Option<Measure>,
    },
    /// It works, with a notice.
    Warning {
        /// What was measured.
        measure: Option<Measure>,
    },
    /// It does not work.
    Failed {
        /// What was measured, where something was.
        measure: Option<Measure>,
    },
    /// Nothing of the kind is attached.
    Absent,
}

impl ItemOutcome {
    /// The outcome for a clock difference in milliseconds: beyond [`SKEW_LIMIT`] it fails.
    pub fn of_skew(ms: i64) -> Self {
        let measure = Some(Measure::Skew { ms });
        if i128::from(ms).abs() > SKEW_LIMIT.as_millis() {
            Self::Failed { measure }
        } else {
            Self::Passed { measure }
        }
    }

    /// Whether it stops a call.
    pub fn is_failure(&self) -> bool {
        matches!(self, Self::Failed { .. } | Self::Absent)
    }
}

/// One measured item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemResult {
    /// Which.
    pub item: StationItem,
    /// Outcome.
    pub outcome: ItemOutcome,
    /// When it was measured.
    pub at: Timestamp,
}

/// The newest result of each item.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StationCheck {
    results: Vec<ItemResult>,
}

/// What the screen says of the station.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StationVerdict {
    /// Something was never measured.
    Incomplete,
    /// Something was measured too long ago.
    Stale,
    /// Something that a call needs does not work.
    Failed,
    /// Superata, con avvisi.
    PassedWithNotices,
    /// Superata.
    Passed,
}

impl StationCheck {
    /// Records a measurement, replacing an older one of the same item.
    pub fn record(&mut self, item: StationItem, outcome: ItemOutcome, at: Timestamp) {
        match self.results.iter_mut().find(|r| r.item == item) {
            Some(known) if known.at > at => {}
            Some(known) => *known = ItemResult { item, outcome, at },
            None => self.results.push(ItemResult { item, outcome, at }),
        }
        self.results.sort_by_key(|r| r.item);
    }

    /// All results, in the order shown.
    pub fn results(&self) -> &[ItemResult] {
        &self.results
    }

    /// Age of the oldest result; `None` when nothing was measured.
    pub fn age(&self, now: Timestamp) -> Option<SignedDuration> {
        self.results
            .iter()
            .map(|r| now.duration_since(r.at).max(SignedDuration::ZERO))
            .max()
    }

    /// The verdict now.
    pub fn verdict(&self, now: Timestamp) -> StationVerdict {
        if self
            .results
            .iter()
            .any(|r| r.item.needed_for_call() && r.outcome.is_failure())
        {
            return StationVerdict::Failed;
        }
        if StationItem::ALL
            .iter()
            .any(|i| self.results.iter().all(|r| r.item != *i))
        {
            return StationVerdict::Incomplete;
        }
        if self.age(now).is_none_or(|a| a > VALID_FOR) {
            return StationVerdict::Stale;
        }
        let clean = self
            .results
            .iter()
            .all(|r| matches!(r.outcome, ItemOutcome::Passed { .. }));
        if clean {
            StationVerdict::Passed
        } else {
            StationVerdict::PassedWithNotices
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn t(hours: i64) -> Timestamp {
        Timestamp::from_second(hours * 3600).unwrap()
    }

    fn all_passed(at: Timestamp) -> StationCheck {
        let mut check = StationCheck::default();
        for item in StationItem::ALL {
            check.record(item, ItemOutcome::Passed { measure: None }, at);
        }
        check
    }

    #[test]
    fn the_verdict_follows_the_measurements_and_their_age() {
        assert_eq!(
            StationCheck::default().verdict(t(0)),
            StationVerdict::Incomplete,
            "nothing was measured"
        );
        let mut check = all_passed(t(1));
        assert_eq!(check.verdict(t(2)), StationVerdict::Passed);
        assert_eq!(check.verdict(t(14)), StationVerdict::Stale);
        check.record(StationItem::SignatureDevice, ItemOutcome::Absent, t(2));
        assert_eq!(
            check.verdict(t(2)),
            StationVerdict::PassedWithNotices,
            "a call needs no signature device"
        );
        check.record(StationItem::Camera, ItemOutcome::Absent, t(2));
        assert_eq!(check.verdict(t(2)), StationVerdict::Failed);
        check.record(StationItem::Camera, ItemOutcome::Passed { measure: None }, t(1));
        assert_eq!(
            check.verdict(t(2)),
            StationVerdict::Failed,
            "an older measurement must not hide a newer one"
        );
    }

    #[test]
    fn a_clock_off_by_more_than_a_minute_fails() {
        assert!(ItemOutcome::of_skew(-61_000).is_failure());
        assert!(!ItemOutcome::of_skew(60_000).is_failure());
        assert!(
            ItemOutcome::of_skew(i64::MIN).is_failure(),
            "an absurd clock must not overflow"
        );
    }
}
