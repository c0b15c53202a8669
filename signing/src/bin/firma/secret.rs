//! Where a PIN comes from: a prompt that shows nothing, a file descriptor, or an environment variable.

use secrecy::SecretString;
use signing::Secret;

use crate::Unasked;
use crate::arguments::Arguments;

/// The environment variable that is read when no file descriptor is named.
const VARIABLE: &str = "FIRMA_PIN";
/// A PIN and its line end.
#[cfg(unix)]
const MAX_PIN: u64 = 1024;

/// Where the secret will come from, known before anything else is done.
pub(crate) struct Source {
    descriptor: Option<u32>,
}

impl Source {
    pub(crate) fn of(arguments: &mut Arguments) -> Result<Self, Unasked> {
        let descriptor = arguments
            .text("--pin-fd")?
            .map(|text| {
                text.parse()
                    .map_err(|_| Unasked::new("--pin-fd vuole il numero di un descrittore."))
            })
            .transpose()?;
        Ok(Self { descriptor })
    }

    /// Reads it. `on_device`: it is typed on the reader's own keys.
    pub(crate) fn read(&self, on_device: bool) -> Result<Secret, Unasked> {
        if on_device {
            return Ok(Secret::OnDevice);
        }
        if let Some(descriptor) = self.descriptor {
            return from_descriptor(descriptor).map(Secret::Pin);
        }
        if let Ok(pin) = std::env::var(VARIABLE) {
            return Ok(Secret::pin(pin));
        }
        rpassword::prompt_password("PIN: ").map(Secret::pin).map_err(|_| {
            Unasked::new(format!(
                "il PIN si scrive in un terminale, con --pin-fd o in {VARIABLE}."
            ))
        })
    }
}

#[cfg(unix)]
fn from_descriptor(descriptor: u32) -> Result<SecretString, Unasked> {
    use std::io::{BufRead as _, BufReader, Read as _};
    let unreadable = |_| Unasked::new("il descrittore di --pin-fd non si può leggere.");
    let file = std::fs::File::open(format!("/dev/fd/{descriptor}")).map_err(unreadable)?;
    let mut line = String::new();
    BufReader::new(file.take(MAX_PIN))
        .read_line(&mut line)
        .map_err(unreadable)?;
    line.truncate(line.trim_end_matches(['\r', '\n']).len());
    Ok(SecretString::from(line))
}

#[cfg(not(unix))]
fn from_descriptor(_: u32) -> Result<SecretString, Unasked> {
    Err(Unasked::new("--pin-fd esiste soltanto su Linux e macOS."))
}
