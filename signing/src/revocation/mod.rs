//! Whether a certificate was revoked: its issuer is asked by OCSP, then by CRL, and the answer kept until its
//! `nextUpdate`.
//!
//! Every answer is checked each time it is used, from the cache too; a cache that was tampered with can make us
//! ask again and nothing else. Not in it: what follows for a signature (`validation`), and which certificates matter
//! (`pades`). Sources: RFC 6960, RFC 5280.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use crate::certificate::ReadCertificate;
use crate::transport::{Exchange, Transport, TransportError};

mod crl;
mod ocsp;

/// An OCSP answer carries a certificate or two.
const MAX_OCSP: usize = 256 * 1024;

/// The CRLs of large Italian issuers weigh a few megabytes.
const MAX_CRL: usize = 64 * 1024 * 1024;

/// Clocks differ.
const SKEW: SignedDuration = SignedDuration::from_mins(5);

/// An answer that names no next update is held for current this long.
const WITHOUT_NEXT_UPDATE: SignedDuration = SignedDuration::from_hours(24);

/// What the issuer says of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Not revoked.
    Good,
    /// Revoked for ever.
    Revoked {
        /// Since when.
        at: Timestamp,
    },
    /// certificateHold: it may come back.
    Suspended {
        /// Since when.
        since: Timestamp,
    },
    /// The responder does not know the certificate.
    Unknown,
}

/// How it said so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// An OCSP answer.
    Ocsp,
    /// A CRL.
    Crl,
}

/// What is known of one certificate, with the signed answer that proves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// How it was said.
    pub source: Source,
    /// What was said.
    pub status: Status,
    /// When it was true.
    pub this_update: Timestamp,
    /// When something newer is there.
    pub next_update: Option<Timestamp>,
    /// `OCSPResponse` or `CertificateList`, DER.
    pub der: Vec<u8>,
}

impl Evidence {
    /// How old the knowledge is.
    pub fn age(&self, now: Timestamp) -> SignedDuration {
        now.duration_since(self.this_update)
    }

    /// Past its next update. A revocation does not grow stale; that it is not revoked does.
    pub fn is_stale(&self, now: Timestamp) -> bool {
        let until = self
            .next_update
            .or_else(|| self.this_update.checked_add(WITHOUT_NEXT_UPDATE).ok());
        !matches!(self.status, Status::Revoked { .. }) && until.is_none_or(|until| until < now)
    }
}

/// Why one source told nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// No answer.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// Asked offline, and nothing is cached.
    #[error("offline, and nothing is kept")]
    Offline,
    /// Neither an OCSP answer nor a CRL.
    #[error("the answer cannot be read")]
    Unreadable,
    /// The responder said no: `OCSPResponseStatus`.
    #[error("the responder refused with status {0}")]
    Refused(u8),
    /// Not signed by the issuer, nor by whom it delegated.
    #[error("the answer is not signed by the issuer")]
    Untrusted,
    /// It speaks of another certificate, or covers only some.
    #[error("the answer does not cover the certificate")]
    NotCovered,
    /// From the future, or past its next update when it came.
    #[error("the answer is not current")]
    NotCurrent,
}

/// Why nothing is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RevocationError {
    /// A certificate cannot be read.
    #[error("the certificate cannot be read")]
    Certificate,
    /// The certificate names neither an OCSP responder nor a CRL.
    #[error("the certificate names no source")]
    NoSource,
    /// Those that it names told nothing.
    #[error("no source answered (OCSP: {ocsp:?}, CRL: {crl:?})")]
    NoAnswer {
        /// The last of the OCSP responders, when it names one.
        ocsp: Option<SourceError>,
        /// The last of the CRLs, when it names one.
        crl: Option<SourceError>,
    },
}

/// The issuers' answers: fetched, and kept.
pub struct Revocations {
    transport: Option<Box<dyn Transport>>,
    folder: Option<PathBuf>,
    kept: Mutex<HashMap<String, Vec<u8>>>,
}

impl Revocations {
    /// Asks over a transport and keeps answers in memory.
    pub fn new(transport: Box<dyn Transport>) -> Self {
        Self {
            transport: Some(transport),
            folder: None,
            kept: Mutex::default(),
        }
    }

    /// Asks nobody: only what is kept is known.
    pub fn offline() -> Self {
        Self {
            transport: None,
            folder: None,
            kept: Mutex::default(),
        }
    }

    /// Keeps answers in a folder too, across restarts. They are public data, and name certificates by number.
    #[must_use]
    pub fn kept_in(mut self, folder: PathBuf) -> Self {
        self.folder = Some(folder);
        self
    }

    /// What is known of a certificate, in DER as its issuer's. A current answer that is kept is not asked for again.
    /// When nobody answers, a stale one is given: [`Evidence::is_stale`] says so.
    pub fn look_up(
        &self,
        certificate: &[u8],
        issuer: &[u8],
        now: Timestamp,
    ) -> Result<Evidence, RevocationError> {
        let read = |der| ReadCertificate::read(der).map_err(|_| RevocationError::Certificate);
        let pair = Pair {
            certificate: read(certificate)?,
            issuer: read(issuer)?,
        };
        let (responders, lists) = (
            ocsp::addresses(&pair.certificate),
            crl::addresses(&pair.certificate),
        );
        if responders.is_empty() && lists.is_empty() {
            return Err(RevocationError::NoSource);
        }
        let (mut ocsp, mut crl, mut stale) = (None, None, None);
        for (source, urls, error) in [
            (Source::Ocsp, &responders, &mut ocsp),
            (Source::Crl, &lists, &mut crl),
        ] {
            for url in urls {
                match self.ask(source, url, &pair, now) {
                    Ok(evidence) if !evidence.is_stale(now) => return Ok(evidence),
                    Ok(evidence) => {
                        *error = Some(SourceError::NotCurrent);
                        stale.get_or_insert(evidence);
                    }
                    Err(failure) => *error = Some(failure),
                }
            }
        }
        stale.ok_or(RevocationError::NoAnswer { ocsp, crl })
    }

    /// The kept answer when it is current; else a new one; else the kept one, stale as it is.
    fn ask(&self, source: Source, url: &str, pair: &Pair, now: Timestamp) -> Result<Evidence, SourceError> {
        let key = key(source, url, pair);
        let read = |der: Vec<u8>| match source {
            Source::Ocsp => ocsp::read(der, pair, now),
            Source::Crl => crl::read(der, pair, now),
        };
        let kept = self.recall(&key).and_then(|der| read(der).ok());
        if let Some(kept) = kept.as_ref().filter(|kept| !kept.is_stale(now)) {
            return Ok(kept.clone());
        }
        match self.fetch(source, url, pair).and_then(read) {
            // An answer that was stale when it came is no better than the one kept.
            Ok(new) => {
                self.keep(key, &new.der);
                Ok(new)
            }
            Err(error) => kept.ok_or(error),
        }
    }

    fn fetch(&self, source: Source, url: &str, pair: &Pair) -> Result<Vec<u8>, SourceError> {
        let transport = self.transport.as_ref().ok_or(SourceError::Offline)?;
        let request = match source {
            Source::Ocsp => Some(ocsp::request(pair).map_err(|_| SourceError::Unreadable)?),
            Source::Crl => None,
        };
        Ok(transport.send(&Exchange {
            url,
            body: request
                .as_deref()
                .map(|bytes| ("application/ocsp-request", bytes)),
            credentials: None,
            limit: if request.is_some() { MAX_OCSP } else { MAX_CRL },
        })?)
    }

    fn recall(&self, key: &str) -> Option<Vec<u8>> {
        let kept = self
            .kept
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(key)
            .cloned();
        kept.or_else(|| std::fs::read(self.folder.as_ref()?.join(key)).ok())
    }

    /// What cannot be written to the folder is fetched again after a restart, and that is all.
    fn keep(&self, key: String, der: &[u8]) {
        if let Some(folder) = &self.folder {
            let whole = folder.join(format!("{key}.{}", std::process::id()));
            let written = std::fs::create_dir_all(folder)
                .and_then(|()| std::fs::write(&whole, der))
                .and_then(|()| std::fs::rename(&whole, folder.join(&key)));
            if let Err(error) = written {
                tracing::warn!(%error, "revocation data not kept");
            }
        }
        self.kept
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(key, der.to_vec());
    }
}

/// A certificate and who issued it.
struct Pair {
    certificate: ReadCertificate,
    issuer: ReadCertificate,
}

/// One CRL serves all certificates that name it; an OCSP answer one.
fn key(source: Source, url: &str, pair: &Pair) -> String {
    let mut hash = Sha256::new();
    hash.update(url);
    hash.update([0]);
    hash.update(Sha256::digest(&pair.issuer.der));
    if source == Source::Ocsp {
        hash.update(pair.certificate.parsed.tbs_certificate.serial_number.as_bytes());
    }
    hex::encode(hash.finalize())
}
