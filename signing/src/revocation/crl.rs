//! Certificate revocation lists (RFC 5280, 5), whole and direct ones: neither delta nor indirect CRLs.

use der::Decode;
use der::asn1::ObjectIdentifier;
use jiff::Timestamp;
use x509_cert::crl::{CertificateList, RevokedCert};
use x509_cert::ext::pkix::crl::dp::IssuingDistributionPoint;
use x509_cert::ext::pkix::name::{DistributionPointName, GeneralName};
use x509_cert::ext::pkix::{CrlDistributionPoints, CrlReason};
use x509_cert::time::Time;

use super::{Answer, Pair, Source, SourceError, Status};
use crate::certificate::ReadCertificate;
use crate::validation::tlv::Tlv;

const ISSUING_DISTRIBUTION_POINT: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.28");
const DELTA: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.27");
const REASON: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.21");

/// Addresses tried of one certificate.
const MAX_ADDRESSES: usize = 4;

/// The CRLs that a certificate names, for all reasons and of its own issuer.
pub(super) fn addresses(certificate: &ReadCertificate) -> Vec<String> {
    let Ok(Some((_, points))) = certificate.parsed.tbs_certificate.get::<CrlDistributionPoints>() else {
        return Vec::new();
    };
    points
        .0
        .into_iter()
        .filter(|point| point.reasons.is_none() && point.crl_issuer.is_none())
        .filter_map(|point| match point.distribution_point? {
            DistributionPointName::FullName(names) => Some(names),
            DistributionPointName::NameRelativeToCRLIssuer(_) => None,
        })
        .flatten()
        .filter_map(|name| match name {
            // LDAP is named too, as a rule, and the web always.
            GeneralName::UniformResourceIdentifier(url) if url.as_str().starts_with("http") => {
                Some(url.to_string())
            }
            _ => None,
        })
        .take(MAX_ADDRESSES)
        .collect()
}

/// What a list, in DER, says of the certificate.
pub(super) fn read(der: &[u8], pair: &Pair<'_>) -> Result<Answer, SourceError> {
    let list = CertificateList::from_der(der).map_err(|_| SourceError::Unreadable)?;
    let tbs = &list.tbs_cert_list;
    let issuer = &pair.issuer.parsed.tbs_certificate.subject;
    let named = tbs.issuer == *issuer && pair.certificate.parsed.tbs_certificate.issuer == *issuer;
    if !named || !covers(&tbs.crl_extensions, pair) {
        return Err(SourceError::NotCovered);
    }
    // The bytes that were signed are those of the file.
    let signed = Tlv::only(der)
        .and_then(|list| list.values().next())
        .ok_or(SourceError::Unreadable)?
        .whole;
    let value = list.signature.as_bytes().ok_or(SourceError::Unreadable)?;
    if !pair.issuer.signed(&list.signature_algorithm, signed, value) {
        return Err(SourceError::Untrusted);
    }
    let serial = &pair.certificate.parsed.tbs_certificate.serial_number;
    let entry = tbs
        .revoked_certificates
        .iter()
        .flatten()
        .find(|entry| entry.serial_number == *serial);
    Ok(Answer {
        source: Source::Crl,
        status: entry
            .map_or(Some(Status::Good), status)
            .ok_or(SourceError::Unreadable)?,
        this_update: moment(&tbs.this_update).ok_or(SourceError::Unreadable)?,
        next_update: tbs.next_update.as_ref().and_then(moment),
        delegate: None,
    })
}

/// Without an unknown critical extension, and for certificates such as this one.
fn covers(extensions: &Option<Vec<x509_cert::ext::Extension>>, pair: &Pair<'_>) -> bool {
    extensions
        .iter()
        .flatten()
        .all(|extension| match extension.extn_id {
            // Not the whole truth by itself.
            DELTA => false,
            ISSUING_DISTRIBUTION_POINT => {
                let authority = pair.certificate.is_authority();
                IssuingDistributionPoint::from_der(extension.extn_value.as_bytes()).is_ok_and(|scope| {
                    let other_kind = if authority {
                        scope.only_contains_user_certs
                    } else {
                        scope.only_contains_ca_certs
                    };
                    let partial = scope.indirect_crl || scope.only_some_reasons.is_some();
                    !partial && !other_kind && !scope.only_contains_attribute_certs
                })
            }
            _ => !extension.critical,
        })
}

fn status(entry: &RevokedCert) -> Option<Status> {
    let at = moment(&entry.revocation_date)?;
    let reason = entry
        .crl_entry_extensions
        .iter()
        .flatten()
        .find(|e| e.extn_id == REASON)
        .and_then(|e| CrlReason::from_der(e.extn_value.as_bytes()).ok());
    Some(match reason {
        Some(CrlReason::CertificateHold) => Status::Suspended { since: at },
        _ => Status::Revoked { at },
    })
}

fn moment(time: &Time) -> Option<Timestamp> {
    let seconds = i64::try_from(time.to_unix_duration().as_secs()).ok()?;
    Timestamp::from_second(seconds).ok()
}
