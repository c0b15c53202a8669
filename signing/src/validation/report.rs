//! The answer of a validation: indication and sub-indication of EN 319 102-1, clause 5.1, and what stands around
//! them. Its JSON form is `schema/verify.schema.json`.

use std::fmt;

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
    /// Not shaped as a PAdES or CAdES signature, or later revisions changed what was signed.
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
    /// The certificate is not for signatures, or a time-stamp in the signature does not hold.
    SigConstraintsFailure,
    /// A weak digest or key.
    CryptoConstraintsFailure,
    /// The certificate was revoked before the time at which the signature is proved to exist.
    Revoked,
    /// The certificate is revoked, and nothing proves that the signature is older.
    RevokedNoPoe,
    /// An issuer is revoked, and nothing proves that the signature is older.
    RevokedCaNoPoe,
    /// The signature is proved to exist only after the certificate's end.
    Expired,
    /// Outside the certificate's validity, and nothing proves an earlier time.
    OutOfBoundsNoPoe,
    /// Not valid yet.
    NotYetValid,
    /// Revocation data are asked for and are not there.
    TryLater,
    /// There is no signature to validate, or its detached content was not given.
    SignedDataNotFound,
}

impl SubIndication {
    /// The indication that it belongs to (EN 319 102-1, table 6).
    pub(super) fn indication(self) -> Indication {
        match self {
            Self::FormatFailure
            | Self::HashFailure
            | Self::SigCryptoFailure
            | Self::Revoked
            | Self::Expired
            | Self::NotYetValid => Indication::TotalFailed,
            _ => Indication::Indeterminate,
        }
    }
}

/// The baseline level reached (EN 319 142-1, EN 319 122-1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Level {
    /// Not a baseline signature.
    #[serde(rename = "NOT-BASELINE")]
    NotBaseline,
    /// B-B.
    #[serde(rename = "B-B")]
    BB,
    /// B-T: with a time-stamp that holds.
    #[serde(rename = "B-T")]
    BT,
    /// B-LT: with revocation data for every certificate, inside the file.
    #[serde(rename = "B-LT")]
    BLT,
    /// B-LTA: with an archival time-stamp over them.
    #[serde(rename = "B-LTA")]
    BLTA,
}

/// Why a signature is not a baseline one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BaselineGap {
    /// `/SubFilter` is not `ETSI.CAdES.detached`.
    SubFilter,
    /// No signing-certificate nor signing-certificate-v2 attribute.
    NoSigningCertificateAttribute,
    /// The time stands in a signed attribute, and PAdES wants it in `/M` alone.
    SigningTimeAttribute,
    /// No `/M`.
    NoSigningTime,
    /// `/Cert` in the signature dictionary.
    CertEntry,
}

/// What does not decide, and should be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Warning {
    /// No revocation data for at least one certificate.
    RevocationUnknown,
    /// The CAdES signature does not claim a time.
    NoClaimedTime,
    /// The signing certificate is named by its SHA-1.
    CertificateNamedBySha1,
    /// A countersignature does not hold, or is not trusted.
    CountersignatureNotHeld,
}

/// What later revisions did to a signed document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LaterChanges {
    /// There are none.
    None,
    /// Revocation data, document time-stamps, metadata.
    Archival,
    /// Further signatures.
    Signatures,
    /// Fields filled in, where a certification allows it.
    FormFilling,
    /// Something that was signed is shown otherwise.
    Forbidden,
}

/// What is known of revocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RevocationStatus {
    /// Not asked, or not reached.
    NotChecked,
    /// Every certificate of the chain was good.
    Good,
    /// At least one is not covered by usable data.
    Unknown,
    /// At least one was revoked in time to matter.
    Revoked,
}

/// A certificate's holder. `Debug` hides the person.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Common name of the subject.
    pub subject: String,
    /// Common name of the issuer.
    pub issuer: String,
    /// Fiscal code, where the certificate names one.
    pub fiscal_code: Option<String>,
    /// First moment of validity.
    pub not_before: Timestamp,
    /// Last moment of validity.
    pub not_after: Timestamp,
}

impl fmt::Debug for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Holder")
            .field("not_before", &self.not_before)
            .field("not_after", &self.not_after)
            .finish_non_exhaustive()
    }
}

/// One time-stamp: of a signature, or of the document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeStampReport {
    /// The field's name, for a document's.
    pub field: Option<String>,
    /// The time that it gives.
    pub time: Option<Timestamp>,
    /// The authority.
    pub authority: Option<Holder>,
    /// The indication.
    pub indication: Indication,
    /// Why, when not passed.
    pub sub_indication: Option<SubIndication>,
    /// For a document's: what came after.
    pub later_changes: LaterChanges,
}

/// One signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignatureReport {
    /// The field's name; empty for CAdES.
    pub field: String,
    /// How many envelopes lie around it: 0 for a PDF and for the outermost `.p7m`.
    pub envelope: usize,
    /// The indication.
    pub indication: Indication,
    /// Why, when not passed.
    pub sub_indication: Option<SubIndication>,
    /// The level.
    pub level: Level,
    /// Why it is not a baseline signature.
    pub baseline_gaps: Vec<BaselineGap>,
    /// The time that the signer claims: `/M`, or the signing-time attribute of CAdES.
    pub claimed_time: Option<Timestamp>,
    /// The earliest time at which a valid time-stamp proves that the signature existed.
    pub proven_time: Option<Timestamp>,
    /// The certificate, SHA-256 in hex, when one was found.
    pub certificate: Option<String>,
    /// Its holder.
    pub signer: Option<Holder>,
    /// The digest of the document.
    pub digest: Option<String>,
    /// It covers the file to its last byte; later revisions make it `false`.
    pub covers_whole_file: bool,
    /// What later revisions did.
    pub later_changes: LaterChanges,
    /// For a certification (DocMDP): 1 no change, 2 forms and signatures, 3 comments too.
    pub certification: Option<u8>,
    /// Revocation of the signer and of its issuers.
    pub revocation: RevocationStatus,
    /// Time-stamps inside the signature.
    pub time_stamps: Vec<TimeStampReport>,
    /// Who signed this signature in turn (countersignature, RFC 5652, 11.4). They do not decide about it.
    #[serde(default)]
    pub countersignatures: Vec<CountersignatureReport>,
    /// What should be known.
    pub warnings: Vec<Warning>,
}

/// A signature over another signature's value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountersignatureReport {
    /// The certificate, SHA-256 in hex, when one was found.
    pub certificate: Option<String>,
    /// Its holder.
    pub signer: Option<Holder>,
    /// The time that the signer claims.
    pub claimed_time: Option<Timestamp>,
    /// The indication.
    pub indication: Indication,
    /// Why, when not passed.
    pub sub_indication: Option<SubIndication>,
}

impl SignatureReport {
    /// What is known before anything was read.
    pub(super) fn unread(field: String) -> Self {
        Self {
            field,
            envelope: 0,
            indication: Indication::TotalFailed,
            sub_indication: Some(SubIndication::FormatFailure),
            level: Level::NotBaseline,
            baseline_gaps: Vec::new(),
            claimed_time: None,
            proven_time: None,
            certificate: None,
            signer: None,
            digest: None,
            covers_whole_file: false,
            later_changes: LaterChanges::None,
            certification: None,
            revocation: RevocationStatus::NotChecked,
            time_stamps: Vec::new(),
            countersignatures: Vec::new(),
            warnings: Vec::new(),
        }
    }

    /// Passed, and baseline.
    pub fn passed(&self) -> bool {
        self.indication == Indication::TotalPassed && self.level >= Level::BB
    }
}

/// What the file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Format {
    /// A PDF.
    #[serde(rename = "PAdES")]
    Pades,
    /// A CMS, DER or base64.
    #[serde(rename = "CAdES")]
    Cades,
    /// Neither.
    #[serde(rename = "unknown")]
    Unknown,
}

/// Why a file could not be judged as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentFault {
    /// Nothing in it.
    Empty,
    /// Neither a PDF nor a CMS.
    UnknownFormat,
    /// Its structure cannot be read as it stands.
    Damaged,
    /// Encrypted, be it with the owner password alone.
    Encrypted,
    /// A hybrid cross-reference: two readers may see two documents.
    HybridCrossReference,
    /// Over [`super::MAX_FILE`].
    TooLarge,
    /// More signatures or envelopes than are read.
    TooMany,
}

/// All signatures of a document, in the order of their revisions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifyReport {
    /// What the file is.
    pub format: Format,
    /// Why it could not be judged as a whole.
    pub fault: Option<DocumentFault>,
    /// The signatures.
    pub signatures: Vec<SignatureReport>,
    /// The time-stamps of the document.
    pub time_stamps: Vec<TimeStampReport>,
}

impl VerifyReport {
    pub(super) fn faulty(format: Format, fault: DocumentFault) -> Self {
        Self {
            format,
            fault: Some(fault),
            signatures: Vec::new(),
            time_stamps: Vec::new(),
        }
    }

    /// The worst of all; without a signature, `INDETERMINATE` / `SIGNED_DATA_NOT_FOUND`.
    pub fn overall(&self) -> (Indication, Option<SubIndication>) {
        let rank = |i: Indication| match i {
            Indication::TotalPassed => 0,
            Indication::Indeterminate => 1,
            Indication::TotalFailed => 2,
        };
        if self.fault.is_some() {
            return (Indication::TotalFailed, Some(SubIndication::FormatFailure));
        }
        if self.signatures.is_empty() {
            return (Indication::Indeterminate, Some(SubIndication::SignedDataNotFound));
        }
        let signatures = self.signatures.iter().map(|s| (s.indication, s.sub_indication));
        let time_stamps = self.time_stamps.iter().map(|t| (t.indication, t.sub_indication));
        // Of equals, the first: it is the one that a reader looks at first.
        signatures
            .chain(time_stamps)
            .reduce(|worst, next| if rank(next.0) > rank(worst.0) { next } else { worst })
            .unwrap_or((Indication::Indeterminate, Some(SubIndication::SignedDataNotFound)))
    }

    /// At least one signature, and each of them, with every time-stamp of the document, holds and is baseline.
    pub fn passed(&self) -> bool {
        self.overall().0 == Indication::TotalPassed && self.signatures.iter().all(SignatureReport::passed)
    }
}
