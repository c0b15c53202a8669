//! The sound card, through `cpal` (ALSA and its replacements, Core Audio, WASAPI).
//!
//! The card's callbacks only move samples between bounded rings; everything else happens on the sound thread. A card that
//! does not speak 48 kHz mono is converted here. What is not here: echo, and the choice of a device.

use super::resample::{Resampler, spread, to_mono};
use super::{AudioError, AudioIo, AudioStream, FRAME, RATE};
use crate::device::{Device, DeviceId, DeviceKind};
use cpal::traits::{DeviceTrait, HostTrait, StreamTrait};
use cpal::{ErrorKind, FromSample, Sample, SampleFormat, SizedSample, StreamConfig, SupportedStreamConfig};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Longest stretch kept for a thread that is late: older sound is dropped.
const RING: usize = RATE as usize / 2;

/// A real microphone with a real speaker.
#[derive(Debug, Clone)]
pub struct SoundCard {
    microphone: (cpal::DeviceId, String),
    speaker: (cpal::DeviceId, String),
}

impl SoundCard {
    /// All microphones and speakers of this computer.
    pub(crate) fn list() -> (Vec<Device>, Vec<Device>) {
        let host = cpal::default_host();
        let preferred_in = host.default_input_device().and_then(|d| d.id().ok());
        let preferred_out = host.default_output_device().and_then(|d| d.id().ok());
        let describe = |devices: Vec<cpal::Device>, kind, preferred: Option<cpal::DeviceId>| {
            devices
                .iter()
                .filter_map(|device| {
                    let id = device.id().ok()?;
                    // ALSA always offers a device that gives silence and swallows sound: no hardware stands behind it.
                    if id.to_string() == "alsa:null" {
                        return None;
                    }
                    Some(Device {
                        preferred: preferred.as_ref() == Some(&id),
                        name: device.description().ok()?.name().to_owned(),
                        id: DeviceId(id.to_string()),
                        kind,
                        synthetic: false,
                    })
                })
                .collect::<Vec<_>>()
        };
        let inputs = host.input_devices().map(Iterator::collect).unwrap_or_default();
        let outputs = host.output_devices().map(Iterator::collect).unwrap_or_default();
        (
            describe(inputs, DeviceKind::Microphone, preferred_in),
            describe(outputs, DeviceKind::Speaker, preferred_out),
        )
    }

    /// The microphone and the speaker with these names, when both are there now.
    pub(crate) fn named(microphone: &DeviceId, speaker: &DeviceId) -> Result<Self, AudioError> {
        let (inputs, outputs) = Self::list();
        let find = |devices: Vec<Device>, id: &DeviceId| {
            let device = devices.into_iter().find(|device| device.id == *id)?;
            Some((id.0.parse().ok()?, device.name))
        };
        Ok(Self {
            microphone: find(inputs, microphone).ok_or(AudioError::MicrophoneMissing)?,
            speaker: find(outputs, speaker).ok_or(AudioError::SpeakerMissing)?,
        })
    }
}

impl AudioIo for SoundCard {
    fn microphone(&self) -> &str {
        &self.microphone.1
    }

    fn speaker(&self) -> &str {
        &self.speaker.1
    }

    fn synthetic(&self) -> bool {
        false
    }

    fn open(&self) -> Result<Box<dyn AudioStream>, AudioError> {
        let host = cpal::default_host();
        let input = host
            .device_by_id(&self.microphone.0)
            .ok_or(AudioError::MicrophoneMissing)?;
        let output = host
            .device_by_id(&self.speaker.0)
            .ok_or(AudioError::SpeakerMissing)?;
        let in_config = choose(input.supported_input_configs().map_err(refusal)?, || {
            input.default_input_config()
        })?;
        let out_config = choose(output.supported_output_configs().map_err(refusal)?, || {
            output.default_output_config()
        })?;
        let (heard, spoken, broken) = (Ring::default(), Ring::default(), Arc::new(AtomicBool::new(false)));
        let microphone = listen(&input, &in_config, heard.clone(), broken.clone())?;
        let speaker = speak(&output, &out_config, spoken.clone(), broken.clone())?;
        microphone.play().map_err(refusal)?;
        speaker.play().map_err(refusal)?;
        let (from, to) = (in_config.sample_rate(), out_config.sample_rate());
        Ok(Box::new(OpenCard {
            _microphone: microphone,
            _speaker: speaker,
            heard,
            spoken,
            broken,
            frame: VecDeque::with_capacity(FRAME * 4),
            channels: usize::from(in_config.channels()),
            out_channels: usize::from(out_config.channels()),
            out_rate: to,
            inbound: Resampler::new(from, RATE)?,
            outbound: Resampler::new(RATE, to)?,
        }))
    }
}

fn refusal(error: cpal::Error) -> AudioError {
    match error.kind() {
        ErrorKind::PermissionDenied => AudioError::Forbidden,
        ErrorKind::UnsupportedConfig => AudioError::Format,
        _ => AudioError::Stopped,
    }
}

/// 48 kHz with as few channels as there are, else what the card likes best.
fn choose(
    supported: impl Iterator<Item = cpal::SupportedStreamConfigRange>,
    preferred: impl FnOnce() -> Result<SupportedStreamConfig, cpal::Error>,
) -> Result<SupportedStreamConfig, AudioError> {
    let usable = |format| matches!(format, SampleFormat::I16 | SampleFormat::I32 | SampleFormat::F32);
    supported
        .filter(|range| usable(range.sample_format()) && range.channels() <= 2)
        .filter_map(|range| range.try_with_sample_rate(RATE))
        .min_by_key(SupportedStreamConfig::channels)
        .map_or_else(|| preferred().map_err(refusal), Ok)
}

/// Samples between the card's callback and the sound thread, interleaved as the card has them.
#[derive(Clone, Default)]
struct Ring(Arc<Mutex<VecDeque<i16>>>);

impl Ring {
    fn lock(&self) -> MutexGuard<'_, VecDeque<i16>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, samples: impl ExactSizeIterator<Item = i16>) {
        let mut ring = self.lock();
        let over = (ring.len() + samples.len()).saturating_sub(RING);
        let over = over.min(ring.len());
        ring.drain(..over);
        ring.extend(samples);
    }
}

fn listen(
    device: &cpal::Device,
    config: &SupportedStreamConfig,
    ring: Ring,
    broken: Arc<AtomicBool>,
) -> Result<cpal::Stream, AudioError> {
    fn build<T: SizedSample>(
        device: &cpal::Device,
        config: StreamConfig,
        ring: Ring,
        broken: Arc<AtomicBool>,
    ) -> Result<cpal::Stream, AudioError>
    where
        i16: FromSample<T>,
    {
        device
            .build_input_stream(
                config,
                move |data: &[T], _: &cpal::InputCallbackInfo| {
                    ring.push(data.iter().map(|&s| i16::from_sample(s)))
                },
                move |error| {
                    broken.fetch_or(fatal(&error), Ordering::Relaxed);
                },
                None,
            )
            .map_err(refusal)
    }
    match config.sample_format() {
        SampleFormat::I16 => build::<i16>(device, config.config(), ring, broken),
        SampleFormat::I32 => build::<i32>(device, config.config(), ring, broken),
        SampleFormat::F32 => build::<f32>(device, config.config(), ring, broken),
        _ => Err(AudioError::Format),
    }
}

fn speak(
    device: &cpal::Device,
    config: &SupportedStreamConfig,
    ring: Ring,
    broken: Arc<AtomicBool>,
) -> Result<cpal::Stream, AudioError> {
    fn build<T: SizedSample + FromSample<i16>>(
        device: &cpal::Device,
        config: StreamConfig,
        ring: Ring,
        broken: Arc<AtomicBool>,
    ) -> Result<cpal::Stream, AudioError> {
        device
            .build_output_stream(
                config,
                move |data: &mut [T], _: &cpal::OutputCallbackInfo| {
                    let mut ring = ring.lock();
                    let ready = ring.len().min(data.len());
                    for (place, sample) in data.iter_mut().zip(ring.drain(..ready)) {
                        *place = T::from_sample(sample);
                    }
                    drop(ring);
                    data[ready..].fill(T::EQUILIBRIUM);
                },
                move |error| {
                    broken.fetch_or(fatal(&error), Ordering::Relaxed);
                },
                None,
            )
            .map_err(refusal)
    }
    match config.sample_format() {
        SampleFormat::I16 => build::<i16>(device, config.config(), ring, broken),
        SampleFormat::I32 => build::<i32>(device, config.config(), ring, broken),
        SampleFormat::F32 => build::<f32>(device, config.config(), ring, broken),
        _ => Err(AudioError::Format),
    }
}

/// A late callback is a click; a card that is gone is the end.
fn fatal(error: &cpal::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::DeviceNotAvailable | ErrorKind::PermissionDenied
    )
}

struct OpenCard {
    _microphone: cpal::Stream,
    _speaker: cpal::Stream,
    heard: Ring,
    spoken: Ring,
    broken: Arc<AtomicBool>,
    /// Samples at 48 kHz mono that do not fill a frame yet.
    frame: VecDeque<i16>,
    channels: usize,
    out_channels: usize,
    out_rate: u32,
    inbound: Resampler,
    outbound: Resampler,
}

impl AudioStream for OpenCard {
    fn capture(&mut self, frame: &mut [i16; FRAME]) -> Result<bool, AudioError> {
        if self.broken.load(Ordering::Relaxed) {
            return Err(AudioError::Stopped);
        }
        let raw: Vec<i16> = {
            let mut ring = self.heard.lock();
            let whole = ring.len() / self.channels.max(1) * self.channels.max(1);
            ring.drain(..whole).collect()
        };
        if !raw.is_empty() {
            let mono = to_mono(&raw, self.channels);
            self.inbound.push(&mono, &mut self.frame);
        }
        if self.frame.len() < FRAME {
            return Ok(false);
        }
        for (place, sample) in frame.iter_mut().zip(self.frame.drain(..FRAME)) {
            *place = sample;
        }
        Ok(true)
    }

    fn queued(&self) -> usize {
        let samples = self.spoken.lock().len() / self.out_channels.max(1);
        samples * RATE as usize / self.out_rate.max(1) as usize
    }

    fn play(&mut self, samples: &[i16]) {
        let mut out = VecDeque::new();
        self.outbound.push(samples, &mut out);
        let spread = spread(&out.into_iter().collect::<Vec<_>>(), self.out_channels);
        self.spoken.push(spread.into_iter());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_microphone_that_is_not_there_is_said_to_be_missing() {
        let nobody = DeviceId("alsa:nessuno".to_owned());
        let got = SoundCard::named(&nobody, &nobody);
        assert_eq!(got.err(), Some(AudioError::MicrophoneMissing));
    }

    #[test]
    fn a_late_thread_loses_the_oldest_sound() {
        let ring = Ring::default();
        ring.push(vec![1i16; RING].into_iter());
        ring.push(vec![2i16; 10].into_iter());
        let kept = ring.lock();
        assert_eq!(kept.len(), RING);
        assert_eq!(kept.back(), Some(&2));
    }
}
