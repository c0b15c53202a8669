//! What others say of our signatures: poppler's `pdfsig`, and `validate-pades` where POSTAZIONE_SHARED names
//! the folder that holds it.

use std::path::{Path, PathBuf};
use std::process::Command;

use jiff::Timestamp;
use signing::token::training::KeyKind;
use signing::{Indication, Level, TrustRoots};

use crate::document::{Recipe, report};
use crate::software::Desk;

fn signed_file(desk: &Desk, modern: bool) -> PathBuf {
    let path = desk.dir.path().join(format!("referto-{modern}.pdf"));
    std::fs::write(
        &path,
        desk.sign(
            &Recipe {
                modern,
                ..Recipe::default()
            }
            .pdf(),
        )
        .pdf,
    )
    .unwrap();
    path
}

fn pdfsig(path: &Path) -> String {
    let output = Command::new("pdfsig")
        .arg("-nocert")
        .arg(path)
        .output()
        .expect("poppler-utils installed");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn pdfsig_finds_the_signature_valid_over_the_whole_document() {
    for kind in [KeyKind::Rsa2048, KeyKind::P256, KeyKind::P384] {
        let desk = Desk::new(kind);
        for modern in [false, true] {
            let said = pdfsig(&signed_file(&desk, modern));
            assert!(said.contains("Signature is Valid."), "{kind:?}: {said}");
            assert!(said.contains("Total document signed"), "{kind:?}: {said}");
            assert!(said.contains("ETSI.CAdES.detached"), "{kind:?}: {said}");
        }
    }
}

#[test]
fn pdfsig_sees_what_our_validator_sees() {
    let desk = Desk::new(KeyKind::Rsa2048);
    let mut pdf = desk.sign(&report()).pdf;
    let at = pdf.windows(8).position(|w| w == b"Clinical").unwrap();
    pdf[at] = b'c';
    let path = desk.dir.path().join("alterato.pdf");
    std::fs::write(&path, pdf).unwrap();
    let said = pdfsig(&path);
    assert!(
        !said.contains("Signature is Valid."),
        "a referee that accepts anything proves nothing: {said}"
    );
}

/// Runs `validate-pades` for the FSE on a file, which must pass.
fn validate_pades(shared: &Path, desk: &Desk, file: &Path) {
    let tool = shared.join("tools/validate-pades");
    assert!(
        tool.is_file(),
        "POSTAZIONE_SHARED is set and has no tools/validate-pades"
    );
    let output = Command::new(&tool)
        .arg("--trust")
        .arg(desk.pki.trust())
        .args(["--expect", "B-B", "--fse"])
        .arg(file)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}: {said}", file.display());
}

fn shared(check: &str) -> Option<PathBuf> {
    let shared = std::env::var_os("POSTAZIONE_SHARED").map(PathBuf::from);
    if shared.is_none() {
        println!("referee check not run: {check}");
    }
    shared
}

#[test]
fn validate_pades_accepts_b_b_for_the_fse() {
    let Some(shared) = shared("validate-pades") else {
        return;
    };
    for kind in [KeyKind::Rsa2048, KeyKind::P256, KeyKind::P384] {
        let desk = Desk::new(kind);
        let twice = desk.dir.path().join("due.pdf");
        std::fs::write(&twice, desk.sign(&desk.sign(&report()).pdf).pdf).unwrap();
        for file in [signed_file(&desk, false), signed_file(&desk, true), twice] {
            validate_pades(&shared, &desk, &file);
        }
    }
}

#[test]
fn the_ministrys_unsigned_sample_signs() {
    let Some(shared) = shared("official unsigned sample") else {
        return;
    };
    let sample = shared.join("specs/cda2/samples/official/RSA_unsigned_attachment.pdf");
    let desk = Desk::new(KeyKind::Rsa2048);
    let file = desk.dir.path().join("campione.pdf");
    std::fs::write(&file, desk.sign(&std::fs::read(sample).unwrap()).pdf).unwrap();
    validate_pades(&shared, &desk, &file);
}

#[test]
fn a_signed_pdf_a_3b_is_one_still() {
    let script =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../src-tauri/crates/report/tests/verapdf.sh");
    let desk = Desk::new(KeyKind::P256);
    let twice = desk.dir.path().join("due.pdf");
    std::fs::write(&twice, desk.sign(&desk.sign(&report()).pdf).pdf).unwrap();
    let output = Command::new("bash")
        .arg(script)
        .args([signed_file(&desk, false), signed_file(&desk, true), twice])
        .output()
        .unwrap();
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

#[test]
fn the_ministrys_signed_sample_is_read() {
    let Some(shared) = shared("official signed sample") else {
        return;
    };
    let pdf = std::fs::read(shared.join("specs/cda2/samples/official/RSA_signed_pades.pdf")).unwrap();
    let report = signing::verify(&pdf, &TrustRoots::default(), Timestamp::now());
    let [only] = report.signatures.as_slice() else {
        panic!("one signature: {report:?}")
    };
    // A self-made test certificate of 2023: sound, whole, and worth nothing today.
    assert!(only.covers_whole_file, "{only:?}");
    assert_eq!(only.level, Level::BB);
    assert_eq!(only.indication, Indication::Indeterminate, "{only:?}");
}
