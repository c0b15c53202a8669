//! `handover_accept`: *Accetta consegna*. Owner and offer change together at the region, each on the version read, so that
//! there is exactly one owner whatever happens between.

use ::transition::fhir;
use cache::AuditAction;
use contract::events::Tag;
use contract::transition::{HandoverListView, HandoverRequest};
use contract::{Answer, ErrorCode, Failure};
use jiff::Timestamp;
use region::{RegionError, ResourceType};
use serde_json::json;

use super::{Known, Read, Stored, board, claim};
use crate::core::{Core, blocking};
use crate::desk::Desk;
use crate::failure::{IntoFailure, OrFail};

impl Core {
    /// `handover_accept`. Again is harmless.
    pub async fn handover_accept(&self, request: HandoverRequest) -> Answer<HandoverListView> {
        let desk = self.desk()?;
        desk.allow(desk.role().works_transitions(), &request.handover_id)?;
        let known = offered(&desk, &request.handover_id)?;
        let id = known.transition.id.to_string();
        let mut stored = known.at_region()?.clone();
        let outcome = self.take_over(&desk, &known, &mut stored).await;
        let (worker, accepted) = (desk.clone(), outcome.is_ok());
        let list = blocking(move || {
            claim::store(&worker, &stored)?;
            if accepted {
                worker.accessed(AuditAction::HandedOver, &id)?;
            }
            board::handovers(&worker)
        })
        .await?;
        self.changed(&[Tag::Handover, Tag::Transition]);
        outcome.map(|()| list)
    }

    async fn take_over(&self, desk: &Desk, known: &Known, stored: &mut Stored) -> Result<(), Failure> {
        let me = desk.assignment().id;
        self.read_again(stored).await?;
        for last in [false, true] {
            let mut next = stored.transition.clone();
            next.accept(&me, Timestamp::now())
                .map_err(|refusal| super::refused(refusal, known, desk))?;
            if next == stored.transition {
                return Ok(());
            }
            let bundle = bundle(stored, &next, desk)?;
            match self.inner.region.fhir().transaction(&bundle).await {
                Ok(_) => return self.read_again(stored).await,
                // Somebody was faster, or the reply was lost: the region knows whose it is.
                Err(RegionError::Conflict | RegionError::Timeout | RegionError::Garbled) if !last => {
                    self.read_again(stored).await?;
                }
                Err(error) => return Err(error.failure()),
            }
        }
        Err(Failure::new(ErrorCode::Conflict, "handover/accept"))
    }

    /// The case and its offer as they stand at the region.
    async fn read_again(&self, stored: &mut Stored) -> Result<(), Failure> {
        let store = self.inner.region.fhir();
        let offer = stored.handover.as_ref().map(|read| read.id().to_owned());
        let offer = offer.ok_or_else(|| Failure::new(ErrorCode::NotFound, "handover/unknown"))?;
        let task = store.read(ResourceType::Task, stored.task.id()).await.or_fail()?;
        claim::take_in(stored, Read::of(task))?;
        let read = store.read(ResourceType::Task, &offer).await.or_fail()?;
        let (_, handover) = fhir::handover(&read.resource)
            .map_err(|_| Failure::new(ErrorCode::RegionGarbled, "handover/task"))?;
        stored.transition.handover = Some(handover);
        stored.handover = Some(Read::of(read));
        Ok(())
    }
}

fn bundle(
    stored: &Stored,
    next: &::transition::Transition,
    desk: &Desk,
) -> Result<serde_json::Value, Failure> {
    let unknown = || Failure::new(ErrorCode::NotFound, "handover/unknown");
    let offer = stored.handover.as_ref().ok_or_else(unknown)?;
    let handover = next.handover.as_ref().ok_or_else(unknown)?;
    let mut task = fhir::task(next, Some(&stored.task.resource));
    task["owner"]["display"] = json!(desk.practitioner.name.display());
    let case = format!("Task/{}", stored.task.id());
    let accepted = fhir::handover_task(handover, next.patient.as_str(), &case, Some(&offer.resource));
    fhir::accept_bundle((&task, &stored.task.version), (&accepted, &offer.version))
        .map_err(|_| Failure::new(ErrorCode::Internal, "handover/bundle"))
}

/// The case whose handover it is.
pub(super) fn offered(desk: &Desk, handover: &str) -> Result<Known, Failure> {
    super::with_handover(desk)?
        .into_iter()
        .find(|known| {
            known
                .transition
                .handover
                .as_ref()
                .is_some_and(|offer| offer.id == handover)
        })
        .ok_or_else(|| Failure::new(ErrorCode::NotFound, "handover/unknown"))
}
