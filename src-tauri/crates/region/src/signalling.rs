//! Signalling of a call: one WebSocket for each televisit, typed messages both ways.
//!
//! The wire JSON is the contract (`CONTRACT.md`, *Calls*); `media` has an equal type of its own, so that neither
//! crate needs the other. The connection mends itself (0.5 s doubling to 5 s) until it is dropped or the server
//! refuses it for good. Not in it: what a description means.

use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

use crate::IceServer;

/// The version spoken.
pub const VERSION: u32 = 1;
/// Longest text frame.
pub const MAX_FRAME: usize = 64 * 1024;

/// Who is at an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Peer {
    /// The workstation.
    Clinician,
    /// The citizen's page.
    Patient,
    /// An invited caregiver's page.
    Caregiver,
}

/// Coming or going.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// Joined.
    Joined,
    /// Left.
    Left,
}

/// Offer or answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SdpKind {
    /// Offer.
    Offer,
    /// Answer.
    Answer,
}

/// A session description.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Description {
    /// Offer or answer.
    #[serde(rename = "type")]
    pub kind: SdpKind,
    /// The SDP.
    pub sdp: String,
}

/// A trickled candidate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Candidate {
    /// `candidate:…`
    pub candidate: String,
    /// Media section.
    #[serde(default)]
    pub sdp_mid: Option<String>,
    /// Its index.
    #[serde(default)]
    pub sdp_m_line_index: Option<u16>,
}

/// Why both ends rebuild.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RestartReason {
    /// The DTLS handshake hung.
    Dtls,
    /// No path.
    Ice,
}

/// Why the visit ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ByeReason {
    /// Regular end.
    Ended,
    /// Identity not confirmed.
    Identity,
    /// Interrupted.
    Interrupted,
    /// Not delivered.
    NotDelivered,
}

/// Why the server closes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// No common version.
    Version,
    /// Token refused.
    Token,
    /// No such televisit.
    Unknown,
    /// The place is taken.
    Busy,
    /// A frame was too large.
    TooLarge,
    /// A code of a later version.
    #[serde(other)]
    Other,
}

/// Messages of the wire. Unknown types are skipped when reading.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Message {
    /// First message of each end.
    Hello {
        /// Highest version spoken.
        version: u32,
        /// Who.
        role: Peer,
    },
    /// The server's answer.
    Welcome {
        /// Version agreed.
        version: u32,
        /// ICE servers, as [`IceServer`] reads them; kept out of here because they carry credentials.
        #[serde(default)]
        peers: Vec<Peer>,
    },
    /// Presence of a peer.
    Peer {
        /// Who.
        role: Peer,
        /// Coming or going.
        state: Presence,
    },
    /// Notice of delay, server to patient.
    Delay {
        /// Minutes.
        minutes: u32,
    },
    /// The clinician begins the call.
    Admit,
    /// Session description.
    Description {
        /// It.
        description: Description,
    },
    /// ICE candidate; `None` when there are no more.
    Candidate {
        /// It.
        candidate: Option<Candidate>,
    },
    /// Both ends rebuild.
    Restart {
        /// Why.
        reason: RestartReason,
    },
    /// The visit ends.
    Bye {
        /// Why.
        reason: ByeReason,
    },
    /// Keep-alive.
    Ping,
    /// Its answer.
    Pong,
    /// The server closes.
    Error {
        /// Why.
        code: ErrorCode,
    },
}

/// What comes out of a channel.
#[derive(Clone, Debug)]
pub enum SignallingEvent {
    /// Connected and greeted: version, ICE servers, who is there.
    Open {
        /// ICE servers of this call.
        ice_servers: Vec<IceServer>,
        /// Who is there already.
        peers: Vec<Peer>,
    },
    /// A message of the other end, or presence.
    Message(Message),
    /// The connection was lost; reconnection goes on.
    Lost,
    /// Refused for good: no reconnection.
    Refused(ErrorCode),
    /// The access ended: log in again, then connect again.
    Unauthorised,
}

/// The signalling of one televisit. Dropping it closes the connection.
#[derive(Debug)]
pub struct CallChannel {
    /// Messages to send; dropped by the server when the other end is away. Kept while disconnected, up to 256.
    pub outgoing: mpsc::Sender<Message>,
    /// What comes in.
    pub incoming: mpsc::Receiver<SignallingEvent>,
    pub(crate) task: tokio::task::JoinHandle<()>,
}

impl Drop for CallChannel {
    fn drop(&mut self) {
        self.task.abort();
    }
}
