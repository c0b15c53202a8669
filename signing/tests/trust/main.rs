//! Trusted lists: made by the test PKI, published over HTTP on loopback, verified, kept, and used to judge signatures.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test crate: a panic is the failure report"
)]

mod command;
#[allow(dead_code, reason = "shared with the tests of signing")]
#[path = "../signatures/document.rs"]
mod document;
mod judging;
mod keeping;
mod list_of_lists;
mod publisher;
mod signatures;

use std::path::PathBuf;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use signing::transport::Http;
use signing::trust::{ListError, ListState, NamedList, Settings, Source, TrustedLists};
use testkit::authority::Key;
use testkit::responder::Responder;
use testkit::trusted_list::{ListText, Manner, ServiceText};

use publisher::Publisher;

/// Long enough for a loaded machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Who publishes lists, and who signs them.
pub(crate) struct Office {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) services: Responder,
    pub(crate) publisher: Publisher,
}

impl Office {
    /// With these signers of lists.
    pub(crate) fn open(signers: &[(&str, Key)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let services = Responder::start(&dir.path().join("authority")).unwrap();
        let office = Self {
            dir,
            services,
            publisher: Publisher::open(),
        };
        for (name, key) in signers {
            office.add_signer(name, *key);
        }
        office
    }

    pub(crate) fn add_signer(&self, name: &str, key: Key) {
        self.services
            .authority
            .signer(name, name, "DLVRFO57L04X000A", key, "12345678")
            .unwrap();
    }

    pub(crate) fn pem(&self, name: &str) -> PathBuf {
        self.services.authority.certificate(name)
    }

    pub(crate) fn signed(&self, list: &ListText, signer: &str) -> String {
        list.signed(&self.services.authority, signer, Manner::default())
            .unwrap()
    }

    /// Settings that name the signer of the Italian list.
    pub(crate) fn settings(&self, signer: &str) -> Settings {
        Settings {
            folder: self.dir.path().join("lists"),
            territories: vec!["IT".to_owned()],
            lists: vec![NamedList {
                territory: "IT".to_owned(),
                url: self.publisher.url("it.xml"),
                signers: vec![self.pem(signer)],
            }],
            list_of_lists: None,
            use_expired: false,
        }
    }

    /// Settings that name the signer of the list of the lists.
    pub(crate) fn eu_settings(&self, signer: &str) -> Settings {
        Settings {
            lists: Vec::new(),
            list_of_lists: Some(Source {
                url: self.publisher.url("eu.xml"),
                signers: vec![self.pem(signer)],
            }),
            ..self.settings(signer)
        }
    }

    /// A service with one of the certificates of the authority.
    pub(crate) fn service(
        &self,
        kind: &str,
        certificate: &str,
        statuses: &[(&str, Timestamp)],
    ) -> ServiceText {
        ServiceText {
            kind: kind.to_owned(),
            certificate: self.pem(certificate),
            statuses: statuses.iter().map(|(s, at)| ((*s).to_owned(), *at)).collect(),
            extensions: String::new(),
        }
    }
}

pub(crate) fn refresh(settings: &Settings, now: Timestamp) -> Vec<ListState> {
    let http = Http::new(PATIENCE).unwrap();
    TrustedLists::open(settings.clone()).unwrap().refresh(&http, now)
}

/// The number of the copy kept, and what is wrong.
pub(crate) fn summary(state: &ListState) -> (Option<u64>, Option<ListError>) {
    (state.known.as_ref().map(|k| k.sequence), state.problem)
}

/// The second: lists are dated so.
pub(crate) fn now() -> Timestamp {
    Timestamp::from_second(Timestamp::now().as_second()).unwrap()
}

pub(crate) fn later(at: Timestamp, hours: i64) -> Timestamp {
    at.checked_add(SignedDuration::from_hours(hours)).unwrap()
}
