//! `firma devices` and `firma identities`: drivers and certificates, without any PIN.

use serde::Serialize;
use signing::token::pkcs11::modules;
use signing::{DeviceError, Devices, Identity, KeyUse, PinState, Qualification, Signer as _};

use crate::arguments::Arguments;
use crate::{Answer, Unasked, failures, print_line, words};

/// The drivers that would be used.
pub(crate) fn devices(mut arguments: Arguments) -> Result<Answer, Unasked> {
    let configured = arguments.repeated("--module")?;
    let json = arguments.flag("--json");
    arguments.nothing()?;
    let found = modules(&configured);
    if json {
        let paths: Vec<String> = found.iter().map(|p| p.display().to_string()).collect();
        print_json(&paths)?;
    } else if found.is_empty() {
        print_line("Nessun driver PKCS#11 nei posti consueti: si indica con --module FILE.");
    } else {
        for path in &found {
            print_line(&path.display().to_string());
        }
    }
    Ok(if found.is_empty() { Answer::No } else { Answer::Yes })
}

#[derive(Serialize)]
struct Shown<'a> {
    id: &'a str,
    device: &'a str,
    subject: &'a str,
    fiscal_code: Option<&'a str>,
    issuer: &'a str,
    not_before: jiff::Timestamp,
    not_after: jiff::Timestamp,
    usage: KeyUse,
    qualification: Qualification,
    pin: PinState,
    pin_on_device: bool,
}

/// The certificates present.
pub(crate) fn identities(mut arguments: Arguments) -> Result<Answer, Unasked> {
    let configured = arguments.repeated("--module")?;
    let json = arguments.flag("--json");
    arguments.nothing()?;
    let all = match open(&configured)?.identities() {
        Ok(all) => all,
        Err(DeviceError::NoToken) if json => Vec::new(),
        Err(error) => return no(&failures::device(&error)),
    };
    if json {
        let shown: Vec<Shown<'_>> = all.iter().map(shown).collect();
        print_json(&shown)?;
    } else {
        for identity in &all {
            print_line(&words::identity(identity));
        }
    }
    Ok(if all.is_empty() { Answer::No } else { Answer::Yes })
}

fn shown(identity: &Identity) -> Shown<'_> {
    Shown {
        id: &identity.id.0,
        device: &identity.device_label,
        subject: &identity.subject,
        fiscal_code: identity.fiscal_code.as_deref(),
        issuer: &identity.issuer,
        not_before: identity.not_before,
        not_after: identity.not_after,
        usage: identity.usage,
        qualification: identity.qualification,
        pin: identity.pin,
        pin_on_device: identity.pin_on_device,
    }
}

fn print_json(value: &impl Serialize) -> Result<(), Unasked> {
    let text =
        serde_json::to_string_pretty(value).map_err(|_| Unasked::new("il risultato non si può scrivere."))?;
    print_line(&text);
    Ok(())
}

/// Opens the drivers. One that was named and does not load is a mistake in the question.
pub(crate) fn open(configured: &[std::path::PathBuf]) -> Result<Devices, Unasked> {
    Devices::of_this_pc(configured).map_err(|error| Unasked::new(failures::device(&error)))
}

/// Says no, with a reason.
pub(crate) fn no(reason: &str) -> Result<Answer, Unasked> {
    eprintln!("firma: {reason}");
    Ok(Answer::No)
}
