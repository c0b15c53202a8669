//! Devices that hold a key. One interface, shaped by the remote signature, which asks the most of it.
//!
//! Not in it: documents (`pades`) and trust (`validation`). A device sees hashes and nothing else.

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::error::DeviceError;
use crate::identity::{Identity, IdentityId};
use crate::pades::SigningHash;

mod devices;
pub mod helper;
pub mod pkcs11;
#[cfg(feature = "training")]
pub mod pkcs12;
pub(crate) mod proof;
#[cfg(feature = "training")]
pub mod training;

pub use devices::Devices;

/// What the person types to authorise, wiped after use and never printed.
pub enum Secret {
    /// The PIN of a card, a token or a key file.
    Pin(SecretString),
    /// The device asks for it by itself (PIN pad).
    OnDevice,
    /// What a remote signature service asks for: its PIN, a one-time code, or both.
    Remote {
        /// The PIN of the credential.
        pin: Option<SecretString>,
        /// The one-time code.
        otp: Option<SecretString>,
    },
}

impl Secret {
    /// A PIN.
    pub fn pin(pin: impl Into<String>) -> Self {
        Self::Pin(SecretString::from(pin.into()))
    }
}

/// A signature over a [`SigningHash`], as CMS wants it: PKCS#1 v1.5 or PSS for RSA, DER `ECDSA-Sig-Value` for EC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignatureValue(#[serde(with = "crate::base64_bytes")] pub Vec<u8>);

/// Something that can sign: a card or token, a key file in training, a remote service.
pub trait Signer: Send + Sync {
    /// The certificates present now, the signature ones and the others, without any PIN. Slots are listed
    /// again each time.
    fn identities(&self) -> Result<Vec<Identity>, DeviceError>;

    /// Whether the device of this identity is still there: asked every few seconds, so it reads nothing that takes the card's
    /// time. An error says nothing of the card.
    fn is_present(&self, identity: &IdentityId) -> Result<bool, DeviceError> {
        match self.identities() {
            Ok(all) => Ok(all.iter().any(|known| known.id == *identity)),
            Err(DeviceError::NoToken) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// How many documents one authorisation of this identity covers; none when nothing limits it.
    fn documents_per_authorisation(&self, identity: &IdentityId) -> Result<Option<usize>, DeviceError> {
        let _ = identity;
        Ok(None)
    }

    /// Authorises once for all these hashes. One attempt: a refusal comes back as it is.
    fn authorise(
        &self,
        identity: &IdentityId,
        hashes: &[SigningHash],
        secret: Secret,
    ) -> Result<Box<dyn Authorised>, DeviceError>;
}

/// An authorisation in force. It ends when dropped.
pub trait Authorised: Send {
    /// Signs one of the authorised hashes. The failure of one leaves the others possible.
    fn sign(&mut self, hash: &SigningHash) -> Result<SignatureValue, DeviceError>;

    /// The same with an RSA key that pads by PSS (SHA-256, 32 bytes of salt), where the device can.
    fn sign_pss(&mut self, hash: &SigningHash) -> Result<SignatureValue, DeviceError> {
        let _ = hash;
        Err(DeviceError::MechanismUnsupported)
    }
}
