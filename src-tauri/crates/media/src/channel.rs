//! The data channel `postazione`: chat with receipts, the state of the devices, the notice of a picture.
//!
//! Its four messages are fixed by the page *Calls* of the region's contract. What is not here: the channel itself, which
//! the peer connection owns.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The label of the data channel.
pub const LABEL: &str = "postazione";

/// The longest chat text, in characters.
pub const MAX_CHAT_CHARACTERS: usize = 4_000;

/// One message of the data channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ChannelMessage {
    /// A line of chat.
    Chat {
        /// Identity of the line, made by its sender.
        id: Uuid,
        /// When it was written (RFC 3339).
        at: String,
        /// The text, at most [`MAX_CHAT_CHARACTERS`].
        text: String,
    },
    /// The receipt of a line of chat.
    Received {
        /// Identity of the line.
        id: Uuid,
    },
    /// Which devices of the sender are on.
    State {
        /// The microphone is open.
        audio: bool,
        /// The camera is open.
        video: bool,
    },
    /// The clinician took a picture, with consent.
    Image {
        /// When (RFC 3339).
        at: String,
    },
    /// A type of a later version: ignored.
    #[serde(other)]
    Unknown,
}
