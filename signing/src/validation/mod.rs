//! Says what a signed PDF or `.p7m` is worth, in the words of ETSI EN 319 102-1.
//!
//! Every output of this crate passes here before it leaves. Checked: byte range, digest, CMS signature, signing
//! certificate, key usage, chain and validity at a given time, time-stamps, revocation data that the file brings,
//! and what later revisions changed. Not in it: the network; revocation data and trusted lists are fetched
//! elsewhere.

use jiff::Timestamp;
use openssl::x509::X509;

use crate::certificate::ReadCertificate;
use crate::revocation::Revocations;
use crate::trust::Anchor;

pub(crate) mod ber;
pub(crate) mod cades;
mod changes;
mod judge;
mod pades;
pub(crate) mod pdf;
mod report;
mod signature;
pub(crate) mod signed_data;
pub(crate) mod tlv;
pub(crate) mod value;

use judge::Context;
pub use report::{
    BaselineGap, CountersignatureReport, DocumentFault, Format, Holder, Indication, LaterChanges, Level,
    RevocationStatus, SignatureReport, SubIndication, TimeStampReport, VerifyReport, Warning,
};

/// The largest file that is judged, in bytes.
pub const MAX_FILE: usize = 1024 * 1024 * 1024;

/// The roots that a chain must reach, and further certificates that may lead there.
#[derive(Clone, Default)]
pub struct TrustRoots {
    // Read once: a batch asks for a path to them for each of its documents.
    roots: Vec<X509>,
    intermediates: Vec<X509>,
    /// From trusted lists, for one use and some time each.
    listed: Vec<Anchor>,
}

/// A trust file that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the trust file holds no readable certificate")]
pub struct TrustFileError;

impl TrustRoots {
    /// Reads all certificates of a PEM file: self-issued ones are roots, the others may lead to them.
    pub fn from_pem(pem: &[u8]) -> Result<Self, TrustFileError> {
        let mut trust = Self::default();
        for (certificate, self_issued) in read_pem(pem)? {
            if self_issued {
                trust.roots.push(certificate)
            } else {
                trust.intermediates.push(certificate)
            }
        }
        if trust.roots.is_empty() {
            Err(TrustFileError)
        } else {
            Ok(trust)
        }
    }

    /// Takes every certificate of a PEM file as an anchor, as a trusted list names issuing authorities.
    pub fn add_anchors(&mut self, pem: &[u8]) -> Result<(), TrustFileError> {
        let all = read_pem(pem)?;
        if all.is_empty() {
            return Err(TrustFileError);
        }
        self.roots
            .extend(all.into_iter().map(|(certificate, _)| certificate));
        Ok(())
    }

    /// Trusts what the other trusts, too.
    pub fn add(&mut self, other: Self) {
        self.roots.extend(other.roots);
        self.intermediates.extend(other.intermediates);
        self.listed.extend(other.listed);
    }

    /// Nobody is trusted, at no time.
    pub fn is_empty(&self) -> bool {
        self.roots.is_empty() && self.listed.is_empty()
    }

    pub(crate) fn add_listed(&mut self, anchors: impl Iterator<Item = Anchor>) {
        self.listed.extend(anchors);
    }

    /// This certificate, DER, as the one root; nobody where it cannot be read.
    pub(crate) fn of(root: &[u8]) -> Self {
        Self {
            roots: X509::from_der(root).into_iter().collect(),
            ..Self::default()
        }
    }

    /// The roots.
    pub(crate) fn roots(&self) -> &[X509] {
        &self.roots
    }

    /// Those of the trusted lists at which a path for a certificate may end as of a time.
    pub(crate) fn listed(&self, leaf: &ReadCertificate, at: Timestamp) -> impl Iterator<Item = &X509> {
        self.listed
            .iter()
            .filter(move |anchor| anchor.serves(leaf, at))
            .map(|anchor| &anchor.certificate)
    }

    /// What may lead to them.
    pub(crate) fn intermediates(&self) -> &[X509] {
        &self.intermediates
    }
}

fn read_pem(pem: &[u8]) -> Result<Vec<(X509, bool)>, TrustFileError> {
    let all = X509::stack_from_pem(pem).map_err(|_| TrustFileError)?;
    all.into_iter()
        .map(|certificate| {
            let der = certificate.to_der().map_err(|_| TrustFileError)?;
            let read = ReadCertificate::read(&der).map_err(|_| TrustFileError)?;
            let self_issued = read.is_self_issued();
            Ok((certificate, self_issued))
        })
        .collect()
}

/// What is asked about revocation. Only the data that the file brings are used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Revocation {
    /// Nothing.
    None,
    /// A revoked certificate is refused; missing data are a warning.
    #[default]
    Soft,
    /// Missing data are `TRY_LATER`.
    Require,
}

/// What to judge by.
#[derive(Clone)]
pub struct Question<'a> {
    /// The anchors.
    pub trust: &'a TrustRoots,
    /// The moment of the judgement. A valid time-stamp proves that a signature is older.
    pub at: Timestamp,
    /// Revocation.
    pub revocation: Revocation,
    /// The file that a detached `.p7m` signs.
    pub content: Option<&'a [u8]>,
}

/// Verifies every signature of a PDF as of `now`. Never panics, whatever the bytes.
pub fn verify(pdf: &[u8], trust: &TrustRoots, now: Timestamp) -> VerifyReport {
    let question = Question {
        trust,
        at: now,
        revocation: Revocation::Soft,
        content: None,
    };
    if pdf.starts_with(b"%PDF-") {
        judged(pdf, &question)
    } else {
        VerifyReport::faulty(Format::Unknown, DocumentFault::UnknownFormat)
    }
}

/// Verifies every signature of a PDF, or of a `.p7m` in DER or base64. Never panics, whatever the bytes.
pub fn judged(file: &[u8], question: &Question<'_>) -> VerifyReport {
    judged_by(file, question, None)
}

/// As [`judged`], and what the file does not bring along about revocation is looked up among answers kept. The level
/// goes by the file alone. Give [`Revocations::offline`], or the network is used.
pub fn judged_with(file: &[u8], question: &Question<'_>, kept: &Revocations) -> VerifyReport {
    judged_by(file, question, Some(kept))
}

fn judged_by(file: &[u8], question: &Question<'_>, kept: Option<&Revocations>) -> VerifyReport {
    if file.is_empty() {
        return VerifyReport::faulty(Format::Unknown, DocumentFault::Empty);
    }
    if file.len() > MAX_FILE {
        return VerifyReport::faulty(Format::Unknown, DocumentFault::TooLarge);
    }
    let mut context = Context {
        trust: question.trust,
        at: question.at,
        revocation: question.revocation,
        kept,
        others: Vec::new(),
        evidence: crate::revocation::Brought::default(),
    };
    if file.starts_with(b"%PDF-") {
        return pades::verify(file, &mut context);
    }
    match cades::decoded(file) {
        Some(cms) => cades::verify(&cms, question.content, &mut context),
        None => VerifyReport::faulty(Format::Unknown, DocumentFault::UnknownFormat),
    }
}
