//! The synthetic camera: a moving pattern with a clock and the frame number of [`crate::stamp`].
//!
//! It exists for training, for computers without a camera, and for tests that must know which picture they see. It names
//! itself as what it is, and nothing ever chooses it silently.

use super::{VideoError, VideoSource, VideoStream};
use crate::frame::{I420Frame, VideoSize, i420_len};
use crate::stamp;
use std::time::{Duration, Instant};

/// Pictures a second.
pub const FPS: u32 = 30;

/// The name on screen.
pub const NAME: &str = "Immagine di prova (sintetica)";

/// The synthetic camera.
#[derive(Debug, Clone, Copy, Default)]
pub struct TestPattern;

impl VideoSource for TestPattern {
    fn name(&self) -> &str {
        NAME
    }

    fn synthetic(&self) -> bool {
        true
    }

    fn open(&self, size: VideoSize) -> Result<Box<dyn VideoStream>, VideoError> {
        Ok(Box::new(OpenPattern {
            size,
            started: Instant::now(),
            number: 0,
        }))
    }
}

struct OpenPattern {
    size: VideoSize,
    started: Instant,
    number: u32,
}

impl VideoStream for OpenPattern {
    fn next(&mut self) -> Result<I420Frame, VideoError> {
        let due = Duration::from_secs(1) * self.number / FPS;
        let now = self.started.elapsed();
        if let Some(wait) = due.checked_sub(now) {
            std::thread::sleep(wait);
        } else {
            // A busy computer loses pictures; the clock does not run behind.
            self.number = (now.as_secs_f64() * f64::from(FPS)) as u32;
        }
        let frame = picture(self.size.width(), self.size.height(), self.number, due.max(now));
        self.number += 1;
        Ok(frame)
    }
}

/// Which of the seven segments each digit lights: top, top left, top right, middle, bottom left, bottom right, bottom.
const SEGMENTS: [u8; 10] = [
    0b1110111, 0b0010010, 0b1011101, 0b1011011, 0b0111010, 0b1101011, 0b1101111, 0b1010010, 0b1111111,
    0b1111011,
];

/// Draws picture `number`, taken `pts` after the start.
pub fn picture(width: u32, height: u32, number: u32, pts: Duration) -> I420Frame {
    let (w, h) = (width as usize, height as usize);
    let mut data = vec![128u8; i420_len(width, height)];
    // Slanted bands that travel, so that the codec has work like that of a quiet room.
    let band = (h / 6).max(1);
    for (y, row) in data[..w * h].chunks_exact_mut(w).enumerate() {
        let shade = 60 + (((y + number as usize * 2) / band) % 4) as u8 * 22;
        row.fill(shade);
    }
    let (cw, ch) = (w.div_ceil(2), h.div_ceil(2));
    for (y, row) in data[w * h..w * h + cw * ch].chunks_exact_mut(cw).enumerate() {
        row.fill(110 + (y * 36 / ch) as u8);
    }
    // A ball that goes round once in four seconds.
    let turn = f64::from(number % (FPS * 4)) / f64::from(FPS * 4) * std::f64::consts::TAU;
    let (bx, by) = (
        w as f64 * (0.5 + 0.3 * turn.cos()),
        h as f64 * (0.72 + 0.16 * turn.sin()),
    );
    let side = h / 9;
    fill(
        &mut data,
        w,
        h,
        bx as usize - side / 2,
        by as usize - side / 2,
        side,
        side,
        220,
    );
    // The clock: minutes, seconds, tenths.
    let tenths = pts.as_millis() as u64 / 100;
    let digits = [
        tenths / 6_000 % 10,
        tenths / 600 % 10,
        tenths / 100 % 6,
        tenths / 10 % 10,
        tenths % 10,
    ];
    let digit_w = w / 16;
    let mut x = w * 3 / 8;
    for (place, digit) in digits.into_iter().enumerate() {
        segments(&mut data, w, h, x, h / 12, digit_w, SEGMENTS[digit as usize % 10]);
        x += digit_w * 3 / 2;
        if place == 1 || place == 3 {
            x += digit_w / 2;
        }
    }
    stamp::paint(&mut data, width, height, number);
    // The length is that of `i420_len` by construction.
    I420Frame::new(width, height, pts, data).unwrap_or_else(|| I420Frame::grey(width, height, pts))
}

fn segments(data: &mut [u8], w: usize, h: usize, x: usize, y: usize, side: usize, lit: u8) {
    let thick = (side / 5).max(1);
    let parts = [
        (0, 0, side, thick),
        (0, 0, thick, side),
        (side - thick, 0, thick, side),
        (0, side - thick / 2, side, thick),
        (0, side, thick, side),
        (side - thick, side, thick, side),
        (0, side * 2 - thick, side, thick),
    ];
    for (bit, (px, py, pw, ph)) in parts.into_iter().enumerate() {
        if lit >> (6 - bit) & 1 == 1 {
            fill(data, w, h, x + px, y + py, pw, ph, 235);
        }
    }
}

#[allow(
    clippy::too_many_arguments,
    reason = "a rectangle in a plane has this many numbers"
)]
fn fill(data: &mut [u8], w: usize, h: usize, x: usize, y: usize, rw: usize, rh: usize, luma: u8) {
    let (right, bottom) = ((x + rw).min(w), (y + rh).min(h));
    for row in y.min(h)..bottom {
        if x < right {
            data[row * w + x..row * w + right].fill(luma);
        }
    }
}
