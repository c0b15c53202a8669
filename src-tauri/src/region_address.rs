//! Which region this PC works with, where the program does not carry one: asked once, kept beside the archives.
//!
//! Not in it: the embedded region (`training`), and any check that somebody answers there: that is the login's.

use std::path::{Path, PathBuf};

use contract::{ErrorCode, Failure};
use serde::{Deserialize, Serialize};
use url::{Host, Url};

const FILE: &str = "station.json";
/// Stands in until the region is known; nobody answers there, ever (RFC 2606).
const NOWHERE: &str = "https://regione.invalid/";

#[derive(Serialize, Deserialize)]
struct Kept {
    region: Url,
}

/// The address, or its absence.
#[derive(Debug)]
pub(crate) struct RegionAddress {
    file: PathBuf,
    known: Option<Url>,
}

impl RegionAddress {
    /// As given at the start, else as kept on this PC.
    pub(crate) fn of(data_dir: &Path, given: Option<Url>) -> Self {
        let file = data_dir.join(FILE);
        let kept = || serde_json::from_slice::<Kept>(&std::fs::read(&file).ok()?).ok();
        let known = given.or_else(|| kept().map(|kept| kept.region).filter(acceptable));
        Self { file, known }
    }

    /// It is still to be asked for.
    pub(crate) fn is_missing(&self) -> bool {
        self.known.is_none()
    }

    /// What the core stands on.
    pub(crate) fn url(&self) -> Result<Url, url::ParseError> {
        self.known.clone().map_or_else(|| Url::parse(NOWHERE), Ok)
    }

    /// Keeps what the person wrote, once and whole: a program that ends meanwhile finds all or nothing.
    pub(crate) fn keep(&self, address: &str) -> Result<(), Failure> {
        if !self.is_missing() {
            return Err(Failure::new(ErrorCode::BadRequest, "station/region-known"));
        }
        let refused = || Failure::new(ErrorCode::BadRequest, "station/address").with_field("address");
        let region = Url::parse(address.trim())
            .ok()
            .filter(acceptable)
            .ok_or_else(refused)?;
        let written = serde_json::to_vec_pretty(&Kept { region }).map_err(|_| refused())?;
        let beside = self.file.with_extension("new");
        std::fs::write(&beside, written)
            .and_then(|()| std::fs::rename(&beside, &self.file))
            .map_err(|error| match error.kind() {
                std::io::ErrorKind::StorageFull => Failure::new(ErrorCode::DiskFull, "station/disk-full"),
                kind => Failure::new(ErrorCode::Internal, format!("station/{kind:?}").to_lowercase()),
            })
    }
}

/// Encrypted, or on this very machine.
fn acceptable(address: &Url) -> bool {
    match address.scheme() {
        "https" => address.has_host(),
        "http" => is_this_machine(address),
        _ => false,
    }
}

/// The address is one of the loopback interface.
pub(crate) fn is_this_machine(address: &Url) -> bool {
    match address.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_asked_once_and_found_again() {
        let dir = tempfile::tempdir().unwrap();
        let first = RegionAddress::of(dir.path(), None);
        assert!(first.is_missing());
        first.keep(" https://regione.example/tm ").unwrap();
        let then = RegionAddress::of(dir.path(), None);
        assert!(!then.is_missing());
        assert_eq!(then.url().unwrap().as_str(), "https://regione.example/tm");
        assert_eq!(
            then.keep("https://altra.example").unwrap_err().code,
            ErrorCode::BadRequest
        );
    }

    #[test]
    fn only_encrypted_addresses_or_this_machine() {
        let dir = tempfile::tempdir().unwrap();
        let address = RegionAddress::of(dir.path(), None);
        for refused in [
            "",
            "regione.example",
            "http://regione.example",
            "ftp://regione.example",
            "file:///etc",
        ] {
            let failure = address.keep(refused).unwrap_err();
            assert_eq!(
                (failure.code, failure.field.as_deref()),
                (ErrorCode::BadRequest, Some("address")),
                "{refused}"
            );
        }
        address.keep("http://127.0.0.1:8787").unwrap();
    }

    #[test]
    fn a_spoiled_file_asks_again() {
        let dir = tempfile::tempdir().unwrap();
        for spoiled in [
            "",
            "{",
            r#"{"region":"http://altrove.example"}"#,
            r#"{"region":12}"#,
        ] {
            std::fs::write(dir.path().join(FILE), spoiled).unwrap();
            assert!(RegionAddress::of(dir.path(), None).is_missing(), "{spoiled}");
        }
    }
}
