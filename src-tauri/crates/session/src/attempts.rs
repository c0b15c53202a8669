//! Wrong secrets make the next try wait, longer each time, also after a restart.
//!
//! A try is counted before it is made: a program killed in the middle of one has spent it.

use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::files;

/// Tries without a pause, then the pauses that follow; the last one repeats.
const FREE: u32 = 3;
const PAUSES: [i64; 6] = [5, 15, 60, 300, 900, 1800];

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Attempts {
    pub(crate) failures: u32,
    pub(crate) last_ms: i64,
}

/// When the next try may be made after so many failures.
fn pause_after(failures: u32) -> SignedDuration {
    match failures.checked_sub(FREE) {
        None => SignedDuration::ZERO,
        Some(over) => {
            let index = usize::try_from(over).unwrap_or(usize::MAX).min(PAUSES.len() - 1);
            SignedDuration::from_secs(PAUSES[index])
        }
    }
}

impl Attempts {
    const NONE: Self = Self {
        failures: 0,
        last_ms: i64::MIN,
    };

    /// Until when the person must wait; `None` when a try may be made now.
    pub(crate) fn not_before(self, now: Timestamp) -> Option<Timestamp> {
        let pause = pause_after(self.failures);
        if pause.is_zero() {
            return None;
        }
        // A clock that went back must not keep a person out for longer than the pause itself.
        let last = Timestamp::from_millisecond(self.last_ms).map_or(now, |last| last.min(now));
        let until = last.checked_add(pause).ok()?;
        (until > now).then_some(until)
    }

    pub(crate) fn failed(self, now: Timestamp) -> Self {
        Self {
            failures: self.failures.saturating_add(1),
            last_ms: now.as_millisecond(),
        }
    }

    /// A file that cannot be read counts as one failure past the free ones: it may have been spoiled on purpose.
    pub(crate) fn load(dir: &Path, now: Timestamp) -> std::io::Result<Self> {
        let spoiled = Self {
            failures: FREE,
            last_ms: now.as_millisecond(),
        };
        match files::read(&path(dir))? {
            None => Ok(Self::NONE),
            Some(bytes) => match serde_json::from_slice(&bytes) {
                Ok(attempts) => Ok(attempts),
                Err(_) => {
                    spoiled.store(dir)?;
                    Ok(spoiled)
                }
            },
        }
    }

    pub(crate) fn store(self, dir: &Path) -> std::io::Result<()> {
        let bytes = serde_json::to_vec(&self).map_err(std::io::Error::from)?;
        files::replace(&path(dir), &bytes)
    }

    pub(crate) fn clear(dir: &Path) -> std::io::Result<()> {
        match std::fs::remove_file(path(dir)) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(e),
            _ => Ok(()),
        }
    }
}

fn path(dir: &Path) -> std::path::PathBuf {
    dir.join("attempts.json")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_763_600_000 + second).unwrap()
    }

    #[test]
    fn the_pause_grows_and_stops_growing() {
        let mut attempts = Attempts::NONE;
        let mut waits = Vec::new();
        for _ in 0..10 {
            attempts = attempts.failed(at(0));
            waits.push(
                attempts
                    .not_before(at(0))
                    .map_or(0, |until| until.as_second() - at(0).as_second()),
            );
        }
        assert_eq!(waits, [0, 0, 5, 15, 60, 300, 900, 1800, 1800, 1800]);
        assert_eq!(attempts.not_before(at(1800)), None, "the pause ends");
    }

    #[test]
    fn a_clock_that_went_back_does_not_lengthen_the_pause() {
        let attempts = Attempts {
            failures: 4,
            last_ms: at(100_000).as_millisecond(),
        };
        assert_eq!(
            attempts.not_before(at(0)),
            Some(at(15)),
            "at most the pause from now"
        );
    }

    #[test]
    fn a_spoiled_file_is_a_pause_and_not_a_free_try() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(path(dir.path()), b"{").unwrap();
        let attempts = Attempts::load(dir.path(), at(0)).unwrap();
        assert_eq!(attempts.not_before(at(0)), Some(at(5)));
        let again = Attempts::load(dir.path(), at(5)).unwrap();
        assert_eq!(
            again.not_before(at(5)),
            None,
            "the pause is not begun again at every look"
        );
    }
}
