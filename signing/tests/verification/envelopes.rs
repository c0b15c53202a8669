//! `.p7m` and `.p7s` as OpenSSL makes them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use signing::token::training::KeyKind;
use signing::validation::{DocumentFault, Format};
use signing::{Indication, Level, SubIndication};

use crate::desk::Desk;

const CONTENT: &[u8] = b"Referto: pressione 120/80";
const CADES: [&str; 4] = ["-cades", "-nodetach", "-outform", "DER"];

#[test]
fn every_form_of_an_envelope_is_read() {
    for kind in [KeyKind::Rsa2048, KeyKind::P256, KeyKind::P384] {
        let desk = Desk::new(kind);
        let plain = desk.openssl(CONTENT, &CADES);
        let base64 = STANDARD.encode(&plain).into_bytes();
        let streamed = desk.openssl(CONTENT, &["-cades", "-nodetach", "-stream", "-outform", "DER"]);
        let pem = desk.openssl(CONTENT, &["-cades", "-nodetach", "-outform", "PEM"]);
        assert_ne!(streamed, plain, "the streamed form has indefinite lengths");
        for (form, file) in [
            ("DER", plain),
            ("base64", base64),
            ("BER", streamed),
            ("PEM", pem),
        ] {
            let report = desk.judge(&file);
            assert!(report.passed(), "{kind:?} {form}: {report:?}");
            assert_eq!(report.format, Format::Cades);
            assert_eq!(report.signatures[0].level, Level::BB);
        }
    }
}

#[test]
fn a_detached_signature_needs_its_content() {
    let desk = Desk::new(KeyKind::P256);
    let detached = desk.openssl(CONTENT, &["-cades", "-outform", "DER"]);
    assert!(desk.judge_with(&detached, Some(CONTENT)).passed());
    let missing = (Indication::Indeterminate, Some(SubIndication::SignedDataNotFound));
    assert_eq!(desk.judge(&detached).overall(), missing);
    let other = desk.judge_with(&detached, Some(b"altro")).overall();
    assert_eq!(other, (Indication::TotalFailed, Some(SubIndication::HashFailure)));
}

#[test]
fn a_file_that_is_named_must_be_the_one_enclosed() {
    let desk = Desk::new(KeyKind::P256);
    let file = desk.openssl(CONTENT, &CADES);
    assert!(desk.judge_with(&file, Some(CONTENT)).passed());
    assert!(!desk.judge_with(&file, Some(b"altro")).passed());
}

#[test]
fn envelopes_in_one_another_all_count() {
    let desk = Desk::new(KeyKind::P256);
    let inner = desk.openssl(CONTENT, &CADES);
    let nested = desk.judge(&desk.openssl(&inner, &CADES));
    assert!(nested.passed());
    assert_eq!(
        nested.signatures.iter().map(|s| s.envelope).collect::<Vec<_>>(),
        [0, 1]
    );
    let mut changed = inner.clone();
    let at = changed.windows(3).position(|w| w == b"120").unwrap();
    changed[at] = b'9';
    let report = desk.judge(&desk.openssl(&changed, &CADES));
    assert_eq!(report.signatures[0].indication, Indication::TotalPassed);
    assert_eq!(
        report.signatures[1].sub_indication,
        Some(SubIndication::HashFailure)
    );
    assert!(
        !report.passed(),
        "the outer signature does not heal the inner one"
    );
}

#[test]
fn what_is_not_a_sound_cades_signature_is_not_accepted() {
    let desk = Desk::new(KeyKind::Rsa2048);
    let without = desk.judge(&desk.openssl(CONTENT, &["-nodetach", "-outform", "DER"]));
    assert_eq!(without.overall().0, Indication::TotalPassed);
    assert_eq!(without.signatures[0].level, Level::NotBaseline);
    assert!(!without.passed(), "no signing-certificate attribute");
    let weak = desk.openssl(
        CONTENT,
        &["-cades", "-nodetach", "-outform", "DER", "-md", "sha1"],
    );
    assert_eq!(
        desk.judge(&weak).overall().1,
        Some(SubIndication::CryptoConstraintsFailure)
    );
    let bare = desk.openssl(CONTENT, &["-noattr", "-nodetach", "-outform", "DER"]);
    assert!(!desk.judge(&bare).passed());
    let anonymous = desk.openssl(CONTENT, &["-cades", "-nodetach", "-outform", "DER", "-nocerts"]);
    assert!(!desk.judge(&anonymous).passed());
    let mut tail = desk.openssl(CONTENT, &CADES);
    tail.extend(b"altro");
    assert_eq!(desk.judge(&tail).fault, Some(DocumentFault::Damaged));
}

#[test]
fn rsa_pss_and_longer_digests_are_read() {
    let desk = Desk::new(KeyKind::Rsa2048);
    let pss = [
        "-cades",
        "-nodetach",
        "-outform",
        "DER",
        "-keyopt",
        "rsa_padding_mode:pss",
    ];
    assert!(desk.judge(&desk.openssl(CONTENT, &pss)).passed());
    let long = ["-cades", "-nodetach", "-outform", "DER", "-md", "sha512"];
    let report = desk.judge(&desk.openssl(CONTENT, &long));
    assert!(report.passed());
    assert_eq!(report.signatures[0].digest.as_deref(), Some("SHA-512"));
}

#[test]
fn another_root_is_no_root() {
    let (desk, other) = (Desk::new(KeyKind::P256), Desk::new(KeyKind::P256));
    let file = desk.openssl(CONTENT, &CADES);
    assert_eq!(
        other.judge(&file).overall().1,
        Some(SubIndication::NoCertificateChainFound)
    );
}
