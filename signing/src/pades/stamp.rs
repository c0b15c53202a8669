//! B-T: the time-stamp of a signature, put in its CMS as an unsigned attribute.
//!
//! It fits in the room that was left for it, outside of what the signature covers; so it can come days later and
//! without the PIN. A later signature covers that room: from then on it is too late.

use jiff::Timestamp;

use super::place::{self, Place};
use super::{cms, inspect, sound_as_before};
use crate::error::ExtendError;
use crate::timestamp::{Imprint, NoTimeStamp, TimeStampPolicy, TimeStamps};

/// A document with its time-stamp, or waiting for it.
#[derive(Clone)]
pub enum Stamped {
    /// B-T.
    Complete(Vec<u8>),
    /// *Marca temporale in attesa*: still B-B. Give it to [`timestamp()`] again.
    Pending {
        /// The document as it was.
        pdf: Vec<u8>,
        /// Why it waits.
        why: NoTimeStamp,
    },
}

impl std::fmt::Debug for Stamped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Complete(_) => f.write_str("Complete(..)"),
            Self::Pending { why, .. } => f
                .debug_struct("Pending")
                .field("why", why)
                .finish_non_exhaustive(),
        }
    }
}

/// Puts a time-stamp in the last signature. A signature that has one already stays as it is.
/// `policy` says what happens when no authority gives one; everything else that is wrong is an error.
pub fn timestamp(
    pdf: Vec<u8>,
    stamps: &TimeStamps,
    policy: TimeStampPolicy,
    now: Timestamp,
) -> Result<Stamped, ExtendError> {
    match stamped(&pdf, stamps, now) {
        Ok(None) => Ok(Stamped::Complete(pdf)),
        Ok(Some(complete)) => Ok(Stamped::Complete(complete)),
        Err(ExtendError::NoTimeStamp(why)) if policy == TimeStampPolicy::Pending => {
            Ok(Stamped::Pending { pdf, why })
        }
        Err(error) => Err(error),
    }
}

/// Whether the last signature waits for its time-stamp and still has the room for one.
pub fn awaits_time_stamp(pdf: &[u8]) -> bool {
    inspect::open(pdf).is_ok_and(|document| {
        place::all(pdf, &document).last().is_some_and(|last| {
            let length = cms::Parts::read(&last.contents)
                .filter(|p| !p.has_time_stamp())
                .map(|p| p.length);
            !last.document_time_stamp
                && length.is_some_and(|length| last.contents.len() - length >= super::TIME_STAMP_ROOM / 2)
        })
    })
}

/// `None`: there is one already.
pub(super) fn stamped(
    pdf: &[u8],
    stamps: &TimeStamps,
    now: Timestamp,
) -> Result<Option<Vec<u8>>, ExtendError> {
    let document = inspect::open(pdf)?;
    let places = place::all(pdf, &document);
    let at = places
        .iter()
        .rposition(|place| !place.document_time_stamp)
        .ok_or(ExtendError::NotSigned)?;
    let place: &Place = places.get(at).ok_or(ExtendError::NotSigned)?;
    let parts = cms::Parts::read(&place.contents).ok_or(ExtendError::ForeignEncoding)?;
    if parts.has_time_stamp() {
        return Ok(None);
    }
    if !parts.is_extensible() {
        return Err(ExtendError::ForeignEncoding);
    }
    if at + 1 != places.len() {
        return Err(ExtendError::CoveredByLaterRevision);
    }
    let stamp = stamps.stamp(&Imprint::of(parts.signature_value()), now)?;
    let complete = parts
        .with_time_stamp(&stamp.token)
        .map_err(|_| ExtendError::Encoding)?;
    let mut stamped = pdf.to_vec();
    place::fill(&mut stamped, place.contents_at, place.contents_len, &complete)
        .ok_or(ExtendError::SpaceTooSmall)?;
    sound_as_before(pdf, &stamped, now)?;
    Ok(Some(stamped))
}
