//! What the file itself brings about revocation: CRLs and OCSP answers, each checked before it is believed.
//!
//! Nothing is fetched here, and absence is told apart from a good answer. Sources: RFC 5280 (5 and 6.3), RFC 6960.

use der::asn1::{GeneralizedTime, ObjectIdentifier};
use der::{Decode, Encode};
use jiff::{SignedDuration, Timestamp};
use openssl::hash::MessageDigest;
use openssl::x509::X509;
use x509_cert::crl::CertificateList;
use x509_cert::ext::pkix::ExtendedKeyUsage;
use x509_cert::ext::pkix::crl::dp::IssuingDistributionPoint;
use x509_cert::spki::AlgorithmIdentifierOwned;
use x509_cert::time::Time;

use super::tlv::Tlv;
use super::value;
use crate::certificate::ReadCertificate;

const BASIC_RESPONSE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1.1");
const OCSP_SIGNING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.9");
const ISSUING_DISTRIBUTION_POINT: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.28");
const DELTA_CRL: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.27");

/// Answers read from one file.
const MAX_ANSWERS: usize = 1024;
/// Single answers in one OCSP response.
const MAX_SINGLE: usize = 4096;
/// The judge's clock and the authority's may differ.
const CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(5);
/// Data that name no next update are taken for fresh this long.
const WITHOUT_NEXT_UPDATE: SignedDuration = SignedDuration::from_hours(24);

/// The revocation data of a file.
#[derive(Default)]
pub(super) struct Evidence {
    crls: Vec<Vec<u8>>,
    ocsps: Vec<Vec<u8>>,
}

/// What the data say of one certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Good,
    Revoked(Timestamp),
    Unknown,
}

/// From when until when an answer holds, and what it says.
struct Answer {
    this_update: Timestamp,
    next_update: Option<Timestamp>,
    revoked: Option<Timestamp>,
}

impl Evidence {
    /// A CRL in DER.
    pub(super) fn add_crl(&mut self, der: Vec<u8>) {
        if self.crls.len() < MAX_ANSWERS {
            self.crls.push(der);
        }
    }

    /// An `OCSPResponse`, or the `BasicOCSPResponse` alone, in DER.
    pub(super) fn add_ocsp(&mut self, der: &[u8]) {
        if self.ocsps.len() < MAX_ANSWERS {
            self.ocsps.extend(basic_response(der).map(<[u8]>::to_vec));
        }
    }

    /// What is known of `certificate` at `at`, judged now. `others` may hold the responder's certificate.
    pub(super) fn status(
        &self,
        certificate: &X509,
        issuer: &X509,
        others: &[Vec<u8>],
        at: Timestamp,
        now: Timestamp,
    ) -> Status {
        let (Ok(certificate), Ok(issuer)) = (read(certificate), read(issuer)) else {
            return Status::Unknown;
        };
        let from_crls = self.crls.iter().filter_map(|c| crl(c, &certificate, &issuer));
        let from_ocsps = self
            .ocsps
            .iter()
            .filter_map(|o| ocsp(o, &certificate, &issuer, others));
        let answers: Vec<Answer> = from_crls
            .chain(from_ocsps)
            .filter(|a| a.this_update <= now.saturating_add(CLOCK_SKEW).unwrap_or(now))
            .collect();
        // A revocation does not grow old.
        if let Some(time) = answers.iter().filter_map(|a| a.revoked).min() {
            return Status::Revoked(time);
        }
        let fresh = |a: &Answer| {
            let until = a
                .next_update
                .or_else(|| a.this_update.checked_add(WITHOUT_NEXT_UPDATE).ok());
            a.this_update >= at || until.is_some_and(|u| u >= at)
        };
        if answers.iter().any(fresh) {
            Status::Good
        } else {
            Status::Unknown
        }
    }
}

fn read(certificate: &X509) -> Result<ReadCertificate, ()> {
    let der = certificate.to_der().map_err(drop)?;
    ReadCertificate::read(&der).map_err(drop)
}

fn moment(time: &Time) -> Option<Timestamp> {
    Timestamp::from_second(i64::try_from(time.to_unix_duration().as_secs()).ok()?).ok()
}

fn signed_by(
    issuer: &ReadCertificate,
    algorithm: &AlgorithmIdentifierOwned,
    signed: &[u8],
    value: &[u8],
) -> bool {
    X509::from_der(&issuer.der)
        .and_then(|c| c.public_key())
        .is_ok_and(|key| value::check(&key, algorithm, None, signed, value).is_ok())
}

fn crl(der: &[u8], certificate: &ReadCertificate, issuer: &ReadCertificate) -> Option<Answer> {
    let list = CertificateList::from_der(der).ok()?;
    let tbs = &list.tbs_cert_list;
    if tbs.issuer != certificate.parsed.tbs_certificate.issuer
        || tbs.issuer != issuer.parsed.tbs_certificate.subject
    {
        return None;
    }
    for extension in tbs.crl_extensions.iter().flatten() {
        match extension.extn_id {
            // Not the whole truth by itself.
            DELTA_CRL => return None,
            ISSUING_DISTRIBUTION_POINT => {
                let point = IssuingDistributionPoint::from_der(extension.extn_value.as_bytes()).ok()?;
                let authority = certificate.is_authority();
                if point.indirect_crl
                    || point.only_contains_attribute_certs
                    || point.only_some_reasons.is_some()
                    || (point.only_contains_user_certs && authority)
                    || (point.only_contains_ca_certs && !authority)
                {
                    return None;
                }
            }
            _ if extension.critical => return None,
            _ => {}
        }
    }
    // The bytes that were signed are those of the file.
    let signed = Tlv::only(der)?.values().next()?.whole;
    if !signed_by(
        issuer,
        &list.signature_algorithm,
        signed,
        list.signature.as_bytes()?,
    ) {
        return None;
    }
    let serial = &certificate.parsed.tbs_certificate.serial_number;
    let revoked = tbs
        .revoked_certificates
        .iter()
        .flatten()
        .find(|r| r.serial_number == *serial)
        .map(|r| moment(&r.revocation_date));
    Some(Answer {
        this_update: moment(&tbs.this_update)?,
        next_update: tbs.next_update.as_ref().and_then(moment),
        revoked: match revoked {
            None => None,
            Some(time) => Some(time?),
        },
    })
}

fn basic_response(der: &[u8]) -> Option<&[u8]> {
    let outer = Tlv::only(der)?;
    let mut fields = outer.values();
    if fields.tagged(0x0a).is_none() {
        return Some(der);
    }
    let mut bytes = Tlv::only(fields.tagged(0xa0)?.content)?.values();
    (bytes.next()?.oid()? == BASIC_RESPONSE).then_some(())?;
    Some(bytes.tagged(0x04)?.content)
}

fn ocsp(
    der: &[u8],
    certificate: &ReadCertificate,
    issuer: &ReadCertificate,
    others: &[Vec<u8>],
) -> Option<Answer> {
    let mut response = Tlv::only(der)?.values();
    let data = response.tagged(0x30)?;
    let algorithm = AlgorithmIdentifierOwned::from_der(response.next()?.whole).ok()?;
    let signature = response.tagged(0x03)?.content.strip_prefix(&[0])?;
    let own: Vec<Vec<u8>> = match response.tagged(0xa0) {
        None => Vec::new(),
        Some(wrapped) => Tlv::only(wrapped.content)?
            .all(16)?
            .iter()
            .map(|c| c.whole.to_vec())
            .collect(),
    };
    let mut fields = data.values();
    let _version = fields.tagged(0xa0);
    let _responder = fields.next()?;
    fields.tagged(0x18)?;
    let answer = fields
        .tagged(0x30)?
        .all(MAX_SINGLE)?
        .into_iter()
        .find_map(|single| single_answer(single, certificate, issuer))?;
    let by_issuer = signed_by(issuer, &algorithm, data.whole, signature);
    let by_delegate = || {
        own.iter()
            .chain(others)
            .filter_map(|der| ReadCertificate::read(der).ok())
            .filter(|c| answers_for(c, issuer, answer.this_update))
            .any(|c| signed_by(&c, &algorithm, data.whole, signature))
    };
    (by_issuer || by_delegate()).then_some(answer)
}

/// RFC 6960, 4.2.2.2: issued by the same authority, for answering, and valid when it answered.
fn answers_for(responder: &ReadCertificate, issuer: &ReadCertificate, answered: Timestamp) -> bool {
    if answered < responder.not_before() || answered > responder.not_after() {
        return false;
    }
    let usage = responder.parsed.tbs_certificate.get::<ExtendedKeyUsage>();
    matches!(usage, Ok(Some((_, usage))) if usage.0.contains(&OCSP_SIGNING)) && issuer.issued(responder)
}

fn single_answer(single: Tlv<'_>, certificate: &ReadCertificate, issuer: &ReadCertificate) -> Option<Answer> {
    let mut fields = single.values();
    let mut identifier = fields.tagged(0x30)?.values();
    let algorithm = AlgorithmIdentifierOwned::from_der(identifier.next()?.whole).ok()?;
    let name_hash = identifier.tagged(0x04)?.content;
    let key_hash = identifier.tagged(0x04)?.content;
    let serial = identifier.tagged(0x02)?.content;
    // SHA-1 only names the issuer here, as nearly every responder does.
    let digest = value::digest_named(algorithm.oid).unwrap_or_else(MessageDigest::sha1);
    let tbs = &issuer.parsed.tbs_certificate;
    let name = tbs.subject.to_der().ok()?;
    let key = tbs.subject_public_key_info.subject_public_key.raw_bytes();
    if serial != certificate.parsed.tbs_certificate.serial_number.as_bytes()
        || value::hash(digest, &[&name])? != name_hash
        || value::hash(digest, &[key])? != key_hash
    {
        return None;
    }
    let status = fields.next()?;
    let revoked = match status.tag {
        0x80 => None,
        0xa1 => Some(general_time(status.values().next()?)?),
        _ => return None,
    };
    let this_update = general_time(fields.next()?)?;
    let next_update = match fields.tagged(0xa0) {
        None => None,
        Some(wrapped) => Some(general_time(Tlv::only(wrapped.content)?)?),
    };
    Some(Answer {
        this_update,
        next_update,
        revoked,
    })
}

fn general_time(value: Tlv<'_>) -> Option<Timestamp> {
    let time = GeneralizedTime::from_der(value.whole).ok()?;
    Timestamp::from_second(i64::try_from(time.to_unix_duration().as_secs()).ok()?).ok()
}
