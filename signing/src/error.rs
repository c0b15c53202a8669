//! What can go wrong, one small enum for each thing the caller can do next.
//!
//! No text here carries a name, a fiscal code or a PIN. The Italian sentence is the window's job.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::validation::{Indication, SubIndication};

/// Why a document was not prepared. The device has not been asked for anything yet.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PrepareError {
    /// The document cannot be signed.
    #[error(transparent)]
    Document(#[from] DocumentRefusal),
    /// The certificate cannot sign it.
    #[error(transparent)]
    Certificate(#[from] CertificateRefusal),
}

/// Why a PDF is refused before the device is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DocumentRefusal {
    /// No `%PDF-` header.
    #[error("the file is not a PDF")]
    NotPdf,
    /// A PDF whose structure cannot be read.
    #[error("the PDF is damaged")]
    Damaged,
    /// `/Encrypt` in a trailer, even with an empty password.
    #[error("the PDF is encrypted")]
    Encrypted,
    /// Certified with DocMDP P=1: any change breaks the certification (ISO 32000-1, 12.8.2.2).
    #[error("the PDF is certified and allows no change")]
    Certified,
    /// A signature field without a signature: the gateway takes it for a bad signature.
    #[error("the PDF has an empty signature field")]
    EmptySignatureField,
    /// An XFA form: what is shown is not what is signed.
    #[error("the PDF holds an XFA form")]
    Xfa,
    /// A cross-reference table with a stream beside it (`/XRefStm`): two readers may see two documents.
    #[error("the PDF has a hybrid cross-reference")]
    HybridCrossReference,
    /// Over [`crate::pades::MAX_DOCUMENT`].
    #[error("the PDF is too large")]
    TooLarge,
    /// A visible stamp is wanted on a page that is not there.
    #[error("the PDF has no such page")]
    NoSuchPage,
    /// The visible stamp has no room: it would leave the page or cover an annotation.
    #[error("the visible stamp has no room there")]
    NoRoomForStamp,
    /// A further signer is to join, and the file is no `.p7m`.
    #[error("the file is not a p7m")]
    NotEnvelope,
    /// A further signer is to join a detached signature, and what it signs was not given.
    #[error("what the detached signature signs was not given")]
    ContentMissing,
    /// A signature that is there already does not hold.
    #[error("an earlier signature is broken")]
    EarlierSignatureBroken,
    /// FSE precheck: no attachment named `cda.xml`.
    #[error("the PDF has no attachment cda.xml")]
    CdaMissing,
    /// FSE precheck: an attachment is there, but not under the exact name `cda.xml`.
    #[error("the clinical document is attached under another name than cda.xml")]
    CdaMisnamed,
    /// FSE precheck: `cda.xml` twice.
    #[error("the PDF has cda.xml twice")]
    CdaTwice,
    /// FSE precheck: `cda.xml` is there but holds no `ClinicalDocument`, or cannot be read.
    #[error("the attachment cda.xml is not a clinical document")]
    CdaUnreadable,
}

/// Why a certificate is refused before the device is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateRefusal {
    /// Past `not_after`.
    #[error("the certificate has expired")]
    Expired {
        /// Its last moment.
        not_after: Timestamp,
    },
    /// Before `not_before`.
    #[error("the certificate is not valid yet")]
    NotYetValid {
        /// Its first moment.
        not_before: Timestamp,
    },
    /// keyUsage without nonRepudiation: an authentication certificate.
    #[error("the certificate is not for signatures")]
    NotForSignature,
    /// The fiscal code in it is another person's.
    #[error("the certificate belongs to another person than the author")]
    NotTheAuthor,
    /// An author is asked for and the certificate names no fiscal code.
    #[error("the certificate carries no fiscal code")]
    NoFiscalCode,
    /// A key that is neither RSA (2048 bits and over) nor EC P-256 or P-384.
    #[error("the kind of key is not supported")]
    UnsupportedKey,
    /// The certificate cannot be read.
    #[error("the certificate cannot be read")]
    Unreadable,
}

/// What a device answered. None of them is ever answered by trying again on our own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum DeviceError {
    /// The driver (PKCS#11 module) is not at its place.
    #[error("the device's driver is not installed")]
    ModuleMissing,
    /// The driver is there and cannot be loaded (for instance, of another architecture).
    #[error("the device's driver cannot be loaded")]
    ModuleUnusable,
    /// The driver is built for another kind of processor than this program.
    #[error("the device's driver is of another architecture")]
    ModuleForeign,
    /// The driver's process ended by itself: a crash. It is started again at the next use.
    #[error("the device's driver stopped")]
    ModuleStopped,
    /// The driver did not answer in time, and its process was ended. It is started again at the next use.
    #[error("the device's driver does not answer")]
    ModuleSilent,
    /// This program neither serves as helper for drivers nor knows one (see [`crate::token::helper`]).
    #[error("the helper that runs the device's driver is missing")]
    HelperMissing,
    /// No card or token is in any reader.
    #[error("no card or token is present")]
    NoToken,
    /// The identity is no longer there: another card, or the same with other contents.
    #[error("the chosen certificate is no longer on the device")]
    IdentityGone,
    /// The card or token was taken out.
    #[error("the card or token was removed")]
    TokenRemoved,
    /// Another program holds the device.
    #[error("another program is using the device")]
    HeldByAnother,
    /// Wrong PIN, with attempts left.
    #[error("wrong PIN")]
    WrongPin,
    /// Wrong PIN, and the device says that few attempts are left.
    #[error("wrong PIN, few attempts left")]
    WrongPinFewLeft,
    /// Wrong PIN, and the device says that the next attempt is the last.
    #[error("wrong PIN, the next attempt is the last")]
    WrongPinFinalAttempt,
    /// Locked: the PUK or the issuer is needed.
    #[error("the PIN is locked")]
    PinLocked,
    /// The PIN must be changed first.
    #[error("the PIN must be changed before use")]
    PinToBeChanged,
    /// The PIN is too short or too long for the device, which was not asked.
    #[error("the PIN has the wrong length")]
    PinLength {
        /// Shortest.
        min: usize,
        /// Longest.
        max: usize,
    },
    /// The person cancelled on the device (PIN pad), or its time ran out.
    #[error("cancelled on the device")]
    Cancelled,
    /// The device cannot make this kind of signature.
    #[error("the device does not support this signature")]
    MechanismUnsupported,
    /// The private key of the certificate is not on the device.
    #[error("the private key is not on the device")]
    KeyMissing,
    /// The private key of the device is not that of the certificate.
    #[error("the private key does not belong to the certificate")]
    KeyMismatch,
    /// The device gave a signature that the certificate does not verify. It does not leave.
    #[error("the device made a signature that does not verify")]
    SignatureUnsound,
    /// The remote signature service refused, or could not be asked.
    #[error(transparent)]
    Remote(#[from] RemoteRefusal),
    /// The hash is not one of those authorised.
    #[error("the document was not among those authorised")]
    NotAuthorised,
    /// A PKCS#12 that cannot be read.
    #[error("the key file cannot be read")]
    KeyFileUnreadable,
    /// A PKCS#12 with more than one private key, or with none.
    #[error("the key file does not hold exactly one key")]
    KeyFileAmbiguous,
    /// Any other answer, by its PKCS#11 code.
    #[error("the device failed with code {code:#x}")]
    Failed {
        /// `CK_RV`, or 0 where there was none.
        code: u64,
    },
}

/// What a remote signature service answered, beside the answers that a card gives too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum RemoteRefusal {
    /// The one-time code is wrong.
    #[error("the one-time code is wrong")]
    WrongOtp,
    /// The one-time code is too old.
    #[error("the one-time code has expired")]
    ExpiredOtp,
    /// The credential asks for a one-time code, and none was given.
    #[error("a one-time code is needed")]
    OtpNeeded,
    /// The credential asks for a PIN, and none was given.
    #[error("a PIN is needed")]
    PinNeeded,
    /// The credential is authorised by a login in the browser.
    #[error("the credential is authorised in the browser")]
    BrowserNeeded,
    /// A question was sent and no answer came. Nothing was to be signed by it.
    #[error("the service did not answer")]
    NoAnswer,
    /// The authorisation (SAD) is too old: PIN and code are asked again.
    #[error("the authorisation has expired")]
    AuthorisationExpired,
    /// More documents than the credential signs with one authorisation. Nothing was asked of the service.
    #[error("the credential signs {allowed} documents with one authorisation")]
    TooManyDocuments {
        /// How many it signs.
        allowed: usize,
    },
    /// The credential or its key is disabled, revoked or suspended at the service.
    #[error("the credential is disabled")]
    CredentialDisabled,
    /// The access token has expired or is not accepted: the person logs in to the service again.
    #[error("the access to the service has expired")]
    AccessExpired,
    /// Too many requests.
    #[error("the service asks to wait")]
    TooManyRequests {
        /// Seconds to wait, as the service says.
        retry_after_s: Option<u64>,
    },
    /// The request to sign left and no answer came: whether the service signed is unknown. It is never sent
    /// again; the person authorises anew.
    #[error("no answer came after the request to sign was sent")]
    OutcomeUnknown,
    /// The service could not be reached; nothing was sent.
    #[error("the service cannot be reached")]
    Unreachable,
    /// The service answered that it cannot work now.
    #[error("the service is unavailable ({status})")]
    Unavailable {
        /// HTTP status.
        status: u16,
    },
    /// The answer is not what the specification says.
    #[error("the answer of the service cannot be read")]
    Garbled,
    /// Any other refusal, by the code of the service (small letters and `_`), its HTTP status, or `other`.
    #[error("the service refused with {code}")]
    Refused {
        /// Its code.
        code: String,
    },
}

/// Why a signed document does not leave.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FinishError {
    /// The stored [`crate::Prepared`] is not consistent with itself.
    #[error("the prepared document was altered")]
    PreparedAltered,
    /// The signature does not fit in the space reserved at preparation.
    #[error("the space reserved for the signature is too small")]
    SpaceTooSmall,
    /// The CMS could not be written.
    #[error("the signature could not be encoded")]
    Encoding,
    /// Our own validator does not accept the result.
    #[error("the signed document failed its own check: {0:?} {1:?}")]
    SelfCheck(Indication, Option<SubIndication>),
}

/// Why a signature did not reach a higher level. The document is as it was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExtendError {
    /// The document cannot be read or added to.
    #[error(transparent)]
    Document(#[from] DocumentRefusal),
    /// There is no signature.
    #[error("the document is not signed")]
    NotSigned,
    /// A signature of it is broken: a time-stamp would only prove that.
    #[error("a signature of the document is broken")]
    Broken,
    /// A CMS that another program wrote in a way (indefinite lengths) that cannot be added to.
    #[error("the signature is encoded in a way that cannot be extended")]
    ForeignEncoding,
    /// A later signature covers the room of this one's time-stamp.
    #[error("a later revision covers the room for the time-stamp")]
    CoveredByLaterRevision,
    /// The time-stamp does not fit in the room that was left.
    #[error("the space reserved for the time-stamp is too small")]
    SpaceTooSmall,
    /// No authority gave a time-stamp.
    #[error(transparent)]
    NoTimeStamp(#[from] crate::timestamp::NoTimeStamp),
    /// A certificate reaches no root that we were given.
    #[error("no trusted chain for {of}")]
    NoChain {
        /// Whose.
        of: Certified,
    },
    /// Nothing current is known of a certificate's revocation.
    #[error("the revocation of {of} is not known: {why}")]
    RevocationUnknown {
        /// Whose.
        of: Certified,
        /// Why not.
        why: crate::revocation::RevocationError,
    },
    /// A certificate is revoked or suspended, or unknown to its issuer.
    #[error("the certificate of {of} is not good: {status:?}")]
    NotGood {
        /// Whose.
        of: Certified,
        /// What its issuer says.
        status: crate::revocation::Status,
    },
    /// The result could not be written.
    #[error("the extended document could not be encoded")]
    Encoding,
    /// Our own validator finds it worse than before.
    #[error("the extended document failed its own check: {0:?} {1:?}")]
    SelfCheck(Indication, Option<SubIndication>),
}

/// Whose certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certified {
    /// The signer.
    Signer,
    /// A time-stamp authority.
    TimeStampAuthority,
    /// An authority above one of them.
    Issuer,
}

impl std::fmt::Display for Certified {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Signer => "the signer",
            Self::TimeStampAuthority => "the time-stamp authority",
            Self::Issuer => "an issuer",
        })
    }
}
