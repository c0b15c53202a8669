//! OCSP (RFC 6960): the question, and an answer that its issuer signed or delegated.

use der::Decode;
use der::asn1::ObjectIdentifier;
use jiff::Timestamp;
use openssl::hash::MessageDigest;
use openssl::ocsp::{OcspCertId, OcspFlag, OcspRequest, OcspResponse};
use openssl::stack::Stack;
use openssl::x509::X509;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{AuthorityInfoAccessSyntax, CrlReason};
use x509_ocsp::{BasicOcspResponse, CertId, CertStatus, OcspGeneralizedTime};

use super::{Evidence, Pair, SKEW, Source, SourceError, Status};
use crate::certificate::ReadCertificate;
use crate::pades::cms::SHA256;
use crate::path;
use crate::validation::TrustRoots;

const ACCESS_OCSP: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1");
const BASIC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1.1");
const SHA1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.14.3.2.26");

/// Addresses tried of one certificate.
const MAX_ADDRESSES: usize = 4;

/// The responders that a certificate names.
pub(super) fn addresses(certificate: &ReadCertificate) -> Vec<String> {
    match certificate
        .parsed
        .tbs_certificate
        .get::<AuthorityInfoAccessSyntax>()
    {
        Ok(Some((_, access))) => access
            .0
            .into_iter()
            .filter(|a| a.access_method == ACCESS_OCSP)
            .filter_map(|a| match a.access_location {
                GeneralName::UniformResourceIdentifier(url) => Some(url.to_string()),
                _ => None,
            })
            .take(MAX_ADDRESSES)
            .collect(),
        _ => Vec::new(),
    }
}

/// A request for one certificate, named by SHA-1: many responders know no other (RFC 5019), and it names only.
pub(super) fn request(pair: &Pair) -> Result<Vec<u8>, openssl::error::ErrorStack> {
    let certificate = X509::from_der(&pair.certificate.der)?;
    let issuer = X509::from_der(&pair.issuer.der)?;
    let mut request = OcspRequest::new()?;
    request.add_id(OcspCertId::from_cert(
        MessageDigest::sha1(),
        &certificate,
        &issuer,
    )?)?;
    request.to_der()
}

/// What an answer says of the certificate.
pub(super) fn read(der: Vec<u8>, pair: &Pair, now: Timestamp) -> Result<Evidence, SourceError> {
    let response = x509_ocsp::OcspResponse::from_der(&der).map_err(|_| SourceError::Unreadable)?;
    let status = response.response_status as u32;
    let bytes = match (status, response.response_bytes) {
        (0, Some(bytes)) if bytes.response_type == BASIC => bytes,
        (0, _) => return Err(SourceError::Unreadable),
        (refused, _) => return Err(SourceError::Refused(u8::try_from(refused).unwrap_or(u8::MAX))),
    };
    let basic =
        BasicOcspResponse::from_der(bytes.response.as_bytes()).map_err(|_| SourceError::Unreadable)?;
    let single = basic
        .tbs_response_data
        .responses
        .iter()
        .find(|single| names(&single.cert_id, pair))
        .ok_or(SourceError::NotCovered)?;
    if !signed(&der, pair, now) {
        return Err(SourceError::Untrusted);
    }
    let this_update = moment(&single.this_update).ok_or(SourceError::Unreadable)?;
    if this_update > now.saturating_add(SKEW).unwrap_or(now) {
        return Err(SourceError::NotCurrent);
    }
    let status = match &single.cert_status {
        CertStatus::Good(_) => Status::Good,
        CertStatus::Unknown(_) => Status::Unknown,
        CertStatus::Revoked(revoked) => {
            let at = moment(&revoked.revocation_time).ok_or(SourceError::Unreadable)?;
            match revoked.revocation_reason {
                Some(CrlReason::CertificateHold) => Status::Suspended { since: at },
                _ => Status::Revoked { at },
            }
        }
    };
    let next_update = single.next_update.as_ref().and_then(moment);
    Ok(Evidence {
        source: Source::Ocsp,
        status,
        this_update,
        next_update,
        der,
    })
}

fn names(id: &CertId, pair: &Pair) -> bool {
    let digest = match id.hash_algorithm.oid {
        SHA1 => MessageDigest::sha1(),
        SHA256 => MessageDigest::sha256(),
        _ => return false,
    };
    let is =
        |bytes: &[u8], wanted: &[u8]| openssl::hash::hash(digest, bytes).is_ok_and(|hash| *hash == *wanted);
    let issuer = &pair.issuer.parsed.tbs_certificate;
    let name = der::Encode::to_der(&issuer.subject).unwrap_or_default();
    let key = issuer.subject_public_key_info.subject_public_key.raw_bytes();
    id.serial_number == pair.certificate.parsed.tbs_certificate.serial_number
        && is(&name, id.issuer_name_hash.as_bytes())
        && is(key, id.issuer_key_hash.as_bytes())
}

/// By the issuer, or by a responder that the issuer itself certified for it (RFC 6960, 4.2.2.2). Nobody else is
/// in the store, so no other authority can speak for this one.
fn signed(der: &[u8], pair: &Pair, now: Timestamp) -> bool {
    let verified = || -> Result<(), openssl::error::ErrorStack> {
        let issuer = X509::from_der(&pair.issuer.der)?;
        let store = path::store(&TrustRoots::of(vec![pair.issuer.der.clone()]), now)?;
        let mut known = Stack::new()?;
        known.push(issuer)?;
        OcspResponse::from_der(der)?
            .basic()?
            .verify(&known, &store, OcspFlag::empty())
    };
    verified().is_ok()
}

fn moment(time: &OcspGeneralizedTime) -> Option<Timestamp> {
    let seconds = i64::try_from(time.0.to_unix_duration().as_secs()).ok()?;
    Timestamp::from_second(seconds).ok()
}
