//! The system's keychain, where there is one: Secret Service on Linux, Keychain on macOS, Credential
//! Manager on Windows. It holds half of what opens a person's data key; it never holds the key itself.
//!
//! Whether there is one is measured, by writing and reading back, and never assumed.

use std::sync::Arc;

use keyring_core::{CredentialStore, Error as StoreError};
use zeroize::Zeroizing;

const SERVICE: &str = "it.campania.sinfonia.postazione";

/// A keychain, or the lack of one.
#[derive(Clone)]
pub struct Keychain {
    store: Option<Arc<CredentialStore>>,
}

impl std::fmt::Debug for Keychain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.store.is_some() {
            "Keychain"
        } else {
            "no keychain"
        })
    }
}

/// Why the keychain did not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeychainError {
    /// There is none on this PC, or none in this session.
    #[error("there is no keychain here")]
    None,
    /// It holds no entry for this person.
    #[error("the keychain has no such entry")]
    NoEntry,
    /// It is there and refused: locked, or access denied.
    #[error("the keychain refused")]
    Refused,
}

impl Keychain {
    /// The system's own, if it takes and gives back a value now. May ask the user to unlock it.
    pub fn system() -> Self {
        let Some(store) = system_store() else {
            return Self::none();
        };
        let found = Self::with_store(store);
        match found.probe() {
            Ok(()) => found,
            Err(error) => {
                tracing::info!(%error, "the system has no usable keychain");
                Self::none()
            }
        }
    }

    /// None: secrets must be passphrases.
    pub fn none() -> Self {
        Self { store: None }
    }

    /// A given store.
    pub fn with_store(store: Arc<CredentialStore>) -> Self {
        Self { store: Some(store) }
    }

    /// Whether there is one.
    pub fn is_available(&self) -> bool {
        self.store.is_some()
    }

    fn probe(&self) -> Result<(), KeychainError> {
        let name = format!("probe-{}", uuid::Uuid::now_v7());
        self.write(&name, &[0x5a; 32])?;
        let read = self.read(&name);
        self.remove(&name)?;
        if *read? == [0x5a; 32] {
            Ok(())
        } else {
            Err(KeychainError::Refused)
        }
    }

    pub(crate) fn write(&self, name: &str, secret: &[u8; 32]) -> Result<(), KeychainError> {
        self.entry(name)?.set_secret(secret).map_err(refused)
    }

    pub(crate) fn read(&self, name: &str) -> Result<Zeroizing<[u8; 32]>, KeychainError> {
        let bytes = Zeroizing::new(self.entry(name)?.get_secret().map_err(refused)?);
        let secret: [u8; 32] = bytes.as_slice().try_into().map_err(|_| KeychainError::NoEntry)?;
        Ok(Zeroizing::new(secret))
    }

    pub(crate) fn remove(&self, name: &str) -> Result<(), KeychainError> {
        self.entry(name)?.delete_credential().map_err(refused)
    }

    fn entry(&self, name: &str) -> Result<keyring_core::Entry, KeychainError> {
        let store = self.store.as_ref().ok_or(KeychainError::None)?;
        store.build(SERVICE, name, None).map_err(refused)
    }
}

fn refused(error: StoreError) -> KeychainError {
    match error {
        StoreError::NoEntry => KeychainError::NoEntry,
        _ => KeychainError::Refused,
    }
}

#[cfg(target_os = "linux")]
fn system_store() -> Option<Arc<CredentialStore>> {
    // Without a session bus the library would try to start one and wait.
    std::env::var_os("DBUS_SESSION_BUS_ADDRESS")?;
    let store = dbus_secret_service_keyring_store::Store::new().ok()?;
    Some(store)
}

#[cfg(target_os = "macos")]
fn system_store() -> Option<Arc<CredentialStore>> {
    let store = apple_native_keyring_store::keychain::Store::new().ok()?;
    Some(store)
}

#[cfg(target_os = "windows")]
fn system_store() -> Option<Arc<CredentialStore>> {
    let store = windows_native_keyring_store::Store::new().ok()?;
    Some(store)
}

#[cfg(not(any(target_os = "linux", target_os = "macos", target_os = "windows")))]
fn system_store() -> Option<Arc<CredentialStore>> {
    None
}
