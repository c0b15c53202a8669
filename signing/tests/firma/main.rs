//! `firma` as a person runs it: exit codes, words, JSON by its schema, a real token.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test crate: a panic is the failure report"
)]

mod contract;
#[path = "../verification/desk.rs"]
#[allow(dead_code, reason = "shared with the tests of verification")]
mod desk;
#[path = "../signatures/document.rs"]
#[allow(dead_code, reason = "shared with the tests of signing")]
mod document;
mod levels;
mod schema;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use signing::token::training::KeyKind;
use testkit::pki::TestPki;

use desk::Desk;
use document::report;

fn firma() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_firma"));
    command.env_remove("FIRMA_PIN");
    command
}

fn written(desk: &Desk, name: &str, bytes: &[u8]) -> PathBuf {
    let path = desk.dir.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

fn verify(desk: &Desk, file: &Path, more: &[&str]) -> Output {
    firma()
        .arg("verify")
        .arg(file)
        .arg("--trust")
        .arg(desk.dir.path().join("trust.pem"))
        .args(more)
        .output()
        .unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// What `validate-pades` (pyHanko) says of a file.
fn referee(file: &Path, trust: &Path, options: &[&str]) {
    let Some(shared) = std::env::var_os("POSTAZIONE_SHARED") else {
        println!("referee check not run: validate-pades of {}", file.display());
        return;
    };
    let told = Command::new(Path::new(&shared).join("tools/validate-pades"))
        .arg(file)
        .arg("--trust")
        .arg(trust)
        .args(options)
        .output()
        .unwrap();
    assert!(
        told.status.success(),
        "{}{}",
        text(&told),
        String::from_utf8_lossy(&told.stderr)
    );
}

#[test]
fn yes_is_zero_and_no_is_one() {
    let desk = Desk::new(KeyKind::P256);
    let signed = desk.sign(&report());
    let good = verify(&desk, &written(&desk, "buono.pdf", &signed), &[]);
    assert_eq!(code(&good), 0, "{}", text(&good));
    assert!(text(&good).contains("FIRMA VALIDA") && text(&good).contains("Rofilo Del Vecchio"));
    let mut changed = signed.clone();
    changed[30] ^= 1;
    let encrypted = String::from_utf8_lossy(&report()).replace("/Root", "/Encrypt 1 0 R/Root");
    for (name, bytes) in [
        ("alterato.pdf", changed.as_slice()),
        ("senza.pdf", &report()),
        ("vuoto.pdf", b""),
        ("testo.pdf", b"un testo"),
        ("mozzo.pdf", &signed[..signed.len() / 2]),
        ("cifrato.pdf", encrypted.as_bytes()),
    ] {
        let said = verify(&desk, &written(&desk, name, bytes), &[]);
        assert_eq!(code(&said), 1, "{name}: {}", text(&said));
        assert!(!text(&said).contains("FIRMA VALIDA"), "{name}");
    }
}

#[test]
fn what_cannot_be_asked_is_two() {
    let desk = Desk::new(KeyKind::P256);
    let file = written(&desk, "buono.pdf", &desk.sign(&report()));
    let file = file.to_str().unwrap();
    let trust = desk.dir.path().join("trust.pem");
    let trust = trust.to_str().unwrap();
    for arguments in [
        vec![],
        vec!["boh"],
        vec!["verify"],
        vec!["verify", file],
        vec!["verify", file, "--trust"],
        vec!["verify", file, "--trust", "/nonexistent"],
        vec!["verify", file, "--trust", file],
        vec!["verify", "/nonexistent", "--trust", trust],
        vec!["verify", "/", "--trust", trust],
        vec!["verify", file, "--trust", trust, "--revocation", "forse"],
        vec!["verify", file, "--trust", trust, "--at", "ieri"],
        vec!["verify", file, "--trust", trust, "--content", "/nonexistent"],
        vec!["verify", file, "--trust", trust, "--boh"],
        vec!["sign", file],
    ] {
        let said = firma().args(&arguments).output().unwrap();
        assert_eq!(code(&said), 2, "{arguments:?}");
        assert!(!said.stderr.is_empty(), "{arguments:?} says why");
    }
}

#[test]
fn options_come_in_any_order_and_trust_takes_several() {
    let desk = Desk::new(KeyKind::P256);
    let other = Desk::new(KeyKind::P256);
    let file = written(&desk, "buono.pdf", &desk.sign(&report()));
    let [own, foreign] = [&desk, &other].map(|d| d.dir.path().join("trust.pem"));
    let (file, own, foreign) = (file.as_os_str(), own.as_os_str(), foreign.as_os_str());
    let flag = |f: &'static str| std::ffi::OsStr::new(f);
    for arguments in [
        vec![file, flag("--trust"), foreign, own],
        vec![
            flag("--trust"),
            foreign,
            flag("--trust"),
            own,
            flag("--json"),
            file,
        ],
        vec![flag("--trust"), foreign, own, file],
    ] {
        let said = firma().arg("verify").args(&arguments).output().unwrap();
        assert_eq!(code(&said), 0, "{arguments:?} {}", text(&said));
    }
    let said = firma()
        .arg("verify")
        .args([file, flag("--trust"), foreign])
        .output()
        .unwrap();
    assert_eq!(code(&said), 1, "another root is no root");
}

#[test]
fn detached_content_time_and_revocation_are_asked() {
    let desk = Desk::new(KeyKind::P256);
    let content = written(&desk, "contenuto.txt", b"Referto");
    let detached = desk.openssl(b"Referto", &["-cades", "-outform", "DER"]);
    let file = written(&desk, "staccata.p7s", &detached);
    let content = content.to_str().unwrap();
    assert_eq!(code(&verify(&desk, &file, &["--content", content])), 0);
    assert_eq!(code(&verify(&desk, &file, &[])), 1);
    let with = |more: &[&str]| code(&verify(&desk, &file, &[&["--content", content], more].concat()));
    assert_eq!(
        with(&["--revocation", "require"]),
        1,
        "nothing in the file says that it is not revoked"
    );
    assert_eq!(with(&["--revocation=none"]), 0);
    assert_eq!(with(&["--at", "2060-01-01T00:00:00Z"]), 1);
    assert_eq!(with(&["--at", "2001-01-01"]), 1);
}

#[test]
fn the_json_keeps_to_its_schema() {
    let desk = Desk::new(KeyKind::P256);
    let cades = desk.openssl(b"Referto", &["-cades", "-nodetach", "-outform", "PEM"]);
    for (name, bytes) in [
        ("buono.pdf", desk.sign(&desk.sign(&report()))),
        ("senza.pdf", report()),
        ("testo.pdf", b"un testo".to_vec()),
        ("busta.p7m", cades),
    ] {
        let said = verify(&desk, &written(&desk, name, &bytes), &["--json"]);
        let json: serde_json::Value = serde_json::from_slice(&said.stdout).unwrap();
        schema::check(&json).unwrap_or_else(|fault| panic!("{name}: {fault}"));
        assert_eq!(json["passed"], code(&said) == 0);
    }
}

#[test]
fn the_precheck_answers() {
    let desk = Desk::new(KeyKind::P256);
    let good = written(&desk, "buono.pdf", &desk.sign(&report()));
    let bad = written(&desk, "senza.pdf", &report());
    let said = |file: &Path| firma().arg("precheck").arg(file).output().unwrap();
    assert_eq!(code(&said(&good)), 0);
    assert_eq!(code(&said(&bad)), 1);
    assert!(text(&said(&bad)).contains("non è firmato"));
}

#[test]
fn a_token_signs_with_the_pin_from_the_environment_or_a_descriptor() {
    let dir = tempfile::tempdir().unwrap();
    let pki = TestPki::create(dir.path()).unwrap();
    let token = pki
        .softhsm_token(
            &dir.path().join("token"),
            "Rofilo Del Vecchio",
            "DLVRFO57L04X000A",
            "12345678",
        )
        .unwrap();
    let file = dir.path().join("referto.pdf");
    std::fs::write(&file, report()).unwrap();
    let command = |verb: &str| {
        let mut command = firma();
        command
            .arg(verb)
            .env("SOFTHSM2_CONF", &token.conf)
            .arg("--module")
            .arg(&token.module);
        command
    };
    let listed = command("identities").output().unwrap();
    assert_eq!(code(&listed), 0);
    assert!(text(&listed).contains("Uso: firma") && text(&listed).contains("Uso: autenticazione"));
    let sign = |out: &Path| {
        let mut command = command("sign");
        command
            .arg(&file)
            .arg("--out")
            .arg(out)
            .args(["--fse", "--author", "DLVRFO57L04X000A"]);
        command
    };
    let signed = dir.path().join("firmato.pdf");
    let wrong = sign(&signed).env("FIRMA_PIN", "00000000").output().unwrap();
    assert_eq!(code(&wrong), 1);
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("PIN errato"));
    assert!(!signed.exists());
    let done = sign(&signed).env("FIRMA_PIN", "12345678").output().unwrap();
    assert_eq!(code(&done), 0, "{}", String::from_utf8_lossy(&done.stderr));
    let again = sign(&signed).env("FIRMA_PIN", "12345678").output().unwrap();
    assert_eq!(code(&again), 2, "a file that is there is not written over");
    let piped = dir.path().join("firmato-2.pdf");
    let mut child = sign(&piped)
        .args(["--pin-fd", "0"])
        .stdin(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"12345678\n").unwrap();
    assert!(child.wait().unwrap().success());
    for file in [&signed, &piped] {
        let said = firma()
            .arg("verify")
            .arg(file)
            .arg("--trust")
            .arg(pki.trust())
            .output()
            .unwrap();
        assert_eq!(code(&said), 0, "{}", text(&said));
    }
    let padded = dir.path().join("pss.pdf");
    let done = sign(&padded)
        .args(["--padding", "pss"])
        .env("FIRMA_PIN", "12345678")
        .output()
        .unwrap();
    assert_eq!(code(&done), 0, "{}", String::from_utf8_lossy(&done.stderr));
    // id-RSASSA-PSS, in the hexadecimal of /Contents.
    let written = String::from_utf8_lossy(&std::fs::read(&padded).unwrap()).to_uppercase();
    assert!(written.contains("06092A864886F70D01010A"), "the padding is named");
    referee(&padded, &pki.trust(), &["--expect", "B-B", "--fse"]);
    let seen = dir.path().join("timbro.pdf");
    let done = sign(&seen)
        .args(["--stamp", "1", "--stamp-at", "60,70"])
        .env("FIRMA_PIN", "12345678")
        .output()
        .unwrap();
    assert_eq!(code(&done), 0, "{}", String::from_utf8_lossy(&done.stderr));
    referee(&seen, &pki.trust(), &["--expect", "B-B", "--fse"]);
    // Any file, in an envelope and beside its signature.
    let letter = dir.path().join("lettera.txt");
    std::fs::write(&letter, "Gentile collega").unwrap();
    for format in ["p7m", "p7s"] {
        let out = dir.path().join(format!("lettera.txt.{format}"));
        let done = command("sign")
            .arg(&letter)
            .args(["--format", format])
            .arg("--out")
            .arg(&out)
            .env("FIRMA_PIN", "12345678")
            .output()
            .unwrap();
        assert_eq!(code(&done), 0, "{}", String::from_utf8_lossy(&done.stderr));
        let verify = || {
            let mut command = firma();
            command.arg("verify").arg(&out).arg("--trust").arg(pki.trust());
            command
        };
        let beside = verify().arg("--content").arg(&letter).output().unwrap();
        assert_eq!(code(&beside), 0, "{}", text(&beside));
        let alone = verify().output().unwrap();
        assert_eq!(code(&alone), i32::from(format == "p7s"), "{}", text(&alone));
        std::fs::write(&letter, "Gentile collega!").unwrap();
        let changed = verify().arg("--content").arg(&letter).output().unwrap();
        assert_eq!(code(&changed), 1, "{}", text(&changed));
        std::fs::write(&letter, "Gentile collega").unwrap();
        // Once more, beside the first.
        let both = dir.path().join(format!("due.{format}"));
        let mut again = command("sign");
        again
            .arg(&out)
            .args(["--format", format, "--parallel", "--out"])
            .arg(&both);
        if format == "p7s" {
            again.arg("--content").arg(&letter);
        }
        let done = again.env("FIRMA_PIN", "12345678").output().unwrap();
        assert_eq!(code(&done), 0, "{}", String::from_utf8_lossy(&done.stderr));
        let said = firma()
            .arg("verify")
            .arg(&both)
            .arg("--trust")
            .arg(pki.trust())
            .arg("--content")
            .arg(&letter)
            .output()
            .unwrap();
        assert_eq!(code(&said), 0, "{}", text(&said));
    }
}
