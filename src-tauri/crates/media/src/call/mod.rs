//! One call: what it is given, what it tells, what can be asked of it.
//!
//! A call keeps its devices and codecs for its whole life and builds a new peer connection as often as the network
//! demands. It starts by sending `admit`; the patient's page then offers, and this end answers (it is the impolite one of
//! RFC 8829's perfect negotiation, and takes the DTLS client role). `hello`, `ping` and `pong` are the WebSocket
//! client's own business: the call neither sends nor needs them.
//!
//! What is not here: the rules of a televisit, and anything that keeps a picture or a sound.

mod event;

pub use event::{CallEvent, CallStats, EndedBy, LinkQuality, MediaCount};

use crate::audio::AudioIo;
use crate::frame::VideoSize;
use crate::signalling::{ByeReason, IceServer, Message};
use crate::sink::FrameSink;
use crate::video::VideoSource;
use std::sync::Arc;
use tokio::sync::mpsc;
use uuid::Uuid;

/// What a call is made of.
pub struct CallConfig {
    /// The relays, from the region.
    pub ice_servers: Vec<IceServer>,
    /// The camera; `None` when the clinician has none: the call then sends no picture.
    pub video: Option<Box<dyn VideoSource>>,
    /// The microphone and the speaker.
    pub audio: Box<dyn AudioIo>,
    /// The largest picture to send.
    pub size: VideoSize,
    /// Where pictures go.
    pub sink: Arc<dyn FrameSink>,
    /// Speak over 127.0.0.1 only: for the embedded region and for tests.
    pub loopback: bool,
}

impl std::fmt::Debug for CallConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CallConfig")
            .field("ice_servers", &self.ice_servers)
            .field("size", &self.size)
            .field("loopback", &self.loopback)
            .finish_non_exhaustive()
    }
}

/// Why something asked of a call was not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// The camera cannot be opened.
    #[error(transparent)]
    Video(#[from] crate::video::VideoError),
    /// The microphone or the speaker cannot be opened.
    #[error(transparent)]
    Audio(#[from] crate::audio::AudioError),
    /// A codec cannot be started.
    #[error("a codec cannot be started")]
    Codec,
    /// A thread or a socket cannot be had from the system.
    #[error("the system refused a thread or a socket")]
    System,
    /// The call is over.
    #[error("the call is over")]
    Ended,
    /// The connection is interrupted: nothing is sent.
    #[error("the connection is interrupted")]
    Interrupted,
    /// The text is longer than the contract allows, or empty.
    #[error("the text is empty or too long")]
    Text,
    /// No picture of the other end has been seen yet.
    #[error("there is no picture yet")]
    NoPicture,
}

/// The making of calls; leaves room for an engine other than this crate's own.
pub trait CallEngine: Send + Sync {
    /// Starts a call inside a tokio runtime and returns at once.
    fn start(
        &self,
        config: CallConfig,
        incoming: mpsc::Receiver<Message>,
        outgoing: mpsc::Sender<Message>,
        events: mpsc::Sender<CallEvent>,
    ) -> Result<CallHandle, CallError>;
}

/// The engine of this crate: `webrtc`, libvpx and libopus.
#[derive(Debug, Clone, Copy, Default)]
pub struct Call;

impl Call {
    /// Starts a call inside a tokio runtime and returns at once; the devices open on their own threads.
    pub fn start(
        config: CallConfig,
        incoming: mpsc::Receiver<Message>,
        outgoing: mpsc::Sender<Message>,
        events: mpsc::Sender<CallEvent>,
    ) -> Result<CallHandle, CallError> {
        let _ = (config, incoming, outgoing, events);
        Err(CallError::System)
    }
}

impl CallEngine for Call {
    fn start(
        &self,
        config: CallConfig,
        incoming: mpsc::Receiver<Message>,
        outgoing: mpsc::Sender<Message>,
        events: mpsc::Sender<CallEvent>,
    ) -> Result<CallHandle, CallError> {
        Self::start(config, incoming, outgoing, events)
    }
}

/// A running call. Dropping it ends the call without a word to the other end; [`CallHandle::hang_up`] says good-bye first.
#[derive(Debug)]
pub struct CallHandle {}

impl CallHandle {
    /// Opens or closes the microphone; the other end is told.
    pub fn set_microphone(&self, _on: bool) {}

    /// Opens or closes the camera; the other end is told.
    pub fn set_camera(&self, _on: bool) {}

    /// Sends a line of chat; its receipt comes as [`CallEvent::ChatReceived`] with the same identity.
    pub async fn chat(&self, _text: &str) -> Result<Uuid, CallError> {
        Err(CallError::Ended)
    }

    /// The last picture of the other end at its full size, as PNG in memory. The other end is told that a picture was taken.
    pub async fn capture_picture(&self) -> Result<Vec<u8>, CallError> {
        Err(CallError::NoPicture)
    }

    /// Builds the connection anew at both ends.
    pub fn restart(&self) {}

    /// The newest statistics.
    pub fn stats(&self) -> CallStats {
        CallStats::default()
    }

    /// Says good-bye and ends the call: when it returns, every thread and socket of the call is gone.
    pub async fn hang_up(self, _reason: ByeReason) {}
}
