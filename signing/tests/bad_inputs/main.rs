//! Bad inputs that no other suite brings: each is refused with its own error, by the library and by `firma`, before a secret is
//! used. Those of documents are in `signatures::refusals`, of devices in `keys`, of remote services in `keys::remote`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test crate: a panic is the failure report"
)]

#[path = "../signatures/document.rs"]
#[allow(dead_code, reason = "shared with the tests of signing")]
mod document;
mod keys;
mod size;

use std::path::Path;
use std::process::{Command, Output};

pub(crate) const PIN: &str = "12345678";

/// `firma`, with the password at hand.
pub(crate) fn firma(words: &[&str], file: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_firma"))
        .args(words)
        .arg(file)
        .env("FIRMA_PIN", PIN)
        .output()
        .unwrap()
}

/// What it printed, on both ways.
pub(crate) fn said(output: &Output) -> String {
    [&output.stdout, &output.stderr]
        .map(|bytes| String::from_utf8_lossy(bytes).into_owned())
        .concat()
}

/// The `openssl` command, in a folder.
pub(crate) fn openssl(folder: &Path, line: &str) {
    let made = Command::new("openssl")
        .current_dir(folder)
        .args(line.split(' '))
        .output()
        .unwrap();
    assert!(made.status.success(), "{line}: {}", said(&made));
}
