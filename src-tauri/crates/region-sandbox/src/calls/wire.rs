//! The messages of the signalling channel, as types (`region/CONTRACT.md`, section Calls).
//!
//! Descriptions and candidates are carried, not understood: RFC 8829 is the business of the two ends.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The only version of the protocol so far.
pub const VERSION: u32 = 1;

/// A frame may not be longer.
pub const MAX_FRAME: usize = 64 * 1024;

/// Who someone is in a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The workstation.
    Clinician,
    /// The citizen's page.
    Patient,
    /// An invited caregiver; present, without sound or picture.
    Caregiver,
}

/// Why a televisit ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ByeReason {
    /// It came to its end.
    Ended,
    /// The person in front of the camera is not the patient.
    Identity,
    /// The link did not hold; it may go on by telephone, or here again.
    Interrupted,
    /// It did not take place.
    NotDelivered,
}

impl ByeReason {
    /// Whether nobody is expected to come back. After [`ByeReason::Interrupted`] the doctor may admit again.
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Interrupted)
    }
}

/// Why the server closes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The first message was not a `hello`, or asks for a version that is not spoken.
    Version,
    /// The invitation is not for this televisit, or not for this role.
    Token,
    /// There is no such televisit.
    Unknown,
    /// Someone else holds the place, or the same person took it from another window.
    Busy,
    /// A frame was longer than [`MAX_FRAME`].
    TooLarge,
}

/// What comes in. Unknown types become [`Incoming::Unknown`] and are ignored.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Incoming {
    /// First of all.
    Hello {
        /// The highest version that the sender speaks.
        version: u32,
        /// Who it is.
        role: Role,
    },
    /// The call begins (clinician only).
    Admit,
    /// An offer or answer.
    Description {
        /// `{"type", "sdp"}`.
        description: Value,
    },
    /// A trickled candidate; `null` ends them.
    Candidate {
        /// `RTCIceCandidateInit`.
        #[serde(default)]
        candidate: Value,
    },
    /// Both ends begin anew.
    Restart {
        /// `dtls` or `ice`.
        #[serde(default)]
        reason: Value,
    },
    /// The visit ends (clinician only).
    Bye {
        /// How.
        reason: ByeReason,
    },
    /// Are you there.
    Ping,
    /// Yes.
    Pong,
    /// Of a later version, ignored.
    #[serde(other)]
    Unknown,
}

/// What goes out.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Outgoing {
    /// The answer to `hello`.
    Welcome {
        /// The version spoken from now on.
        version: u32,
        /// As `GET /calls/ice`.
        ice_servers: Vec<Value>,
        /// Who is here already.
        peers: Vec<Role>,
    },
    /// Someone came or went.
    Peer {
        /// Who.
        role: Role,
        /// Which.
        state: Presence,
    },
    /// The doctor is late.
    Delay {
        /// By so many minutes.
        minutes: u32,
    },
    /// The call begins.
    Admit,
    /// An offer or answer of the other end.
    Description {
        /// As it came.
        description: Value,
    },
    /// A candidate of the other end.
    Candidate {
        /// As it came.
        candidate: Value,
    },
    /// Begin anew.
    Restart {
        /// As it came.
        reason: Value,
    },
    /// The visit ended.
    Bye {
        /// How.
        reason: ByeReason,
    },
    /// Are you there.
    Ping,
    /// Yes.
    Pong,
    /// The server closes after this.
    Error {
        /// Why.
        code: ErrorCode,
    },
}

/// Of a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// Came.
    Joined,
    /// Went.
    Left,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_types_are_ignored_and_foreign_json_is_no_panic() {
        let later: Incoming = serde_json::from_str(r#"{"type":"hologram","depth":3}"#).expect("unknown type");
        assert_eq!(later, Incoming::Unknown);
        for text in [
            "",
            "[]",
            "null",
            "{}",
            r#"{"type":7}"#,
            r#"{"type":"hello","version":-1,"role":"patient"}"#,
        ] {
            assert!(
                serde_json::from_str::<Incoming>(text).is_err(),
                "{text} is not a message"
            );
        }
    }

    #[test]
    fn a_missing_candidate_is_the_end_of_candidates() {
        let end: Incoming = serde_json::from_str(r#"{"type":"candidate","candidate":null}"#).expect("end");
        assert_eq!(
            end,
            Incoming::Candidate {
                candidate: Value::Null
            }
        );
    }

    #[test]
    fn words_on_the_wire_are_those_of_the_contract() {
        let welcome = Outgoing::Welcome {
            version: 1,
            ice_servers: vec![],
            peers: vec![Role::Patient],
        };
        let text = serde_json::to_string(&welcome).expect("json");
        assert_eq!(
            text,
            r#"{"type":"welcome","version":1,"ice_servers":[],"peers":["patient"]}"#
        );
        let bye = serde_json::to_string(&Outgoing::Bye {
            reason: ByeReason::NotDelivered,
        })
        .expect("json");
        assert_eq!(bye, r#"{"type":"bye","reason":"not_delivered"}"#);
        let error = serde_json::to_string(&Outgoing::Error {
            code: ErrorCode::TooLarge,
        })
        .expect("json");
        assert_eq!(error, r#"{"type":"error","code":"too_large"}"#);
    }
}
