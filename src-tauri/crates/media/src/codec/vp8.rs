//! VP8 (RFC 6386) through libvpx, the codec that every browser speaks without a licence.
//!
//! This is the one place of the crate that calls C. Each `unsafe` block says why it is sound; the two types own their
//! libvpx context, are never shared, and hand out copies only. What is not here: RTP (see `call::packets`).
#![allow(unsafe_code)]

use crate::frame::I420Frame;
use bytes::Bytes;
use std::mem::MaybeUninit;
use std::ptr;
use std::time::Duration;
use vpx_sys as vpx;

/// libvpx refused. Its texts say nothing that a person could act upon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("libvpx refused")]
pub(crate) struct CodecError;

fn ok(code: vpx::vpx_codec_err_t) -> Result<(), CodecError> {
    (code == vpx::vpx_codec_err_t::VPX_CODEC_OK)
        .then_some(())
        .ok_or(CodecError)
}

/// One encoded picture.
#[derive(Debug, Clone)]
pub(crate) struct Encoded {
    pub(crate) data: Bytes,
    pub(crate) pts: Duration,
}

/// An encoder for one size of picture.
pub(crate) struct Vp8Encoder {
    // Boxed: libvpx keeps pointers into its context, so it must not move.
    context: Box<vpx::vpx_codec_ctx_t>,
    config: vpx::vpx_codec_enc_cfg_t,
    last_pts: i64,
}

impl Vp8Encoder {
    /// Starts an encoder. Settings are those of a live conversation: no look-ahead, constant rate, fast.
    pub(crate) fn new(width: u32, height: u32, bits_per_second: u32) -> Result<Self, CodecError> {
        let mut config = MaybeUninit::<vpx::vpx_codec_enc_cfg_t>::zeroed();
        // SAFETY: the interface pointer is a static of libvpx, and the call fills the whole configuration or fails.
        let mut config = unsafe {
            ok(vpx::vpx_codec_enc_config_default(
                vpx::vpx_codec_vp8_cx(),
                config.as_mut_ptr(),
                0,
            ))?;
            config.assume_init()
        };
        config.g_w = width;
        config.g_h = height;
        config.g_timebase.num = 1;
        config.g_timebase.den = 90_000;
        config.g_threads = if height > 360 { 2 } else { 1 };
        config.g_lag_in_frames = 0;
        config.g_pass = vpx::vpx_enc_pass::VPX_RC_ONE_PASS;
        config.rc_end_usage = vpx::vpx_rc_mode::VPX_CBR;
        config.rc_target_bitrate = bits_per_second / 1_000;
        config.rc_min_quantizer = 2;
        config.rc_max_quantizer = 56;
        config.rc_undershoot_pct = 100;
        config.rc_overshoot_pct = 15;
        config.rc_buf_initial_sz = 500;
        config.rc_buf_optimal_sz = 600;
        config.rc_buf_sz = 1_000;
        config.rc_dropframe_thresh = 0;
        config.kf_mode = vpx::vpx_kf_mode::VPX_KF_AUTO;
        config.kf_max_dist = 3_000;
        let mut context = Box::new(MaybeUninit::<vpx::vpx_codec_ctx_t>::zeroed());
        // SAFETY: the context is zeroed memory of the right size that stays where it is (boxed); the ABI version is the one
        // of the header that the bindings were generated from, and libvpx checks it.
        let context = unsafe {
            ok(vpx::vpx_codec_enc_init_ver(
                context.as_mut_ptr(),
                vpx::vpx_codec_vp8_cx(),
                &config,
                0,
                vpx::VPX_ENCODER_ABI_VERSION as i32,
            ))?;
            Box::from_raw(Box::into_raw(context).cast::<vpx::vpx_codec_ctx_t>())
        };
        let mut encoder = Self {
            context,
            config,
            last_pts: -1,
        };
        use vpx::vp8e_enc_control_id as control;
        encoder.control(control::VP8E_SET_CPUUSED, -8)?;
        encoder.control(control::VP8E_SET_STATIC_THRESHOLD, 1)?;
        encoder.control(control::VP8E_SET_NOISE_SENSITIVITY, 0)?;
        // A keyframe may take four and a half times a picture's share: more would stall a thin line.
        encoder.control(control::VP8E_SET_MAX_INTRA_BITRATE_PCT, 450)?;
        Ok(encoder)
    }

    fn control(&mut self, id: vpx::vp8e_enc_control_id, value: i32) -> Result<(), CodecError> {
        // SAFETY: all controls used here take one int; the context is live.
        ok(unsafe { vpx::vpx_codec_control_(&mut *self.context, id as i32, value) })
    }

    /// Changes the rate from the next picture on.
    pub(crate) fn set_rate(&mut self, bits_per_second: u32) -> Result<(), CodecError> {
        if self.config.rc_target_bitrate == bits_per_second / 1_000 {
            return Ok(());
        }
        self.config.rc_target_bitrate = bits_per_second / 1_000;
        // SAFETY: context and configuration are live, and the size is the one the encoder was made for.
        ok(unsafe { vpx::vpx_codec_enc_config_set(&mut *self.context, &self.config) })
    }

    /// Encodes one picture of exactly the encoder's size; `None` when libvpx chose to send nothing for it.
    pub(crate) fn encode(
        &mut self,
        frame: &I420Frame,
        keyframe: bool,
    ) -> Result<Option<Encoded>, CodecError> {
        if (frame.width(), frame.height()) != (self.config.g_w, self.config.g_h) {
            return Err(CodecError);
        }
        // libvpx wants times that grow.
        let pts = ((frame.pts.as_micros() as i64) * 9 / 100).max(self.last_pts + 1);
        let length = (pts - self.last_pts.max(0)).clamp(1, 9_000);
        self.last_pts = pts;
        let flags = if keyframe { vpx::VPX_EFLAG_FORCE_KF } else { 0 };
        let mut image = MaybeUninit::<vpx::vpx_image_t>::zeroed();
        // SAFETY: `vpx_img_wrap` describes the frame's own buffer, whose length I420Frame guarantees to fit the size with an
        // alignment of one; the encoder only reads it, and only during this call. The packets that it returns live until the next
        // call on this context, and are copied here.
        unsafe {
            let wrapped = vpx::vpx_img_wrap(
                image.as_mut_ptr(),
                vpx::vpx_img_fmt::VPX_IMG_FMT_I420,
                frame.width(),
                frame.height(),
                1,
                frame.data().as_ptr().cast_mut(),
            );
            if wrapped.is_null() {
                return Err(CodecError);
            }
            ok(vpx::vpx_codec_encode(
                &mut *self.context,
                image.as_ptr(),
                pts,
                length as _,
                flags as _,
                vpx::VPX_DL_REALTIME as _,
            ))?;
            let mut iterator: vpx::vpx_codec_iter_t = ptr::null();
            let mut out = None;
            loop {
                let packet = vpx::vpx_codec_get_cx_data(&mut *self.context, &mut iterator);
                if packet.is_null() {
                    return Ok(out);
                }
                if (*packet).kind == vpx::vpx_codec_cx_pkt_kind::VPX_CODEC_CX_FRAME_PKT {
                    let coded = (*packet).data.frame;
                    out = Some(Encoded {
                        data: Bytes::copy_from_slice(std::slice::from_raw_parts(
                            coded.buf.cast::<u8>(),
                            coded.sz,
                        )),
                        pts: frame.pts,
                    });
                }
            }
        }
    }
}

impl Drop for Vp8Encoder {
    fn drop(&mut self) {
        // SAFETY: the context was initialised and is destroyed once.
        unsafe {
            vpx::vpx_codec_destroy(&mut *self.context);
        }
    }
}

/// A decoder; it follows whatever size the stream has.
pub(crate) struct Vp8Decoder {
    context: Box<vpx::vpx_codec_ctx_t>,
}

impl Vp8Decoder {
    /// Starts a decoder.
    pub(crate) fn new() -> Result<Self, CodecError> {
        let mut context = Box::new(MaybeUninit::<vpx::vpx_codec_ctx_t>::zeroed());
        // SAFETY: as in `Vp8Encoder::new`; a null configuration asks for the defaults.
        let context = unsafe {
            ok(vpx::vpx_codec_dec_init_ver(
                context.as_mut_ptr(),
                vpx::vpx_codec_vp8_dx(),
                ptr::null(),
                0,
                vpx::VPX_DECODER_ABI_VERSION as i32,
            ))?;
            Box::from_raw(Box::into_raw(context).cast::<vpx::vpx_codec_ctx_t>())
        };
        Ok(Self { context })
    }

    /// Decodes one picture. The bytes are foreign: an error means that a keyframe is needed.
    pub(crate) fn decode(&mut self, data: &[u8], pts: Duration) -> Result<Option<I420Frame>, CodecError> {
        // A keyframe names its size before anything is allocated: a picture beyond 1080p is not ours (RFC 6386, 9.1).
        if let [first, _, _, 0x9d, 0x01, 0x2a, a, b, c, d, ..] = data
            && first & 1 == 0
        {
            let (width, height) = (
                u16::from_le_bytes([*a, *b]) & 0x3fff,
                u16::from_le_bytes([*c, *d]) & 0x3fff,
            );
            if width > 1920 || height > 1920 {
                return Err(CodecError);
            }
        }
        let length = u32::try_from(data.len()).map_err(|_| CodecError)?;
        // SAFETY: the buffer is live for the call; the picture that libvpx returns belongs to the context until the next call, has
        // `d_h` rows (half as many for chroma) of at least `d_w` bytes at the given strides, and is copied here.
        unsafe {
            ok(vpx::vpx_codec_decode(
                &mut *self.context,
                data.as_ptr(),
                length,
                ptr::null_mut(),
                0,
            ))?;
            let mut iterator: vpx::vpx_codec_iter_t = ptr::null();
            let mut newest = None;
            loop {
                let image = vpx::vpx_codec_get_frame(&mut *self.context, &mut iterator);
                if image.is_null() {
                    return Ok(newest);
                }
                let image = &*image;
                let (w, h) = (image.d_w as usize, image.d_h as usize);
                let mut out = Vec::with_capacity(crate::frame::i420_len(image.d_w, image.d_h));
                for (plane, (pw, ph)) in [
                    (w, h),
                    (w.div_ceil(2), h.div_ceil(2)),
                    (w.div_ceil(2), h.div_ceil(2)),
                ]
                .into_iter()
                .enumerate()
                {
                    let (start, stride) = (image.planes[plane], image.stride[plane] as isize);
                    for row in 0..ph as isize {
                        out.extend_from_slice(std::slice::from_raw_parts(start.offset(row * stride), pw));
                    }
                }
                newest = I420Frame::new(image.d_w, image.d_h, pts, out);
            }
        }
    }
}

impl Drop for Vp8Decoder {
    fn drop(&mut self) {
        // SAFETY: the context was initialised and is destroyed once.
        unsafe {
            vpx::vpx_codec_destroy(&mut *self.context);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::VideoSize;
    use crate::stamp;
    use crate::video::pattern;

    fn stamps_survive(size: VideoSize, rate: u32) {
        let mut encoder = Vp8Encoder::new(size.width(), size.height(), rate).unwrap();
        let mut decoder = Vp8Decoder::new().unwrap();
        let mut read = 0;
        for n in 0..60 {
            let frame = pattern::picture(
                size.width(),
                size.height(),
                n,
                Duration::from_millis(u64::from(n) * 33),
            );
            let coded = encoder.encode(&frame, n == 0).unwrap();
            let coded = coded.unwrap();
            let back = decoder.decode(&coded.data, coded.pts).unwrap().unwrap();
            assert_eq!((back.width(), back.height()), (size.width(), size.height()));
            if stamp::read(&back) == Some(n) {
                read += 1;
            }
        }
        assert_eq!(read, 60, "every number is read back at {size:?} and {rate} bit/s");
    }

    #[test]
    fn a_stamp_survives_the_codec_at_each_step_of_the_ladder() {
        stamps_survive(VideoSize::P720, 1_800_000);
        stamps_survive(VideoSize::P360, 800_000);
        stamps_survive(VideoSize::P360, 300_000);
        stamps_survive(VideoSize::P180, 150_000);
    }

    #[test]
    fn foreign_bytes_are_an_error_and_not_a_crash() {
        let mut decoder = Vp8Decoder::new().unwrap();
        for bytes in [
            &[][..],
            &[0],
            &[0x10, 0, 0, 0x9d, 1, 0x2a, 0xff, 0x3f, 0xff, 0x3f, 1, 2, 3],
            &[0xff; 64],
        ] {
            let _ = decoder.decode(bytes, Duration::ZERO);
        }
        let huge = [0x10, 0, 0, 0x9d, 1, 0x2a, 0xff, 0x3f, 0xff, 0x3f];
        assert_eq!(decoder.decode(&huge, Duration::ZERO), Err(CodecError));
        let mut encoder = Vp8Encoder::new(320, 180, 150_000).unwrap();
        let frame = pattern::picture(320, 180, 7, Duration::ZERO);
        let coded = encoder.encode(&frame, true).unwrap().unwrap();
        for cut in 0..coded.data.len() {
            let _ = decoder.decode(&coded.data[..cut], Duration::ZERO);
        }
        let again = Vp8Decoder::new()
            .unwrap()
            .decode(&coded.data, Duration::ZERO)
            .unwrap();
        assert!(again.is_some());
    }

    #[test]
    fn a_picture_of_another_size_is_refused() {
        let mut encoder = Vp8Encoder::new(320, 180, 150_000).unwrap();
        let frame = pattern::picture(640, 360, 0, Duration::ZERO);
        assert!(encoder.encode(&frame, false).is_err());
    }
}
