//! When an unattended station locks itself. Pure: the time is an argument.

use jiff::{SignedDuration, Timestamp};

/// Minutes without a key or a movement after which the station locks.
pub const IDLE_LIMIT: SignedDuration = SignedDuration::from_mins(5);

/// How long nobody has touched the station, and what holds the lock off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdleLock {
    last_touch: Timestamp,
    calls: u32,
}

impl IdleLock {
    /// Touched now.
    pub fn new(now: Timestamp) -> Self {
        Self {
            last_touch: now,
            calls: 0,
        }
    }

    /// A key or a movement. A clock that went back counts from now, and never sooner.
    pub fn touched(&mut self, now: Timestamp) {
        self.last_touch = now;
    }

    /// A call began: nobody types during one.
    pub fn call_started(&mut self) {
        self.calls = self.calls.saturating_add(1);
    }

    /// A call ended: the minutes count from now.
    pub fn call_ended(&mut self, now: Timestamp) {
        self.calls = self.calls.saturating_sub(1);
        self.touched(now);
    }

    /// Whether a call is holding the lock off.
    pub fn is_held(&self) -> bool {
        self.calls > 0
    }

    /// When to lock if nothing happens; `None` while a call holds it off.
    pub fn locks_at(&self) -> Option<Timestamp> {
        if self.is_held() {
            None
        } else {
            self.last_touch.checked_add(IDLE_LIMIT).ok()
        }
    }

    /// Whether to lock now.
    pub fn is_due(&mut self, now: Timestamp) -> bool {
        if now < self.last_touch {
            self.last_touch = now;
        }
        self.locks_at().is_some_and(|at| at <= now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_763_600_000 + second).unwrap()
    }

    #[test]
    fn locks_after_five_minutes_without_a_touch() {
        let mut lock = IdleLock::new(at(0));
        assert!(!lock.is_due(at(299)));
        lock.touched(at(299));
        assert!(!lock.is_due(at(300)), "the touch begins the minutes again");
        assert!(lock.is_due(at(599)));
    }

    #[test]
    fn a_call_holds_it_off_and_its_end_begins_the_minutes() {
        let mut lock = IdleLock::new(at(0));
        lock.call_started();
        assert!(!lock.is_due(at(7200)), "two hours into a call");
        assert_eq!(lock.locks_at(), None);
        lock.call_ended(at(7200));
        assert!(!lock.is_due(at(7499)));
        assert!(lock.is_due(at(7500)));
    }

    #[test]
    fn a_clock_that_went_back_does_not_keep_it_open() {
        let mut lock = IdleLock::new(at(86_400));
        assert!(!lock.is_due(at(0)));
        assert!(lock.is_due(at(300)), "five minutes on the clock of now");
    }
}
