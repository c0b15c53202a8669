//! Which lists an administrator wants, and who may sign them: a JSON file, with the certificates in PEM beside it.
//!
//! Whoever can write this file decides who is trusted: it belongs where programs are configured, not among what they
//! write. Not in it: certificates of our own choosing; those of the EU stand in its Official Journal.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// The file. Relative paths start from its folder.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Where the last good copies are kept.
    pub folder: PathBuf,
    /// The territories whose lists are used (ISO 3166-1 alpha-2, `EL` and `UK` as the lists have it), in order.
    #[serde(default = "italy")]
    pub territories: Vec<String>,
    /// Lists whose signers the administrator names.
    #[serde(default)]
    pub lists: Vec<NamedList>,
    /// The list of the lists, which says where the others are and who signs them.
    #[serde(default)]
    pub list_of_lists: Option<Source>,
    /// Goes on using a list past its next update. The warning stays.
    #[serde(default)]
    pub use_expired: bool,
}

/// A list of one territory.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct NamedList {
    /// Whose it is.
    pub territory: String,
    /// Where it is (`http://` or `https://`).
    pub url: String,
    /// Who may sign it: PEM files.
    pub signers: Vec<PathBuf>,
}

/// Where a list is and who may sign it.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Where it is (`http://` or `https://`).
    pub url: String,
    /// Who may sign it: PEM files.
    pub signers: Vec<PathBuf>,
}

fn italy() -> Vec<String> {
    vec!["IT".to_owned()]
}

/// Why the settings cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// No such file, or no permission.
    #[error("the settings cannot be read")]
    Unreadable,
    /// Not the JSON that is expected.
    #[error("the settings are not well formed: {0}")]
    Malformed(String),
    /// Not two capital letters, or `EU` where a Member State is meant.
    #[error("{0} is not a territory")]
    Territory(String),
    /// A file of signers that cannot be read, or without a certificate.
    #[error("{0} holds no readable certificate")]
    Signers(PathBuf),
    /// Neither a list of the lists nor a list.
    #[error("the settings name no list")]
    Empty,
}

impl Settings {
    /// Reads and checks a settings file.
    pub fn read(file: &Path) -> Result<Self, SettingsError> {
        let bytes = std::fs::read(file).map_err(|_| SettingsError::Unreadable)?;
        let mut settings: Self =
            serde_json::from_slice(&bytes).map_err(|error| SettingsError::Malformed(error.to_string()))?;
        let beside = file.parent().unwrap_or(Path::new("."));
        settings.folder = beside.join(&settings.folder);
        let sources = settings.list_of_lists.iter_mut().map(|s| &mut s.signers);
        for signers in sources.chain(settings.lists.iter_mut().map(|l| &mut l.signers)) {
            signers.iter_mut().for_each(|path| *path = beside.join(&*path));
        }
        Ok(settings)
    }
}
