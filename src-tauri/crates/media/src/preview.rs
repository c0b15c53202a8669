//! Looking at oneself before the call: pictures of the chosen camera and the level of the chosen microphone.
//!
//! What is not here: any network, and any judgement of whether the station is fit (see [`crate::check`]).

use crate::audio::{AudioError, AudioIo};
use crate::sink::FrameSink;
use crate::video::{VideoError, VideoSource};
use std::sync::Arc;

/// A preview that runs until it is dropped.
#[derive(Debug)]
pub struct Preview {}

/// What a preview knows at this moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PreviewState {
    /// Pictures so far.
    pub pictures: u64,
    /// Why there are none, when the camera failed.
    pub video: Option<VideoError>,
    /// Level of the microphone over the last 100 ms, in dBFS.
    pub level_dbfs: f32,
    /// Why there is no level, when the microphone failed.
    pub audio: Option<AudioError>,
}

impl Preview {
    /// Opens the devices on threads of their own; pictures go to [`FrameSink::self_view`].
    pub fn start(
        _video: Option<Box<dyn VideoSource>>,
        _audio: Option<Box<dyn AudioIo>>,
        _sink: Arc<dyn FrameSink>,
    ) -> Self {
        Self {}
    }

    /// What is known now.
    pub fn state(&self) -> PreviewState {
        PreviewState {
            pictures: 0,
            video: None,
            level_dbfs: crate::audio::SILENCE,
            audio: None,
        }
    }
}
