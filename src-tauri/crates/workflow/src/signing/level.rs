//! The level of what is signed: B-T before it is delivered, B-LT where revocation data can be had, and the policy for when no
//! authority answers. No device and no PIN.

use contract::signing::TimeStampPolicy;
use contract::{Answer, ErrorCode, Failure};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use signing::error::{Certified, ExtendError};
use signing::pades::{Means, Reach, Stamped};
use signing::revocation::Status;
use signing::timestamp::{NoTimeStamp, TimeStampError, TimeStampPolicy as Policy};

use super::settings::StampMeans;
use crate::core::Core;
use crate::desk::Desk;

/// How far a signature was raised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Level {
    /// B-B: no authority is set up here, or the policy sends without.
    Plain,
    /// B-T.
    Stamped,
    /// B-LT.
    Proved,
    /// *Marca temporale in attesa*.
    Waiting,
}

/// A signed document at its level.
pub(crate) struct Raised {
    pub(crate) pdf: Vec<u8>,
    pub(crate) level: Level,
}

/// As a receipt names it; none where there is no time-stamp.
pub(crate) fn level_name(level: Level) -> Option<&'static str> {
    match level {
        Level::Stamped => Some("B-T"),
        Level::Proved => Some("B-LT"),
        Level::Plain | Level::Waiting => None,
    }
}

impl StampMeans {
    /// Raises a signed document as far as can be now. Blocks for as long as authorities are given to answer.
    pub(crate) fn raise(&self, pdf: Vec<u8>, now: Timestamp) -> Answer<Raised> {
        if let Some(trust) = &self.signers {
            let means = Means {
                stamps: &self.stamps,
                revocations: &self.revocations,
                trust,
            };
            match signing::extend(&pdf, Reach::BLT, &means, now) {
                Ok(extended) => {
                    return Ok(Raised {
                        pdf: extended.pdf,
                        level: Level::Proved,
                    });
                }
                Err(ExtendError::NotGood {
                    of: Certified::Signer,
                    status: Status::Revoked { .. },
                }) => return Err(Failure::new(ErrorCode::CertificateRevoked, "sign/revoked")),
                Err(ExtendError::NotGood {
                    of: Certified::Signer,
                    status: Status::Suspended { .. },
                }) => return Err(Failure::new(ErrorCode::CertificateSuspended, "sign/suspended")),
                Err(ExtendError::NoTimeStamp(why)) => return self.without(pdf, &why),
                // Revocation data that cannot be had now never holds a report back.
                Err(error) => tracing::info!(%error, "no B-LT"),
            }
        }
        match signing::timestamp(pdf, &self.stamps, Policy::Pending, now) {
            Ok(Stamped::Complete(pdf)) => Ok(Raised {
                pdf,
                level: Level::Stamped,
            }),
            Ok(Stamped::Pending { pdf, why }) => self.without(pdf, &why),
            Err(error) => {
                tracing::warn!(%error, "no B-T");
                Err(Failure::new(ErrorCode::SignatureNotSound, "sign/level"))
            }
        }
    }

    fn without(&self, pdf: Vec<u8>, why: &NoTimeStamp) -> Answer<Raised> {
        if why
            .attempts
            .iter()
            .any(|(_, error)| matches!(error, TimeStampError::ClocksDiffer { .. }))
        {
            // The time in the signature is as wrong as the clock.
            return Err(Failure::new(ErrorCode::ClockWrong, "sign/clock"));
        }
        match self.policy {
            TimeStampPolicy::Block => Err(refusal(why)),
            TimeStampPolicy::Wait => Ok(Raised {
                pdf,
                level: Level::Waiting,
            }),
            TimeStampPolicy::SendWithout => Ok(Raised {
                pdf,
                level: Level::Plain,
            }),
        }
    }
}

/// Nobody answered, or somebody did and is not to be trusted: two things to do about it.
fn refusal(why: &NoTimeStamp) -> Failure {
    let answered = why
        .attempts
        .iter()
        .find(|(_, error)| !matches!(error, TimeStampError::Transport(_)));
    match answered {
        None => Failure::new(ErrorCode::TimeStampUnavailable, "time-stamp/unreachable"),
        Some((_, error)) => {
            let word = match error {
                TimeStampError::Refused { .. } => "refused",
                TimeStampError::Untrusted => "untrusted",
                TimeStampError::WrongImprint => "wrong-imprint",
                TimeStampError::WrongNonce => "wrong-nonce",
                TimeStampError::Unreadable => "unreadable",
                _ => "not-sound",
            };
            Failure::new(ErrorCode::TimeStampRefused, format!("time-stamp/{word}"))
        }
    }
}

impl Core {
    /// Raises what was signed at this desk. Blocks.
    pub(crate) fn raise(&self, desk: &Desk, pdf: Vec<u8>, now: Timestamp) -> Answer<Raised> {
        match self.stamp_means(desk)? {
            Some(means) => means.raise(pdf, now),
            None => Ok(Raised {
                pdf,
                level: Level::Plain,
            }),
        }
    }
}
