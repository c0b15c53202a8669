//! `transition_create`: *Nuova segnalazione*.

use ::transition::{Transition, TransitionState, fhir};
use cache::{AuditAction, ItemKind};
use clinical::{PatientId, TransitionId};
use contract::transition::{CreateTransitionRequest, TransitionView};
use contract::{Answer, ErrorCode, Failure};
use jiff::Timestamp;
use region::FrozenRequest;
use serde_json::json;

use super::queue::{ToQueue, of_case, queue};
use super::{Deed, update, view};
use crate::core::{Core, blocking};
use crate::patient;

impl Core {
    /// `transition_create`.
    pub async fn transition_create(&self, request: CreateTransitionRequest) -> Answer<TransitionView> {
        let desk = self.desk()?;
        desk.allow(desk.role().works_transitions(), &request.patient_id)?;
        let worker = desk.clone();
        let view = blocking(move || {
            let now = Timestamp::now();
            let patient = PatientId::from(request.patient_id);
            if patient::view_of(&worker, &patient, now).is_none() {
                return Err(Failure::new(ErrorCode::NotFound, "transition/patient"));
            }
            let expected_discharge = update::start_of(request.expected_discharge.as_deref())?;
            let origin = view::origin_in(request.origin);
            let destination = view::destination_in(request.destination);
            let mine = worker.assignment();
            let note = request.note.trim();
            let transition = Transition {
                id: TransitionId::new(),
                patient,
                cot: mine.structure.id,
                origin,
                from_citizen: request.from_citizen,
                destination,
                receiver: None,
                expected_discharge,
                note: (!note.is_empty()).then(|| note.into()),
                reported_by: mine.id,
                reported_at: now,
                state: TransitionState::Reported,
                owner: None,
                confirmed_at: None,
                assessment: None,
                pai: None,
                checklist: worker.assets.policy.checklist(origin, destination),
                log: Vec::new(),
                handover: None,
            };
            let mut task = fhir::task(&transition, None);
            task["requester"]["display"] = json!(worker.practitioner.name.display());
            let id = transition.id.to_string();
            let what = ToQueue {
                case: id.clone(),
                subject: of_case(&id),
                kind: ItemKind::FhirCreate,
                request: FrozenRequest::create(&task),
                version: None,
                deed: Deed::Reported {
                    transition: Box::new(transition),
                },
                action: AuditAction::TransitionReported,
            };
            queue(&worker, what, now)?;
            view::case(&worker, &super::require(&worker, &id)?, now)
        })
        .await?;
        self.transition_queued(&desk);
        Ok(view)
    }
}
