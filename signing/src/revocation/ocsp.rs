//! OCSP (RFC 6960): the question, and an answer that the issuer signed or delegated.
//!
//! The answer is walked as it stands, and not parsed whole: what a responder puts beside it must not make it
//! unreadable.

use der::asn1::{GeneralizedTime, ObjectIdentifier};
use der::{Decode, Encode};
use jiff::Timestamp;
use openssl::hash::MessageDigest;
use openssl::ocsp::{OcspCertId, OcspRequest};
use openssl::x509::X509;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{AuthorityInfoAccessSyntax, CrlReason, ExtendedKeyUsage};
use x509_cert::spki::AlgorithmIdentifierOwned;

use super::{Answer, Pair, Source, SourceError, Status};
use crate::certificate::ReadCertificate;
use crate::path;
use crate::validation::TrustRoots;
use crate::validation::tlv::{Tlv, Values};
use crate::validation::value;

const ACCESS_OCSP: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1");
const BASIC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1.1");
const NO_CHECK: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1.5");
const OCSP_SIGNING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.9");

/// Addresses tried of one certificate.
const MAX_ADDRESSES: usize = 4;
/// Single answers in one response.
const MAX_SINGLE: usize = 4096;
/// Certificates in one response.
const MAX_CERTIFICATES: usize = 16;

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
pub(super) fn request(pair: &Pair<'_>) -> Result<Vec<u8>, openssl::error::ErrorStack> {
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

/// The `BasicOCSPResponse` in an `OCSPResponse`, or the bytes themselves when they are one already.
pub(super) fn basic(der: &[u8]) -> Result<&[u8], SourceError> {
    let mut fields = Tlv::only(der).ok_or(SourceError::Unreadable)?.values();
    let Some(status) = fields.tagged(0x0a) else {
        return Ok(der);
    };
    match status.content {
        [0] => {}
        [refused] => return Err(SourceError::Refused(*refused)),
        _ => return Err(SourceError::Unreadable),
    }
    let mut inside = || {
        let mut bytes = Tlv::only(fields.tagged(0xa0)?.content)?.values();
        (bytes.next()?.oid()? == BASIC).then_some(())?;
        Some(bytes.tagged(0x04)?.content)
    };
    inside().ok_or(SourceError::Unreadable)
}

/// A `BasicOCSPResponse` taken apart.
struct Response<'a> {
    signed: &'a [u8],
    singles: Vec<Tlv<'a>>,
    algorithm: AlgorithmIdentifierOwned,
    value: &'a [u8],
    certificates: Vec<&'a [u8]>,
}

fn parts(der: &[u8]) -> Option<Response<'_>> {
    let mut response = Tlv::only(der)?.values();
    let data = response.tagged(0x30)?;
    let algorithm = AlgorithmIdentifierOwned::from_der(response.next()?.whole).ok()?;
    let value = response.tagged(0x03)?.content.strip_prefix(&[0])?;
    let certificates = match response.tagged(0xa0) {
        None => Vec::new(),
        Some(wrapped) => Tlv::only(wrapped.content)?
            .all(MAX_CERTIFICATES)?
            .iter()
            .map(|c| c.whole)
            .collect(),
    };
    let mut fields = data.values();
    let _version = fields.tagged(0xa0);
    let _responder = fields.next()?;
    fields.tagged(0x18)?;
    let singles = fields.tagged(0x30)?.all(MAX_SINGLE)?;
    Some(Response {
        signed: data.whole,
        singles,
        algorithm,
        value,
        certificates,
    })
}

/// What an answer ([`basic`]) says of the certificate. `others` may hold the responder's certificate.
pub(super) fn read(der: &[u8], pair: &Pair<'_>, others: &[Vec<u8>]) -> Result<Answer, SourceError> {
    let response = parts(der).ok_or(SourceError::Unreadable)?;
    let mut single = response
        .singles
        .iter()
        .find_map(|single| fields_about(*single, pair))
        .ok_or(SourceError::NotCovered)?;
    let mut answer = said(&mut single).ok_or(SourceError::Unreadable)?;
    let by = |who: &ReadCertificate| who.signed(&response.algorithm, response.signed, response.value);
    if by(pair.issuer) {
        return Ok(answer);
    }
    let delegate = response
        .certificates
        .iter()
        .copied()
        .chain(others.iter().map(Vec::as_slice))
        .filter_map(|der| ReadCertificate::as_it_stands(der).ok())
        .find(|c| answers_for(c, pair.issuer, answer.this_update) && by(c))
        .ok_or(SourceError::Untrusted)?;
    answer.delegate = Some(delegate);
    Ok(answer)
}

/// RFC 6960, 4.2.2.2: issued by the same authority itself, for answering, and valid when it answered. Nobody else is
/// an anchor here, so no other authority can speak for this one.
fn answers_for(responder: &ReadCertificate, issuer: &ReadCertificate, answered: Timestamp) -> bool {
    let usage = responder.parsed.tbs_certificate.get::<ExtendedKeyUsage>();
    matches!(usage, Ok(Some((_, usage))) if usage.0.contains(&OCSP_SIGNING))
        && path::to_anchor(responder, &[], &TrustRoots::of(&issuer.der), answered)
            .is_ok_and(|chain| chain.len() == 2)
}

/// Whether the issuer says that nobody need ask about this responder (id-pkix-ocsp-nocheck, RFC 6960, 4.2.2.2.1).
pub(super) fn is_exempt(responder: &ReadCertificate) -> bool {
    let extensions = responder.parsed.tbs_certificate.extensions.iter().flatten();
    extensions.into_iter().any(|e| e.extn_id == NO_CHECK)
}

/// What follows the identifier, when that names the certificate.
fn fields_about<'a>(single: Tlv<'a>, pair: &Pair<'_>) -> Option<Values<'a>> {
    let mut fields = single.values();
    let mut identifier = fields.tagged(0x30)?.values();
    let algorithm = AlgorithmIdentifierOwned::from_der(identifier.next()?.whole).ok()?;
    let name_hash = identifier.tagged(0x04)?.content;
    let key_hash = identifier.tagged(0x04)?.content;
    let serial = identifier.tagged(0x02)?.content;
    // SHA-1 only names the issuer here, as nearly every responder does.
    let digest = value::digest_named(algorithm.oid).unwrap_or_else(MessageDigest::sha1);
    let issuer = &pair.issuer.parsed.tbs_certificate;
    let name = issuer.subject.to_der().ok()?;
    let key = issuer.subject_public_key_info.subject_public_key.raw_bytes();
    let names = serial == pair.certificate.parsed.tbs_certificate.serial_number.as_bytes()
        && value::hash(digest, &[&name])? == name_hash
        && value::hash(digest, &[key])? == key_hash;
    names.then_some(fields)
}

fn said(fields: &mut Values<'_>) -> Option<Answer> {
    let status = fields.next()?;
    let status = match status.tag {
        0x80 => Status::Good,
        0x82 => Status::Unknown,
        0xa1 => {
            let mut revoked = status.values();
            let at = moment(revoked.next()?)?;
            let reason = revoked
                .tagged(0xa0)
                .and_then(|wrapped| CrlReason::from_der(wrapped.content).ok());
            match reason {
                Some(CrlReason::CertificateHold) => Status::Suspended { since: at },
                _ => Status::Revoked { at },
            }
        }
        _ => return None,
    };
    let this_update = moment(fields.next()?)?;
    let next_update = match fields.tagged(0xa0) {
        None => None,
        Some(wrapped) => Some(moment(Tlv::only(wrapped.content)?)?),
    };
    Some(Answer {
        source: Source::Ocsp,
        status,
        this_update,
        next_update,
        delegate: None,
    })
}

fn moment(value: Tlv<'_>) -> Option<Timestamp> {
    let time = GeneralizedTime::from_der(value.whole).ok()?;
    Timestamp::from_second(i64::try_from(time.to_unix_duration().as_secs()).ok()?).ok()
}
