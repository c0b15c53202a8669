//! A case: its row, its clock, its conversation, and what can be done with it.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{AnswerOpening, AttachmentView, MessageView, TeleconsultMode, WordsView};
use crate::delivery::QueueState;
use crate::patient::PatientView;
use crate::report::Priority;
use crate::televisit::RepresentationInput;

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

/// What the region refused for good: it waits for its author, and holds what was written after it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct StoppedView {
    /// The message; none when it is the request itself.
    pub message: Option<MessageView>,
    /// Why, in the words of the queue: `queue/forbidden`.
    pub detail: Option<String>,
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
    /// The other texts that are typed and not sent yet.
    pub begun: Vec<WordsView>,
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
    /// *Da correggere*.
    pub stopped: Option<StoppedView>,
}

/// Commands on one case.
#[derive(Clone, Debug, Deserialize, Serialize, TS)]
#[ts(export)]
pub struct TeleconsultRequest {
    /// The case.
    pub teleconsult_id: String,
}
