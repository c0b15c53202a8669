//! The CMS of a signature: signed attributes first, the whole SignedData once the device has signed them.
//!
//! RFC 5652 with the attributes of ETSI EN 319 122-1 (CAdES), which EN 319 142-1 asks of PAdES B-B too; there the
//! signing time is not among them: it stands in `/M`. And a CMS taken apart, to have a time-stamp put in.

use std::time::Duration;

use ::cms::cert::{CertificateChoices, IssuerAndSerialNumber};
use ::cms::content_info::{CmsVersion, ContentInfo};
use ::cms::signed_data::{
    CertificateSet, EncapsulatedContentInfo, SignedData, SignerIdentifier, SignerInfo, SignerInfos,
};
use der::asn1::{Any, GeneralizedTime, ObjectIdentifier, OctetString, SetOfVec, UtcTime};
use der::{Decode, Encode, Reader as _, Sequence, SliceReader, Tag};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use x509_cert::attr::{Attribute, Attributes};
use x509_cert::spki::AlgorithmIdentifierOwned;
use x509_cert::time::Time;

use super::RsaPadding;
use crate::certificate::{KeyAlgorithm, ReadCertificate};

pub(crate) const ID_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.1");
pub(crate) const ID_SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");
pub(crate) const CONTENT_TYPE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.3");
pub(crate) const MESSAGE_DIGEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.4");
pub(crate) const SIGNING_TIME: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.5");
pub(crate) const SIGNING_CERTIFICATE_V2: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.47");
pub(crate) const SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
pub(crate) const SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.2");
pub(crate) const SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.3");
pub(crate) const SHA256_WITH_RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11");
pub(crate) const ECDSA_WITH_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");

pub(crate) const RSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");
const TIME_STAMP_TOKEN: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.14");

/// `RSASSA-PSS-params` (RFC 4055, 3.1): SHA-256, MGF1 with SHA-256, 32 bytes of salt.
pub(crate) const PSS_SHA256: [u8; 54] = [
    0x30, 0x34, 0xa0, 0x0f, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01,
    0x05, 0x00, 0xa1, 0x1c, 0x30, 0x1a, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x08,
    0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0xa2, 0x03,
    0x02, 0x01, 0x20,
];

/// How the key signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    RsaPkcs1,
    RsaPss,
    Ecdsa,
}

impl Scheme {
    /// That of a key, with the padding wanted of RSA.
    pub(crate) fn of(key: KeyAlgorithm, padding: RsaPadding) -> Self {
        match (key, padding) {
            (KeyAlgorithm::Rsa, RsaPadding::Pkcs1) => Self::RsaPkcs1,
            (KeyAlgorithm::Rsa, RsaPadding::Pss) | (KeyAlgorithm::RsaPss, _) => Self::RsaPss,
            (KeyAlgorithm::P256 | KeyAlgorithm::P384, _) => Self::Ecdsa,
        }
    }
}

/// `ESSCertIDv2` of RFC 5035. SHA-256 is the default and therefore not written.
#[derive(Sequence)]
pub(crate) struct EssCertIdV2 {
    #[asn1(optional = "true")]
    pub(crate) hash_algorithm: Option<AlgorithmIdentifierOwned>,
    pub(crate) cert_hash: OctetString,
    #[asn1(optional = "true")]
    pub(crate) issuer_serial: Option<Any>,
}

/// `SigningCertificateV2` of RFC 5035.
#[derive(Sequence)]
pub(crate) struct SigningCertificateV2 {
    pub(crate) certs: Vec<EssCertIdV2>,
    #[asn1(optional = "true")]
    pub(crate) policies: Option<Any>,
}

/// The signed attributes as the SET that is hashed (RFC 5652, 5.4). `time` is the signing-time, which CAdES wants
/// and PAdES forbids.
pub(crate) fn signed_attributes(
    digest: &[u8; 32],
    certificate: &ReadCertificate,
    time: Option<Timestamp>,
) -> der::Result<Vec<u8>> {
    let signing_certificate = SigningCertificateV2 {
        certs: vec![EssCertIdV2 {
            hash_algorithm: None,
            cert_hash: OctetString::new(Sha256::digest(&certificate.der).to_vec())?,
            issuer_serial: None,
        }],
        policies: None,
    };
    let mut attributes = vec![
        attribute(CONTENT_TYPE, &ID_DATA)?,
        attribute(MESSAGE_DIGEST, &OctetString::new(digest.to_vec())?)?,
        attribute(SIGNING_CERTIFICATE_V2, &signing_certificate)?,
    ];
    if let Some(time) = time {
        attributes.push(attribute(SIGNING_TIME, &written_time(time)?)?);
    }
    Attributes::try_from(attributes)?.to_der()
}

/// UTCTime until 2049, GeneralizedTime after (RFC 5652, 11.3).
fn written_time(time: Timestamp) -> der::Result<Time> {
    let seconds = u64::try_from(time.as_second()).map_err(|_| der::ErrorKind::DateTime)?;
    let since = Duration::from_secs(seconds);
    UtcTime::from_unix_duration(since)
        .map(Time::UtcTime)
        .or_else(|_| GeneralizedTime::from_unix_duration(since).map(Time::GeneralTime))
}

fn attribute(oid: ObjectIdentifier, value: &impl Encode) -> der::Result<Attribute> {
    let value = Any::from_der(&value.to_der()?)?;
    Ok(Attribute {
        oid,
        values: SetOfVec::try_from(vec![value])?,
    })
}

/// The SignedData with the signature in it. `chain` starts with the signer; a root is left out, since who
/// verifies has it from the trusted list. With `content` it envelopes it, without it is detached.
pub(crate) fn signed_data(
    signed_attributes: &[u8],
    signature: &[u8],
    chain: &[ReadCertificate],
    scheme: Scheme,
    content: Option<&[u8]>,
) -> der::Result<Vec<u8>> {
    let signer = chain
        .first()
        .ok_or_else(|| der::Error::from(der::ErrorKind::Failed))?;
    // RFC 5754: SHA-256 without parameters, RSA with NULL.
    let sha256 = AlgorithmIdentifierOwned {
        oid: SHA256,
        parameters: None,
    };
    let signature_algorithm = match scheme {
        Scheme::RsaPkcs1 => AlgorithmIdentifierOwned {
            oid: SHA256_WITH_RSA,
            parameters: Some(Any::null()),
        },
        Scheme::RsaPss => AlgorithmIdentifierOwned {
            oid: RSA_PSS,
            parameters: Some(Any::from_der(&PSS_SHA256)?),
        },
        Scheme::Ecdsa => AlgorithmIdentifierOwned {
            oid: ECDSA_WITH_SHA256,
            parameters: None,
        },
    };
    let certificates = chain
        .iter()
        .enumerate()
        .filter(|(at, c)| *at == 0 || !c.is_self_issued())
        .map(|(_, c)| CertificateChoices::Certificate(c.parsed.clone()))
        .collect::<Vec<_>>();
    let tbs = &signer.parsed.tbs_certificate;
    let data = SignedData {
        version: CmsVersion::V1,
        digest_algorithms: SetOfVec::try_from(vec![sha256.clone()])?,
        encap_content_info: EncapsulatedContentInfo {
            econtent_type: ID_DATA,
            econtent: content
                .map(|content| Any::new(Tag::OctetString, content))
                .transpose()?,
        },
        certificates: Some(CertificateSet(SetOfVec::try_from(certificates)?)),
        crls: None,
        signer_infos: SignerInfos(SetOfVec::try_from(vec![SignerInfo {
            version: CmsVersion::V1,
            sid: SignerIdentifier::IssuerAndSerialNumber(IssuerAndSerialNumber {
                issuer: tbs.issuer.clone(),
                serial_number: tbs.serial_number.clone(),
            }),
            digest_alg: sha256,
            signed_attrs: Some(Attributes::from_der(signed_attributes)?),
            signature_algorithm,
            signature: OctetString::new(signature)?,
            unsigned_attrs: None,
        }])?),
    };
    ContentInfo {
        content_type: ID_SIGNED_DATA,
        content: Any::from_der(&data.to_der()?)?,
    }
    .to_der()
}

/// A CMS of one signer, taken apart.
pub(crate) struct Parts {
    data: SignedData,
    info: SignerInfo,
    /// It is the same when written again: only then may something be added.
    same: bool,
    /// How many bytes it took.
    pub(crate) length: usize,
}

impl Parts {
    /// Reads the first value of `bytes`; padding may follow.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let mut reader = SliceReader::new(bytes).ok()?;
        let content = ContentInfo::decode(&mut reader).ok()?;
        let length = usize::try_from(reader.position()).ok()?;
        let data: SignedData = content.content.decode_as().ok()?;
        let again = ContentInfo {
            content_type: ID_SIGNED_DATA,
            content: Any::encode_from(&data).ok()?,
        };
        let [info] = data.signer_infos.0.as_slice() else {
            return None;
        };
        Some(Self {
            info: info.clone(),
            same: again.to_der().ok()? == bytes.get(..length)?,
            data,
            length,
        })
    }

    /// Whether something may be added to it.
    pub(crate) fn is_extensible(&self) -> bool {
        self.same
    }

    /// What a signature time-stamp stamps.
    pub(crate) fn signature_value(&self) -> &[u8] {
        self.info.signature.as_bytes()
    }

    /// Whether it has one.
    pub(crate) fn has_time_stamp(&self) -> bool {
        !self.time_stamps().is_empty()
    }

    /// The signature time-stamps, DER.
    pub(crate) fn time_stamps(&self) -> Vec<Vec<u8>> {
        let attributes = self.info.unsigned_attrs.iter().flat_map(|a| a.iter());
        attributes
            .filter(|a| a.oid == TIME_STAMP_TOKEN)
            .flat_map(|a| a.values.iter())
            .filter_map(|token| token.to_der().ok())
            .collect()
    }

    /// The certificates, DER, the signer's first.
    pub(crate) fn certificates(&self) -> Option<Vec<Vec<u8>>> {
        let mut all: Vec<ReadCertificate> = self
            .data
            .certificates
            .iter()
            .flat_map(|set| set.0.iter())
            .filter_map(|c| match c {
                CertificateChoices::Certificate(c) => ReadCertificate::read(&c.to_der().ok()?).ok(),
                CertificateChoices::Other(_) => None,
            })
            .collect();
        let signer = all.iter().position(|c| c.is_named(&self.info.sid))?;
        all.swap(0, signer);
        Some(all.into_iter().map(|c| c.der).collect())
    }

    /// The CMS with this token as signature-time-stamp (EN 319 122-1, 5.3).
    pub(crate) fn with_time_stamp(mut self, token: &[u8]) -> der::Result<Vec<u8>> {
        if !self.same {
            return Err(der::ErrorKind::Noncanonical { tag: Tag::Sequence }.into());
        }
        let mut attributes: Vec<Attribute> = self
            .info
            .unsigned_attrs
            .take()
            .map(SetOfVec::into_vec)
            .unwrap_or_default();
        attributes.push(Attribute {
            oid: TIME_STAMP_TOKEN,
            values: SetOfVec::try_from(vec![Any::from_der(token)?])?,
        });
        self.info.unsigned_attrs = Some(SetOfVec::try_from(attributes)?);
        self.data.signer_infos = SignerInfos(SetOfVec::try_from(vec![self.info])?);
        ContentInfo {
            content_type: ID_SIGNED_DATA,
            content: Any::encode_from(&self.data)?,
        }
        .to_der()
    }
}
