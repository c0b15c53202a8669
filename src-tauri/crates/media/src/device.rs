//! The cameras, microphones and speakers of this computer, and the synthetic ones.
//!
//! A synthetic device is a real, named choice: it is listed with `synthetic: true`, the screen says so, and nothing here ever
//! chooses one because a real one is missing. What is not here: opening a device to look at it (see [`crate::preview`]).

use crate::audio::{AudioError, AudioIo};
use crate::video::{VideoError, VideoSource};

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
    Devices::default()
}

/// The camera with this name, not opened yet.
pub fn camera(_id: &DeviceId) -> Result<Box<dyn VideoSource>, VideoError> {
    Err(VideoError::Missing)
}

/// The microphone and the speaker with these names, not opened yet.
pub fn sound(_microphone: &DeviceId, _speaker: &DeviceId) -> Result<Box<dyn AudioIo>, AudioError> {
    Err(AudioError::MicrophoneMissing)
}
