//! CAdES: any file in, a `.p7m` out that envelopes it, or a detached signature beside it.
//!
//! Baseline B-B and B-T of ETSI EN 319 122-1: content-type, message-digest, signing-certificate-v2 and signing-time,
//! which PAdES forbids and CAdES asks for. The order is that of PAdES: [`prepare`], sign, [`finish`], [`timestamp`].
//! One more signer joins a `.p7m` by [`prepare_beside`]. Not in it: levels above B-T, and time-stamps of a `.p7m` of
//! several signers.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::certificate::ReadCertificate;
use crate::error::{
    CertificateRefusal, DeviceError, DocumentRefusal, ExtendError, FinishError, PrepareError,
};
use crate::identity::{Identity, IdentityId};
use crate::pades::{Conditions, RsaPadding, SigningHash, cms};
use crate::prepared::{Awaited, Candidate};
use crate::timestamp::{Imprint, TimeStamps};
use crate::token::{Authorised, SignatureValue};
use crate::validation::{
    self, Indication, Level, Question, Revocation, SignatureReport, SubIndication, TrustRoots, VerifyReport,
};

mod parallel;

/// The largest file that is signed, in bytes: 200 MB. It is held in memory, and once more in the `.p7m`.
pub const MAX_CONTENT: usize = 200 * 1024 * 1024;

/// Where the file goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Packaging {
    /// Into the `.p7m`.
    Enveloping,
    /// Nowhere: the `.p7s` stands beside it.
    Detached,
}

/// A file waiting for its signature. It can be stored and finished after a restart.
#[derive(Clone, Serialize, Deserialize)]
pub struct Prepared {
    #[serde(flatten)]
    awaited: Awaited,
    packaging: Packaging,
    #[serde(with = "crate::base64_bytes")]
    content: Vec<u8>,
    time: Timestamp,
    /// The CMS of those who signed before.
    #[serde(default)]
    beside: Option<Earlier>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
struct Earlier(#[serde(with = "crate::base64_bytes")] Vec<u8>);

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

fn attributes(content: &[u8], signer: &ReadCertificate, time: Timestamp) -> der::Result<Vec<u8>> {
    cms::signed_attributes(&Sha256::digest(content).into(), signer, Some(time))
}

/// A signature that passed our own validator.
#[derive(Clone)]
pub struct Signed {
    /// The CMS, DER: a `.p7m` or a `.p7s`.
    pub cms: Vec<u8>,
    /// What our validator said of it.
    pub report: VerifyReport,
}

impl std::fmt::Debug for Signed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signed")
            .field("report", &self.report)
            .finish_non_exhaustive()
    }
}

/// Says what is to be signed. `now` becomes the signing-time, and is what the certificate's validity is held against.
/// Of the conditions, that on the author counts; a file that is no PDF has no attachments to look for.
pub fn prepare(
    content: Vec<u8>,
    identity: &Identity,
    conditions: &Conditions,
    packaging: Packaging,
    padding: RsaPadding,
    now: Timestamp,
) -> Result<Prepared, PrepareError> {
    if content.len() > MAX_CONTENT {
        return Err(DocumentRefusal::TooLarge.into());
    }
    let candidate = Candidate::of(identity, conditions, now)?;
    let attributes =
        attributes(&content, candidate.signer()?, now).map_err(|_| CertificateRefusal::Unreadable)?;
    Ok(Prepared {
        awaited: candidate.awaits(&attributes, padding)?,
        packaging,
        content,
        time: now,
        beside: None,
    })
}

/// As [`prepare`], for one more signer beside those of a `.p7m` or `.p7s` in DER, BER, base64 or PEM. `content` is what a
/// detached signature signs. Those who signed before keep their signatures as they are, and one that is broken is
/// refused.
pub fn prepare_beside(
    file: &[u8],
    content: Option<Vec<u8>>,
    identity: &Identity,
    conditions: &Conditions,
    padding: RsaPadding,
    now: Timestamp,
) -> Result<Prepared, PrepareError> {
    if file.len() > MAX_CONTENT {
        return Err(DocumentRefusal::TooLarge.into());
    }
    let earlier = parallel::read(file, content.as_deref(), now)?;
    let (content, packaging) = match (earlier.content, content) {
        (Some(enveloped), _) => (enveloped, Packaging::Enveloping),
        (None, Some(content)) => (content, Packaging::Detached),
        (None, None) => return Err(DocumentRefusal::ContentMissing.into()),
    };
    let mut prepared = prepare(content, identity, conditions, packaging, padding, now)?;
    prepared.beside = Some(Earlier(earlier.cms));
    Ok(prepared)
}

/// Writes the CMS and verifies it. With `trust`, the chain must reach one of its roots; without, everything but the
/// chain is checked.
pub fn finish(
    prepared: Prepared,
    signature: &SignatureValue,
    trust: Option<&TrustRoots>,
    now: Timestamp,
) -> Result<Signed, FinishError> {
    let content = prepared.content.as_slice();
    let (inside, beside) = match prepared.packaging {
        // Those before have it already.
        Packaging::Enveloping if prepared.beside.is_some() => (None, None),
        Packaging::Enveloping => (Some(content), None),
        Packaging::Detached => (None, Some(content)),
    };
    let attributes = |signer: &ReadCertificate| attributes(content, signer, prepared.time);
    let cms = prepared.awaited.cms(attributes, signature, inside)?;
    let cms = match &prepared.beside {
        None => cms,
        Some(earlier) => parallel::joined(&earlier.0, &cms).ok_or(FinishError::Encoding)?,
    };
    self_check(cms, prepared.identity(), beside, trust, now)
}

fn self_check(
    cms: Vec<u8>,
    identity: &IdentityId,
    content: Option<&[u8]>,
    trust: Option<&TrustRoots>,
    now: Timestamp,
) -> Result<Signed, FinishError> {
    let none = TrustRoots::default();
    let report = validation::judged(
        &cms,
        &Question {
            trust: trust.unwrap_or(&none),
            at: now,
            revocation: Revocation::Soft,
            content,
        },
    );
    // The outermost are ours and those beside it; the file inside may be signed by others.
    let outermost = || report.signatures.iter().filter(|s| s.envelope == 0);
    let sound = |own: &&SignatureReport| {
        let chain_alone =
            own.sub_indication == Some(SubIndication::NoCertificateChainFound) && trust.is_none();
        (own.indication == Indication::TotalPassed || chain_alone) && own.level == Level::BB
    };
    let own = || outermost().filter(|s| s.certificate.as_ref() == Some(&identity.0));
    let failed = outermost()
        .find(|s| s.indication == Indication::TotalFailed)
        .or_else(|| {
            if own().any(|s| sound(&s)) {
                None
            } else {
                own().next()
            }
        });
    match failed {
        Some(failed) => Err(FinishError::SelfCheck(failed.indication, failed.sub_indication)),
        None if own().next().is_none() => Err(FinishError::SelfCheck(
            Indication::Indeterminate,
            Some(SubIndication::SignedDataNotFound),
        )),
        None => Ok(Signed { cms, report }),
    }
}

/// B-T: puts a time-stamp in a CMS of one signer. One that has its time-stamp comes back as it is. When no authority
/// gives one ([`ExtendError::NoTimeStamp`]) the signature is B-B still: keep it, and call again.
/// A signature that is broken is not found out here, since its file may be elsewhere: verify before.
pub fn timestamp(cms: &[u8], stamps: &TimeStamps, now: Timestamp) -> Result<Vec<u8>, ExtendError> {
    let parts = cms::Parts::read(cms).ok_or(ExtendError::ForeignEncoding)?;
    if parts.has_time_stamp() {
        return Ok(cms.to_vec());
    }
    if !parts.is_extensible() {
        return Err(ExtendError::ForeignEncoding);
    }
    let stamp = stamps.stamp(&Imprint::of(parts.signature_value()), now)?;
    parts
        .with_time_stamp(&stamp.token)
        .map_err(|_| ExtendError::Encoding)
}
