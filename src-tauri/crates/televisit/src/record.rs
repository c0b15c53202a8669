//! The stored form of a visit: versioned JSON, so that a visit begun by one version of the program is taken up
//! by the next.
//!
//! Save it at every change, and every few seconds while a call is up: `saved_at` is the moment from which a call
//! counts as interrupted after a crash. Not in it: where the bytes are kept.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Visit;

/// The version written.
pub const VERSION: u32 = 1;

/// A visit as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredVisit {
    /// Version of the form.
    pub version: u32,
    /// When it was saved.
    pub saved_at: Timestamp,
    /// The visit.
    pub visit: Visit,
}

/// Why a stored visit cannot be taken up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// Written by a newer program.
    #[error("the record was written by a newer version")]
    Newer,
    /// Not a visit.
    #[error("the record cannot be read")]
    Unreadable,
}

#[derive(Deserialize)]
struct Head {
    version: u32,
}

impl StoredVisit {
    /// The visit as it stands at `now`.
    pub fn of(visit: &Visit, now: Timestamp) -> Self {
        Self {
            version: VERSION,
            saved_at: now,
            visit: visit.clone(),
        }
    }

    /// The bytes to store.
    pub fn to_bytes(&self) -> Result<Vec<u8>, RecordError> {
        serde_json::to_vec(self).map_err(|_| RecordError::Unreadable)
    }

    /// Reads a record and takes the visit up after a restart. The version is read first, so that a newer form is
    /// named as such and never half read.
    pub fn resume(record: &[u8]) -> Result<Visit, RecordError> {
        let head: Head = serde_json::from_slice(record).map_err(|_| RecordError::Unreadable)?;
        if head.version > VERSION {
            return Err(RecordError::Newer);
        }
        let stored: Self = serde_json::from_slice(record).map_err(|_| RecordError::Unreadable)?;
        Ok(stored.visit.resumed(stored.saved_at))
    }
}
