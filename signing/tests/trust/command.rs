//! `firma trust`, `--trusted-lists` and `--cache`, as an administrator runs them.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use testkit::authority::Key;
use testkit::responder::Service;
use testkit::trusted_list::ListText;

use crate::judging::Documents;
use crate::{Office, later, now};

fn firma(arguments: &[&dyn AsRef<std::ffi::OsStr>]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_firma"));
    for argument in arguments {
        command.arg(argument.as_ref());
    }
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().unwrap();
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    (status.code().unwrap(), text(&stdout), text(&stderr))
}

fn settings(office: &Office, more: &str) -> PathBuf {
    let path = office.dir.path().join("settings.json");
    let text = format!(
        r#"{{"folder":"lists","lists":[{{"territory":"IT","url":"{}","signers":["{}"]}}]{more}}}"#,
        office.publisher.url("it.xml"),
        office.pem("gestore").display()
    );
    std::fs::write(&path, text).unwrap();
    path
}

fn written(office: &Office, name: &str, bytes: &[u8]) -> PathBuf {
    let path = office.dir.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

fn publish(documents: &Documents, sequence: u64, signer: &str) {
    let list = ListText {
        services: vec![
            documents.service("CA/QC", "issuer", &[("granted", -1000)]),
            documents.tsa(),
        ],
        ..ListText::national("IT", sequence, now())
    };
    documents
        .office
        .publisher
        .publish("it.xml", documents.office.signed(&list, signer));
}

#[test]
fn lists_are_updated_shown_and_used() {
    let documents = Documents::sign();
    let office = &documents.office;
    let settings = settings(office, "");
    let file = written(office, "firmato.pdf", &documents.b_t);
    let verify = || firma(&[&"verify", &file, &"--trusted-lists", &settings]);
    let (code, _, said) = verify();
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("firma trust update"), "{said}");
    publish(&documents, 1, "gestore");
    let (code, said, _) = firma(&[&"trust", &"update", &settings]);
    assert_eq!(code, 0, "{said}");
    assert!(
        said.contains("lista di fiducia IT: n. 1 ") && said.contains("confermata adesso"),
        "{said}"
    );
    assert!(
        said.contains("1 per i certificati, 1 per le marche temporali"),
        "{said}"
    );
    let (code, said, age) = verify();
    assert_eq!(code, 0, "{said}");
    assert!(
        said.contains("FIRMA VALIDA") && age.contains("confermata adesso"),
        "{age}"
    );
    // Before the services were granted.
    let before = later(now(), -2000).to_string();
    assert_eq!(
        firma(&[&"verify", &file, &"--trusted-lists", &settings, &"--at", &before]).0,
        1
    );
    // The server goes down: the copy is used, and its state is said.
    office.publisher.down(true);
    let (code, said, _) = firma(&[&"trust", &"update", &settings]);
    assert_eq!(code, 1, "{said}");
    assert!(
        said.contains("n. 1 ") && said.contains("non si è potuta aggiornare"),
        "{said}"
    );
    assert_eq!(firma(&[&"trust", &"show", &settings]).0, 0);
    assert_eq!(verify().0, 0);
    office.publisher.down(false);
    // A list by somebody else: refused, and the copy stays.
    office.add_signer("altri", Key::P256);
    publish(&documents, 2, "altri");
    let (code, said, _) = firma(&[&"trust", &"update", &settings]);
    assert_eq!(code, 1);
    assert!(
        said.contains("n. 1 ") && said.contains("l'ha firmata chi non doveva"),
        "{said}"
    );
    assert_eq!(verify().0, 0);
}

#[test]
fn a_question_that_cannot_be_asked_is_two() {
    let documents = Documents::sign();
    let office = &documents.office;
    let file = written(office, "firmato.pdf", &documents.b_b);
    let (good, broken) = (settings(office, ""), written(office, "rotte.json", b"{"));
    let absent = Path::new("/nonexistent");
    for (name, said) in [
        ("no verb", firma(&[&"trust", &good])),
        ("two verbs", firma(&[&"trust", &"show", &"update", &good])),
        ("no settings", firma(&[&"trust", &"show"])),
        ("absent settings", firma(&[&"trust", &"show", &absent])),
        ("broken settings", firma(&[&"trust", &"update", &broken])),
        (
            "judged by broken settings",
            firma(&[&"verify", &file, &"--trusted-lists", &broken]),
        ),
        ("judged by nothing", firma(&[&"verify", &file])),
    ] {
        assert_eq!(said.0, 2, "{name}");
        assert!(!said.2.is_empty(), "{name}");
    }
}

#[test]
fn what_was_asked_once_is_known_offline() {
    let documents = Documents::sign();
    let office = &documents.office;
    let trust = office.services.authority.trust();
    let b_t = written(office, "bt.pdf", &documents.b_t);
    let cache = office.dir.path().join("cache");
    let require = |more: &[&dyn AsRef<std::ffi::OsStr>]| {
        let mut all: Vec<&dyn AsRef<std::ffi::OsStr>> = vec![
            &"verify",
            &b_t,
            &"--trust",
            &trust,
            &"--json",
            &"--revocation",
            &"require",
        ];
        all.extend(more);
        let (code, json, _) = firma(&all);
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        let one = &json["signatures"][0];
        let text = |key: &str| one[key].as_str().unwrap_or_default().to_owned();
        (code, text("level"), text("sub_indication"))
    };
    let with_cache: [&dyn AsRef<std::ffi::OsStr>; 2] = [&"--cache", &cache];
    // The time-stamp is in doubt too, so that it raises nothing.
    let unknown = (1, "B-B".to_owned(), "TRY_LATER".to_owned());
    assert_eq!(require(&with_cache), unknown, "nothing was asked yet");
    let raised = |name: &str| {
        let out = office.dir.path().join(name);
        let said = firma(&[
            &"extend",
            &b_t,
            &"--to",
            &"B-LT",
            &"--out",
            &out,
            &"--tsa",
            &office.services.tsa(),
            &"--trust",
            &trust,
            &"--cache",
            &cache,
        ]);
        (said.0, said.2)
    };
    assert_eq!(raised("uno.pdf"), (0, String::new()));
    let asked = office.services.asked();
    assert_eq!(
        require(&with_cache),
        (0, "B-T".to_owned(), String::new()),
        "the level goes by the file"
    );
    assert_eq!(require(&[]), unknown);
    assert_eq!(office.services.asked(), asked, "to judge asks nobody");
    // Until its next update an answer is not asked for again, by another run either.
    office.services.set_ocsp(Service::Down);
    office.services.set_crl(Service::Down);
    assert_eq!(raised("due.pdf"), (0, String::new()));
    assert_eq!(office.services.asked()[1..], asked[1..]);
    // What was tampered with is worth nothing.
    for kept in std::fs::read_dir(&cache).unwrap() {
        let path = kept.unwrap().path();
        let mut bytes = std::fs::read(&path).unwrap();
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        std::fs::write(path, bytes).unwrap();
    }
    assert_eq!(require(&with_cache), unknown);
}
