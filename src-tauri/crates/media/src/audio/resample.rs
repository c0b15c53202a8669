//! Between the rate and the channels of a sound card and the 48 kHz mono of a call.

use super::AudioError;
use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{Fft, FixedSync};
use std::collections::VecDeque;

/// Frames converted at a time: 10 ms at 48 kHz, short against the delay of a call.
const CHUNK: usize = 480;

/// Converts one channel from one rate to another.
pub(crate) struct Resampler {
    fft: Option<Fft<f32>>,
    waiting: VecDeque<i16>,
}

impl Resampler {
    pub(crate) fn new(from: u32, to: u32) -> Result<Self, AudioError> {
        let fft = if from == to {
            None
        } else {
            let fft = Fft::new(from as usize, to as usize, CHUNK, 1, FixedSync::Input);
            Some(fft.map_err(|_| AudioError::Format)?)
        };
        Ok(Self {
            fft,
            waiting: VecDeque::new(),
        })
    }

    /// Appends the converted samples to `out`; what does not fill a chunk waits for more.
    pub(crate) fn push(&mut self, samples: &[i16], out: &mut VecDeque<i16>) {
        use rubato::Resampler as _;
        let Some(fft) = &mut self.fft else {
            out.extend(samples);
            return;
        };
        self.waiting.extend(samples);
        while self.waiting.len() >= fft.input_frames_next() {
            let wanted = fft.input_frames_next();
            let chunk: Vec<f32> = self
                .waiting
                .drain(..wanted)
                .map(|s| f32::from(s) / 32_768.0)
                .collect();
            let Ok(input) = InterleavedSlice::new(&chunk, 1, chunk.len()) else {
                return;
            };
            if let Ok(done) = fft.process(&input, None) {
                let samples = done.take_data();
                out.extend(
                    samples
                        .into_iter()
                        .map(|s| (s * 32_768.0).clamp(-32_768.0, 32_767.0) as i16),
                );
            }
        }
    }
}

/// The mean of all channels.
pub(crate) fn to_mono(samples: &[i16], channels: usize) -> Vec<i16> {
    if channels <= 1 {
        return samples.to_vec();
    }
    samples
        .chunks_exact(channels)
        .map(|frame| (frame.iter().map(|&s| i32::from(s)).sum::<i32>() / channels as i32) as i16)
        .collect()
}

/// The same sample on all channels.
pub(crate) fn spread(samples: &[i16], channels: usize) -> Vec<i16> {
    samples
        .iter()
        .flat_map(|&s| std::iter::repeat_n(s, channels.max(1)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::level_dbfs;

    #[test]
    fn a_tone_keeps_its_level_and_its_length_at_another_rate() {
        for (from, to) in [
            (44_100u32, 48_000u32),
            (48_000, 44_100),
            (16_000, 48_000),
            (48_000, 48_000),
        ] {
            let second: Vec<i16> = (0..from)
                .map(|n| {
                    ((f64::from(n) / f64::from(from) * 440.0 * std::f64::consts::TAU).sin() * 8_000.0) as i16
                })
                .collect();
            let mut out = VecDeque::new();
            let mut resampler = Resampler::new(from, to).unwrap();
            for piece in second.chunks(333) {
                resampler.push(piece, &mut out);
            }
            let out: Vec<i16> = out.into();
            let lost = to as usize - out.len().min(to as usize);
            assert!(lost < to as usize / 20, "{from} to {to}: {} samples", out.len());
            let (before, after) = (level_dbfs(&second), level_dbfs(&out[out.len() / 2..]));
            assert!(
                (before - after).abs() < 0.5,
                "{from} to {to}: {before} then {after}"
            );
        }
    }

    #[test]
    fn channels_are_mixed_and_spread() {
        assert_eq!(to_mono(&[2, 4, -3, -5], 2), [3, -4]);
        assert_eq!(to_mono(&[2, 4], 1), [2, 4]);
        assert_eq!(spread(&[1, 2], 2), [1, 1, 2, 2]);
    }
}
