//! The last good copies of lists, in a folder: written whole or not at all, and verified anew each time they are read.
//!
//! Beside `IT.xml` stands `IT.json`, which says when its publisher last confirmed it; without it the list is as old as
//! its issue. Who can write to the folder can delete a list or put an older one of the same publisher in its place, and
//! no more. Not in it: what is worth keeping (`refresh`).

use std::io::Write as _;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::ListError;
use super::xml::MAX_LIST;

/// The folder.
#[derive(Clone, Debug)]
pub(super) struct Store {
    folder: PathBuf,
}

/// A file and when its publisher last confirmed it.
pub(super) struct Kept {
    pub(super) file: Vec<u8>,
    pub(super) confirmed: Option<Timestamp>,
}

#[derive(Deserialize, Serialize)]
struct Note {
    sha256: String,
    confirmed: Timestamp,
}

impl Store {
    pub(super) fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
        }
    }

    /// The copy of that name: a territory, or a territory and a number.
    pub(super) fn read(&self, name: &str) -> Option<Kept> {
        let path = self.folder.join(format!("{name}.xml"));
        // Longer than any list: something else is there.
        let length = std::fs::metadata(&path).ok()?.len();
        if length > u64::try_from(MAX_LIST).unwrap_or(u64::MAX) {
            return None;
        }
        let file = std::fs::read(path).ok()?;
        let confirmed = std::fs::read(self.folder.join(format!("{name}.json")))
            .ok()
            .and_then(|note| serde_json::from_slice::<Note>(&note).ok())
            .filter(|note| note.sha256 == fingerprint(&file))
            .map(|note| note.confirmed);
        Some(Kept { file, confirmed })
    }

    /// Puts a copy in the place of the one before. A crash leaves the one or the other.
    pub(super) fn write(&self, name: &str, file: &[u8], confirmed: Timestamp) -> Result<(), ListError> {
        let note = Note {
            sha256: fingerprint(file),
            confirmed,
        };
        let note = serde_json::to_vec(&note).map_err(|_| ListError::NotKept)?;
        self.replace(&format!("{name}.xml"), file)
            .and_then(|()| self.replace(&format!("{name}.json"), &note))
            .map_err(|error| {
                tracing::warn!(%error, name, "trusted list not kept");
                ListError::NotKept
            })
    }

    fn replace(&self, name: &str, bytes: &[u8]) -> std::io::Result<()> {
        std::fs::create_dir_all(&self.folder)?;
        let beside = self.folder.join(format!("{name}.{}", std::process::id()));
        let written = std::fs::File::create(&beside)
            .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
            .and_then(|()| std::fs::rename(&beside, self.folder.join(name)));
        if written.is_err() {
            let _ = std::fs::remove_file(&beside);
        }
        written
    }
}

fn fingerprint(file: &[u8]) -> String {
    hex::encode(Sha256::digest(file))
}
