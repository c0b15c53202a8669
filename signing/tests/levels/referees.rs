//! What others say: `validate-pades` (pyHanko, OpenSSL), poppler's `pdfsig`, veraPDF.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder of the referees, when it is named.
pub(crate) fn shared(check: &str) -> Option<PathBuf> {
    let shared = std::env::var_os("POSTAZIONE_SHARED").map(PathBuf::from);
    if shared.is_none() {
        println!("referee check not run: {check}");
    }
    shared
}

/// Whether `validate-pades` passes a file, and what it said.
pub(crate) fn validate(file: &Path, trust: &Path, options: &[&str]) -> Option<(bool, String)> {
    let tool = shared("validate-pades")?.join("tools/validate-pades");
    assert!(
        tool.is_file(),
        "POSTAZIONE_SHARED is set and has no tools/validate-pades"
    );
    let output = Command::new(tool)
        .arg("--trust")
        .arg(trust)
        .args(options)
        .arg(file)
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr]
        .map(|o| String::from_utf8_lossy(&o).into_owned())
        .concat();
    Some((output.status.success(), said))
}

/// `validate-pades` must pass it.
pub(crate) fn passes(file: &Path, trust: &Path, options: &[&str]) {
    if let Some((passed, said)) = validate(file, trust, options) {
        assert!(passed, "{} {options:?}: {said}", file.display());
    }
}

/// `pdfsig` must find so many valid signatures and none that is not.
pub(crate) fn pdfsig(file: &Path, valid: usize) {
    let output = Command::new("pdfsig")
        .arg("-nocert")
        .arg(file)
        .output()
        .expect("poppler-utils installed");
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(said.matches("Signature is Valid.").count(), valid, "{said}");
    assert!(!said.contains("Signature is Invalid"), "{said}");
}

/// They must be PDF/A-3b still.
pub(crate) fn verapdf(files: &[&Path]) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../src-tauri/crates/report/tests/verapdf.sh");
    let output = Command::new("bash").arg(script).args(files).output().unwrap();
    // 2 is the script's word for a missing Java; where the other referees are wanted, this one is too.
    if output.status.code() == Some(2) && std::env::var_os("POSTAZIONE_SHARED").is_none() {
        println!("referee check not run: veraPDF");
        return;
    }
    let said = [output.stdout, output.stderr]
        .map(|o| String::from_utf8_lossy(&o).into_owned())
        .concat();
    assert!(output.status.success(), "{said}");
}
