//! Signalling of a call: one WebSocket for each televisit, typed messages both ways.
//!
//! The wire JSON is the contract (`CONTRACT.md`, *Calls*); `media` has an equal type of its own, so that neither
//! crate needs the other. The connection mends itself (0.5 s doubling to 5 s) until it is dropped or the server
//! refuses it for good. Not in it: what a description means.

mod channel;
pub mod message;

use tokio::sync::mpsc;

use crate::IceServer;
pub use message::{
    ByeReason, Candidate, Description, ErrorCode, Message, Peer, Presence, RestartReason, SdpKind,
};

/// The version spoken.
pub const VERSION: u32 = 1;
/// Longest text frame.
pub const MAX_FRAME: usize = 64 * 1024;

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

/// The signalling of one televisit. Dropping it sends what waits (a *bye* above all) and closes the connection.
#[derive(Debug)]
pub struct CallChannel {
    /// Messages to send. While disconnected up to 256 wait; the server drops what is for an absent peer.
    pub outgoing: mpsc::Sender<Message>,
    /// What comes in.
    pub incoming: mpsc::Receiver<SignallingEvent>,
}
