//! The region's time: the real one, moved by the switches.
//!
//! Two readings: [`Clock::now`] is what the region's server believes (tokens, resources, the `Date` header), and
//! [`Clock::gateway_now`] is the same moved ahead by `/_sandbox/advance`, so that the five days of the FSE pass in a
//! test without ending every token.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};

/// The region's clock.
#[derive(Debug, Default)]
pub struct Clock {
    fixed: Option<Timestamp>,
    skew_ms: AtomicI64,
    advance_ms: AtomicI64,
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self::default()
    }

    /// A clock that stands still at a moment, for tests that depend on the date.
    pub fn standing_at(moment: Timestamp) -> Self {
        Self {
            fixed: Some(moment),
            ..Self::default()
        }
    }

    /// What the region believes the time to be.
    pub fn now(&self) -> Timestamp {
        let true_time = self.fixed.unwrap_or_else(Timestamp::now);
        shifted(true_time, self.skew_ms.load(Ordering::Relaxed))
    }

    /// The gateway's time: [`Clock::now`] plus what `/_sandbox/advance` added.
    pub fn gateway_now(&self) -> Timestamp {
        shifted(self.now(), self.advance_ms.load(Ordering::Relaxed))
    }

    /// Makes the region's clock wrong by so much.
    pub fn set_skew(&self, skew: SignedDuration) {
        self.skew_ms.store(millis(skew), Ordering::Relaxed);
    }

    /// How wrong the clock is made to be.
    pub fn skew(&self) -> SignedDuration {
        SignedDuration::from_millis(self.skew_ms.load(Ordering::Relaxed))
    }

    /// Sets how far the gateway is ahead.
    pub fn set_advance(&self, advance: SignedDuration) {
        self.advance_ms.store(millis(advance), Ordering::Relaxed);
    }

    /// How far the gateway is ahead.
    pub fn advance(&self) -> SignedDuration {
        SignedDuration::from_millis(self.advance_ms.load(Ordering::Relaxed))
    }
}

fn millis(duration: SignedDuration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(0)
}

/// A time moved by milliseconds; where the calendar ends it is not moved.
fn shifted(time: Timestamp, by_ms: i64) -> Timestamp {
    time.checked_add(SignedDuration::from_millis(by_ms))
        .unwrap_or(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skew_moves_everything_and_advance_only_the_gateway() {
        let moment: Timestamp = "2026-11-21T09:00:00Z".parse().expect("a time");
        let clock = Clock::standing_at(moment);
        clock.set_skew(SignedDuration::from_mins(-10));
        clock.set_advance(SignedDuration::from_hours(120));
        assert_eq!(clock.now().to_string(), "2026-11-21T08:50:00Z");
        assert_eq!(clock.gateway_now().to_string(), "2026-11-26T08:50:00Z");
        clock.set_skew(SignedDuration::MAX);
        clock.set_advance(SignedDuration::MIN);
        let _ = clock.gateway_now();
    }
}
