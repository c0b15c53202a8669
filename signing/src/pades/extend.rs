//! Higher levels of what is signed already: B-T, then B-LT with a store of revocation data, then B-LTA with a
//! time-stamp over all of it. No device and no PIN.
//!
//! ETSI EN 319 142-1, 6. Called again on a B-LTA document, it stores what proves the last time-stamp and puts a new
//! one over it: that is how an archive stays provable when algorithms and certificates grow old.

use jiff::Timestamp;

use super::place::{self, Place};
use super::revision::{self, Kind};
use super::store::{self, Proof};
use super::{TIME_STAMP_ROOM, cms, inspect, sound_as_before, stamp};
use crate::certificate::ReadCertificate;
use crate::error::{Certified, DocumentRefusal, ExtendError};
use crate::path;
use crate::revocation::{Evidence, RevocationError, Revocations, Source, SourceError, Status};
use crate::timestamp::{Imprint, TimeStamps, token};
use crate::validation::TrustRoots;

/// The level to reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// B-T: the last signature has a time-stamp.
    BT,
    /// B-LT: every signature and time-stamp has its certificates and their revocation data in the file. What the FSE
    /// gateway takes ends here.
    BLT,
    /// B-LTA: a document time-stamp over all that. For the archive; the FSE gateway takes it for a bad signature.
    BLTA,
}

/// What is needed for it.
#[derive(Clone, Copy)]
pub struct Means<'a> {
    /// Time-stamps, with the roots of their authorities.
    pub stamps: &'a TimeStamps,
    /// Revocation data.
    pub revocations: &'a Revocations,
    /// The roots of signers.
    pub trust: &'a TrustRoots,
}

/// A document at its new level.
#[derive(Clone)]
pub struct Extended {
    /// The PDF.
    pub pdf: Vec<u8>,
    /// How old the oldest of the revocation data is that it rests on: when that was true. `None` when none had
    /// to be added.
    pub oldest_evidence: Option<Timestamp>,
}

impl std::fmt::Debug for Extended {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Extended")
            .field("oldest_evidence", &self.oldest_evidence)
            .finish_non_exhaustive()
    }
}

/// Raises a signed PDF to a level. What it has of it already stays; the signatures do, too, bit by bit.
pub fn extend(pdf: &[u8], to: Reach, means: &Means<'_>, now: Timestamp) -> Result<Extended, ExtendError> {
    if to >= Reach::BLT {
        ask_first(pdf, means, now)?;
    }
    let mut extended = Extended {
        pdf: stamp::stamped(pdf, means.stamps, now)?.unwrap_or_else(|| pdf.to_vec()),
        oldest_evidence: None,
    };
    if to >= Reach::BLT {
        add_store(&mut extended, means, now)?;
    }
    if to >= Reach::BLTA {
        extended.pdf = document_time_stamp(&extended.pdf, means.stamps, now)?;
    }
    sound_as_before(pdf, &extended.pdf, now)?;
    Ok(extended)
}

/// Revocation of whoever has no time-stamp yet, so that none is paid for a certificate that is revoked. And some
/// validators (pyHanko), judging as of the time-stamp, take no answer that is newer; these are kept, and used again.
fn ask_first(pdf: &[u8], means: &Means<'_>, now: Timestamp) -> Result<(), ExtendError> {
    let document = inspect::open(pdf)?;
    let mut collector = Collector {
        means,
        now,
        oldest: None,
    };
    for place in place::all(pdf, &document) {
        let waits = |place: &Place| cms::Parts::read(&place.contents).is_some_and(|p| !p.has_time_stamp());
        if !place.document_time_stamp && waits(&place) {
            collector.prove(place)?;
        }
    }
    Ok(())
}

fn add_store(extended: &mut Extended, means: &Means<'_>, now: Timestamp) -> Result<(), ExtendError> {
    let document = inspect::open(&extended.pdf)?;
    if inspect::certified_without_changes(&document) {
        return Err(DocumentRefusal::Certified.into());
    }
    let places = place::all(&extended.pdf, &document);
    let mut collector = Collector {
        means,
        now,
        oldest: None,
    };
    let proofs = places
        .into_iter()
        .filter(|place| !store::proves(&document, &place.contents))
        .map(|place| collector.prove(place))
        .collect::<Result<Vec<_>, _>>()?;
    extended.oldest_evidence = collector.oldest;
    if let Some(stored) = store::append(&extended.pdf, document, &proofs, now)? {
        extended.pdf = stored;
    }
    Ok(())
}

struct Collector<'a> {
    means: &'a Means<'a>,
    now: Timestamp,
    oldest: Option<Timestamp>,
}

impl Collector<'_> {
    fn prove(&mut self, place: Place) -> Result<Proof, ExtendError> {
        let parts = cms::Parts::read(&place.contents).ok_or(ExtendError::ForeignEncoding)?;
        let mut proof = Proof::default();
        if place.document_time_stamp {
            let token = place.contents.get(..parts.length).unwrap_or_default();
            self.prove_time_stamp(token, &mut proof)?;
        } else {
            let tokens = parts.time_stamps();
            let proven = tokens.iter().filter_map(|token| token::time_of(token)).min();
            for token in &tokens {
                self.prove_time_stamp(token, &mut proof)?;
            }
            let certificates = parts.certificates().ok_or(ExtendError::ForeignEncoding)?;
            let (at, trust) = (proven.unwrap_or(self.now), self.means.trust);
            self.prove_chain(&certificates, trust, at, Certified::Signer, &mut proof)?;
        }
        proof.contents = place.contents;
        Ok(proof)
    }

    fn prove_time_stamp(&mut self, token: &[u8], proof: &mut Proof) -> Result<(), ExtendError> {
        let parts = cms::Parts::read(token).ok_or(ExtendError::ForeignEncoding)?;
        let certificates = parts.certificates().ok_or(ExtendError::ForeignEncoding)?;
        let at = token::time_of(token).ok_or(ExtendError::ForeignEncoding)?;
        let trust = self.means.stamps.trust();
        self.prove_chain(&certificates, trust, at, Certified::TimeStampAuthority, proof)
    }

    /// The chain of the first certificate as of `at`, and revocation data for each below its root.
    fn prove_chain(
        &mut self,
        certificates: &[Vec<u8>],
        trust: &TrustRoots,
        at: Timestamp,
        of: Certified,
        proof: &mut Proof,
    ) -> Result<(), ExtendError> {
        let leaf = certificates
            .first()
            .and_then(|der| ReadCertificate::as_it_stands(der).ok())
            .ok_or(ExtendError::ForeignEncoding)?;
        let chain =
            path::to_anchor(&leaf, certificates, trust, at).map_err(|_| ExtendError::NoChain { of })?;
        for (position, pair) in chain.windows(2).enumerate() {
            if let [certificate, issuer] = pair {
                let of = if position == 0 { of } else { Certified::Issuer };
                let evidence = self.evidence(certificate, issuer, at, of)?;
                let mut next = Some(evidence);
                while let Some(evidence) = next {
                    let stored = match evidence.source {
                        Source::Ocsp => &mut proof.ocsps,
                        Source::Crl => &mut proof.crls,
                    };
                    add(stored, evidence.der);
                    next = evidence.of_responder.map(|known| *known);
                }
            }
        }
        for certificate in chain {
            add(&mut proof.certificates, certificate.der);
        }
        Ok(())
    }

    fn evidence(
        &mut self,
        certificate: &ReadCertificate,
        issuer: &ReadCertificate,
        at: Timestamp,
        of: Certified,
    ) -> Result<Evidence, ExtendError> {
        let evidence = self
            .means
            .revocations
            .look_up(&certificate.der, &issuer.der, self.now)
            .map_err(|why| ExtendError::RevocationUnknown { of, why })?;
        if evidence.is_stale(self.now) {
            let stale = Some(SourceError::NotCurrent);
            let (ocsp, crl) = match evidence.source {
                Source::Ocsp => (stale, None),
                Source::Crl => (None, stale),
            };
            let why = RevocationError::NoAnswer { ocsp, crl };
            return Err(ExtendError::RevocationUnknown { of, why });
        }
        match evidence.status {
            Status::Good => {}
            // Proved by its time-stamp to be older than the revocation, a signature keeps its worth.
            Status::Revoked { at: revoked } if at < revoked => {}
            status => return Err(ExtendError::NotGood { of, status }),
        }
        let oldest = self.oldest.get_or_insert(evidence.this_update);
        *oldest = evidence.this_update.min(*oldest);
        Ok(evidence)
    }
}

fn add(to: &mut Vec<Vec<u8>>, item: Vec<u8>) {
    if !to.contains(&item) {
        to.push(item);
    }
}

fn document_time_stamp(pdf: &[u8], stamps: &TimeStamps, now: Timestamp) -> Result<Vec<u8>, ExtendError> {
    let document = inspect::open(pdf)?;
    let revision = revision::append(pdf, document, TIME_STAMP_ROOM, Kind::DocumentTimeStamp, None, now)?;
    let stamp = stamps.stamp(&Imprint(revision.digest), now)?;
    let mut stamped = revision.pdf;
    place::fill(
        &mut stamped,
        revision.contents_at,
        revision.contents_len,
        &stamp.token,
    )
    .ok_or(ExtendError::SpaceTooSmall)?;
    Ok(stamped)
}
