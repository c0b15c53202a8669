//! Teleconsults: ask, claim, answer, acknowledge.

use crate::delivery::QueueState;
use crate::patient::PatientView;
use crate::report::Priority;
use crate::televisit::RepresentationInput;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Mode (csModalitaTC).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum TeleconsultMode {
    /// Asincrona.
    Asynchronous,
    /// Sincrona, in presenza dell'assistito.
    SynchronousWithPatient,
    /// Sincrona, in assenza dell'assistito.
    SynchronousWithoutPatient,
}

/// Range (csRaggioErogazione).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum TeleconsultRange {
    /// Aziendale.
    Trust,
    /// Regionale.
    Region,
    /// Nazionale.
    National,
}

/// What the asker types.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct TeleconsultForm {
    /// Quesito diagnostico.
    pub question: String,
    /// Speciality code of the list `specialities`.
    pub speciality: String,
    /// Priority.
    pub priority: Option<Priority>,
    /// Mode.
    pub mode: TeleconsultMode,
    /// Programmata (true) or estemporanea.
    pub scheduled: bool,
    /// Range.
    pub range: TeleconsultRange,
    /// Diagnosis or suspicion.
    pub diagnosis: String,
    /// Consent of the patient or representative to the teleconsult.
    pub consent: bool,
    /// Who represents the patient.
    pub representative: Option<RepresentationInput>,
}

/// An attachment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct AttachmentView {
    /// Identifier.
    pub id: String,
    /// File name.
    pub name: String,
    /// Media type, as sniffed.
    pub media_type: String,
    /// Size in bytes.
    pub size: u32,
    /// The content is on this PC.
    pub on_this_pc: bool,
}

/// A draft request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct TeleconsultDraftView {
    /// Identifier.
    pub id: String,
    /// Patient.
    pub patient: PatientView,
    /// The form.
    pub form: TeleconsultForm,
    /// Revision.
    pub revision: u32,
    /// Saved.
    pub saved_at: Option<String>,
    /// Attachments.
    pub attachments: Vec<AttachmentView>,
    /// Fields that block sending, as the form names them.
    pub missing: Vec<String>,
    /// Specialities to choose from: code and name.
    pub specialities: Vec<(String, String)>,
}

/// States of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum TeleconsultState {
    /// Bozza.
    Draft,
    /// In coda.
    Queued,
    /// Inviata, nobody claimed it.
    Requested,
    /// Assigned.
    Claimed,
    /// Waits for information of the asker.
    NeedsInformation,
    /// Answered.
    Answered,
    /// Presa visione.
    Acknowledged,
}

/// What a line of the conversation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum MessageKind {
    /// The question.
    Question,
    /// Richiesta di informazioni.
    InformationRequest,
    /// Reply of the asker.
    Reply,
    /// The answer.
    Answer,
    /// Presa visione.
    Acknowledgement,
}

/// A line of the conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct MessageView {
    /// Identifier.
    pub id: String,
    /// Author's name.
    pub author: String,
    /// Author's role in words.
    pub author_role: String,
    /// Written here.
    pub mine: bool,
    /// When.
    pub at: String,
    /// Kind.
    pub kind: MessageKind,
    /// Text.
    pub text: String,
    /// State of its item while not confirmed.
    pub queue: Option<QueueState>,
}

/// A row of the list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct TeleconsultRowView {
    /// Identifier.
    pub id: String,
    /// Number given by the region: *n. 44831*.
    pub number: Option<String>,
    /// Patient.
    pub patient: PatientView,
    /// What for: first line of the question.
    pub question: String,
    /// Priority.
    pub priority: Priority,
    /// State.
    pub state: TeleconsultState,
    /// Whose turn: a name, a unit; none when it is nobody's.
    pub turn_of: Option<String>,
    /// It is the turn of who is logged in.
    pub my_turn: bool,
    /// Deadline of the answer.
    pub due: Option<String>,
    /// Asked at.
    pub asked_at: String,
    /// State of its item while not confirmed.
    pub queue: Option<QueueState>,
    /// Requested speciality, in words.
    pub speciality: String,
}

/// `teleconsult_list`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct TeleconsultListView {
    /// In the order of the clocks.
    pub rows: Vec<TeleconsultRowView>,
    /// When the region last answered.
    pub as_of: Option<String>,
}

/// `teleconsult_open`, and the answer of the commands on a case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct TeleconsultView {
    /// Its row.
    pub row: TeleconsultRowView,
    /// Mode.
    pub mode: TeleconsultMode,
    /// The conversation, oldest first.
    pub messages: Vec<MessageView>,
    /// Attachments.
    pub attachments: Vec<AttachmentView>,
    /// Who asked.
    pub requester: String,
    /// Who claimed it.
    pub owner: Option<String>,
    /// Who represents the patient.
    pub representative: Option<RepresentationInput>,
    /// *Assegna a me* is possible.
    pub can_claim: bool,
    /// An answer is possible.
    pub can_answer: bool,
    /// *Presa visione* is possible.
    pub can_acknowledge: bool,
    /// Draft of the answer kept on this PC.
    pub answer_draft: String,
}

/// Commands on one case.
#[derive(Clone, Debug, Deserialize, Serialize, TS)]
#[ts(export)]
pub struct TeleconsultRequest {
    /// The case.
    pub teleconsult_id: String,
}

/// `teleconsult_draft_open`: a new draft for a patient, or the one begun.
#[derive(Clone, Debug, Deserialize, Serialize, TS)]
#[ts(export)]
pub struct TeleconsultDraftRequest {
    /// The patient.
    pub patient_id: String,
}

/// `teleconsult_draft_save`.
#[derive(Clone, Debug, Deserialize, Serialize, TS)]
#[ts(export)]
pub struct SaveTeleconsultRequest {
    /// The draft.
    pub teleconsult_id: String,
    /// Revision.
    pub revision: u32,
    /// The form.
    pub form: TeleconsultForm,
}

/// `teleconsult_attach`: opens the system's file dialog when `path` is absent.
#[derive(Clone, Debug, Deserialize, Serialize, TS)]
#[ts(export)]
pub struct AttachRequest {
    /// The draft.
    pub teleconsult_id: String,
    /// A path, from a drop on the window.
    pub path: Option<String>,
}

/// `teleconsult_detach`.
#[derive(Clone, Debug, Deserialize, Serialize, TS)]
#[ts(export)]
pub struct DetachRequest {
    /// The draft.
    pub teleconsult_id: String,
    /// The attachment.
    pub attachment_id: String,
}

/// `teleconsult_answer` (sends), `teleconsult_answer_save` (keeps the text on this PC), `teleconsult_acknowledge` (text optional).
#[derive(Clone, Debug, Deserialize, Serialize, TS)]
#[ts(export)]
pub struct TeleconsultTextRequest {
    /// The case.
    pub teleconsult_id: String,
    /// Text.
    pub text: String,
}
