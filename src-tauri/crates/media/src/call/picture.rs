//! The picture that the clinician takes: one frame as PNG, in memory.
//!
//! Taking one needs the patient's consent, which the caller has recorded. Nothing is written here.

use crate::frame::I420Frame;

/// The frame at its full size, as an RGB PNG.
pub(super) fn png(frame: &I420Frame) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, frame.width(), frame.height());
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().ok()?;
    writer.write_image_data(&rgb(frame)).ok()?;
    writer.finish().ok()?;
    Some(out)
}

/// BT.601, limited range.
fn rgb(frame: &I420Frame) -> Vec<u8> {
    let (w, h) = (frame.width() as usize, frame.height() as usize);
    let (luma, us, vs) = frame.planes();
    let chroma_width = w.div_ceil(2);
    let mut out = Vec::with_capacity(w * h * 3);
    for y in 0..h {
        for x in 0..w {
            let at = y / 2 * chroma_width + x / 2;
            let c = 298 * (i32::from(luma[y * w + x]) - 16);
            let (d, e) = (i32::from(us[at]) - 128, i32::from(vs[at]) - 128);
            for value in [c + 409 * e, c - 100 * d - 208 * e, c + 516 * d] {
                out.push(((value + 128) >> 8).clamp(0, 255) as u8);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn colours_are_those_of_the_picture() {
        for (yuv, wanted) in [
            ([235, 128, 128], [255, 255, 255]),
            ([16, 128, 128], [0, 0, 0]),
            ([81, 90, 240], [255, 0, 0]),
        ] {
            let data = [[yuv[0]; 4].as_slice(), &[yuv[1]], &[yuv[2]]].concat();
            let frame = I420Frame::new(2, 2, Duration::ZERO, data).unwrap();
            let bytes = png(&frame).unwrap();
            let mut reader = png::Decoder::new(std::io::Cursor::new(bytes))
                .read_info()
                .unwrap();
            let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
            reader.next_frame(&mut pixels).unwrap();
            for (got, wanted) in pixels[..3].iter().zip(wanted) {
                assert!(got.abs_diff(wanted) <= 2, "{yuv:?}: {:?}", &pixels[..3]);
            }
        }
    }
}
