//! Higher levels, with an OpenSSL time-stamp authority and responder on loopback.

use std::path::Path;

use jiff::Timestamp;
use signing::pades::{Shape, prepare_as};
use signing::token::pkcs12::Pkcs12Signer;
use signing::{Conditions, Secret, Signer as _, finish};
use testkit::authority::Key;
use testkit::responder::Responder;

use crate::document::report;
use crate::{code, firma, text};

const PIN: &str = "12345678";

#[test]
fn a_signature_is_raised_and_judged_at_each_level() {
    let dir = tempfile::tempdir().unwrap();
    let services = Responder::start(&dir.path().join("authority")).unwrap();
    let trust = services.authority.trust();
    let signer = Pkcs12Signer::folder(
        &services
            .authority
            .signer("primo", "Rofilo Del Vecchio", "DLVRFO57L04X000A", Key::P256, PIN)
            .unwrap(),
    )
    .unwrap();
    let identity = signer.identities().unwrap().remove(0);
    let room = Shape {
        time_stamp: true,
        ..Shape::default()
    };
    let now = Timestamp::now();
    let prepared = prepare_as(&report(), &identity, &Conditions::default(), room, now).unwrap();
    let mut grant = signer
        .authorise(&identity.id, &[prepared.hash()], Secret::pin(PIN))
        .unwrap();
    let value = grant.sign(&prepared.hash()).unwrap();
    let signed = dir.path().join("bb.pdf");
    std::fs::write(&signed, finish(prepared, &value, None, now).unwrap().pdf).unwrap();

    let at = |name: &str| dir.path().join(name);
    let raise = |verb: &[&str], out: &Path| {
        firma()
            .args(verb)
            .arg(&signed)
            .arg("--out")
            .arg(out)
            .args(["--tsa", &services.tsa()])
            .arg("--trust")
            .arg(&trust)
            .output()
            .unwrap()
    };
    let level = |file: &Path, revocation: &str| {
        let said = firma()
            .arg("verify")
            .arg(file)
            .arg("--trust")
            .arg(&trust)
            .args(["--json", "--revocation", revocation])
            .output()
            .unwrap();
        let json: serde_json::Value = serde_json::from_slice(&said.stdout).unwrap();
        crate::schema::check(&json).unwrap();
        let level = json["signatures"][0]["level"].as_str().unwrap().to_owned();
        (code(&said), level)
    };
    assert_eq!(level(&signed, "soft"), (0, "B-B".to_owned()));
    for (name, verb, expected) in [
        ("bt.pdf", vec!["timestamp"], "B-T"),
        ("blt.pdf", vec!["extend", "--to", "B-LT"], "B-LT"),
        ("blta.pdf", vec!["extend", "--to", "B-LTA"], "B-LTA"),
    ] {
        let done = raise(&verb, &at(name));
        assert_eq!(
            code(&done),
            0,
            "{name}: {}{}",
            text(&done),
            String::from_utf8_lossy(&done.stderr)
        );
        assert_eq!(level(&at(name), "soft"), (0, expected.to_owned()));
    }
    assert_eq!(
        level(&at("bt.pdf"), "require").0,
        1,
        "B-T brings no revocation data"
    );
    assert_eq!(level(&at("blt.pdf"), "require").0, 0);
    assert_eq!(level(&at("blta.pdf"), "require").0, 0);
}
