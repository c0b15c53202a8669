//! One signature value against one public key: RSA (PKCS#1 v1.5 and PSS) and ECDSA, SHA-256 and up.
//!
//! Used for signers, time-stamps and revocation data alike. Sources: RFC 5754, RFC 4055, RFC 5480.

use der::asn1::{Any, ObjectIdentifier};
use der::{Decode, Sequence};
use openssl::hash::{Hasher, MessageDigest};
use openssl::pkey::{Id, PKey, Public};
use openssl::rsa::Padding;
use openssl::sign::{RsaPssSaltlen, Verifier};
use x509_cert::spki::AlgorithmIdentifierOwned;

use super::SubIndication;
use crate::pades::cms::{ECDSA_WITH_SHA256, SHA256, SHA256_WITH_RSA};

const SHA1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.14.3.2.26");
const SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.2");
const SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.3");
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const RSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");
const SHA384_WITH_RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.12");
const SHA512_WITH_RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.13");
const ECDSA_WITH_SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.3");
const ECDSA_WITH_SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.4");

/// `RSASSA-PSS-params` of RFC 4055.
#[derive(Sequence)]
struct PssParameters {
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    hash: Option<AlgorithmIdentifierOwned>,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", optional = "true")]
    mask: Option<AlgorithmIdentifierOwned>,
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT", optional = "true")]
    salt: Option<u32>,
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT", optional = "true")]
    trailer: Option<Any>,
}

/// The digests that are taken. SHA-1 and older are not among them.
pub(crate) fn digest_named(oid: ObjectIdentifier) -> Option<MessageDigest> {
    match oid {
        SHA256 => Some(MessageDigest::sha256()),
        SHA384 => Some(MessageDigest::sha384()),
        SHA512 => Some(MessageDigest::sha512()),
        _ => None,
    }
}

/// The digest's name, as people write it.
pub(crate) fn digest_name(oid: ObjectIdentifier) -> String {
    match oid {
        SHA1 => "SHA-1".to_owned(),
        SHA256 => "SHA-256".to_owned(),
        SHA384 => "SHA-384".to_owned(),
        SHA512 => "SHA-512".to_owned(),
        other => other.to_string(),
    }
}

/// The digest of some bytes in pieces.
pub(crate) fn hash(digest: MessageDigest, parts: &[&[u8]]) -> Option<Vec<u8>> {
    let mut hasher = Hasher::new(digest).ok()?;
    for part in parts {
        hasher.update(part).ok()?;
    }
    hasher.finish().ok().map(|d| d.to_vec())
}

enum Scheme {
    Rsa(MessageDigest),
    Pss(MessageDigest, MessageDigest, i32),
    Ecdsa(MessageDigest),
}

/// Whether `value` signs `signed` with the key. `named` is the digest that a plain RSA identifier leaves open.
pub(crate) fn check(
    key: &PKey<Public>,
    algorithm: &AlgorithmIdentifierOwned,
    named: Option<MessageDigest>,
    signed: &[u8],
    value: &[u8],
) -> Result<(), SubIndication> {
    let scheme = scheme(algorithm, named).ok_or(SubIndication::CryptoConstraintsFailure)?;
    let enough = match key.id() {
        Id::EC => key.bits() >= 256,
        _ => key.bits() >= 2048,
    };
    if !enough {
        return Err(SubIndication::CryptoConstraintsFailure);
    }
    match verified(key, scheme, signed, value) {
        Ok(true) => Ok(()),
        _ => Err(SubIndication::SigCryptoFailure),
    }
}

fn scheme(algorithm: &AlgorithmIdentifierOwned, named: Option<MessageDigest>) -> Option<Scheme> {
    Some(match algorithm.oid {
        RSA => Scheme::Rsa(named?),
        SHA256_WITH_RSA => Scheme::Rsa(MessageDigest::sha256()),
        SHA384_WITH_RSA => Scheme::Rsa(MessageDigest::sha384()),
        SHA512_WITH_RSA => Scheme::Rsa(MessageDigest::sha512()),
        ECDSA_WITH_SHA256 => Scheme::Ecdsa(MessageDigest::sha256()),
        ECDSA_WITH_SHA384 => Scheme::Ecdsa(MessageDigest::sha384()),
        ECDSA_WITH_SHA512 => Scheme::Ecdsa(MessageDigest::sha512()),
        RSA_PSS => {
            let parameters: PssParameters = algorithm.parameters.as_ref()?.decode_as().ok()?;
            // The defaults are SHA-1, so both must be named.
            let digest = digest_named(parameters.hash?.oid)?;
            let mask = parameters.mask?.parameters?;
            let mask = AlgorithmIdentifierOwned::from_der(&der::Encode::to_der(&mask).ok()?).ok()?;
            let salt = i32::try_from(parameters.salt.unwrap_or(20)).ok()?;
            let _ = parameters.trailer;
            Scheme::Pss(digest, digest_named(mask.oid)?, salt)
        }
        _ => return None,
    })
}

fn verified(
    key: &PKey<Public>,
    scheme: Scheme,
    signed: &[u8],
    value: &[u8],
) -> Result<bool, openssl::error::ErrorStack> {
    match scheme {
        Scheme::Ecdsa(digest) if key.id() == Id::EC => {
            Verifier::new(digest, key)?.verify_oneshot(value, signed)
        }
        Scheme::Rsa(digest) if key.id() == Id::RSA => {
            Verifier::new(digest, key)?.verify_oneshot(value, signed)
        }
        Scheme::Pss(digest, mask, salt) if [Id::RSA, Id::RSA_PSS].contains(&key.id()) => {
            let mut verifier = Verifier::new(digest, key)?;
            verifier.set_rsa_padding(Padding::PKCS1_PSS)?;
            verifier.set_rsa_mgf1_md(mask)?;
            verifier.set_rsa_pss_saltlen(RsaPssSaltlen::custom(salt))?;
            verifier.verify_oneshot(value, signed)
        }
        _ => Ok(false),
    }
}
