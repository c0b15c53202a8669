//! A number inside the picture that survives the codec, so that a test can say which picture it sees.
//!
//! Tests count pictures that were really drawn, at both ends of a real call, by reading this number back from the
//! pixels. It is painted by the test pattern and by the prepared films of the tests, and never over a real camera.
//!
//! # Geometry
//!
//! The stamp fills the top left corner. Its cells are squares of side `c = floor(height * 2 / 45)` pixels: 8 at 180p, 16 at 360p,
//! 32 at 720p (whole macroblocks at 360p and above, which is why it survives). There are 8 columns and 5 rows: cell
//! (`row`, `column`) covers `x` from `column * c` to `(column + 1) * c - 1`, and `y` from `row * c` likewise.
//! Rows 0 to 3 hold the 32-bit number, its highest bit first: row 0 is the highest byte, column 0 the highest bit of a row.
//! Row 4 holds the check byte: the exclusive or of the four bytes, exclusive or `0xA5`, so that
//! neither a black nor a white corner reads as a number.
//! A one is white (Y 235), a zero is black (Y 16); both are without colour (U and V 128).
//! To read a cell, take the mean luma of the middle square of side `max(1, floor(c / 2))` starting at
//! `column * c + floor(c / 4)`, `row * c + floor(c / 4)`: above 125 is a one. On a canvas the mean of R, G, B above 127 is the same.
//! What is not here: the pattern around it (see [`crate::video::pattern`]).

use crate::frame::I420Frame;

/// Cells in a row.
pub const COLUMNS: usize = 8;

/// Rows of cells: four of the number, one of the check.
pub const ROWS: usize = 5;

const WHITE: u8 = 235;
const BLACK: u8 = 16;
const MIDDLE: u32 = 125;
const CHECK: u8 = 0xA5;

/// The side of a cell in pixels.
pub const fn cell(height: u32) -> usize {
    height as usize * 2 / 45
}

fn rows(number: u32) -> [u8; ROWS] {
    let [a, b, c, d] = number.to_be_bytes();
    [a, b, c, d, a ^ b ^ c ^ d ^ CHECK]
}

/// Paints `number` into the three planes of an I420 picture. Pictures too small to hold a stamp are left alone.
pub fn paint(data: &mut [u8], width: u32, height: u32, number: u32) {
    let (w, h, side) = (width as usize, height as usize, cell(height));
    if side == 0 || w < side * COLUMNS || data.len() != crate::frame::i420_len(width, height) {
        return;
    }
    for (row, bits) in rows(number).into_iter().enumerate() {
        for y in row * side..(row + 1) * side {
            for column in 0..COLUMNS {
                let luma = if bits >> (7 - column) & 1 == 1 {
                    WHITE
                } else {
                    BLACK
                };
                let start = y * w + column * side;
                data[start..start + side].fill(luma);
            }
        }
    }
    let (cw, ch) = (w.div_ceil(2), h.div_ceil(2));
    let (used_w, used_h) = ((side * COLUMNS).div_ceil(2), (side * ROWS).div_ceil(2));
    for plane in 0..2 {
        let base = w * h + plane * cw * ch;
        for y in 0..used_h {
            data[base + y * cw..base + y * cw + used_w].fill(128);
        }
    }
}

/// Reads the number back; `None` when the corner holds no stamp.
pub fn read(frame: &I420Frame) -> Option<u32> {
    let (w, side) = (frame.width() as usize, cell(frame.height()));
    if side == 0 || w < side * COLUMNS {
        return None;
    }
    let (luma, _, _) = frame.planes();
    let inner = (side / 2).max(1);
    let mut found = [0u8; ROWS];
    for (row, bits) in found.iter_mut().enumerate() {
        for column in 0..COLUMNS {
            let (x0, y0) = (column * side + side / 4, row * side + side / 4);
            let sum: u32 = (y0..y0 + inner)
                .flat_map(|y| &luma[y * w + x0..y * w + x0 + inner])
                .map(|&p| u32::from(p))
                .sum();
            let one = sum / (inner * inner) as u32 > MIDDLE;
            *bits = *bits << 1 | u8::from(one);
        }
    }
    let [a, b, c, d, _] = found;
    let number = u32::from_be_bytes([a, b, c, d]);
    (rows(number) == found).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::i420_len;
    use std::time::Duration;

    fn stamped(width: u32, height: u32, number: u32) -> I420Frame {
        let mut data = vec![90u8; i420_len(width, height)];
        paint(&mut data, width, height, number);
        I420Frame::new(width, height, Duration::ZERO, data).unwrap()
    }

    #[test]
    fn reads_what_it_paints_at_every_size() {
        for (w, h) in [(320, 180), (640, 360), (1280, 720), (321, 181)] {
            for n in [0, 1, 0xdead_beef, u32::MAX] {
                assert_eq!(read(&stamped(w, h, n)), Some(n), "{w}x{h} {n}");
            }
        }
    }

    #[test]
    fn a_picture_without_a_stamp_is_not_a_number() {
        for luma in [0u8, 16, 90, 128, 235, 255] {
            let frame = I420Frame::new(640, 360, Duration::ZERO, vec![luma; i420_len(640, 360)]).unwrap();
            assert_eq!(read(&frame), None, "luma {luma}");
        }
        assert_eq!(
            read(&I420Frame::new(4, 4, Duration::ZERO, vec![0; 24]).unwrap()),
            None
        );
    }

    #[test]
    fn one_wrong_cell_is_noticed() {
        let frame = stamped(640, 360, 42);
        let mut data = frame.data().to_vec();
        for y in 0..16 {
            for x in 0..16 {
                data[y * 640 + x] = 235;
            }
        }
        assert_eq!(
            read(&I420Frame::new(640, 360, Duration::ZERO, data).unwrap()),
            None
        );
    }
}
