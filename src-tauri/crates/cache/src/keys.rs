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
    pub(crate) fn salt(&self) -> [u8; 16] {
        let mut salt = [0; 16];
        salt.copy_from_slice(&self.mac(&[b"postazione database salt 1"])[..16]);
        salt
    }

    /// SQLCipher's raw key form: key and salt in hexadecimal, no key derivation.
    pub(crate) fn pragma(&self) -> Zeroizing<String> {
        let key = Zeroizing::new(hex::encode(self.0));
        Zeroizing::new(format!(
            "PRAGMA key = \"x'{}{}'\";",
            key.as_str(),
            hex::encode(self.salt())
        ))
    }
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
