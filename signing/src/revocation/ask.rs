//! Asks issuers, and keeps what they answered until its `nextUpdate`.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::{Answer, Evidence, Pair, RevocationError, Source, SourceError, crl, ocsp};
use crate::certificate::ReadCertificate;
use crate::transport::{Exchange, Transport};

/// An OCSP answer carries a certificate or two.
const MAX_OCSP: usize = 256 * 1024;

/// The CRLs of large Italian issuers weigh a few megabytes.
const MAX_CRL: usize = 64 * 1024 * 1024;

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
        let read = |der| ReadCertificate::as_it_stands(der).map_err(|_| RevocationError::Certificate);
        let (certificate, issuer) = (read(certificate)?, read(issuer)?);
        let pair = Pair {
            certificate: &certificate,
            issuer: &issuer,
        };
        self.of_pair(&pair, now, true)
    }

    /// `delegates`: they may answer although they must be asked about in turn.
    fn of_pair(&self, pair: &Pair<'_>, now: Timestamp, delegates: bool) -> Result<Evidence, RevocationError> {
        let (responders, lists) = (
            ocsp::addresses(pair.certificate),
            crl::addresses(pair.certificate),
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
                match self.ask(source, url, pair, now, delegates) {
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
    fn ask(
        &self,
        source: Source,
        url: &str,
        pair: &Pair<'_>,
        now: Timestamp,
        delegates: bool,
    ) -> Result<Evidence, SourceError> {
        let key = key(source, url, pair);
        let read = |der: Vec<u8>| self.believed(source, der, pair, now, delegates);
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

    fn believed(
        &self,
        source: Source,
        der: Vec<u8>,
        pair: &Pair<'_>,
        now: Timestamp,
        delegates: bool,
    ) -> Result<Evidence, SourceError> {
        let answer = match source {
            Source::Ocsp => ocsp::read(ocsp::basic(&der)?, pair, &[])?,
            Source::Crl => crl::read(&der, pair)?,
        };
        if answer.is_from_the_future(now) {
            return Err(SourceError::NotCurrent);
        }
        let of_responder = match answer.responder_in_doubt() {
            None => None,
            Some(_) if !delegates => return Err(SourceError::ResponderUnknown),
            Some(responder) => {
                let pair = Pair {
                    certificate: responder,
                    issuer: pair.issuer,
                };
                let known = self.of_pair(&pair, now, false).ok();
                let current = known.filter(|known| !known.is_stale(now));
                answer.is_believed(current.as_ref().map(|known| known.status))?;
                current.map(Box::new)
            }
        };
        let Answer {
            source,
            status,
            this_update,
            next_update,
            ..
        } = answer;
        Ok(Evidence {
            source,
            status,
            this_update,
            next_update,
            der,
            of_responder,
        })
    }

    fn fetch(&self, source: Source, url: &str, pair: &Pair<'_>) -> Result<Vec<u8>, SourceError> {
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

/// One CRL serves all certificates that name it; an OCSP answer one.
fn key(source: Source, url: &str, pair: &Pair<'_>) -> String {
    let mut hash = Sha256::new();
    hash.update(url);
    hash.update([0]);
    hash.update(Sha256::digest(&pair.issuer.der));
    if source == Source::Ocsp {
        hash.update(pair.certificate.parsed.tbs_certificate.serial_number.as_bytes());
    }
    hex::encode(hash.finalize())
}
