//! A real camera, through `nokhwa` (V4L2, AVFoundation, Media Foundation).
//!
//! Cameras give YUYV, NV12 or MJPEG as they like; everything becomes I420 here. What is not here: choosing a camera, and making its
//! picture the size of the call.

use super::{VideoError, VideoSource, VideoStream};
use crate::device::{Device, DeviceId, DeviceKind};
use crate::frame::{I420Frame, VideoSize, i420_len};
use nokhwa::pixel_format::RgbFormat;
use nokhwa::utils::{
    ApiBackend, CameraFormat, CameraIndex, FrameFormat, RequestedFormat, RequestedFormatType, Resolution,
};
use nokhwa::{Buffer, NokhwaError};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

const PREFIX: &str = "camera:";

/// Broken pictures in a row after which a camera counts as not understood; the first ones after opening often are broken.
const BROKEN: u32 = 15;

/// A real camera, chosen and not yet opened.
#[derive(Debug, Clone)]
pub struct Camera {
    index: CameraIndex,
    name: String,
}

impl Camera {
    /// All cameras of this computer. An empty list also when the system refuses to list them.
    pub(crate) fn list() -> Vec<Device> {
        let found = nokhwa::query(ApiBackend::Auto).unwrap_or_default();
        found
            .iter()
            .enumerate()
            .map(|(place, info)| Device {
                id: DeviceId(format!("{PREFIX}{}", info.index().as_string())),
                kind: DeviceKind::Camera,
                name: info.human_name(),
                synthetic: false,
                preferred: place == 0,
            })
            .collect()
    }

    /// The camera with this name, when it is there now.
    pub(crate) fn named(id: &DeviceId) -> Result<Self, VideoError> {
        let device = Self::list()
            .into_iter()
            .find(|device| device.id == *id)
            .ok_or(VideoError::Missing)?;
        let key = id.0.strip_prefix(PREFIX).ok_or(VideoError::Missing)?;
        let index = key
            .parse()
            .map_or_else(|_| CameraIndex::String(key.to_owned()), CameraIndex::Index);
        Ok(Self {
            index,
            name: device.name,
        })
    }
}

impl VideoSource for Camera {
    fn name(&self) -> &str {
        &self.name
    }

    fn synthetic(&self) -> bool {
        false
    }

    fn open(&self, size: VideoSize) -> Result<Box<dyn VideoStream>, VideoError> {
        let wanted = Resolution::new(size.width(), size.height());
        // YUYV first: it needs no decompression. `Closest` fails on a form that the camera lacks, so each is asked for.
        let mut last = VideoError::Format;
        for form in [FrameFormat::YUYV, FrameFormat::NV12, FrameFormat::MJPEG] {
            let near = RequestedFormatType::Closest(CameraFormat::new(wanted, form, super::pattern::FPS));
            match nokhwa::Camera::new(self.index.clone(), RequestedFormat::new::<RgbFormat>(near)) {
                Ok(mut camera) => {
                    camera.open_stream().map_err(|error| refusal(&error))?;
                    return Ok(Box::new(OpenCamera {
                        camera,
                        opened: Instant::now(),
                    }));
                }
                Err(error) => last = refusal(&error),
            }
        }
        Err(last)
    }
}

/// nokhwa tells its reasons as text only, made by each system.
fn refusal(error: &NokhwaError) -> VideoError {
    let text = error.to_string().to_lowercase();
    if text.contains("busy") || text.contains("in use") {
        VideoError::Busy
    } else if text.contains("permission") || text.contains("denied") || text.contains("authoriz") {
        VideoError::Forbidden
    } else if text.contains("no such") || text.contains("not found") {
        VideoError::Missing
    } else {
        VideoError::Format
    }
}

struct OpenCamera {
    camera: nokhwa::Camera,
    opened: Instant,
}

impl VideoStream for OpenCamera {
    fn next(&mut self) -> Result<I420Frame, VideoError> {
        for _ in 0..BROKEN {
            let buffer = self.camera.frame().map_err(|_| VideoError::Stopped)?;
            if let Some(frame) = convert(&buffer, self.opened.elapsed()) {
                return Ok(frame);
            }
        }
        Err(VideoError::Format)
    }
}

impl Drop for OpenCamera {
    fn drop(&mut self) {
        // The camera goes dark with the handle in any case; a refusal here has nobody to tell.
        let _ = self.camera.stop_stream();
    }
}

fn convert(buffer: &Buffer, pts: Duration) -> Option<I420Frame> {
    let (w, h) = (buffer.resolution().width(), buffer.resolution().height());
    // Chroma of half a pixel does not occur in cameras; an odd size loses its last row or column.
    let (ew, eh) = (w & !1, h & !1);
    match buffer.source_frame_format() {
        FrameFormat::YUYV => from_yuyv(buffer.buffer(), w as usize, ew, eh, pts),
        FrameFormat::NV12 => from_nv12(buffer.buffer(), w as usize, h as usize, ew, eh, pts),
        _ => {
            let mut rgb = vec![0; w as usize * h as usize * 3];
            // The JPEG decoder behind nokhwa unwinds on a broken picture, and cameras do send broken ones.
            let decoded = catch_unwind(AssertUnwindSafe(|| {
                buffer.decode_image_to_buffer::<RgbFormat>(&mut rgb)
            }));
            decoded.ok()?.ok()?;
            from_rgb(&rgb, w as usize, ew, eh, pts)
        }
    }
}

fn from_yuyv(data: &[u8], stride: usize, w: u32, h: u32, pts: Duration) -> Option<I420Frame> {
    let (ew, eh) = (w as usize, h as usize);
    let rows: Vec<&[u8]> = data.chunks_exact(stride.max(1) * 2).take(eh).collect();
    if rows.len() < eh {
        return None;
    }
    let mut out = Vec::with_capacity(i420_len(w, h));
    for row in &rows {
        out.extend(row[..ew * 2].iter().step_by(2));
    }
    for offset in [1, 3] {
        for row in rows.iter().step_by(2) {
            out.extend(row[..ew * 2].iter().skip(offset).step_by(4));
        }
    }
    I420Frame::new(w, h, pts, out)
}

fn from_nv12(data: &[u8], stride: usize, height: usize, w: u32, h: u32, pts: Duration) -> Option<I420Frame> {
    let (ew, eh) = (w as usize, h as usize);
    let luma = data.get(..stride * height)?;
    let chroma = data.get(stride * height..stride * height + stride * (eh / 2))?;
    let mut out = Vec::with_capacity(i420_len(w, h));
    for row in luma.chunks_exact(stride.max(1)).take(eh) {
        out.extend_from_slice(&row[..ew]);
    }
    for offset in [0, 1] {
        for row in chroma.chunks_exact(stride.max(1)) {
            out.extend(row[..ew].iter().skip(offset).step_by(2));
        }
    }
    I420Frame::new(w, h, pts, out)
}

/// RGB to BT.601 limited range, chroma from the top left pixel of each four.
fn from_rgb(rgb: &[u8], stride: usize, w: u32, h: u32, pts: Duration) -> Option<I420Frame> {
    let (ew, eh) = (w as usize, h as usize);
    if rgb.len() < stride * 3 * eh {
        return None;
    }
    let mut out = Vec::with_capacity(i420_len(w, h));
    let at = |x: usize, y: usize| {
        let p = (y * stride + x) * 3;
        (i32::from(rgb[p]), i32::from(rgb[p + 1]), i32::from(rgb[p + 2]))
    };
    for y in 0..eh {
        for x in 0..ew {
            let (r, g, b) = at(x, y);
            out.push((((66 * r + 129 * g + 25 * b + 128) >> 8) + 16) as u8);
        }
    }
    for weights in [(-38, -74, 112), (112, -94, -18)] {
        for y in (0..eh).step_by(2) {
            for x in (0..ew).step_by(2) {
                let (r, g, b) = at(x, y);
                out.push((((weights.0 * r + weights.1 * g + weights.2 * b + 128) >> 8) + 128) as u8);
            }
        }
    }
    I420Frame::new(w, h, pts, out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_of_a_camera_becomes_the_same_picture() {
        // White on the left, black on the right, without colour.
        let (w, h) = (4u32, 2u32);
        let luma = [235, 235, 16, 16];
        let yuyv: Vec<u8> = (0..2).flat_map(|_| luma.iter().flat_map(|&y| [y, 128])).collect();
        let nv12: Vec<u8> = [&luma[..], &luma, &[128; 4]].concat();
        let rgb: Vec<u8> = (0..2)
            .flat_map(|_| [255u8, 255, 0, 0].into_iter().flat_map(|v| [v; 3]))
            .collect();
        let wanted = I420Frame::new(w, h, Duration::ZERO, [&luma[..], &luma, &[128; 4]].concat()).unwrap();
        for (form, data) in [(FrameFormat::YUYV, yuyv), (FrameFormat::NV12, nv12)] {
            let got = convert(&Buffer::new(Resolution::new(w, h), &data, form), Duration::ZERO).unwrap();
            assert!(got == wanted, "{form}");
        }
        assert!(from_rgb(&rgb, 4, w, h, Duration::ZERO).unwrap() == wanted);
    }

    #[test]
    fn a_short_buffer_is_no_picture() {
        for form in [FrameFormat::YUYV, FrameFormat::NV12, FrameFormat::MJPEG] {
            for length in [0, 1, 7, 31] {
                let buffer = Buffer::new(Resolution::new(4, 4), &vec![0; length], form);
                let got = convert(&buffer, Duration::ZERO);
                assert!(got.is_none() || length >= 24, "{form} {length}");
            }
        }
    }

    #[test]
    fn a_camera_that_is_not_there_is_said_to_be_missing() {
        for id in ["camera:9999", "camera:", "altro"] {
            assert_eq!(
                Camera::named(&DeviceId(id.to_owned())).err(),
                Some(VideoError::Missing)
            );
        }
    }
}
