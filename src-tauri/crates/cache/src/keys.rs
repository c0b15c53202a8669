//! The keys that open a user's store. Made and kept by `session`; here they are only used.

use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// A key of 256 bits, wiped when dropped and never printed.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct SecretKey([u8; 32]);

impl SecretKey {
    /// From bytes that a key derivation made.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// A value derived from the key for one purpose, safe to show.
    pub(crate) fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        // HMAC takes a key of any length, so this cannot fail.
        let Ok(mut mac) = <Hmac<Sha256> as Mac>::new_from_slice(&self.0) else {
            return [0; 32];
        };
        for part in parts {
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }

    /// The salt at the head of a database opened by this key. It follows from the key, so that the first 16
    /// bytes of a file tell a wrong key from a damaged page, and so that losing them loses nothing.
    pub(crate) fn salt(&self, form: Form) -> [u8; 16] {
        let purpose: &[u8] = match form {
            Form::First => b"postazione database salt 1",
            Form::Second => b"postazione database salt 2",
        };
        let mut salt = [0; 16];
        salt.copy_from_slice(&self.mac(&[purpose])[..16]);
        salt
    }

    /// SQLCipher's raw key form: key and salt in hexadecimal, no key derivation.
    pub(crate) fn pragma(&self, form: Form) -> Zeroizing<String> {
        let key = Zeroizing::new(hex::encode(self.0));
        let mac = match form {
            Form::First => "HMAC_SHA512",
            Form::Second => "HMAC_SHA256",
        };
        Zeroizing::new(format!(
            "PRAGMA key = \"x'{}{}'\"; PRAGMA cipher_hmac_algorithm = {mac};",
            key.as_str(),
            hex::encode(self.salt(form))
        ))
    }
}

/// How the pages of a database are authenticated; its salt tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// HMAC-SHA512, SQLCipher's own choice: of databases made by the first version, which keep it.
    First,
    /// HMAC-SHA256: as much of a key of 256 bits, in half the time where the processor knows SHA-256.
    Second,
}

impl std::fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[key]")
    }
}

/// One key for each thing kept, so that none opens another.
#[derive(Clone, Debug)]
pub struct StoreKeys {
    /// Opens `outbox.db`.
    pub outbox: SecretKey,
    /// Opens `cache.db`.
    pub cache: SecretKey,
    /// Authenticates the access register.
    pub audit: SecretKey,
    /// Opens attachments.
    pub attachments: SecretKey,
}
