//! Transitions of care and handovers of a COT. What the region says of a case, and over it what was done on this PC.
//!
//! Claiming a case and accepting a handover are the region's decisions: they change who owns it, and there is exactly one
//! owner at any time. Everything else leaves through the outbox. Not in it: the rules (`transition`).

mod accept;
mod acknowledge;
mod board;
mod claim;
mod create;
mod escalate;
mod log_call;
mod move_to;
mod offer;
mod open;
mod queue;
mod rebase;
mod refuse;
mod update;
mod view;

use std::collections::BTreeMap;

use ::transition::{
    Assessment, Handover, HandoverState, LogEntry, Policy, Transition, TransitionRefusal, TransitionState,
};
use cache::CaseRow;
use cache::replica::{CaseTable, Listing};
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

pub(crate) use rebase::rebase;

/// Kind of the traces of transitions.
pub(crate) const DONE: &str = "transition-done";
/// The columns of open cases, as the copy writes them.
pub(crate) const OPEN: [TransitionState; 4] = [
    TransitionState::Reported,
    TransitionState::Assessing,
    TransitionState::ProtectedDischarge,
    TransitionState::TerritoryConfirmation,
];
/// Mark of the cases whose handover is under way or not acknowledged.
const HANDOVER: &str = "handover";

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
    /// Something of the case was written, its column staying.
    Updated { update: Update, version: String },
    /// A note or a call.
    Noted { entry: LogEntry },
    /// Offered to a colleague.
    Offered { handover: Handover },
    /// Refused an offer.
    Refused { handover: String, at: Timestamp },
    /// Took note that an offer was accepted.
    Acknowledged { handover: String, at: Timestamp },
}

/// What was written of a case.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub(crate) enum Update {
    /// An item of the checklist.
    Checked {
        item: String,
        done_at: Option<Timestamp>,
    },
    /// Discharge, assessment, plan.
    Detailed {
        expected_discharge: Option<Timestamp>,
        assessment: Option<Assessment>,
        pai: Option<String>,
    },
}

/// A case as it is known here.
#[derive(Clone)]
pub(crate) struct Known {
    pub(crate) transition: Transition,
    pub(crate) stored: Option<Stored>,
    pub(crate) done: Vec<Trace<Deed>>,
}

impl Known {
    fn of(desk: &Desk, row: CaseRow, done: Vec<Trace<Deed>>) -> Option<Self> {
        let stored: Stored = serde_json::from_value(row.payload).ok()?;
        let mut transition = stored.transition.clone();
        with_checklist(&mut transition, &desk.assets.policy);
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

    /// Since when the case is in its column: the region keeps no history of columns, so that the last change of the Task
    /// stands for it.
    fn since(&self) -> Timestamp {
        let moved = self
            .done
            .iter()
            .rev()
            .find(|trace| matches!(trace.deed, Deed::Moved { .. }));
        match (moved, &self.stored) {
            (Some(trace), _) => trace.at,
            (None, Some(stored)) => since(&self.transition, stored.updated_at),
            (None, None) => self.transition.reported_at,
        }
    }

    fn due(&self, policy: &Policy) -> Option<Timestamp> {
        policy.due(&self.transition, self.since())
    }

    /// What the region gave; until it did, nothing can be hung on the case.
    fn at_region(&self) -> Result<&Stored, Failure> {
        self.stored
            .as_ref()
            .ok_or_else(|| Failure::new(ErrorCode::RegionUnreachable, "transition/not-at-the-region"))
    }
}

fn since(transition: &Transition, updated_at: Timestamp) -> Timestamp {
    match transition.state {
        TransitionState::Reported => transition.reported_at,
        _ => updated_at,
    }
}

/// A case that came without a checklist has the one of its path; it is written with the first tick.
fn with_checklist(transition: &mut Transition, policy: &Policy) {
    if transition.checklist.is_empty() && transition.state != TransitionState::Closed {
        transition.checklist = policy.checklist(transition.origin, transition.destination);
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
        Deed::Updated { update, .. } => match update {
            Update::Checked { item, done_at } => {
                if let Some(known) = transition.checklist.iter_mut().find(|known| known.name == *item) {
                    known.done_at = *done_at;
                }
            }
            Update::Detailed {
                expected_discharge,
                assessment,
                pai,
            } => {
                transition.expected_discharge = *expected_discharge;
                transition.assessment = *assessment;
                transition.pai.clone_from(pai);
            }
        },
        Deed::Acknowledged { handover, at } => {
            if let Some(there) = transition.handover.as_mut().filter(|there| there.id == *handover) {
                there.state = HandoverState::Acknowledged { at: *at };
            }
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

/// The cases to which something was done here that the copy does not hold yet.
fn traced(desk: &Desk) -> Result<BTreeMap<String, Known>, Failure> {
    let mut done: BTreeMap<String, Vec<Trace<Deed>>> = BTreeMap::new();
    for trace in trace::of_kind::<Deed>(desk, DONE).or_fail()? {
        done.entry(trace.case.clone()).or_default().push(trace);
    }
    let mut known = BTreeMap::new();
    for (id, done) in done {
        let case = match desk.replica().case(CaseTable::Transition, &id).or_fail()? {
            Some(row) => Known::of(desk, row, done),
            None => Known::of_reported(desk, done),
        };
        known.extend(case.map(|case| (id, case)));
    }
    Ok(known)
}

/// Every case with a handover under way, or accepted and not acknowledged.
fn with_handover(desk: &Desk) -> Result<Vec<Known>, Failure> {
    let mut known = traced(desk)?;
    for row in desk
        .replica()
        .marked_cases(CaseTable::Transition, &[HANDOVER])
        .or_fail()?
    {
        if !known.contains_key(&row.id) {
            let id = row.id.clone();
            known.extend(Known::of(desk, row, Vec::new()).map(|case| (id, case)));
        }
    }
    Ok(known.into_values().collect())
}

/// Whose case it is that the region's copy does not have yet.
pub(crate) fn patient_of_unsent(desk: &Desk, id: &str) -> Option<PatientId> {
    load(desk, id)
        .ok()
        .flatten()
        .map(|known| known.transition.patient)
}

/// Puts a case of the region in the form of the copy, with what lists are filtered by.
pub(crate) fn row_of(stored: &Stored, policy: &Policy) -> Option<(CaseRow, Listing)> {
    let transition = &stored.transition;
    let under_way = transition.handover.as_ref().is_some_and(|handover| {
        matches!(
            handover.state,
            HandoverState::Offered | HandoverState::Accepted { .. }
        )
    });
    let row = CaseRow {
        id: transition.id.to_string(),
        patient: transition.patient.clone(),
        state: word(transition.state).to_owned(),
        due_at: policy.due(transition, since(transition, stored.updated_at)),
        updated_at: stored.updated_at,
        version: Some(stored.task.version.clone()),
        payload: serde_json::to_value(stored).ok()?,
    };
    let listing = Listing {
        owner: transition.owner.clone(),
        opened_at: Some(transition.reported_at),
        mark: under_way.then(|| HANDOVER.to_owned()),
    };
    Some((row, listing))
}

/// A column, as the copy writes it.
pub(crate) fn word(state: TransitionState) -> &'static str {
    ::transition::fhir::column(state).0
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
