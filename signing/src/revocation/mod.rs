//! Whether a certificate was revoked: its issuer is asked by OCSP, then by CRL, and the answer kept until its
//! `nextUpdate`.
//!
//! There is one reader of each kind of answer, for what is fetched, what is kept and what a signed file brings along.
//! Every answer is checked each time it is used, from the cache too; a cache that was tampered with can make us
//! ask again and nothing else. A responder to which the issuer delegated must not be revoked itself, unless the issuer
//! says that nobody need ask (id-pkix-ocsp-nocheck). Not in it: what follows for a signature (`validation`), and which
//! certificates matter (`pades`). Sources: RFC 6960, RFC 5280.

use jiff::{SignedDuration, Timestamp};

use crate::certificate::ReadCertificate;
use crate::transport::TransportError;

mod ask;
mod brought;
mod crl;
mod ocsp;

pub use ask::Revocations;
pub(crate) use brought::Brought;

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
    /// What is known of the responder's own certificate, where that has to be asked.
    pub of_responder: Option<Box<Evidence>>,
}

impl Evidence {
    /// How old the knowledge is.
    pub fn age(&self, now: Timestamp) -> SignedDuration {
        now.duration_since(self.this_update)
    }

    /// Past its next update. A revocation does not grow stale; that it is not revoked does.
    pub fn is_stale(&self, now: Timestamp) -> bool {
        !matches!(self.status, Status::Revoked { .. }) && !covers(self.this_update, self.next_update, now)
    }
}

/// Whether what was said then still holds at a time, or was said after it.
fn covers(this_update: Timestamp, next_update: Option<Timestamp>, at: Timestamp) -> bool {
    let until = next_update.or_else(|| this_update.checked_add(WITHOUT_NEXT_UPDATE).ok());
    this_update >= at || until.is_some_and(|until| until >= at)
}

/// A certificate and who issued it.
#[derive(Clone, Copy)]
struct Pair<'a> {
    certificate: &'a ReadCertificate,
    issuer: &'a ReadCertificate,
}

/// What a signed answer says of one certificate.
struct Answer {
    source: Source,
    status: Status,
    this_update: Timestamp,
    next_update: Option<Timestamp>,
    /// Who answered, when it was not the issuer itself.
    delegate: Option<ReadCertificate>,
}

impl Answer {
    /// Clocks differ, by little.
    fn is_from_the_future(&self, now: Timestamp) -> bool {
        self.this_update > now.saturating_add(SKEW).unwrap_or(now)
    }

    /// Whoever answered and must be asked about in turn. A certificate that names nobody to ask is its issuer's
    /// choice (RFC 6960, 4.2.2.2.1), and short-lived as a rule.
    fn responder_in_doubt(&self) -> Option<&ReadCertificate> {
        self.delegate.as_ref().filter(|responder| {
            let names_a_source =
                || !ocsp::addresses(responder).is_empty() || !crl::addresses(responder).is_empty();
            !ocsp::is_exempt(responder) && names_a_source()
        })
    }

    /// A revocation is believed of anyone who is not revoked, good news only of who is known to be good.
    fn is_believed(&self, of_responder: Option<Status>) -> Result<(), SourceError> {
        match of_responder {
            Some(Status::Good) => Ok(()),
            Some(Status::Revoked { .. } | Status::Suspended { .. }) => Err(SourceError::ResponderRevoked),
            Some(Status::Unknown) | None => match self.status {
                Status::Revoked { .. } | Status::Suspended { .. } => Ok(()),
                Status::Good | Status::Unknown => Err(SourceError::ResponderUnknown),
            },
        }
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
    /// The responder's own certificate is revoked or suspended.
    #[error("the responder is revoked")]
    ResponderRevoked,
    /// Nothing is known of the responder's own certificate, and its issuer wants it asked about.
    #[error("nothing is known of the responder")]
    ResponderUnknown,
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
