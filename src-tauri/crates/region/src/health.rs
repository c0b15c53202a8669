//! Reachability, latency and clock of the region, for the header and *Verifica postazione*.
//!
//! Not in it: what counts as too far off (`televisit::station`).

use std::time::Duration;

/// A measured answer of `R/health`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Health {
    /// Round trip.
    pub latency: Duration,
    /// Region's clock minus this PC's, in milliseconds, taken at the middle of the round trip.
    pub skew_ms: i64,
}

use jiff::Timestamp;

use crate::client::Ask;
use crate::{Region, RegionError};

impl Region {
    /// Asks whether the region is up. Needs no login.
    pub async fn health(&self) -> Result<Health, RegionError> {
        #[derive(serde::Deserialize)]
        struct Up {
            status: String,
            time: Timestamp,
        }
        let url = self.url("health")?;
        let before = Timestamp::now();
        let clock = std::time::Instant::now();
        let answer = self
            .ask(Ask {
                bearer: false,
                ..Ask::get(url)
            })
            .await?;
        let latency = clock.elapsed();
        let up: Up = answer.json()?;
        if up.status != "up" {
            return Err(RegionError::Unavailable {
                status: answer.status,
                retry_after: None,
            });
        }
        Ok(Health {
            latency,
            skew_ms: skew(before, latency, up.time),
        })
    }
}

fn skew(before: Timestamp, latency: Duration, theirs: Timestamp) -> i64 {
    let half = i64::try_from(latency.as_millis() / 2).unwrap_or(0);
    theirs
        .as_millisecond()
        .saturating_sub(before.as_millisecond())
        .saturating_sub(half)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_of_the_answer_is_not_taken_for_a_wrong_clock() {
        let before = Timestamp::from_millisecond(1_000_000).unwrap();
        let theirs = Timestamp::from_millisecond(1_000_100).unwrap();
        assert_eq!(skew(before, Duration::from_millis(200), theirs), 0);
        assert_eq!(skew(before, Duration::from_millis(0), theirs), 100);
    }
}
