//! What is said on a case: the lines of the conversation, and the commands that write one.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::delivery::QueueState;

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

/// What a text is that is typed and not sent yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum WordsKind {
    /// Chiedi altre informazioni.
    InformationRequest,
    /// The asker's reply to it.
    Reply,
    /// Coinvolgi specialista.
    Involvement,
    /// A written opinion.
    Opinion,
    /// The remarks of a *presa visione*.
    Remarks,
}

/// A text that is typed and not sent yet, kept on this PC. That of an answer is in the case's view.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct WordsView {
    /// What it will be.
    pub kind: WordsKind,
    /// As typed.
    pub text: String,
    /// An opinion that disagrees.
    pub disagrees: bool,
    /// The colleague chosen, by role; empty while none is.
    pub role: String,
}

/// `teleconsult_words_save`: durable when it returns; an empty text is no draft any more.
#[derive(Clone, Debug, Deserialize, Serialize, TS)]
#[ts(export)]
pub struct SaveWordsRequest {
    /// The case.
    pub teleconsult_id: String,
    /// What was typed.
    pub words: WordsView,
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

/// `teleconsult_acknowledge` (text optional), `teleconsult_ask_information`, `teleconsult_reply`.
#[derive(Clone, Debug, Deserialize, Serialize, TS)]
#[ts(export)]
pub struct TeleconsultTextRequest {
    /// The case.
    pub teleconsult_id: String,
    /// Text.
    pub text: String,
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
