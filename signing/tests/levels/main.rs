//! Levels above B-B and formats beside PAdES, with time-stamps, OCSP answers and CRLs that OpenSSL made.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test crate: a panic is the failure report"
)]

mod time_stamps;

use std::path::Path;
use std::time::Duration;

use signing::TrustRoots;
use signing::timestamp::{Authority, TimeStamps};
use signing::transport::Http;
use testkit::responder::Responder;

/// Long enough for a loaded machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Authorities that answer, in a folder of their own.
pub(crate) struct Office {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) services: Responder,
}

impl Office {
    pub(crate) fn open() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let services = Responder::start(&dir.path().join("authority")).unwrap();
        Self { dir, services }
    }

    pub(crate) fn trust(&self) -> TrustRoots {
        roots(&self.services.authority.trust())
    }

    pub(crate) fn time_stamps(&self) -> TimeStamps {
        self.time_stamps_of(vec![Authority::open(self.services.tsa())], PATIENCE)
    }

    pub(crate) fn time_stamps_of(&self, authorities: Vec<Authority>, patience: Duration) -> TimeStamps {
        TimeStamps::new(authorities, self.trust(), Box::new(Http::new(patience).unwrap()))
    }
}

pub(crate) fn roots(pem: &Path) -> TrustRoots {
    TrustRoots::from_pem(&std::fs::read(pem).unwrap()).unwrap()
}
