//! ICE servers with time-limited TURN credentials, for calls and *Verifica postazione*.
//!
//! Source: draft-uberti-behave-turn-rest-00. Not in it: the TURN measurement itself (`media`).

use jiff::Timestamp;
use secrecy::SecretString;
use serde::Deserialize;

/// One server.
#[derive(Clone, Debug, Deserialize)]
pub struct IceServer {
    /// `stun:` and `turn:` addresses.
    pub urls: Vec<String>,
    /// User name, for TURN.
    pub username: Option<String>,
    /// Credential, for TURN.
    pub credential: Option<SecretString>,
}

/// The servers and how long the credentials hold.
#[derive(Clone, Debug, Deserialize)]
pub struct IceServers {
    /// The servers.
    pub ice_servers: Vec<IceServer>,
    /// End of the credentials.
    pub expires_at: Option<Timestamp>,
}

impl crate::Region {
    /// The ICE servers for a call that begins now.
    pub async fn ice_servers(&self) -> Result<IceServers, crate::RegionError> {
        self.get_json("calls/ice").await
    }
}
