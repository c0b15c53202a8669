//! Cards and tokens through PKCS#11 2.40, each module owned by one thread.
//!
//! Middleware is written for one caller: every call to a module goes through its thread, and two signers of
//! the same module share it. The signature certificate is told from the authentication one by keyUsage
//! before any PIN. Not in it: how an answer becomes an error (`answer`) and what is asked (`owner`).

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError, mpsc};
use std::thread::JoinHandle;

use crate::error::DeviceError;
use crate::identity::{Identity, IdentityId};
use crate::pades::SigningHash;
use crate::token::{Authorised, Secret, SignatureValue, Signer};

mod answer;
mod owner;

use owner::Owner;

/// Where Linux middleware in use in Italy puts its module, and SoftHSM2 for tests.
const USUAL_PLACES: &[&str] = &[
    "/usr/lib/bit4id/libbit4xpki.so",
    "/usr/lib/libbit4xpki.so",
    "/usr/lib/x86_64-linux-gnu/libbit4xpki.so",
    "/usr/lib/libbit4ipki.so",
    "/usr/lib/libcie-pkcs11.so",
    "/usr/local/lib/libcie-pkcs11.so",
    "/usr/lib/libASEP11.so",
    "/usr/lib/libIDPrimePKCS11.so",
    "/usr/lib/pkcs11/libIDPrimePKCS11.so",
    "/usr/lib/libeTPkcs11.so",
    "/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so",
    "/usr/lib/aarch64-linux-gnu/opensc-pkcs11.so",
    "/usr/lib64/opensc-pkcs11.so",
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib64/softhsm/libsofthsm2.so",
];

/// The PKCS#11 modules on this PC: those configured first, then the usual places, each file once.
pub fn modules(configured: &[PathBuf]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let usual = USUAL_PLACES.iter().map(PathBuf::from);
    for path in configured
        .iter()
        .cloned()
        .chain(usual)
        .filter_map(|p| p.canonicalize().ok())
    {
        if path.is_file() && !found.contains(&path) {
            found.push(path);
        }
    }
    found
}

type Opened = HashMap<PathBuf, (Pkcs11Signer, JoinHandle<()>)>;
type Job = Box<dyn FnOnce(&mut Owner) + Send>;

/// One PKCS#11 module.
#[derive(Clone, Debug)]
pub struct Pkcs11Signer {
    jobs: mpsc::Sender<Job>,
}

impl Pkcs11Signer {
    /// Loads a module, or joins the thread that already owns it. It stays loaded for the life of the process:
    /// unloading middleware is what makes it crash.
    pub fn open(module: &Path) -> Result<Self, DeviceError> {
        static OPEN: OnceLock<Mutex<Opened>> = OnceLock::new();
        let path = module.canonicalize().map_err(|_| DeviceError::ModuleMissing)?;
        let mut open = OPEN
            .get_or_init(Mutex::default)
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some((signer, thread)) = open.get(&path)
            && !thread.is_finished()
        {
            return Ok(signer.clone());
        }
        let (signer, thread) = Self::start(path.clone())?;
        open.insert(path, (signer.clone(), thread));
        Ok(signer)
    }

    fn start(module: PathBuf) -> Result<(Self, JoinHandle<()>), DeviceError> {
        let (jobs, inbox) = mpsc::channel::<Job>();
        let (ready, loaded) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("pkcs11".into())
            .spawn(move || match Owner::load(&module) {
                Ok(mut owner) => {
                    let _ = ready.send(Ok(()));
                    while let Ok(job) = inbox.recv() {
                        job(&mut owner);
                    }
                }
                Err(error) => {
                    let _ = ready.send(Err(error));
                }
            })
            .map_err(|_| DeviceError::ModuleUnusable)?;
        loaded.recv().map_err(|_| DeviceError::ModuleStopped)??;
        Ok((Self { jobs }, thread))
    }

    fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&mut Owner) -> Result<T, DeviceError> + Send + 'static,
    ) -> Result<T, DeviceError> {
        let (reply, answer) = mpsc::channel();
        self.jobs
            .send(Box::new(move |owner| {
                let _ = reply.send(question(owner));
            }))
            .map_err(|_| DeviceError::ModuleStopped)?;
        answer.recv().map_err(|_| DeviceError::ModuleStopped)?
    }
}

impl Signer for Pkcs11Signer {
    fn identities(&self) -> Result<Vec<Identity>, DeviceError> {
        self.ask(|owner| owner.identities())
    }

    fn authorise(
        &self,
        identity: &IdentityId,
        hashes: &[SigningHash],
        secret: Secret,
    ) -> Result<Box<dyn Authorised>, DeviceError> {
        let (identity, hashes) = (identity.clone(), hashes.to_vec());
        let grant = self.ask(move |owner| owner.authorise(&identity, hashes, secret))?;
        Ok(Box::new(Grant {
            signer: self.clone(),
            number: grant,
        }))
    }
}

/// A login on a token. Dropped, it logs out.
struct Grant {
    signer: Pkcs11Signer,
    number: u64,
}

impl Authorised for Grant {
    fn sign(&mut self, hash: &SigningHash) -> Result<SignatureValue, DeviceError> {
        let (number, hash) = (self.number, *hash);
        self.signer.ask(move |owner| owner.sign(number, hash))
    }
}

impl Drop for Grant {
    fn drop(&mut self) {
        let number = self.number;
        // Waits, so that who drops a grant knows that the token is logged out.
        let _ = self.signer.ask(move |owner| {
            owner.end(number);
            Ok(())
        });
    }
}
