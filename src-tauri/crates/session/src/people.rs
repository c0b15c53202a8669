//! The people that this PC knows, as the login screen shows them before anybody has unlocked anything.
//!
//! A profile stands in the clear, so it holds what is written on the door of a surgery and nothing else:
//! name, role, structure, last access. No patient, no codice fiscale.

use clinical::{Role, Sensitive};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::key_file::KeyState;

/// A person at this station: the name of their directory, which says nothing of who they are.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PersonId(String);

impl PersonId {
    /// From the region's issuer and its subject, which together never change (OpenID Connect Core, section 5.7).
    pub fn of(issuer: &str, subject: &str) -> Self {
        let mut hash = Sha256::new();
        hash.update((issuer.len() as u64).to_be_bytes());
        hash.update(issuer.as_bytes());
        hash.update(subject.as_bytes());
        Self(hex::encode(&hash.finalize()[..16]))
    }

    /// From the text that [`PersonId::as_str`] gave; `None` for anything else, so that it cannot name another
    /// folder.
    pub fn parse(text: &str) -> Option<Self> {
        let right = text.len() == 32 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        right.then(|| Self(text.to_owned()))
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What the login screen shows of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// `COGNOME Nome`.
    pub name: Sensitive<String>,
    /// Role last held.
    pub role: Option<Role>,
    /// Structure last worked for.
    pub structure: Option<String>,
    /// Last time that this person unlocked or logged in here.
    pub last_access: Timestamp,
}

/// A person that this PC knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StationPerson {
    /// Who.
    pub id: PersonId,
    /// What is shown; `None` when the profile cannot be read: the person can still log in.
    pub profile: Option<Profile>,
    /// Whether their key can be opened.
    pub key: KeyState,
}
