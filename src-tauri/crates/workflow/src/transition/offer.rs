//! `handover_offer`: *Fine turno*. The case stays with who offers it until somebody accepts.

use ::transition::{Handover, HandoverState, fhir};
use cache::{AuditAction, ItemKind};
use contract::transition::{OfferHandoverRequest, TransitionView};
use contract::{Answer, ErrorCode, Failure};
use jiff::Timestamp;
use region::FrozenRequest;
use serde_json::json;
use uuid::Uuid;

use super::queue::{ToQueue, of_handover, queue};
use super::{Deed, board, view};
use crate::colleague::Directory;
use crate::core::{Core, blocking};

impl Core {
    /// `handover_offer`.
    pub async fn handover_offer(&self, request: OfferHandoverRequest) -> Answer<TransitionView> {
        let desk = self.desk()?;
        desk.allow(desk.role().works_transitions(), &request.transition_id)?;
        let worker = desk.clone();
        let view = blocking(move || {
            let now = Timestamp::now();
            let id = request.transition_id;
            let known = super::require(&worker, &id)?;
            let directory = Directory::load(&worker);
            let colleague = board::colleagues(&worker, &directory)
                .into_iter()
                .find(|(role, _)| *role == request.colleague_id)
                .ok_or_else(|| {
                    Failure::new(ErrorCode::RequestIncomplete, "handover/colleague")
                        .with_field("colleague_id")
                })?;
            let note = request.note.trim();
            let handover = Handover {
                id: Uuid::now_v7().to_string(),
                from: worker.assignment().id,
                to: colleague.0,
                at: now,
                note: (!note.is_empty()).then(|| note.into()),
                state: HandoverState::Offered,
            };
            let mut next = known.transition.clone();
            next.offer(handover.clone())
                .map_err(|refusal| super::refused(refusal, &known, &worker))?;
            let case = format!("Task/{}", known.at_region()?.task.id());
            let mut task = fhir::handover_task(&handover, next.patient.as_str(), &case, None);
            task["requester"]["display"] = json!(worker.practitioner.name.display());
            task["owner"]["display"] = json!(colleague.1);
            let what = ToQueue {
                case: id.clone(),
                subject: of_handover(&handover.id),
                kind: ItemKind::FhirCreate,
                request: FrozenRequest::create(&task),
                version: None,
                deed: Deed::Offered { handover },
                action: AuditAction::HandedOver,
            };
            queue(&worker, what, now)?;
            view::case(&worker, &super::require(&worker, &id)?, now)
        })
        .await?;
        self.transition_queued(&desk);
        Ok(view)
    }
}
