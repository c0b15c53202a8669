//! What a restart of the region must not forget about its calls, in one small file.
//!
//! For each televisit: whether its call was begun and not ended, how it ended, and whether the patient was shown as
//! waiting. A call not ended is admitted again when the patient comes back. No words, pictures or addresses are kept.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use crate::calls::wire::ByeReason;

/// How far a call has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", content = "reason", rename_all = "snake_case")]
pub(super) enum Progress {
    /// Not begun.
    #[default]
    Before,
    /// Begun by `admit`.
    Admitted,
    /// Ended by `bye`.
    Ended(ByeReason),
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Entry {
    progress: Progress,
    waiting: bool,
}

#[derive(Debug)]
pub(super) struct Ledger {
    file: PathBuf,
    entries: Mutex<BTreeMap<String, Entry>>,
}

impl Ledger {
    /// A damaged or absent file is an empty ledger: then patients wait until they are admitted again.
    pub(super) fn open(data_dir: &Path) -> Self {
        let file = data_dir.join("calls.json");
        let entries = fs::read(&file)
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default();
        Self {
            file,
            entries: Mutex::new(entries),
        }
    }

    pub(super) fn calls(&self) -> Vec<(String, Progress)> {
        self.entries()
            .iter()
            .map(|(id, entry)| (id.clone(), entry.progress))
            .collect()
    }

    /// Televisits whose patient was connected when the file was last written.
    pub(super) fn waiting(&self) -> Vec<String> {
        self.entries()
            .iter()
            .filter(|(_, entry)| entry.waiting)
            .map(|(id, _)| id.clone())
            .collect()
    }

    pub(super) fn set_progress(&self, appointment: &str, progress: Progress) {
        self.change(appointment, |entry| entry.progress = progress);
    }

    pub(super) fn set_waiting(&self, appointment: &str, waiting: bool) {
        self.change(appointment, |entry| entry.waiting = waiting);
    }

    fn change(&self, appointment: &str, change: impl FnOnce(&mut Entry)) {
        let mut entries = self.entries();
        change(entries.entry(appointment.to_owned()).or_default());
        if let Err(error) = write(&self.file, &entries) {
            tracing::error!(%error, "the ledger of calls could not be written");
        }
    }

    fn entries(&self) -> MutexGuard<'_, BTreeMap<String, Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn write(file: &Path, entries: &BTreeMap<String, Entry>) -> io::Result<()> {
    let beside = file.with_extension("json.new");
    let mut new = File::create(&beside)?;
    new.write_all(&serde_json::to_vec_pretty(entries)?)?;
    new.sync_all()?;
    fs::rename(&beside, file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_not_ended_is_still_admitted_after_reopening() {
        let dir = tempfile::tempdir().expect("a directory");
        let ledger = Ledger::open(dir.path());
        ledger.set_progress("a", Progress::Admitted);
        ledger.set_waiting("a", true);
        ledger.set_progress("b", Progress::Ended(ByeReason::Identity));
        let again = Ledger::open(dir.path());
        assert_eq!(
            again.calls(),
            [
                ("a".to_owned(), Progress::Admitted),
                ("b".to_owned(), Progress::Ended(ByeReason::Identity))
            ]
        );
        assert_eq!(again.waiting(), ["a"]);
    }

    #[test]
    fn a_damaged_file_is_an_empty_ledger_that_can_be_written_again() {
        let dir = tempfile::tempdir().expect("a directory");
        fs::write(dir.path().join("calls.json"), b"{\"a\": {\"prog").expect("written");
        let ledger = Ledger::open(dir.path());
        assert!(ledger.calls().is_empty());
        ledger.set_waiting("c", true);
        assert_eq!(Ledger::open(dir.path()).waiting(), ["c"]);
    }
}
