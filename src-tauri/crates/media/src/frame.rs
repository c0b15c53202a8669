//! One picture in memory, as cameras, codecs and the window exchange it: I420, planes without padding.
//!
//! What is not here: reading, writing or drawing pictures. A frame lives in memory and is dropped.

use bytes::Bytes;
use std::time::Duration;

/// The size of the picture that is sent; the steps of the rate ladder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum VideoSize {
    /// 320x180.
    P180,
    /// 640x360, the default: enough for a conversation, light on old computers.
    #[default]
    P360,
    /// 1280x720, for looking closely.
    P720,
}

impl VideoSize {
    /// Width in pixels.
    pub const fn width(self) -> u32 {
        match self {
            Self::P180 => 320,
            Self::P360 => 640,
            Self::P720 => 1280,
        }
    }

    /// Height in pixels.
    pub const fn height(self) -> u32 {
        self.width() * 9 / 16
    }
}

/// A picture in I420 (BT.601, limited range): Y, then U, then V, each without padding.
///
/// Chroma planes are `(width + 1) / 2` by `(height + 1) / 2`. Clones share the pixels.
#[derive(Clone, PartialEq, Eq)]
pub struct I420Frame {
    width: u32,
    height: u32,
    /// Presentation time since the source was opened.
    pub pts: Duration,
    data: Bytes,
}

impl std::fmt::Debug for I420Frame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Never the pixels: they show a patient.
        write!(f, "I420Frame({}x{} at {:?})", self.width, self.height, self.pts)
    }
}

/// The number of bytes of a picture in I420.
pub const fn i420_len(width: u32, height: u32) -> usize {
    let (w, h) = (width as usize, height as usize);
    w * h + 2 * w.div_ceil(2) * h.div_ceil(2)
}

impl I420Frame {
    /// Makes a frame of three planes in one buffer; `None` when the length does not fit the size.
    pub fn new(width: u32, height: u32, pts: Duration, data: impl Into<Bytes>) -> Option<Self> {
        let data = data.into();
        (width > 0 && height > 0 && data.len() == i420_len(width, height)).then_some(Self {
            width,
            height,
            pts,
            data,
        })
    }

    /// A grey picture of at least one pixel.
    pub fn grey(width: u32, height: u32, pts: Duration) -> Self {
        let (width, height) = (width.max(1), height.max(1));
        Self {
            width,
            height,
            pts,
            data: vec![128; i420_len(width, height)].into(),
        }
    }

    /// Width in pixels.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// All three planes, one after the other.
    pub fn data(&self) -> &Bytes {
        &self.data
    }

    /// The Y, U and V planes.
    pub fn planes(&self) -> (&[u8], &[u8], &[u8]) {
        let y = self.width as usize * self.height as usize;
        let c = (self.data.len() - y) / 2;
        let (luma, chroma) = self.data.split_at(y);
        let (u, v) = chroma.split_at(c);
        (luma, u, v)
    }
}
