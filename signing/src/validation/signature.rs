//! The CMS alone: one signer, its attributes, its digest and its signature value.
//!
//! Whether the certificate is trusted is asked in `chain`. Sources: RFC 5652, RFC 5035, EN 319 122-1.

use cms::cert::CertificateChoices;
use cms::content_info::ContentInfo;
use cms::signed_data::{SignedData, SignerIdentifier, SignerInfo};
use der::asn1::{ObjectIdentifier, OctetString};
use der::{Decode, Encode};
use openssl::hash::{Hasher, MessageDigest};
use openssl::pkey::{Id, PKey};
use openssl::sign::Verifier;
use sha2::{Digest, Sha256};
use x509_cert::ext::pkix::SubjectKeyIdentifier;

use super::SubIndication;
use crate::certificate::ReadCertificate;
use crate::pades::cms::{
    CONTENT_TYPE, ECDSA_WITH_SHA256, ID_DATA, ID_SIGNED_DATA, MESSAGE_DIGEST, SHA256, SHA256_WITH_RSA,
    SIGNING_CERTIFICATE_V2, SIGNING_TIME, SigningCertificateV2,
};

const SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.2");
const SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.3");
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const SHA384_WITH_RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.12");
const SHA512_WITH_RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.13");
const ECDSA_WITH_SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.3");
const ECDSA_WITH_SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.4");

/// What the CMS alone says.
pub(super) struct Outcome {
    pub(super) verdict: Result<(), SubIndication>,
    pub(super) signer: Option<ReadCertificate>,
    pub(super) others: Vec<Vec<u8>>,
    /// The attributes are those of a baseline signature.
    pub(super) baseline: bool,
}

/// Checks a detached CMS over the bytes of `parts`.
pub(super) fn check(cms: &[u8], parts: [&[u8]; 2]) -> Outcome {
    let mut outcome = Outcome {
        verdict: Err(SubIndication::FormatFailure),
        signer: None,
        others: Vec::new(),
        baseline: false,
    };
    let Some((data, info)) = read(cms) else {
        return outcome;
    };
    let mut certificates: Vec<ReadCertificate> = data
        .certificates
        .iter()
        .flat_map(|set| set.0.iter())
        .filter_map(|c| match c {
            CertificateChoices::Certificate(c) => ReadCertificate::read(&c.to_der().ok()?).ok(),
            CertificateChoices::Other(_) => None,
        })
        .collect();
    let Some(at) = certificates.iter().position(|c| names(&info.sid, c)) else {
        outcome.verdict = Err(SubIndication::NoSigningCertificateFound);
        return outcome;
    };
    let signer = certificates.swap_remove(at);
    outcome.others = certificates.into_iter().map(|c| c.der).collect();
    outcome.baseline = attribute_count(&info, SIGNING_CERTIFICATE_V2) == 1
        && attribute_count(&info, CONTENT_TYPE) == 1
        && attribute_count(&info, MESSAGE_DIGEST) == 1
        && attribute_count(&info, SIGNING_TIME) == 0;
    outcome.verdict = verify(&info, &signer, parts);
    outcome.signer = Some(signer);
    outcome
}

fn read(cms: &[u8]) -> Option<(SignedData, SignerInfo)> {
    let content = ContentInfo::from_der(cms)
        .ok()
        .filter(|c| c.content_type == ID_SIGNED_DATA)?;
    let data: SignedData = content.content.decode_as().ok()?;
    if data.encap_content_info.econtent_type != ID_DATA || data.encap_content_info.econtent.is_some() {
        return None;
    }
    let [info] = data.signer_infos.0.as_slice() else {
        return None;
    };
    let info = info.clone();
    Some((data, info))
}

fn names(sid: &SignerIdentifier, certificate: &ReadCertificate) -> bool {
    let tbs = &certificate.parsed.tbs_certificate;
    match sid {
        SignerIdentifier::IssuerAndSerialNumber(s) => {
            s.issuer == tbs.issuer && s.serial_number == tbs.serial_number
        }
        SignerIdentifier::SubjectKeyIdentifier(wanted) => {
            matches!(tbs.get::<SubjectKeyIdentifier>(), Ok(Some((_, own))) if own == *wanted)
        }
    }
}

fn verify(info: &SignerInfo, signer: &ReadCertificate, parts: [&[u8]; 2]) -> Result<(), SubIndication> {
    let digest = digest_named(info.digest_alg.oid).ok_or(SubIndication::CryptoConstraintsFailure)?;
    let content_type: ObjectIdentifier = attribute(info, CONTENT_TYPE).ok_or(SubIndication::FormatFailure)?;
    let message_digest: OctetString = attribute(info, MESSAGE_DIGEST).ok_or(SubIndication::FormatFailure)?;
    if content_type != ID_DATA {
        return Err(SubIndication::FormatFailure);
    }
    if !names_by_hash(info, signer) {
        return Err(SubIndication::NoSigningCertificateFound);
    }
    if hash(digest, parts).as_deref() != Some(message_digest.as_bytes()) {
        return Err(SubIndication::HashFailure);
    }
    let signed = info
        .signed_attrs
        .as_ref()
        .and_then(|a| a.to_der().ok())
        .ok_or(SubIndication::FormatFailure)?;
    let signing_digest = signature_digest(info.signature_algorithm.oid, digest)
        .ok_or(SubIndication::CryptoConstraintsFailure)?;
    signer
        .key_algorithm()
        .map_err(|_| SubIndication::CryptoConstraintsFailure)?;
    match value_matches(info, signer, signing_digest, &signed) {
        Ok(true) => Ok(()),
        _ => Err(SubIndication::SigCryptoFailure),
    }
}

/// signing-certificate-v2 names the signer by its hash; without it another certificate with the same key
/// could be put in its place. The attribute is asked for only of baseline signatures.
fn names_by_hash(info: &SignerInfo, signer: &ReadCertificate) -> bool {
    if attribute_count(info, SIGNING_CERTIFICATE_V2) == 0 {
        return true;
    }
    let Some(attribute) = attribute::<SigningCertificateV2>(info, SIGNING_CERTIFICATE_V2) else {
        return false;
    };
    let Some(first) = attribute.certs.first() else {
        return false;
    };
    let expected = match first.hash_algorithm.as_ref().map(|a| a.oid) {
        None | Some(SHA256) => Some(Sha256::digest(&signer.der).to_vec()),
        Some(other) => digest_named(other).and_then(|d| hash(d, [&signer.der, &[]])),
    };
    expected.as_deref() == Some(first.cert_hash.as_bytes())
}

fn value_matches(
    info: &SignerInfo,
    signer: &ReadCertificate,
    digest: MessageDigest,
    signed: &[u8],
) -> Result<bool, openssl::error::ErrorStack> {
    let key = openssl::x509::X509::from_der(&signer.der)?.public_key()?;
    if !key_fits(&key, info.signature_algorithm.oid) {
        return Ok(false);
    }
    let mut verifier = Verifier::new(digest, &key)?;
    verifier.verify_oneshot(info.signature.as_bytes(), signed)
}

fn key_fits(key: &PKey<openssl::pkey::Public>, algorithm: ObjectIdentifier) -> bool {
    let ec = [ECDSA_WITH_SHA256, ECDSA_WITH_SHA384, ECDSA_WITH_SHA512].contains(&algorithm);
    key.id() == if ec { Id::EC } else { Id::RSA }
}

fn signature_digest(algorithm: ObjectIdentifier, named: MessageDigest) -> Option<MessageDigest> {
    match algorithm {
        RSA => Some(named),
        SHA256_WITH_RSA | ECDSA_WITH_SHA256 => Some(MessageDigest::sha256()),
        SHA384_WITH_RSA | ECDSA_WITH_SHA384 => Some(MessageDigest::sha384()),
        SHA512_WITH_RSA | ECDSA_WITH_SHA512 => Some(MessageDigest::sha512()),
        _ => None,
    }
}

fn digest_named(oid: ObjectIdentifier) -> Option<MessageDigest> {
    match oid {
        SHA256 => Some(MessageDigest::sha256()),
        SHA384 => Some(MessageDigest::sha384()),
        SHA512 => Some(MessageDigest::sha512()),
        _ => None,
    }
}

fn hash(digest: MessageDigest, parts: [&[u8]; 2]) -> Option<Vec<u8>> {
    let mut hasher = Hasher::new(digest).ok()?;
    for part in parts {
        hasher.update(part).ok()?;
    }
    hasher.finish().ok().map(|d| d.to_vec())
}

fn attribute_count(info: &SignerInfo, oid: ObjectIdentifier) -> usize {
    info.signed_attrs
        .iter()
        .flat_map(|a| a.iter())
        .filter(|a| a.oid == oid)
        .count()
}

/// The only value of a signed attribute that is there once.
fn attribute<T: for<'a> Decode<'a>>(info: &SignerInfo, oid: ObjectIdentifier) -> Option<T> {
    let mut all = info
        .signed_attrs
        .iter()
        .flat_map(|a| a.iter())
        .filter(|a| a.oid == oid);
    let (only, none) = (all.next()?, all.next());
    match (only.values.as_slice(), none) {
        ([value], None) => T::from_der(&value.to_der().ok()?).ok(),
        _ => None,
    }
}
