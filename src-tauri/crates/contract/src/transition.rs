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

/// How urgent a case is, by the thresholds of the COT.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum TransitionUrgency {
    /// Nothing is late.
    None,
    /// To be looked at.
    Attention,
    /// Past its threshold.
    Late,
}

/// How the needs are assessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum TransitionAssessment {
    /// Valutazione semplice.
    Simple,
    /// Unità di valutazione multidimensionale.
    Uvm,
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
    /// Whom it concerns, when it was written down.
    pub call_back_whom: Option<String>,
    /// Calls without answer since somebody was last reached.
    pub no_answers: u32,
    /// When something of it is due: the order of its column.
    pub due_at: Option<String>,
    /// How urgent it is.
    pub urgency: TransitionUrgency,
    /// When the coordinator was told that nobody has it.
    pub escalated_at: Option<String>,
    /// When note was taken of that.
    pub acknowledged_at: Option<String>,
    /// Items of the checklist that are done.
    pub checks_done: u32,
    /// Items of the checklist.
    pub checks: u32,
    /// Offered to a colleague who has not answered.
    pub handed_to: Option<String>,
    /// State of its item while not confirmed.
    pub queue: Option<QueueState>,
}

/// `transition_board`, `transition_filter`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct TransitionBoardView {
    /// Open cases, what is due first in each column. Of a long column the first ones.
    pub cards: Vec<TransitionCardView>,
    /// The columns.
    pub columns: Vec<TransitionColumnView>,
    /// How many open cases there are, whatever the filter.
    pub counts: TransitionCountsView,
    /// Open cases of each operator but who is logged in, the busiest first.
    pub load: Vec<OperatorLoadView>,
    /// Open cases that one operator should have at most.
    pub most_each: u32,
    /// Cases without operator past the coordinator's threshold, the oldest first.
    pub escalations: Vec<EscalationView>,
    /// Colleagues of the COT: identifier and name.
    pub colleagues: Vec<(String, String)>,
    /// When the region last answered.
    pub as_of: Option<String>,
}

/// A column of the board.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct TransitionColumnView {
    /// Which.
    pub state: TransitionState,
    /// How many cases it has, where the filter lets it be known without reading them all.
    pub total: Option<u32>,
    /// There are more than the cards given.
    pub more: bool,
}

/// How many open cases there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct TransitionCountsView {
    /// In all.
    pub all: u32,
    /// Of who is logged in.
    pub mine: u32,
    /// Of nobody.
    pub free: u32,
    /// Something of them is late.
    pub late: u32,
}

/// The workload of an operator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct OperatorLoadView {
    /// Name.
    pub name: String,
    /// Open cases.
    pub cases: u32,
}

/// A case that nobody has taken in time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct EscalationView {
    /// The case.
    pub transition_id: String,
    /// Since when nobody has it.
    pub waiting_since: String,
    /// The threshold, in minutes.
    pub threshold_minutes: u32,
    /// When the coordinator was told.
    pub told_at: Option<String>,
    /// When note was taken.
    pub acknowledged_at: Option<String>,
    /// Who took note.
    pub acknowledged_by: Option<String>,
}

/// Which cases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum TransitionOwnerFilter {
    /// All.
    #[default]
    All,
    /// Of who is logged in.
    Mine,
    /// Of nobody.
    Free,
    /// Something of them is late.
    Late,
}

/// `transition_filter`: the board with some of its cases, or more of them.
#[derive(Clone, Debug, Default, Deserialize, Serialize, TS)]
#[ts(export)]
pub struct TransitionFilterRequest {
    /// Whose.
    pub owner: TransitionOwnerFilter,
    /// Only those reported at least so many days ago.
    pub older_than_days: Option<u32>,
    /// Only of people whose name, codice fiscale or NRE matches.
    pub text: String,
    /// At most so many in each column.
    pub limit: u32,
}

/// `transition_open` and the answer of the commands on a case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct TransitionView {
    /// Its card.
    pub card: TransitionCardView,
    /// Checklist of the path, in its order.
    pub checklist: Vec<ChecklistItemView>,
    /// How the needs are assessed.
    pub assessment: Option<TransitionAssessment>,
    /// Reference of the PAI.
    pub pai: Option<String>,
    /// The service that receives.
    pub receiver: Option<String>,
    /// A citizen is at the origin, through MMG/PLS or services.
    pub from_citizen: bool,
    /// Colleagues who may be given the case: identifier and name.
    pub colleagues: Vec<(String, String)>,
    /// Notes and calls, oldest first.
    pub log: Vec<LogLineView>,
}

/// An item of the checklist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ChecklistItemView {
    /// What.
    pub name: String,
    /// When it was done.
    pub done_at: Option<String>,
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
    /// Whom the call was to, when it was written down.
    pub whom: Option<String>,
    /// When to call back.
    pub call_back_at: Option<String>,
    /// A step of the ladder of escalation.
    pub escalation: Option<EscalationStep>,
    /// Text.
    pub text: String,
}

/// A step of the ladder of escalation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum EscalationStep {
    /// Coordinatore avvisato.
    Raised,
    /// Presa visione.
    Acknowledged,
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
    /// A citizen is at the origin, through MMG/PLS or services.
    #[serde(default)]
    #[ts(optional, as = "Option<bool>")]
    pub from_citizen: bool,
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
    /// Whom the call was to.
    #[serde(default)]
    #[ts(optional, as = "Option<String>")]
    pub whom: String,
    /// When to call back.
    pub call_back_at: Option<String>,
    /// Text.
    pub text: String,
}

/// `transition_assign`: *Assegna* to a colleague.
#[derive(Clone, Debug, Deserialize, Serialize, TS)]
#[ts(export)]
pub struct AssignTransitionRequest {
    /// The case.
    pub transition_id: String,
    /// The colleague of the board's list.
    pub colleague_id: String,
}

/// `transition_check`: ticks an item of the checklist, or unticks it.
#[derive(Clone, Debug, Deserialize, Serialize, TS)]
#[ts(export)]
pub struct CheckTransitionRequest {
    /// The case.
    pub transition_id: String,
    /// [`ChecklistItemView::name`].
    pub item: String,
    /// Done or not.
    pub done: bool,
}

/// `transition_detail`.
#[derive(Clone, Debug, Deserialize, Serialize, TS)]
#[ts(export)]
pub struct DetailTransitionRequest {
    /// The case.
    pub transition_id: String,
    /// Expected discharge, a day.
    pub expected_discharge: Option<String>,
    /// How the needs are assessed.
    pub assessment: Option<TransitionAssessment>,
    /// Reference of the PAI; empty is none.
    pub pai: String,
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
    /// When it was accepted; who offered it has still to take note.
    pub accepted_at: Option<String>,
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

/// `handover_accept`, `handover_refuse`, `handover_acknowledge`.
#[derive(Clone, Debug, Deserialize, Serialize, TS)]
#[ts(export)]
pub struct HandoverRequest {
    /// The handover.
    pub handover_id: String,
}

/// `handover_sheet`: what is printed at the end of a shift, on one page. Asking for it is written in the access register.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct HandoverSheetView {
    /// When.
    pub at: String,
    /// Whose cases.
    pub operator: String,
    /// Of which COT.
    pub structure: String,
    /// Own open cases, what is due first.
    pub cards: Vec<TransitionCardView>,
    /// Cases that did not fit.
    pub left_out: u32,
}
