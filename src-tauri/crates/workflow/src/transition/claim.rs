//! `transition_claim`, *Assegna a me*, and `transition_assign`, *Assegna* to a colleague. The region decides between two who claim at once, by the version of the Task.

use std::sync::Arc;

use ::transition::{Transition, TransitionRefusal, fhir};
use cache::AuditAction;
use cache::replica::CaseTable;
use contract::events::Tag;
use contract::transition::{AssignTransitionRequest, TransitionRequest, TransitionView};
use contract::{Answer, ErrorCode, Failure};
use jiff::Timestamp;
use region::{RegionError, ResourceType};
use serde_json::json;

use super::{Known, Read, Stored, board, view};
use crate::colleague::{Directory, names_in};
use crate::core::{Core, blocking};
use crate::desk::Desk;
use crate::failure::{IntoFailure, OrFail};

impl Core {
    /// `transition_claim`.
    pub async fn transition_claim(&self, request: TransitionRequest) -> Answer<TransitionView> {
        let desk = self.desk()?;
        let (me, name) = (desk.assignment().id, desk.practitioner.name.display());
        let rule = |case: &mut Transition, _: &str| case.claim(&me);
        self.give(&desk, request.transition_id, &name, rule).await
    }

    /// `transition_assign`.
    pub async fn transition_assign(&self, request: AssignTransitionRequest) -> Answer<TransitionView> {
        let desk = self.desk()?;
        let colleague = board::colleagues(&desk, &Directory::load(&desk))
            .into_iter()
            .find(|(role, _)| *role == request.colleague_id)
            .ok_or_else(|| {
                Failure::new(ErrorCode::RequestIncomplete, "transition/colleague").with_field("colleague_id")
            })?;
        let rule = |case: &mut Transition, me: &str| {
            // A reply that was lost: it is the colleague's already.
            if case.owner.as_deref() == Some(colleague.0.as_str()) {
                return Ok(());
            }
            case.assign(me, &colleague.0)
        };
        self.give(&desk, request.transition_id, &colleague.1, rule).await
    }

    /// Changes who has a case, as a rule says, at the region.
    async fn give(
        &self,
        desk: &Arc<Desk>,
        id: String,
        name: &str,
        rule: impl Fn(&mut Transition, &str) -> Result<(), TransitionRefusal>,
    ) -> Answer<TransitionView> {
        desk.allow(desk.role().works_transitions(), &id)?;
        let known = super::require(desk, &id)?;
        let mut stored = known.at_region()?.clone();
        let outcome = self.claim_transition(desk, &mut stored, name, rule).await;
        let (worker, accepted) = (desk.clone(), outcome.is_ok());
        let view = blocking(move || {
            store(&worker, &stored)?;
            if accepted {
                worker.accessed(AuditAction::TransitionAssigned, &id)?;
            }
            let known = super::require(&worker, &id)?;
            let refused = outcome.map_err(|refusal| match refusal {
                NotClaimed::Rule(refusal) => super::refused(refusal, &known, &worker),
                NotClaimed::Failed(failure) => failure,
            });
            refused.and_then(|()| view::case(&worker, &known, Timestamp::now()))
        })
        .await;
        self.changed(&[Tag::Transition]);
        view
    }

    async fn claim_transition(
        &self,
        desk: &Desk,
        stored: &mut Stored,
        name: &str,
        rule: impl Fn(&mut Transition, &str) -> Result<(), TransitionRefusal>,
    ) -> Result<(), NotClaimed> {
        let fhir_store = self.inner.region.fhir();
        let me = desk.assignment().id;
        let id = stored.task.id().to_owned();
        let read = async || {
            fhir_store
                .read(ResourceType::Task, &id)
                .await
                .or_fail()
                .map(Read::of)
        };
        let mut standing = read().await?;
        // The second look is for a loser of the race, and for a reply that was lost.
        for last in [false, true] {
            take_in(stored, standing)?;
            let mut next = stored.transition.clone();
            rule(&mut next, &me).map_err(NotClaimed::Rule)?;
            if next == stored.transition {
                return Ok(());
            }
            let mut task = fhir::task(&next, Some(&stored.task.resource));
            task["owner"]["display"] = json!(name);
            match fhir_store.update(&task, &stored.task.version).await {
                Ok(written) => {
                    take_in(stored, Read::of(written))?;
                    return Ok(());
                }
                Err(RegionError::Conflict | RegionError::Timeout | RegionError::Garbled) if !last => {
                    standing = read().await?;
                }
                Err(error) => return Err(error.failure().into()),
            }
        }
        Err(Failure::new(ErrorCode::Conflict, "transition/claim").into())
    }
}

/// Why the case was not claimed.
enum NotClaimed {
    Rule(TransitionRefusal),
    Failed(Failure),
}

impl From<Failure> for NotClaimed {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// The Task as it stands at the region, in what is known of the case; log and handover stay.
pub(super) fn take_in(stored: &mut Stored, standing: Read) -> Result<(), Failure> {
    let mut read = fhir::transition(&standing.resource)
        .map_err(|_| Failure::new(ErrorCode::RegionGarbled, "transition/task"))?;
    read.log = std::mem::take(&mut stored.transition.log);
    read.handover = stored.transition.handover.take();
    stored.names.extend(names_in([&standing.resource]));
    if read.state != stored.transition.state {
        stored.updated_at = Timestamp::now();
    }
    stored.transition = read;
    stored.task = standing;
    Ok(())
}

pub(super) fn store(desk: &Desk, stored: &Stored) -> Result<(), Failure> {
    let Some((row, listing)) = super::row_of(stored, &desk.assets.policy) else {
        return Ok(());
    };
    desk.replica()
        .apply(Timestamp::now(), move |batch| {
            batch.put_listed_case(CaseTable::Transition, &row, &listing)
        })
        .or_fail()
}

/// The version that the next update must name: the last one read, or the one that our own queued update will make.
/// FHIR servers that number their versions (as HAPI does) count by one; with others the second update waits for the
/// first to be in the copy.
pub(super) fn next_version(known: &Known) -> Result<String, Failure> {
    let stored = known.at_region()?;
    let read = &stored.task.version;
    let queued = known.done.iter().rev().find_map(|trace| match &trace.deed {
        super::Deed::Moved { version, .. } | super::Deed::Updated { version, .. } => Some(version),
        _ => None,
    });
    let Some(queued) = queued else {
        return Ok(read.clone());
    };
    match (queued.parse::<u64>(), read.parse::<u64>()) {
        (Ok(queued), Ok(read)) => Ok(read.max(queued.saturating_add(1)).to_string()),
        _ => Err(Failure::new(ErrorCode::Conflict, "transition/queued")),
    }
}
