//! The lock that falls when the card is pulled out: a token of the hostile module, whose helper is the station itself.

use std::path::Path;
use std::time::Duration;

use hostile_token::{HostileToken, Mood};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use signing::KeyUse;
use signing::token::training::KeyKind;
use testkit::pki::TestPki;
use testkit::station::PASSPHRASE;

use crate::driven::Driven;
use crate::region::Region;

const DOCTOR: &str = "ferrantino-guido";
const COLLEAGUE: &str = "brandolesi-ugo";
/// Longer than the station needs to see that a card has left, several times over.
const A_WHILE: Duration = Duration::from_secs(8);

/// A card of the doctor in the reader.
fn card(dir: &Path, region: &Region) -> HostileToken {
    let pki = TestPki::create(dir).unwrap();
    let code = region.fiscal_code(DOCTOR);
    let key = pki
        .key(
            "Guido Ferrantino",
            &code,
            KeyUse::Authentication,
            KeyKind::Rsa2048,
            None,
        )
        .unwrap();
    let certificates = key.chain_der().unwrap();
    let pem = key.key_pem().unwrap();
    HostileToken::create(&dir.join("card"), "57391", 3, pem.expose_secret(), &certificates).unwrap()
}

fn station(dir: &Path, region: &Region, token: &HostileToken) -> Driven {
    let library = HostileToken::library().unwrap();
    let more = ["--no-login", "--pkcs11", library.to_str().unwrap()];
    let environment = [(hostile_token::FOLDER, token.dir().to_str().unwrap().to_owned())];
    Driven::open_with(&dir.join("data"), &region.address, DOCTOR, &more, &environment)
}

/// Leaves and comes in again with a login by card, as the window would.
fn comes_in_by_card(station: &mut Driven) {
    station.ask("session_leave", Value::Null).unwrap();
    station.ask("session_login", json!({"method": "cns"})).unwrap();
    let person = station.eventually("the login ends", |station| {
        let session = station.ask("session_state", Value::Null).unwrap();
        session["person"]["id"].as_str().map(str::to_owned)
    });
    unlocks(station, &person);
    let session = station.ask("session_state", Value::Null).unwrap();
    let role = session["assignments"][0]["id"].clone();
    station
        .ask("session_choose_role", json!({"assignment_id": role}))
        .unwrap();
}

fn unlocks(station: &mut Driven, person: &str) {
    let request = json!({"person_id": person, "secret": PASSPHRASE});
    station.ask("session_unlock", request).unwrap();
}

fn state(station: &mut Driven) -> Value {
    station.ask("session_state", Value::Null).unwrap()
}

/// The card leaves: the station locks for that reason. The person's identity.
fn leaves_and_locks(station: &mut Driven, token: &HostileToken) -> String {
    // Drivers are loaded beside the work: the card is pulled again until it is known.
    let session = station.eventually("the card's leaving locks", |station| {
        std::thread::sleep(A_WHILE);
        token.remove().unwrap();
        std::thread::sleep(Duration::from_secs(5));
        let session = state(station);
        if session["state"] == "locked" {
            return Some(session);
        }
        token.insert().unwrap();
        None
    });
    assert_eq!(session["reason"], "card");
    session["person"]["id"].as_str().unwrap().to_owned()
}

#[test]
fn the_card_of_the_login_locks_when_it_is_pulled_out_and_nothing_else_does() {
    let region = Region::open();
    let dir = tempfile::tempdir().unwrap();
    let token = card(dir.path(), &region);
    let mut station = station(dir.path(), &region, &token);

    // Nobody came in with it yet: it is anybody's card.
    token.remove().unwrap();
    std::thread::sleep(A_WHILE);
    assert_eq!(
        state(&mut station)["state"],
        "open",
        "a card that was not used locked"
    );
    token.insert().unwrap();

    comes_in_by_card(&mut station);
    let person = leaves_and_locks(&mut station, &token);
    assert!(
        station.ask("audit_list", Value::Null).is_err(),
        "locked, and it answers"
    );

    // Unlocked without the card, the work goes on without it; once it is back, it guards again.
    unlocks(&mut station, &person);
    std::thread::sleep(A_WHILE);
    assert_eq!(
        state(&mut station)["state"],
        "open",
        "who unlocks without the card is locked out"
    );
    token.insert().unwrap();
    std::thread::sleep(A_WHILE);
    assert_eq!(leaves_and_locks(&mut station, &token), person);
    unlocks(&mut station, &person);
    token.insert().unwrap();
    std::thread::sleep(A_WHILE);

    // A driver that crashes is no card that leaves.
    token.set(Mood::CrashesListing).unwrap();
    std::thread::sleep(A_WHILE);
    assert_eq!(state(&mut station)["state"], "open", "a driver's fault locked");
    token.set(Mood::Good).unwrap();
    std::thread::sleep(A_WHILE);

    // Switched off, it does not lock, also in the next session.
    assert_eq!(
        station.ask("session_settings", Value::Null).unwrap()["card_lock"],
        true
    );
    station
        .ask("session_set_card_lock", json!({"on": false}))
        .unwrap();
    token.remove().unwrap();
    std::thread::sleep(A_WHILE);
    assert_eq!(state(&mut station)["state"], "open", "the setting is not heard");
    station.ask("session_lock", Value::Null).unwrap();
    unlocks(&mut station, &person);
    assert_eq!(
        station.ask("session_settings", Value::Null).unwrap()["card_lock"],
        false
    );
}

#[test]
fn a_card_left_in_the_reader_does_not_lock_the_next_person() {
    let region = Region::open();
    let dir = tempfile::tempdir().unwrap();
    let token = card(dir.path(), &region);
    let mut station = station(dir.path(), &region, &token);
    comes_in_by_card(&mut station);
    leaves_and_locks(&mut station, &token);
    token.insert().unwrap();
    station.ask("session_leave", Value::Null).unwrap();
    drop(station);

    let library = HostileToken::library().unwrap();
    let more = ["--pkcs11", library.to_str().unwrap()];
    let environment = [(hostile_token::FOLDER, token.dir().to_str().unwrap().to_owned())];
    let data = dir.path().join("data");
    let mut next = Driven::open_with(&data, &region.address, COLLEAGUE, &more, &environment);
    next.ask("session_leave", Value::Null).unwrap();
    // Also with a login by card of their own, which this reader does not hold.
    next.ask("session_login", json!({"method": "cns"})).unwrap();
    let person = next.eventually("the login ends", |station| {
        state(station)["person"]["id"].as_str().map(str::to_owned)
    });
    unlocks(&mut next, &person);
    let role = state(&mut next)["assignments"][0]["id"].clone();
    next.ask("session_choose_role", json!({"assignment_id": role}))
        .unwrap();
    std::thread::sleep(A_WHILE);
    token.remove().unwrap();
    std::thread::sleep(A_WHILE);
    assert_eq!(
        state(&mut next)["state"],
        "open",
        "somebody else's card locked this session"
    );
}
