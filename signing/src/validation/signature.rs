//! One signer of a CMS: its attributes, its digest and its signature value.
//!
//! Whether the certificate is trusted is asked in `judge`. Sources: RFC 5652, RFC 5035, EN 319 122-1.

use cms::signed_data::SignerIdentifier;
use der::Decode;
use der::asn1::{ObjectIdentifier, OctetString};
use jiff::Timestamp;
use openssl::hash::MessageDigest;
use sha2::{Digest, Sha256};
use x509_cert::ext::pkix::SubjectKeyIdentifier;
use x509_cert::spki::AlgorithmIdentifierOwned;
use x509_cert::time::Time;

use super::report::{BaselineGap, SubIndication, Warning};
use super::signed_data::{Attribute, SignedData, Signer};
use super::tlv::Tlv;
use super::value;
use crate::certificate::ReadCertificate;
use crate::pades::cms::{CONTENT_TYPE, MESSAGE_DIGEST, SIGNING_CERTIFICATE_V2, SIGNING_TIME};

const SIGNING_CERTIFICATE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.12");

/// What the CMS alone says of one signer.
pub(super) struct Outcome {
    pub(super) verdict: Result<(), SubIndication>,
    pub(super) signer: Option<ReadCertificate>,
    pub(super) gaps: Vec<BaselineGap>,
    pub(super) warnings: Vec<Warning>,
    pub(super) digest: String,
    /// The signing-time attribute.
    pub(super) signing_time: Option<Timestamp>,
}

/// Checks one signer over a content known by its digests.
pub(super) fn check(
    data: &SignedData<'_>,
    signer: &Signer<'_>,
    content: &dyn Fn(MessageDigest) -> Option<Vec<u8>>,
) -> Outcome {
    let certificates = data.certificates.iter().copied();
    among(certificates, Some(data.content_type), signer, content)
}

/// Checks one who signed a signature value (RFC 5652, 11.4). `certificates` may hold the signer's.
pub(super) fn check_countersigner(certificates: &[Vec<u8>], signer: &Signer<'_>, value: &[u8]) -> Outcome {
    let certificates = certificates.iter().map(Vec::as_slice);
    among(certificates, None, signer, &|digest| {
        value::hash(digest, &[value])
    })
}

/// `content_type`: none is named by a countersigner.
fn among<'a>(
    mut certificates: impl Iterator<Item = &'a [u8]>,
    content_type: Option<ObjectIdentifier>,
    signer: &Signer<'_>,
    content: &dyn Fn(MessageDigest) -> Option<Vec<u8>>,
) -> Outcome {
    let mut outcome = Outcome {
        verdict: Err(SubIndication::NoSigningCertificateFound),
        signer: None,
        gaps: Vec::new(),
        warnings: Vec::new(),
        digest: value::digest_name(signer.digest.oid),
        signing_time: Attribute::only(&signer.signed, SIGNING_TIME)
            .and_then(|value| Time::from_der(value).ok())
            .and_then(|time| i64::try_from(time.to_unix_duration().as_secs()).ok())
            .and_then(|seconds| Timestamp::from_second(seconds).ok()),
    };
    let has = |oid| Attribute::has(&signer.signed, oid);
    if !has(SIGNING_CERTIFICATE) && !has(SIGNING_CERTIFICATE_V2) {
        outcome.gaps.push(BaselineGap::NoSigningCertificateAttribute);
    } else if !has(SIGNING_CERTIFICATE_V2) {
        outcome.warnings.push(Warning::CertificateNamedBySha1);
    }
    let found = certificates
        .by_ref()
        .filter_map(|der| ReadCertificate::read(der).ok())
        .find(|certificate| named(&signer.identifier, certificate));
    if let Some(certificate) = found {
        outcome.verdict = verify(content_type, signer, &certificate, content);
        outcome.signer = Some(certificate);
    }
    outcome
}

fn named(identifier: &SignerIdentifier, certificate: &ReadCertificate) -> bool {
    let tbs = &certificate.parsed.tbs_certificate;
    match identifier {
        SignerIdentifier::IssuerAndSerialNumber(s) => {
            s.issuer == tbs.issuer && s.serial_number == tbs.serial_number
        }
        SignerIdentifier::SubjectKeyIdentifier(wanted) => {
            matches!(tbs.get::<SubjectKeyIdentifier>(), Ok(Some((_, own))) if own == *wanted)
        }
    }
}

fn verify(
    content_type: Option<ObjectIdentifier>,
    signer: &Signer<'_>,
    certificate: &ReadCertificate,
    content: &dyn Fn(MessageDigest) -> Option<Vec<u8>>,
) -> Result<(), SubIndication> {
    let digest = value::digest_named(signer.digest.oid).ok_or(SubIndication::CryptoConstraintsFailure)?;
    let named_type = match Attribute::has(&signer.signed, CONTENT_TYPE) {
        true => Some(attribute(signer, CONTENT_TYPE)?),
        false => None,
    };
    let message_digest: OctetString = attribute(signer, MESSAGE_DIGEST)?;
    if named_type != content_type {
        return Err(SubIndication::FormatFailure);
    }
    if !names_by_hash(signer, certificate) {
        return Err(SubIndication::NoSigningCertificateFound);
    }
    let actual = content(digest).ok_or(SubIndication::SignedDataNotFound)?;
    if actual != message_digest.as_bytes() {
        return Err(SubIndication::HashFailure);
    }
    let signed = signer.signed_bytes.ok_or(SubIndication::FormatFailure)?;
    let key = openssl::x509::X509::from_der(&certificate.der)
        .and_then(|c| c.public_key())
        .map_err(|_| SubIndication::CryptoConstraintsFailure)?;
    value::check(
        &key,
        &signer.algorithm,
        Some(digest),
        &as_set(signed),
        signer.value,
    )
}

/// The attributes are signed as a SET, not as the `[0]` that stands in the file (RFC 5652, 5.4).
fn as_set(content: &[u8]) -> Vec<u8> {
    let mut set = vec![0x31];
    super::ber::write_length(content.len(), &mut set);
    set.extend(content);
    set
}

fn attribute<T: for<'a> Decode<'a>>(signer: &Signer<'_>, oid: ObjectIdentifier) -> Result<T, SubIndication> {
    Attribute::only(&signer.signed, oid)
        .and_then(|value| T::from_der(value).ok())
        .ok_or(SubIndication::FormatFailure)
}

/// The attributes name the signer by its hash; without them another certificate with the same key could be put
/// in its place. They are asked for only of baseline signatures; where they stand, they must be right.
fn names_by_hash(signer: &Signer<'_>, certificate: &ReadCertificate) -> bool {
    [SIGNING_CERTIFICATE, SIGNING_CERTIFICATE_V2]
        .into_iter()
        .filter(|oid| Attribute::has(&signer.signed, *oid))
        .all(|oid| names(signer, oid, certificate).unwrap_or(false))
}

fn names(signer: &Signer<'_>, oid: ObjectIdentifier, certificate: &ReadCertificate) -> Option<bool> {
    let attribute = Tlv::only(Attribute::only(&signer.signed, oid)?)?;
    let first = attribute.values().tagged(0x30)?.values().tagged(0x30)?;
    let mut fields = first.values();
    let algorithm = if oid == SIGNING_CERTIFICATE_V2 {
        fields.tagged(0x30)
    } else {
        None
    };
    let hash = fields.tagged(0x04)?.content;
    let expected = match algorithm {
        _ if oid == SIGNING_CERTIFICATE => value::hash(MessageDigest::sha1(), &[&certificate.der])?,
        None => Sha256::digest(&certificate.der).to_vec(),
        Some(algorithm) => {
            let algorithm = AlgorithmIdentifierOwned::from_der(algorithm.whole).ok()?;
            value::hash(value::digest_named(algorithm.oid)?, &[&certificate.der])?
        }
    };
    let serial_fits = match fields.tagged(0x30) {
        None => true,
        Some(issuer_serial) => {
            let serial = issuer_serial.all(2)?.get(1)?.content;
            serial == certificate.parsed.tbs_certificate.serial_number.as_bytes()
        }
    };
    Some(hash == expected && serial_fits)
}
