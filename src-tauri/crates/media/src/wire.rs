//! The form in which a picture crosses to the window: a header of 24 bytes, then the I420 planes.
//!
//! All numbers are little-endian, since that is what a `DataView` with `true` reads at no cost.
//!
//! | Offset | Bytes | Meaning |
//! |---|---|---|
//! | 0 | 1 | kind: 0 remote picture, 1 self view |
//! | 1 | 1 | version, 1 |
//! | 2 | 2 | width in pixels |
//! | 4 | 2 | height in pixels |
//! | 6 | 2 | zero |
//! | 8 | 8 | presentation time in microseconds |
//! | 16 | 4 | `seq`: counts up by one for each picture handed over; the window acknowledges it |
//! | 20 | 4 | pictures skipped so far because the window was late |
//! | 24 | w*h | Y plane |
//! | … | cw*ch | U plane, `cw = (w+1)>>1`, `ch = (h+1)>>1` |
//! | … | cw*ch | V plane |
//!
//! Colours are BT.601, limited range. What is not here: the queue (see [`crate::sink`]).

use crate::frame::I420Frame;

/// Bytes before the planes.
pub const HEADER: usize = 24;

/// The version in the header.
pub const VERSION: u8 = 1;

/// Whose picture it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrameKind {
    /// The other end.
    Remote,
    /// Our own camera.
    SelfView,
}

/// Writes a picture in its wire form. Pictures above 65535 pixels a side do not exist here.
pub fn encode(kind: FrameKind, frame: &I420Frame, seq: u32, skipped: u32) -> Vec<u8> {
    let mut out = Vec::with_capacity(HEADER + frame.data().len());
    out.push(match kind {
        FrameKind::Remote => 0,
        FrameKind::SelfView => 1,
    });
    out.push(VERSION);
    out.extend_from_slice(&(frame.width() as u16).to_le_bytes());
    out.extend_from_slice(&(frame.height() as u16).to_le_bytes());
    out.extend_from_slice(&[0, 0]);
    out.extend_from_slice(&(frame.pts.as_micros() as u64).to_le_bytes());
    out.extend_from_slice(&seq.to_le_bytes());
    out.extend_from_slice(&skipped.to_le_bytes());
    out.extend_from_slice(frame.data());
    out
}
