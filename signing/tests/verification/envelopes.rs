//! `.p7m` and `.p7s` as OpenSSL makes them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cms::content_info::ContentInfo;
use cms::signed_data::{SignedData, SignerInfos};
use der::asn1::{Any, ObjectIdentifier, OctetString};
use der::{Decode as _, Encode as _, Tag};
use signing::token::training::KeyKind;
use signing::validation::{DocumentFault, Format, Warning};
use signing::{Indication, Level, SubIndication};

use x509_cert::attr::{Attribute, Attributes};

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

/// The signature of a `.p7m`, signed in turn with the same key (RFC 5652, 11.4).
fn countersigned(desk: &Desk, p7m: &[u8], spoilt: bool) -> Vec<u8> {
    let mut info = ContentInfo::from_der(p7m).unwrap();
    let mut data: SignedData = info.content.decode_as().unwrap();
    let mut signer = data.signer_infos.0.as_slice()[0].clone();
    let digest = openssl::sha::sha256(signer.signature.as_bytes());
    let attribute = Attribute {
        oid: ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.4"),
        values: vec![Any::new(Tag::OctetString, digest.to_vec()).unwrap()]
            .try_into()
            .unwrap(),
    };
    let attributes: Attributes = vec![attribute].try_into().unwrap();
    let key = std::fs::read(desk.dir.path().join("keys/firma.key")).unwrap();
    let key = openssl::pkey::PKey::private_key_from_pem(&key).unwrap();
    let mut by = openssl::sign::Signer::new(openssl::hash::MessageDigest::sha256(), &key).unwrap();
    let mut value = by.sign_oneshot_to_vec(&attributes.to_der().unwrap()).unwrap();
    if spoilt {
        *value.last_mut().unwrap() ^= 1;
    }
    let mut counter = signer.clone();
    counter.signed_attrs = Some(attributes);
    counter.unsigned_attrs = None;
    counter.signature = OctetString::new(value).unwrap();
    let unsigned = Attribute {
        oid: ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.6"),
        values: vec![Any::encode_from(&counter).unwrap()].try_into().unwrap(),
    };
    signer.unsigned_attrs = Some(vec![unsigned].try_into().unwrap());
    data.signer_infos = SignerInfos(vec![signer].try_into().unwrap());
    info.content = Any::encode_from(&data).unwrap();
    info.to_der().unwrap()
}

#[test]
fn a_countersignature_is_told_and_changes_nothing() {
    let desk = Desk::new(KeyKind::P256);
    let plain = desk.openssl(CONTENT, &CADES);
    assert!(desk.judge(&plain).signatures[0].countersignatures.is_empty());
    let report = desk.judge(&countersigned(&desk, &plain, false));
    assert!(report.passed(), "{report:?}");
    let [signature] = &report.signatures[..] else {
        panic!("a countersigner is no signer of the file")
    };
    let [told] = &signature.countersignatures[..] else {
        panic!("{signature:?}")
    };
    assert_eq!(told.indication, Indication::TotalPassed, "{told:?}");
    assert_eq!(told.signer.as_ref().unwrap().subject, "Rofilo Del Vecchio");
    assert!(!signature.warnings.contains(&Warning::CountersignatureNotHeld));

    let report = desk.judge(&countersigned(&desk, &plain, true));
    assert!(report.passed(), "the signature itself holds: {report:?}");
    let signature = &report.signatures[0];
    let told = &signature.countersignatures[0];
    assert_eq!(told.sub_indication, Some(SubIndication::SigCryptoFailure));
    assert!(signature.warnings.contains(&Warning::CountersignatureNotHeld));
}
