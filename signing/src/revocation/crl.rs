//! Certificate revocation lists (RFC 5280, 5), whole and direct ones: neither delta nor indirect CRLs.

use der::Decode;
use der::asn1::ObjectIdentifier;
use jiff::Timestamp;
use openssl::x509::{X509, X509Crl};
use x509_cert::crl::{CertificateList, RevokedCert};
use x509_cert::ext::pkix::crl::dp::IssuingDistributionPoint;
use x509_cert::ext::pkix::name::{DistributionPointName, GeneralName};
use x509_cert::ext::pkix::{CrlDistributionPoints, CrlReason};
use x509_cert::time::Time;

use super::{Evidence, Pair, SKEW, Source, SourceError, Status};
use crate::certificate::ReadCertificate;

const ISSUING_DISTRIBUTION_POINT: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.28");
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

/// What a list says of the certificate.
pub(super) fn read(der: Vec<u8>, pair: &Pair, now: Timestamp) -> Result<Evidence, SourceError> {
    let list = CertificateList::from_der(&der)
        .map_err(|_| SourceError::Unreadable)?
        .tbs_cert_list;
    if list.issuer != pair.issuer.parsed.tbs_certificate.subject || !covers(&list.crl_extensions, pair) {
        return Err(SourceError::NotCovered);
    }
    if !signed(&der, &pair.issuer) {
        return Err(SourceError::Untrusted);
    }
    let this_update = moment(&list.this_update).ok_or(SourceError::Unreadable)?;
    if this_update > now.saturating_add(SKEW).unwrap_or(now) {
        return Err(SourceError::NotCurrent);
    }
    let serial = &pair.certificate.parsed.tbs_certificate.serial_number;
    let entry = list
        .revoked_certificates
        .iter()
        .flatten()
        .find(|entry| entry.serial_number == *serial);
    let status = entry
        .map_or(Some(Status::Good), status)
        .ok_or(SourceError::Unreadable)?;
    Ok(Evidence {
        source: Source::Crl,
        status,
        this_update,
        next_update: list.next_update.as_ref().and_then(moment),
        der,
    })
}

/// Without an unknown critical extension, and for certificates such as this one.
fn covers(extensions: &Option<Vec<x509_cert::ext::Extension>>, pair: &Pair) -> bool {
    extensions.iter().flatten().all(|extension| {
        if extension.extn_id != ISSUING_DISTRIBUTION_POINT {
            return !extension.critical;
        }
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

fn signed(der: &[u8], issuer: &ReadCertificate) -> bool {
    let verified = || -> Result<bool, openssl::error::ErrorStack> {
        let key = X509::from_der(&issuer.der)?.public_key()?;
        X509Crl::from_der(der)?.verify(&key)
    };
    verified().unwrap_or(false)
}

fn moment(time: &Time) -> Option<Timestamp> {
    let seconds = i64::try_from(time.to_unix_duration().as_secs()).ok()?;
    Timestamp::from_second(seconds).ok()
}
