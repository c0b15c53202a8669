//! Time-stamps by RFC 3161: asked of a list of authorities, checked, and told apart by what went wrong.
//!
//! An answer is taken only when it is granted, speaks of our imprint, repeats our nonce, is signed by a
//! certificate for time-stamping alone that reaches one of the given roots, and names that certificate
//! (signing-certificate attribute, ETSI EN 319 422). Not in it: where the token goes (`pades`, `cades`).

use std::sync::atomic::{AtomicUsize, Ordering};

use der::asn1::ObjectIdentifier;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::transport::{Credentials, Exchange, Transport, TransportError};
use crate::validation::TrustRoots;

mod request;
pub(crate) mod token;

/// A token with its certificates is a few kilobytes.
const MAX_ANSWER: usize = 256 * 1024;

/// Seconds by which this clock may differ from the authority's.
const MAX_SKEW: i64 = 5 * 60;

/// Who gives time-stamps.
#[derive(Clone, Debug)]
pub struct Authority {
    /// Where.
    pub url: String,
    /// Who pays, where it is not free.
    pub credentials: Option<Credentials>,
    /// The policy to ask for, in dotted digits; without, the authority's own.
    pub policy: Option<String>,
}

impl Authority {
    /// An authority that asks for nothing.
    pub fn open(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            credentials: None,
            policy: None,
        }
    }
}

/// What to do when no authority gives a time-stamp.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeStampPolicy {
    /// The document does not leave.
    #[default]
    Block,
    /// *Marca temporale in attesa*: the document is kept with the place for its time-stamp empty, to be completed
    /// later without the PIN.
    Pending,
}

/// The SHA-256 that is stamped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Imprint(pub [u8; 32]);

impl Imprint {
    /// Of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }
}

/// A time-stamp that was checked.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeStamp {
    /// The token (`ContentInfo`, DER).
    #[serde(with = "crate::base64_bytes")]
    pub token: Vec<u8>,
    /// The time that it proves.
    pub time: Timestamp,
    /// Common name of the certificate that signed it.
    pub authority: String,
}

impl std::fmt::Debug for TimeStamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TimeStamp")
            .field("time", &self.time)
            .finish_non_exhaustive()
    }
}

/// Why an authority's answer was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimeStampError {
    /// There was none.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The request could not be made: the policy is not an identifier.
    #[error("the time-stamp request could not be made")]
    Request,
    /// It is not a time-stamp response.
    #[error("the answer is not a time-stamp")]
    Unreadable,
    /// The authority said no.
    #[error("the authority refused with status {status}")]
    Refused {
        /// `PKIStatus`: 2 rejection, 3 waiting, 4 and 5 revocation.
        status: u8,
        /// `PKIFailureInfo`, the number of its first bit, when given: 0 badAlg, 2 badRequest, 5 badDataFormat,
        /// 14 timeNotAvailable, 15 unacceptedPolicy, 16 unacceptedExtension, 17 addInfoNotAvailable, 25 systemFailure.
        failure: Option<u8>,
    },
    /// It stamps something else.
    #[error("the time-stamp is of another document")]
    WrongImprint,
    /// It answers another request.
    #[error("the time-stamp answers another request")]
    WrongNonce,
    /// It was given under another policy than asked.
    #[error("the time-stamp is of another policy")]
    WrongPolicy,
    /// SHA-1 or weaker inside.
    #[error("the time-stamp uses a weak digest")]
    WeakDigest,
    /// Its signature does not hold, or does not name its certificate.
    #[error("the signature of the time-stamp does not hold")]
    BadSignature,
    /// The certificate is not for time-stamping, critically and alone (RFC 3161, 2.3).
    #[error("the certificate is not of a time-stamp authority")]
    NotAnAuthority,
    /// No chain to a root that we were given.
    #[error("the time-stamp authority is not trusted")]
    Untrusted,
    /// It and this clock are more than five minutes apart.
    #[error("this clock and that of the time-stamp authority differ")]
    ClocksDiffer {
        /// What the authority says.
        authority: Timestamp,
    },
}

/// No authority gave a time-stamp.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no authority gave a time-stamp")]
pub struct NoTimeStamp {
    /// What each of those asked answered, in the order in which they were asked, with its address.
    pub attempts: Vec<(String, TimeStampError)>,
}

/// The authorities, the roots that they must reach, and the way to them.
pub struct TimeStamps {
    authorities: Vec<Authority>,
    trust: TrustRoots,
    transport: Box<dyn Transport>,
    /// Asked first: the last that answered, or a dead one would cost its patience for each document.
    preferred: AtomicUsize,
}

impl TimeStamps {
    /// Authorities are asked in this order.
    pub fn new(authorities: Vec<Authority>, trust: TrustRoots, transport: Box<dyn Transport>) -> Self {
        Self {
            authorities,
            trust,
            transport,
            preferred: AtomicUsize::new(0),
        }
    }

    /// Asks one authority after the other until one gives a sound time-stamp. `now` is held against its time.
    pub fn stamp(&self, imprint: &Imprint, now: Timestamp) -> Result<TimeStamp, NoTimeStamp> {
        let mut attempts = Vec::new();
        let count = self.authorities.len();
        let first = self.preferred.load(Ordering::Relaxed);
        for at in (0..count).map(|step| (first + step) % count) {
            let Some(authority) = self.authorities.get(at) else {
                continue;
            };
            match self.ask(authority, imprint, now) {
                Ok(stamp) => {
                    self.preferred.store(at, Ordering::Relaxed);
                    return Ok(stamp);
                }
                Err(error) => {
                    tracing::warn!(url = authority.url, %error, "no time-stamp");
                    attempts.push((authority.url.clone(), error));
                }
            }
        }
        Err(NoTimeStamp { attempts })
    }

    fn ask(
        &self,
        authority: &Authority,
        imprint: &Imprint,
        now: Timestamp,
    ) -> Result<TimeStamp, TimeStampError> {
        let policy = authority
            .policy
            .as_deref()
            .map(ObjectIdentifier::new)
            .transpose()
            .map_err(|_| TimeStampError::Request)?;
        let (request, nonce) = request::new(imprint, policy).map_err(|_| TimeStampError::Request)?;
        let answer = self.transport.send(&Exchange {
            url: &authority.url,
            body: Some(("application/timestamp-query", &request)),
            credentials: authority.credentials.as_ref(),
            limit: MAX_ANSWER,
        })?;
        let der = request::granted(&answer)?;
        let found = token::check(&der, imprint, &self.trust)?;
        if found.nonce.as_deref() != Some(nonce.as_slice()) {
            return Err(TimeStampError::WrongNonce);
        }
        if policy.is_some_and(|wanted| wanted != found.policy) {
            return Err(TimeStampError::WrongPolicy);
        }
        if (found.time.as_second() - now.as_second()).abs() > MAX_SKEW {
            return Err(TimeStampError::ClocksDiffer {
                authority: found.time,
            });
        }
        Ok(TimeStamp {
            token: der,
            time: found.time,
            authority: found.chain.first().map(|c| c.subject()).unwrap_or_default(),
        })
    }

    /// The roots that authorities must reach.
    pub(crate) fn trust(&self) -> &TrustRoots {
        &self.trust
    }
}
