//! The CMS of a signature: signed attributes first, the whole SignedData once the device has signed them.
//!
//! RFC 5652 with the attributes of ETSI EN 319 122-1 (CAdES) that EN 319 142-1 asks of PAdES B-B. The
//! signing time is not among them: it stands in `/M`.

use ::cms::cert::{CertificateChoices, IssuerAndSerialNumber};
use ::cms::content_info::{CmsVersion, ContentInfo};
use ::cms::signed_data::{
    CertificateSet, EncapsulatedContentInfo, SignedData, SignerIdentifier, SignerInfo, SignerInfos,
};
use der::asn1::{Any, ObjectIdentifier, OctetString, SetOfVec};
use der::{Decode, Encode, Sequence};
use sha2::{Digest, Sha256};
use x509_cert::attr::{Attribute, Attributes};
use x509_cert::spki::AlgorithmIdentifierOwned;

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

/// The signed attributes as the SET that is hashed (RFC 5652, 5.4).
pub(crate) fn signed_attributes(digest: &[u8; 32], certificate: &ReadCertificate) -> der::Result<Vec<u8>> {
    let signing_certificate = SigningCertificateV2 {
        certs: vec![EssCertIdV2 {
            hash_algorithm: None,
            cert_hash: OctetString::new(Sha256::digest(&certificate.der).to_vec())?,
            issuer_serial: None,
        }],
        policies: None,
    };
    let attributes: Attributes = SetOfVec::try_from(vec![
        attribute(CONTENT_TYPE, &ID_DATA)?,
        attribute(MESSAGE_DIGEST, &OctetString::new(digest.to_vec())?)?,
        attribute(SIGNING_CERTIFICATE_V2, &signing_certificate)?,
    ])?;
    attributes.to_der()
}

fn attribute(oid: ObjectIdentifier, value: &impl Encode) -> der::Result<Attribute> {
    let value = Any::from_der(&value.to_der()?)?;
    Ok(Attribute {
        oid,
        values: SetOfVec::try_from(vec![value])?,
    })
}

/// The SignedData with the signature in it. `chain` starts with the signer; a root is left out, since who
/// verifies has it from the trusted list.
pub(crate) fn signed_data(
    signed_attributes: &[u8],
    signature: &[u8],
    chain: &[ReadCertificate],
    key: KeyAlgorithm,
) -> der::Result<Vec<u8>> {
    let signer = chain
        .first()
        .ok_or_else(|| der::Error::from(der::ErrorKind::Failed))?;
    // RFC 5754: SHA-256 without parameters, RSA with NULL.
    let sha256 = AlgorithmIdentifierOwned {
        oid: SHA256,
        parameters: None,
    };
    let signature_algorithm = match key {
        KeyAlgorithm::Rsa => AlgorithmIdentifierOwned {
            oid: SHA256_WITH_RSA,
            parameters: Some(Any::null()),
        },
        KeyAlgorithm::P256 | KeyAlgorithm::P384 => AlgorithmIdentifierOwned {
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
            econtent: None,
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
