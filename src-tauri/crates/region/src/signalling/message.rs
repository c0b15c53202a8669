//! The messages of the wire, as `CONTRACT.md` writes them.

use serde::{Deserialize, Serialize};

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
        /// Who is here already. (The ICE servers beside it carry credentials and come with the event `Open`.)
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_message_is_the_contract_s_json() {
        let cases = [
            (
                Message::Hello {
                    version: 1,
                    role: Peer::Clinician,
                },
                json!({"type": "hello", "version": 1, "role": "clinician"}),
            ),
            (
                Message::Peer {
                    role: Peer::Patient,
                    state: Presence::Joined,
                },
                json!({"type": "peer", "role": "patient", "state": "joined"}),
            ),
            (
                Message::Delay { minutes: 5 },
                json!({"type": "delay", "minutes": 5}),
            ),
            (Message::Admit, json!({"type": "admit"})),
            (
                Message::Description {
                    description: Description {
                        kind: SdpKind::Offer,
                        sdp: "v=0".into(),
                    },
                },
                json!({"type": "description", "description": {"type": "offer", "sdp": "v=0"}}),
            ),
            (
                Message::Candidate {
                    candidate: Some(Candidate {
                        candidate: "candidate:1".into(),
                        sdp_mid: Some("0".into()),
                        sdp_m_line_index: Some(0),
                    }),
                },
                json!({"type": "candidate", "candidate": {"candidate": "candidate:1", "sdpMid": "0", "sdpMLineIndex": 0}}),
            ),
            (
                Message::Candidate { candidate: None },
                json!({"type": "candidate", "candidate": null}),
            ),
            (
                Message::Restart {
                    reason: RestartReason::Dtls,
                },
                json!({"type": "restart", "reason": "dtls"}),
            ),
            (
                Message::Bye {
                    reason: ByeReason::NotDelivered,
                },
                json!({"type": "bye", "reason": "not_delivered"}),
            ),
            (Message::Ping, json!({"type": "ping"})),
            (
                Message::Error {
                    code: ErrorCode::TooLarge,
                },
                json!({"type": "error", "code": "too_large"}),
            ),
        ];
        for (message, wire) in cases {
            assert_eq!(serde_json::to_value(&message).unwrap(), wire);
            assert_eq!(serde_json::from_value::<Message>(wire).unwrap(), message);
        }
    }

    #[test]
    fn a_browser_s_candidate_with_more_fields_is_read_and_unknown_types_are_not() {
        let chrome = json!({"type": "candidate", "candidate": {"candidate": "candidate:1", "sdpMid": "0",
            "sdpMLineIndex": 0, "usernameFragment": "x"}});
        assert!(serde_json::from_value::<Message>(chrome).is_ok());
        assert!(serde_json::from_value::<Message>(json!({"type": "wave"})).is_err());
        let later = json!({"type": "error", "code": "quota"});
        assert_eq!(
            serde_json::from_value::<Message>(later).unwrap(),
            Message::Error {
                code: ErrorCode::Other
            }
        );
    }
}
