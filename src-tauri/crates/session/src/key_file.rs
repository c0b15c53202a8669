//! The file that holds a person's data key, closed by their secret and by the keychain's half.
//!
//! Argon2id (RFC 9106) over the secret; HKDF over its output and the keychain's half; AES-256-GCM-SIV
//! (RFC 8452) over the data key, bound to everything else in the file. A checksum tells a damaged file from
//! a wrong secret, and a check value tells a replaced keychain entry from both.

use aes_gcm_siv::aead::{Aead, KeyInit, Payload};
use aes_gcm_siv::{Aes256GcmSiv, Nonce};
use argon2::{Algorithm, Argon2, Params, Version};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::keys::{UserKeys, derive};
use crate::people::PersonId;
use crate::secret::SecretKind;

const VERSION: u32 = 1;
/// Above this a file was not written by this program, and would take the PC's memory.
const MOST_MEMORY_KIB: u32 = 1024 * 1024;
const MOST_PASSES: u32 = 16;

/// How dear each guess is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KdfCost {
    /// Memory, in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
}

impl Default for KdfCost {
    /// RFC 9106 section 4, second recommended option (64 MiB, three passes), on one lane.
    fn default() -> Self {
        Self {
            memory_kib: 64 * 1024,
            passes: 3,
        }
    }
}

/// Whether a person's key can be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// This person has no key on this PC.
    Absent,
    /// Their secret opens it.
    Locked {
        /// What to ask for.
        kind: SecretKind,
        /// Not before, after wrong tries.
        not_before: Option<Timestamp>,
    },
    /// No secret opens it on this PC any more. What it closed stays where it is.
    Undecryptable(Undecryptable),
}

/// Why a key can no longer be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Undecryptable {
    /// The file is not what was written.
    #[error("the key file is damaged")]
    Damaged,
    /// A newer program wrote it.
    #[error("the key file was written by a newer version")]
    NewerVersion,
    /// It belongs to somebody else.
    #[error("the key file belongs to another person")]
    OtherPerson,
    /// The keychain no longer holds its half (another account of the system, a reset).
    #[error("the keychain no longer holds its half of the key")]
    KeychainEntryLost,
    /// The keychain holds another half.
    #[error("the keychain holds another half of the key")]
    KeychainEntryReplaced,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct KeyFile {
    version: u32,
    person: PersonId,
    pub(crate) secret: SecretKind,
    kdf: Kdf,
    /// Name of the keychain's entry; absent where there is no keychain.
    pub(crate) keychain: Option<KeychainHalf>,
    created_at: Timestamp,
    #[serde(with = "hex")]
    nonce: [u8; 12],
    #[serde(with = "hex")]
    wrapped: Vec<u8>,
    /// SHA-256 of all the above.
    #[serde(with = "hex")]
    check: [u8; 32],
}

#[derive(Clone, Serialize, Deserialize)]
struct Kdf {
    algorithm: String,
    version: u32,
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    #[serde(with = "hex")]
    salt: [u8; 16],
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct KeychainHalf {
    pub(crate) entry: String,
    /// Tells the right half from another one; says nothing of it.
    #[serde(with = "hex")]
    check: [u8; 16],
}

impl KeychainHalf {
    pub(crate) fn new(entry: String, half: &[u8; 32]) -> Self {
        Self {
            entry,
            check: half_check(half),
        }
    }

    pub(crate) fn is_of(&self, half: &[u8; 32]) -> bool {
        self.check == half_check(half)
    }
}

fn half_check(half: &[u8; 32]) -> [u8; 16] {
    let derived = derive(half, b"postazione keychain half check 1");
    let mut check = [0; 16];
    check.copy_from_slice(&derived[..16]);
    check
}

/// Why a data key was not closed or opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WrapError {
    WrongSecret,
    Damaged,
    Random,
}

impl KeyFile {
    /// Closes a data key.
    pub(crate) fn seal(
        person: &PersonId,
        keys: &UserKeys,
        (secret, kind): (&SecretString, SecretKind),
        half: Option<(&str, &[u8; 32])>,
        cost: KdfCost,
        now: Timestamp,
    ) -> Result<Self, WrapError> {
        let (mut salt, mut nonce) = ([0u8; 16], [0u8; 12]);
        getrandom::fill(&mut salt).map_err(|_| WrapError::Random)?;
        getrandom::fill(&mut nonce).map_err(|_| WrapError::Random)?;
        let kdf = Kdf {
            algorithm: "argon2id".to_owned(),
            version: 0x13,
            memory_kib: cost.memory_kib,
            passes: cost.passes,
            lanes: 1,
            salt,
        };
        let mut file = Self {
            version: VERSION,
            person: person.clone(),
            secret: kind,
            kdf,
            keychain: half.map(|(entry, half)| KeychainHalf::new(entry.to_owned(), half)),
            created_at: now,
            nonce,
            wrapped: Vec::new(),
            check: [0; 32],
        };
        let cipher = file.cipher(secret, half.map(|(_, half)| half))?;
        let bound = file.bound();
        let payload = Payload {
            msg: keys.data(),
            aad: &bound,
        };
        file.wrapped = cipher
            .encrypt(&Nonce::from(nonce), payload)
            .map_err(|_| WrapError::Damaged)?;
        file.check = file.checksum();
        Ok(file)
    }

    /// Opens the data key.
    pub(crate) fn open(&self, secret: &SecretString, half: Option<&[u8; 32]>) -> Result<UserKeys, WrapError> {
        let cipher = self.cipher(secret, half)?;
        let payload = Payload {
            msg: &self.wrapped,
            aad: &self.bound(),
        };
        let opened = cipher
            .decrypt(&Nonce::from(self.nonce), payload)
            .map_err(|_| WrapError::WrongSecret)?;
        let opened = Zeroizing::new(opened);
        let data: [u8; 32] = opened.as_slice().try_into().map_err(|_| WrapError::Damaged)?;
        Ok(UserKeys::new(Zeroizing::new(data)))
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec_pretty(self).unwrap_or_default()
    }

    pub(crate) fn parse(bytes: &[u8], person: &PersonId) -> Result<Self, Undecryptable> {
        #[derive(Deserialize)]
        struct VersionOnly {
            version: u32,
        }
        let found: VersionOnly = serde_json::from_slice(bytes).map_err(|_| Undecryptable::Damaged)?;
        if found.version > VERSION {
            return Err(Undecryptable::NewerVersion);
        }
        let file: Self = serde_json::from_slice(bytes).map_err(|_| Undecryptable::Damaged)?;
        if file.version != VERSION || file.check != file.checksum() {
            return Err(Undecryptable::Damaged);
        }
        if &file.person != person {
            return Err(Undecryptable::OtherPerson);
        }
        Ok(file)
    }

    fn cipher(&self, secret: &SecretString, half: Option<&[u8; 32]>) -> Result<Aes256GcmSiv, WrapError> {
        let kdf = &self.kdf;
        if kdf.algorithm != "argon2id"
            || kdf.version != 0x13
            || kdf.memory_kib > MOST_MEMORY_KIB
            || kdf.passes > MOST_PASSES
            || kdf.lanes != 1
        {
            return Err(WrapError::Damaged);
        }
        let params =
            Params::new(kdf.memory_kib, kdf.passes, kdf.lanes, Some(32)).map_err(|_| WrapError::Damaged)?;
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let mut both = Zeroizing::new([0u8; 64]);
        argon
            .hash_password_into(secret.expose_secret().as_bytes(), &kdf.salt, &mut both[..32])
            .map_err(|_| WrapError::Damaged)?;
        if let Some(half) = half {
            both[32..].copy_from_slice(half);
        }
        let key = derive(&both[..], b"postazione key wrap 1");
        Ok(Aes256GcmSiv::new((&*key).into()))
    }

    /// What the closed key is bound to: every field but itself and the checksum.
    fn bound(&self) -> Vec<u8> {
        let rest = Self {
            wrapped: Vec::new(),
            check: [0; 32],
            ..self.clone()
        };
        serde_json::to_vec(&rest).unwrap_or_default()
    }

    fn checksum(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(self.bound());
        hash.update(&self.wrapped);
        hash.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_halves_are_needed() {
        let (person, secret) = (PersonId::of("issuer", "subject"), SecretString::from("804215"));
        let keys = UserKeys::new(Zeroizing::new([7; 32]));
        let cost = KdfCost {
            memory_kib: 64,
            passes: 1,
        };
        let half = [1; 32];
        let named = Some(("entry", &half));
        let now = Timestamp::UNIX_EPOCH;
        let file = KeyFile::seal(&person, &keys, (&secret, SecretKind::Pin), named, cost, now).unwrap();
        let opened = |half: Option<&[u8; 32]>| file.open(&secret, half).map(|keys| *keys.data());
        assert_eq!(opened(Some(&half)), Ok([7; 32]));
        assert_eq!(
            opened(None),
            Err(WrapError::WrongSecret),
            "the PIN alone can be tried in hours"
        );
        assert_eq!(opened(Some(&[2; 32])), Err(WrapError::WrongSecret));
        let other = file
            .open(&SecretString::from("804216"), Some(&half))
            .map(|keys| *keys.data());
        assert_eq!(
            other,
            Err(WrapError::WrongSecret),
            "nor does the keychain open it alone"
        );
    }

    #[test]
    fn the_closed_key_is_bound_to_the_rest_of_the_file() {
        let (person, secret) = (
            PersonId::of("issuer", "subject"),
            SecretString::from("a long passphrase"),
        );
        let keys = UserKeys::new(Zeroizing::new([7; 32]));
        let cost = KdfCost {
            memory_kib: 64,
            passes: 1,
        };
        let now = Timestamp::UNIX_EPOCH;
        let mut file =
            KeyFile::seal(&person, &keys, (&secret, SecretKind::Passphrase), None, cost, now).unwrap();
        file.person = PersonId::of("issuer", "another");
        // Whoever rewrites the checksum as well.
        file.check = file.checksum();
        assert!(KeyFile::parse(&file.to_bytes(), &file.person).is_ok());
        assert_eq!(
            file.open(&secret, None).map(|keys| *keys.data()),
            Err(WrapError::WrongSecret)
        );
    }
}
