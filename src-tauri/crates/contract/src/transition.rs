//! Transitions of care and handovers of a COT.

use crate::delivery::QueueState;
use crate::patient::PatientView;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Where the referral comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum TransitionOrigin {
    /// Reparto.
    Ward,
    /// Pronto soccorso.
    EmergencyRoom,
    /// MMG/PLS.
    PrimaryCare,
    /// ADI.
    HomeCare,
    /// Servizi sociali.
    SocialServices,
    /// Autorità giudiziaria.
    Court,
}

/// Where the patient goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum TransitionDestination {
    /// Domicilio con ADI.
    Home,
    /// Casa della Comunità.
    CommunityHouse,
    /// Ospedale di Comunità.
    CommunityHospital,
    /// Residenza sanitaria.
    ResidentialCare,
    /// Hospice.
    Hospice,
}

/// The columns of the board.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum TransitionState {
    /// Da assegnare.
    Referred,
    /// In valutazione.
    Assessment,
    /// Dimissione protetta.
    ProtectedDischarge,
    /// Conferma del territorio.
    TerritoryConfirmation,
    /// Chiuso.
    Closed,
}

/// A card of the board.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct TransitionCardView {
    /// Identifier.
    pub id: String,
    /// Patient.
    pub patient: PatientView,
    /// Origin.
    pub origin: TransitionOrigin,
    /// Destination.
    pub destination: TransitionDestination,
    /// Column.
    pub state: TransitionState,
    /// Last note.
    pub note: String,
    /// Owner's name.
    pub owner: Option<String>,
    /// The owner is who is logged in.
    pub mine: bool,
    /// In this state since.
    pub since: String,
    /// Expected discharge.
    pub expected_discharge: Option<String>,
    /// Next call-back.
    pub call_back_at: Option<String>,
    /// Offered to a colleague who has not answered.
    pub handed_to: Option<String>,
    /// State of its item while not confirmed.
    pub queue: Option<QueueState>,
}

/// `transition_board`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct TransitionBoardView {
    /// Open cases, oldest first in each column.
    pub cards: Vec<TransitionCardView>,
    /// Colleagues of the COT: identifier and name.
    pub colleagues: Vec<(String, String)>,
    /// When the region last answered.
    pub as_of: Option<String>,
}

/// `transition_open` and the answer of the commands on a case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct TransitionView {
    /// Its card.
    pub card: TransitionCardView,
    /// Notes and calls, oldest first.
    pub log: Vec<LogLineView>,
}

/// A line of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct LogLineView {
    /// When.
    pub at: String,
    /// Who.
    pub author: String,
    /// A call's result; none for a note.
    pub call: Option<CallResult>,
    /// Text.
    pub text: String,
}

/// Result of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum CallResult {
    /// Chiamato.
    Called,
    /// Non risponde.
    NoAnswer,
    /// Richiamare alle.
    CallBack,
}

/// `transition_create`: *Nuova segnalazione*.
#[derive(Clone, Debug, Deserialize, Serialize, TS)]
#[ts(export)]
pub struct CreateTransitionRequest {
    /// Patient.
    pub patient_id: String,
    /// Origin.
    pub origin: TransitionOrigin,
    /// Destination.
    pub destination: TransitionDestination,
    /// Expected discharge, a day.
    pub expected_discharge: Option<String>,
    /// Note.
    pub note: String,
}

/// Commands on one case.
#[derive(Clone, Debug, Deserialize, Serialize, TS)]
#[ts(export)]
pub struct TransitionRequest {
    /// The case.
    pub transition_id: String,
}

/// `transition_move`.
#[derive(Clone, Debug, Deserialize, Serialize, TS)]
#[ts(export)]
pub struct MoveTransitionRequest {
    /// The case.
    pub transition_id: String,
    /// To which column.
    pub state: TransitionState,
}

/// `transition_log_call`.
#[derive(Clone, Debug, Deserialize, Serialize, TS)]
#[ts(export)]
pub struct LogCallRequest {
    /// The case.
    pub transition_id: String,
    /// Result; none for a note.
    pub call: Option<CallResult>,
    /// When to call back.
    pub call_back_at: Option<String>,
    /// Text.
    pub text: String,
}

/// `handover_offer`.
#[derive(Clone, Debug, Deserialize, Serialize, TS)]
#[ts(export)]
pub struct OfferHandoverRequest {
    /// The case.
    pub transition_id: String,
    /// The colleague of the board's list.
    pub colleague_id: String,
    /// Note.
    pub note: String,
}

/// A handover.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct HandoverView {
    /// Identifier.
    pub id: String,
    /// The case.
    pub card: TransitionCardView,
    /// From whom.
    pub from: String,
    /// To whom.
    pub to: String,
    /// It is offered to who is logged in.
    pub incoming: bool,
    /// Offered at.
    pub at: String,
    /// Note.
    pub note: String,
    /// State of its item while not confirmed.
    pub queue: Option<QueueState>,
}

/// `handover_list`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct HandoverListView {
    /// Open handovers.
    pub handovers: Vec<HandoverView>,
}

/// `handover_accept`, `handover_refuse`.
#[derive(Clone, Debug, Deserialize, Serialize, TS)]
#[ts(export)]
pub struct HandoverRequest {
    /// The handover.
    pub handover_id: String,
}
