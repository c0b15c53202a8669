//! `transition_claim`: *Assegna a me*. The region decides between two who claim at once, by the version of the Task.

use ::transition::{TransitionRefusal, fhir};
use cache::AuditAction;
use cache::replica::CaseTable;
use contract::events::Tag;
use contract::transition::{TransitionRequest, TransitionView};
use contract::{Answer, ErrorCode, Failure};
use jiff::Timestamp;
use region::{RegionError, ResourceType};
use serde_json::json;

use super::{Known, Read, Stored, view};
use crate::colleague::names_in;
use crate::core::{Core, blocking};
use crate::desk::Desk;
use crate::failure::{IntoFailure, OrFail};

impl Core {
    /// `transition_claim`.
    pub async fn transition_claim(&self, request: TransitionRequest) -> Answer<TransitionView> {
        let desk = self.desk()?;
        desk.allow(desk.role().works_transitions(), &request.transition_id)?;
        let id = request.transition_id;
        let known = super::require(&desk, &id)?;
        let mut stored = known.at_region()?.clone();
        let outcome = self.claim_transition(&desk, &mut stored).await;
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

    async fn claim_transition(&self, desk: &Desk, stored: &mut Stored) -> Result<(), NotClaimed> {
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
            next.claim(&me).map_err(NotClaimed::Rule)?;
            if next == stored.transition {
                return Ok(());
            }
            let mut task = fhir::task(&next, Some(&stored.task.resource));
            task["owner"]["display"] = json!(desk.practitioner.name.display());
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
    let Some(row) = super::row_of(stored) else {
        return Ok(());
    };
    desk.replica()
        .apply(Timestamp::now(), move |batch| {
            batch.put_case(CaseTable::Transition, &row)
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
        super::Deed::Moved { version, .. } => Some(version),
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
