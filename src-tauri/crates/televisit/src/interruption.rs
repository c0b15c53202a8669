//! What the screen offers while the link is broken: the telephone at 30 s, the outcome at 90 s, while
//! reconnection goes on all the time.
//!
//! Source: journey *Rete caduta*. Not in it: how the link is mended.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// *Chiama al telefono* is offered from here.
pub const PHONE_AFTER: SignedDuration = SignedDuration::from_secs(30);
/// The outcome is asked from here.
pub const OUTCOME_AFTER: SignedDuration = SignedDuration::from_secs(90);

/// One stretch without link, closed when the link came back or the call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interruption {
    /// From.
    pub from: Timestamp,
    /// To, once it is over.
    pub to: Option<Timestamp>,
}

impl Interruption {
    /// How long it lasted, or lasts.
    pub fn length(&self, now: Timestamp) -> SignedDuration {
        self.to
            .unwrap_or(now)
            .duration_since(self.from)
            .max(SignedDuration::ZERO)
    }
}

/// What is shown of a running interruption.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InterruptionView {
    /// How long it lasts.
    pub elapsed: SignedDuration,
    /// *Chiama al telefono* is offered.
    pub offer_phone: bool,
    /// The outcome is asked, reconnection goes on.
    pub ask_outcome: bool,
    /// Time left until the outcome is asked; zero once it is.
    pub until_outcome: SignedDuration,
}

impl InterruptionView {
    /// Of an interruption that began at `since`.
    pub fn of(since: Timestamp, now: Timestamp) -> Self {
        let elapsed = now.duration_since(since).max(SignedDuration::ZERO);
        Self {
            elapsed,
            offer_phone: elapsed >= PHONE_AFTER,
            ask_outcome: elapsed >= OUTCOME_AFTER,
            until_outcome: (OUTCOME_AFTER - elapsed).max(SignedDuration::ZERO),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_telephone_comes_at_thirty_and_the_outcome_at_ninety_seconds() {
        let since = Timestamp::from_second(1000).unwrap();
        let view = |s: i64| InterruptionView::of(since, Timestamp::from_second(1000 + s).unwrap());
        assert!(!view(29).offer_phone);
        assert!(view(30).offer_phone && !view(30).ask_outcome);
        assert_eq!(
            view(34).until_outcome,
            SignedDuration::from_secs(56),
            "the screen says how long is left"
        );
        assert!(!view(89).ask_outcome);
        assert!(view(90).ask_outcome && view(90).offer_phone);
        assert_eq!(
            view(-5).elapsed,
            SignedDuration::ZERO,
            "a clock that steps back gives no negative time"
        );
    }
}
