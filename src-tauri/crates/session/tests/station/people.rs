//! The login screen's list, readable before anybody unlocks.

use std::fs;

use session::{KeyState, PersonId};

use crate::{PASSPHRASE, at, profile, secret, without_keychain};

#[test]
fn people_are_listed_last_access_first_and_strangers_ignored() {
    let dir = tempfile::tempdir().unwrap();
    let stations = without_keychain(&dir.path().join("users"));
    assert_eq!(stations.people(at(0)).unwrap(), [], "a new PC knows nobody");
    let ids: Vec<PersonId> = (0..3)
        .map(|n| PersonId::of("https://region.example/", &format!("dr-{n}")))
        .collect();
    for (n, id) in ids.iter().enumerate() {
        let shown = profile(&format!("PERSONA {n}"), n as i64 * 60);
        stations.enrol(id, &secret(PASSPHRASE), &shown, at(0)).unwrap();
    }
    stations.set_profile(&ids[0], &profile("PERSONA 0", 600)).unwrap();
    fs::create_dir(dir.path().join("users/lost+found")).unwrap();
    fs::create_dir(dir.path().join("users").join("0".repeat(32))).unwrap();
    let people = stations.people(at(700)).unwrap();
    let shown: Vec<_> = people
        .iter()
        .map(|p| p.profile.as_ref().unwrap().name.expose().as_str())
        .collect();
    assert_eq!(shown, ["PERSONA 0", "PERSONA 2", "PERSONA 1"]);
    assert!(people.iter().all(|p| matches!(p.key, KeyState::Locked { .. })));
}

#[test]
fn a_spoiled_profile_hides_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let stations = without_keychain(dir.path());
    let id = PersonId::of("https://region.example/", "dr-1");
    stations
        .enrol(&id, &secret(PASSPHRASE), &profile("PERSONA", 0), at(0))
        .unwrap();
    fs::write(stations.dir(&id).join("profile.json"), b"{\"name\":").unwrap();
    let people = stations.people(at(0)).unwrap();
    assert_eq!(people.len(), 1);
    assert_eq!(people[0].profile, None);
    assert!(stations.unlock(&id, &secret(PASSPHRASE), at(0)).is_ok());
}

#[test]
fn a_person_is_the_same_at_every_login_and_names_no_other_folder() {
    let one = PersonId::of("https://region.example/", "dr-1");
    assert_eq!(one, PersonId::of("https://region.example/", "dr-1"));
    assert_ne!(
        one,
        PersonId::of("https://region.example/d", "r-1"),
        "where one ends and the other begins matters"
    );
    assert_eq!(PersonId::parse(one.as_str()), Some(one));
    for text in [
        "",
        "../../etc",
        "A".repeat(32).as_str(),
        "/".repeat(32).as_str(),
        "0".repeat(31).as_str(),
    ] {
        assert_eq!(PersonId::parse(text), None);
    }
}
