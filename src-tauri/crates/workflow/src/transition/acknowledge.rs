//! `handover_acknowledge`: the one who offered takes note that the case was accepted. The second of two acknowledgements.

use ::transition::fhir;
use cache::{AuditAction, ItemKind};
use contract::transition::{HandoverListView, HandoverRequest};
use contract::{Answer, ErrorCode, Failure};
use jiff::Timestamp;
use region::FrozenRequest;

use super::queue::{ToQueue, of_handover, queue};
use super::{Deed, accept, board};
use crate::core::{Core, blocking};

impl Core {
    /// `handover_acknowledge`. Again is harmless.
    pub async fn handover_acknowledge(&self, request: HandoverRequest) -> Answer<HandoverListView> {
        let desk = self.desk()?;
        desk.allow(desk.role().works_transitions(), &request.handover_id)?;
        let worker = desk.clone();
        let list = blocking(move || {
            let now = Timestamp::now();
            let known = accept::offered(&worker, &request.handover_id)?;
            let mut next = known.transition.clone();
            next.acknowledge(&worker.assignment().id, now)
                .map_err(|refusal| super::refused(refusal, &known, &worker))?;
            if next == known.transition {
                return board::handovers(&worker);
            }
            let unknown = || Failure::new(ErrorCode::NotFound, "handover/unknown");
            let stored = known.at_region()?;
            let offer = stored.handover.as_ref().ok_or_else(unknown)?;
            let handover = next.handover.as_ref().ok_or_else(unknown)?;
            let case = format!("Task/{}", stored.task.id());
            let task = fhir::handover_task(handover, next.patient.as_str(), &case, Some(&offer.resource));
            let what = ToQueue {
                case: next.id.to_string(),
                subject: of_handover(&handover.id),
                kind: ItemKind::FhirUpdate,
                request: FrozenRequest::update(&task, &offer.version),
                version: Some(offer.version.clone()),
                deed: Deed::Acknowledged {
                    handover: handover.id.clone(),
                    at: now,
                },
                action: AuditAction::HandedOver,
            };
            queue(&worker, what, now)?;
            board::handovers(&worker)
        })
        .await?;
        self.transition_queued(&desk);
        Ok(list)
    }
}
