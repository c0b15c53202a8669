//! The waiting room: who waits, since when, and in what order they are shown.
//!
//! Several patients may wait at once, leave and return. Being late is said by the room, not by the patient:
//! the wait is measured from arrival, the delay from the booked hour. Not in it: how presence is learnt.

use clinical::TelevisitId;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// One patient in the waiting room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// Whose televisit.
    pub televisit: TelevisitId,
    /// Arrived at.
    pub since: Timestamp,
    /// Booked for.
    pub booked: Timestamp,
}

impl Waiting {
    /// Time in the waiting room.
    pub fn waited(&self, now: Timestamp) -> SignedDuration {
        now.duration_since(self.since).max(SignedDuration::ZERO)
    }

    /// How far past the booked hour; zero before it.
    pub fn delay(&self, now: Timestamp) -> SignedDuration {
        now.duration_since(self.booked).max(SignedDuration::ZERO)
    }
}

/// Everyone who waits, ordered by the booked hour, then by arrival.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingRoom {
    waiting: Vec<Waiting>,
}

impl WaitingRoom {
    /// A patient arrived. A second arrival keeps the first time: who reloads the page does not lose the place.
    pub fn arrived(&mut self, televisit: TelevisitId, at: Timestamp, booked: Timestamp) {
        match self.waiting.iter_mut().find(|w| w.televisit == televisit) {
            Some(known) => known.booked = booked,
            None => self.waiting.push(Waiting {
                televisit,
                since: at,
                booked,
            }),
        }
        self.waiting
            .sort_by(|a, b| (a.booked, a.since, &a.televisit).cmp(&(b.booked, b.since, &b.televisit)));
    }

    /// A patient left, or the call began. True when somebody did leave.
    pub fn left(&mut self, televisit: &TelevisitId) -> bool {
        let before = self.waiting.len();
        self.waiting.retain(|w| &w.televisit != televisit);
        self.waiting.len() != before
    }

    /// In order.
    pub fn list(&self) -> &[Waiting] {
        &self.waiting
    }

    /// One patient.
    pub fn find(&self, televisit: &TelevisitId) -> Option<&Waiting> {
        self.waiting.iter().find(|w| &w.televisit == televisit)
    }

    /// How late the doctor runs: the longest delay of those who wait, in whole minutes, for *Avvisa del ritardo*.
    pub fn delay_minutes(&self, now: Timestamp) -> u32 {
        let longest = self
            .waiting
            .iter()
            .map(|w| w.delay(now))
            .max()
            .unwrap_or(SignedDuration::ZERO);
        u32::try_from(longest.as_mins()).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn t(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn who_was_booked_first_comes_first_and_a_reload_keeps_the_place() {
        let mut room = WaitingRoom::default();
        room.arrived("b".into(), t(10), t(1200));
        room.arrived("a".into(), t(20), t(600));
        room.arrived("b".into(), t(500), t(1200));
        let order: Vec<&str> = room.list().iter().map(|w| w.televisit.as_str()).collect();
        assert_eq!(order, ["a", "b"]);
        assert_eq!(
            room.find(&"b".into()).unwrap().since,
            t(10),
            "a reload lost the arrival time"
        );
        assert_eq!(room.delay_minutes(t(600 + 61)), 1);
        assert!(room.left(&"a".into()));
        assert!(!room.left(&"a".into()), "leaving twice is not two departures");
    }
}
