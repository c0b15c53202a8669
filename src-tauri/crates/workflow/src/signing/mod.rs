//! How the person at the desk signs: the devices of this PC, the remote signature, and the levels of what is signed.
//!
//! Not in it: what is signed and when (`report`), the signature itself (the crate `signing`).

mod level;
mod remote;
mod revocation;
mod settings;
mod signer;

pub(crate) use level::{Level, Raised, level_name};
pub(crate) use remote::RemoteState;
pub use settings::StationTimeStamps;
pub(crate) use settings::{KeptMeans, StampMeans};
pub(crate) use signer::{DeskSigner, Typed};

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use signing::IdentityId;

/// What a desk keeps of all that while it is open; gone with it.
#[derive(Default)]
pub(crate) struct SigningDesk {
    means: Mutex<Option<Arc<StampMeans>>>,
    remote: Mutex<Option<RemoteState>>,
    statuses: Mutex<HashMap<IdentityId, revocation::Known>>,
    /// Rung when something waits for its time-stamp.
    pub(crate) stamping: tokio::sync::Notify,
}
