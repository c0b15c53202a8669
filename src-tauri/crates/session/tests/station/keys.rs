//! Keys: what opens them, what does not, and what is said of each.

use std::collections::HashSet;
use std::fs;

use session::{
    ChangeError, EnrolError, KeyState, Keychain, Purpose, SecretKind, SecretRule, Stations, Undecryptable,
    UnlockError, UserKeys, WeakSecret,
};

use crate::{CHEAP, PASSPHRASE, PIN, at, person, profile, secret, with_keychain, without_keychain};

const PURPOSES: [Purpose; 5] = [
    Purpose::Outbox,
    Purpose::Cache,
    Purpose::Audit,
    Purpose::Attachments,
    Purpose::Identity,
];

fn derived(keys: &UserKeys) -> Vec<[u8; 32]> {
    PURPOSES.iter().map(|p| *keys.derive(*p)).collect()
}

#[test]
fn the_secret_opens_the_same_keys_again_and_each_is_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let made = without_keychain(dir.path())
        .enrol(&person(), &secret(PASSPHRASE), &profile("X", 0), at(0))
        .unwrap();
    let opened = without_keychain(dir.path())
        .unlock(&person(), &secret(PASSPHRASE), at(1))
        .unwrap();
    assert_eq!(derived(&made), derived(&opened));
    let different: HashSet<_> = derived(&made).into_iter().collect();
    assert_eq!(different.len(), PURPOSES.len(), "one key for each purpose");
    let other = tempfile::tempdir().unwrap();
    let others = without_keychain(other.path())
        .enrol(&person(), &secret(PASSPHRASE), &profile("X", 0), at(0))
        .unwrap();
    assert!(
        derived(&others).iter().all(|key| !different.contains(key)),
        "the same secret elsewhere is another key"
    );
}

/// Written by the first version, for this person and passphrase.
const FIRST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/key-1.json");

/// Makes the file of a version, once, when that version is released.
#[test]
#[ignore = "writes a fixture"]
fn write_the_file_of_this_version() {
    let dir = tempfile::tempdir().unwrap();
    let stations = without_keychain(dir.path());
    stations
        .enrol(&person(), &secret(PASSPHRASE), &profile("X", 0), at(0))
        .unwrap();
    assert!(
        !fs::exists(FIRST).unwrap(),
        "the file of a released version is never written again"
    );
    fs::copy(stations.dir(&person()).join("key.json"), FIRST).unwrap();
}

#[test]
fn a_key_file_of_the_first_version_opens() {
    let dir = tempfile::tempdir().unwrap();
    let stations = without_keychain(dir.path());
    fs::create_dir_all(stations.dir(&person())).unwrap();
    fs::copy(FIRST, stations.dir(&person()).join("key.json")).unwrap();
    assert!(stations.unlock(&person(), &secret(PASSPHRASE), at(0)).is_ok());
}

#[test]
fn a_key_is_never_overwritten() {
    let dir = tempfile::tempdir().unwrap();
    let stations = without_keychain(dir.path());
    stations
        .enrol(&person(), &secret(PASSPHRASE), &profile("X", 0), at(0))
        .unwrap();
    let path = stations.dir(&person()).join("key.json");
    let before = fs::read(&path).unwrap();
    let again = stations.enrol(&person(), &secret("another passphrase"), &profile("X", 0), at(1));
    assert_eq!(again.unwrap_err(), EnrolError::AlreadyEnrolled);
    fs::write(&path, b"{").unwrap();
    let spoiled = stations.enrol(&person(), &secret("another passphrase"), &profile("X", 0), at(1));
    assert_eq!(
        spoiled.unwrap_err(),
        EnrolError::AlreadyEnrolled,
        "not even a damaged one"
    );
    fs::write(&path, before).unwrap();
    assert!(stations.unlock(&person(), &secret(PASSPHRASE), at(2)).is_ok());
}

#[test]
fn an_outbox_whose_key_is_gone_is_not_built_upon() {
    let dir = tempfile::tempdir().unwrap();
    let stations = without_keychain(dir.path());
    fs::create_dir_all(stations.dir(&person())).unwrap();
    fs::write(stations.dir(&person()).join("outbox.db"), b"closed").unwrap();
    let refused = stations.enrol(&person(), &secret(PASSPHRASE), &profile("X", 0), at(0));
    assert_eq!(refused.unwrap_err(), EnrolError::OrphanedOutbox);
    assert_eq!(stations.key_state(&person(), at(0)), Ok(KeyState::Absent));
}

#[test]
fn a_pin_needs_a_keychain() {
    let dir = tempfile::tempdir().unwrap();
    let alone = without_keychain(dir.path());
    assert_eq!(alone.secret_rule(), SecretRule::PassphraseOnly);
    let refused = alone.enrol(&person(), &secret(PIN), &profile("X", 0), at(0));
    assert_eq!(refused.unwrap_err(), EnrolError::Weak(WeakSecret::PinNotAllowed));
    let (stations, _) = with_keychain(dir.path());
    stations
        .enrol(&person(), &secret(PIN), &profile("X", 0), at(0))
        .unwrap();
    assert_eq!(
        stations.key_state(&person(), at(0)),
        Ok(KeyState::Locked {
            kind: SecretKind::Pin,
            not_before: None
        })
    );
    assert!(stations.unlock(&person(), &secret(PIN), at(1)).is_ok());
}

#[test]
fn the_pin_alone_opens_nothing_elsewhere() {
    let dir = tempfile::tempdir().unwrap();
    let (stations, _) = with_keychain(dir.path());
    stations
        .enrol(&person(), &secret(PIN), &profile("X", 0), at(0))
        .unwrap();
    let (stolen, _) = with_keychain(dir.path());
    let lost = stolen.unlock(&person(), &secret(PIN), at(1));
    assert_eq!(
        lost.unwrap_err(),
        UnlockError::Undecryptable(Undecryptable::KeychainEntryLost)
    );
    let silent = without_keychain(dir.path()).unlock(&person(), &secret(PIN), at(1));
    assert!(
        matches!(silent, Err(UnlockError::Keychain(_))),
        "a keychain that is away today may be back tomorrow"
    );
    assert!(
        stations.unlock(&person(), &secret(PIN), at(2)).is_ok(),
        "and none of that was a wrong try"
    );
}

#[test]
fn a_replaced_half_is_named_and_not_blamed_on_the_person() {
    let dir = tempfile::tempdir().unwrap();
    let store = keyring_core::mock::Store::new().unwrap();
    let stations = Stations::at(dir.path(), Keychain::with_store(store.clone()), CHEAP);
    stations
        .enrol(&person(), &secret(PIN), &profile("X", 0), at(0))
        .unwrap();
    let text = fs::read_to_string(stations.dir(&person()).join("key.json")).unwrap();
    let entry = text
        .split("\"entry\": \"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let found = keyring_core::CredentialStore::build(&*store, "it.campania.sinfonia.postazione", entry, None)
        .unwrap();
    found.set_secret(&[9; 32]).unwrap();
    let replaced = stations.unlock(&person(), &secret(PIN), at(1));
    assert_eq!(
        replaced.unwrap_err(),
        UnlockError::Undecryptable(Undecryptable::KeychainEntryReplaced)
    );
}

#[test]
fn wrong_secrets_make_the_next_try_wait_also_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    without_keychain(dir.path())
        .enrol(&person(), &secret(PASSPHRASE), &profile("X", 0), at(0))
        .unwrap();
    let wrong =
        |second| without_keychain(dir.path()).unlock(&person(), &secret("not the passphrase"), at(second));
    assert_eq!(wrong(0).unwrap_err(), UnlockError::Wrong { not_before: None });
    assert_eq!(wrong(0).unwrap_err(), UnlockError::Wrong { not_before: None });
    assert_eq!(
        wrong(0).unwrap_err(),
        UnlockError::Wrong {
            not_before: Some(at(5))
        }
    );
    let right = |second| without_keychain(dir.path()).unlock(&person(), &secret(PASSPHRASE), at(second));
    assert_eq!(
        right(4).unwrap_err(),
        UnlockError::TooSoon { not_before: at(5) },
        "not even the right one"
    );
    let state = without_keychain(dir.path()).key_state(&person(), at(4)).unwrap();
    assert_eq!(
        state,
        KeyState::Locked {
            kind: SecretKind::Passphrase,
            not_before: Some(at(5))
        }
    );
    assert_eq!(
        wrong(5).unwrap_err(),
        UnlockError::Wrong {
            not_before: Some(at(20))
        },
        "the pause grows"
    );
    assert!(right(20).is_ok());
    assert_eq!(
        wrong(21).unwrap_err(),
        UnlockError::Wrong { not_before: None },
        "and is forgotten once it opened"
    );
}

#[test]
fn a_spoiled_key_file_is_never_called_a_wrong_secret() {
    let dir = tempfile::tempdir().unwrap();
    let stations = without_keychain(dir.path());
    let made = stations
        .enrol(&person(), &secret(PASSPHRASE), &profile("X", 0), at(0))
        .unwrap();
    let path = stations.dir(&person()).join("key.json");
    let whole = fs::read(&path).unwrap();
    let mut refused = 0;
    for offset in 0..whole.len() {
        let mut spoiled = whole.clone();
        spoiled[offset] ^= 1 << (offset % 7);
        fs::write(&path, &spoiled).unwrap();
        match stations.unlock(&person(), &secret(PASSPHRASE), at(1)) {
            // The same hexadecimal digit in the other case.
            Ok(keys) => assert_eq!(derived(&keys), derived(&made), "byte {offset}"),
            Err(UnlockError::Undecryptable(_)) => refused += 1,
            Err(other) => panic!("byte {offset}: {other}"),
        }
    }
    assert!(refused > whole.len() * 9 / 10, "{refused} of {}", whole.len());
    for (text, expected) in [
        (&b""[..], Undecryptable::Damaged),
        (&whole[..whole.len() / 2], Undecryptable::Damaged),
        (br#"{"version": 2, "later": true}"#, Undecryptable::NewerVersion),
        (b"<html></html>", Undecryptable::Damaged),
    ] {
        fs::write(&path, text).unwrap();
        assert_eq!(
            stations.key_state(&person(), at(1)),
            Ok(KeyState::Undecryptable(expected))
        );
    }
    assert_eq!(
        fs::read(&path).unwrap(),
        b"<html></html>",
        "and it is left as it is"
    );
}

#[test]
fn a_key_file_opens_only_in_its_own_directory() {
    let dir = tempfile::tempdir().unwrap();
    let stations = without_keychain(dir.path());
    stations
        .enrol(&person(), &secret(PASSPHRASE), &profile("X", 0), at(0))
        .unwrap();
    let other = session::PersonId::of("https://region.example/", "dr-2");
    fs::create_dir_all(stations.dir(&other)).unwrap();
    fs::copy(
        stations.dir(&person()).join("key.json"),
        stations.dir(&other).join("key.json"),
    )
    .unwrap();
    let found = stations.unlock(&other, &secret(PASSPHRASE), at(1));
    assert_eq!(
        found.unwrap_err(),
        UnlockError::Undecryptable(Undecryptable::OtherPerson)
    );
}

#[test]
fn a_changed_secret_opens_the_same_keys_and_the_old_one_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (stations, _) = with_keychain(dir.path());
    let made = stations
        .enrol(&person(), &secret(PIN), &profile("X", 0), at(0))
        .unwrap();
    stations
        .change_secret(&person(), &secret(PIN), &secret(PASSPHRASE), at(1))
        .unwrap();
    let wrong = stations.unlock(&person(), &secret(PIN), at(2));
    assert!(matches!(wrong, Err(UnlockError::Wrong { .. })));
    let opened = stations.unlock(&person(), &secret(PASSPHRASE), at(3)).unwrap();
    assert_eq!(derived(&opened), derived(&made));
    let mut names: Vec<_> = fs::read_dir(stations.dir(&person()))
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(
        names,
        ["key.json", "key.lock", "profile.json"],
        "nothing closed by the old secret stays behind"
    );
}

#[test]
fn a_refused_change_leaves_the_old_secret() {
    let dir = tempfile::tempdir().unwrap();
    let stations = without_keychain(dir.path());
    stations
        .enrol(&person(), &secret(PASSPHRASE), &profile("X", 0), at(0))
        .unwrap();
    let weak = stations.change_secret(&person(), &secret(PASSPHRASE), &secret(PIN), at(1));
    assert_eq!(weak.unwrap_err(), ChangeError::Weak(WeakSecret::PinNotAllowed));
    let wrong = stations.change_secret(
        &person(),
        &secret("not the passphrase"),
        &secret("another passphrase"),
        at(1),
    );
    assert!(matches!(
        wrong,
        Err(ChangeError::Unlock(UnlockError::Wrong { .. }))
    ));
    assert!(stations.unlock(&person(), &secret(PASSPHRASE), at(2)).is_ok());
}

#[test]
fn a_change_that_was_cut_short_leaves_one_that_opens() {
    let dir = tempfile::tempdir().unwrap();
    let stations = without_keychain(dir.path());
    stations
        .enrol(&person(), &secret(PASSPHRASE), &profile("X", 0), at(0))
        .unwrap();
    let folder = stations.dir(&person());
    // Cut while writing the new one.
    fs::write(folder.join("key.new"), b"{\"vers").unwrap();
    assert!(stations.unlock(&person(), &secret(PASSPHRASE), at(1)).is_ok());
    // Cut after the new one took its place: the old one goes when the new one opens.
    fs::copy(folder.join("key.json"), folder.join("key.old")).unwrap();
    stations
        .change_secret(
            &person(),
            &secret(PASSPHRASE),
            &secret("another passphrase"),
            at(2),
        )
        .unwrap();
    fs::write(folder.join("key.old"), b"old").unwrap();
    assert!(
        stations
            .unlock(&person(), &secret("another passphrase"), at(3))
            .is_ok()
    );
    assert!(!folder.join("key.old").exists());
}

#[test]
fn nothing_secret_is_in_any_file() {
    let dir = tempfile::tempdir().unwrap();
    let (stations, _) = with_keychain(dir.path());
    let keys = stations
        .enrol(&person(), &secret(PASSPHRASE), &profile("X", 0), at(0))
        .unwrap();
    let identity = session::Identity {
        practitioner: crate::practitioner(),
        assignments: vec![crate::assignment("role-1")],
        chosen: Some("role-1".into()),
    };
    stations.set_identity(&person(), &keys, &identity).unwrap();
    assert_eq!(stations.identity(&person(), &keys), Ok(identity));
    let mut canaries: Vec<Vec<u8>> = vec![
        PASSPHRASE.into(),
        crate::practitioner().fiscal_code.as_str().into(),
        b"Cardone".to_vec(),
        b"cardiologia".to_vec(),
    ];
    for key in derived(&keys) {
        canaries.push(key.to_vec());
        canaries.push(hex::encode(key).into_bytes());
    }
    for entry in fs::read_dir(stations.dir(&person())).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        for canary in &canaries {
            assert!(
                !bytes.windows(canary.len()).any(|w| w == canary),
                "a secret is in {}",
                path.display()
            );
        }
    }
    let others = without_keychain(tempfile::tempdir().unwrap().path())
        .enrol(&person(), &secret(PASSPHRASE), &profile("X", 0), at(0))
        .unwrap();
    assert_eq!(
        stations.identity(&person(), &others),
        Err(session::IdentityError::Damaged)
    );
}

#[cfg(unix)]
#[test]
fn only_this_account_of_the_system_may_look() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let stations = without_keychain(dir.path());
    stations
        .enrol(&person(), &secret(PASSPHRASE), &profile("X", 0), at(0))
        .unwrap();
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&stations.dir(&person())), 0o700);
    assert_eq!(mode(&stations.dir(&person()).join("key.json")), 0o600);
}
