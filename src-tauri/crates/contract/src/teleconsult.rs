//! Teleconsults: ask, claim, ask back, answer, acknowledge, prescribe the control visit.

use std::collections::BTreeMap;

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
    /// What the speciality's template asks, by item. An item that was never touched is filled in by the core.
    #[serde(default)]
    pub particulars: BTreeMap<String, String>,
    /// *Oscuramento al genitore*.
    #[serde(default)]
    pub obscured_to_parent: bool,
}

/// What the speciality wants to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct TemplateItemView {
    /// Names it in the form.
    pub id: String,
    /// As asked.
    pub ask: String,
    /// An example or a unit.
    pub hint: String,
    /// Without it the specialist usually asks back.
    pub wanted: bool,
    /// What the archive on this PC fills in while nothing is typed.
    pub filled: Option<String>,
}

/// The other one of two versions of a draft.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct DraftVersionView {
    /// The form as it was saved there.
    pub form: TeleconsultForm,
    /// When.
    pub saved_at: String,
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
    /// What the chosen speciality wants to know.
    pub template: Vec<TemplateItemView>,
    /// Wanted items of it that are empty: they do not block sending.
    pub unsaid: Vec<String>,
    /// *Due versioni*: what was saved meanwhile in another window.
    pub other_version: Option<DraftVersionView>,
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
    /// A plain note.
    Note,
    /// A colleague is asked for an opinion.
    Involvement,
    /// The opinion of one of several specialists.
    Opinion,
    /// The NRE of the control visit.
    Prescription,
}

/// The three lines that open an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct AnswerOpening {
    /// *Che cosa fare*.
    pub what: String,
    /// *Entro quando*.
    pub by_when: String,
    /// *Quando preoccuparsi*.
    pub worry: String,
    /// *Indicata televisita di controllo*.
    pub control_visit: bool,
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
    /// Text; of an answer the reasons.
    pub text: String,
    /// The lines that open an answer.
    pub opening: Option<AnswerOpening>,
    /// Who is asked for an opinion.
    pub to: Option<String>,
    /// An opinion that disagrees.
    pub disagrees: bool,
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
    /// The speciality of who has the turn, when `turn_of` is a person.
    pub turn_unit: Option<String>,
    /// It is the turn of who is logged in.
    pub my_turn: bool,
    /// An opinion of who is logged in is awaited.
    pub opinion_due: bool,
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

/// The answer clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct AnswerClockView {
    /// Seconds allowed.
    pub limit_s: u32,
    /// Seconds used.
    pub used_s: u32,
    /// Seconds in which the asker had the turn.
    pub paused_s: u32,
    /// It stands still now.
    pub standing: bool,
}

/// *Due versioni*: what was written here and could not be laid over what stands at the region.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct CaseVersionsView {
    /// What was written here.
    pub mine: MessageView,
    /// State at the region.
    pub state: TeleconsultState,
    /// Who has the case at the region.
    pub owner: Option<String>,
    /// The last message at the region.
    pub last: Option<MessageView>,
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
    /// Draft of the answer kept on this PC: the reasons.
    pub answer_draft: String,
    /// The lines that open it.
    pub answer_opening: AnswerOpening,
    /// What the speciality's template asked: question and answer.
    pub particulars: Vec<(String, String)>,
    /// *Chiedi altre informazioni* is possible.
    pub can_ask_information: bool,
    /// A reply to the information request is possible.
    pub can_reply: bool,
    /// *Coinvolgi specialista* is possible.
    pub can_involve: bool,
    /// A written opinion is possible.
    pub can_give_opinion: bool,
    /// Colleagues who can be involved: role, name, speciality.
    pub colleagues: Vec<(String, String, String)>,
    /// The clock; none before the region has the request.
    pub clock: Option<AnswerClockView>,
    /// *Oscuramento* was asked.
    pub obscured: bool,
    /// *Due versioni*.
    pub versions: Option<CaseVersionsView>,
}

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

/// `teleconsult_answer` (sends), `teleconsult_answer_save` (keeps it on this PC). Without an opening it is one text, as a
/// workstation of another make writes it; one that is begun must be whole to be sent.
#[derive(Clone, Debug, Deserialize, Serialize, TS)]
#[ts(export)]
pub struct TeleconsultAnswerRequest {
    /// The case.
    pub teleconsult_id: String,
    /// The reasons.
    pub text: String,
    /// The three lines.
    #[serde(default)]
    pub opening: AnswerOpening,
}

/// `teleconsult_involve`: *Coinvolgi specialista*.
#[derive(Clone, Debug, Deserialize, Serialize, TS)]
#[ts(export)]
pub struct InvolveRequest {
    /// The case.
    pub teleconsult_id: String,
    /// The colleague's role.
    pub role: String,
    /// What is asked.
    pub text: String,
}

/// `teleconsult_opinion`.
#[derive(Clone, Debug, Deserialize, Serialize, TS)]
#[ts(export)]
pub struct OpinionRequest {
    /// The case.
    pub teleconsult_id: String,
    /// The opinion.
    pub text: String,
    /// It disagrees with what was written before it.
    pub disagrees: bool,
}

/// `teleconsult_draft_settle`: which of two versions goes on. The other one is kept in the archive.
#[derive(Clone, Debug, Deserialize, Serialize, TS)]
#[ts(export)]
pub struct SettleDraftRequest {
    /// The draft.
    pub teleconsult_id: String,
    /// Revision of the version that stands.
    pub revision: u32,
    /// Go on with the other version.
    pub take_other: bool,
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

/// `teleconsult_acknowledge` (text optional), `teleconsult_ask_information`, `teleconsult_reply`.
#[derive(Clone, Debug, Deserialize, Serialize, TS)]
#[ts(export)]
pub struct TeleconsultTextRequest {
    /// The case.
    pub teleconsult_id: String,
    /// Text.
    pub text: String,
}
