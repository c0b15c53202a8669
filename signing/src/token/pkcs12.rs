//! PKCS#12 key files, for training only.
//!
//! A card shows its certificates before the PIN, so a key file does too: its chain stands beside it, in PEM.
//! The password plays the PIN; a file has no counter and is never locked.

use std::fs;
use std::path::Path;

use openssl::md::Md;
use openssl::pkey::{PKey, Private};
use openssl::pkey_ctx::PkeyCtx;
use p12_keystore::Pkcs12Archive;
use secrecy::{ExposeSecret, SecretString};

use crate::certificate::{Device, KeyAlgorithm, ReadCertificate};
use crate::error::DeviceError;
use crate::identity::{DeviceKind, Identity, IdentityId, PinState};
use crate::pades::{RsaPadding, SigningHash};
use crate::token::{Authorised, Secret, SignatureValue, Signer, proof};

/// Key files with their certificates, which are known before the password.
#[derive(Default)]
pub struct Pkcs12Signer {
    files: Vec<KeyFile>,
}

struct KeyFile {
    label: String,
    p12: Vec<u8>,
    signer: ReadCertificate,
    issuers: Vec<ReadCertificate>,
}

impl Pkcs12Signer {
    /// Every `NAME.p12` of a folder that has its chain beside it as `NAME.pem`.
    pub fn folder(dir: &Path) -> Result<Self, DeviceError> {
        let mut paths: Vec<_> = fs::read_dir(dir)
            .map_err(|_| DeviceError::KeyFileUnreadable)?
            .filter_map(|entry| entry.ok().map(|e| e.path()))
            .filter(|path| {
                path.extension().is_some_and(|e| e == "p12") && path.with_extension("pem").is_file()
            })
            .collect();
        paths.sort();
        let mut signer = Self::default();
        for path in paths {
            let chain = fs::read(path.with_extension("pem")).map_err(|_| DeviceError::KeyFileUnreadable)?;
            let chain = openssl::x509::X509::stack_from_pem(&chain)
                .and_then(|all| all.iter().map(|c| c.to_der()).collect::<Result<Vec<_>, _>>())
                .map_err(|_| DeviceError::KeyFileUnreadable)?;
            signer.keep(&path, &chain)?;
        }
        Ok(signer)
    }

    /// Adds a key file opened once with its password, to read its certificates. The password is not kept.
    pub fn add(&mut self, path: &Path, password: &SecretString) -> Result<IdentityId, DeviceError> {
        let p12 = fs::read(path).map_err(|_| DeviceError::KeyFileUnreadable)?;
        let (_, chain) = open(&p12, password)?;
        self.keep(path, &chain)
    }

    fn keep(&mut self, path: &Path, chain: &[Vec<u8>]) -> Result<IdentityId, DeviceError> {
        let certificates: Vec<_> = chain
            .iter()
            .filter_map(|der| ReadCertificate::read(der).ok())
            .collect();
        let (issuers, holders): (Vec<_>, Vec<_>) = certificates.into_iter().partition(|c| c.is_authority());
        let signer = holders.into_iter().next().ok_or(DeviceError::KeyFileUnreadable)?;
        let id = signer.id();
        self.files.push(KeyFile {
            label: path
                .file_stem()
                .map(|s| s.to_string_lossy().into_owned())
                .unwrap_or_default(),
            p12: fs::read(path).map_err(|_| DeviceError::KeyFileUnreadable)?,
            signer,
            issuers,
        });
        Ok(id)
    }
}

impl Signer for Pkcs12Signer {
    fn identities(&self) -> Result<Vec<Identity>, DeviceError> {
        let identity = |file: &KeyFile| {
            let device = Device {
                kind: DeviceKind::File,
                label: &file.label,
                pin: PinState::Ready,
                pin_on_device: false,
            };
            file.signer.identity(&file.issuers, device)
        };
        Ok(self.files.iter().map(identity).collect())
    }

    fn authorise(
        &self,
        identity: &IdentityId,
        hashes: &[SigningHash],
        secret: Secret,
    ) -> Result<Box<dyn Authorised>, DeviceError> {
        let file = self
            .files
            .iter()
            .find(|f| f.signer.id() == *identity)
            .ok_or(DeviceError::IdentityGone)?;
        let Secret::Pin(password) = secret else {
            return Err(DeviceError::MechanismUnsupported);
        };
        let (key, _) = open(&file.p12, &password)?;
        let algorithm = file
            .signer
            .key_algorithm()
            .map_err(|_| DeviceError::MechanismUnsupported)?;
        let matches = openssl::x509::X509::from_der(&file.signer.der)
            .and_then(|c| c.public_key())
            .is_ok_and(|public| public.public_eq(&key));
        if !matches {
            return Err(DeviceError::KeyMismatch);
        }
        Ok(Box::new(OpenKey {
            key,
            algorithm,
            certificate: file.signer.der.clone(),
            hashes: hashes.to_vec(),
        }))
    }
}

/// The key and the certificates of a file.
fn open(p12: &[u8], password: &SecretString) -> Result<(PKey<Private>, Vec<Vec<u8>>), DeviceError> {
    use p12_keystore::error::Error;
    let archive = Pkcs12Archive::from_pkcs12(p12, password.expose_secret()).map_err(|error| match error {
        Error::MacError(_) => DeviceError::WrongPin,
        _ => DeviceError::KeyFileUnreadable,
    })?;
    let [only] = archive.keys.as_slice() else {
        return Err(DeviceError::KeyFileAmbiguous);
    };
    let key = PKey::private_key_from_pkcs8(only.key.as_der()).map_err(|_| DeviceError::KeyFileUnreadable)?;
    Ok((
        key,
        archive.certs.iter().map(|c| c.cert.as_der().to_vec()).collect(),
    ))
}

struct OpenKey {
    key: PKey<Private>,
    algorithm: KeyAlgorithm,
    certificate: Vec<u8>,
    hashes: Vec<SigningHash>,
}

impl Authorised for OpenKey {
    fn sign(&mut self, hash: &SigningHash) -> Result<SignatureValue, DeviceError> {
        self.padded(hash, RsaPadding::Pkcs1)
    }

    fn sign_pss(&mut self, hash: &SigningHash) -> Result<SignatureValue, DeviceError> {
        self.padded(hash, RsaPadding::Pss)
    }
}

impl OpenKey {
    fn padded(&self, hash: &SigningHash, padding: RsaPadding) -> Result<SignatureValue, DeviceError> {
        if !self.hashes.contains(hash) {
            return Err(DeviceError::NotAuthorised);
        }
        if !self.algorithm.pads(padding) {
            return Err(DeviceError::MechanismUnsupported);
        }
        let sign = || -> Result<Vec<u8>, openssl::error::ErrorStack> {
            let mut context = PkeyCtx::new(&self.key)?;
            context.sign_init()?;
            if self.algorithm.is_rsa() {
                proof::pad(&mut context, padding)?;
            } else {
                context.set_signature_md(Md::sha256())?;
            }
            let mut value = Vec::new();
            context.sign_to_vec(&hash.0, &mut value)?;
            Ok(value)
        };
        let value = sign()
            .map(SignatureValue)
            .map_err(|_| DeviceError::Failed { code: 0 })?;
        proof::check(&self.certificate, self.algorithm, padding, hash, &value)?;
        Ok(value)
    }
}
