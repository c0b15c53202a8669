//! The day of a specialist.

use crate::patient::PatientView;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A step of the six of the region's process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum RibbonStep {
    /// Prescrizione.
    Prescription,
    /// Eleggibilità.
    Eligibility,
    /// Prenotazione.
    Booking,
    /// Accesso.
    Access,
    /// Erogazione e refertazione.
    Delivery,
    /// Consultazione.
    Consultation,
}

/// How a step stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum RibbonState {
    /// Done.
    Done,
    /// The current one.
    Current,
    /// To do.
    ToDo,
    /// Failed or refused.
    Failed,
}

/// A step with its fact: a date, an age in days, a note.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct RibbonStepView {
    /// The step.
    pub step: RibbonStep,
    /// How it stands.
    pub state: RibbonState,
    /// When it was done, or since when it waits.
    pub at: Option<String>,
    /// A short code of what there is to know: `paid`, `exempt`, `due`, `not_done`, `device_phone`…
    pub note: Option<String>,
}

/// Where a televisit stands, as the agenda groups it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum TelevisitStage {
    /// Booked; the patient is not here.
    Booked,
    /// The patient is in the waiting room.
    Waiting,
    /// The call goes on, or the program restarted during it.
    InCall,
    /// Held; the report is to be written or signed.
    ToReport,
    /// Signed, in delivery.
    Delivering,
    /// Done.
    Done,
    /// Not held, with its reason.
    NotHeld,
    /// Refused: not a control visit.
    Refused,
}

/// A row of the agenda.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct AgendaRowView {
    /// The televisit.
    pub televisit_id: String,
    /// Start.
    pub start: String,
    /// Who.
    pub patient: PatientView,
    /// What for.
    pub reason: String,
    /// Where it stands.
    pub stage: TelevisitStage,
    /// Six steps, in order.
    pub ribbon: Vec<RibbonStepView>,
    /// In the waiting room since.
    pub waiting_since: Option<String>,
    /// The report's deadline (five days from validation), when one runs.
    pub deadline: Option<String>,
    /// With a caregiver invited.
    pub with_caregiver: bool,
}

/// `agenda_day`.
#[derive(Clone, Debug, Deserialize, Serialize, TS)]
#[ts(export)]
pub struct AgendaDayRequest {
    /// The day, `YYYY-MM-DD`.
    pub day: String,
    /// Filter by name, codice fiscale or NRE; empty for all.
    pub search: String,
}

/// `agenda_day`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct AgendaDayView {
    /// The day.
    pub day: String,
    /// Rows in the order of their start.
    pub rows: Vec<AgendaRowView>,
    /// Of earlier days, still to be reported or signed.
    pub overdue: Vec<AgendaRowView>,
    /// When the region last answered for this day.
    pub as_of: Option<String>,
}
