//! Signalling and TURN of the calls (`R/calls`): who is in the room of a televisit, and the words they exchange.
//!
//! The wire is `region/CONTRACT.md`, section Calls. Sound and pictures never pass through here: browsers and the
//! workstation speak to each other, or through [`relay`] where a network lets nothing else pass. Not in it: what the
//! words of a description mean, and any record of a call (none is kept, only who was admitted and how it ended).
//!
//! [`socket`] one connection, [`room`] who sits where, [`wire`] the messages, [`attendance`] what the agenda shows,
//! [`delay`] *Avvisa del ritardo*, [`ledger`] what a restart must not forget, [`invitation`] the citizen's token,
//! [`ice`] time-limited credentials, [`relay`] the TURN server.

pub mod attendance;
mod delay;
pub mod ice;
pub mod invitation;
mod ledger;
mod relay;
mod room;
mod socket;
pub mod wire;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use axum::Router;
use axum::routing::get;

use crate::Shared;

pub use invitation::Guest;
pub use relay::RelayError;

use ledger::Ledger;
use room::Room;

/// Routes under `/calls`.
pub fn router() -> Router<Shared> {
    Router::new()
        .route("/ice", get(ice::servers))
        .route("/{appointment}/ws", get(socket::join))
}

/// The rooms of a region, its TURN server, and what of them outlives a restart.
#[derive(Debug)]
pub struct Calls {
    rooms: Mutex<HashMap<String, Room>>,
    ledger: Ledger,
    relay: OnceLock<relay::Relay>,
}

impl Calls {
    /// Rooms as the ledger in `data_dir` left them: empty of people, but admitted where a call had not ended.
    pub(crate) fn open(data_dir: &Path) -> Self {
        let ledger = Ledger::open(data_dir);
        let rooms = ledger
            .calls()
            .into_iter()
            .map(|(id, call)| (id, Room::resumed(call)))
            .collect();
        Self {
            rooms: Mutex::new(rooms),
            ledger,
            relay: OnceLock::new(),
        }
    }

    /// Where the TURN server listens, when it runs.
    pub fn relay_address(&self) -> Option<SocketAddr> {
        self.relay.get().map(relay::Relay::address)
    }

    /// Sends everyone home and stops the TURN server.
    pub(crate) async fn close(&self) {
        self.rooms().clear();
        if let Some(relay) = self.relay.get() {
            relay.close().await;
        }
    }

    fn rooms(&self) -> MutexGuard<'_, HashMap<String, Room>> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Starts what works by itself: the TURN server, the notices of delay; and takes back *In sala d'attesa* from those
/// who were waiting when the region stopped and are not connected any more.
pub(crate) async fn start(region: &Shared, turn: bool) -> Result<(), RelayError> {
    for appointment in region.calls.ledger.waiting() {
        attendance::left(region, &appointment);
        region.calls.ledger.set_waiting(&appointment, false);
    }
    if turn {
        let relay = relay::Relay::start(Arc::downgrade(region)).await?;
        let _ = region.calls.relay.set(relay);
    }
    tokio::spawn(delay::watch(Arc::downgrade(region), region.changes()));
    Ok(())
}
