//! Anchors that a trusted list grants for one use and for some time.

use jiff::Timestamp;
use openssl::x509::X509;
use x509_cert::ext::pkix::ExtendedKeyUsage;

use super::list::List;
use super::service::{ServiceKind, Span};
use crate::certificate::ReadCertificate;

const TIME_STAMPING: der::asn1::ObjectIdentifier =
    der::asn1::ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.8");

/// A certificate of a service, and when it was granted.
#[derive(Clone)]
pub(crate) struct Anchor {
    pub(crate) certificate: X509,
    kind: ServiceKind,
    granted: Vec<Span>,
}

impl Anchor {
    /// Whether a path for `leaf` may end here as of `at`: those of time-stamp authorities at services for time-stamps,
    /// all others at issuers of qualified certificates.
    pub(crate) fn serves(&self, leaf: &ReadCertificate, at: Timestamp) -> bool {
        let stamps = matches!(
            leaf.parsed.tbs_certificate.get::<ExtendedKeyUsage>(),
            Ok(Some((_, uses))) if uses.0.contains(&TIME_STAMPING)
        );
        let kind = if stamps {
            ServiceKind::TimeStamps
        } else {
            ServiceKind::Certificates
        };
        self.kind == kind && self.granted.iter().any(|span| span.holds(at))
    }
}

/// The anchors of a list.
pub(super) fn of(list: &List) -> impl Iterator<Item = Anchor> {
    list.services
        .iter()
        .filter(|s| s.kind != ServiceKind::Responder)
        .flat_map(|service| {
            service.certificates.iter().map(|certificate| Anchor {
                certificate: certificate.clone(),
                kind: service.kind,
                granted: service.granted.clone(),
            })
        })
}
