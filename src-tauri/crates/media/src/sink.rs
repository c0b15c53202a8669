//! Where decoded pictures go: the trait, and the bounded queue with acknowledgements that the window drinks from.
//!
//! The window draws slower than the network brings when a computer is old. A queue that grows makes the picture late, so
//! at most [`WINDOW`] pictures of each kind are on their way to the window; the next one waits in a single place, where a
//! newer one replaces it. What is not here: the channel to the webview, which belongs to the window's own crate.

use crate::frame::I420Frame;
use crate::wire::{self, FrameKind};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Pictures that may be on their way to the window without an acknowledgement.
pub const WINDOW: u32 = 4;

/// Receives decoded pictures. Called on the decoding and capturing threads: it must not block.
pub trait FrameSink: Send + Sync + 'static {
    /// A picture of the other end.
    fn remote(&self, frame: I420Frame);
    /// A picture of our own camera: 180p at most, at 10 a second.
    fn self_view(&self, frame: I420Frame);
}

/// What has been handed to the window so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ScreenCount {
    /// Pictures given to the window.
    pub handed: u32,
    /// Pictures that the window has acknowledged.
    pub acknowledged: u32,
    /// Pictures that a newer one replaced before the window was ready.
    pub skipped: u32,
}

#[derive(Default)]
struct Lane {
    count: ScreenCount,
    waiting: Option<I420Frame>,
}

#[derive(Default)]
struct Lanes {
    remote: Lane,
    own: Lane,
}

/// A [`FrameSink`] that hands pictures to the window in their wire form (see [`crate::wire`]), with back-pressure.
///
/// `deliver` is called with one encoded picture at a time and must return at once; the window answers each with
/// [`Screen::acknowledge`].
pub struct Screen {
    lanes: Mutex<Lanes>,
    deliver: Box<dyn Fn(Vec<u8>) + Send + Sync>,
}

impl std::fmt::Debug for Screen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Screen").finish_non_exhaustive()
    }
}

impl Screen {
    /// A screen that gives every encoded picture to `deliver`.
    pub fn new(deliver: impl Fn(Vec<u8>) + Send + Sync + 'static) -> Self {
        Self {
            lanes: Mutex::default(),
            deliver: Box::new(deliver),
        }
    }

    /// The window has drawn (or dropped) all pictures of this kind up to and including `seq`.
    ///
    /// A number that was never handed out is ignored: it comes from the window.
    pub fn acknowledge(&self, kind: FrameKind, seq: u32) {
        let mut lanes = self.lock();
        let lane = lanes.lane(kind);
        // The first picture has number 0; after it, `handed` is 1.
        let upto = seq.wrapping_add(1);
        let outstanding = lane.count.handed.wrapping_sub(lane.count.acknowledged);
        if lane.count.handed.wrapping_sub(upto) > outstanding {
            return;
        }
        lane.count.acknowledged = upto;
        if let Some(frame) = lane.waiting.take() {
            let bytes = lane.hand_over(kind, &frame);
            drop(lanes);
            (self.deliver)(bytes);
        }
    }

    /// The counters of one kind of picture.
    pub fn count(&self, kind: FrameKind) -> ScreenCount {
        self.lock().lane(kind).count
    }

    fn offer(&self, kind: FrameKind, frame: I420Frame) {
        let mut lanes = self.lock();
        let lane = lanes.lane(kind);
        if lane.count.handed.wrapping_sub(lane.count.acknowledged) >= WINDOW {
            if lane.waiting.replace(frame).is_some() {
                lane.count.skipped = lane.count.skipped.wrapping_add(1);
            }
            return;
        }
        let bytes = lane.hand_over(kind, &frame);
        drop(lanes);
        (self.deliver)(bytes);
    }

    fn lock(&self) -> MutexGuard<'_, Lanes> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lanes {
    fn lane(&mut self, kind: FrameKind) -> &mut Lane {
        match kind {
            FrameKind::Remote => &mut self.remote,
            FrameKind::SelfView => &mut self.own,
        }
    }
}

impl Lane {
    fn hand_over(&mut self, kind: FrameKind, frame: &I420Frame) -> Vec<u8> {
        let seq = self.count.handed;
        self.count.handed = seq.wrapping_add(1);
        wire::encode(kind, frame, seq, self.count.skipped)
    }
}

impl FrameSink for Screen {
    fn remote(&self, frame: I420Frame) {
        self.offer(FrameKind::Remote, frame);
    }

    fn self_view(&self, frame: I420Frame) {
        self.offer(FrameKind::SelfView, frame);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::time::Duration;

    fn picture(n: u64) -> I420Frame {
        I420Frame::new(2, 2, Duration::from_micros(n), vec![0u8; 6]).unwrap()
    }

    #[test]
    fn a_late_window_gets_the_newest_picture_and_never_a_queue() {
        let got = Arc::new(Mutex::new(Vec::new()));
        let keep = got.clone();
        let screen = Screen::new(move |bytes| keep.lock().unwrap().push(bytes));
        for n in 0..10 {
            screen.remote(picture(n));
        }
        assert_eq!(got.lock().unwrap().len(), 4, "the window is four pictures");
        assert_eq!(
            screen.count(FrameKind::Remote).skipped,
            5,
            "the tenth still waits"
        );
        screen.acknowledge(FrameKind::Remote, 77);
        assert_eq!(got.lock().unwrap().len(), 4, "an invented number opens nothing");
        screen.acknowledge(FrameKind::Remote, 0);
        let pictures = got.lock().unwrap();
        assert_eq!(pictures.len(), 5);
        assert_eq!(pictures[4][8..16], 9u64.to_le_bytes(), "the newest one is shown");
        assert_eq!(pictures[4][16..20], 4u32.to_le_bytes());
        assert_eq!(pictures[4][20..24], 5u32.to_le_bytes());
    }

    #[test]
    fn the_two_kinds_do_not_hold_each_other_back() {
        let got = Arc::new(Mutex::new(Vec::new()));
        let keep = got.clone();
        let screen = Screen::new(move |bytes| keep.lock().unwrap().push(bytes[0]));
        for n in 0..6 {
            screen.remote(picture(n));
        }
        screen.self_view(picture(0));
        assert_eq!(*got.lock().unwrap(), [0, 0, 0, 0, 1]);
    }
}
