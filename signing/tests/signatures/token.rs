//! The whole way with a real PKCS#11 module. SoftHSM2 reads its configuration from the environment, so each
//! test runs its second half in a process of its own.

use std::path::PathBuf;

use jiff::Timestamp;
use signing::pades::{RsaPadding, Shape, prepare_as};
use signing::token::pkcs11::{Pkcs11Signer, modules};
use signing::token::training::KeyKind;
use signing::{
    Conditions, DeviceError, DeviceKind, Devices, Identity, IdentityId, KeyUse, PinState, Prepared, Secret,
    Signer, TrustRoots, finish, prepare,
};
use testkit::pki::TestPki;

use crate::document::report;
use crate::software::author;
use crate::{FISCAL_CODE, NAME, PIN};

const FOLDER: &str = "SIGNING_TEST_FOLDER";

/// In the first process: makes a card with both certificates and runs the test again. In the second: `true`.
fn with_card(test: &str, kind: KeyKind) -> bool {
    if std::env::var_os(FOLDER).is_some() {
        signing::token::helper::use_program(env!("CARGO_BIN_EXE_token-helper").into());
        return true;
    }
    let dir = tempfile::tempdir().unwrap();
    let pki = TestPki::create(dir.path()).unwrap();
    let key = |usage| pki.key(NAME, FISCAL_CODE, usage, kind, None).unwrap();
    let keys = [key(KeyUse::Authentication), key(KeyUse::Signature)];
    let token = pki
        .softhsm_token_with(&dir.path().join("card"), &keys, PIN)
        .unwrap();
    token
        .run_test(&format!("token::{test}"), &[(FOLDER, dir.path().as_os_str())])
        .unwrap();
    false
}

fn folder() -> PathBuf {
    std::env::var_os(FOLDER).unwrap().into()
}

fn trust() -> TrustRoots {
    TrustRoots::from_pem(&std::fs::read(folder().join("trust.pem")).unwrap()).unwrap()
}

fn open() -> Pkcs11Signer {
    let module = modules(&[])
        .into_iter()
        .find(|p| p.ends_with("libsofthsm2.so"))
        .expect("softhsm2 installed");
    Pkcs11Signer::open(&module).unwrap()
}

fn signature_identity(signer: &dyn Signer) -> Identity {
    signer
        .identities()
        .unwrap()
        .into_iter()
        .find(|i| i.usage == KeyUse::Signature)
        .unwrap()
}

fn signs(signer: &dyn Signer) {
    let identity = signature_identity(signer);
    let now = Timestamp::now();
    let prepared: Vec<_> = (0..2)
        .map(|_| prepare(&report(), &identity, &author(), now).unwrap())
        .collect();
    let hashes: Vec<_> = prepared.iter().map(Prepared::hash).collect();
    let mut grant = signer.authorise(&identity.id, &hashes, Secret::pin(PIN)).unwrap();
    for document in prepared {
        let value = grant.sign(&document.hash()).unwrap();
        let signed = finish(document, &value, Some(&trust()), now).unwrap();
        assert!(signed.report.passed());
    }
}

#[test]
fn an_rsa_card_signs() {
    if with_card("an_rsa_card_signs", KeyKind::Rsa2048) {
        signs(&open());
    }
}

#[test]
fn an_rsa_card_pads_by_pss() {
    if !with_card("an_rsa_card_pads_by_pss", KeyKind::Rsa2048) {
        return;
    }
    let signer = open();
    let identity = signature_identity(&signer);
    let now = Timestamp::now();
    let shape = Shape {
        padding: RsaPadding::Pss,
        ..Shape::default()
    };
    let prepared = prepare_as(&report(), &identity, &author(), shape, now).unwrap();
    let mut grant = signer
        .authorise(&identity.id, &[prepared.hash()], Secret::pin(PIN))
        .unwrap();
    let value = grant.sign_pss(&prepared.hash()).unwrap();
    assert!(
        finish(prepared, &value, Some(&trust()), now)
            .unwrap()
            .report
            .passed()
    );
}

#[test]
fn rsa_cards_of_3072_and_4096_bits_sign() {
    if with_card("rsa_cards_of_3072_and_4096_bits_sign", KeyKind::Rsa4096) {
        return signs(&open());
    }
    let dir = tempfile::tempdir().unwrap();
    let pki = TestPki::create(dir.path()).unwrap();
    let key = pki
        .key(NAME, FISCAL_CODE, KeyUse::Signature, KeyKind::Rsa3072, None)
        .unwrap();
    let token = pki
        .softhsm_token_with(&dir.path().join("card"), &[key], PIN)
        .unwrap();
    token
        .run_test("token::an_rsa_card_signs", &[(FOLDER, dir.path().as_os_str())])
        .unwrap();
}

#[test]
fn a_p256_card_signs() {
    if with_card("a_p256_card_signs", KeyKind::P256) {
        signs(&open());
    }
}

#[test]
fn a_p384_card_signs() {
    if with_card("a_p384_card_signs", KeyKind::P384) {
        signs(&open());
    }
}

#[test]
fn both_certificates_are_told_apart_before_the_pin() {
    if !with_card("both_certificates_are_told_apart_before_the_pin", KeyKind::P256) {
        return;
    }
    let found = open().identities().unwrap();
    let uses: Vec<_> = found.iter().map(|i| i.usage).collect();
    assert_eq!(found.len(), 2, "the issuer's certificate is not an identity");
    assert!(uses.contains(&KeyUse::Signature) && uses.contains(&KeyUse::Authentication));
    for identity in found {
        assert_eq!(identity.device, DeviceKind::Token);
        assert_eq!(identity.device_label, "Carta di prova");
        assert_eq!(identity.fiscal_code.as_deref(), Some(FISCAL_CODE));
        assert_eq!(identity.chain.len(), 2, "the issuer comes from the card");
    }
}

#[test]
fn a_wrong_pin_is_one_attempt_and_shows_in_the_state() {
    if !with_card("a_wrong_pin_is_one_attempt_and_shows_in_the_state", KeyKind::P256) {
        return;
    }
    let signer = open();
    let identity = signature_identity(&signer);
    assert_eq!(identity.pin, PinState::Ready);
    let wrong = signer.authorise(&identity.id, &[], Secret::pin("87654321")).err();
    assert_eq!(
        wrong,
        Some(DeviceError::WrongPinFewLeft),
        "SoftHSM flags the first wrong PIN as low"
    );
    assert_eq!(
        signature_identity(&signer).pin,
        PinState::Low,
        "read from the token, not counted here"
    );
    let short = signer.authorise(&identity.id, &[], Secret::pin("1")).err();
    assert!(
        matches!(short, Some(DeviceError::PinLength { min: 4, .. })),
        "no attempt is burnt: {short:?}"
    );
    signs(&signer);
    assert_eq!(
        signature_identity(&signer).pin,
        PinState::Ready,
        "a right PIN clears the flag"
    );
}

#[test]
fn an_authorisation_is_exclusive_and_ends_when_dropped() {
    if !with_card(
        "an_authorisation_is_exclusive_and_ends_when_dropped",
        KeyKind::P256,
    ) {
        return;
    }
    let signer = open();
    let identity = signature_identity(&signer);
    let prepared = prepare(&report(), &identity, &Conditions::default(), Timestamp::now()).unwrap();
    let mut grant = signer.authorise(&identity.id, &[], Secret::pin(PIN)).unwrap();
    assert_eq!(grant.sign(&prepared.hash()), Err(DeviceError::NotAuthorised));
    let second = open().authorise(&identity.id, &[], Secret::pin("99999999")).err();
    assert_eq!(
        second,
        Some(DeviceError::HeldByAnother),
        "a login in force must not stand for a PIN"
    );
    drop(grant);
    assert_eq!(
        signer.authorise(&identity.id, &[], Secret::pin("99999999")).err(),
        Some(DeviceError::WrongPinFewLeft),
        "after the drop the PIN is asked again"
    );
}

#[test]
fn a_card_taken_out_while_signing_is_told() {
    if !with_card("a_card_taken_out_while_signing_is_told", KeyKind::Rsa2048) {
        return;
    }
    let signer = open();
    let identity = signature_identity(&signer);
    let prepared = prepare(&report(), &identity, &author(), Timestamp::now()).unwrap();
    let mut grant = signer
        .authorise(&identity.id, &[prepared.hash()], Secret::pin(PIN))
        .unwrap();
    // What is nearest to pulling a software token out.
    std::fs::remove_dir_all(folder().join("card/tokens")).unwrap();
    let error = grant.sign(&prepared.hash()).expect_err("no key is left");
    println!("told: {error:?}");
    assert!(
        matches!(error, DeviceError::TokenRemoved | DeviceError::KeyMissing),
        "{error:?}"
    );
}

#[test]
fn all_devices_of_a_pc_answer_as_one() {
    if !with_card("all_devices_of_a_pc_answer_as_one", KeyKind::P256) {
        return;
    }
    let module = modules(&[])
        .into_iter()
        .find(|p| p.ends_with("libsofthsm2.so"))
        .unwrap();
    let mut devices = Devices::of_this_pc(&[module]).unwrap();
    let once = devices.identities().unwrap().len();
    devices.push(Box::new(open()));
    assert_eq!(
        devices.identities().unwrap().len(),
        once,
        "a card that two drivers know is one card"
    );
    signs(&devices);
    let gone = IdentityId("00".repeat(32));
    assert_eq!(
        devices.authorise(&gone, &[], Secret::pin(PIN)).err(),
        Some(DeviceError::IdentityGone)
    );
    assert_eq!(Devices::default().identities(), Err(DeviceError::NoToken));
    let missing = Devices::of_this_pc(&["/usr/lib/non-installato.so".into()]);
    assert_eq!(
        missing.err(),
        Some(DeviceError::ModuleMissing),
        "what was configured must be there"
    );
}

#[test]
fn a_missing_or_foreign_module_is_told() {
    signing::token::helper::use_program(env!("CARGO_BIN_EXE_token-helper").into());
    let missing = Pkcs11Signer::open(&PathBuf::from("/usr/lib/non-installato.so"));
    assert_eq!(missing.err(), Some(DeviceError::ModuleMissing));
    let dir = tempfile::tempdir().unwrap();
    let foreign = dir.path().join("altro.so");
    std::fs::write(&foreign, "not a library").unwrap();
    assert_eq!(
        Pkcs11Signer::open(&foreign).err(),
        Some(DeviceError::ModuleUnusable)
    );
    assert!(
        modules(&[foreign.clone(), foreign.clone()])
            .iter()
            .filter(|p| **p == foreign)
            .count()
            == 1
    );
}
