//! The data key of a person and the keys derived from it (HKDF-SHA-256, RFC 5869), one for each purpose.

use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::delivery::DeliveryKey;

/// What a derived key opens. The names are part of the stored format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// `outbox.db`.
    Outbox,
    /// `cache.db`.
    Cache,
    /// The access register's authentication.
    Audit,
    /// Attachments.
    Attachments,
    /// The person's own identity, kept for work without the network.
    Identity,
}

impl Purpose {
    fn info(self) -> &'static [u8] {
        match self {
            Self::Outbox => b"postazione outbox database 1",
            Self::Cache => b"postazione cache database 1",
            Self::Audit => b"postazione access register 1",
            Self::Attachments => b"postazione attachments 1",
            Self::Identity => b"postazione identity 1",
        }
    }
}

/// The open keys of a person. Wiped when dropped; never printed, never stored in the clear.
#[derive(Clone)]
pub struct UserKeys {
    data: Zeroizing<[u8; 32]>,
}

impl UserKeys {
    pub(crate) fn new(data: Zeroizing<[u8; 32]>) -> Self {
        Self { data }
    }

    pub(crate) fn data(&self) -> &[u8; 32] {
        &self.data
    }

    /// The key for one purpose. Nothing leads from it to the others.
    pub fn derive(&self, purpose: Purpose) -> Zeroizing<[u8; 32]> {
        derive(&self.data[..], purpose.info())
    }

    /// The key that outlives a lock.
    pub fn delivery(&self) -> DeliveryKey {
        DeliveryKey::new(derive(&self.data[..], b"postazione delivery 1"))
    }
}

impl std::fmt::Debug for UserKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("UserKeys")
    }
}

pub(crate) fn derive(from: &[u8], info: &[u8]) -> Zeroizing<[u8; 32]> {
    let mut key = Zeroizing::new([0u8; 32]);
    // HKDF-SHA-256 gives up to 8160 bytes; 32 cannot fail.
    if Hkdf::<Sha256>::new(None, from)
        .expand(info, &mut key[..])
        .is_err()
    {
        tracing::error!("a key could not be derived");
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_of_derived_keys_never_changes() {
        // A change here closes every database that was ever written. Computed apart, with Python's hmac.
        let keys = UserKeys::new(Zeroizing::new([7; 32]));
        let table = [
            (
                Purpose::Outbox,
                "a1e1cbbb0dbd83e320c79c2f847f874bd0431e572d154286e912805b5e384afb",
            ),
            (
                Purpose::Cache,
                "2d483c35aabdd453fabe01848bd0e58a0a90b21758e537b97ad607ef722c357b",
            ),
            (
                Purpose::Audit,
                "28b5dff003e38604ecd2201201e9530e8cb69e8408b255643fbe9fd9c0393d65",
            ),
            (
                Purpose::Attachments,
                "bbcc2d0789627b925110d6af44f937017ea1a893978c6d8960b5320e030bda91",
            ),
            (
                Purpose::Identity,
                "84de48c53e0414c0291f10a090dac823383260e83334bc71da4fd9214dcefc96",
            ),
        ];
        for (purpose, expected) in table {
            assert_eq!(hex::encode(*keys.derive(purpose)), expected, "{purpose:?}");
        }
    }
}
