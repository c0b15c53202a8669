//! The one place where inner errors become what the window tells apart.
//!
//! `detail` is a technical code for the help desk: it never carries words of the region or of a person. Not in it: the
//! Italian sentences, which the window owns.

use cache::{DraftError, OpenError, StoreError};
use contract::{ErrorCode, Failure};
use region::{LoginError, RegionError};
use session::{EnrolError, IdentityError, PhaseError, StationError, UnlockError};
use signing::{CertificateRefusal, DeviceError, FinishError, PrepareError};
use televisit::VisitRefusal;

/// Turns an inner error into a [`Failure`]; a trait because most are foreign types.
pub(crate) trait IntoFailure {
    /// The failure.
    fn failure(self) -> Failure;
}

/// `?` for results whose error is not [`Failure`] yet.
pub(crate) trait OrFail<T> {
    /// The value, or the failure.
    fn or_fail(self) -> Result<T, Failure>;
}

impl<T, E: IntoFailure> OrFail<T> for Result<T, E> {
    fn or_fail(self) -> Result<T, Failure> {
        self.map_err(IntoFailure::failure)
    }
}

/// A step's error: the store's, or a refusal decided inside the step.
#[derive(Debug)]
pub(crate) enum StepError {
    Store(StoreError),
    Refused(Failure),
}

impl From<StoreError> for StepError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Failure> for StepError {
    fn from(failure: Failure) -> Self {
        Self::Refused(failure)
    }
}

impl IntoFailure for StepError {
    fn failure(self) -> Failure {
        match self {
            Self::Store(error) => error.failure(),
            Self::Refused(failure) => failure,
        }
    }
}

impl IntoFailure for StoreError {
    fn failure(self) -> Failure {
        match self {
            Self::Damaged | Self::Unreadable(_) => Failure::new(ErrorCode::ArchiveDamaged, "store/damaged"),
            Self::DiskFull => Failure::new(ErrorCode::DiskFull, "store/full"),
            Self::Disk => Failure::new(ErrorCode::Internal, "store/disk"),
            Self::Closed => Failure::new(ErrorCode::SessionLocked, "store/closed"),
            Self::NotFound => Failure::new(ErrorCode::NotFound, "store/not-found"),
            Self::Nested => Failure::new(ErrorCode::Internal, "store/nested"),
            Self::Order => Failure::new(ErrorCode::BadRequest, "store/order"),
            Self::Transition(_) => Failure::new(ErrorCode::BadRequest, "store/transition"),
            Self::Refused(code) => Failure::new(ErrorCode::Internal, format!("store/{code}")),
        }
    }
}

impl IntoFailure for DraftError {
    fn failure(self) -> Failure {
        match self {
            Self::Conflict { .. } => Failure::new(ErrorCode::Conflict, "draft/revision"),
            Self::Store(error) => error.failure(),
        }
    }
}

impl IntoFailure for OpenError {
    fn failure(self) -> Failure {
        let (code, detail) = match self {
            Self::Absent => (ErrorCode::NotFound, "archive/absent"),
            Self::AlreadyThere => (ErrorCode::Internal, "archive/already-there"),
            Self::WrongKey => (ErrorCode::ArchiveDamaged, "archive/key"),
            Self::Damaged | Self::SetAside(_) => (ErrorCode::ArchiveDamaged, "archive/damaged"),
            Self::NewerSchema { .. } => (ErrorCode::ArchiveNewer, "archive/newer"),
            Self::Foreign => (ErrorCode::ArchiveForeign, "archive/foreign"),
            Self::InUse => (ErrorCode::Internal, "archive/in-use"),
            Self::NoCipher => (ErrorCode::Internal, "archive/no-cipher"),
            Self::Disk(std::io::ErrorKind::StorageFull) => (ErrorCode::DiskFull, "archive/full"),
            Self::Disk(_) => (ErrorCode::Internal, "archive/disk"),
            Self::Refused(_) => (ErrorCode::Internal, "archive/refused"),
        };
        Failure::new(code, detail)
    }
}

impl IntoFailure for RegionError {
    fn failure(self) -> Failure {
        let wait = self
            .retry_after()
            .map(|pause| u32::try_from(pause.as_secs()).unwrap_or(u32::MAX));
        let failure = match self {
            Self::Unreachable => Failure::new(ErrorCode::RegionUnreachable, "region/unreachable"),
            Self::Timeout => Failure::new(ErrorCode::RegionUnreachable, "region/timeout"),
            Self::TlsRefused => Failure::new(ErrorCode::NotTheRegion, "region/certificate"),
            Self::NotTheRegion => Failure::new(ErrorCode::NotTheRegion, "region/other-page"),
            Self::Garbled => Failure::new(ErrorCode::RegionGarbled, "region/garbled"),
            Self::TooLarge => Failure::new(ErrorCode::RegionGarbled, "region/too-large"),
            Self::Unauthorised => Failure::new(ErrorCode::AccessExpired, "region/401"),
            Self::Forbidden(_) => Failure::new(ErrorCode::AccessDenied, "region/403"),
            Self::NotFound => Failure::new(ErrorCode::NotFound, "region/404"),
            Self::Conflict => Failure::new(ErrorCode::Conflict, "region/412"),
            Self::Duplicate(_) => Failure::new(ErrorCode::Conflict, "region/409"),
            Self::TooMany { .. } => Failure::new(ErrorCode::RegionUnavailable, "region/429"),
            Self::Unavailable { status, .. } => {
                Failure::new(ErrorCode::RegionUnavailable, format!("region/{status}"))
            }
            Self::Refused(problem) => {
                Failure::new(ErrorCode::RegionRefused, format!("region/{}", problem.status))
            }
        };
        match wait {
            Some(seconds) => failure.with_retry_after(seconds),
            None => failure,
        }
    }
}

impl IntoFailure for LoginError {
    fn failure(self) -> Failure {
        match self {
            Self::Region(error) => match error.failure() {
                // Without the region nobody new can come in, whatever the reason.
                failure if failure.code == ErrorCode::RegionUnreachable => {
                    Failure::new(ErrorCode::FirstLoginNeedsNetwork, failure.detail)
                }
                failure => failure,
            },
            Self::Loopback => Failure::new(ErrorCode::Internal, "login/loopback"),
            Self::Cancelled => Failure::new(ErrorCode::LoginCancelled, "login/cancelled"),
            Self::Expired => Failure::new(ErrorCode::LoginCancelled, "login/expired"),
            Self::Refused(_) => Failure::new(ErrorCode::LoginCancelled, "login/refused"),
            Self::Untrusted => Failure::new(ErrorCode::LoginNotTrusted, "login/untrusted"),
            Self::WrongClock { .. } => Failure::new(ErrorCode::LoginNotTrusted, "login/clock"),
            Self::NoPerson => Failure::new(ErrorCode::LoginNotTrusted, "login/no-person"),
            Self::Misconfigured => Failure::new(ErrorCode::LoginNotTrusted, "login/configuration"),
        }
    }
}

impl IntoFailure for StationError {
    fn failure(self) -> Failure {
        match self {
            Self::Disk(std::io::ErrorKind::StorageFull) => Failure::new(ErrorCode::DiskFull, "station/full"),
            _ => Failure::new(ErrorCode::Internal, "station/disk"),
        }
    }
}

impl IntoFailure for EnrolError {
    fn failure(self) -> Failure {
        match self {
            Self::Weak(_) => Failure::new(ErrorCode::WeakStationSecret, "secret/weak"),
            Self::AlreadyEnrolled => Failure::new(ErrorCode::Internal, "secret/already"),
            Self::OrphanedOutbox => Failure::new(ErrorCode::ArchiveDamaged, "secret/key-lost"),
            Self::Keychain(_) => Failure::new(ErrorCode::Internal, "secret/keychain"),
            Self::Station(error) => error.failure(),
        }
    }
}

impl IntoFailure for UnlockError {
    fn failure(self) -> Failure {
        let wait = |until: jiff::Timestamp| {
            let left = until.duration_since(jiff::Timestamp::now()).as_secs().max(1);
            u32::try_from(left).unwrap_or(u32::MAX)
        };
        match self {
            Self::Absent => Failure::new(ErrorCode::FirstLoginNeedsNetwork, "unlock/absent"),
            Self::Wrong { not_before: None } => Failure::new(ErrorCode::WrongStationSecret, "unlock/wrong"),
            Self::Wrong {
                not_before: Some(until),
            } => Failure::new(ErrorCode::WrongStationSecret, "unlock/wrong").with_retry_after(wait(until)),
            Self::TooSoon { not_before } => Failure::new(ErrorCode::StationSecretDelayed, "unlock/too-soon")
                .with_retry_after(wait(not_before)),
            Self::Undecryptable(_) => Failure::new(ErrorCode::ArchiveDamaged, "unlock/undecryptable"),
            Self::Keychain(_) => Failure::new(ErrorCode::Internal, "unlock/keychain"),
            Self::Station(error) => error.failure(),
        }
    }
}

impl IntoFailure for IdentityError {
    fn failure(self) -> Failure {
        match self {
            Self::Absent => Failure::new(ErrorCode::FirstLoginNeedsNetwork, "identity/absent"),
            Self::Damaged => Failure::new(ErrorCode::ArchiveDamaged, "identity/damaged"),
            Self::Random | Self::Disk(_) => Failure::new(ErrorCode::Internal, "identity/disk"),
        }
    }
}

impl IntoFailure for PhaseError {
    fn failure(self) -> Failure {
        match self {
            Self::NotOpen => Failure::new(ErrorCode::SessionLocked, "session/not-open"),
            Self::RoleNotHeld => Failure::new(ErrorCode::NoRole, "session/role"),
            Self::Occupied | Self::NotLocked | Self::OtherPerson => {
                Failure::new(ErrorCode::BadRequest, "session/phase")
            }
        }
    }
}

impl IntoFailure for VisitRefusal {
    fn failure(self) -> Failure {
        use televisit::ConsentRefusal as C;
        let (code, detail) = match self {
            Self::NotNow => (ErrorCode::BadRequest, "visit/not-now"),
            Self::PatientNotPresent => (ErrorCode::PatientAbsent, "visit/patient-absent"),
            Self::IdentityFirst | Self::Consent(C::IdentityFirst) => {
                (ErrorCode::IdentityFirst, "visit/identity")
            }
            Self::ConsentFirst => (ErrorCode::ConsentFirst, "visit/consent"),
            Self::Consent(_) => (ErrorCode::RepresentativeFirst, "visit/representative"),
            Self::NeverConnected | Self::NotInterrupted | Self::CallGoesOn => {
                (ErrorCode::OutcomeFirst, "visit/outcome-does-not-fit")
            }
            Self::ReasonMissing => {
                return Failure::new(ErrorCode::RequestIncomplete, "visit/reason").with_field("note");
            }
            Self::AlreadyCompleted => (ErrorCode::VisitOver, "visit/over"),
        };
        Failure::new(code, detail)
    }
}

impl IntoFailure for PrepareError {
    fn failure(self) -> Failure {
        match self {
            Self::Certificate(refusal) => refusal.failure(),
            Self::Document(_) => Failure::new(ErrorCode::SignatureNotSound, "sign/document"),
        }
    }
}

impl IntoFailure for CertificateRefusal {
    fn failure(self) -> Failure {
        let (code, detail) = match self {
            Self::Expired { .. } => (ErrorCode::CertificateExpired, "sign/expired"),
            Self::NotYetValid { .. } => (ErrorCode::CertificateNotYetValid, "sign/not-yet-valid"),
            Self::NotTheAuthor => (ErrorCode::SignerNotAuthor, "sign/not-the-author"),
            Self::NoFiscalCode => (ErrorCode::SignerNotAuthor, "sign/no-fiscal-code"),
            _ => (ErrorCode::NoSigningCertificate, "sign/certificate"),
        };
        Failure::new(code, detail)
    }
}

impl IntoFailure for DeviceError {
    fn failure(self) -> Failure {
        let (code, detail) = match self {
            Self::ModuleMissing | Self::NoToken => (ErrorCode::NoSigningDevice, "device/none"),
            Self::ModuleUnusable => (ErrorCode::SigningDriverUnusable, "device/module"),
            Self::IdentityGone | Self::TokenRemoved => (ErrorCode::CardRemoved, "device/removed"),
            Self::WrongPin => (ErrorCode::WrongPin, "device/pin"),
            Self::PinLength { .. } => (ErrorCode::PinLength, "device/pin-length"),
            Self::WrongPinFewLeft => (ErrorCode::WrongPinFewLeft, "device/pin-few"),
            Self::WrongPinFinalAttempt => (ErrorCode::WrongPinLastTry, "device/pin-last"),
            Self::PinLocked => (ErrorCode::PinLocked, "device/pin-locked"),
            Self::Cancelled => (ErrorCode::SigningCancelled, "device/cancelled"),
            Self::Failed { code } => {
                return Failure::new(ErrorCode::SigningDeviceFailed, format!("device/{code:#x}"));
            }
            Self::ModuleForeign => (ErrorCode::SigningDriverUnusable, "device/architecture"),
            Self::ModuleStopped => (ErrorCode::SigningDriverStopped, "device/stopped"),
            Self::ModuleSilent => (ErrorCode::SigningDriverStopped, "device/silent"),
            Self::HelperMissing => (ErrorCode::SigningDriverUnusable, "device/helper"),
            Self::HeldByAnother => (ErrorCode::SigningDeviceBusy, "device/held"),
            Self::PinToBeChanged => (ErrorCode::PinToBeChanged, "device/pin-to-change"),
            Self::KeyMismatch => (ErrorCode::SigningKeyMismatch, "device/key-mismatch"),
            Self::SignatureUnsound => (ErrorCode::SignatureNotSound, "device/signature"),
            Self::Remote(refusal) => return remote_failure(&refusal),
            Self::MechanismUnsupported => (ErrorCode::SigningDeviceFailed, "device/mechanism"),
            Self::KeyMissing => (ErrorCode::SigningDeviceFailed, "device/key"),
            Self::NotAuthorised => (ErrorCode::SigningDeviceFailed, "device/not-authorised"),
            Self::KeyFileUnreadable | Self::KeyFileAmbiguous => {
                (ErrorCode::SigningDeviceFailed, "device/key-file")
            }
        };
        Failure::new(code, detail)
    }
}

/// The remote service's refusal, by what the person can do about it.
fn remote_failure(refusal: &signing::RemoteRefusal) -> Failure {
    use signing::RemoteRefusal as R;
    let code = match refusal {
        R::WrongOtp => ErrorCode::WrongOtp,
        R::ExpiredOtp => ErrorCode::OtpExpired,
        R::OtpNeeded => ErrorCode::OtpMissing,
        R::PinNeeded => ErrorCode::WrongPin,
        R::AuthorisationExpired => ErrorCode::SigningAuthorisationExpired,
        R::Unreachable | R::NoAnswer => ErrorCode::SigningServiceUnreachable,
        R::Unavailable { .. } | R::Garbled => ErrorCode::SigningServiceUnavailable,
        R::TooManyRequests { .. } => ErrorCode::SigningServiceBusy,
        R::AccessExpired | R::BrowserNeeded => ErrorCode::SigningServiceLogin,
        R::CredentialDisabled => ErrorCode::SigningCredentialDisabled,
        R::TooManyDocuments { .. } => ErrorCode::TooManyToSign,
        R::OutcomeUnknown => ErrorCode::SigningOutcomeUnknown,
        R::Refused { .. } => ErrorCode::SigningDeviceFailed,
    };
    let failure = Failure::new(code, remote_detail(refusal));
    match refusal {
        R::TooManyRequests {
            retry_after_s: Some(seconds),
        } => failure.with_retry_after(u32::try_from(*seconds).unwrap_or(u32::MAX)),
        _ => failure,
    }
}

/// The remote service's refusal for the help desk; its code holds no more than letters, digits and signs.
fn remote_detail(refusal: &signing::RemoteRefusal) -> String {
    use signing::RemoteRefusal as R;
    let word = match refusal {
        R::WrongOtp => "otp",
        R::ExpiredOtp => "otp-expired",
        R::OtpNeeded => "otp-needed",
        R::PinNeeded => "pin-needed",
        R::BrowserNeeded => "browser-needed",
        R::NoAnswer => "no-answer",
        R::AuthorisationExpired => "authorisation-expired",
        R::TooManyDocuments { .. } => "too-many-documents",
        R::CredentialDisabled => "credential-disabled",
        R::AccessExpired => "access-expired",
        R::TooManyRequests { .. } => "429",
        R::OutcomeUnknown => "outcome-unknown",
        R::Unreachable => "unreachable",
        R::Unavailable { status } => return format!("remote/{status}"),
        R::Garbled => "garbled",
        R::Refused { code } => return format!("remote/{code}"),
    };
    format!("remote/{word}")
}

impl IntoFailure for FinishError {
    fn failure(self) -> Failure {
        Failure::new(ErrorCode::SignatureNotSound, "sign/self-check")
    }
}

impl IntoFailure for cache::AttachmentError {
    fn failure(self) -> Failure {
        use cache::AttachmentError as E;
        let (code, detail) = match self {
            E::DiskFull => (ErrorCode::DiskFull, "attachment/full"),
            E::Source(_) => (ErrorCode::AttachmentUnreadable, "attachment/source"),
            E::Store(error) => return error.failure(),
            E::TooLarge => (ErrorCode::AttachmentTooLarge, "attachment/too-large"),
            E::Missing | E::Damaged => (ErrorCode::ArchiveDamaged, "attachment/damaged"),
            _ => (ErrorCode::Internal, "attachment/disk"),
        };
        Failure::new(code, detail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_answer_of_a_signing_device_that_asks_for_its_own_act_has_its_own_code() {
        use DeviceError as D;
        let told = |error: DeviceError| error.failure().code;
        let codes = [
            (D::NoToken, ErrorCode::NoSigningDevice),
            (D::ModuleForeign, ErrorCode::SigningDriverUnusable),
            (D::ModuleStopped, ErrorCode::SigningDriverStopped),
            (D::ModuleSilent, ErrorCode::SigningDriverStopped),
            (D::TokenRemoved, ErrorCode::CardRemoved),
            (D::HeldByAnother, ErrorCode::SigningDeviceBusy),
            (D::WrongPin, ErrorCode::WrongPin),
            (D::WrongPinFewLeft, ErrorCode::WrongPinFewLeft),
            (D::WrongPinFinalAttempt, ErrorCode::WrongPinLastTry),
            (D::PinLocked, ErrorCode::PinLocked),
            (D::PinToBeChanged, ErrorCode::PinToBeChanged),
            (D::PinLength { min: 5, max: 8 }, ErrorCode::PinLength),
            (D::Cancelled, ErrorCode::SigningCancelled),
            (D::KeyMismatch, ErrorCode::SigningKeyMismatch),
            (D::SignatureUnsound, ErrorCode::SignatureNotSound),
        ];
        for (error, code) in codes {
            assert_eq!(told(error.clone()), code, "{error:?}");
        }
        assert_eq!(
            DeviceError::Failed { code: 0x30 }.failure().detail,
            "device/0x30",
            "a number for the help desk, never shown as a number of attempts"
        );
    }
}
