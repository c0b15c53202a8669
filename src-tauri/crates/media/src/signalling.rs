//! The words that the two ends of a call exchange over the region's WebSocket.
//!
//! They are defined here because the call and the WebSocket client both need them; their meaning is fixed by the page
//! *Calls* of the region's contract (`src-tauri/crates/region/CONTRACT.md`). This module opens no connection: a call is
//! given one receiver and one sender of [`Message`].

use serde::{Deserialize, Serialize};

/// The version of the signalling that this program speaks.
pub const VERSION: u32 = 1;

/// The largest text frame of the signalling, in bytes.
pub const MAX_FRAME_BYTES: usize = 64 * 1024;

/// Who is at one end of the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The workstation.
    Clinician,
    /// The citizen's page.
    Patient,
    /// An invited caregiver's page.
    Caregiver,
}

/// Whether a peer came or went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PeerState {
    /// The peer opened its WebSocket.
    Joined,
    /// The peer's WebSocket is gone.
    Left,
}

/// Offer or answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DescriptionKind {
    /// The patient's page proposes.
    Offer,
    /// The workstation accepts.
    Answer,
}

/// A session description (RFC 8829, `RTCSessionDescription` in a browser).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Description {
    /// Offer or answer.
    #[serde(rename = "type")]
    pub kind: DescriptionKind,
    /// The description as text (RFC 8866).
    pub sdp: String,
}

/// A trickled candidate (RFC 8838, `RTCIceCandidateInit` in a browser).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// The candidate line; empty marks the end of a generation.
    pub candidate: String,
    /// Which media section it belongs to, by name.
    #[serde(rename = "sdpMid", default)]
    pub sdp_mid: Option<String>,
    /// Which media section it belongs to, by position.
    #[serde(rename = "sdpMLineIndex", default)]
    pub sdp_m_line_index: Option<u16>,
    /// The generation of ICE that it belongs to.
    #[serde(rename = "usernameFragment", default, skip_serializing_if = "Option::is_none")]
    pub username_fragment: Option<String>,
}

/// Why both ends build the connection anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RestartReason {
    /// The DTLS handshake did not end in time.
    Dtls,
    /// ICE lost its path.
    Ice,
}

/// Why a call ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ByeReason {
    /// The visit is over.
    Ended,
    /// The person in front of the camera is not the patient.
    Identity,
    /// The visit was broken off.
    Interrupted,
    /// The visit was not held.
    NotDelivered,
}

/// What the server refuses, before it closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// No version in common.
    Version,
    /// The token is missing, wrong or expired.
    Token,
    /// There is no such appointment.
    Unknown,
    /// Another workstation is in this call.
    Busy,
    /// A frame above [`MAX_FRAME_BYTES`].
    TooLarge,
    /// A code of a later version.
    #[serde(other)]
    Other,
}

/// A STUN or TURN server, as the region hands it out with time-limited credentials.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IceServer {
    /// `stun:` and `turn:` addresses (RFC 7064, RFC 7065).
    pub urls: Vec<String>,
    /// `<expiry>:<user>`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The keyed hash of the user name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<String>,
}

impl std::fmt::Debug for IceServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The credential opens the relay to whoever holds it: it never reaches a log.
        f.debug_struct("IceServer")
            .field("urls", &self.urls)
            .finish_non_exhaustive()
    }
}

/// One JSON object of the signalling.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Message {
    /// The first message of both ends.
    Hello {
        /// The highest version spoken.
        version: u32,
        /// Who speaks.
        role: Role,
    },
    /// The server's answer to `hello`.
    Welcome {
        /// The version that holds from here on.
        version: u32,
        /// The relays of this call.
        #[serde(default)]
        ice_servers: Vec<IceServer>,
        /// Who is here already.
        #[serde(default)]
        peers: Vec<Role>,
    },
    /// Somebody came or went.
    Peer {
        /// Who.
        role: Role,
        /// Came or went.
        state: PeerState,
    },
    /// The clinician is late; for the patient.
    Delay {
        /// By how many minutes.
        minutes: u32,
    },
    /// The call begins: the patient's page makes the offer.
    Admit,
    /// An offer or an answer.
    Description {
        /// The description itself.
        description: Description,
    },
    /// One trickled candidate; `null` when there are no more.
    Candidate {
        /// The candidate itself.
        candidate: Option<Candidate>,
    },
    /// Both ends drop their peer connection, and the patient's page offers anew.
    Restart {
        /// What went wrong.
        reason: RestartReason,
    },
    /// The visit ends.
    Bye {
        /// Why.
        reason: ByeReason,
    },
    /// Sign of life.
    Ping,
    /// Answer to the sign of life.
    Pong,
    /// A refusal of the server.
    Error {
        /// What it refuses.
        code: ErrorCode,
    },
    /// A type of a later version: ignored.
    #[serde(other)]
    Unknown,
}
