//! The answer of a validation: indication and sub-indication of EN 319 102-1, clause 5.1.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The indication.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING-KEBAB-CASE")]
pub enum Indication {
    /// Sound, and trusted under the given roots.
    TotalPassed,
    /// Not known: what is missing stands in the sub-indication.
    Indeterminate,
    /// Wrong.
    TotalFailed,
}

/// Why it is not `TOTAL-PASSED`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SubIndication {
    /// Not shaped as a PAdES signature.
    FormatFailure,
    /// The digest is not that of the signed bytes.
    HashFailure,
    /// The signature value does not match the certificate's key.
    SigCryptoFailure,
    /// No signing certificate, or not the one that the signature names.
    NoSigningCertificateFound,
    /// No chain to a root.
    NoCertificateChainFound,
    /// A chain was found and is not acceptable.
    ChainConstraintsFailure,
    /// The certificate is not for signatures.
    SigConstraintsFailure,
    /// A weak digest or key.
    CryptoConstraintsFailure,
    /// Outside the certificate's validity, and nothing proves an earlier time.
    OutOfBoundsNoPoe,
    /// Not valid yet.
    NotYetValid,
    /// There is no signature to validate.
    SignedDataNotFound,
}

impl SubIndication {
    /// The indication that it belongs to (EN 319 102-1, table 6).
    pub(super) fn indication(self) -> Indication {
        match self {
            Self::FormatFailure | Self::HashFailure | Self::SigCryptoFailure => Indication::TotalFailed,
            _ => Indication::Indeterminate,
        }
    }
}

/// The baseline level reached (EN 319 142-1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Level {
    /// Not a baseline signature.
    NotPades,
    /// B-B.
    #[serde(rename = "B-B")]
    BB,
}

/// One signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignatureReport {
    /// The field's name.
    pub field: String,
    /// The indication.
    pub indication: Indication,
    /// Why, when not passed.
    pub sub_indication: Option<SubIndication>,
    /// The level.
    pub level: Level,
    /// The time that the signer claims in `/M`.
    pub claimed_time: Option<Timestamp>,
    /// The certificate, SHA-256 in hex, when one was found.
    pub certificate: Option<String>,
    /// It covers the file to its last byte; later revisions make it `false`.
    pub covers_whole_file: bool,
}

/// All signatures of a document, in the order of their revisions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifyReport {
    /// Them.
    pub signatures: Vec<SignatureReport>,
}

impl VerifyReport {
    /// The worst of all; without a signature, `INDETERMINATE` / `SIGNED_DATA_NOT_FOUND`.
    pub fn overall(&self) -> (Indication, Option<SubIndication>) {
        let rank = |i: Indication| match i {
            Indication::TotalPassed => 0,
            Indication::Indeterminate => 1,
            Indication::TotalFailed => 2,
        };
        self.signatures.iter().max_by_key(|s| rank(s.indication)).map_or(
            (Indication::Indeterminate, Some(SubIndication::SignedDataNotFound)),
            |s| (s.indication, s.sub_indication),
        )
    }

    /// All passed, and the last covers the whole file.
    pub fn passed(&self) -> bool {
        self.overall().0 == Indication::TotalPassed
            && self.signatures.last().is_some_and(|s| s.covers_whole_file)
    }
}
