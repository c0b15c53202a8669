//! PAdES: a PDF in, the same PDF with one more revision that signs it.
//!
//! Baseline B-B of ETSI EN 319 142-1: SubFilter `ETSI.CAdES.detached`, signing-certificate-v2, the time in
//! `/M` and never in a signed attribute. The revision is appended; the bytes received are kept as they are,
//! so a PDF/A-3 stays one and its attachments are untouched.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::{DocumentRefusal, FinishError, PrepareError};
use crate::identity::{Identity, IdentityId};
use crate::token::SignatureValue;
use crate::validation::{TrustRoots, VerifyReport};

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

/// The SHA-256 that the device signs (of the CMS signed attributes).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SigningHash(pub [u8; 32]);

/// A document waiting for its signature. It can be stored and finished after a restart.
#[derive(Clone, Serialize, Deserialize)]
pub struct Prepared {
    identity: IdentityId,
    hash: SigningHash,
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
    let _ = (pdf, conditions);
    Err(DocumentRefusal::Damaged)
}

/// Appends the signature revision with an empty place for the signature and says what is to be signed.
/// `now` goes into `/M` and is what the certificate's validity is held against.
pub fn prepare(
    pdf: &[u8],
    identity: &Identity,
    conditions: &Conditions,
    now: Timestamp,
) -> Result<Prepared, PrepareError> {
    let _ = (identity, now);
    precheck(pdf, conditions)?;
    Err(DocumentRefusal::Damaged.into())
}

/// Puts the signature in its place and verifies the result. With `trust`, the chain must reach one of its
/// roots; without, everything but the chain is checked.
pub fn finish(
    prepared: Prepared,
    signature: &SignatureValue,
    trust: Option<&TrustRoots>,
    now: Timestamp,
) -> Result<Signed, FinishError> {
    let _ = (prepared, signature, trust, now);
    Err(FinishError::Encoding)
}
