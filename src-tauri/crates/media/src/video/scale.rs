//! Making a picture smaller: for the rate ladder and for the self view.
//!
//! What is not here: making it larger. The window does that when it draws.

use crate::frame::{I420Frame, i420_len};

/// The picture at exactly `width` by `height`, each pixel the mean of those that it covers. Keeps the whole picture; where the shapes
/// differ, the sides or the top and bottom are cut, so that nobody looks thinner than they are.
pub(crate) fn fit(frame: &I420Frame, width: u32, height: u32) -> I420Frame {
    if (frame.width(), frame.height()) == (width, height) {
        return frame.clone();
    }
    let (sw, sh) = (frame.width() as usize, frame.height() as usize);
    let (dw, dh) = (width as usize, height as usize);
    // The largest part of the source that has the shape of the target, even-sided so that chroma follows.
    let (cw, ch) = if sw * dh > dw * sh {
        (dw * sh / dh, sh)
    } else {
        (sw, sw * dh / dw)
    };
    let (x0, y0) = ((sw - cw) / 4 * 2, (sh - ch) / 4 * 2);
    let (luma, u, v) = frame.planes();
    let mut out = Vec::with_capacity(i420_len(width, height));
    plane(luma, sw, (x0, y0, cw, ch), (dw, dh), &mut out);
    let half = |n: usize| n.div_ceil(2);
    for chroma in [u, v] {
        let part = (x0 / 2, y0 / 2, (cw / 2).max(1), (ch / 2).max(1));
        plane(chroma, half(sw), part, (half(dw), half(dh)), &mut out);
    }
    I420Frame::new(width, height, frame.pts, out).unwrap_or_else(|| I420Frame::grey(width, height, frame.pts))
}

fn plane(
    source: &[u8],
    stride: usize,
    part: (usize, usize, usize, usize),
    size: (usize, usize),
    out: &mut Vec<u8>,
) {
    let ((x0, y0, pw, ph), (dw, dh)) = (part, size);
    for y in 0..dh {
        let (top, bottom) = (
            y0 + y * ph / dh,
            y0 + ((y + 1) * ph / dh).max(y * ph / dh + 1).min(ph),
        );
        for x in 0..dw {
            let (left, right) = (
                x0 + x * pw / dw,
                x0 + ((x + 1) * pw / dw).max(x * pw / dw + 1).min(pw),
            );
            let mut sum = 0u32;
            for row in top..bottom {
                sum += source[row * stride + left..row * stride + right]
                    .iter()
                    .map(|&p| u32::from(p))
                    .sum::<u32>();
            }
            let count = ((bottom - top) * (right - left)) as u32;
            out.push((sum / count.max(1)) as u8);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stamp;
    use crate::video::pattern;
    use std::time::Duration;

    #[test]
    fn a_stamp_survives_each_step_down() {
        let big = pattern::picture(1280, 720, 77_123, Duration::ZERO);
        let half = fit(&big, 640, 360);
        assert_eq!(stamp::read(&half), Some(77_123));
        assert_eq!(stamp::read(&fit(&half, 320, 180)), Some(77_123));
        assert_eq!(stamp::read(&fit(&big, 320, 180)), Some(77_123));
    }

    #[test]
    fn any_shape_becomes_any_shape() {
        for (sw, sh) in [
            (640, 480),
            (480, 640),
            (1, 1),
            (2, 2),
            (1920, 1080),
            (3, 7),
            (641, 361),
        ] {
            let source = I420Frame::grey(sw, sh, Duration::ZERO);
            for (dw, dh) in [(320, 180), (640, 360), (1280, 720), (2, 2)] {
                let out = fit(&source, dw, dh);
                assert_eq!((out.width(), out.height()), (dw, dh), "{sw}x{sh}");
            }
        }
    }
}
