//! What is the same of every file that waits for its signature: who signs, what, and with which padding.
//!
//! Not in it: the file, and where in it the CMS goes (`pades`, `cades`).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::certificate::{KeyAlgorithm, ReadCertificate};
use crate::error::{CertificateRefusal, DeviceError, FinishError};
use crate::identity::{Identity, IdentityId, KeyUse};
use crate::pades::cms::{self, Scheme};
use crate::pades::{Conditions, RsaPadding, SigningHash};
use crate::token::{Authorised, SignatureValue};

/// A certificate in DER, as it is stored.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
struct StoredCertificate(#[serde(with = "crate::base64_bytes")] Vec<u8>);

/// A signature that is still to be made.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Awaited {
    identity: IdentityId,
    hash: SigningHash,
    #[serde(default)]
    padding: RsaPadding,
    chain: Vec<StoredCertificate>,
    /// What `hash` was made of, so long as nothing could change the file: it is not stored, and what comes back from a store is
    /// read again.
    #[serde(skip)]
    attributes: Option<Vec<u8>>,
}

impl std::fmt::Debug for Awaited {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Awaited")
            .field("identity", &self.identity)
            .field("hash", &self.hash)
            .finish_non_exhaustive()
    }
}

/// A signer whose certificate may sign under the conditions.
pub(crate) struct Candidate {
    /// The certificate first.
    pub(crate) chain: Vec<ReadCertificate>,
}

impl Candidate {
    /// Holds the certificate against the conditions, and its validity against `now`.
    pub(crate) fn of(
        identity: &Identity,
        conditions: &Conditions,
        now: Timestamp,
    ) -> Result<Self, CertificateRefusal> {
        let chain = identity
            .chain
            .iter()
            .map(|der| ReadCertificate::read(der))
            .collect::<Result<_, _>>()?;
        let candidate = Self { chain };
        check(candidate.signer()?, conditions, now)?;
        Ok(candidate)
    }

    pub(crate) fn signer(&self) -> Result<&ReadCertificate, CertificateRefusal> {
        self.chain.first().ok_or(CertificateRefusal::Unreadable)
    }

    /// Awaits a signature over these signed attributes.
    pub(crate) fn awaits(
        &self,
        attributes: &[u8],
        padding: RsaPadding,
    ) -> Result<Awaited, CertificateRefusal> {
        let signer = self.signer()?;
        // A key that is certified for PSS alone pads by nothing else.
        let padding = match signer.key_algorithm()? {
            KeyAlgorithm::RsaPss => RsaPadding::Pss,
            KeyAlgorithm::P256 | KeyAlgorithm::P384 => RsaPadding::Pkcs1,
            KeyAlgorithm::Rsa => padding,
        };
        Ok(Awaited {
            identity: signer.id(),
            hash: SigningHash(Sha256::digest(attributes).into()),
            padding,
            chain: self
                .chain
                .iter()
                .map(|c| StoredCertificate(c.der.clone()))
                .collect(),
            attributes: Some(attributes.to_vec()),
        })
    }
}

impl Awaited {
    pub(crate) fn hash(&self) -> SigningHash {
        self.hash
    }

    pub(crate) fn identity(&self) -> &IdentityId {
        &self.identity
    }

    /// Has it signed, padded as it was prepared.
    pub(crate) fn signed_by(&self, grant: &mut dyn Authorised) -> Result<SignatureValue, DeviceError> {
        match self.padding {
            RsaPadding::Pss => grant.sign_pss(&self.hash),
            RsaPadding::Pkcs1 => grant.sign(&self.hash),
        }
    }

    /// The CMS with the signature in it. `attributes` are those of the file as it is now, which must be what was
    /// signed; they are asked for when the file has been stored meanwhile. With `content` it is enveloped.
    pub(crate) fn cms(
        &self,
        attributes: impl FnOnce(&ReadCertificate) -> der::Result<Vec<u8>>,
        signature: &SignatureValue,
        content: Option<&[u8]>,
    ) -> Result<Vec<u8>, FinishError> {
        let chain: Vec<ReadCertificate> = self
            .chain
            .iter()
            .map(|c| ReadCertificate::read(&c.0))
            .collect::<Result<_, _>>()
            .map_err(|_| FinishError::PreparedAltered)?;
        let signer = chain.first().ok_or(FinishError::PreparedAltered)?;
        let key = signer.key_algorithm().map_err(|_| FinishError::PreparedAltered)?;
        let attributes = match &self.attributes {
            Some(known) => known.clone(),
            None => attributes(signer).map_err(|_| FinishError::PreparedAltered)?,
        };
        if SigningHash(Sha256::digest(&attributes).into()) != self.hash {
            return Err(FinishError::PreparedAltered);
        }
        let scheme = Scheme::of(key, self.padding);
        cms::signed_data(&attributes, &signature.0, &chain, scheme, content)
            .map_err(|_| FinishError::Encoding)
    }
}

/// The order is that of what a person can do about it: take the other certificate, the other card, a new one.
fn check(
    signer: &ReadCertificate,
    conditions: &Conditions,
    now: Timestamp,
) -> Result<(), CertificateRefusal> {
    if signer.usage() != KeyUse::Signature {
        return Err(CertificateRefusal::NotForSignature);
    }
    if let Some(author) = &conditions.author {
        match signer.fiscal_code() {
            None => return Err(CertificateRefusal::NoFiscalCode),
            Some(code) if !code.eq_ignore_ascii_case(author.trim()) => {
                return Err(CertificateRefusal::NotTheAuthor);
            }
            Some(_) => {}
        }
    }
    if now > signer.not_after() {
        return Err(CertificateRefusal::Expired {
            not_after: signer.not_after(),
        });
    }
    if now < signer.not_before() {
        return Err(CertificateRefusal::NotYetValid {
            not_before: signer.not_before(),
        });
    }
    signer.key_algorithm().map(drop)
}
