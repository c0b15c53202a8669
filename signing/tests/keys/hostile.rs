//! Each misdeed of a card or its driver has its own answer, and the program that asked goes on.

use hostile_token::Mood;
use jiff::Timestamp;
use signing::token::pkcs12::Pkcs12Signer;
use signing::token::training::KeyKind;
use signing::{
    CertificateRefusal, DeviceError, Devices, IdentityId, KeyUse, PinState, PrepareError, Secret,
    Signer as _, prepare,
};

use crate::card::{author, card, card_valid, past, signature_identity};
use crate::document::report;
use crate::{PIN, WRONG};

#[test]
fn a_good_day() {
    let Some(card) = card("hostile::a_good_day") else {
        return;
    };
    let signer = card.open();
    let uses: Vec<_> = signer.identities().unwrap().iter().map(|i| i.usage).collect();
    assert_eq!(
        uses,
        [KeyUse::Signature, KeyUse::Authentication],
        "told apart before any PIN"
    );
    assert_eq!(card.token.logins(), 0);
    assert!(card.signs(&signer).unwrap().report.passed());
    card.token.set(Mood::Prints).unwrap();
    assert!(
        card.signs(&signer).unwrap().report.passed(),
        "what the driver prints on our pipe is skipped"
    );
}

#[test]
fn wrong_pins_follow_the_flags_of_the_card_until_it_locks() {
    let Some(card) = card("hostile::wrong_pins_follow_the_flags_of_the_card_until_it_locks") else {
        return;
    };
    let signer = card.open();
    let identity = signature_identity(&signer).unwrap();
    assert_eq!(identity.pin, PinState::Ready);
    let told = [
        (DeviceError::WrongPinFewLeft, PinState::Low),
        (DeviceError::WrongPinFinalAttempt, PinState::FinalTry),
        (DeviceError::PinLocked, PinState::Locked),
    ];
    for (error, state) in told {
        let answer = signer.authorise(&identity.id, &[], Secret::pin(WRONG)).err();
        assert_eq!(answer, Some(error));
        assert_eq!(signature_identity(&signer).unwrap().pin, state);
    }
    assert_eq!(card.token.logins(), 3, "one attempt for each PIN typed");
    let answer = signer.authorise(&identity.id, &[], Secret::pin(PIN)).err();
    assert_eq!(answer, Some(DeviceError::PinLocked));
    assert_eq!(card.token.logins(), 3, "a locked card is not asked");
}

#[test]
fn a_pin_that_no_card_takes_burns_no_attempt() {
    let Some(card) = card("hostile::a_pin_that_no_card_takes_burns_no_attempt") else {
        return;
    };
    let signer = card.open();
    let identity = signature_identity(&signer).unwrap();
    for pin in ["1", "123456789"] {
        let answer = signer.authorise(&identity.id, &[], Secret::pin(pin)).err();
        assert_eq!(answer, Some(DeviceError::PinLength { min: 4, max: 8 }));
    }
    assert_eq!(card.token.logins(), 0);
}

#[test]
fn a_card_is_seen_to_leave_and_to_come_back_and_a_driver_s_fault_is_neither() {
    let Some(card) =
        card("hostile::a_card_is_seen_to_leave_and_to_come_back_and_a_driver_s_fault_is_neither")
    else {
        return;
    };
    let devices = Devices::new(vec![Box::new(card.open())]);
    let identity = signature_identity(&devices).unwrap().id;
    assert_eq!(devices.is_present(&identity), Ok(true));
    card.token.remove().unwrap();
    assert_eq!(devices.is_present(&identity), Ok(false));
    // The list forgets who told of a card that is not there; the question is answered all the same.
    assert_eq!(devices.identities().err(), Some(DeviceError::NoToken));
    assert_eq!(devices.is_present(&identity), Ok(false));
    card.token.insert().unwrap();
    assert_eq!(devices.is_present(&identity), Ok(true));
    card.token.set(Mood::CrashesListing).unwrap();
    assert_eq!(devices.is_present(&identity), Err(DeviceError::ModuleStopped));
    card.token.set(Mood::Good).unwrap();
    assert_eq!(devices.is_present(&identity), Ok(true));
    assert_eq!(devices.is_present(&IdentityId("another".to_owned())), Ok(false));
    assert_eq!(card.token.logins(), 0, "no PIN was asked");
}

#[test]
fn a_card_that_vanishes_is_told_and_found_again() {
    let Some(card) = card("hostile::a_card_that_vanishes_is_told_and_found_again") else {
        return;
    };
    let signer = card.open();
    card.token.set(Mood::Vanishes).unwrap();
    assert_eq!(card.signs(&signer).unwrap_err(), DeviceError::TokenRemoved);
    assert_eq!(signer.identities(), Err(DeviceError::NoToken));
    card.token.set(Mood::Good).unwrap();
    card.token.insert().unwrap();
    assert_eq!(
        signer.identities().unwrap().len(),
        2,
        "the slots are listed again"
    );
    assert!(card.signs(&signer).is_ok());
    let (prepared, mut grant) = card.authorised(&signer).unwrap();
    card.token.remove().unwrap();
    assert_eq!(grant.sign(&prepared.hash()), Err(DeviceError::TokenRemoved));
    let identity = prepared.identity().clone();
    let answer = signer.authorise(&identity, &[prepared.hash()], Secret::pin(PIN));
    assert_eq!(answer.err(), Some(DeviceError::NoToken));
}

#[test]
fn a_driver_that_hangs_is_ended_and_started_again() {
    let Some(card) = card("hostile::a_driver_that_hangs_is_ended_and_started_again") else {
        return;
    };
    let signer = card.open_impatient();
    let (prepared, mut grant) = card.authorised(&signer).unwrap();
    card.token.set(Mood::Hangs).unwrap();
    assert_eq!(grant.sign(&prepared.hash()), Err(DeviceError::ModuleSilent));
    card.token.set(Mood::Good).unwrap();
    assert_eq!(
        grant.sign(&prepared.hash()),
        Err(DeviceError::ModuleStopped),
        "the login ended with the process; no PIN is used again by itself"
    );
    drop(grant);
    assert!(card.signs(&signer).is_ok());
    card.token.set(Mood::HangsAtLogin).unwrap();
    assert_eq!(card.signs(&signer).unwrap_err(), DeviceError::ModuleSilent);
    card.token.set(Mood::Good).unwrap();
    assert!(card.signs(&signer).is_ok());
}

#[test]
fn a_driver_that_crashes_takes_nothing_with_it() {
    let Some(card) = card("hostile::a_driver_that_crashes_takes_nothing_with_it") else {
        return;
    };
    let signer = card.open();
    let (prepared, mut grant) = card.authorised(&signer).unwrap();
    card.token.set(Mood::Crashes).unwrap();
    assert_eq!(grant.sign(&prepared.hash()), Err(DeviceError::ModuleStopped));
    assert_eq!(grant.sign(&prepared.hash()), Err(DeviceError::ModuleStopped));
    assert_eq!(card.token.signatures(), 1, "never asked twice");
    card.token.set(Mood::CrashesListing).unwrap();
    assert_eq!(signer.identities(), Err(DeviceError::ModuleStopped));
    let logins = card.token.logins();
    card.token.set(Mood::CrashesAtLogin).unwrap();
    let identity = prepared.identity().clone();
    let answer = signer.authorise(&identity, &[prepared.hash()], Secret::pin(PIN));
    assert_eq!(answer.err(), Some(DeviceError::ModuleStopped));
    assert_eq!(
        card.token.logins(),
        logins + 1,
        "one attempt, whatever happened to it"
    );
    card.token.set(Mood::Good).unwrap();
    assert!(card.signs(&signer).is_ok(), "the next use starts it again");
}

#[test]
fn no_false_signature_leaves() {
    let Some(card) = card("hostile::no_false_signature_leaves") else {
        return;
    };
    let signer = card.open();
    for mood in [Mood::Lies, Mood::Empty, Mood::OtherKey] {
        card.token.set(mood).unwrap();
        assert_eq!(
            card.signs(&signer).unwrap_err(),
            DeviceError::SignatureUnsound,
            "{mood:?}"
        );
    }
    let asked = card.token.signatures();
    card.token.set(Mood::OtherKeyShown).unwrap();
    assert_eq!(card.signs(&signer).unwrap_err(), DeviceError::KeyMismatch);
    assert_eq!(
        card.token.signatures(),
        asked,
        "a key that shows that it is another's signs nothing"
    );
}

#[test]
fn what_only_the_person_can_mend_is_told_apart() {
    let Some(card) = card("hostile::what_only_the_person_can_mend_is_told_apart") else {
        return;
    };
    let signer = card.open();
    for (mood, error) in [
        (Mood::Cancels, DeviceError::Cancelled),
        (Mood::Busy, DeviceError::HeldByAnother),
        (Mood::PinToBeChanged, DeviceError::PinToBeChanged),
    ] {
        card.token.set(mood).unwrap();
        assert_eq!(card.signs(&signer).unwrap_err(), error, "{mood:?}");
    }
    assert_eq!(signature_identity(&signer).unwrap().pin, PinState::ToBeChanged);
}

#[test]
fn a_reader_with_keys_gets_no_pin_from_us() {
    let Some(card) = card("hostile::a_reader_with_keys_gets_no_pin_from_us") else {
        return;
    };
    let signer = card.open();
    let identity = signature_identity(&signer).unwrap();
    assert!(!identity.pin_on_device);
    let refused = signer.authorise(&identity.id, &[], Secret::OnDevice).err();
    assert_eq!(refused, Some(DeviceError::MechanismUnsupported));
    assert_eq!(card.token.logins(), 0);
    card.token.set(Mood::PinPad).unwrap();
    let identity = signature_identity(&signer).unwrap();
    assert!(identity.pin_on_device);
    let prepared = prepare(&report(), &identity, &author(), Timestamp::now()).unwrap();
    let mut grant = signer
        .authorise(&identity.id, &[prepared.hash()], Secret::OnDevice)
        .unwrap();
    assert!(grant.sign(&prepared.hash()).is_ok());
}

#[test]
fn an_expired_certificate_is_refused_before_the_pin() {
    let Some(card) = card_valid(
        "hostile::an_expired_certificate_is_refused_before_the_pin",
        Some(past()),
    ) else {
        return;
    };
    let identity = signature_identity(&card.open()).unwrap();
    assert!(matches!(
        prepare(&report(), &identity, &author(), Timestamp::now()),
        Err(PrepareError::Certificate(CertificateRefusal::Expired { .. }))
    ));
    assert_eq!(card.token.logins(), 0);
}

#[test]
fn one_bad_driver_hides_no_other_device() {
    let Some(card) = card("hostile::one_bad_driver_hides_no_other_device") else {
        return;
    };
    let (folder, password) = (card.dir.join("files"), secrecy::SecretString::from(PIN));
    let pki = testkit::pki::TestPki::create(&card.dir).unwrap();
    let key = pki
        .key(
            crate::NAME,
            crate::FISCAL_CODE,
            KeyUse::Signature,
            KeyKind::P256,
            None,
        )
        .unwrap();
    key.save(&folder, "chiave", &password).unwrap();
    let files = Pkcs12Signer::folder(&folder).unwrap();
    let file = files.identities().unwrap().remove(0).id;
    let devices = Devices::new(vec![Box::new(card.open()), Box::new(files)]);
    assert_eq!(devices.identities().unwrap().len(), 3);
    card.token.set(Mood::CrashesListing).unwrap();
    assert_eq!(devices.identities().unwrap().len(), 1, "the file is still there");
    assert!(devices.authorise(&file, &[], Secret::pin(PIN)).is_ok());
    let on_card = IdentityId("00".repeat(32));
    assert_eq!(
        devices.authorise(&on_card, &[], Secret::pin(PIN)).err(),
        Some(DeviceError::ModuleStopped),
        "the driver that failed is why the card is not found"
    );
    card.token.set(Mood::Good).unwrap();
    assert_eq!(devices.identities().unwrap().len(), 3);
}
