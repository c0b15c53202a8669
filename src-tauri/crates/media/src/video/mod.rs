//! Where pictures come from: a camera, or the test pattern.
//!
//! The trait has two halves because a camera's handle may not change threads on every system: a [`VideoSource`] can be
//! sent to the capturing thread, which opens it there into a [`VideoStream`]. What is not here: encoding.

use crate::frame::{I420Frame, VideoSize};

mod camera;
pub mod pattern;
pub(crate) mod scale;

pub use camera::Camera;

/// Why there is no picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VideoError {
    /// No camera has this name any more.
    #[error("the camera is not there")]
    Missing,
    /// The system, or the person, does not let this program use it.
    #[error("the camera may not be used")]
    Forbidden,
    /// Another program holds it.
    #[error("the camera is in use by another program")]
    Busy,
    /// It gave a picture in a form that is not understood.
    #[error("the camera's picture format is not supported")]
    Format,
    /// It stopped giving pictures.
    #[error("the camera stopped")]
    Stopped,
}

/// A camera, chosen and not yet opened.
pub trait VideoSource: Send {
    /// The name shown on screen.
    fn name(&self) -> &str;
    /// It is not a piece of hardware.
    fn synthetic(&self) -> bool;
    /// Opens it on the calling thread, as close to `size` as it can.
    fn open(&self, size: VideoSize) -> Result<Box<dyn VideoStream>, VideoError>;
}

/// An open camera. It closes when it is dropped.
pub trait VideoStream {
    /// Waits for the next picture.
    fn next(&mut self) -> Result<I420Frame, VideoError>;
}
