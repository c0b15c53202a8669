//! The state that every part of the region shares.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::broadcast;

use crate::calls::Calls;
use crate::clock::Clock;
use crate::database::Database;
use crate::events::Changed;
use crate::faults::Faults;
use crate::fhir::Store;
use crate::login::{SigningKey, Tokens};
use crate::uploads::{Shelf, UploadState};

/// The region, shared by its handlers.
pub type Shared = Arc<Region>;

/// Everything that a handler of the region may need. Cheap to reach, one for each server.
#[derive(Debug)]
pub struct Region {
    /// FHIR resources and Binary contents.
    pub store: Store,
    /// `http://127.0.0.1:<port>`, without a slash at the end.
    pub base_url: String,
    /// The region's time. Never call `Timestamp::now()` elsewhere.
    pub clock: Arc<Clock>,
    /// The rooms of the televisits.
    pub calls: Calls,
    /// The switches that make it fail.
    pub faults: Faults,
    /// A FHIR store that stands elsewhere, without a slash at the end.
    pub(crate) fhir_elsewhere: Option<String>,
    pub(crate) client: reqwest::Client,
    pub(crate) uploads: Shelf,
    pub(crate) database: Arc<Database>,
    pub(crate) tokens: Tokens,
    pub(crate) signing_key: SigningKey,
    pub(crate) data_dir: PathBuf,
    pub(crate) secret: [u8; 32],
}

impl Region {
    /// Changes of resources from now on. Every write of [`Region::store`] is told here.
    pub fn changes(&self) -> broadcast::Receiver<Changed> {
        self.store.changes()
    }

    /// The resumable uploads, begun and finished.
    pub fn uploads(&self) -> Vec<UploadState> {
        self.uploads.all()
    }

    /// A secret of this data directory, kept across restarts: for invitations and TURN credentials.
    pub fn secret(&self) -> &[u8; 32] {
        &self.secret
    }

    /// Where the region keeps its files.
    pub fn data_dir(&self) -> &Path {
        &self.data_dir
    }
}
