//! The station as it really is: key files in a temporary directory, a keychain that can lose its half.

// What the tests share may unwrap, as the tests do: a panic there is the failure report.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod keys;
mod people;
mod phases;
mod system_keychain;

use std::path::Path;

use clinical::{Assignment, FiscalCode, PersonName, Practitioner, Role, Structure};
use jiff::Timestamp;
use secrecy::SecretString;
use session::{KdfCost, Keychain, PersonId, Profile, Stations};

/// Dear guesses are the default's business; here many are made.
const CHEAP: KdfCost = KdfCost {
    memory_kib: 64,
    passes: 1,
};
const PASSPHRASE: &str = "il mare in novembre";
const PIN: &str = "804215";

/// Friday 20 November 2026, 08:00 UTC, and some seconds.
fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_795_161_600 + second).unwrap()
}

fn secret(text: &str) -> SecretString {
    SecretString::from(text)
}

fn person() -> PersonId {
    PersonId::of("https://region.example/", "dr-1")
}

fn profile(name: &str, second: i64) -> Profile {
    Profile {
        name: name.to_owned().into(),
        role: Some(Role::Specialist),
        structure: Some("Cardiologia AOU".into()),
        last_access: at(second),
    }
}

fn without_keychain(root: &Path) -> Stations {
    Stations::at(root, Keychain::none(), CHEAP)
}

fn with_keychain(root: &Path) -> (Stations, Keychain) {
    let keychain = Keychain::with_store(keyring_core::mock::Store::new().unwrap());
    (Stations::at(root, keychain.clone(), CHEAP), keychain)
}

fn practitioner() -> Practitioner {
    let code = ('A'..='Z')
        .find_map(|c| FiscalCode::parse(&format!("CRDGNN70A01X000{c}")).ok())
        .unwrap();
    Practitioner {
        id: "practitioner-1".into(),
        name: PersonName::new("Cardone", "Gennaro"),
        fiscal_code: code,
    }
}

fn assignment(id: &str) -> Assignment {
    Assignment {
        id: id.into(),
        role: Role::Specialist,
        structure: Structure {
            id: "org-1".into(),
            name: "Cardiologia AOU".into(),
            unit: None,
            ministerial_code: None,
            trust_code: None,
            trust_name: None,
        },
        speciality: Some("cardiologia".into()),
    }
}
