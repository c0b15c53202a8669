//! Cards and tokens through PKCS#11 2.40.

use std::path::{Path, PathBuf};

use crate::error::DeviceError;
use crate::identity::{Identity, IdentityId};
use crate::pades::SigningHash;
use crate::token::{Authorised, Secret, Signer};

/// The PKCS#11 modules on this PC: those configured first, then the usual places, without repetition.
pub fn modules(configured: &[PathBuf]) -> Vec<PathBuf> {
    configured.to_vec()
}

/// One PKCS#11 module, owned by one thread for the life of the process.
#[derive(Clone, Debug)]
pub struct Pkcs11Signer {}

impl Pkcs11Signer {
    /// Loads a module, or joins the thread that already owns it.
    pub fn open(module: &Path) -> Result<Self, DeviceError> {
        let _ = module;
        Err(DeviceError::ModuleMissing)
    }
}

impl Signer for Pkcs11Signer {
    fn identities(&self) -> Result<Vec<Identity>, DeviceError> {
        Err(DeviceError::NoToken)
    }

    fn authorise(
        &self,
        _identity: &IdentityId,
        _hashes: &[SigningHash],
        _secret: Secret,
    ) -> Result<Box<dyn Authorised>, DeviceError> {
        Err(DeviceError::NoToken)
    }
}
