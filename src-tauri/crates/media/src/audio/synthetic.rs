//! The synthetic sound: a tone or a WAV file for a microphone, a meter for a speaker.
//!
//! It exists for training, for computers without sound, and for tests. Its clock is the computer's. The WAV file is the only
//! file that this crate reads; nothing is ever written.

use super::{AudioError, AudioIo, AudioStream, FRAME, RATE};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The name of the tone on screen.
pub const TONE_NAME: &str = "Tono di prova (sintetico)";

/// The name of the meter on screen.
pub const METER_NAME: &str = "Nessun altoparlante (sintetico)";

/// Frequency of the tone.
pub const TONE_HZ: f64 = 440.0;

/// A tone or a film's sound, and a speaker that plays nothing.
#[derive(Debug, Clone)]
pub struct SyntheticAudio {
    samples: Arc<[i16]>,
    name: String,
}

impl Default for SyntheticAudio {
    fn default() -> Self {
        Self::tone()
    }
}

impl SyntheticAudio {
    /// A tone of 440 Hz at -12 dBFS, half a second on and half a second off.
    pub fn tone() -> Self {
        let samples = (0..RATE as usize)
            .map(|n| {
                if n >= RATE as usize / 2 {
                    return 0;
                }
                let angle = n as f64 / f64::from(RATE) * TONE_HZ * std::f64::consts::TAU;
                (angle.sin() * 0.25 * f64::from(i16::MAX) * std::f64::consts::SQRT_2) as i16
            })
            .collect();
        Self {
            samples,
            name: TONE_NAME.to_owned(),
        }
    }

    /// The sound of a WAV file (PCM, 16 bits, 48 kHz, one or two channels), over and over.
    pub fn wav(path: &Path) -> Result<Self, AudioError> {
        let bytes = std::fs::read(path).map_err(|_| AudioError::File)?;
        let samples = parse_wav(&bytes).ok_or(AudioError::File)?;
        Ok(Self {
            samples: samples.into(),
            name: "File audio di prova (sintetico)".to_owned(),
        })
    }
}

impl AudioIo for SyntheticAudio {
    fn microphone(&self) -> &str {
        &self.name
    }

    fn speaker(&self) -> &str {
        METER_NAME
    }

    fn synthetic(&self) -> bool {
        true
    }

    fn open(&self) -> Result<Box<dyn AudioStream>, AudioError> {
        Ok(Box::new(OpenSynthetic {
            microphone: Clocked::new(self.samples.clone()),
            drained: Instant::now(),
        }))
    }
}

/// Samples given out at the pace of the clock.
pub(crate) struct Clocked {
    samples: Arc<[i16]>,
    started: Instant,
    given: u64,
}

impl Clocked {
    fn new(samples: Arc<[i16]>) -> Self {
        Self {
            samples,
            started: Instant::now(),
            given: 0,
        }
    }

    fn capture(&mut self, frame: &mut [i16; FRAME]) -> bool {
        let due = self.started.elapsed().as_millis() as u64 / 20;
        if self.given >= due {
            return false;
        }
        // A computer that slept does not send the past.
        if due - self.given > 10 {
            self.given = due - 1;
        }
        let start = self.given as usize * FRAME;
        for (place, sample) in frame.iter_mut().enumerate() {
            *sample = self.samples[(start + place) % self.samples.len()];
        }
        self.given += 1;
        true
    }
}

struct OpenSynthetic {
    microphone: Clocked,
    /// When everything queued will have been played.
    drained: Instant,
}

impl AudioStream for OpenSynthetic {
    fn capture(&mut self, frame: &mut [i16; FRAME]) -> Result<bool, AudioError> {
        Ok(self.microphone.capture(frame))
    }

    fn queued(&self) -> usize {
        let left = self.drained.saturating_duration_since(Instant::now());
        (left.as_secs_f64() * f64::from(RATE)) as usize
    }

    fn play(&mut self, samples: &[i16]) {
        let length = Duration::from_secs_f64(samples.len() as f64 / f64::from(RATE));
        self.drained = self.drained.max(Instant::now()) + length;
    }
}

/// Reads a RIFF WAVE: PCM 16 bits at 48 kHz, mono, or stereo of which the left side is taken.
fn parse_wav(bytes: &[u8]) -> Option<Vec<i16>> {
    if bytes.get(..4)? != b"RIFF" || bytes.get(8..12)? != b"WAVE" {
        return None;
    }
    let word = |at: usize| Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    let half = |at: usize| Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?));
    let mut at = 12;
    let mut channels = None;
    loop {
        let (kind, length) = (bytes.get(at..at + 4)?, word(at + 4)? as usize);
        match kind {
            b"fmt " => {
                if half(at + 8)? != 1 || word(at + 12)? != RATE || half(at + 22)? != 16 {
                    return None;
                }
                channels = Some(usize::from(half(at + 10)?)).filter(|n| (1..=2).contains(n));
            }
            b"data" => {
                let data = bytes.get(at + 8..(at + 8).checked_add(length)?.min(bytes.len()))?;
                let samples: Vec<i16> = data
                    .chunks_exact(2 * channels?)
                    .map(|pair| i16::from_le_bytes([pair[0], pair[1]]))
                    .collect();
                return (!samples.is_empty()).then_some(samples);
            }
            _ => {}
        }
        at = at.checked_add(8)?.checked_add(length)?.checked_add(length % 2)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::level_dbfs;

    fn wav(channels: u16, rate: u32, samples: &[i16]) -> Vec<u8> {
        let mut out = b"RIFF\0\0\0\0WAVE".to_vec();
        out.extend_from_slice(b"LIST\x03\0\0\0abc\0");
        out.extend_from_slice(b"fmt \x10\0\0\0\x01\0");
        out.extend_from_slice(&channels.to_le_bytes());
        out.extend_from_slice(&rate.to_le_bytes());
        out.extend_from_slice(&(rate * 2 * u32::from(channels)).to_le_bytes());
        out.extend_from_slice(&(2 * channels).to_le_bytes());
        out.extend_from_slice(&16u16.to_le_bytes());
        out.extend_from_slice(b"data");
        out.extend_from_slice(&(samples.len() as u32 * 2).to_le_bytes());
        out.extend(samples.iter().flat_map(|s| s.to_le_bytes()));
        out
    }

    #[test]
    fn a_wav_is_read_and_foreign_bytes_are_refused() {
        assert_eq!(parse_wav(&wav(1, 48_000, &[1, -2, 3])), Some(vec![1, -2, 3]));
        assert_eq!(parse_wav(&wav(2, 48_000, &[1, 9, 2, 9])), Some(vec![1, 2]));
        assert_eq!(parse_wav(&wav(1, 44_100, &[1])), None);
        assert_eq!(parse_wav(&wav(3, 48_000, &[1, 2, 3])), None);
        let whole = wav(1, 48_000, &[5; 8]);
        for cut in 0..whole.len() - 16 {
            assert_eq!(parse_wav(&whole[..cut]), None, "cut at {cut}");
        }
        let mut endless = whole.clone();
        endless[16..20].copy_from_slice(&u32::MAX.to_le_bytes());
        assert_eq!(parse_wav(&endless), None);
    }

    #[test]
    fn the_tone_has_its_level_and_its_pause() {
        let tone = SyntheticAudio::tone();
        let (on, off) = tone.samples.split_at(RATE as usize / 2);
        assert!((level_dbfs(on) + 12.0).abs() < 0.1, "{}", level_dbfs(on));
        assert_eq!(level_dbfs(off), crate::audio::SILENCE);
    }

    #[test]
    fn a_missing_file_is_an_error() {
        let got = SyntheticAudio::wav(Path::new("/nowhere/tono.wav"));
        assert_eq!(got.err(), Some(AudioError::File));
    }
}
