//! Where sound comes from and goes to: the sound card, or a tone and a WAV file.
//!
//! Everything inside a call is mono at 48 kHz in frames of 20 ms, the form of Opus. An [`AudioIo`] is sent to the sound
//! thread and opened there into an [`AudioStream`]. What is not here: Opus, and the jitter buffer.

mod hardware;
pub(crate) mod playout;
mod resample;
mod synthetic;

pub use hardware::SoundCard;
pub use synthetic::{METER_NAME, SyntheticAudio, TONE_HZ, TONE_NAME};

/// Samples a second.
pub const RATE: u32 = 48_000;

/// Samples in a frame of 20 ms.
pub const FRAME: usize = 960;

/// Why there is no sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AudioError {
    /// No microphone has this name any more.
    #[error("the microphone is not there")]
    MicrophoneMissing,
    /// No speaker has this name any more.
    #[error("the speaker is not there")]
    SpeakerMissing,
    /// The system does not let this program use the microphone.
    #[error("the microphone may not be used")]
    Forbidden,
    /// No form of sound that both sides understand.
    #[error("the sound format is not supported")]
    Format,
    /// The file is not a PCM WAV.
    #[error("the sound file cannot be read")]
    File,
    /// It stopped.
    #[error("the sound device stopped")]
    Stopped,
}

/// A microphone with a speaker, chosen and not yet opened.
pub trait AudioIo: Send {
    /// The name of the microphone shown on screen.
    fn microphone(&self) -> &str;
    /// The name of the speaker shown on screen.
    fn speaker(&self) -> &str;
    /// The microphone is not a piece of hardware.
    fn synthetic(&self) -> bool;
    /// Opens both on the calling thread.
    fn open(&self) -> Result<Box<dyn AudioStream>, AudioError>;
}

/// An open microphone with a speaker. It closes when it is dropped.
pub trait AudioStream {
    /// Fills one frame when the microphone has one; never waits.
    fn capture(&mut self, frame: &mut [i16; FRAME]) -> Result<bool, AudioError>;
    /// How many samples wait to be played.
    fn queued(&self) -> usize;
    /// Queues samples for the speaker.
    fn play(&mut self, samples: &[i16]);
}

/// The level of a stretch of sound in dB below full scale: 0 is the loudest, -96 is silence.
pub fn level_dbfs(samples: &[i16]) -> f32 {
    if samples.is_empty() {
        return SILENCE;
    }
    let power: f64 = samples.iter().map(|&s| f64::from(s) * f64::from(s)).sum::<f64>() / samples.len() as f64;
    if power < 1.0 {
        return SILENCE;
    }
    (10.0 * (power / (32_768.0 * 32_768.0)).log10()) as f32
}

/// The level of no sound at all.
pub const SILENCE: f32 = -96.0;
