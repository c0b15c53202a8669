//! Teleconsults: ask, claim, ask back, answer, acknowledge, prescribe. What the region says of a case, and over it what was done on this PC.
//!
//! A request in the making is a draft of the outbox; sent, it stays there as *inviata* until the region's copy has
//! it, so that its author sees the case at once with the state of its queue. Claiming is the region's decision and
//! needs it; everything else leaves through the outbox. Not in it: the rules (`teleconsult`).

mod acknowledge;
mod answer;
mod attach;
mod claim;
mod converse;
mod detach;
mod draft;
mod file_name;
mod form;
mod list;
mod open;
mod prescription;
mod say;
mod send;
mod settle;
mod sniff;
mod stopped;
mod template;
mod versions;
mod view;
mod words;

pub(crate) use versions::rebased;

use std::collections::BTreeMap;

use ::teleconsult::{Case, CaseRefusal, CaseState, Message, Request};
use cache::replica::{CaseFilter, CaseTable};
use cache::{CaseRow, ItemId};
use clinical::PatientId;
use contract::{ErrorCode, Failure};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::colleague::Directory;
use crate::core::Core;
use crate::desk::Desk;
use crate::failure::OrFail;
use crate::trace::{self, Passage, Trace};

/// Kind of a draft request.
const DRAFT: &str = "teleconsult";
/// Kind of a request that was sent and is not in the region's copy yet.
pub(crate) const SENT: &str = "teleconsult-sent";
/// Kind of the traces of messages.
pub(crate) const SAID: &str = "teleconsult-said";
/// Kind of the draft of an answer.
const ANSWER: &str = "teleconsult-answer";
/// Cases read at most; a station that has more shows those whose clock ends first.
const MOST: u32 = 2_000;

/// A case as the region gives it, in the copy on this PC.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Stored {
    pub(crate) case: Case,
    /// FHIR id of the ServiceRequest.
    pub(crate) request: String,
    /// Number given by the region.
    pub(crate) number: Option<String>,
    /// The Task, as read.
    pub(crate) task: Option<Value>,
    /// Names that the region wrote beside roles.
    pub(crate) names: BTreeMap<String, String>,
}

/// A request that was sent from here.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Sent {
    pub(crate) request: Request,
    pub(crate) items: Vec<ItemId>,
    /// The draft that it was, for an author who takes it back.
    #[serde(default)]
    pub(crate) draft: Option<form::Body>,
}

/// A message that was written here.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Said {
    pub(crate) message: Message,
    /// State of the case once it is there.
    pub(crate) state: CaseState,
    /// Version of the Task that it changes; none when it leaves the Task alone.
    #[serde(default)]
    pub(crate) version: Option<String>,
}

/// A case as it is known here: the region's word, and what was done since.
pub(crate) struct Known {
    pub(crate) case: Case,
    pub(crate) stored: Option<Stored>,
    /// Version of the Task at the region.
    pub(crate) version: Option<String>,
    /// Messages that the region's copy does not hold for certain.
    pub(crate) said: Vec<Trace<Said>>,
}

impl Known {
    fn of(desk: &Desk, row: CaseRow, said: Vec<Trace<Said>>) -> Option<Self> {
        let stored: Stored = serde_json::from_value(row.payload).ok()?;
        let mut case = stored.case.clone();
        for trace in &said {
            // What a newer version or the region itself stopped is shown beside the case, not as said.
            if trace.passage(desk) == Passage::Stopped {
                continue;
            }
            case.merge(trace.deed.message.clone());
            if trace.deed.version.is_some() {
                case.state = trace.deed.state.clone();
            }
        }
        case.rebuild_clock();
        Some(Self {
            case,
            version: row.version,
            stored: Some(stored),
            said,
        })
    }

    fn of_sent(desk: &Desk, sent: Sent) -> Self {
        let mut case = Case::queued(sent.request);
        if trace::passage(desk, &sent.items) == Passage::Through {
            case.delivered();
        }
        Self {
            case,
            stored: None,
            version: None,
            said: Vec::new(),
        }
    }

    fn names(&self) -> BTreeMap<String, String> {
        self.stored
            .as_ref()
            .map(|stored| stored.names.clone())
            .unwrap_or_default()
    }

    /// The Task to change and its version; none while the region has not given the case.
    fn task(&self) -> Option<(&Value, &str)> {
        Some((self.stored.as_ref()?.task.as_ref()?, self.version.as_deref()?))
    }
}

/// A case, drafts apart.
pub(crate) fn load(desk: &Desk, id: &str) -> Result<Option<Known>, Failure> {
    if let Some(row) = desk.replica().case(CaseTable::Teleconsult, id).or_fail()? {
        let said = trace::of_kind::<Said>(desk, SAID)
            .or_fail()?
            .into_iter()
            .filter(|t| t.case == id)
            .collect();
        return Ok(Known::of(desk, row, said));
    }
    let draft = desk
        .outbox()
        .draft_load(id)
        .or_fail()?
        .filter(|draft| draft.kind == SENT);
    let sent: Option<Sent> = draft.and_then(|draft| serde_json::from_slice(&draft.body).ok());
    Ok(sent.map(|sent| Known::of_sent(desk, sent)))
}

fn require(desk: &Desk, id: &str) -> Result<Known, Failure> {
    load(desk, id)?.ok_or_else(|| Failure::new(ErrorCode::NotFound, "teleconsult/unknown"))
}

/// Every case, drafts apart.
fn all(desk: &Desk) -> Result<Vec<Known>, Failure> {
    let mut said: BTreeMap<String, Vec<Trace<Said>>> = BTreeMap::new();
    for trace in trace::of_kind::<Said>(desk, SAID).or_fail()? {
        said.entry(trace.case.clone()).or_default().push(trace);
    }
    let rows = desk
        .replica()
        .cases(CaseTable::Teleconsult, CaseFilter::All, MOST)
        .or_fail()?;
    let mut known = Vec::with_capacity(rows.len());
    let mut ids: Vec<String> = Vec::with_capacity(rows.len());
    for row in rows {
        ids.push(row.id.clone());
        let said = said.remove(&row.id).unwrap_or_default();
        known.extend(Known::of(desk, row, said));
    }
    for draft in desk.outbox().drafts(SENT).or_fail()? {
        if !ids.contains(&draft.subject)
            && let Ok(sent) = serde_json::from_slice::<Sent>(&draft.body)
        {
            known.push(Known::of_sent(desk, sent));
        }
    }
    Ok(known)
}

/// Whose patient a request is that the region's copy does not have yet.
pub(crate) fn patient_of_unsent(desk: &Desk, id: &str) -> Option<PatientId> {
    let draft = desk.outbox().draft_load(id).ok().flatten()?;
    match draft.kind.as_str() {
        SENT => serde_json::from_slice::<Sent>(&draft.body)
            .ok()
            .map(|sent| sent.request.patient),
        DRAFT => form::Body::read(&draft).ok().map(|body| body.patient),
        _ => None,
    }
}

/// The words of the table for a state.
pub(crate) fn state_word(state: &CaseState) -> &'static str {
    match state {
        CaseState::Draft => "draft",
        CaseState::Queued => "queued",
        CaseState::Requested => "requested",
        CaseState::Claimed { .. } => "claimed",
        CaseState::NeedsInformation { .. } => "needs_information",
        CaseState::Answered { .. } => "answered",
        CaseState::Acknowledged { .. } => "acknowledged",
        CaseState::Closed => "closed",
    }
}

/// Puts a case of the region in the form of the copy.
pub(crate) fn row_of(
    stored: &Stored,
    version: Option<String>,
    updated_at: Timestamp,
    now: Timestamp,
) -> Option<CaseRow> {
    let clock = stored.case.clock(&::teleconsult::AnswerLimits::default(), now);
    Some(CaseRow {
        id: stored.case.id().to_string(),
        patient: stored.case.request.patient.clone(),
        state: state_word(&stored.case.state).to_owned(),
        due_at: clock.and_then(|clock| clock.due),
        updated_at,
        version,
        payload: serde_json::to_value(stored).ok()?,
    })
}

/// A refusal of the rules, as the window tells it.
fn refused(refusal: CaseRefusal, known: &Known, desk: &Desk) -> Failure {
    match refusal {
        CaseRefusal::ClaimedByOther => {
            let owner = match &known.case.state {
                CaseState::Claimed { by } | CaseState::NeedsInformation { by } => by.clone(),
                _ => String::new(),
            };
            let name = Directory::load(desk).name(&owner, &known.names());
            Failure::new(ErrorCode::AlreadyClaimed, "teleconsult/claimed").with_name(name)
        }
        CaseRefusal::NotNow => Failure::new(ErrorCode::Conflict, "teleconsult/not-now"),
        CaseRefusal::TextMissing => {
            Failure::new(ErrorCode::RequestIncomplete, "teleconsult/text").with_field("text")
        }
        CaseRefusal::NotTheRequester => {
            Failure::new(ErrorCode::AccessDenied, "teleconsult/not-the-requester")
        }
        CaseRefusal::NotTheAddressee => {
            Failure::new(ErrorCode::AccessDenied, "teleconsult/not-the-addressee")
        }
        CaseRefusal::OwnRequest => Failure::new(ErrorCode::AccessDenied, "teleconsult/own-request"),
        CaseRefusal::NotInvolved => Failure::new(ErrorCode::AccessDenied, "teleconsult/not-involved"),
        CaseRefusal::NothingToPrescribe => {
            Failure::new(ErrorCode::Conflict, "teleconsult/nothing-to-prescribe")
        }
    }
}

impl Core {
    /// Something of teleconsults was queued.
    fn teleconsult_queued(&self, desk: &Desk) {
        desk.outgoing.notify_one();
        self.changed(&[contract::events::Tag::Teleconsult, contract::events::Tag::Queue]);
    }
}
