//! The services of a list: what each did, with which certificates, and when it was granted.
//!
//! A status holds from its starting time to the next one of the same service. Before 1 July 2016 *under supervision*,
//! *supervision in cessation* and *accredited* say what *granted* says since. Sources: ETSI TS 119 612 v2, 5.5 and 5.6;
//! Regulation (EU) 910/2014, 51.

use jiff::Timestamp;
use openssl::x509::X509;
use roxmltree::Node;

use super::list::{TSL, certificates, moment};
use super::xml::{children, only, words};

const TYPES: &str = "http://uri.etsi.org/TrstSvc/Svctype/";
const STATUSES: &str = "http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/";
const EXTENSIONS: &str = "http://uri.etsi.org/TrstSvc/TrustedList/SvcInfoExt/";

/// Statuses of one service.
const MAX_HISTORY: usize = 256;

/// What an anchor of a list is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServiceKind {
    /// `CA/QC`: issues qualified certificates.
    Certificates,
    /// `TSA/QTST`: gives qualified time-stamps.
    TimeStamps,
    /// `Certstatus/OCSP/QC`: says whether certificates are revoked. Counted; a responder is believed when the issuer
    /// delegated to it (`revocation`), listed or not.
    Responder,
}

/// A service that is or was qualified.
#[derive(Clone, Debug)]
pub(super) struct Service {
    pub(super) kind: ServiceKind,
    pub(super) certificates: Vec<X509>,
    pub(super) granted: Vec<Span>,
}

/// From a moment to another, or until further notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) from: Timestamp,
    pub(crate) until: Option<Timestamp>,
}

impl Span {
    pub(crate) fn holds(&self, at: Timestamp) -> bool {
        self.from <= at && self.until.is_none_or(|until| at < until)
    }
}

/// A service of a kind that matters here; `None` for others, and for one whose entry is not clear throughout.
pub(super) fn read(node: Node<'_, '_>) -> Option<Service> {
    let now = only(node, TSL, "ServiceInformation")?;
    let kind = kind(now)?;
    let history: Vec<_> = children(node, TSL, "ServiceHistory")
        .flat_map(|h| children(h, TSL, "ServiceHistoryInstance"))
        .take(MAX_HISTORY + 1)
        .collect();
    if history.len() > MAX_HISTORY {
        return None;
    }
    // An entry that cannot be dated would blur the others: the service is passed over.
    // Lists write the newest first; of two that begin together the newer one counts.
    let mut statuses = history
        .into_iter()
        .rev()
        .chain([now])
        .map(|one| status(one, kind))
        .collect::<Option<Vec<_>>>()?;
    statuses.sort_by_key(|(from, _)| *from);
    let ends = statuses.iter().skip(1).map(|(from, _)| Some(*from)).chain([None]);
    let granted: Vec<Span> = statuses
        .iter()
        .zip(ends)
        .filter(|((_, granted), _)| *granted)
        .map(|((from, _), until)| Span { from: *from, until })
        .collect();
    let certificates: Vec<X509> = children(now, TSL, "ServiceDigitalIdentity")
        .flat_map(certificates)
        .filter_map(|der| X509::from_der(&der).ok())
        .collect();
    (!certificates.is_empty() && !granted.is_empty()).then_some(Service {
        kind,
        certificates,
        granted,
    })
}

fn kind(entry: Node<'_, '_>) -> Option<ServiceKind> {
    let uri = only(entry, TSL, "ServiceTypeIdentifier").and_then(words)?;
    match uri.strip_prefix(TYPES)? {
        "CA/QC" => Some(ServiceKind::Certificates),
        "TSA/QTST" => Some(ServiceKind::TimeStamps),
        "Certstatus/OCSP/QC" => Some(ServiceKind::Responder),
        _ => None,
    }
}

/// Since when an entry holds, and whether it makes the service one to trust.
fn status(entry: Node<'_, '_>, wanted: ServiceKind) -> Option<(Timestamp, bool)> {
    let from = only(entry, TSL, "StatusStartingTime").and_then(words)?;
    let status = only(entry, TSL, "ServiceStatus").and_then(words)?;
    let good = matches!(
        status.strip_prefix(STATUSES),
        Some("granted" | "undersupervision" | "supervisionincessation" | "accredited")
    );
    let trusted = good && kind(entry) == Some(wanted) && extensions_allow(entry, wanted);
    Some((moment(&from)?, trusted))
}

/// Critical extensions must be known (5.5.9), and certificates for web sites alone sign nothing.
fn extensions_allow(entry: Node<'_, '_>, wanted: ServiceKind) -> bool {
    let mut uses = Vec::new();
    let extensions =
        children(entry, TSL, "ServiceInformationExtensions").flat_map(|e| children(e, TSL, "Extension"));
    for extension in extensions {
        let critical = matches!(extension.attribute("Critical"), Some("true" | "1"));
        for one in extension.children().filter(Node::is_element) {
            match one.tag_name().name() {
                "AdditionalServiceInformation" => uses.extend(
                    children(one, TSL, "URI")
                        .filter_map(words)
                        .filter_map(|uri| uri.strip_prefix(EXTENSIONS).map(str::to_owned)),
                ),
                "Qualifications" | "ExpiredCertsRevocationInfo" | "TakenOverBy" => {}
                _ if critical => return false,
                _ => {}
            }
        }
    }
    let named = |name: &str| uses.iter().any(|u| u == name);
    wanted != ServiceKind::Certificates
        || !named("ForWebSiteAuthentication")
        || named("ForeSignatures")
        || named("ForeSeals")
}
