//! A PKI for tests: authorities, key files and SoftHSM2 tokens for invented practitioners.
//!
//! It reuses the training authority of `signing`, and adds what only tests and the demo need: a token with
//! its own configuration, filled by `softhsm2-util` and `pkcs11-tool` (Debian: `softhsm2`, `opensc`).

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use signing::KeyUse;
use signing::token::training::{Holder, KeyKind, TrainingAuthority, TrainingError, TrainingKey, Validity};

/// Why the test PKI could not be made.
#[derive(Debug, thiserror::Error)]
pub enum PkiError {
    /// A certificate or file could not be made.
    #[error(transparent)]
    Authority(#[from] TrainingError),
    /// A file could not be written.
    #[error("a file of the test PKI could not be written: {0}")]
    File(#[from] std::io::Error),
    /// A key or a certificate could not be used.
    #[error(transparent)]
    OpenSsl(#[from] openssl::error::ErrorStack),
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

const MODULES: &[&str] = &[
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib64/softhsm/libsofthsm2.so",
];

/// A PKI in a folder.
pub struct TestPki {
    dir: PathBuf,
    authority: TrainingAuthority,
    now: Timestamp,
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
    /// Makes (or opens) the authorities in a folder, with `trust.pem` among them.
    pub fn create(dir: &Path) -> Result<Self, PkiError> {
        let now = Timestamp::now();
        Ok(Self {
            dir: dir.to_owned(),
            authority: TrainingAuthority::open_or_create(dir, now)?,
            now,
        })
    }

    /// The PEM file with all roots needed.
    pub fn trust(&self) -> PathBuf {
        self.dir.join("trust.pem")
    }

    /// A key with its certificate, for a test that wants it odd: expired, another curve, authentication.
    pub fn key(
        &self,
        name: &str,
        fiscal_code: &str,
        usage: KeyUse,
        kind: KeyKind,
        validity: Option<Validity>,
    ) -> Result<TrainingKey, PkiError> {
        let validity = validity.map_or_else(|| Validity::usual(self.now), Ok)?;
        Ok(self
            .authority
            .issue(&Holder { name, fiscal_code }, usage, kind, validity)?)
    }

    /// A signature key file for an invented practitioner, RSA as most cards.
    pub fn software_identity(&self, name: &str, fiscal_code: &str) -> Result<SoftwareIdentity, PkiError> {
        let key = self.key(name, fiscal_code, KeyUse::Signature, KeyKind::Rsa2048, None)?;
        let password = format!("prova-{}", fiscal_code.to_ascii_lowercase());
        let secret = SecretString::from(password.clone());
        let p12 = key.save(&self.dir.join("p12"), fiscal_code, &secret)?;
        Ok(SoftwareIdentity {
            chain: p12.with_extension("pem"),
            p12,
            password,
        })
    }

    /// A token with a signature and an authentication certificate, as a CNS has them, in a folder of its own.
    pub fn softhsm_token(
        &self,
        dir: &Path,
        name: &str,
        fiscal_code: &str,
        pin: &str,
    ) -> Result<SoftToken, PkiError> {
        let keys = [KeyUse::Authentication, KeyUse::Signature]
            .map(|usage| self.key(name, fiscal_code, usage, KeyKind::Rsa2048, None));
        let [authentication, signature] = keys;
        self.softhsm_token_with(dir, &[authentication?, signature?], pin)
    }

    /// A token with these keys, in this order.
    pub fn softhsm_token_with(
        &self,
        dir: &Path,
        keys: &[TrainingKey],
        pin: &str,
    ) -> Result<SoftToken, PkiError> {
        let module = MODULES
            .iter()
            .map(PathBuf::from)
            .find(|p| p.is_file())
            .ok_or(PkiError::NoSoftHsm)?;
        let store = dir.join("tokens");
        if store.exists() {
            fs::remove_dir_all(&store)?;
        }
        fs::create_dir_all(&store)?;
        let conf = dir.join("softhsm2.conf");
        fs::write(
            &conf,
            format!(
                "directories.tokendir = {}\nobjectstore.backend = file\nlog.level = ERROR\nslots.removable = true\n",
                store.display()
            ),
        )?;
        let token = SoftToken {
            module,
            conf,
            label: "Carta di prova".into(),
        };
        token.softhsm2_util(&[
            "--init-token",
            "--free",
            "--label",
            &token.label,
            "--so-pin",
            "00000000",
            "--pin",
            pin,
        ])?;
        for (number, key) in keys.iter().enumerate() {
            token.import_key(dir, key, &format!("{:02x}", number + 1), pin)?;
        }
        if let Some(key) = keys.first() {
            // One issuer for all, without a key.
            for (number, issuer) in key.chain_der()?.iter().skip(1).enumerate() {
                token.import_certificate(dir, issuer, &format!("{:02x}", 0xf0 + number), pin)?;
            }
        }
        Ok(token)
    }
}

impl SoftToken {
    fn import_key(&self, dir: &Path, key: &TrainingKey, id: &str, pin: &str) -> Result<(), PkiError> {
        let file = dir.join("import.key");
        fs::write(&file, key.key_pem()?.expose_secret())?;
        let path = file.display().to_string();
        let label = &self.label;
        let imported = self.softhsm2_util(&[
            "--import", &path, "--token", label, "--label", id, "--id", id, "--pin", pin,
        ]);
        fs::remove_file(&file)?;
        imported?;
        key.chain_der()?
            .first()
            .map_or(Ok(()), |der| self.import_certificate(dir, der, id, pin))
    }

    fn import_certificate(&self, dir: &Path, der: &[u8], id: &str, pin: &str) -> Result<(), PkiError> {
        let file = dir.join("import.der");
        fs::write(&file, der)?;
        let path = file.display().to_string();
        let imported = self.pkcs11_tool(&[
            "--login",
            "--pin",
            pin,
            "--write-object",
            &path,
            "--type",
            "cert",
            "--id",
            id,
            "--label",
            id,
        ]);
        fs::remove_file(&file)?;
        imported
    }

    /// Runs one test of the calling test binary again, in a process of its own that sees this token:
    /// SoftHSM2 reads its configuration from the environment, which a process cannot safely change.
    pub fn run_test(&self, test: &str, environment: &[(&str, &OsStr)]) -> Result<(), PkiError> {
        let mut command = Command::new(std::env::current_exe()?);
        command
            .args([test, "--exact", "--nocapture", "--include-ignored"])
            .env("SOFTHSM2_CONF", &self.conf);
        command.envs(environment.iter().copied());
        run("the test", &mut command).and_then(|printed| {
            // A name that matches no test succeeds too.
            let message = format!("no test is named {test}");
            if printed.contains("1 passed") {
                Ok(())
            } else {
                Err(PkiError::Tool {
                    tool: "the test",
                    message,
                })
            }
        })
    }

    fn softhsm2_util(&self, arguments: &[&str]) -> Result<(), PkiError> {
        let mut command = Command::new("softhsm2-util");
        run(
            "softhsm2-util",
            command.args(arguments).env("SOFTHSM2_CONF", &self.conf),
        )
        .map(drop)
    }

    fn pkcs11_tool(&self, arguments: &[&str]) -> Result<(), PkiError> {
        let mut command = Command::new("pkcs11-tool");
        command
            .arg("--module")
            .arg(&self.module)
            .args(["--token-label", &self.label]);
        run(
            "pkcs11-tool",
            command.args(arguments).env("SOFTHSM2_CONF", &self.conf),
        )
        .map(drop)
    }
}

fn run(tool: &'static str, command: &mut Command) -> Result<String, PkiError> {
    let output = command.output().map_err(|e| PkiError::Tool {
        tool,
        message: format!("not started: {e}"),
    })?;
    let printed = [output.stdout, output.stderr]
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .concat();
    if output.status.success() {
        Ok(printed)
    } else {
        Err(PkiError::Tool {
            tool,
            message: printed,
        })
    }
}
