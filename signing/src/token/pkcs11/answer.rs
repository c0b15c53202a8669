//! PKCS#11 return values, as what a person can do about them.
//!
//! The driver's own word goes to the log of the program that asked, the meaning to the caller; neither holds
//! personal data.

use std::cell::RefCell;

use cryptoki::error::{Error, RvError};

use crate::error::DeviceError;
use crate::identity::PinState;

thread_local! {
    static CAUSE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// The driver's word for the last failure told by this module, once.
pub(super) fn last_cause() -> Option<String> {
    CAUSE.with_borrow_mut(Option::take)
}

fn remember(error: &Error) {
    let cause = match error {
        Error::Pkcs11(value, function) => format!("{function:?}: {value:?}"),
        // Other texts may name paths and users.
        Error::LibraryLoading(_) => "not loaded".to_owned(),
        _ => "the driver does not follow PKCS#11".to_owned(),
    };
    CAUSE.set(Some(cause));
}

/// While loading the module.
pub(super) fn loading(error: &Error) -> DeviceError {
    remember(error);
    DeviceError::ModuleUnusable
}

/// After a login, with the PIN's flags read again and the lengths that the token takes.
pub(super) fn login(error: &Error, after: Option<PinState>, (min, max): (usize, usize)) -> DeviceError {
    remember(error);
    match error {
        Error::Pkcs11(RvError::PinIncorrect, _) => match after {
            Some(PinState::Locked) => DeviceError::PinLocked,
            Some(PinState::FinalTry) => DeviceError::WrongPinFinalAttempt,
            Some(PinState::Low) => DeviceError::WrongPinFewLeft,
            _ => DeviceError::WrongPin,
        },
        Error::Pkcs11(RvError::PinLenRange | RvError::PinInvalid, _) => DeviceError::PinLength { min, max },
        other => plain(other),
    }
}

/// Anywhere else.
pub(super) fn plain(error: &Error) -> DeviceError {
    remember(error);
    let Error::Pkcs11(value, _) = error else {
        return DeviceError::Failed { code: 0 };
    };
    match value {
        RvError::PinLocked => DeviceError::PinLocked,
        RvError::PinIncorrect => DeviceError::WrongPin,
        RvError::PinExpired | RvError::UserPinNotInitialized => DeviceError::PinToBeChanged,
        RvError::Cancel | RvError::FunctionCanceled | RvError::FunctionRejected => DeviceError::Cancelled,
        RvError::TokenNotPresent
        | RvError::TokenNotRecognized
        | RvError::DeviceRemoved
        | RvError::SlotIdInvalid
        | RvError::SessionClosed
        | RvError::SessionHandleInvalid => DeviceError::TokenRemoved,
        RvError::UserAlreadyLoggedIn
        | RvError::UserAnotherAlreadyLoggedIn
        | RvError::UserTooManyTypes
        | RvError::SessionCount
        | RvError::SessionExists
        | RvError::OperationActive => DeviceError::HeldByAnother,
        RvError::MechanismInvalid
        | RvError::MechanismParamInvalid
        | RvError::KeyTypeInconsistent
        | RvError::KeyFunctionNotPermitted
        | RvError::KeySizeRange
        | RvError::CurveNotSupported
        | RvError::FunctionNotSupported => DeviceError::MechanismUnsupported,
        RvError::KeyHandleInvalid | RvError::ObjectHandleInvalid => DeviceError::KeyMissing,
        RvError::VendorDefined(code) | RvError::UnknownErrorCode(code) => {
            DeviceError::Failed { code: wide(*code) }
        }
        _ => DeviceError::Failed { code: 0 },
    }
}

/// `CK_RV` has 32 bits on Windows and 64 elsewhere.
#[allow(clippy::useless_conversion, reason = "not useless on Windows")]
fn wide(code: std::ffi::c_ulong) -> u64 {
    code.into()
}

#[cfg(test)]
mod tests {
    use cryptoki::context::Function;

    use super::*;

    #[test]
    fn a_wrong_pin_is_told_by_the_flags_after_it() {
        let wrong = Error::Pkcs11(RvError::PinIncorrect, Function::Login);
        let told = |after| login(&wrong, after, (4, 8));
        assert_eq!(told(Some(PinState::Ready)), DeviceError::WrongPin);
        assert_eq!(told(Some(PinState::Low)), DeviceError::WrongPinFewLeft);
        assert_eq!(told(Some(PinState::FinalTry)), DeviceError::WrongPinFinalAttempt);
        assert_eq!(
            told(Some(PinState::Locked)),
            DeviceError::PinLocked,
            "this attempt was the last"
        );
        assert_eq!(
            told(None),
            DeviceError::WrongPin,
            "the token went away after the answer"
        );
    }

    #[test]
    fn answers_that_ask_for_different_acts_stay_apart() {
        let plain = |value| plain(&Error::Pkcs11(value, Function::Sign));
        assert_eq!(plain(RvError::DeviceRemoved), DeviceError::TokenRemoved);
        assert_eq!(plain(RvError::FunctionCanceled), DeviceError::Cancelled);
        assert_eq!(plain(RvError::PinLocked), DeviceError::PinLocked);
        assert_eq!(plain(RvError::PinExpired), DeviceError::PinToBeChanged);
        assert_eq!(plain(RvError::SessionCount), DeviceError::HeldByAnother);
        assert_eq!(
            plain(RvError::MechanismInvalid),
            DeviceError::MechanismUnsupported
        );
        assert_eq!(
            plain(RvError::VendorDefined(0x8000_0001)),
            DeviceError::Failed { code: 0x8000_0001 }
        );
    }
}
