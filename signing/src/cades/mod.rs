//! CAdES: any file in, a `.p7m` out that envelopes it, or a detached signature beside it.
//!
//! Baseline B-B and B-T of ETSI EN 319 122-1: content-type, message-digest, signing-certificate-v2 and signing-time,
//! which PAdES forbids and CAdES asks for. The order is that of PAdES: [`prepare`], sign, [`finish`], [`timestamp`].
//! Not in it: further signers of a `.p7m`, and levels above B-T.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::certificate::ReadCertificate;
use crate::error::{CertificateRefusal, DocumentRefusal, ExtendError, FinishError, PrepareError};
use crate::identity::{Identity, IdentityId};
use crate::pades::{Conditions, RsaPadding, SigningHash, check_certificate, cms, read_chain};
use crate::timestamp::{Imprint, TimeStamps};
use crate::token::SignatureValue;
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
    identity: IdentityId,
    hash: SigningHash,
    packaging: Packaging,
    padding: RsaPadding,
    #[serde(with = "crate::base64_bytes")]
    content: Vec<u8>,
    time: Timestamp,
    chain: Vec<StoredCertificate>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
struct StoredCertificate(#[serde(with = "crate::base64_bytes")] Vec<u8>);

impl std::fmt::Debug for Prepared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Prepared")
            .field("identity", &self.identity)
            .field("hash", &self.hash)
            .finish_non_exhaustive()
    }
}

impl Prepared {
    /// What the device must sign.
    pub fn hash(&self) -> SigningHash {
        self.hash
    }

    /// Who it was prepared for.
    pub fn identity(&self) -> &IdentityId {
        &self.identity
    }

    fn signed_attributes(&self, signer: &ReadCertificate) -> der::Result<Vec<u8>> {
        cms::signed_attributes(&Sha256::digest(&self.content).into(), signer, Some(self.time))
    }
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
    let chain = read_chain(&identity.chain)?;
    let signer = chain.first().ok_or(CertificateRefusal::Unreadable)?;
    check_certificate(signer, conditions, now)?;
    let mut prepared = Prepared {
        identity: signer.id(),
        hash: SigningHash([0; 32]),
        packaging,
        padding,
        content,
        time: now,
        chain: identity.chain.iter().cloned().map(StoredCertificate).collect(),
    };
    let attributes = prepared
        .signed_attributes(signer)
        .map_err(|_| CertificateRefusal::Unreadable)?;
    prepared.hash = SigningHash(Sha256::digest(&attributes).into());
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
    let chain: Vec<ReadCertificate> = prepared
        .chain
        .iter()
        .map(|c| ReadCertificate::read(&c.0))
        .collect::<Result<_, _>>()
        .map_err(|_| FinishError::PreparedAltered)?;
    let signer = chain.first().ok_or(FinishError::PreparedAltered)?;
    let key = signer.key_algorithm().map_err(|_| FinishError::PreparedAltered)?;
    let attributes = prepared
        .signed_attributes(signer)
        .map_err(|_| FinishError::PreparedAltered)?;
    if SigningHash(Sha256::digest(&attributes).into()) != prepared.hash {
        return Err(FinishError::PreparedAltered);
    }
    let (inside, beside) = match prepared.packaging {
        Packaging::Enveloping => (Some(prepared.content.as_slice()), None),
        Packaging::Detached => (None, Some(prepared.content.as_slice())),
    };
    let scheme = cms::Scheme::of(key, prepared.padding);
    let cms = cms::signed_data(&attributes, &signature.0, &chain, scheme, inside)
        .map_err(|_| FinishError::Encoding)?;
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
