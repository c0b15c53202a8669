//! The state that every part of the region shares.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::broadcast;

use crate::auth::Caller;
use crate::calls::Calls;
use crate::clock::Clock;
use crate::events::Changed;
use crate::fhir::Store;

/// The region, shared by its handlers.
pub type Shared = Arc<Region>;

/// Everything that a handler of the region may need. Cheap to reach, one for each server.
#[derive(Debug)]
pub struct Region {
    /// FHIR resources, Binary contents and the region's own tables.
    pub store: Store,
    /// `http://127.0.0.1:<port>`, without a slash at the end.
    pub base_url: String,
    /// The region's time. Never call `Timestamp::now()` elsewhere.
    pub clock: Clock,
    /// The rooms of the televisits.
    pub calls: Calls,
    data_dir: PathBuf,
    secret: [u8; 32],
}

impl Region {
    pub(crate) fn new(store: Store, base_url: String, clock: Clock, data_dir: PathBuf, secret: [u8; 32]) -> Self {
        let calls = Calls::open(&data_dir);
        Self { store, base_url, clock, calls, data_dir, secret }
    }

    /// Changes of resources from now on. Every write of [`Region::store`] is told here.
    pub fn changes(&self) -> broadcast::Receiver<Changed> {
        self.store.changes()
    }

    /// A secret of this data directory, kept across restarts: for invitations and TURN credentials.
    pub fn secret(&self) -> &[u8; 32] {
        &self.secret
    }

    /// Where the region keeps its files.
    pub fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    pub(crate) fn access_token(&self, _token: &str) -> Option<Caller> {
        None
    }
}
