//! How much the link bears, and what is sent for it: the estimate and the ladder.
//!
//! The estimator of the crate reacts to loss only and falls without rising again, so this one is our own. It watches the queue that our
//! packets build up on the path (their delay above the smallest of the last ten seconds, and whether it grows) and the loss of the
//! last second. What is not here: pacing. A pacer in front of retransmissions froze the picture when it was tried.

use super::shared::Shared;
use crate::frame::VideoSize;
use rtc::interceptor::{BandwidthEstimator, PacketReport};
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// Sound and its headers.
const AUDIO: u64 = 48_000;

/// Never below: sound alone.
const LEAST: u64 = 40_000;

/// The most that is ever sent for a size of picture, in bits a second.
pub(super) const fn most(size: VideoSize) -> u64 {
    match size {
        VideoSize::P180 => 150_000,
        VideoSize::P360 => 800_000,
        VideoSize::P720 => 1_800_000,
    }
}

/// Where a call begins: three quarters of what is wished, since most links bear it.
pub(super) const fn start(size: VideoSize) -> u64 {
    (most(size) + AUDIO) * 3 / 4
}

/// The picture's part of the whole.
pub(super) fn video(target: u64, size: VideoSize) -> u64 {
    target.saturating_sub(AUDIO).clamp(60_000, most(size))
}

/// A step of the ladder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    Audio,
    P180,
    P360,
    P720,
}

impl Step {
    pub(super) fn start(size: VideoSize) -> Self {
        Self::of(size)
    }

    fn of(size: VideoSize) -> Self {
        match size {
            VideoSize::P180 => Self::P180,
            VideoSize::P360 => Self::P360,
            VideoSize::P720 => Self::P720,
        }
    }

    /// The picture of this step; `None` for sound alone.
    pub(super) fn size(self) -> Option<VideoSize> {
        match self {
            Self::Audio => None,
            Self::P180 => Some(VideoSize::P180),
            Self::P360 => Some(VideoSize::P360),
            Self::P720 => Some(VideoSize::P720),
        }
    }

    /// The step for a target. Going up asks for a third more than staying, so that the picture does not change its size twice a second.
    pub(super) fn next(self, target: u64, wished: VideoSize) -> Self {
        let floor = |step| match step {
            Self::Audio => 0,
            Self::P180 => 90_000,
            Self::P360 => 260_000,
            Self::P720 => 900_000,
        };
        let mut step = self.min(Self::of(wished));
        for higher in [Self::P180, Self::P360, Self::P720] {
            if higher > step && higher <= Self::of(wished) && target >= floor(higher) * 4 / 3 {
                step = higher;
            }
        }
        while target < floor(step) {
            step = match step {
                Self::P720 => Self::P360,
                Self::P360 => Self::P180,
                _ => Self::Audio,
            };
        }
        step
    }
}

/// One packet whose fate is known.
struct Fate {
    at: Instant,
    size: usize,
    arrived: bool,
}

/// The estimator of one connection.
pub(super) struct Estimate {
    shared: Arc<Shared>,
    target: f64,
    /// (when, delay in seconds) of arrived packets, for the smallest one; delays have an unknown constant in them.
    delays: VecDeque<(Instant, f64)>,
    base: Option<Instant>,
    /// Smoothed queueing delay in seconds, and its last value.
    queue: f64,
    fates: VecDeque<Fate>,
    last_change: Option<Instant>,
    last_fall: Option<Instant>,
}

impl Estimate {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        let target = shared.target.load(Ordering::Relaxed).max(start(VideoSize::P180)) as f64;
        Self {
            shared,
            target,
            delays: VecDeque::new(),
            base: None,
            queue: 0.0,
            fates: VecDeque::new(),
            last_change: None,
            last_fall: None,
        }
    }

    fn learn(&mut self, now: Instant, reports: &[PacketReport]) -> f64 {
        let before = self.queue;
        for report in reports {
            self.fates.push_back(Fate {
                at: now,
                size: report.size,
                arrived: report.arrived,
            });
            let Some(arrival) = report.arrival else { continue };
            let base = *self.base.get_or_insert(report.departure);
            let sent = report.departure.saturating_duration_since(base).as_secs_f64();
            let delay = arrival.as_secs_f64() - sent;
            while self
                .delays
                .front()
                .is_some_and(|(at, _)| now.saturating_duration_since(*at) > Duration::from_secs(10))
            {
                self.delays.pop_front();
            }
            // Only ever smaller ones matter: the queue stays short and its front is the smallest.
            while self.delays.back().is_some_and(|(_, least)| *least >= delay) {
                self.delays.pop_back();
            }
            self.delays.push_back((now, delay));
            let least = self.delays.front().map_or(delay, |(_, least)| *least);
            self.queue += (delay - least - self.queue) * 0.1;
        }
        while self
            .fates
            .front()
            .is_some_and(|fate| now.saturating_duration_since(fate.at) > Duration::from_secs(1))
        {
            self.fates.pop_front();
        }
        self.queue - before
    }

    fn window(&self, now: Instant) -> (f64, f64) {
        let lost = self.fates.iter().filter(|fate| !fate.arrived).count();
        let loss = lost as f64 / self.fates.len().max(1) as f64;
        let bytes: usize = self
            .fates
            .iter()
            .filter(|fate| fate.arrived)
            .map(|fate| fate.size)
            .sum();
        let span = self
            .fates
            .front()
            .map_or(1.0, |fate| now.saturating_duration_since(fate.at).as_secs_f64());
        (loss, bytes as f64 * 8.0 / span.max(0.25))
    }
}

impl BandwidthEstimator for Estimate {
    fn on_reports(&mut self, now: Instant, reports: &[PacketReport]) {
        if reports.is_empty() {
            return;
        }
        let growth = self.learn(now, reports);
        let (loss, received) = self.window(now);
        self.shared.loss.store((loss * 100.0) as u32, Ordering::Relaxed);
        let since = self
            .last_change
            .replace(now)
            .map_or(0.0, |at| now.saturating_duration_since(at).as_secs_f64());
        let rested = |at: Option<Instant>, gap| {
            at.is_none_or(|at| now.saturating_duration_since(at) > Duration::from_millis(gap))
        };
        let enough = self.fates.len() >= 20;
        let full = self.queue > 0.25 || (self.queue > 0.06 && growth > 0.0);
        if full && rested(self.last_fall, 400) {
            // The queue must drain: a little less than what arrives.
            self.target = self.target.min(received.max(LEAST as f64)) * 0.85;
            self.last_fall = Some(now);
        } else if enough && loss > 0.10 && rested(self.last_fall, 1_000) {
            self.target *= 1.0 - 0.5 * loss;
            self.last_fall = Some(now);
        } else if !full && loss < 0.08 && rested(self.last_fall, 1_500) {
            // A tenth a second, and never far above what was proved.
            let ceiling = received * 2.0 + 100_000.0;
            if self.target < ceiling {
                self.target += self.target * 0.10 * since.min(0.5);
            }
        }
        let top = (most(self.shared.size) + AUDIO) as f64;
        self.target = self.target.clamp(LEAST as f64, top);
        self.shared.target.store(self.target as u64, Ordering::Relaxed);
    }

    fn target_bitrate(&self) -> f64 {
        self.target
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sink::FrameSink;
    use rtc::rtcp::transport_feedbacks::cc_feedback_report::Ecn;

    struct Nowhere;
    impl FrameSink for Nowhere {
        fn remote(&self, _: crate::frame::I420Frame) {}
        fn self_view(&self, _: crate::frame::I420Frame) {}
    }

    /// A link with a rate, a queue and a loss, fed with what the estimate asks for.
    struct Link {
        estimate: Estimate,
        start: Instant,
        now: f64,
        free: f64,
        seed: u32,
        id: u64,
    }

    impl Link {
        fn new(size: VideoSize) -> Self {
            Self {
                estimate: Estimate::new(Arc::new(Shared::new(size, Arc::new(Nowhere)))),
                start: Instant::now(),
                now: 0.0,
                free: 0.0,
                seed: 1,
                id: 0,
            }
        }

        fn run(&mut self, seconds: f64, capacity: f64, loss: f64) {
            let end = self.now + seconds;
            while self.now < end {
                // 50 ms of packets of 1000 bytes, then their report.
                let count = (self.estimate.target_bitrate() * 0.05 / 8_000.0).round().max(1.0) as u32;
                let mut reports = Vec::new();
                for n in 0..count {
                    let left = self.now + 0.05 * f64::from(n) / f64::from(count);
                    self.seed = self.seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    let lost =
                        f64::from(self.seed >> 8) / f64::from(1u32 << 24) < loss || self.free - left > 0.6;
                    if !lost {
                        self.free = self.free.max(left) + 8_000.0 / capacity;
                    }
                    self.id += 1;
                    reports.push(PacketReport {
                        ssrc: 1,
                        id: self.id,
                        rtp_sequence_number: self.id as u16,
                        is_twcc: true,
                        twcc_sequence_number: self.id as u16,
                        size: 1_000,
                        arrived: !lost,
                        departure: self.start + Duration::from_secs_f64(left),
                        arrival: (!lost).then(|| Duration::from_secs_f64(500.0 + 0.02 + self.free)),
                        ecn: Ecn::default(),
                    });
                }
                self.now += 0.05;
                let told = self.start + Duration::from_secs_f64(self.now.max(self.free) + 0.02);
                self.estimate.on_reports(told, &reports);
            }
        }
    }

    #[test]
    fn a_good_link_is_used_whole() {
        let mut link = Link::new(VideoSize::P720);
        link.run(20.0, 5_000_000.0, 0.0);
        assert_eq!(
            link.estimate.target_bitrate(),
            (most(VideoSize::P720) + AUDIO) as f64
        );
    }

    #[test]
    fn a_fall_of_the_link_is_followed_and_its_return_too() {
        let mut link = Link::new(VideoSize::P360);
        link.run(5.0, 2_000_000.0, 0.0);
        link.run(8.0, 450_000.0, 0.0);
        let low = link.estimate.target_bitrate();
        assert!((200_000.0..=500_000.0).contains(&low), "{low}");
        link.run(30.0, 2_000_000.0, 0.0);
        assert!(
            link.estimate.target_bitrate() > 700_000.0,
            "{}",
            link.estimate.target_bitrate()
        );
    }

    #[test]
    fn chance_loss_does_not_starve_the_picture() {
        let mut link = Link::new(VideoSize::P360);
        link.run(30.0, 3_000_000.0, 0.05);
        assert!(
            link.estimate.target_bitrate() > 400_000.0,
            "{}",
            link.estimate.target_bitrate()
        );
    }

    #[test]
    fn the_ladder_goes_down_at_once_and_up_with_a_margin() {
        let wished = VideoSize::P720;
        assert_eq!(Step::P720.next(1_800_000, wished), Step::P720);
        assert_eq!(Step::P720.next(800_000, wished), Step::P360);
        assert_eq!(Step::P360.next(950_000, wished), Step::P360, "not yet worth it");
        assert_eq!(Step::P360.next(1_300_000, wished), Step::P720);
        assert_eq!(Step::P720.next(150_000, wished), Step::P180);
        assert_eq!(Step::P180.next(50_000, wished), Step::Audio);
        assert_eq!(
            Step::Audio.next(2_000_000, VideoSize::P360),
            Step::P360,
            "never above what is wished"
        );
    }
}
