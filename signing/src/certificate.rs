//! What a certificate says of its holder and key, read once for devices, preparation and validation.
//!
//! Not in it: trust. Sources: RFC 5280, ETSI EN 319 412-1 (semantics of serialNumber) and 412-5 (qcStatements).

use cms::signed_data::SignerIdentifier;
use der::asn1::{Any, ObjectIdentifier, SequenceOf};
use der::{Decode, Encode, Sequence, Tag, Tagged};
use jiff::Timestamp;
use openssl::x509::X509;
use sha2::{Digest, Sha256};
use x509_cert::Certificate;
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage, SubjectKeyIdentifier};
use x509_cert::name::Name;
use x509_cert::spki::AlgorithmIdentifierOwned;
use x509_cert::time::Time;

use crate::error::CertificateRefusal;
use crate::identity::{DeviceKind, Identity, IdentityId, KeyUse, PinState, Qualification};
use crate::pades::RsaPadding;
use crate::pades::cms::RSA_PSS;
use crate::validation::value;

const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");
const SERIAL_NUMBER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.5");
const QC_STATEMENTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.1.3");
const QC_COMPLIANCE: ObjectIdentifier = ObjectIdentifier::new_unwrap("0.4.0.1862.1.1");
const QC_SSCD: ObjectIdentifier = ObjectIdentifier::new_unwrap("0.4.0.1862.1.4");
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");

/// The keys that sign here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyAlgorithm {
    Rsa,
    /// Certified for PSS alone (RFC 4055, 1.2).
    RsaPss,
    P256,
    P384,
}

impl KeyAlgorithm {
    /// Whether its signatures are padded.
    pub(crate) fn is_rsa(self) -> bool {
        matches!(self, Self::Rsa | Self::RsaPss)
    }

    /// Whether it may pad so.
    pub(crate) fn pads(self, padding: RsaPadding) -> bool {
        match self {
            Self::Rsa => true,
            Self::RsaPss => padding == RsaPadding::Pss,
            Self::P256 | Self::P384 => padding == RsaPadding::Pkcs1,
        }
    }
}

#[derive(Sequence)]
struct QcStatement {
    id: ObjectIdentifier,
    #[asn1(optional = "true")]
    info: Option<Any>,
}

/// A certificate, parsed, with its own bytes beside it.
pub(crate) struct ReadCertificate {
    pub(crate) der: Vec<u8>,
    pub(crate) parsed: Certificate,
}

impl ReadCertificate {
    pub(crate) fn read(der: &[u8]) -> Result<Self, CertificateRefusal> {
        let parsed = Certificate::from_der(der).map_err(|_| CertificateRefusal::Unreadable)?;
        // A certificate that changes when written again would not match its hash inside the CMS.
        match parsed.to_der() {
            Ok(again) if again == der => Ok(Self {
                der: der.to_vec(),
                parsed,
            }),
            _ => Err(CertificateRefusal::Unreadable),
        }
    }

    /// One that is judged and never written into a CMS; some issuers encode defaults that DER leaves out.
    pub(crate) fn as_it_stands(der: &[u8]) -> Result<Self, CertificateRefusal> {
        let parsed = Certificate::from_der(der).map_err(|_| CertificateRefusal::Unreadable)?;
        Ok(Self {
            der: der.to_vec(),
            parsed,
        })
    }

    pub(crate) fn id(&self) -> IdentityId {
        IdentityId(hex::encode(Sha256::digest(&self.der)))
    }

    pub(crate) fn not_before(&self) -> Timestamp {
        timestamp(&self.parsed.tbs_certificate.validity.not_before)
    }

    pub(crate) fn not_after(&self) -> Timestamp {
        timestamp(&self.parsed.tbs_certificate.validity.not_after)
    }

    pub(crate) fn is_authority(&self) -> bool {
        matches!(self.parsed.tbs_certificate.get::<BasicConstraints>(), Ok(Some((_, c))) if c.ca)
    }

    pub(crate) fn is_self_issued(&self) -> bool {
        self.parsed.tbs_certificate.subject == self.parsed.tbs_certificate.issuer
    }

    /// By name and by signature: an authority that renewed its key has two certificates of one name.
    pub(crate) fn issued(&self, other: &Self) -> bool {
        let signed = || -> Result<bool, openssl::error::ErrorStack> {
            X509::from_der(&other.der)?.verify(X509::from_der(&self.der)?.public_key()?.as_ref())
        };
        other.parsed.tbs_certificate.issuer == self.parsed.tbs_certificate.subject
            && signed().unwrap_or(false)
    }

    /// Whether its key signed these bytes.
    pub(crate) fn signed(&self, algorithm: &AlgorithmIdentifierOwned, bytes: &[u8], value: &[u8]) -> bool {
        X509::from_der(&self.der)
            .and_then(|c| c.public_key())
            .is_ok_and(|key| value::check(&key, algorithm, None, bytes, value).is_ok())
    }

    /// Whether a SignerInfo names this certificate.
    pub(crate) fn is_named(&self, sid: &SignerIdentifier) -> bool {
        let tbs = &self.parsed.tbs_certificate;
        match sid {
            SignerIdentifier::IssuerAndSerialNumber(s) => {
                s.issuer == tbs.issuer && s.serial_number == tbs.serial_number
            }
            SignerIdentifier::SubjectKeyIdentifier(wanted) => {
                matches!(tbs.get::<SubjectKeyIdentifier>(), Ok(Some((_, own))) if own == *wanted)
            }
        }
    }

    pub(crate) fn usage(&self) -> KeyUse {
        match self.parsed.tbs_certificate.get::<KeyUsage>() {
            Ok(Some((_, usage))) if usage.non_repudiation() => KeyUse::Signature,
            _ => KeyUse::Authentication,
        }
    }

    pub(crate) fn qualification(&self) -> Qualification {
        let statements = self
            .parsed
            .tbs_certificate
            .extensions
            .iter()
            .flatten()
            .find(|e| e.extn_id == QC_STATEMENTS)
            .and_then(|e| SequenceOf::<QcStatement, 16>::from_der(e.extn_value.as_bytes()).ok());
        let has = |id| {
            statements
                .as_ref()
                .is_some_and(|all| all.iter().any(|s| s.id == id))
        };
        match (has(QC_COMPLIANCE), has(QC_SSCD)) {
            (true, true) => Qualification::QualifiedDevice,
            (true, false) => Qualification::Qualified,
            _ => Qualification::NotQualified,
        }
    }

    pub(crate) fn subject(&self) -> String {
        first(&self.parsed.tbs_certificate.subject, COMMON_NAME).unwrap_or_default()
    }

    pub(crate) fn issuer(&self) -> String {
        first(&self.parsed.tbs_certificate.issuer, COMMON_NAME).unwrap_or_default()
    }

    /// `TINIT-` (EN 319 412-1, 5.1.3) or the older `IT:` of Italian certificates.
    pub(crate) fn fiscal_code(&self) -> Option<String> {
        let serial = first(&self.parsed.tbs_certificate.subject, SERIAL_NUMBER)?
            .trim()
            .to_ascii_uppercase();
        let code = serial
            .strip_prefix("TINIT-")
            .or_else(|| serial.strip_prefix("IT:"))?;
        (code.len() == 16 && code.bytes().all(|b| b.is_ascii_alphanumeric())).then(|| code.to_owned())
    }

    pub(crate) fn key_algorithm(&self) -> Result<KeyAlgorithm, CertificateRefusal> {
        let key = &self.parsed.tbs_certificate.subject_public_key_info;
        let curve = key
            .algorithm
            .parameters
            .as_ref()
            .and_then(|p| p.decode_as::<ObjectIdentifier>().ok());
        match (key.algorithm.oid, curve) {
            // 2048 bits of modulus make at least 260 bytes of encoded key.
            (RSA, _) if key.subject_public_key.raw_bytes().len() >= 260 => Ok(KeyAlgorithm::Rsa),
            (RSA_PSS, _) if key.subject_public_key.raw_bytes().len() >= 260 => Ok(KeyAlgorithm::RsaPss),
            (EC, Some(P256)) => Ok(KeyAlgorithm::P256),
            (EC, Some(P384)) => Ok(KeyAlgorithm::P384),
            _ => Err(CertificateRefusal::UnsupportedKey),
        }
    }

    /// The modulus of an RSA key, big endian; none for another key.
    pub(crate) fn rsa_modulus(&self) -> Option<Vec<u8>> {
        let key = X509::from_der(&self.der).ok()?.public_key().ok()?;
        Some(key.rsa().ok()?.n().to_vec())
    }

    /// The identity that this certificate makes on a device, with the issuers found among `others`.
    pub(crate) fn identity(&self, others: &[Self], device: Device<'_>) -> Identity {
        let mut chain = vec![self.der.clone()];
        let mut last = self;
        while !last.is_self_issued()
            && let Some(issuer) = others.iter().find(|c| c.issued(last) && !chain.contains(&c.der))
        {
            chain.push(issuer.der.clone());
            last = issuer;
        }
        Identity {
            id: self.id(),
            device: device.kind,
            device_label: device.label.to_owned(),
            subject: self.subject(),
            fiscal_code: self.fiscal_code(),
            issuer: self.issuer(),
            not_before: self.not_before(),
            not_after: self.not_after(),
            usage: self.usage(),
            qualification: self.qualification(),
            pin: device.pin,
            pin_on_device: device.pin_on_device,
            chain,
        }
    }
}

/// The device's part of an identity.
#[derive(Clone, Copy)]
pub(crate) struct Device<'a> {
    pub(crate) kind: DeviceKind,
    pub(crate) label: &'a str,
    pub(crate) pin: PinState,
    pub(crate) pin_on_device: bool,
}

fn timestamp(time: &Time) -> Timestamp {
    let seconds = i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX);
    Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX)
}

fn first(name: &Name, attribute: ObjectIdentifier) -> Option<String> {
    name.0
        .iter()
        .flat_map(|rdn| rdn.0.iter())
        .find(|a| a.oid == attribute)
        .map(|a| text(&a.value))
}

fn text(value: &Any) -> String {
    let bytes = value.value();
    match value.tag() {
        Tag::BmpString => {
            let units: Vec<u16> = bytes
                .chunks_exact(2)
                .map(|c| u16::from_be_bytes([c[0], c[1]]))
                .collect();
            String::from_utf16_lossy(&units)
        }
        // The rest is ASCII or UTF-8; T.61 is read as Latin-1, as everyone does.
        Tag::TeletexString => bytes.iter().map(|&b| char::from(b)).collect(),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}
