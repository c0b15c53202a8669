//! Cards and tokens through PKCS#11 2.40, each module in a process of its own.
//!
//! Middleware is written for one caller: two signers of the same module share its helper, and every question goes
//! through it in turn. The signature certificate is told from the authentication one by keyUsage before any PIN, and
//! no signature comes back that its certificate does not verify. Not in it: where modules are (`places`), the process
//! (`link`, `serve`), what is asked of a module (`owner`) and what its answers mean (`answer`).

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::certificate::{Device, KeyAlgorithm, ReadCertificate};
use crate::error::DeviceError;
use crate::identity::{DeviceKind, Identity, IdentityId};
use crate::pades::{RsaPadding, SigningHash};
use crate::token::{Authorised, Secret, SignatureValue, Signer, proof};

mod answer;
mod link;
mod owner;
mod places;
pub(in crate::token) mod serve;
mod wire;

pub use link::Limits;
pub use places::{Middleware, Module, modules, modules_named};

use link::Link;
use wire::{Reply, Request, TokenFacts};

/// One PKCS#11 module.
#[derive(Clone)]
pub struct Pkcs11Signer {
    link: Arc<Link>,
    /// On which token each identity was last seen.
    tokens: Arc<Mutex<HashMap<IdentityId, String>>>,
}

impl std::fmt::Debug for Pkcs11Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pkcs11Signer").finish_non_exhaustive()
    }
}

impl Pkcs11Signer {
    /// Starts the helper of a module, or joins the one that runs. It stays for the life of this program: loading
    /// middleware anew for every question is slow, and unloading it is what makes it crash.
    pub fn open(module: &Path) -> Result<Self, DeviceError> {
        static OPEN: OnceLock<Mutex<HashMap<PathBuf, Pkcs11Signer>>> = OnceLock::new();
        let path = module.canonicalize().map_err(|_| DeviceError::ModuleMissing)?;
        places::check_architecture(&path)?;
        let signer = OPEN
            .get_or_init(Mutex::default)
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .entry(path.clone())
            .or_insert_with(|| Self::unshared(&path, Limits::default()))
            .clone();
        signer.link.start()?;
        Ok(signer)
    }

    /// A helper of its own with limits of its own: for tests of drivers, and for drivers known to be slow.
    pub fn open_with(module: &Path, limits: Limits) -> Result<Self, DeviceError> {
        let path = module.canonicalize().map_err(|_| DeviceError::ModuleMissing)?;
        places::check_architecture(&path)?;
        let signer = Self::unshared(&path, limits);
        signer.link.start()?;
        Ok(signer)
    }

    fn unshared(path: &Path, limits: Limits) -> Self {
        Self {
            link: Arc::new(Link::new(path, limits)),
            tokens: Arc::default(),
        }
    }
}

impl Signer for Pkcs11Signer {
    fn identities(&self) -> Result<Vec<Identity>, DeviceError> {
        let (Reply::Tokens { tokens, fault }, _) = self.link.ask(&Request::List, None)? else {
            return Err(DeviceError::ModuleStopped);
        };
        let mut found: Vec<Identity> = Vec::new();
        for token in &tokens {
            let identities = identities_of(token);
            let mut seen = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
            seen.extend(
                identities
                    .iter()
                    .map(|known| (known.id.clone(), token.serial.clone())),
            );
            found.extend(identities);
        }
        match fault {
            Some(error) if found.is_empty() => Err(error),
            _ => Ok(found),
        }
    }

    fn is_present(&self, identity: &IdentityId) -> Result<bool, DeviceError> {
        let serial = {
            let seen = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
            seen.get(identity).cloned()
        };
        let Some(serial) = serial else { return Ok(false) };
        match self.link.ask(&Request::Serials, None)? {
            (Reply::Serials(now), _) => Ok(now.contains(&serial)),
            _ => Err(DeviceError::ModuleStopped),
        }
    }

    fn authorise(
        &self,
        identity: &IdentityId,
        hashes: &[SigningHash],
        secret: Secret,
    ) -> Result<Box<dyn Authorised>, DeviceError> {
        let pin = match secret {
            Secret::Pin(pin) => Some(pin),
            Secret::OnDevice => None,
            Secret::Remote { .. } => return Err(DeviceError::MechanismUnsupported),
        };
        let request = Request::Authorise {
            identity: identity.clone(),
            hashes: hashes.to_vec(),
            pin: pin.is_some(),
        };
        let (reply, helper) = self.link.ask(&request, pin.as_ref())?;
        let Reply::Granted { grant, certificate } = reply else {
            return Err(DeviceError::ModuleStopped);
        };
        let grant = Grant {
            link: self.link.clone(),
            helper,
            number: grant,
            algorithm: KeyAlgorithm::Rsa,
            certificate: certificate.0,
            hashes: hashes.to_vec(),
        };
        // From here on the login ends with the grant, whatever the helper said.
        let read = ReadCertificate::read(&grant.certificate).map_err(|_| DeviceError::IdentityGone)?;
        if read.id() != *identity {
            return Err(DeviceError::IdentityGone);
        }
        let algorithm = read
            .key_algorithm()
            .map_err(|_| DeviceError::MechanismUnsupported)?;
        let mut grant = grant;
        grant.algorithm = algorithm;
        Ok(Box::new(grant))
    }
}

fn identities_of(token: &TokenFacts) -> Vec<Identity> {
    let device = Device {
        kind: DeviceKind::Token,
        label: &token.label,
        pin: token.pin,
        pin_on_device: token.pin_on_device,
    };
    let (holders, authorities): (Vec<_>, Vec<_>) = token
        .certificates
        .iter()
        .filter_map(|c| ReadCertificate::read(&c.0).ok())
        .partition(|c| !c.is_authority());
    holders.iter().map(|c| c.identity(&authorities, device)).collect()
}

/// A login on a token, in one run of its helper. Dropped, it logs out.
struct Grant {
    link: Arc<Link>,
    helper: u64,
    number: u64,
    algorithm: KeyAlgorithm,
    certificate: Vec<u8>,
    hashes: Vec<SigningHash>,
}

impl Authorised for Grant {
    fn sign(&mut self, hash: &SigningHash) -> Result<SignatureValue, DeviceError> {
        self.padded(hash, RsaPadding::Pkcs1)
    }

    fn sign_pss(&mut self, hash: &SigningHash) -> Result<SignatureValue, DeviceError> {
        self.padded(hash, RsaPadding::Pss)
    }
}

impl Grant {
    fn padded(&self, hash: &SigningHash, padding: RsaPadding) -> Result<SignatureValue, DeviceError> {
        if !self.hashes.contains(hash) {
            return Err(DeviceError::NotAuthorised);
        }
        if !self.algorithm.pads(padding) {
            return Err(DeviceError::MechanismUnsupported);
        }
        let request = Request::Sign {
            grant: self.number,
            hash: *hash,
            padding,
        };
        let Reply::Signed(value) = self.link.ask_same(self.helper, &request)? else {
            return Err(DeviceError::ModuleStopped);
        };
        proof::check(&self.certificate, self.algorithm, padding, hash, &value)?;
        Ok(value)
    }
}

impl Drop for Grant {
    fn drop(&mut self) {
        // Waits, so that who drops a grant knows that the token is logged out: by the helper, or by its end.
        let _ = self
            .link
            .ask_same(self.helper, &Request::End { grant: self.number });
    }
}
