//! Whom to trust, from the trusted lists of the EU (ETSI TS 119 612 v2, Implementing Decision (EU) 2015/1505).
//!
//! [`TrustedLists::refresh`] fetches the lists, verifies who signed each, and keeps the last good copy: never an older
//! one, never a damaged one. [`TrustedLists::stored`] needs no network: it verifies the copies again and gives the
//! anchors, each with the time in which it was granted, and how old that knowledge is. A list past its next update gives
//! no anchors, and is named as such, unless the settings allow it.
//!
//! The list of the lists is signed by the certificates of the settings (those of the Official Journal), or by those to
//! which its pivots lead from there; it points to the national lists and names their signers. An administrator may name
//! signers of a national list too, and then that list needs no other.
//!
//! ```no_run
//! # use signing::{trust::*, transport::Http};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let now: jiff::Timestamp = todo!();
//! let lists = TrustedLists::open(Settings::read("trusted-lists.json".as_ref())?)?;
//! for change in lists.refresh(&Http::new(std::time::Duration::from_secs(60))?, now) { /* tell */ }
//! let stored = lists.stored(now);           // offline; `stored.trust` judges signatures
//! for state in &stored.lists { /* say `state.known.age(now)` and `state.problem` */ }
//! # Ok(()) }
//! ```
//!
//! Not in it: qualification of single certificates (EN 319 412-5, TS 119 615), lists for people (PDF), lists of third
//! countries. The XML signature is read by code of this crate: it is a few hundred lines over a parser without DTDs, takes
//! one shape of signature only, and needs no second set of cryptography.

mod anchors;
mod canonical;
mod list;
mod refresh;
mod service;
mod settings;
mod signature;
mod store;
mod xml;

use jiff::{SignedDuration, Timestamp};

pub(crate) use anchors::Anchor;
pub use refresh::TrustedLists;
pub use service::ServiceKind;
pub use settings::{NamedList, Settings, SettingsError, Source};
pub use signature::SignatureFault;
pub use xml::MAX_LIST;

use crate::transport::TransportError;
use crate::validation::TrustRoots;

/// Where the list of the lists is.
pub const EU_LIST_OF_LISTS: &str = "https://ec.europa.eu/tools/lotl/eu-lotl.xml";

/// Where the Italian list is.
pub const ITALIAN_LIST: &str = "https://eidas.agid.gov.it/TL/TSL-IT.xml";

/// Why a list is not used, or not replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    /// No copy is kept.
    #[error("no copy of the list is kept")]
    Missing,
    /// It could not be fetched.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// Over [`MAX_LIST`], or made of too many or too deep elements.
    #[error("the list is too large")]
    TooLarge,
    /// Not well-formed XML in UTF-8, or with a DTD.
    #[error("the list is not XML")]
    NotXml,
    /// XML, but no trusted list, or an incomplete one.
    #[error("the file is not a trusted list")]
    NotAList,
    /// Neither version 5 nor 6.
    #[error("the list is of another version")]
    Version,
    /// The signature.
    #[error(transparent)]
    Signature(#[from] SignatureFault),
    /// The signer's certificate was not valid when the list was issued.
    #[error("the signer's certificate was not valid when the list was issued")]
    SignerOutOfBounds,
    /// Of another territory or kind than expected.
    #[error("the list is another one")]
    OtherList,
    /// A number lower than that of the copy kept.
    #[error("the list is older than the copy kept")]
    Older {
        /// The number of the copy kept.
        kept: u64,
        /// The number of the other one.
        got: u64,
    },
    /// Issued after now.
    #[error("the list is from the future")]
    FromTheFuture,
    /// Past its next update, or closed for good.
    #[error("the list is past its next update")]
    Expired {
        /// Since when, unless it was closed for good.
        since: Option<Timestamp>,
    },
    /// Nobody says who signs it: the list of the lists is missing, unusable, or does not point to it.
    #[error("nobody says who signs the list")]
    NoSigners,
    /// The copy could not be written.
    #[error("the list could not be kept")]
    NotKept,
}

/// What is known from one list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// `TSLSequenceNumber`.
    pub sequence: u64,
    /// `ListIssueDateTime`.
    pub issued: Timestamp,
    /// `NextUpdate`; a list that was closed for good has none.
    pub next_update: Option<Timestamp>,
    /// When its publisher last gave it, or confirmed that it is still the newest.
    pub confirmed: Timestamp,
    /// Services that issue certificates, granted now or before.
    pub issuers: usize,
    /// Services that give time-stamps, granted now or before.
    pub time_stamps: usize,
    /// Services that say whether certificates are revoked, granted now or before.
    pub responders: usize,
}

impl Known {
    /// How old the knowledge is.
    pub fn age(&self, now: Timestamp) -> SignedDuration {
        now.duration_since(self.confirmed)
    }
}

/// How it stands with one list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListState {
    /// Whose it is; `EU` for the list of the lists.
    pub territory: String,
    /// What the copy kept says. None: there is no good copy.
    pub known: Option<Known>,
    /// Why the copy is not used, or was not replaced.
    pub problem: Option<ListError>,
}

/// What the copies kept are good for.
#[derive(Clone)]
pub struct Stored {
    /// Anchors, each for its use and for the time in which it was granted.
    pub trust: TrustRoots,
    /// One for each list of the settings, the list of the lists last.
    pub lists: Vec<ListState>,
}
