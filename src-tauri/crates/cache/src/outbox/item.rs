//! What waits to be sent: its identity, what it asks, and how far it got.
//!
//! The table is final: later kinds of work add a [`ItemKind`], never a second queue.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::FrozenRequest;

/// Identity of an item: a UUIDv7 (RFC 9562), never used as an order.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ItemId(pub Uuid);

impl ItemId {
    /// A new identity.
    #[allow(clippy::new_without_default)]
    pub fn new() -> Self {
        Self(Uuid::now_v7())
    }
}

impl fmt::Display for ItemId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What an item asks of the region. Kept as text, so that a kind can be added without touching the table.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum ItemKind {
    /// Conditional create of a FHIR resource.
    FhirCreate,
    /// Versioned update of a FHIR resource (`If-Match`).
    FhirUpdate,
    /// FHIR transaction Bundle.
    FhirTransaction,
    /// The gateway's validation.
    GatewayValidate,
    /// The gateway's publication of a validated document.
    GatewayPublish,
    /// The gateway's validation and publication in one, after an outage.
    GatewayValidateAndCreate,
    /// Upload of an attachment.
    AttachmentUpload,
    /// The head of the access register.
    AuditAnchor,
    /// A kind that a newer version wrote; kept and never sent by this one.
    Other(String),
}

impl ItemKind {
    /// As kept in the table.
    pub fn as_str(&self) -> &str {
        match self {
            Self::FhirCreate => "fhir_create",
            Self::FhirUpdate => "fhir_update",
            Self::FhirTransaction => "fhir_transaction",
            Self::GatewayValidate => "gateway_validate",
            Self::GatewayPublish => "gateway_publish",
            Self::GatewayValidateAndCreate => "gateway_validate_and_create",
            Self::AttachmentUpload => "attachment_upload",
            Self::AuditAnchor => "audit_anchor",
            Self::Other(name) => name,
        }
    }
}

impl From<String> for ItemKind {
    fn from(text: String) -> Self {
        match text.as_str() {
            "fhir_create" => Self::FhirCreate,
            "fhir_update" => Self::FhirUpdate,
            "fhir_transaction" => Self::FhirTransaction,
            "gateway_validate" => Self::GatewayValidate,
            "gateway_publish" => Self::GatewayPublish,
            "gateway_validate_and_create" => Self::GatewayValidateAndCreate,
            "attachment_upload" => Self::AttachmentUpload,
            "audit_anchor" => Self::AuditAnchor,
            _ => Self::Other(text),
        }
    }
}

impl From<ItemKind> for String {
    fn from(kind: ItemKind) -> Self {
        kind.as_str().to_owned()
    }
}

/// What a person sees of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// May be sent as soon as its turn comes.
    Ready,
    /// Handed to the network; no answer yet.
    Sending,
    /// Will be tried again at `next_at`.
    Waiting,
    /// The region asked for a new login; no attempt was spent.
    PausedAuth,
    /// The region refused it for good; a person must see it. The reason is beside it.
    Quarantined,
    /// The region holds a newer version; both are kept.
    Conflict,
    /// Da firmare al ritorno della rete.
    AwaitingSignature,
    /// The region holds it. The receipt is beside it.
    Confirmed,
    /// Withdrawn by a person: before it was ever sent, or after the region refused it and does not hold it.
    Cancelled,
}

impl State {
    /// As kept in the table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Sending => "sending",
            Self::Waiting => "waiting",
            Self::PausedAuth => "paused_auth",
            Self::Quarantined => "quarantined",
            Self::Conflict => "conflict",
            Self::AwaitingSignature => "awaiting_signature",
            Self::Confirmed => "confirmed",
            Self::Cancelled => "cancelled",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        [
            Self::Ready,
            Self::Sending,
            Self::Waiting,
            Self::PausedAuth,
            Self::Quarantined,
            Self::Conflict,
            Self::AwaitingSignature,
            Self::Confirmed,
            Self::Cancelled,
        ]
        .into_iter()
        .find(|s| s.as_str() == text)
    }

    /// Nothing more will happen to it.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Confirmed | Self::Cancelled)
    }
}

/// Why an item was quarantined. Closed: each has its Italian sentence in the window's catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// 400: the region could not read it.
    Malformed,
    /// 403: this person may not.
    Forbidden,
    /// 404: what it refers to is not there.
    NotFound,
    /// 409: it is already there under this identifier.
    AlreadyThere,
    /// 410: what it refers to was removed.
    Gone,
    /// 413: too large.
    TooLarge,
    /// 415: of a type that the region does not take.
    UnsupportedType,
    /// 422: read and not acceptable (the gateway's findings are in the receipt).
    Unacceptable,
    /// Any other refusal of the 4xx class.
    Refused,
    /// What it needs to be sent is no longer readable on this PC.
    ContentLost,
    /// Validated more than five days ago: the gateway wants a new validation.
    ValidationExpired,
}

impl Reason {
    const ALL: [Self; 11] = [
        Self::Malformed,
        Self::Forbidden,
        Self::NotFound,
        Self::AlreadyThere,
        Self::Gone,
        Self::TooLarge,
        Self::UnsupportedType,
        Self::Unacceptable,
        Self::Refused,
        Self::ContentLost,
        Self::ValidationExpired,
    ];

    /// As kept in the table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::AlreadyThere => "already_there",
            Self::Gone => "gone",
            Self::TooLarge => "too_large",
            Self::UnsupportedType => "unsupported_type",
            Self::Unacceptable => "unacceptable",
            Self::Refused => "refused",
            Self::ContentLost => "content_lost",
            Self::ValidationExpired => "validation_expired",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.as_str() == text)
    }

    pub(crate) fn of_status(status: u16) -> Self {
        match status {
            400 => Self::Malformed,
            403 => Self::Forbidden,
            404 => Self::NotFound,
            409 => Self::AlreadyThere,
            410 => Self::Gone,
            413 => Self::TooLarge,
            415 => Self::UnsupportedType,
            422 => Self::Unacceptable,
            _ => Self::Refused,
        }
    }
}

/// How far an item got: everything about it that changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Where it stands.
    pub state: State,
    /// Attempts that count for the pauses between them; 401 spends none.
    pub attempts: u32,
    /// Times that bytes may have reached the region. Above zero it can no longer be withdrawn.
    pub sends: u32,
    /// The region may already hold it: search by identifier before sending again.
    pub ambiguous: bool,
    /// Not before.
    pub next_at: Option<Timestamp>,
    /// Version sent as `If-Match`, or returned by the region.
    pub etag: Option<String>,
    /// Why it was quarantined.
    pub reason: Option<Reason>,
    /// The region's last answer that decided something, kept to the byte.
    pub receipt: Option<Vec<u8>>,
}

impl Progress {
    /// Of a new item.
    pub fn new(state: State, etag: Option<String>) -> Self {
        Self {
            state,
            attempts: 0,
            sends: 0,
            ambiguous: false,
            next_at: None,
            etag,
            reason: None,
            receipt: None,
        }
    }
}

/// Something to be sent, not yet in the queue.
#[derive(Clone, Debug)]
pub struct NewItem {
    /// Items of one conversation go in order (a patient, a teleconsult, a report).
    pub conversation: String,
    /// What it asks.
    pub kind: ItemKind,
    /// What it belongs to: an identifier, never clinical text.
    pub subject: String,
    /// Items that must be confirmed first.
    pub depends_on: Vec<ItemId>,
    /// The request, frozen.
    pub request: FrozenRequest,
    /// Version to send as `If-Match`.
    pub etag: Option<String>,
    /// Waits for a signature before it may leave.
    pub awaiting_signature: bool,
}

/// An item of the queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxItem {
    /// Identity, the same at the region in every repeat.
    pub id: ItemId,
    /// Order in which items were queued on this PC.
    pub seq: i64,
    /// Items of one conversation go in order.
    pub conversation: String,
    /// What it asks.
    pub kind: ItemKind,
    /// What it belongs to.
    pub subject: String,
    /// Items that must be confirmed first.
    pub depends_on: Vec<ItemId>,
    /// The request, frozen.
    pub request: FrozenRequest,
    /// SHA-256 of the request's body, in hexadecimal.
    pub body_hash: String,
    /// How far it got.
    pub progress: Progress,
    /// When it was queued.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}
