//! `teleconsult_words_save`: what is typed for a message until it is sent, so that a lock, a crash or a change of user takes none
//! of it. Sending discards it in the same transaction (`say`).
//!
//! Not in it: the draft of an answer (`answer`), which has its three lines, and that of a request (`draft`).

use ::teleconsult::MessageKind;
use contract::teleconsult::{SaveWordsRequest, WordsKind, WordsView};
use contract::{Answer, ErrorCode, Failure};
use jiff::Timestamp;

use crate::core::{Core, blocking};
use crate::desk::Desk;
use crate::failure::OrFail;
use crate::trace;

/// Kind of these drafts.
pub(super) const WORDS: &str = "teleconsult-words";

const ALL: [WordsKind; 5] = [
    WordsKind::InformationRequest,
    WordsKind::Reply,
    WordsKind::Involvement,
    WordsKind::Opinion,
    WordsKind::Remarks,
];

impl Core {
    /// `teleconsult_words_save`.
    pub async fn teleconsult_words_save(&self, request: SaveWordsRequest) -> Answer<()> {
        let desk = self.desk()?;
        let role = desk.role();
        let allowed = match request.words.kind {
            WordsKind::Reply | WordsKind::Remarks => role.asks_teleconsults(),
            WordsKind::InformationRequest | WordsKind::Involvement | WordsKind::Opinion => {
                role.answers_teleconsults()
            }
        };
        desk.allow(allowed, &request.teleconsult_id)?;
        blocking(move || keep(&desk, &request.teleconsult_id, &request.words)).await
    }
}

fn keep(desk: &Desk, case: &str, words: &WordsView) -> Result<(), Failure> {
    let subject = subject(case, words.kind);
    let blank = words.text.trim().is_empty() && !words.disagrees && words.role.is_empty();
    let body =
        serde_json::to_vec(words).map_err(|_| Failure::new(ErrorCode::Internal, "teleconsult/words"))?;
    desk.outbox()
        .commit(Timestamp::now(), move |step| {
            if blank {
                step.draft_discard(&subject)
            } else {
                step.draft_put(&subject, WORDS, &body)
            }
        })
        .or_fail()
}

/// What was typed on a case and not sent.
pub(super) fn begun(desk: &Desk, case: &str) -> Result<Vec<WordsView>, Failure> {
    let mut begun = Vec::new();
    for kind in ALL {
        let draft = desk.outbox().draft_load(&subject(case, kind)).or_fail()?;
        begun.extend(draft.and_then(|draft| serde_json::from_slice(&draft.body).ok()));
    }
    Ok(begun)
}

/// Where the outbox keeps them.
pub(super) fn subject(case: &str, kind: WordsKind) -> String {
    let word = match kind {
        WordsKind::InformationRequest => "information-request",
        WordsKind::Reply => "reply",
        WordsKind::Involvement => "involvement",
        WordsKind::Opinion => "opinion",
        WordsKind::Remarks => "remarks",
    };
    trace::subject(WORDS, &format!("{case}/{word}"))
}

/// The draft that becomes a message of a kind; none for those that are typed elsewhere.
pub(super) fn kind_of(message: MessageKind) -> Option<WordsKind> {
    match message {
        MessageKind::InformationRequest => Some(WordsKind::InformationRequest),
        MessageKind::Information => Some(WordsKind::Reply),
        MessageKind::Involvement => Some(WordsKind::Involvement),
        MessageKind::Opinion => Some(WordsKind::Opinion),
        MessageKind::Acknowledgement => Some(WordsKind::Remarks),
        MessageKind::Note | MessageKind::Answer | MessageKind::Prescription => None,
    }
}
