//! What a trusted list says: its number and dates, whom it points to, and its services with their history.
//!
//! Only lists whose signature holds come to light. Not read: qualifications of single certificates
//! (`Qualifications`), take-overs, and every text for people. Sources: ETSI TS 119 612 v2 (lists of version 5 and 6).

use jiff::Timestamp;
use roxmltree::Node;

use super::service::{self, Service};
use super::xml::{self, bytes, children, only, words};
use super::{ListError, signature};

pub(super) const TSL: &str = "http://uri.etsi.org/02231/v2#";
const LIST_OF_LISTS: &str = "http://uri.etsi.org/TrstSvc/TrustedList/TSLType/EUlistofthelists";
const NATIONAL: &str = "http://uri.etsi.org/TrstSvc/TrustedList/TSLType/EUgeneric";

/// Pointers, and certificates in one of them.
const MAX_POINTERS: usize = 256;

/// Services of a list with their history; the largest has 2 000.
const MAX_SERVICES: usize = 50_000;

/// What kind of list it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ListKind {
    /// Of a Member State.
    National,
    /// The EU list of the lists.
    ListOfLists,
}

/// A list of a Member State, or the list of the lists.
#[derive(Clone, Debug)]
pub(super) struct List {
    pub(super) kind: ListKind,
    pub(super) territory: String,
    pub(super) sequence: u64,
    pub(super) issued: Timestamp,
    /// A list that was closed for good names none.
    pub(super) next_update: Option<Timestamp>,
    pub(super) pointers: Vec<Pointer>,
    pub(super) services: Vec<Service>,
}

/// Where another list is, and who signs it.
#[derive(Clone, Debug)]
pub(super) struct Pointer {
    pub(super) kind: ListKind,
    pub(super) territory: String,
    pub(super) location: String,
    pub(super) signers: Vec<Vec<u8>>,
}

impl List {
    /// Reads a list that one of these certificates (DER) signed.
    pub(super) fn read(file: &[u8], signers: &[Vec<u8>]) -> Result<Self, ListError> {
        let source = xml::text(file)?;
        let document = xml::parse(source)?;
        let root = document.root_element();
        if !root.has_tag_name((TSL, "TrustServiceStatusList")) {
            return Err(ListError::NotAList);
        }
        let signer = signature::check(source, &document, signers)?;
        let list = Self::parsed(root)?;
        let covers = |at| {
            crate::certificate::ReadCertificate::as_it_stands(signer)
                .is_ok_and(|c| c.not_before() <= at && at <= c.not_after())
        };
        if covers(list.issued) {
            Ok(list)
        } else {
            Err(ListError::SignerOutOfBounds)
        }
    }

    /// Where a list says that its scheme is explained, the pivots of the list of the lists among it. Its signature is
    /// not known to hold yet: good only to know where to look.
    pub(super) fn unverified_information(file: &[u8]) -> Vec<String> {
        let Ok(source) = xml::text(file) else {
            return Vec::new();
        };
        let Ok(document) = xml::parse(source) else {
            return Vec::new();
        };
        only(document.root_element(), TSL, "SchemeInformation")
            .map(information)
            .unwrap_or_default()
    }

    fn parsed(root: Node<'_, '_>) -> Result<Self, ListError> {
        let scheme = only(root, TSL, "SchemeInformation").ok_or(ListError::NotAList)?;
        let text = |name| only(scheme, TSL, name).and_then(words).ok_or(ListError::NotAList);
        let version = text("TSLVersionIdentifier")?;
        if !["5", "6"].contains(&version.as_str()) {
            return Err(ListError::Version);
        }
        let next = only(scheme, TSL, "NextUpdate").ok_or(ListError::NotAList)?;
        let next_update = match only(next, TSL, "dateTime") {
            None => None,
            Some(at) => Some(words(at).and_then(|t| moment(&t)).ok_or(ListError::NotAList)?),
        };
        let pointers = only(scheme, TSL, "PointersToOtherTSL")
            .into_iter()
            .flat_map(|p| children(p, TSL, "OtherTSLPointer"))
            .take(MAX_POINTERS)
            .filter_map(pointer)
            .collect();
        let services = only(root, TSL, "TrustServiceProviderList")
            .into_iter()
            .flat_map(|l| children(l, TSL, "TrustServiceProvider"))
            .flat_map(|p| children(p, TSL, "TSPServices"))
            .flat_map(|s| children(s, TSL, "TSPService"))
            .take(MAX_SERVICES)
            .filter_map(service::read)
            .collect();
        Ok(Self {
            kind: kind(&text("TSLType")?).ok_or(ListError::NotAList)?,
            territory: text("SchemeTerritory")?,
            sequence: text("TSLSequenceNumber")?
                .parse()
                .map_err(|_| ListError::NotAList)?,
            issued: moment(&text("ListIssueDateTime")?).ok_or(ListError::NotAList)?,
            next_update,
            pointers,
            services,
        })
    }

    /// Past its next update.
    pub(super) fn is_expired(&self, now: Timestamp) -> bool {
        self.next_update.is_none_or(|until| until < now)
    }

    /// Who signs the list of a territory, and where it is.
    pub(super) fn pointers_to(&self, kind: ListKind, territory: &str) -> impl Iterator<Item = &Pointer> {
        self.pointers
            .iter()
            .filter(move |p| p.kind == kind && p.territory == territory)
    }
}

fn kind(uri: &str) -> Option<ListKind> {
    match uri {
        NATIONAL => Some(ListKind::National),
        LIST_OF_LISTS => Some(ListKind::ListOfLists),
        _ => None,
    }
}

fn information(scheme: Node<'_, '_>) -> Vec<String> {
    children(scheme, TSL, "SchemeInformationURI")
        .flat_map(|i| children(i, TSL, "URI"))
        .take(MAX_POINTERS)
        .filter_map(words)
        .collect()
}

/// A pointer to a list for machines; those to the same list for people are passed over.
fn pointer(node: Node<'_, '_>) -> Option<Pointer> {
    let about: Vec<_> = children(node, TSL, "AdditionalInformation")
        .flat_map(|a| children(a, TSL, "OtherInformation"))
        .collect();
    let text = |name: &str| {
        about
            .iter()
            .flat_map(|o| o.children())
            .find(|c| c.is_element() && c.tag_name().name() == name)
            .and_then(words)
    };
    if text("MimeType").is_some_and(|mime| mime != "application/vnd.etsi.tsl+xml") {
        return None;
    }
    let signers = children(node, TSL, "ServiceDigitalIdentities")
        .flat_map(|i| children(i, TSL, "ServiceDigitalIdentity"))
        .flat_map(certificates)
        .take(MAX_POINTERS)
        .collect();
    Some(Pointer {
        kind: kind(&text("TSLType")?)?,
        territory: text("SchemeTerritory")?,
        location: only(node, TSL, "TSLLocation").and_then(words)?,
        signers,
    })
}

/// The certificates of a `ServiceDigitalIdentity`.
pub(super) fn certificates<'a, 'input>(
    identity: Node<'a, 'input>,
) -> impl Iterator<Item = Vec<u8>> + use<'a, 'input> {
    children(identity, TSL, "DigitalId")
        .flat_map(|d| children(d, TSL, "X509Certificate"))
        .filter_map(bytes)
}

/// `xs:dateTime`; without a zone it is UTC, as TS 119 612, 5.1.4 wants it.
pub(super) fn moment(text: &str) -> Option<Timestamp> {
    text.parse().ok().or_else(|| {
        let civil: jiff::civil::DateTime = text.parse().ok()?;
        civil
            .to_zoned(jiff::tz::TimeZone::UTC)
            .ok()
            .map(|z| z.timestamp())
    })
}
