//! The C side: the functions of PKCS#11 2.40 that a signature needs, over the folder of [`crate::HostileToken`].
//!
//! Handles: certificate *n* is object *n* + 1, the private key is object 100. One session at a time holds a search.

#![allow(
    unsafe_code,
    unreachable_pub,
    non_snake_case,
    clippy::missing_safety_doc,
    reason = "a PKCS#11 module is a C interface; every pointer is what the caller of the standard gives"
)]

use std::io::Write as _;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use cryptoki_sys::*;
use openssl::pkey::{PKey, Private};
use openssl::rsa::{Padding, Rsa};

use crate::{HostileToken, Mood};

const SLOT: CK_SLOT_ID = 7;
const KEY: CK_OBJECT_HANDLE = 100;
const ID: &[u8] = &[1];

/// What the standard calls the state of the application.
#[derive(Default)]
struct State {
    sessions: CK_SESSION_HANDLE,
    logged_in: bool,
    found: Vec<CK_OBJECT_HANDLE>,
}

static STATE: Mutex<State> = Mutex::new(State {
    sessions: 0,
    logged_in: false,
    found: Vec::new(),
});

fn with_state<T>(act: impl FnOnce(&mut State) -> T) -> T {
    act(&mut STATE.lock().unwrap_or_else(PoisonError::into_inner))
}

fn forever() -> ! {
    loop {
        std::thread::sleep(Duration::from_secs(60));
    }
}

/// The token, when its card is in.
fn token() -> Result<HostileToken, CK_RV> {
    let token = HostileToken::open().ok_or(CKR_GENERAL_ERROR)?;
    if token.present() {
        Ok(token)
    } else {
        with_state(|state| state.logged_in = false);
        Err(CKR_DEVICE_REMOVED)
    }
}

fn answer(result: Result<(), CK_RV>) -> CK_RV {
    result.err().unwrap_or(CKR_OK)
}

unsafe extern "C" fn initialize(_: CK_VOID_PTR) -> CK_RV {
    CKR_OK
}

unsafe extern "C" fn finalize(_: CK_VOID_PTR) -> CK_RV {
    CKR_OK
}

unsafe extern "C" fn get_slot_list(with_token: CK_BBOOL, list: CK_SLOT_ID_PTR, count: CK_ULONG_PTR) -> CK_RV {
    let Some(token) = HostileToken::open() else {
        return CKR_GENERAL_ERROR;
    };
    if token.mood() == Mood::CrashesListing {
        std::process::abort();
    }
    let slots = CK_ULONG::from(token.present() || with_token == CK_FALSE);
    unsafe {
        if !list.is_null() && slots > 0 {
            if *count < slots {
                return CKR_BUFFER_TOO_SMALL;
            }
            *list = SLOT;
        }
        *count = slots;
    }
    CKR_OK
}

unsafe extern "C" fn get_slot_info(_: CK_SLOT_ID, info: CK_SLOT_INFO_PTR) -> CK_RV {
    let present = token().is_ok();
    let mut slot = CK_SLOT_INFO {
        slotDescription: [b' '; 64],
        manufacturerID: [b' '; 32],
        flags: CKF_REMOVABLE_DEVICE | CKF_HW_SLOT,
        ..CK_SLOT_INFO::default()
    };
    if present {
        slot.flags |= CKF_TOKEN_PRESENT;
    }
    unsafe { *info = slot };
    CKR_OK
}

unsafe extern "C" fn get_token_info(_: CK_SLOT_ID, info: CK_TOKEN_INFO_PTR) -> CK_RV {
    answer(token().map(|token| {
        let (wrong, limit) = (token.number("wrong"), token.number("locks-after"));
        let mut shown = CK_TOKEN_INFO {
            label: [b' '; 32],
            manufacturerID: [b' '; 32],
            model: [b' '; 16],
            serialNumber: *b"0000000000000001",
            flags: CKF_TOKEN_INITIALIZED | CKF_LOGIN_REQUIRED | CKF_USER_PIN_INITIALIZED | CKF_RNG,
            ulMaxSessionCount: CK_EFFECTIVELY_INFINITE,
            ulMaxPinLen: 8,
            ulMinPinLen: 4,
            utcTime: *b"2026010100000000",
            ..CK_TOKEN_INFO::default()
        };
        shown.label[..13].copy_from_slice(b"Carta ostile ");
        if wrong >= limit {
            shown.flags |= CKF_USER_PIN_LOCKED;
        } else if wrong + 1 == limit {
            shown.flags |= CKF_USER_PIN_FINAL_TRY;
        } else if wrong > 0 {
            shown.flags |= CKF_USER_PIN_COUNT_LOW;
        }
        match token.mood() {
            Mood::PinToBeChanged => shown.flags |= CKF_USER_PIN_TO_BE_CHANGED,
            Mood::PinPad => shown.flags |= CKF_PROTECTED_AUTHENTICATION_PATH,
            _ => {}
        }
        unsafe { *info = shown };
    }))
}

unsafe extern "C" fn open_session(
    _: CK_SLOT_ID,
    _: CK_FLAGS,
    _: CK_VOID_PTR,
    _: CK_NOTIFY,
    session: CK_SESSION_HANDLE_PTR,
) -> CK_RV {
    answer(token().map(|_| {
        with_state(|state| {
            state.sessions += 1;
            unsafe { *session = state.sessions };
        });
    }))
}

unsafe extern "C" fn close_session(_: CK_SESSION_HANDLE) -> CK_RV {
    CKR_OK
}

unsafe extern "C" fn login(
    _: CK_SESSION_HANDLE,
    _: CK_USER_TYPE,
    pin: CK_UTF8CHAR_PTR,
    length: CK_ULONG,
) -> CK_RV {
    let token = match token() {
        Ok(token) => token,
        Err(value) => return value,
    };
    token.count("logins");
    match token.mood() {
        Mood::CrashesAtLogin => std::process::abort(),
        Mood::HangsAtLogin => forever(),
        Mood::Cancels => return CKR_FUNCTION_CANCELED,
        Mood::Busy => return CKR_USER_ANOTHER_ALREADY_LOGGED_IN,
        Mood::PinToBeChanged => return CKR_PIN_EXPIRED,
        _ => {}
    }
    let limit = token.number("locks-after");
    if token.number("wrong") >= limit {
        return CKR_PIN_LOCKED;
    }
    let typed = match pin.is_null() {
        // Typed on the reader's own keys, rightly.
        true => std::fs::read(token.dir().join("pin")).unwrap_or_default(),
        false => unsafe { std::slice::from_raw_parts(pin, length as usize) }.to_vec(),
    };
    if std::fs::read(token.dir().join("pin")).is_ok_and(|right| right == typed) {
        let _ = token.write("wrong", b"0");
        with_state(|state| state.logged_in = true);
        CKR_OK
    } else {
        token.count("wrong");
        CKR_PIN_INCORRECT
    }
}

unsafe extern "C" fn logout(_: CK_SESSION_HANDLE) -> CK_RV {
    with_state(|state| state.logged_in = false);
    CKR_OK
}

unsafe extern "C" fn find_objects_init(
    _: CK_SESSION_HANDLE,
    template: CK_ATTRIBUTE_PTR,
    count: CK_ULONG,
) -> CK_RV {
    answer(token().map(|token| {
        let wanted = match template.is_null() {
            true => &[],
            false => unsafe { std::slice::from_raw_parts(template, count as usize) },
        };
        let class = wanted
            .iter()
            .find(|attribute| attribute.type_ == CKA_CLASS)
            .map(|attribute| unsafe { *attribute.pValue.cast::<CK_OBJECT_CLASS>() });
        with_state(|state| {
            state.found = match class {
                Some(CKO_CERTIFICATE) => (1..=token.certificates().len() as CK_ULONG).collect(),
                Some(CKO_PRIVATE_KEY) if state.logged_in => vec![KEY],
                _ => Vec::new(),
            };
        });
    }))
}

unsafe extern "C" fn find_objects(
    _: CK_SESSION_HANDLE,
    objects: CK_OBJECT_HANDLE_PTR,
    most: CK_ULONG,
    count: CK_ULONG_PTR,
) -> CK_RV {
    with_state(|state| {
        let taken: Vec<_> = state
            .found
            .drain(..state.found.len().min(most as usize))
            .collect();
        unsafe {
            for (number, object) in taken.iter().enumerate() {
                *objects.add(number) = *object;
            }
            *count = taken.len() as CK_ULONG;
        }
    });
    CKR_OK
}

unsafe extern "C" fn find_objects_final(_: CK_SESSION_HANDLE) -> CK_RV {
    CKR_OK
}

/// The value of an attribute; none where the object has none.
fn value(token: &HostileToken, object: CK_OBJECT_HANDLE, attribute: CK_ATTRIBUTE_TYPE) -> Option<Vec<u8>> {
    let number = usize::try_from(object).ok()?;
    match (object, attribute) {
        (KEY, CKA_CLASS) => Some(CKO_PRIVATE_KEY.to_ne_bytes().to_vec()),
        (KEY, CKA_ID) => Some(ID.to_vec()),
        (KEY, CKA_MODULUS) if token.mood() == Mood::OtherKey => None,
        (KEY, CKA_MODULUS) => Some(key(token)?.rsa().ok()?.n().to_vec()),
        (KEY, CKA_ALWAYS_AUTHENTICATE) => Some(vec![CK_FALSE]),
        (_, CKA_CLASS) => Some(CKO_CERTIFICATE.to_ne_bytes().to_vec()),
        (_, CKA_CERTIFICATE_TYPE) => Some(CKC_X_509.to_ne_bytes().to_vec()),
        (1, CKA_ID) => Some(ID.to_vec()),
        (_, CKA_ID) => Some(vec![u8::try_from(number).ok()?]),
        (_, CKA_VALUE) => token.certificates().get(number.checked_sub(1)?).cloned(),
        _ => None,
    }
}

unsafe extern "C" fn get_attribute_value(
    _: CK_SESSION_HANDLE,
    object: CK_OBJECT_HANDLE,
    template: CK_ATTRIBUTE_PTR,
    count: CK_ULONG,
) -> CK_RV {
    let token = match token() {
        Ok(token) => token,
        Err(value) => return value,
    };
    let mut result = CKR_OK;
    for attribute in unsafe { std::slice::from_raw_parts_mut(template, count as usize) } {
        match value(&token, object, attribute.type_) {
            None => {
                attribute.ulValueLen = CK_UNAVAILABLE_INFORMATION;
                result = CKR_ATTRIBUTE_TYPE_INVALID;
            }
            Some(bytes) => {
                let length = bytes.len() as CK_ULONG;
                if !attribute.pValue.is_null() {
                    if attribute.ulValueLen < length {
                        result = CKR_BUFFER_TOO_SMALL;
                    } else {
                        unsafe {
                            std::ptr::copy_nonoverlapping(
                                bytes.as_ptr(),
                                attribute.pValue.cast(),
                                bytes.len(),
                            );
                        }
                    }
                }
                attribute.ulValueLen = length;
            }
        }
    }
    result
}

unsafe extern "C" fn sign_init(
    _: CK_SESSION_HANDLE,
    mechanism: CK_MECHANISM_PTR,
    _: CK_OBJECT_HANDLE,
) -> CK_RV {
    answer(token().and_then(|_| {
        if unsafe { (*mechanism).mechanism } == CKM_RSA_PKCS {
            Ok(())
        } else {
            Err(CKR_MECHANISM_INVALID)
        }
    }))
}

/// The key that signs: the certificate's, or a stranger's.
fn key(token: &HostileToken) -> Option<PKey<Private>> {
    if matches!(token.mood(), Mood::OtherKey | Mood::OtherKeyShown) {
        // Kept, so that its modulus is the same at every question.
        let kept = token.dir().join("other.pem");
        if !kept.is_file() {
            let other = PKey::from_rsa(Rsa::generate(2048).ok()?).ok()?;
            token
                .write("other.pem", &other.private_key_to_pem_pkcs8().ok()?)
                .ok()?;
        }
        return PKey::private_key_from_pem(&std::fs::read(kept).ok()?).ok();
    }
    PKey::private_key_from_pem(&std::fs::read(token.dir().join("key.pem")).ok()?).ok()
}

unsafe extern "C" fn sign(
    _: CK_SESSION_HANDLE,
    data: CK_BYTE_PTR,
    data_length: CK_ULONG,
    signature: CK_BYTE_PTR,
    length: CK_ULONG_PTR,
) -> CK_RV {
    let token = match token() {
        Ok(token) => token,
        Err(value) => return value,
    };
    let Some(rsa) = key(&token).and_then(|key| key.rsa().ok()) else {
        return CKR_GENERAL_ERROR;
    };
    let size = rsa.size() as usize;
    if signature.is_null() {
        unsafe { *length = size as CK_ULONG };
        return CKR_OK;
    }
    token.count("signatures");
    match token.mood() {
        Mood::Hangs => forever(),
        Mood::Crashes => std::process::abort(),
        Mood::Vanishes => {
            let _ = token.remove();
            return CKR_DEVICE_REMOVED;
        }
        Mood::Empty => {
            unsafe { *length = 0 };
            return CKR_OK;
        }
        Mood::Prints => {
            let mut output = std::io::stdout();
            let _ = output.write_all(b"[VENDOR] signing with slot 7\n\0\0PSTOK\n");
            let _ = output.flush();
        }
        _ => {}
    }
    if !with_state(|state| state.logged_in) {
        return CKR_USER_NOT_LOGGED_IN;
    }
    let data = unsafe { std::slice::from_raw_parts(data, data_length as usize) };
    let mut made = vec![0; size];
    let Ok(made_length) = rsa.private_encrypt(data, &mut made, Padding::PKCS1) else {
        return CKR_DATA_LEN_RANGE;
    };
    if token.mood() == Mood::Lies
        && let Some(byte) = made.last_mut()
    {
        *byte ^= 1;
    }
    unsafe {
        if (*length as usize) < made_length {
            return CKR_BUFFER_TOO_SMALL;
        }
        std::ptr::copy_nonoverlapping(made.as_ptr(), signature, made_length);
        *length = made_length as CK_ULONG;
    }
    CKR_OK
}

struct List(CK_FUNCTION_LIST);

// SAFETY: the list is never written after it is made, and holds only function pointers.
unsafe impl Sync for List {}

/// The way in.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn C_GetFunctionList(list: CK_FUNCTION_LIST_PTR_PTR) -> CK_RV {
    static LIST: std::sync::OnceLock<List> = std::sync::OnceLock::new();
    let functions = LIST.get_or_init(|| {
        List(CK_FUNCTION_LIST {
            version: CK_VERSION { major: 2, minor: 40 },
            C_Initialize: Some(initialize),
            C_Finalize: Some(finalize),
            C_GetFunctionList: Some(C_GetFunctionList),
            C_GetSlotList: Some(get_slot_list),
            C_GetSlotInfo: Some(get_slot_info),
            C_GetTokenInfo: Some(get_token_info),
            C_OpenSession: Some(open_session),
            C_CloseSession: Some(close_session),
            C_Login: Some(login),
            C_Logout: Some(logout),
            C_FindObjectsInit: Some(find_objects_init),
            C_FindObjects: Some(find_objects),
            C_FindObjectsFinal: Some(find_objects_final),
            C_GetAttributeValue: Some(get_attribute_value),
            C_SignInit: Some(sign_init),
            C_Sign: Some(sign),
            ..CK_FUNCTION_LIST::default()
        })
    });
    unsafe { *list = std::ptr::from_ref(&functions.0).cast_mut() };
    CKR_OK
}
