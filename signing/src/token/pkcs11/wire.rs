//! What the program asks its helper, and what the helper answers: JSON, one value a frame.
//!
//! The PIN is in none of these values: it follows [`Request::Authorise`] in a frame of its own, raw, so that it is
//! in no text that somebody parses or prints.

use serde::{Deserialize, Serialize};

use crate::error::DeviceError;
use crate::identity::{IdentityId, PinState};
use crate::pades::{RsaPadding, SigningHash};
use crate::token::SignatureValue;

/// A question.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Request {
    /// Who is in the readers now?
    List,
    /// Which tokens are in the readers now, by serial number; no object on them is read.
    Serials,
    /// Log in for these hashes. With `pin`, the next frame is the PIN.
    Authorise {
        identity: IdentityId,
        hashes: Vec<SigningHash>,
        pin: bool,
    },
    /// Sign one of them.
    Sign {
        grant: u64,
        hash: SigningHash,
        padding: RsaPadding,
    },
    /// Log out.
    End { grant: u64 },
}

/// An answer.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Reply {
    /// The module is loaded. Unasked, once.
    Ready,
    /// Those that could be read, and why another could not.
    Tokens {
        tokens: Vec<TokenFacts>,
        fault: Option<DeviceError>,
    },
    /// The serial numbers.
    Serials(Vec<String>),
    /// Logged in.
    Granted {
        grant: u64,
        certificate: CertificateBytes,
    },
    /// Signed.
    Signed(SignatureValue),
    /// Logged out.
    Ended,
    /// Not done. `cause` is the driver's own word for the log (`C_Login: CKR_...`), without personal data.
    Failed {
        error: DeviceError,
        cause: Option<String>,
    },
}

/// A token as it shows itself without a PIN.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct TokenFacts {
    pub(super) label: String,
    pub(super) serial: String,
    pub(super) pin: PinState,
    pub(super) pin_on_device: bool,
    pub(super) certificates: Vec<CertificateBytes>,
}

/// A certificate in DER.
#[derive(Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct CertificateBytes(#[serde(with = "crate::base64_bytes")] pub(super) Vec<u8>);
