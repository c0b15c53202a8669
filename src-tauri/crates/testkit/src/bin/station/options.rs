//! The command line.

use std::path::PathBuf;
use std::time::Duration;

use testkit::station::PASSPHRASE;
use url::Url;

/// How it is used.
pub(crate) const USAGE: &str = "\
usage: station --region URL --data DIR --user NAME [--role ID] [--secret-env VARIABLE] [--patience SECONDS] [--no-login] [--pkcs11 MODULE]
  --region      base address of the region
  --data        folder of the archives; several users may share one, one process at a time for each user
  --user        an invented practitioner of the sandbox: ferrantino-guido, brandolesi-ugo, valmori-irene...
  --role        PractitionerRole to take; the first unless said
  --secret-env  environment variable with the station's passphrase; a training one unless said
  --patience    how long a first login may be tried, 120 unless said
  --pkcs11      module of a card or token, run by this program as its helper
  --no-login    never log in by itself after coming in with the secret
";

/// What was asked for.
#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) region: Url,
    pub(crate) data: PathBuf,
    pub(crate) user: String,
    pub(crate) role: Option<String>,
    pub(crate) secret: String,
    pub(crate) patience: Duration,
    pub(crate) log_in: bool,
    pub(crate) pkcs11: Vec<PathBuf>,
}

/// Not to be started.
#[derive(Debug)]
pub(crate) enum Wish {
    Help,
    /// The word that is not understood, or that lacks its value.
    Wrong(String),
}

pub(crate) fn read(
    mut arguments: impl Iterator<Item = String>,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<Options, Wish> {
    let mut pkcs11 = Vec::new();
    let (mut region, mut data, mut user, mut role) = (None, None, None, None);
    let (mut secret, mut patience, mut log_in) = (PASSPHRASE.to_owned(), 120, true);
    while let Some(name) = arguments.next() {
        let wrong = || Wish::Wrong(name.clone());
        match name.as_str() {
            "--help" | "-h" => return Err(Wish::Help),
            "--no-login" => {
                log_in = false;
                continue;
            }
            _ => {}
        }
        let value = arguments.next().ok_or_else(wrong)?;
        match name.as_str() {
            "--region" => region = Some(Url::parse(&value).map_err(|_| wrong())?),
            "--data" => data = Some(PathBuf::from(value)),
            "--user" => user = Some(value),
            "--pkcs11" => pkcs11.push(PathBuf::from(value)),
            "--role" => role = Some(value),
            "--secret-env" => secret = variable(&value).ok_or_else(wrong)?,
            "--patience" => patience = value.parse().map_err(|_| wrong())?,
            _ => return Err(wrong()),
        }
    }
    let missing = |name: &str| Wish::Wrong(name.to_owned());
    Ok(Options {
        region: region.ok_or_else(|| missing("--region"))?,
        data: data.ok_or_else(|| missing("--data"))?,
        user: user.ok_or_else(|| missing("--user"))?,
        role,
        secret,
        patience: Duration::from_secs(patience),
        log_in,
        pkcs11,
    })
}
