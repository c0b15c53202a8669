//! The contract of `firma verify`, word by word: which exit code for which odd case, and JSON in every one of them.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use signing::token::training::KeyKind;

use crate::desk::Desk;
use crate::document::report;
use crate::{code, firma, schema, text, verify, written};

/// Both forms of the answer: the same code, clean JSON on stdout and nothing beside it.
fn answers(desk: &Desk, file: &Path, more: &[&str]) -> i32 {
    let plain = verify(desk, file, more);
    let json = verify(desk, file, &[more, &["--json"]].concat());
    assert_eq!(code(&plain), code(&json), "{}", file.display());
    let value: serde_json::Value = serde_json::from_slice(&json.stdout)
        .unwrap_or_else(|fault| panic!("{}: {fault}: {}", file.display(), text(&json)));
    schema::check(&value).unwrap_or_else(|fault| panic!("{}: {fault}", file.display()));
    assert_eq!(value["passed"], code(&json) == 0, "{}", file.display());
    assert!(json.stderr.is_empty() && plain.stderr.is_empty());
    code(&json)
}

#[test]
fn every_file_is_answered_by_yes_or_no() {
    let desk = Desk::new(KeyKind::P256);
    let envelope = ["-cades", "-nodetach", "-outform", "DER"];
    let p7m = desk.openssl(b"Referto", &envelope);
    let twice = desk.openssl(&p7m, &envelope);
    let signed = desk.sign(&report());
    let encrypted = String::from_utf8_lossy(&report()).replace("/Root", "/Encrypt 1 0 R/Root");
    let detached = desk.openssl(b"Referto", &["-cades", "-outform", "DER"]);
    let weak = desk.openssl(
        b"Referto",
        &["-cades", "-nodetach", "-md", "sha1", "-outform", "DER"],
    );
    let plain = desk.openssl(b"Referto", &["-nodetach", "-outform", "DER"]);
    let mut broken = twice.clone();
    let at = broken.windows(7).position(|w| w == b"Referto").unwrap();
    broken[at] ^= 1;
    for (name, bytes, expected) in [
        ("firmato.pdf", signed.clone(), 0),
        ("due.pdf", desk.sign(&signed), 0),
        ("busta.p7m", p7m.clone(), 0),
        ("base64.p7m", STANDARD.encode(&p7m).into_bytes(), 0),
        ("annidato.p7m", twice, 0),
        (
            "annidato-base64.p7m",
            desk.openssl(STANDARD.encode(&p7m).as_bytes(), &envelope),
            0,
        ),
        ("annidato-alterato.p7m", broken, 1),
        ("senza-contenuto.p7s", detached, 1),
        ("sha1.p7m", weak, 1),
        ("non-baseline.p7m", plain, 1),
        ("mozzo.p7m", p7m[..p7m.len() - 9].to_vec(), 1),
        ("senza.pdf", report(), 1),
        ("cifrato.pdf", encrypted.into_bytes(), 1),
        ("mozzo.pdf", signed[..signed.len() - 9].to_vec(), 1),
        ("vuoto", Vec::new(), 1),
        ("zeri", vec![0; 4096], 1),
        ("testo.txt", b"Mxyz".to_vec(), 1),
    ] {
        let file = written(&desk, name, &bytes);
        assert_eq!(answers(&desk, &file, &[]), expected, "{name}");
    }
}

#[test]
fn a_name_is_a_name_and_values_are_asked_for_strictly() {
    let desk = Desk::new(KeyKind::P256);
    let file = written(&desk, "buono.pdf", &desk.sign(&report()));
    let nothing = written(&desk, "niente.pem", b"");
    let words = written(&desk, "parole.pem", b"nessun certificato");
    let folder = desk.dir.path().to_owned();
    let trust = desk.dir.path().join("trust.pem");
    let [file, nothing, words, folder, trust] =
        [&file, &nothing, &words, &folder, &trust].map(|p| p.to_str().unwrap());
    for arguments in [
        // Standard input is not read: `-` is a file of that name, and there is none.
        vec!["verify", "-", "--trust", trust],
        vec!["verify", folder, "--trust", trust],
        vec!["verify", file, file, "--trust", trust],
        vec!["verify", file, "--trust", nothing],
        vec!["verify", file, "--trust", words],
        vec!["verify", file, "--trust", folder],
        vec!["verify", file, "--trust", trust, "--at"],
        vec!["verify", file, "--trust", trust, "--at", ""],
        vec!["verify", file, "--trust", trust, "--at", "2026-13-01"],
        vec!["verify", file, "--trust", trust, "--at", "21/11/2026"],
        vec![
            "verify",
            file,
            "--trust",
            trust,
            "--at",
            "2026-11-21",
            "--at",
            "2026-11-22",
        ],
        vec!["verify", file, "--trust", trust, "--content"],
        vec!["verify", file, "--trust", trust, "--content", folder],
        vec!["verify", file, "--trust", trust, "--revocation", ""],
        vec!["verify", file, "--trust", trust, "--jsn"],
        vec!["verify", file, "--trust", trust, "-j"],
        vec!["Verify", file, "--trust", trust],
    ] {
        let said = firma().args(&arguments).output().unwrap();
        assert_eq!(code(&said), 2, "{arguments:?} {}", text(&said));
        assert!(said.stdout.is_empty(), "{arguments:?}: an answer was not given");
        let why = String::from_utf8(said.stderr).unwrap();
        assert!(why.starts_with("firma: "), "{arguments:?}: {why}");
    }
}

#[test]
fn what_cannot_be_signed_so_is_two_and_what_fails_says_why_in_italian() {
    let desk = Desk::new(KeyKind::P256);
    let file = written(&desk, "buono.pdf", &desk.sign(&report()));
    let out = desk.dir.path().join("esce.pdf");
    let trust = desk.dir.path().join("trust.pem");
    let [file, out, trust] = [&file, &out, &trust].map(|p| p.to_str().unwrap());
    for more in [
        vec!["--padding", "oaep"],
        vec!["--stamp", "0"],
        vec!["--stamp", "prima"],
        vec!["--stamp-at", "10,10"],
        vec!["--stamp", "last", "--stamp-at", "10"],
        vec!["--stamp", "last", "--format", "p7m"],
        vec!["--parallel"],
        vec!["--content", file],
    ] {
        let said = firma()
            .args(["sign", file, "--out", out])
            .args(&more)
            .output()
            .unwrap();
        assert_eq!(code(&said), 2, "{more:?}");
        assert!(String::from_utf8_lossy(&said.stderr).contains("--"), "{more:?}");
    }
    for verb in [vec!["timestamp"], vec!["extend", "--to", "B-T"]] {
        let said = firma()
            .args(&verb)
            .args([
                file,
                "--out",
                out,
                "--tsa",
                "http://127.0.0.1:9/tsa",
                "--trust",
                trust,
            ])
            .output()
            .unwrap();
        assert_eq!(code(&said), 1, "{verb:?}");
        let why = String::from_utf8_lossy(&said.stderr).into_owned();
        assert!(
            why.contains("http://127.0.0.1:9/tsa: non si raggiunge"),
            "{verb:?}: {why}"
        );
    }
}

#[test]
fn a_secret_is_no_argument() {
    let desk = Desk::new(KeyKind::P256);
    let file = written(&desk, "referto.pdf", &report());
    let out = desk.dir.path().join("firmato.pdf");
    for option in ["--pin", "--password", "--pin=12345678"] {
        let mut command = firma();
        command.arg("sign").arg(&file).arg("--out").arg(&out).arg(option);
        if !option.contains('=') {
            command.arg("12345678");
        }
        let said = command.output().unwrap();
        assert_eq!(code(&said), 2, "{option}");
        let why = String::from_utf8_lossy(&said.stderr).into_owned();
        assert!(!why.contains("12345678"), "a secret is not repeated: {why}");
        assert!(!out.exists());
    }
}

#[test]
fn the_referee_gives_the_same_answer() {
    let Some(shared) = std::env::var_os("POSTAZIONE_SHARED") else {
        println!("referee check not run: firma verify beside validate-pades");
        return;
    };
    let tool = PathBuf::from(shared).join("tools/validate-pades");
    let desk = Desk::new(KeyKind::Rsa2048);
    let signed = desk.sign(&report());
    let mut changed = signed.clone();
    changed[30] ^= 1;
    let envelope = ["-cades", "-nodetach", "-outform", "DER"];
    for (name, bytes) in [
        ("buono.pdf", signed.clone()),
        ("alterato.pdf", changed),
        ("senza.pdf", report()),
        ("busta.p7m", desk.openssl(b"Referto", &envelope)),
        ("non-baseline.p7m", desk.openssl(b"Referto", &envelope[1..])),
        ("vuoto.pdf", Vec::new()),
    ] {
        let file = written(&desk, name, &bytes);
        let theirs = std::process::Command::new(&tool)
            .arg(&file)
            .arg("--trust")
            .arg(desk.dir.path().join("trust.pem"))
            .output()
            .unwrap();
        let ours = verify(&desk, &file, &[]);
        assert_eq!(
            code(&ours) == 0,
            code(&theirs) == 0,
            "{name}: {} {}",
            text(&ours),
            text(&theirs)
        );
    }
}
