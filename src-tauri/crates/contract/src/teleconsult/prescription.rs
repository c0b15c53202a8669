//! *Da prescrivere*: the control visits that answers indicated.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::delivery::QueueState;
use crate::patient::PatientView;

/// Where the control visit stands that an answer indicated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum PrescriptionState {
    /// *Da prescrivere*.
    ToPrescribe,
    /// The NRE is recorded; the region knows no booking of it yet.
    Recorded,
    /// Booked at the CUP.
    Booked,
    /// Held.
    Held,
    /// The NRE is another person's.
    OtherPatient,
    /// The NRE is of a first visit: not in video.
    NotAControlVisit,
}

/// A control visit that an answer indicated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct PrescriptionDueView {
    /// The case.
    pub teleconsult_id: String,
    /// Its number.
    pub number: Option<String>,
    /// Patient.
    pub patient: PatientView,
    /// *Che cosa fare* of the answer, or its first line.
    pub what: String,
    /// *Entro quando* of the answer.
    pub by_when: String,
    /// Who indicated it.
    pub indicated_by: String,
    /// When.
    pub indicated_at: String,
    /// Where it stands.
    pub state: PrescriptionState,
    /// The NRE, once recorded.
    pub nre: Option<String>,
    /// The eligibility test was passed; none before it was taken.
    pub eligible: Option<bool>,
    /// The day and hour given by the CUP.
    pub booked_for: Option<String>,
    /// When the region was last asked.
    pub as_of: Option<String>,
    /// State of the NRE's item while not confirmed.
    pub queue: Option<QueueState>,
}

/// `teleconsult_prescriptions`, `teleconsult_prescribe`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct PrescriptionListView {
    /// To prescribe first, then in the order of the indication.
    pub rows: Vec<PrescriptionDueView>,
}

/// `teleconsult_prescribe`: records the NRE that the usual system gave.
#[derive(Clone, Debug, Deserialize, Serialize, TS)]
#[ts(export)]
pub struct PrescribeRequest {
    /// The case.
    pub teleconsult_id: String,
    /// The NRE, as pasted: spaces and dashes are ignored.
    pub nre: String,
}
