//! Makes a SoftHSM2 token for an invented practitioner, for the end-to-end journeys:
//! `cargo run -p testkit --example soft_token -- --dir DIR --name "Irene Valmori" --fiscal-code CODE --pin PIN`.
//! Prints one line of JSON: the module, its configuration (for `SOFTHSM2_CONF`), the roots.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command-line tool")]

use std::path::Path;
use std::process::ExitCode;

use testkit::pki::{PkiError, TestPki};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let value = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1).cloned()
    };
    let (Some(dir), Some(name), Some(code), Some(pin)) = (
        value("--dir"),
        value("--name"),
        value("--fiscal-code"),
        value("--pin"),
    ) else {
        eprintln!("usage: soft_token --dir DIR --name NAME --fiscal-code CODE --pin PIN");
        return ExitCode::FAILURE;
    };
    match make(Path::new(&dir), &name, &code, &pin) {
        Ok(made) => {
            println!("{made}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn make(dir: &Path, name: &str, code: &str, pin: &str) -> Result<serde_json::Value, PkiError> {
    let pki = TestPki::create(&dir.join("authority"))?;
    let token = pki.softhsm_token(&dir.join("token"), name, code, pin)?;
    Ok(serde_json::json!({
        "module": token.module,
        "conf": token.conf,
        "label": token.label,
        "trust": pki.trust(),
    }))
}
