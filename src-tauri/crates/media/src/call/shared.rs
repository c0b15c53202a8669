//! What the threads and tasks of one call know of each other: switches, counters, and the last picture.

use super::event::MediaCount;
use crate::frame::{I420Frame, VideoSize};
use crate::sink::FrameSink;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

const RELAXED: Ordering = Ordering::Relaxed;

/// A number that several threads add to.
#[derive(Debug, Default)]
pub(super) struct Counter(AtomicU64);

impl Counter {
    pub(super) fn add(&self, n: u64) {
        self.0.fetch_add(n, RELAXED);
    }

    pub(super) fn get(&self) -> u64 {
        self.0.load(RELAXED)
    }
}

/// A level that one thread writes and another reads.
#[derive(Debug)]
pub(super) struct Level(AtomicU32);

impl Default for Level {
    fn default() -> Self {
        Self(AtomicU32::new(crate::audio::SILENCE.to_bits()))
    }
}

impl Level {
    pub(super) fn set(&self, dbfs: f32) {
        self.0.store(dbfs.to_bits(), RELAXED);
    }

    pub(super) fn get(&self) -> f32 {
        f32::from_bits(self.0.load(RELAXED))
    }
}

/// The common ground of one call.
pub(super) struct Shared {
    /// The call ends: every thread leaves.
    pub(super) stop: AtomicBool,
    /// A connection is up: only then is anything sent.
    pub(super) sending: AtomicBool,
    pub(super) microphone: AtomicBool,
    pub(super) camera: AtomicBool,
    /// The other end, or a new connection, wants a keyframe of ours.
    pub(super) keyframe: AtomicBool,
    /// Our decoder wants a keyframe of theirs.
    pub(super) want_keyframe: AtomicBool,
    /// What the link bears, in bits a second.
    pub(super) target: AtomicU64,
    /// Loss of our packets, in hundredths, for the sound's FEC.
    pub(super) loss: AtomicU32,
    /// Height of the picture that is sent now; 0 for none.
    pub(super) height: AtomicU32,
    pub(super) size: VideoSize,
    pub(super) sink: Arc<dyn FrameSink>,

    pub(super) video_sent: Counter,
    pub(super) video_received: Counter,
    pub(super) video_decoded: Counter,
    pub(super) video_stamped: Counter,
    pub(super) audio_sent: Counter,
    pub(super) audio_received: Counter,
    pub(super) bytes_sent: Counter,
    pub(super) bytes_received: Counter,
    /// Video packets that should have arrived, and those that did not at first.
    pub(super) expected: Counter,
    pub(super) missed: Counter,
    pub(super) microphone_level: Level,
    pub(super) remote_level: Level,
    last_remote: Mutex<Option<I420Frame>>,
}

impl Shared {
    pub(super) fn new(size: VideoSize, sink: Arc<dyn FrameSink>) -> Self {
        Self {
            stop: AtomicBool::new(false),
            sending: AtomicBool::new(false),
            microphone: AtomicBool::new(true),
            camera: AtomicBool::new(true),
            keyframe: AtomicBool::new(true),
            want_keyframe: AtomicBool::new(false),
            target: AtomicU64::new(super::rate::start(size)),
            loss: AtomicU32::new(0),
            height: AtomicU32::new(0),
            size,
            sink,
            video_sent: Counter::default(),
            video_received: Counter::default(),
            video_decoded: Counter::default(),
            video_stamped: Counter::default(),
            audio_sent: Counter::default(),
            audio_received: Counter::default(),
            bytes_sent: Counter::default(),
            bytes_received: Counter::default(),
            expected: Counter::default(),
            missed: Counter::default(),
            microphone_level: Level::default(),
            remote_level: Level::default(),
            last_remote: Mutex::new(None),
        }
    }

    pub(super) fn stopped(&self) -> bool {
        self.stop.load(RELAXED)
    }

    pub(super) fn is(&self, flag: &AtomicBool) -> bool {
        flag.load(RELAXED)
    }

    pub(super) fn count(&self) -> MediaCount {
        MediaCount {
            video_sent: self.video_sent.get(),
            video_received: self.video_received.get(),
            video_decoded: self.video_decoded.get(),
            video_stamped: self.video_stamped.get(),
            audio_packets_sent: self.audio_sent.get(),
            audio_packets_received: self.audio_received.get(),
        }
    }

    /// The last picture of the other end; it lives in memory, and only until the call ends.
    pub(super) fn last_remote(&self) -> MutexGuard<'_, Option<I420Frame>> {
        self.last_remote.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place for one thing, where a newer one replaces an older: between the camera and the encoder.
#[derive(Debug)]
pub(super) struct Slot<T> {
    place: Mutex<Option<T>>,
    filled: Condvar,
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self {
            place: Mutex::new(None),
            filled: Condvar::new(),
        }
    }
}

impl<T> Slot<T> {
    pub(super) fn put(&self, thing: T) {
        *self.place.lock().unwrap_or_else(PoisonError::into_inner) = Some(thing);
        self.filled.notify_one();
    }

    /// The newest thing, waited for at most `limit`.
    pub(super) fn take(&self, limit: Duration) -> Option<T> {
        let place = self.place.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut place, _) = self
            .filled
            .wait_timeout_while(place, limit, |thing| thing.is_none())
            .unwrap_or_else(PoisonError::into_inner);
        place.take()
    }
}
