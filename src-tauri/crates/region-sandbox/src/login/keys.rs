//! The issuer's RSA key, kept in the data directory so that a restart ends no session, and the JWTs it signs (RS256,
//! RFC 7515 and 7518).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::sign::Signer;
use serde_json::{Value, json};

use crate::database::Database;

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// OpenSSL made, read or used none.
    #[error("the issuer's key cannot be made, read or used")]
    Crypto(#[from] ErrorStack),
    /// It cannot be kept.
    #[error("the issuer's key cannot be kept")]
    Database(#[from] rusqlite::Error),
}

/// The key that signs ID tokens.
pub(crate) struct SigningKey {
    key: PKey<Private>,
    id: String,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[signing key]")
    }
}

impl SigningKey {
    /// The key of this data directory, made at the first start.
    pub(crate) fn of(database: &Database) -> Result<Self, KeyError> {
        let key = match database.setting("oidc_key")? {
            Some(pem) => PKey::private_key_from_pem(pem.as_bytes())?,
            None => {
                let key = PKey::from_rsa(Rsa::generate(2048)?)?;
                let pem = key.private_key_to_pem_pkcs8()?;
                database.set_setting("oidc_key", &String::from_utf8_lossy(&pem))?;
                key
            }
        };
        let id = hex::encode(&openssl::sha::sha256(&key.public_key_to_der()?)[..8]);
        Ok(Self { key, id })
    }

    /// The public half (RFC 7517).
    pub(crate) fn public_jwk(&self) -> Value {
        let Ok(rsa) = self.key.rsa() else {
            return Value::Null;
        };
        json!({"kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.id,
            "n": URL_SAFE_NO_PAD.encode(rsa.n().to_vec()), "e": URL_SAFE_NO_PAD.encode(rsa.e().to_vec())})
    }

    /// A signed JWT.
    pub(crate) fn sign(&self, claims: &Value) -> Result<String, KeyError> {
        let header = json!({"alg": "RS256", "typ": "JWT", "kid": self.id});
        let content = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(header.to_string()),
            URL_SAFE_NO_PAD.encode(claims.to_string())
        );
        let mut signer = Signer::new(MessageDigest::sha256(), &self.key)?;
        let signature = signer.sign_oneshot_to_vec(content.as_bytes())?;
        Ok(format!("{content}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}
