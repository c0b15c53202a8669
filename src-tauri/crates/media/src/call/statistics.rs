//! The figures of the last second, and the word for the link.

use super::event::{CallStats, LinkQuality, MediaCount};
use super::shared::Shared;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// Turns counters into figures of a second.
pub(super) struct Meter {
    at: Instant,
    count: MediaCount,
    bytes: (u64, u64),
    packets: (u64, u64),
    stalled: u32,
}

impl Meter {
    pub(super) fn new() -> Self {
        Self {
            at: Instant::now(),
            count: MediaCount::default(),
            bytes: (0, 0),
            packets: (0, 0),
            stalled: 0,
        }
    }

    pub(super) fn due(&self) -> bool {
        self.at.elapsed() >= Duration::from_secs(1)
    }

    pub(super) fn read(
        &mut self,
        shared: &Shared,
        up: bool,
        trip: Option<Duration>,
        connections: u32,
    ) -> CallStats {
        let seconds = self.at.elapsed().as_secs_f32().max(0.1);
        self.at = Instant::now();
        let count = shared.count();
        let bytes = (shared.bytes_sent.get(), shared.bytes_received.get());
        let packets = (shared.expected.get(), shared.missed.get());
        let rate = |now: u64, before: u64| (now - before) as f32 / seconds;
        let expected = packets.0 - self.packets.0;
        let size = shared
            .last_remote()
            .as_ref()
            .map_or((0, 0), |frame| (frame.width(), frame.height()));
        let mut stats = CallStats {
            round_trip_ms: trip.map(|trip| trip.as_millis() as u32),
            loss_sent_percent: shared.loss.load(Ordering::Relaxed) as f32,
            loss_received_percent: (packets.1 - self.packets.1) as f32 * 100.0 / (expected.max(1)) as f32,
            sent_bps: (rate(bytes.0, self.bytes.0) * 8.0) as u64,
            received_bps: (rate(bytes.1, self.bytes.1) * 8.0) as u64,
            fps_sent: rate(count.video_sent, self.count.video_sent),
            fps_received: rate(count.video_decoded, self.count.video_decoded),
            received_size: size,
            sent_height: shared.height.load(Ordering::Relaxed),
            target_bps: shared.target.load(Ordering::Relaxed),
            microphone_dbfs: shared.microphone_level.get(),
            remote_dbfs: shared.remote_level.get(),
            quality: LinkQuality::Lost,
            connections,
            count,
        };
        let sound = count.audio_packets_received > self.count.audio_packets_received;
        self.stalled = if sound || stats.fps_received > 0.0 {
            0
        } else {
            self.stalled + 1
        };
        if up {
            stats.quality = judge(&stats, self.stalled);
        }
        (self.count, self.bytes, self.packets) = (count, bytes, packets);
        stats
    }
}

/// The word for the link. A camera that is off is not a bad link, so pictures count only while some arrive.
fn judge(stats: &CallStats, stalled_seconds: u32) -> LinkQuality {
    let loss = stats.loss_sent_percent.max(stats.loss_received_percent);
    let trip = stats.round_trip_ms.unwrap_or(0);
    let few = stats.fps_received > 0.0 && stats.fps_received < 15.0;
    if loss >= 8.0 || trip >= 400 || stalled_seconds >= 2 {
        LinkQuality::Poor
    } else if loss >= 2.0 || trip >= 200 || few {
        LinkQuality::Fair
    } else {
        LinkQuality::Good
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_follows_the_figures() {
        let good = CallStats {
            fps_received: 30.0,
            round_trip_ms: Some(20),
            ..CallStats::default()
        };
        assert_eq!(judge(&good, 0), LinkQuality::Good);
        assert_eq!(
            judge(
                &CallStats {
                    loss_received_percent: 3.0,
                    ..good
                },
                0
            ),
            LinkQuality::Fair
        );
        assert_eq!(
            judge(
                &CallStats {
                    loss_sent_percent: 9.0,
                    ..good
                },
                0
            ),
            LinkQuality::Poor
        );
        assert_eq!(
            judge(
                &CallStats {
                    round_trip_ms: Some(250),
                    ..good
                },
                0
            ),
            LinkQuality::Fair
        );
        assert_eq!(
            judge(
                &CallStats {
                    fps_received: 9.0,
                    ..good
                },
                0
            ),
            LinkQuality::Fair
        );
        assert_eq!(
            judge(
                &CallStats {
                    fps_received: 0.0,
                    ..good
                },
                0
            ),
            LinkQuality::Good,
            "the camera is off"
        );
        assert_eq!(judge(&good, 2), LinkQuality::Poor);
    }
}
