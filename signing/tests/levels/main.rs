//! Levels above B-B and formats beside PAdES, with time-stamps, OCSP answers and CRLs that OpenSSL made.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test crate: a panic is the failure report"
)]

mod cades;
#[allow(
    dead_code,
    reason = "the other faults of documents are the other tests' matter"
)]
#[path = "../signatures/document.rs"]
mod document;
mod pades;
mod referees;
mod revocation;
mod time_stamps;
mod visible;

use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use signing::pades::{Means, Shape, prepare_as};
use signing::revocation::Revocations;
use signing::timestamp::{Authority, TimeStamps};
use signing::token::pkcs12::Pkcs12Signer;
use signing::transport::Http;
use signing::{Conditions, Secret, Signer, TrustRoots, finish};
use testkit::authority::Key;
use testkit::responder::Responder;

/// Invented specialists.
pub(crate) const PEOPLE: [(&str, &str, &str); 2] = [
    ("primo", "Rofilo Del Vecchio", "DLVRFO57L04X000A"),
    ("seconda", "Amalia Prova", "PRVMLA60A41F839X"),
];
/// Their password.
pub(crate) const PIN: &str = "12345678";
/// Room for a time-stamp.
pub(crate) const STAMPED: Shape = Shape {
    time_stamp: true,
    padding: signing::pades::RsaPadding::Pkcs1,
    visible: None,
};

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

    pub(crate) fn revocations(&self) -> Revocations {
        Revocations::new(Box::new(Http::new(PATIENCE).unwrap()))
    }

    /// A signer of the authority, with a key file.
    pub(crate) fn signer(&self, (name, person, code): (&str, &str, &str), kind: Key) -> Pkcs12Signer {
        let folder = self
            .services
            .authority
            .signer(name, person, code, kind, PIN)
            .unwrap();
        Pkcs12Signer::folder(&folder).unwrap()
    }

    /// Signs to B-B.
    pub(crate) fn sign(&self, signer: &Pkcs12Signer, pdf: &[u8], shape: Shape) -> Vec<u8> {
        let (identity, now) = (signer.identities().unwrap().remove(0), Timestamp::now());
        let conditions = Conditions {
            author: None,
            fse_precheck: true,
        };
        let prepared = prepare_as(pdf, &identity, &conditions, shape, now).unwrap();
        let mut grant = signer
            .authorise(&identity.id, &[prepared.hash()], Secret::pin(PIN))
            .unwrap();
        let value = grant.sign(&prepared.hash()).unwrap();
        finish(prepared, &value, Some(&self.trust()), now).unwrap().pdf
    }

    /// Raises a document.
    pub(crate) fn extend(
        &self,
        pdf: &[u8],
        to: signing::pades::Reach,
    ) -> Result<signing::pades::Extended, signing::error::ExtendError> {
        let (stamps, revocations, trust) = (self.time_stamps(), self.revocations(), self.trust());
        let means = Means {
            stamps: &stamps,
            revocations: &revocations,
            trust: &trust,
        };
        signing::pades::extend(pdf, to, &means, Timestamp::now())
    }

    pub(crate) fn time_stamps_of(&self, authorities: Vec<Authority>, patience: Duration) -> TimeStamps {
        TimeStamps::new(authorities, self.trust(), Box::new(Http::new(patience).unwrap()))
    }
}

pub(crate) fn roots(pem: &Path) -> TrustRoots {
    TrustRoots::from_pem(&std::fs::read(pem).unwrap()).unwrap()
}
