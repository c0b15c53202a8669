//! Quality of the link during a call: a word and the numbers behind it, gathered from samples.
//!
//! The report must say whether the link was good enough for the visit (Accordo Stato-Regioni 17 December 2020:
//! quality of the connection and its suitability). Thresholds: ITU-T G.114 (150 ms one way is unnoticed, 400 ms is
//! the limit, doubled here for the round trip) and losses that Opus with FEC and VP8 with NACK still hide.
//! A network measure, not a medical one. Integers only, so that a stored record compares exactly.

use serde::{Deserialize, Serialize};

/// One sample of the media engine, about one a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkSample {
    /// Round trip in milliseconds.
    pub round_trip_ms: u32,
    /// Packets lost in the interval, in thousandths.
    pub loss_permille: u16,
    /// Jitter in milliseconds.
    pub jitter_ms: u32,
    /// Received rate in kbit/s.
    pub received_kbps: u32,
    /// Pictures decoded a second.
    pub frames_per_second: u16,
}

/// The word on the screen, with three, two or one bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkWord {
    /// Debole.
    Weak,
    /// Discreto.
    Fair,
    /// Buono.
    Good,
}

impl LinkSample {
    /// The word for this moment.
    pub fn word(&self) -> LinkWord {
        word(self.round_trip_ms, u32::from(self.loss_permille))
    }
}

fn word(round_trip_ms: u32, loss_permille: u32) -> LinkWord {
    if round_trip_ms <= 300 && loss_permille <= 20 {
        LinkWord::Good
    } else if round_trip_ms <= 800 && loss_permille <= 80 {
        LinkWord::Fair
    } else {
        LinkWord::Weak
    }
}

/// Sums of the samples so far; small, and stored with the visit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkTally {
    samples: u64,
    round_trip_sum: u64,
    round_trip_max: u32,
    loss_sum: u64,
    jitter_sum: u64,
    rate_sum: u64,
    frames_sum: u64,
    good: u64,
    fair: u64,
    weak: u64,
}

/// What the report says of the link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkSummary {
    /// The word for the whole call.
    pub word: LinkWord,
    /// Samples behind it.
    pub samples: u64,
    /// Mean round trip in milliseconds.
    pub round_trip_ms: u32,
    /// Worst round trip in milliseconds.
    pub worst_round_trip_ms: u32,
    /// Mean loss in thousandths.
    pub loss_permille: u32,
    /// Mean jitter in milliseconds.
    pub jitter_ms: u32,
    /// Mean received rate in kbit/s.
    pub received_kbps: u32,
    /// Mean pictures a second.
    pub frames_per_second: u32,
    /// Interruptions.
    pub interruptions: u32,
    /// Seconds without link.
    pub interrupted_seconds: u32,
}

impl LinkTally {
    /// Adds a sample.
    pub fn add(&mut self, s: &LinkSample) {
        self.samples = self.samples.saturating_add(1);
        self.round_trip_sum = self.round_trip_sum.saturating_add(u64::from(s.round_trip_ms));
        self.round_trip_max = self.round_trip_max.max(s.round_trip_ms);
        self.loss_sum = self.loss_sum.saturating_add(u64::from(s.loss_permille.min(1000)));
        self.jitter_sum = self.jitter_sum.saturating_add(u64::from(s.jitter_ms));
        self.rate_sum = self.rate_sum.saturating_add(u64::from(s.received_kbps));
        self.frames_sum = self.frames_sum.saturating_add(u64::from(s.frames_per_second));
        match s.word() {
            LinkWord::Good => self.good += 1,
            LinkWord::Fair => self.fair += 1,
            LinkWord::Weak => self.weak += 1,
        }
    }

    /// The summary; `None` when nothing was measured. The word is the median sample's, and never *Buono* when
    /// the link was cut for more than 90 s altogether.
    pub fn summary(&self, interruptions: u32, interrupted_seconds: u32) -> Option<LinkSummary> {
        let mean = |sum: u64| {
            sum.checked_div(self.samples)
                .map(|m| u32::try_from(m).unwrap_or(u32::MAX))
        };
        let middle = self.samples.div_ceil(2);
        let median = if self.good >= middle {
            LinkWord::Good
        } else if self.good + self.fair >= middle {
            LinkWord::Fair
        } else {
            LinkWord::Weak
        };
        Some(LinkSummary {
            word: if interrupted_seconds > 90 {
                median.min(LinkWord::Fair)
            } else {
                median
            },
            samples: self.samples,
            round_trip_ms: mean(self.round_trip_sum)?,
            worst_round_trip_ms: self.round_trip_max,
            loss_permille: mean(self.loss_sum)?,
            jitter_ms: mean(self.jitter_sum)?,
            received_kbps: mean(self.rate_sum)?,
            frames_per_second: mean(self.frames_sum)?,
            interruptions,
            interrupted_seconds,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sample(round_trip_ms: u32, loss_permille: u16) -> LinkSample {
        LinkSample {
            round_trip_ms,
            loss_permille,
            jitter_ms: 10,
            received_kbps: 800,
            frames_per_second: 30,
        }
    }

    #[test]
    fn nothing_measured_gives_no_word() {
        assert_eq!(
            LinkTally::default().summary(0, 0),
            None,
            "an invented quality would reach the report"
        );
    }

    #[test]
    fn a_long_cut_is_never_called_good() {
        let mut tally = LinkTally::default();
        (0..10).for_each(|_| tally.add(&sample(40, 0)));
        assert_eq!(tally.summary(0, 0).unwrap().word, LinkWord::Good);
        assert_eq!(tally.summary(1, 120).unwrap().word, LinkWord::Fair);
    }

    proptest! {
        #[test]
        fn means_lie_within_the_samples(samples in prop::collection::vec((0u32..5000, 0u16..1000), 1..200)) {
            let mut tally = LinkTally::default();
            for (rtt, loss) in &samples {
                tally.add(&sample(*rtt, *loss));
            }
            let s = tally.summary(0, 0).unwrap();
            let min = samples.iter().map(|x| x.0).min().unwrap();
            let max = samples.iter().map(|x| x.0).max().unwrap();
            prop_assert!(min <= s.round_trip_ms && s.round_trip_ms <= max);
            prop_assert_eq!(s.worst_round_trip_ms, max);
            prop_assert_eq!(s.samples, samples.len() as u64);
        }
    }
}
