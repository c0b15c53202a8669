//! The cameras, microphones and speakers of this computer, and the synthetic ones.
//!
//! A synthetic device is a real, named choice: it is listed with `synthetic: true`, the screen says so, and nothing here ever
//! chooses one because a real one is missing. What is not here: opening a device to look at it (see [`crate::preview`]).

use crate::audio::{AudioError, AudioIo, METER_NAME, SoundCard, SyntheticAudio, TONE_NAME};
use crate::video::pattern::{self, TestPattern};
use crate::video::{Camera, VideoError, VideoSource};

/// What a device is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeviceKind {
    /// Gives pictures.
    Camera,
    /// Gives sound.
    Microphone,
    /// Plays sound.
    Speaker,
}

/// Names a device across calls and restarts, as far as the system lets it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DeviceId(pub String);

impl DeviceId {
    /// The test pattern with a clock and a frame number.
    pub const PATTERN: &str = "synthetic:pattern";
    /// The tone microphone.
    pub const TONE: &str = "synthetic:tone";
    /// The speaker that measures and plays nothing.
    pub const METER: &str = "synthetic:meter";
}

/// One device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// What names it.
    pub id: DeviceId,
    /// What it is for.
    pub kind: DeviceKind,
    /// The name that the system gives it, or the Italian name of a synthetic one.
    pub name: String,
    /// It is not a piece of hardware.
    pub synthetic: bool,
    /// The system prefers it. Never set on a synthetic one.
    pub preferred: bool,
}

/// All devices, real ones first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Devices {
    /// Cameras.
    pub cameras: Vec<Device>,
    /// Microphones.
    pub microphones: Vec<Device>,
    /// Speakers and headphones.
    pub speakers: Vec<Device>,
}

/// Lists the devices. It asks the system each time, and may take some hundred milliseconds: call it off the window's thread.
pub fn devices() -> Devices {
    let (mut microphones, mut speakers) = SoundCard::list();
    let mut cameras = Camera::list();
    let synthetic = |id: &str, kind, name: &str| Device {
        id: DeviceId(id.to_owned()),
        kind,
        name: name.to_owned(),
        synthetic: true,
        preferred: false,
    };
    cameras.push(synthetic(DeviceId::PATTERN, DeviceKind::Camera, pattern::NAME));
    microphones.push(synthetic(DeviceId::TONE, DeviceKind::Microphone, TONE_NAME));
    speakers.push(synthetic(DeviceId::METER, DeviceKind::Speaker, METER_NAME));
    Devices {
        cameras,
        microphones,
        speakers,
    }
}

/// The camera with this name, not opened yet.
pub fn camera(id: &DeviceId) -> Result<Box<dyn VideoSource>, VideoError> {
    if id.0 == DeviceId::PATTERN {
        return Ok(Box::new(TestPattern));
    }
    Ok(Box::new(Camera::named(id)?))
}

/// The microphone and the speaker with these names, not opened yet.
///
/// Both are real or both are synthetic: a tone played to a patient through a real speaker helps nobody, and a real microphone beside a
/// speaker that plays nothing is a fault to be seen, not hidden.
pub fn sound(microphone: &DeviceId, speaker: &DeviceId) -> Result<Box<dyn AudioIo>, AudioError> {
    match (microphone.0 == DeviceId::TONE, speaker.0 == DeviceId::METER) {
        (true, true) => Ok(Box::new(SyntheticAudio::tone())),
        (false, false) => Ok(Box::new(SoundCard::named(microphone, speaker)?)),
        (true, false) => Err(AudioError::MicrophoneMissing),
        (false, true) => Err(AudioError::SpeakerMissing),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn synthetic_devices_are_last_named_and_never_preferred() {
        let devices = devices();
        for list in [&devices.cameras, &devices.microphones, &devices.speakers] {
            let last = list.last().unwrap();
            assert!(last.synthetic && !last.preferred);
            assert!(last.name.contains("sintetic"), "{}", last.name);
            assert_eq!(list.iter().filter(|device| device.synthetic).count(), 1);
        }
        assert!(camera(&devices.cameras.last().unwrap().id).unwrap().synthetic());
        let (microphone, speaker) = (
            devices.microphones.last().unwrap(),
            devices.speakers.last().unwrap(),
        );
        assert!(sound(&microphone.id, &speaker.id).unwrap().synthetic());
    }

    #[test]
    fn a_missing_device_is_never_replaced_by_a_synthetic_one() {
        let nobody = DeviceId("camera:assente".to_owned());
        assert_eq!(camera(&nobody).err(), Some(VideoError::Missing));
        assert!(sound(&nobody, &nobody).is_err());
        assert!(sound(&nobody, &DeviceId(DeviceId::METER.to_owned())).is_err());
    }
}
