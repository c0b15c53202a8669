//! PAdES: a PDF in, the same PDF with one more revision that signs it; and higher levels of what is signed.
//!
//! Baseline B-B of ETSI EN 319 142-1: SubFilter `ETSI.CAdES.detached`, signing-certificate-v2, the time in
//! `/M` and never in a signed attribute. The revision is appended; the bytes received are kept as they are,
//! so a PDF/A-3 stays one and its attachments are untouched.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::certificate::ReadCertificate;
use crate::error::{
    CertificateRefusal, DeviceError, DocumentRefusal, ExtendError, FinishError, PrepareError,
};
use crate::identity::{Identity, IdentityId};
use crate::prepared::{Awaited, Candidate};
use crate::token::{Authorised, SignatureValue};
use crate::validation::{self, Indication, Level, SubIndication, TrustRoots, VerifyReport};

pub(crate) mod cms;
mod extend;
pub(crate) mod inspect;
pub(crate) mod place;
mod revision;
mod stamp;
mod store;
mod visible;

pub use extend::{Extended, Means, Reach, extend};
pub use stamp::{Stamped, awaits_time_stamp, timestamp};
pub use visible::{Page, Visible};

/// Room in `/Contents` beside the certificates: attributes, algorithms and the longest RSA signature.
const CMS_OVERHEAD: usize = 3 * 1024;

/// Room for a signature time-stamp: a token with its authority's certificates takes four to seven kilobytes.
const TIME_STAMP_ROOM: usize = 10 * 1024;

/// The largest PDF that is signed, in bytes. A report is under one megabyte; this bounds memory.
pub const MAX_DOCUMENT: usize = 64 * 1024 * 1024;

/// What must hold before the device is asked.
#[derive(Clone, Default)]
pub struct Conditions {
    /// The fiscal code of the author: the certificate must be that person's. `None` asks nothing.
    pub author: Option<String>,
    /// The document goes to the FSE: `cda.xml` must be attached as the gateway wants it.
    pub fse_precheck: bool,
}

/// How RSA keys pad what they sign.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RsaPadding {
    /// PKCS#1 v1.5, which every device makes.
    #[default]
    Pkcs1,
    /// PSS with SHA-256 and 32 bytes of salt. The device must make it so.
    Pss,
}

/// How the signature is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    /// Room is left for a time-stamp, so that [`timestamp()`] can make it B-T, at once or later.
    pub time_stamp: bool,
    /// The padding, when the key is RSA.
    pub padding: RsaPadding,
    /// Where it is seen; `None` is nowhere.
    pub visible: Option<Visible>,
}

/// The SHA-256 that the device signs (of the CMS signed attributes).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SigningHash(pub [u8; 32]);

/// A document waiting for its signature. It can be stored and finished after a restart.
#[derive(Clone, Serialize, Deserialize)]
pub struct Prepared {
    #[serde(flatten)]
    awaited: Awaited,
    #[serde(with = "crate::base64_bytes")]
    pdf: Vec<u8>,
    contents_at: usize,
    contents_len: usize,
}

impl std::fmt::Debug for Prepared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Prepared").field(&self.awaited).finish()
    }
}

impl Prepared {
    /// What the device must sign.
    pub fn hash(&self) -> SigningHash {
        self.awaited.hash()
    }

    /// Who it was prepared for.
    pub fn identity(&self) -> &IdentityId {
        self.awaited.identity()
    }

    /// Has the device sign it, padded as it was prepared.
    pub fn signed_by(&self, grant: &mut dyn Authorised) -> Result<SignatureValue, DeviceError> {
        self.awaited.signed_by(grant)
    }
}

/// A signed document that passed our own validator.
#[derive(Clone, Debug)]
pub struct Signed {
    /// The PDF.
    pub pdf: Vec<u8>,
    /// What our validator said of it.
    pub report: VerifyReport,
}

/// Says whether a document could be signed at all, without an identity.
pub fn precheck(pdf: &[u8], conditions: &Conditions) -> Result<(), DocumentRefusal> {
    inspect::check(pdf, conditions).map(drop)
}

/// Appends the signature revision with an empty place for the signature and says what is to be signed.
/// `now` goes into `/M` and is what the certificate's validity is held against.
pub fn prepare(
    pdf: &[u8],
    identity: &Identity,
    conditions: &Conditions,
    now: Timestamp,
) -> Result<Prepared, PrepareError> {
    prepare_as(pdf, identity, conditions, Shape::default(), now)
}

/// As [`prepare`], in another shape than B-B with what every device makes.
pub fn prepare_as(
    pdf: &[u8],
    identity: &Identity,
    conditions: &Conditions,
    shape: Shape,
    now: Timestamp,
) -> Result<Prepared, PrepareError> {
    let candidate = Candidate::of(identity, conditions, now)?;
    let document = inspect::check(pdf, conditions)?;

    let space = CMS_OVERHEAD
        + candidate.chain.iter().map(|c| c.der.len()).sum::<usize>()
        + if shape.time_stamp { TIME_STAMP_ROOM } else { 0 };
    let name = candidate.signer()?.subject();
    let placed = shape
        .visible
        .map(|wanted| visible::place(&document, wanted, &name, now))
        .transpose()?;
    let kind = revision::Kind::Signature;
    let revision = revision::append(pdf, document, space, kind, placed.as_ref(), now)?;
    let attributes = cms::signed_attributes(&revision.digest, candidate.signer()?, None)
        .map_err(|_| CertificateRefusal::Unreadable)?;
    Ok(Prepared {
        awaited: candidate.awaits(&attributes, shape.padding)?,
        pdf: revision.pdf,
        contents_at: revision.contents_at,
        contents_len: revision.contents_len,
    })
}

/// Puts the signature in its place and verifies the result. With `trust`, the chain must reach one of its
/// roots; without, everything but the chain is checked.
pub fn finish(
    prepared: Prepared,
    signature: &SignatureValue,
    trust: Option<&TrustRoots>,
    now: Timestamp,
) -> Result<Signed, FinishError> {
    let Prepared {
        awaited,
        mut pdf,
        contents_at,
        contents_len,
    } = prepared;
    let attributes = |signer: &ReadCertificate| {
        let digest = revision::digest_around(&pdf, contents_at, contents_len);
        cms::signed_attributes(&digest, signer, None)
    };
    let cms = awaited.cms(attributes, signature, None)?;
    place::fill(&mut pdf, contents_at, contents_len, &cms).ok_or(FinishError::SpaceTooSmall)?;
    self_check(pdf, trust, now)
}

/// Only our own signature, the last, decides: earlier ones may be of people whose roots are not ours.
fn self_check(pdf: Vec<u8>, trust: Option<&TrustRoots>, now: Timestamp) -> Result<Signed, FinishError> {
    let report = validation::verify(&pdf, trust.unwrap_or(&TrustRoots::default()), now);
    let Some(last) = report.signatures.last() else {
        return Err(FinishError::SelfCheck(
            Indication::Indeterminate,
            Some(SubIndication::SignedDataNotFound),
        ));
    };
    // Without roots nothing can lead to one; everything else still has to hold.
    let chain_alone = last.sub_indication == Some(SubIndication::NoCertificateChainFound) && trust.is_none();
    let sound = last.indication == Indication::TotalPassed || chain_alone;
    if sound && last.covers_whole_file && last.level == Level::BB {
        Ok(Signed { pdf, report })
    } else {
        Err(FinishError::SelfCheck(last.indication, last.sub_indication))
    }
}

/// Holds what was added against our own validator: no signature may be worse for it. Roots are not asked, since
/// earlier signatures may be of people whose roots are not ours.
fn sound_as_before(before: &[u8], after: &[u8], now: Timestamp) -> Result<(), ExtendError> {
    let judged = |pdf| validation::verify(pdf, &TrustRoots::default(), now);
    let (before, after) = (judged(before), judged(after));
    if before
        .signatures
        .iter()
        .any(|s| s.indication == Indication::TotalFailed)
    {
        return Err(ExtendError::Broken);
    }
    // A document time-stamp covers what stood before it, the room of signatures included.
    let failed_time_stamps = |report: &VerifyReport| {
        let failed = report.time_stamps.iter();
        failed.filter(|t| t.indication == Indication::TotalFailed).count()
    };
    if failed_time_stamps(&after) > failed_time_stamps(&before) {
        return Err(ExtendError::SelfCheck(
            Indication::TotalFailed,
            Some(SubIndication::HashFailure),
        ));
    }
    let worst = after
        .signatures
        .iter()
        .find(|s| s.indication == Indication::TotalFailed);
    match worst {
        Some(worst) => Err(ExtendError::SelfCheck(worst.indication, worst.sub_indication)),
        None if after.fault.is_some() || after.signatures.len() != before.signatures.len() => Err(
            ExtendError::SelfCheck(Indication::TotalFailed, Some(SubIndication::FormatFailure)),
        ),
        None => Ok(()),
    }
}
