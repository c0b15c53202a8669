//! `transition_move`: to the next column of the board.

use ::transition::{Transition, TransitionRefusal, fhir};
use cache::{AuditAction, ItemKind};
use contract::Answer;
use contract::transition::{MoveTransitionRequest, TransitionState as Column, TransitionView};
use jiff::Timestamp;
use region::FrozenRequest;

use super::queue::{ToQueue, of_case, queue};
use super::{Deed, claim, view};
use crate::core::{Core, blocking};

impl Core {
    /// `transition_move`. To the column where it stands already is harmless.
    pub async fn transition_move(&self, request: MoveTransitionRequest) -> Answer<TransitionView> {
        let desk = self.desk()?;
        desk.allow(desk.role().works_transitions(), &request.transition_id)?;
        let worker = desk.clone();
        let view = blocking(move || {
            let now = Timestamp::now();
            let id = request.transition_id;
            let known = super::require(&worker, &id)?;
            if view::column(known.transition.state) != request.state {
                let mut next = known.transition.clone();
                advance(&mut next, request.state, &worker.assignment().id, now)
                    .map_err(|refusal| super::refused(refusal, &known, &worker))?;
                let version = claim::next_version(&known)?;
                let task = fhir::task(&next, Some(&known.at_region()?.task.resource));
                let what = ToQueue {
                    case: id.clone(),
                    subject: of_case(&id),
                    kind: ItemKind::FhirUpdate,
                    request: FrozenRequest::update(&task, &version),
                    version: Some(version.clone()),
                    deed: Deed::Moved {
                        state: next.state,
                        confirmed_at: next.confirmed_at,
                        version,
                    },
                    action: AuditAction::TransitionMoved,
                };
                queue(&worker, what, now)?;
            }
            view::case(&worker, &super::require(&worker, &id)?, now)
        })
        .await?;
        self.transition_queued(&desk);
        Ok(view)
    }
}

/// Closing says that the territory has taken the person over: confirmation and end are one gesture of the board.
pub(super) fn advance(
    next: &mut Transition,
    to: Column,
    role: &str,
    now: Timestamp,
) -> Result<(), TransitionRefusal> {
    match to {
        Column::ProtectedDischarge => next.begin_discharge(role),
        Column::TerritoryConfirmation => next.await_territory(role),
        Column::Closed => {
            next.confirm(role, now)?;
            next.close(role)
        }
        // Into the assessment a case comes by being claimed, and never back to the start.
        Column::Referred | Column::Assessment => Err(TransitionRefusal::NotNow),
    }
}
