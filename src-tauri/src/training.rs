//! The training edition: the region inside the program, key files of its invented clinicians, hands for a driver.
//!
//! None of it is in packaged builds. Not in it: the region itself (`region-sandbox`), the making of certificates (`signing`).

use std::path::{Path, PathBuf};
use std::process::Command;

use jiff::Timestamp;
use region_sandbox::RunningRegion;
use secrecy::SecretString;
use signing::KeyUse;
use signing::token::training::{Holder, KeyKind, TrainingAuthority, TrainingError, Validity};

/// The PIN of every training key file: it protects nobody, and it is printed at the start.
pub(crate) const PIN: &str = "123456";
const FISCAL_CODE: &str = "http://hl7.it/sid/codiceFiscale";

/// Why the training parts did not start.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TrainingStartError {
    /// The embedded region.
    #[error("la Regione di prova non parte: {0}")]
    Region(#[from] region_sandbox::StartError),
    /// The key files.
    #[error("le firme di prova non si possono preparare: {0}")]
    Identities(#[from] TrainingError),
    /// The people of the region could not be read.
    #[error("le persone della Regione di prova non si leggono")]
    People,
}

/// Starts the region on loopback, with its data below those of the workstation.
pub(crate) async fn start_region(
    data_dir: &Path,
    port: Option<u16>,
) -> Result<RunningRegion, TrainingStartError> {
    let mut options = region_sandbox::Options::new(data_dir.join("region"));
    options.port = port.unwrap_or(0);
    Ok(region_sandbox::start(options).await?)
}

/// Folder of the key files.
pub(crate) fn identities_dir(data_dir: &Path) -> PathBuf {
    data_dir.join("identities")
}

/// Makes the key files that are missing, for every clinician of the region; gives back the roots, PEM.
pub(crate) fn make_identities(region: &RunningRegion, data_dir: &Path) -> Result<String, TrainingStartError> {
    let dir = identities_dir(data_dir);
    let now = Timestamp::now();
    let authority = TrainingAuthority::open_or_create(&dir.join("authority"), now)?;
    let pin = SecretString::from(PIN);
    let people = region
        .region
        .store
        .search("Practitioner", &[])
        .map_err(|_| TrainingStartError::People)?;
    for person in people {
        let (Some(name), Some(code)) = (full_name(&person), fiscal_code(&person)) else {
            continue;
        };
        if dir.join(format!("{code}.p12")).is_file() && dir.join(format!("{code}.pem")).is_file() {
            continue;
        }
        let holder = Holder {
            name: &name,
            fiscal_code: code,
        };
        authority
            .issue(
                &holder,
                KeyUse::Signature,
                KeyKind::Rsa2048,
                Validity::usual(now)?,
            )?
            .save(&dir, code, &pin)?;
    }
    Ok(authority.trust_pem()?)
}

fn full_name(person: &serde_json::Value) -> Option<String> {
    let given = person.pointer("/name/0/given/0")?.as_str()?;
    let family = person.pointer("/name/0/family")?.as_str()?;
    Some(format!("{given} {family}"))
}

fn fiscal_code(person: &serde_json::Value) -> Option<&str> {
    let identifiers = person.get("identifier")?.as_array()?;
    let code = identifiers
        .iter()
        .find(|identifier| identifier.get("system").is_some_and(|s| s == FISCAL_CODE))?;
    code.get("value")?.as_str()
}

/// Hands the login's address to the command of `POSTAZIONE_BROWSER_COMMAND`, for who drives the program; none without it.
pub(crate) fn open_browser(address: &str) -> Option<bool> {
    let command = std::env::var_os("POSTAZIONE_BROWSER_COMMAND").filter(|command| !command.is_empty())?;
    Some(
        Command::new(command)
            .arg(address)
            .spawn()
            .is_ok_and(|mut browser| {
                // Waited for elsewhere, so that it leaves no zombie and the core does not stand still.
                std::thread::spawn(move || browser.wait());
                true
            }),
    )
}

/// The file that a driver has chosen, by `POSTAZIONE_CHOSEN_FILE`: no driver can click a dialog of the system.
pub(crate) fn chosen_file() -> Option<PathBuf> {
    std::env::var_os("POSTAZIONE_CHOSEN_FILE")
        .filter(|path| !path.is_empty())
        .map(PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use signing::Signer as _;
    use signing::token::pkcs12::Pkcs12Signer;

    #[tokio::test]
    async fn every_clinician_of_the_region_gets_a_key_once() {
        let dir = tempfile::tempdir().unwrap();
        let mut options = region_sandbox::Options::new(dir.path().join("region"));
        options.turn = false;
        let region = region_sandbox::start(options).await.unwrap();
        let roots = make_identities(&region, dir.path()).unwrap();
        assert!(roots.contains("BEGIN CERTIFICATE"));
        let folder = identities_dir(dir.path());
        let staff = region.region.store.search("Practitioner", &[]).unwrap().len();
        let signer = Pkcs12Signer::folder(&folder).unwrap();
        assert_eq!(signer.identities().unwrap().len(), staff);
        let written = |folder: &Path| {
            let mut files: Vec<_> = std::fs::read_dir(folder)
                .unwrap()
                .map(|file| file.unwrap().path())
                .filter(|path| path.is_file())
                .map(|path| (path.clone(), std::fs::read(path).unwrap()))
                .collect();
            files.sort();
            files
        };
        let before = written(&folder);
        assert_eq!(make_identities(&region, dir.path()).unwrap(), roots);
        assert_eq!(written(&folder), before, "a second start changes no key");
        region.shutdown().await;
    }
}
