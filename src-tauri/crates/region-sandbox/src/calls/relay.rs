//! The TURN server (RFC 8656) on loopback UDP, by the `turn` crate.
//!
//! Its users are those of [`super::ice`]. Not in it: TCP and TLS, which the crate does not offer.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::net::UdpSocket;
use turn::auth::{AuthHandler, generate_auth_key};
use turn::relay::relay_static::RelayAddressGeneratorStatic;
use turn::server::Server;
use turn::server::config::{ConnConfig, ServerConfig};
use webrtc_util::vnet::net::Net;

use crate::Region;
use crate::calls::ice;

const REALM: &str = "region-sandbox";

/// Why the TURN server did not start.
#[derive(Debug, thiserror::Error)]
pub enum RelayError {
    /// No UDP socket on loopback.
    #[error("no socket for the TURN server")]
    Socket(#[from] std::io::Error),
    /// The server refused its settings.
    #[error("the TURN server refused its settings")]
    Server(#[from] turn::Error),
}

/// A TURN server at work.
pub(super) struct Relay {
    server: Server,
    address: SocketAddr,
}

impl std::fmt::Debug for Relay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Relay")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl Relay {
    pub(super) async fn start(region: Weak<Region>) -> Result<Self, RelayError> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = socket.local_addr()?;
        let relay_addr_generator = Box::new(RelayAddressGeneratorStatic {
            relay_address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            address: Ipv4Addr::LOCALHOST.to_string(),
            net: Arc::new(Net::new(None)),
        });
        let server = Server::new(ServerConfig {
            conn_configs: vec![ConnConfig {
                conn: Arc::new(socket),
                relay_addr_generator,
            }],
            realm: REALM.to_owned(),
            auth_handler: Arc::new(Users(region)),
            // Zero means the default of RFC 8656.
            channel_bind_timeout: Duration::ZERO,
            alloc_close_notify: None,
        })
        .await?;
        Ok(Self { server, address })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) async fn close(&self) {
        // The crate waits for its readers; a stuck one must not hold up the region's end.
        let _ = tokio::time::timeout(Duration::from_secs(1), self.server.close()).await;
    }
}

/// Knows the region weakly: the region owns the server that asks it.
struct Users(Weak<Region>);

impl AuthHandler for Users {
    fn auth_handle(&self, username: &str, realm: &str, _from: SocketAddr) -> Result<Vec<u8>, turn::Error> {
        let region = self.0.upgrade().ok_or(turn::Error::ErrClosed)?;
        let password = ice::valid_password(&region, username).ok_or(turn::Error::ErrNoSuchUser)?;
        Ok(generate_auth_key(username, realm, &password))
    }
}
