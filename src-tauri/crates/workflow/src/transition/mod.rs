//! Transitions of care and handovers of a COT. What the region says of a case, and over it what was done on this PC.
//!
//! Claiming a case and accepting a handover are the region's decisions: they change who owns it, and there is exactly one
//! owner at any time. Everything else leaves through the outbox. Not in it: the rules (`transition`).

mod accept;
mod board;
mod claim;
mod create;
mod log_call;
mod move_to;
mod offer;
mod open;
mod queue;
mod refuse;
mod view;

use std::collections::BTreeMap;

use ::transition::{Handover, HandoverState, LogEntry, Transition, TransitionRefusal, TransitionState};
use cache::CaseRow;
use cache::replica::{CaseFilter, CaseTable};
use clinical::PatientId;
use contract::{ErrorCode, Failure};
use jiff::Timestamp;
use region::fhir::Versioned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::colleague::Directory;
use crate::core::Core;
use crate::desk::Desk;
use crate::failure::OrFail;
use crate::trace::{self, Passage, Trace};

/// Kind of the traces of transitions.
pub(crate) const DONE: &str = "transition-done";
/// Cases read at most.
const MOST: u32 = 2_000;

/// A resource with the version that it was read in.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Read {
    pub(crate) resource: Value,
    pub(crate) version: String,
}

impl Read {
    pub(crate) fn of(versioned: Versioned) -> Self {
        Self {
            version: versioned.version.unwrap_or_default(),
            resource: versioned.resource,
        }
    }

    pub(crate) fn id(&self) -> &str {
        self.resource
            .get("id")
            .and_then(Value::as_str)
            .unwrap_or_default()
    }
}

/// A case as the region gives it, in the copy on this PC.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Stored {
    /// With its log and its last handover.
    pub(crate) transition: Transition,
    pub(crate) task: Read,
    /// The Task of the handover.
    pub(crate) handover: Option<Read>,
    /// When the Task last changed.
    pub(crate) updated_at: Timestamp,
    /// Names that the region wrote beside roles.
    pub(crate) names: BTreeMap<String, String>,
}

/// What was done here.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "did", rename_all = "snake_case")]
pub(crate) enum Deed {
    /// *Nuova segnalazione*.
    Reported { transition: Box<Transition> },
    /// Moved to another column.
    Moved {
        state: TransitionState,
        confirmed_at: Option<Timestamp>,
        version: String,
    },
    /// A note or a call.
    Noted { entry: LogEntry },
    /// Offered to a colleague.
    Offered { handover: Handover },
    /// Refused an offer.
    Refused { handover: String, at: Timestamp },
}

/// A case as it is known here.
pub(crate) struct Known {
    pub(crate) transition: Transition,
    pub(crate) stored: Option<Stored>,
    pub(crate) done: Vec<Trace<Deed>>,
}

impl Known {
    fn of(desk: &Desk, row: CaseRow, done: Vec<Trace<Deed>>) -> Option<Self> {
        let stored: Stored = serde_json::from_value(row.payload).ok()?;
        let mut transition = stored.transition.clone();
        for trace in &done {
            lay_over(&mut transition, &trace.deed, trace.passage(desk));
        }
        Some(Self {
            transition,
            stored: Some(stored),
            done,
        })
    }

    fn of_reported(desk: &Desk, done: Vec<Trace<Deed>>) -> Option<Self> {
        let mut reported = done.iter().find_map(|trace| match &trace.deed {
            Deed::Reported { transition } => Some((**transition).clone()),
            _ => None,
        })?;
        for trace in &done {
            lay_over(&mut reported, &trace.deed, trace.passage(desk));
        }
        Some(Self {
            transition: reported,
            stored: None,
            done,
        })
    }

    fn names(&self) -> BTreeMap<String, String> {
        self.stored
            .as_ref()
            .map(|stored| stored.names.clone())
            .unwrap_or_default()
    }

    /// What the region gave; until it did, nothing can be hung on the case.
    fn at_region(&self) -> Result<&Stored, Failure> {
        self.stored
            .as_ref()
            .ok_or_else(|| Failure::new(ErrorCode::RegionUnreachable, "transition/not-at-the-region"))
    }
}

/// Shows a deed before the region's copy does. What was refused did not happen; words that were written stay.
fn lay_over(transition: &mut Transition, deed: &Deed, passage: Passage) {
    let stopped = passage == Passage::Stopped;
    match deed {
        Deed::Noted { entry } => transition.merge(entry.clone()),
        _ if stopped => {}
        Deed::Reported { .. } => {}
        Deed::Moved {
            state, confirmed_at, ..
        } => {
            transition.state = *state;
            transition.confirmed_at = confirmed_at.or(transition.confirmed_at);
        }
        Deed::Offered { handover } => {
            let known = transition
                .handover
                .as_ref()
                .is_some_and(|there| there.id == handover.id);
            if !known {
                transition.handover = Some(handover.clone());
            }
        }
        Deed::Refused { handover, at } => {
            if let Some(there) = transition.handover.as_mut().filter(|there| there.id == *handover)
                && there.state == HandoverState::Offered
            {
                there.state = HandoverState::Refused { at: *at };
            }
        }
    }
}

/// A case.
pub(crate) fn load(desk: &Desk, id: &str) -> Result<Option<Known>, Failure> {
    let done: Vec<_> = trace::of_kind::<Deed>(desk, DONE)
        .or_fail()?
        .into_iter()
        .filter(|t| t.case == id)
        .collect();
    Ok(match desk.replica().case(CaseTable::Transition, id).or_fail()? {
        Some(row) => Known::of(desk, row, done),
        None => Known::of_reported(desk, done),
    })
}

fn require(desk: &Desk, id: &str) -> Result<Known, Failure> {
    load(desk, id)?.ok_or_else(|| Failure::new(ErrorCode::NotFound, "transition/unknown"))
}

/// Every case.
fn all(desk: &Desk) -> Result<Vec<Known>, Failure> {
    let mut done: BTreeMap<String, Vec<Trace<Deed>>> = BTreeMap::new();
    for trace in trace::of_kind::<Deed>(desk, DONE).or_fail()? {
        done.entry(trace.case.clone()).or_default().push(trace);
    }
    let mut known = Vec::new();
    for row in desk
        .replica()
        .cases(CaseTable::Transition, CaseFilter::All, MOST)
        .or_fail()?
    {
        let done = done.remove(&row.id).unwrap_or_default();
        known.extend(Known::of(desk, row, done));
    }
    known.extend(
        done.into_values()
            .filter_map(|done| Known::of_reported(desk, done)),
    );
    Ok(known)
}

/// Whose case it is that the region's copy does not have yet.
pub(crate) fn patient_of_unsent(desk: &Desk, id: &str) -> Option<PatientId> {
    load(desk, id)
        .ok()
        .flatten()
        .map(|known| known.transition.patient)
}

/// Puts a case of the region in the form of the copy.
pub(crate) fn row_of(stored: &Stored) -> Option<CaseRow> {
    let transition = &stored.transition;
    Some(CaseRow {
        id: transition.id.to_string(),
        patient: transition.patient.clone(),
        state: ::transition::fhir::column(transition.state).0.to_owned(),
        due_at: transition.call_back().map(|(_, at)| at),
        updated_at: stored.updated_at,
        version: Some(stored.task.version.clone()),
        payload: serde_json::to_value(stored).ok()?,
    })
}

/// A refusal of the rules, as the window tells it.
fn refused(refusal: TransitionRefusal, known: &Known, desk: &Desk) -> Failure {
    match refusal {
        TransitionRefusal::OwnedByOther(owner) => {
            let name = Directory::load(desk).name(&owner, &known.names());
            Failure::new(ErrorCode::AlreadyClaimed, "transition/owned").with_name(name)
        }
        TransitionRefusal::NotNow => Failure::new(ErrorCode::Conflict, "transition/not-now"),
        TransitionRefusal::Unowned => Failure::new(ErrorCode::Conflict, "transition/unowned"),
        TransitionRefusal::HandoverPending => {
            Failure::new(ErrorCode::Conflict, "transition/handover-pending")
        }
        TransitionRefusal::NoHandover => Failure::new(ErrorCode::NotFound, "handover/unknown"),
        TransitionRefusal::ToOneself => {
            Failure::new(ErrorCode::RequestIncomplete, "handover/to-oneself").with_field("colleague_id")
        }
        TransitionRefusal::TextMissing => {
            Failure::new(ErrorCode::RequestIncomplete, "transition/text").with_field("text")
        }
        TransitionRefusal::NotConfirmed => Failure::new(ErrorCode::Conflict, "transition/not-confirmed"),
    }
}

impl Core {
    /// Something of transitions was queued.
    fn transition_queued(&self, desk: &Desk) {
        use contract::events::Tag;
        desk.outgoing.notify_one();
        self.changed(&[Tag::Transition, Tag::Handover, Tag::Queue]);
    }
}
