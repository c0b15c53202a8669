//! CAdES: any file in, a `.p7m` out that envelopes it, or a detached signature beside it.
//!
//! Baseline B-B and B-T of ETSI EN 319 122-1: content-type, message-digest, signing-certificate-v2 and signing-time,
//! which PAdES forbids and CAdES asks for. The order is that of PAdES: [`prepare`], sign, [`finish`], [`timestamp`].
//! Not in it: further signers of a `.p7m`, and levels above B-T.

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
    self, Indication, Level, Question, Revocation, SubIndication, TrustRoots, VerifyReport,
};

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
    })
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
        Packaging::Enveloping => (Some(content), None),
        Packaging::Detached => (None, Some(content)),
    };
    let attributes = |signer: &ReadCertificate| attributes(content, signer, prepared.time);
    let cms = prepared.awaited.cms(attributes, signature, inside)?;
    self_check(cms, beside, trust, now)
}

fn self_check(
    cms: Vec<u8>,
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
    // The outermost is ours; the file inside may be signed by others.
    let Some(own) = report.signatures.iter().find(|s| s.envelope == 0) else {
        return Err(FinishError::SelfCheck(
            Indication::Indeterminate,
            Some(SubIndication::SignedDataNotFound),
        ));
    };
    let chain_alone = own.sub_indication == Some(SubIndication::NoCertificateChainFound) && trust.is_none();
    if (own.indication == Indication::TotalPassed || chain_alone) && own.level == Level::BB {
        Ok(Signed { cms, report })
    } else {
        Err(FinishError::SelfCheck(own.indication, own.sub_indication))
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
