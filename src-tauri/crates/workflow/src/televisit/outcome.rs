//! The outcome: *erogata*, *interrotta*, *completata in video prima dell'interruzione*, *non erogata*.

use cache::{AuditAction, VisitRecordKind};
use clinical::TelevisitId;
use contract::televisit::{ChooseOutcomeRequest, OutcomeView, TelevisitView};
use contract::{Answer, ErrorCode, Failure};
use media::signalling::ByeReason;
use televisit::VisitState;

use super::open::outcome_in;
use super::{Written, encounter_item};
use crate::core::Core;
use crate::failure::OrFail;

impl Core {
    /// `televisit_choose_outcome`: ends the call if it still tries to reconnect.
    pub async fn televisit_choose_outcome(&self, request: ChooseOutcomeRequest) -> Answer<TelevisitView> {
        let id = TelevisitId::from(request.televisit_id);
        let reason = match &request.outcome {
            OutcomeView::NotDelivered { .. } => ByeReason::NotDelivered,
            OutcomeView::Interrupted { .. } => ByeReason::Interrupted,
            _ => ByeReason::Ended,
        };
        let outcome = outcome_in(request.outcome);
        let told = self
            .change_visit(id.clone(), move |desk, visit, facts, now| {
                // Chosen while reconnection went on: the call ends here.
                if let VisitState::InCall { call, .. } = &visit.state
                    && call.without_link(now).is_some_and(|view| view.ask_outcome)
                {
                    visit.end_call(now).or_fail()?;
                }
                visit.complete(outcome.clone(), now).or_fail()?;
                let payload = serde_json::to_value(&outcome)
                    .map_err(|_| Failure::new(ErrorCode::Internal, "visit/outcome"))?;
                Ok(Written {
                    action: AuditAction::OutcomeRecorded,
                    record: Some((VisitRecordKind::Outcome, payload)),
                    items: vec![encounter_item(desk, visit, facts, now)?],
                })
            })
            .await?;
        self.hang_up_if(&id, reason).await;
        Ok(told)
    }

    /// `televisit_not_delivered`: before any call.
    pub async fn televisit_not_delivered(&self, request: ChooseOutcomeRequest) -> Answer<TelevisitView> {
        if !matches!(request.outcome, OutcomeView::NotDelivered { .. }) {
            return Err(Failure::new(ErrorCode::BadRequest, "outcome/kind"));
        }
        self.televisit_choose_outcome(request).await
    }
}
