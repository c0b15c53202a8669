//! The closed list of what can go wrong, as the window must tell it apart.
//!
//! A code is added only when the window says or does something of its own for it. Each code has an Italian sentence in
//! `ui/src/i18n/it/errors.ts`: what happened, what was kept, what to do now; a missing one does not compile.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum ErrorCode {
    // Region and network
    /// The region does not answer.
    RegionUnreachable,
    /// The region answers that it cannot serve now (503 and the like).
    RegionUnavailable,
    /// What answered is not the region: a captive portal, HTML, a proxy's page.
    NotTheRegion,
    /// The answer is cut or not readable.
    RegionGarbled,
    /// The region refused: field and reason follow in the detail.
    RegionRefused,
    /// The access ended; log in again, nothing is lost.
    AccessExpired,
    /// The role does not allow it.
    AccessDenied,
    /// Somebody else changed it first.
    Conflict,
    /// Somebody else already claimed it; `name` says who.
    AlreadyClaimed,
    // Session
    /// A first login needs the network.
    FirstLoginNeedsNetwork,
    /// The login was cancelled or timed out in the browser.
    LoginCancelled,
    /// The region's answer to the login cannot be trusted (state, nonce, signature).
    LoginNotTrusted,
    /// The person has no role at any structure.
    NoRole,
    /// The station's PIN or passphrase is wrong.
    WrongStationSecret,
    /// Too many wrong tries; `retry_after_s` says how long to wait.
    StationSecretDelayed,
    /// PIN or passphrase too weak for this station.
    WeakStationSecret,
    /// The action needs an open session.
    SessionLocked,
    // Cache
    /// The archive of this person is damaged; it was set aside.
    ArchiveDamaged,
    /// The archive was written by a newer version.
    ArchiveNewer,
    /// The file is not an archive of Postazione.
    ArchiveForeign,
    /// The disk is full.
    DiskFull,
    // Televisit
    /// Not a control visit.
    NotAControlVisit,
    /// Identity comes before consent.
    IdentityFirst,
    /// Consent comes before the call.
    ConsentFirst,
    /// The representative of the minor or ward comes before the consent.
    RepresentativeFirst,
    /// The patient is not in the waiting room.
    PatientAbsent,
    /// The visit is over.
    VisitOver,
    /// The outcome of the visit is still to be chosen.
    OutcomeFirst,
    // Call
    /// No camera, or it is held by another program.
    CameraUnavailable,
    /// No microphone, or it is held by another program.
    MicrophoneUnavailable,
    /// No call is going on.
    NoCall,
    /// No picture without consent.
    ImageConsentMissing,
    /// No picture of the patient has arrived yet.
    NoPictureYet,
    // Report and signature
    /// Findings block the signature; the report view lists them.
    ReportIncomplete,
    /// The gateway refused the document; `field` names where.
    ReportRefused,
    /// The report is frozen or signed and cannot be changed.
    ReportFrozen,
    /// The report was not previewed at the revision that is to be signed.
    NotRead,
    /// No card, token or remote signature was found.
    NoSigningDevice,
    /// The card was removed.
    CardRemoved,
    /// No certificate for signature on the device.
    NoSigningCertificate,
    /// The certificate expired.
    CertificateExpired,
    /// The certificate is not valid yet: the clock may be wrong.
    CertificateNotYetValid,
    /// The issuer has revoked the certificate.
    CertificateRevoked,
    /// The issuer has suspended the certificate.
    CertificateSuspended,
    /// The clock of this PC is wrong: the time of a signature would be, too.
    ClockWrong,
    /// The certificate is not the author's.
    SignerNotAuthor,
    /// The PIN of the card is wrong.
    WrongPin,
    /// Wrong, and few tries are left.
    WrongPinFewLeft,
    /// Wrong, and the next is the last try.
    WrongPinLastTry,
    /// The PIN is locked: PUK or issuer.
    PinLocked,
    /// The PIN is shorter or longer than the device takes; the device was not asked.
    PinLength,
    /// The PIN must be changed with the card's own program first.
    PinToBeChanged,
    /// The signature was cancelled on the device.
    SigningCancelled,
    /// Another program holds the device.
    SigningDeviceBusy,
    /// The key on the device is not that of its certificate.
    SigningKeyMismatch,
    /// The device's driver crashed or did not answer, and was stopped.
    SigningDriverStopped,
    /// The device's driver cannot be loaded on this PC.
    SigningDriverUnusable,
    /// The device or its software failed.
    SigningDeviceFailed,
    /// The signed document did not pass our own check; nothing was sent.
    SignatureNotSound,
    /// No time-stamp authority answers, and this station's policy is not to send without.
    TimeStampUnavailable,
    /// What a time-stamp authority answered is not to be trusted, and this station's policy is not to send without.
    TimeStampRefused,
    // Remote signature
    /// The one-time code is wrong.
    WrongOtp,
    /// The one-time code is too old.
    OtpExpired,
    /// The service asks for a one-time code, and none was typed.
    OtpMissing,
    /// The authorisation was used too late.
    SigningAuthorisationExpired,
    /// The signature service does not answer.
    SigningServiceUnreachable,
    /// The signature service says that it is out of order, or answers what cannot be read.
    SigningServiceUnavailable,
    /// The signature service asks to wait; `retry_after_s` says how long, when it does.
    SigningServiceBusy,
    /// The access to the signature service ended, or was never given.
    SigningServiceLogin,
    /// The credential is disabled, revoked or suspended at the service.
    SigningCredentialDisabled,
    /// More documents than one authorisation covers.
    TooManyToSign,
    /// The request to sign left and no answer came.
    SigningOutcomeUnknown,
    // Teleconsult, transition, attachments
    /// Something that the request needs is missing; `field` names it.
    RequestIncomplete,
    /// The attachment exceeds 200 MB.
    AttachmentTooLarge,
    /// The file's type is not accepted.
    AttachmentType,
    /// The file could not be read.
    AttachmentUnreadable,
    // The rest
    /// What was asked for does not exist here.
    NotFound,
    /// The request is not valid: a fault of the program.
    BadRequest,
    /// A fault of the program.
    Internal,
}

/// A failure as the window gets it. It never carries a name of a patient, clinical text or a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Failure {
    /// What went wrong.
    pub code: ErrorCode,
    /// Technical code for the help desk, behind *Dettagli*; e.g. `region/503`, `pkcs11/CKR_PIN_INCORRECT`.
    pub detail: String,
    /// The field concerned, as the form names it.
    #[ts(optional)]
    pub field: Option<String>,
    /// A colleague's name, for [`ErrorCode::AlreadyClaimed`].
    #[ts(optional)]
    pub name: Option<String>,
    /// Seconds to wait before trying again.
    #[ts(optional)]
    pub retry_after_s: Option<u32>,
}

impl Failure {
    /// A failure with a technical detail.
    pub fn new(code: ErrorCode, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            field: None,
            name: None,
            retry_after_s: None,
        }
    }

    /// Names the field.
    pub fn with_field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// Names a colleague.
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Says how long to wait.
    pub fn with_retry_after(mut self, seconds: u32) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }
}
