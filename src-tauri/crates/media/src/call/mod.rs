//! One call: what it is given, what it tells, what can be asked of it.
//!
//! A call keeps its devices and codecs for its whole life and builds a new peer connection as often as the network
//! demands. It starts by sending `admit`; the patient's page then offers, and this end answers (it is the impolite one of
//! RFC 8829's perfect negotiation, and takes the DTLS client role). `hello`, `ping` and `pong` are the WebSocket
//! client's own business: the call neither sends nor needs them.
//!
//! What is not here: the rules of a televisit, and anything that keeps a picture or a sound.

mod assembly;
mod chat;
pub(crate) mod engine;
mod event;
mod keyframes;
mod link;
mod picture;
mod rate;
mod receive;
mod send;
mod session;
mod shared;
mod statistics;
mod workers;

pub use event::{CallEvent, CallStats, EndedBy, LinkQuality, MediaCount};

use crate::audio::AudioIo;
use crate::frame::VideoSize;
use crate::signalling::{ByeReason, IceServer, Message};
use crate::sink::FrameSink;
use crate::video::VideoSource;
use session::{Command, Ears, Session};
use shared::Shared;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};
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
        let shared = Arc::new(Shared::new(config.size, config.sink));
        shared.camera.store(config.video.is_some(), Ordering::Relaxed);
        // Two pictures may wait for the network; then the encoder waits, and the camera's pictures are skipped.
        let (encoded_in, encoded_out) = mpsc::channel(2);
        let (spoken_in, spoken_out) = mpsc::channel(16);
        // Two seconds of arriving pictures: a computer that stood still for a moment catches up without a new keyframe.
        let (decode_in, decode_out) = std::sync::mpsc::sync_channel(64);
        let (play_in, play_out) = std::sync::mpsc::sync_channel(64);
        let (reports_in, reports) = mpsc::unbounded_channel();
        let threads = workers::start(
            &shared,
            config.video,
            config.audio,
            workers::Queues {
                encoded: encoded_in,
                spoken: spoken_in,
                decode: decode_out,
                play: play_out,
                reports: reports_in,
            },
        )
        .map_err(|_| CallError::System)?;
        let (current, in_use) = watch::channel(None);
        let (commands, commands_out) = mpsc::unbounded_channel();
        let (news, news_out) = mpsc::unbounded_channel();
        let (say, said) = mpsc::unbounded_channel();
        let (tell, told) = mpsc::unbounded_channel();
        let stats = Arc::new(Mutex::new(CallStats::default()));
        let session = Session {
            shared: shared.clone(),
            ground: link::Ground {
                shared: shared.clone(),
                decode: decode_in,
                play: play_in,
                news,
                ice_servers: config.ice_servers,
                loopback: config.loopback,
            },
            current,
            outgoing: say,
            events: tell,
            stats: stats.clone(),
            link: None,
            number: 0,
            channel: None,
            chats: chat::Chats::default(),
            phase: session::Phase::Waiting,
            progress: session::Progress::default(),
            retry: session::Retry::default(),
            meter: statistics::Meter::new(),
        };
        let ears = Ears {
            incoming,
            commands: commands_out,
            news: news_out,
            reports,
        };
        tokio::spawn(session::pump(shared.clone(), in_use, encoded_out, spoken_out));
        let tasks = vec![
            tokio::spawn(session.run(ears)),
            tokio::spawn(forward(said, outgoing)),
            tokio::spawn(forward(told, events)),
        ];
        Ok(CallHandle {
            shared,
            commands,
            stats,
            threads,
            tasks,
        })
    }
}

/// Carries what the session says to whoever listens, so that a slow listener never stops the session.
async fn forward<T>(mut from: mpsc::UnboundedReceiver<T>, to: mpsc::Sender<T>) {
    while let Some(item) = from.recv().await {
        if to.send(item).await.is_err() {
            return;
        }
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
pub struct CallHandle {
    shared: Arc<Shared>,
    commands: mpsc::UnboundedSender<Command>,
    stats: Arc<Mutex<CallStats>>,
    threads: Vec<JoinHandle<()>>,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

impl std::fmt::Debug for CallHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CallHandle").finish_non_exhaustive()
    }
}

impl CallHandle {
    /// Opens or closes the microphone; the other end is told.
    pub fn set_microphone(&self, on: bool) {
        self.shared.microphone.store(on, Ordering::Relaxed);
        self.order(Command::State);
    }

    /// Opens or closes the camera; the other end is told. A closed camera is released, and its light goes out.
    pub fn set_camera(&self, on: bool) {
        self.shared.camera.store(on, Ordering::Relaxed);
        self.order(Command::State);
    }

    /// Sends a line of chat; its receipt comes as [`CallEvent::ChatReceived`] with the same identity.
    pub async fn chat(&self, text: &str) -> Result<Uuid, CallError> {
        let length = text.chars().count();
        if text.trim().is_empty() || length > crate::channel::MAX_CHAT_CHARACTERS {
            return Err(CallError::Text);
        }
        let (reply, answer) = oneshot::channel();
        self.order(Command::Chat {
            text: text.to_owned(),
            reply,
        });
        answer.await.unwrap_or(Err(CallError::Ended))
    }

    /// The last picture of the other end at its full size, as PNG in memory. The other end is told that a picture was taken.
    ///
    /// Refused while the connection is interrupted: a picture from before is not what the clinician sees.
    pub async fn capture_picture(&self) -> Result<Vec<u8>, CallError> {
        if self.commands.is_closed() {
            return Err(CallError::Ended);
        }
        if !self.shared.is(&self.shared.sending) {
            return Err(CallError::Interrupted);
        }
        let frame = self.shared.last_remote().clone().ok_or(CallError::NoPicture)?;
        let png = tokio::task::spawn_blocking(move || picture::png(&frame)).await;
        let png = png.ok().flatten().ok_or(CallError::NoPicture)?;
        self.order(Command::Taken);
        Ok(png)
    }

    /// Builds the connection anew at both ends.
    pub fn restart(&self) {
        self.order(Command::Restart);
    }

    /// The newest statistics.
    pub fn stats(&self) -> CallStats {
        *self.stats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says good-bye and ends the call: when it returns, every thread and socket of the call is gone.
    pub async fn hang_up(mut self, reason: ByeReason) {
        self.order(Command::HangUp(reason));
        let limit = Duration::from_secs(2);
        for mut task in self.tasks.drain(..) {
            // A listener that does not listen must not hold the call.
            if tokio::time::timeout(limit, &mut task).await.is_err() {
                task.abort();
            }
        }
        self.shared.stop.store(true, Ordering::Relaxed);
        let threads = std::mem::take(&mut self.threads);
        let joined =
            tokio::task::spawn_blocking(move || threads.into_iter().for_each(|thread| drop(thread.join())));
        // Each looks at the flag ten times a second.
        let _ = joined.await;
    }

    fn order(&self, command: Command) {
        // A call that is over obeys no more.
        let _ = self.commands.send(command);
    }
}

impl Drop for CallHandle {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Relaxed);
    }
}
