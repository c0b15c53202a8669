//! *Firma massiva*: the reports ready to sign, and many of them signed with as few authorisations as the device allows.
//!
//! `batch_start` answers at once; what becomes of each report is read with `batch_state`, which event `changed` with
//! [`crate::events::Tag::Batch`] calls for. Not in it: the devices ([`crate::report`]) and a number of attempts left, which
//! nobody here counts.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::Failure;
use crate::patient::PatientView;

/// Why a report cannot be signed yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum BatchObstacle {
    /// The visit has no outcome yet.
    OutcomeFirst,
    /// Nothing was written.
    NotWritten,
    /// Fields are missing; [`BatchRowView::missing`] counts them.
    Incomplete,
    /// The region refused this text.
    Refused,
}

/// A report that is not signed yet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct BatchRowView {
    /// Its televisit.
    pub televisit_id: String,
    /// Whose.
    pub patient: PatientView,
    /// When the visit was booked.
    pub start: String,
    /// What for.
    pub reason: String,
    /// The revision that would be signed: a preview and a signature name it.
    pub revision: u32,
    /// When that revision was saved.
    pub saved_at: Option<String>,
    /// Why it cannot be signed yet; none when it can.
    pub obstacle: Option<BatchObstacle>,
    /// Findings that block the signature.
    pub missing: u32,
    /// This revision was previewed since the person came in.
    pub read: bool,
    /// Publication must come before, when a validation runs (five days from it).
    pub publish_before: Option<String>,
}

/// `batch_list`: ready ones first, each half in the order of the visits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct BatchListView {
    /// The reports.
    pub rows: Vec<BatchRowView>,
}

/// A report at a revision. `batch_preview`: raw PDF bytes, refused when the text is no longer of that revision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct BatchDocumentRequest {
    /// Its televisit.
    pub televisit_id: String,
    /// Revision that was read on screen.
    pub revision: u32,
}

/// `batch_device`.
#[derive(Clone, Debug, Deserialize, Serialize, TS)]
#[ts(export)]
pub struct BatchDeviceRequest {
    /// [`crate::report::SigningIdentityView::id`].
    pub identity_id: String,
}

/// `batch_device`: asked of the device before any PIN.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct BatchDeviceView {
    /// Documents that one authorisation covers; none when nothing limits it.
    pub documents: Option<u32>,
}

/// `batch_start`.
#[derive(Clone, Deserialize, Serialize, TS)]
#[ts(export)]
pub struct BatchStartRequest {
    /// [`crate::report::SigningIdentityView::id`].
    pub identity_id: String,
    /// For the first authorisation; never stored. Empty where the device asks for it by itself.
    pub pin: String,
    /// One-time code of a remote signature, for the first authorisation; never stored.
    #[serde(default)]
    pub otp: String,
    /// What is to be signed, in this order.
    pub documents: Vec<BatchDocumentRequest>,
}

/// `batch_authorise`: the answer to [`BatchView::question`]. It is used once.
#[derive(Clone, Deserialize, Serialize, TS)]
#[ts(export)]
pub struct BatchAuthoriseRequest {
    /// [`BatchQuestionView::number`]: what was typed for one question never answers another.
    pub question: u32,
    /// PIN of the device; never stored. Empty where the device asks for it by itself.
    pub pin: String,
    /// One-time code of a remote signature; never stored.
    #[serde(default)]
    pub otp: String,
}

/// How far a batch is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum BatchPhase {
    /// Each report is checked, frozen and validated by the region.
    Preparing,
    /// The device waits for the person: [`BatchView::question`].
    Asking,
    /// The device signs.
    Signing,
    /// Each report has its outcome.
    Ended,
}

/// How far one report of a batch is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum BatchDocumentState {
    /// Its turn has not come.
    Waiting,
    /// It is checked and validated.
    Preparing,
    /// Ready for the device.
    Ready,
    /// Signed, stored and on its way.
    Signed,
    /// It was signed already.
    SignedBefore,
    /// Not signed, for a reason of its own.
    Failed,
    /// Not tried: the batch ended before its turn. It is as it was.
    NotTried,
}

/// One report of a batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct BatchDocumentView {
    /// Its televisit.
    pub televisit_id: String,
    /// The patient's surname.
    pub family: String,
    /// The patient's name.
    pub given: String,
    /// How far it is.
    pub state: BatchDocumentState,
    /// Why it was not signed.
    pub failure: Option<Failure>,
}

/// What the person is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct BatchQuestionView {
    /// Which question of this batch, from 1.
    pub number: u32,
    /// Reports that this authorisation covers.
    pub documents: u32,
    /// Reports to be authorised after these.
    pub after: u32,
    /// Why the last answer was refused, when this is asked again.
    pub refused: Option<Failure>,
}

/// `batch_state` (none when there is no batch), `batch_start`, `batch_authorise`, `batch_cancel`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct BatchView {
    /// How far.
    pub phase: BatchPhase,
    /// Each report, in the order of the request.
    pub documents: Vec<BatchDocumentView>,
    /// The identity that signs.
    pub identity_id: String,
    /// Asked now.
    pub question: Option<BatchQuestionView>,
    /// The person asked to stop; what is signed stays signed.
    pub cancelled: bool,
    /// What ended the batch before its end, when it was not the person.
    pub stopped: Option<Failure>,
}
