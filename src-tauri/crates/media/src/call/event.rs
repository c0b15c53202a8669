//! What a call tells the rest of the program while it runs.

use crate::audio::AudioError;
use crate::signalling::{ByeReason, PeerState, Role};
use crate::video::VideoError;
use jiff::Timestamp;
use std::time::Duration;
use uuid::Uuid;

/// Who ended a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndedBy {
    /// This end.
    Us,
    /// The other end, or the region.
    Them,
}

/// One event of a call.
#[derive(Debug, Clone, PartialEq)]
pub enum CallEvent {
    /// The call has begun and waits for the other end.
    Connecting,
    /// Sound and picture flow for the first time.
    Connected {
        /// From the offer to the first decoded picture; `None` when the other end sends none (its camera is off).
        first_picture_ms: Option<u64>,
    },
    /// Somebody joined or left the room of the call (the WebSocket, not the media).
    Presence {
        /// Who.
        role: Role,
        /// Came or went.
        state: PeerState,
    },
    /// Which devices of the other end are on.
    RemoteState {
        /// Its microphone is open.
        audio: bool,
        /// Its camera is open.
        video: bool,
    },
    /// A line of chat arrived. Its receipt has been sent.
    Chat {
        /// Identity, made by the other end.
        id: Uuid,
        /// When it arrived here: the other end's clock is not trusted.
        at: Timestamp,
        /// The text.
        text: String,
    },
    /// The other end has received a line of ours.
    ChatReceived {
        /// Which.
        id: Uuid,
    },
    /// A camera failed; the call goes on without its picture.
    CameraFailed(VideoError),
    /// The microphone or the speaker failed; the call goes on without sound.
    SoundFailed(AudioError),
    /// The connection is gone and is being rebuilt; nothing is sent meanwhile.
    Interrupted {
        /// Since when.
        since: Timestamp,
    },
    /// The connection is back.
    Resumed {
        /// How long it was gone.
        after: Duration,
    },
    /// Every second.
    Stats(CallStats),
    /// The last event.
    Ended {
        /// Who ended it.
        by: EndedBy,
        /// Why.
        reason: ByeReason,
    },
}

/// The link in one word, for the screen and for the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum LinkQuality {
    /// No connection.
    #[default]
    Lost,
    /// Suffers: loss of 8 % and above, or a round trip of 400 ms and above, or a picture that stands.
    Poor,
    /// Usable: loss of 2 % and above, or a round trip of 200 ms and above, or fewer than 15 pictures a second.
    Fair,
    /// Nothing to remark.
    Good,
}

impl LinkQuality {
    /// Bars to light, of four.
    pub const fn bars(self) -> u8 {
        match self {
            Self::Lost => 0,
            Self::Poor => 1,
            Self::Fair => 3,
            Self::Good => 4,
        }
    }
}

/// Counters of one call, over all its connections.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct MediaCount {
    /// Pictures encoded and handed to the network.
    pub video_sent: u64,
    /// Pictures whose packets all arrived.
    pub video_received: u64,
    /// Pictures decoded.
    pub video_decoded: u64,
    /// Pictures decoded that a stamp of [`crate::stamp`] could be read from.
    pub video_stamped: u64,
    /// Sound packets sent.
    pub audio_packets_sent: u64,
    /// Sound packets received.
    pub audio_packets_received: u64,
}

/// Statistics of the last second.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct CallStats {
    /// Round trip, once known.
    pub round_trip_ms: Option<u32>,
    /// Packets that the other end lost of ours, in hundredths of the last second's.
    pub loss_sent_percent: f32,
    /// Packets of the other end that did not arrive, in hundredths.
    pub loss_received_percent: f32,
    /// Bits sent a second.
    pub sent_bps: u64,
    /// Bits received a second.
    pub received_bps: u64,
    /// Pictures sent a second.
    pub fps_sent: f32,
    /// Pictures decoded a second.
    pub fps_received: f32,
    /// Size of the last decoded picture.
    pub received_size: (u32, u32),
    /// Height of the picture that we send now; 0 when only sound is sent.
    pub sent_height: u32,
    /// What the link is thought to bear, in bits a second.
    pub target_bps: u64,
    /// Level of our microphone, in dBFS.
    pub microphone_dbfs: f32,
    /// Level of the sound that arrives, in dBFS.
    pub remote_dbfs: f32,
    /// The link in one word.
    pub quality: LinkQuality,
    /// Connections built so far; above 1 means that the call was interrupted.
    pub connections: u32,
    /// Counters since the call began.
    pub count: MediaCount,
}
