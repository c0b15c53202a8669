//! A certification authority for training: invented people get keys that nobody trusts outside of it.
//!
//! The embedded region makes its specialists' key files with it at first start, the test PKI reuses it. Its
//! names say *formazione*, and no packaged build contains it.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use secrecy::SecretString;

use crate::identity::KeyUse;

/// Why the training authority could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum TrainingError {
    /// A certificate or key could not be made.
    #[error("a training certificate could not be made")]
    Crypto(#[from] openssl::error::ErrorStack),
    /// The folder cannot be read or written.
    #[error("the training folder cannot be used")]
    Folder(#[from] std::io::Error),
}

/// The key to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// RSA 2048.
    Rsa2048,
    /// NIST P-256.
    P256,
    /// NIST P-384.
    P384,
}

/// Whom a certificate is for. Invented people only.
#[derive(Clone, Debug)]
pub struct Holder<'a> {
    /// Full name, given name first.
    pub name: &'a str,
    /// Fiscal code, written in the subject's serialNumber as `TINIT-...` (ETSI EN 319 412-1).
    pub fiscal_code: &'a str,
}

/// A root and an issuing authority, with their keys.
pub struct TrainingAuthority {}

/// A key with its certificates.
pub struct TrainingKey {}

impl TrainingAuthority {
    /// Opens the authority kept in a folder, or makes it there.
    pub fn open_or_create(dir: &Path, now: Timestamp) -> Result<Self, TrainingError> {
        let _ = (dir, now);
        Err(TrainingError::Folder(std::io::ErrorKind::Unsupported.into()))
    }

    /// The PEM file with all roots that a validator needs.
    pub fn trust_pem(&self) -> String {
        String::new()
    }

    /// Makes a key and its certificate, valid from a day before `from` for `days`.
    pub fn issue(
        &self,
        holder: &Holder<'_>,
        usage: KeyUse,
        kind: KeyKind,
        from: Timestamp,
        days: u32,
    ) -> Result<TrainingKey, TrainingError> {
        let _ = (holder, usage, kind, from, days);
        Err(TrainingError::Folder(std::io::ErrorKind::Unsupported.into()))
    }
}

impl TrainingKey {
    /// As PKCS#12.
    pub fn pkcs12(&self, password: &SecretString) -> Result<Vec<u8>, TrainingError> {
        let _ = password;
        Err(TrainingError::Folder(std::io::ErrorKind::Unsupported.into()))
    }

    /// Certificate and issuers, PEM, the holder's first.
    pub fn chain_pem(&self) -> Result<String, TrainingError> {
        Ok(String::new())
    }

    /// The private key, PKCS#8 PEM, for import in a test token.
    pub fn key_pem(&self) -> Result<String, TrainingError> {
        Ok(String::new())
    }

    /// Writes `STEM.p12` and `STEM.pem` in a folder, as [`super::pkcs12::Pkcs12Signer::folder`] reads them.
    pub fn save(&self, dir: &Path, stem: &str, password: &SecretString) -> Result<PathBuf, TrainingError> {
        let _ = (dir, stem, password);
        Err(TrainingError::Folder(std::io::ErrorKind::Unsupported.into()))
    }
}
