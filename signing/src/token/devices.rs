//! All devices of a PC as one: the window asks who can sign, not which driver knows the card.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::error::DeviceError;
use crate::identity::{Identity, IdentityId};
use crate::pades::SigningHash;
use crate::token::pkcs11::{Pkcs11Signer, modules};
use crate::token::{Authorised, Secret, Signer};

/// Several signers, in order of preference: a card that two drivers know is used through the first.
#[derive(Default)]
pub struct Devices {
    signers: Vec<Box<dyn Signer>>,
    /// Which signer told of an identity last: it is asked first, so that a slow driver holds up no other's card.
    told: Mutex<HashMap<IdentityId, usize>>,
}

impl Devices {
    /// Those given.
    pub fn new(signers: Vec<Box<dyn Signer>>) -> Self {
        Self {
            signers,
            told: Mutex::default(),
        }
    }

    /// Every PKCS#11 module of this PC that loads, those configured first. A configured module that does not
    /// load is an error; one found by chance is passed over.
    pub fn of_this_pc(configured: &[PathBuf]) -> Result<Self, DeviceError> {
        let mut signers: Vec<Box<dyn Signer>> = Vec::new();
        let mut asked_for = Vec::new();
        for path in configured {
            signers.push(Box::new(Pkcs11Signer::open(path)?));
            asked_for.extend(path.canonicalize());
        }
        let found: Vec<PathBuf> = modules(&[])
            .into_iter()
            .filter(|path| !asked_for.contains(path))
            .collect();
        // At the same time: a driver that hangs while it loads holds up no other.
        let opened = std::thread::scope(|scope| {
            let opening: Vec<_> = found
                .iter()
                .map(|path| scope.spawn(|| Pkcs11Signer::open(path)))
                .collect();
            opening
                .into_iter()
                .filter_map(|thread| thread.join().ok()?.ok())
                .collect::<Vec<_>>()
        });
        for signer in opened {
            signers.push(Box::new(signer));
        }
        Ok(Self::new(signers))
    }

    /// The signer that has this identity now. A driver that failed is a better reason than a card that left.
    fn holder(&self, identity: &IdentityId) -> Result<&dyn Signer, DeviceError> {
        let first = self.told().get(identity).copied();
        let rest = (0..self.signers.len()).filter(|place| Some(*place) != first);
        let mut reason = DeviceError::IdentityGone;
        for signer in first
            .into_iter()
            .chain(rest)
            .filter_map(|place| self.signers.get(place))
        {
            match signer.identities() {
                Ok(all) if all.iter().any(|i| i.id == *identity) => return Ok(signer.as_ref()),
                Err(error @ (DeviceError::ModuleStopped | DeviceError::ModuleSilent)) => reason = error,
                _ => {}
            }
        }
        Err(reason)
    }

    fn told(&self) -> MutexGuard<'_, HashMap<IdentityId, usize>> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks every signer at the same time: who waits for all waits for the slowest alone.
    fn ask_all(&self) -> Vec<Result<Vec<Identity>, DeviceError>> {
        std::thread::scope(|scope| {
            let asked: Vec<_> = self
                .signers
                .iter()
                .map(|signer| scope.spawn(|| signer.identities()))
                .collect();
            asked
                .into_iter()
                .map(|thread| thread.join().unwrap_or(Err(DeviceError::ModuleStopped)))
                .collect()
        })
    }

    /// Adds a signer after the others.
    pub fn push(&mut self, signer: Box<dyn Signer>) {
        self.signers.push(signer);
    }
}

impl Signer for Devices {
    /// Everyone present. With nobody, the reason that says most: a driver's fault before an empty reader.
    fn identities(&self) -> Result<Vec<Identity>, DeviceError> {
        let mut found: Vec<Identity> = Vec::new();
        let mut reason = DeviceError::NoToken;
        let mut told = HashMap::new();
        for (place, answer) in self.ask_all().into_iter().enumerate() {
            match answer {
                Ok(identities) => {
                    for identity in identities {
                        if found.iter().all(|known| known.id != identity.id) {
                            told.insert(identity.id.clone(), place);
                            found.push(identity);
                        }
                    }
                }
                Err(DeviceError::NoToken) => {}
                Err(error) => reason = error,
            }
        }
        *self.told() = told;
        if found.is_empty() { Err(reason) } else { Ok(found) }
    }

    /// The signer that told of it answers for it; with none, the first that has it.
    fn is_present(&self, identity: &IdentityId) -> Result<bool, DeviceError> {
        let first = self.told().get(identity).copied();
        if let Some(signer) = first.and_then(|place| self.signers.get(place)) {
            return signer.is_present(identity);
        }
        let mut unknown = None;
        for signer in &self.signers {
            match signer.is_present(identity) {
                Ok(true) => return Ok(true),
                Ok(false) => {}
                Err(error) => unknown = Some(error),
            }
        }
        unknown.map_or(Ok(false), Err)
    }

    fn documents_per_authorisation(&self, identity: &IdentityId) -> Result<Option<usize>, DeviceError> {
        self.holder(identity)?.documents_per_authorisation(identity)
    }

    fn authorise(
        &self,
        identity: &IdentityId,
        hashes: &[SigningHash],
        secret: Secret,
    ) -> Result<Box<dyn Authorised>, DeviceError> {
        self.holder(identity)?.authorise(identity, hashes, secret)
    }
}
