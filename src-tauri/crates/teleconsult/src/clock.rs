//! The answer clock of a case: how long the specialist has, and the stretches that do not count.
//!
//! The clock runs while the specialist's side has the turn and stands still while the asker has it (information
//! requested). Limits are the region's to set; the defaults are those shown in the house's reference screens.
//! Plain hours, not office hours. Not in it: who has the turn (`case`).

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::Priority;

/// Time to answer for each priority.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerLimits {
    /// Urgente.
    pub u: SignedDuration,
    /// Breve.
    pub b: SignedDuration,
    /// Differibile.
    pub d: SignedDuration,
    /// Programmata.
    pub p: SignedDuration,
}

impl Default for AnswerLimits {
    fn default() -> Self {
        Self {
            u: SignedDuration::from_hours(2),
            b: SignedDuration::from_hours(8),
            d: SignedDuration::from_hours(10 * 24),
            p: SignedDuration::from_hours(30 * 24),
        }
    }
}

impl AnswerLimits {
    /// The limit of a priority.
    pub fn of(&self, priority: Priority) -> SignedDuration {
        match priority {
            Priority::U => self.u,
            Priority::B => self.b,
            Priority::D => self.d,
            Priority::P => self.p,
        }
    }
}

/// A stretch in which the clock stood still; open while it still does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// From.
    pub from: Timestamp,
    /// To.
    pub to: Option<Timestamp>,
}

/// The clock, as shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerClock {
    /// Time allowed.
    pub limit: SignedDuration,
    /// Time used.
    pub used: SignedDuration,
    /// Time left; negative once it is late.
    pub left: SignedDuration,
    /// Time in pauses.
    pub paused: SignedDuration,
    /// It stands still now.
    pub standing: bool,
    /// When it ends if it runs on; `None` while it stands still or after the answer.
    pub due: Option<Timestamp>,
}

impl AnswerClock {
    /// Computes the clock of a request of `sent`, answered at `answered` where it was.
    pub fn of(
        limit: SignedDuration,
        sent: Timestamp,
        pauses: &[Pause],
        answered: Option<Timestamp>,
        now: Timestamp,
    ) -> Self {
        let end = answered.unwrap_or(now).max(sent);
        let paused = pauses.iter().fold(SignedDuration::ZERO, |sum, pause| {
            let from = pause.from.clamp(sent, end);
            let to = pause.to.unwrap_or(end).clamp(from, end);
            sum.saturating_add(to.duration_since(from))
        });
        let used = end
            .duration_since(sent)
            .saturating_sub(paused)
            .max(SignedDuration::ZERO);
        let left = limit.saturating_sub(used);
        let standing = answered.is_none() && pauses.iter().any(|p| p.to.is_none());
        let due = if answered.is_some() || standing {
            None
        } else {
            now.checked_add(left).ok()
        };
        Self {
            limit,
            used,
            left,
            paused,
            standing,
            due,
        }
    }

    /// Past its limit.
    pub fn is_late(&self) -> bool {
        self.left < SignedDuration::ZERO
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn the_reference_case_has_used_5_h_22_and_has_2_h_38_left() {
        let pause = Pause {
            from: at("2026-11-19T11:40:00+01:00"),
            to: Some(at("2026-11-20T07:51:00+01:00")),
        };
        let now = at("2026-11-20T10:47:00+01:00");
        let clock = AnswerClock::of(
            AnswerLimits::default().of(Priority::B),
            at("2026-11-19T09:14:00+01:00"),
            &[pause],
            None,
            now,
        );
        assert_eq!(clock.used, SignedDuration::from_mins(5 * 60 + 22));
        assert_eq!(clock.left, SignedDuration::from_mins(2 * 60 + 38));
        assert_eq!(clock.due, Some(at("2026-11-20T13:25:00+01:00")));
    }

    #[test]
    fn a_standing_clock_has_no_end() {
        let pause = Pause {
            from: at("2026-11-19T10:00:00Z"),
            to: None,
        };
        let clock = AnswerClock::of(
            SignedDuration::from_hours(8),
            at("2026-11-19T09:00:00Z"),
            &[pause],
            None,
            at("2026-12-24T09:00:00Z"),
        );
        assert_eq!(clock.used, SignedDuration::from_hours(1));
        assert!(clock.standing && clock.due.is_none() && !clock.is_late());
    }

    proptest! {
        #[test]
        fn used_and_paused_make_up_the_whole(cuts in prop::collection::vec(0i64..100_000, 0..8), end in 0i64..200_000) {
            let mut cuts = cuts;
            cuts.sort_unstable();
            let t = |s: i64| Timestamp::from_second(s).unwrap();
            let pauses: Vec<Pause> =
                cuts.chunks(2).map(|c| Pause { from: t(c[0]), to: c.get(1).map(|s| t(*s)) }).collect();
            let clock = AnswerClock::of(SignedDuration::from_hours(8), t(0), &pauses, None, t(end));
            prop_assert_eq!(clock.used + clock.paused, SignedDuration::from_secs(end));
            prop_assert_eq!(clock.used + clock.left, clock.limit);
        }
    }
}
