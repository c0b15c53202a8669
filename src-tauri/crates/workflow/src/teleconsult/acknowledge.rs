//! `teleconsult_acknowledge`: *Presa visione*, with remarks or without.

use ::teleconsult::{CaseState, MessageKind};
use cache::AuditAction;
use contract::Answer;
use contract::delivery::QueueSubject;
use contract::teleconsult::{TeleconsultTextRequest, TeleconsultView};
use jiff::Timestamp;

use super::{say, view};
use crate::core::{Core, blocking};

/// What the message says when there are no remarks: FHIR allows no empty text.
pub(super) const SEEN: &str = "Presa visione";

impl Core {
    /// `teleconsult_acknowledge`. Again without remarks is harmless.
    pub async fn teleconsult_acknowledge(&self, request: TeleconsultTextRequest) -> Answer<TeleconsultView> {
        let desk = self.desk()?;
        desk.allow(desk.role().asks_teleconsults(), &request.teleconsult_id)?;
        let worker = desk.clone();
        let view = blocking(move || {
            let id = request.teleconsult_id;
            let known = super::require(&worker, &id)?;
            let text = request.text.trim();
            let again = matches!(known.case.state, CaseState::Acknowledged { .. });
            if !(again && text.is_empty()) {
                let words = if text.is_empty() { SEEN } else { text };
                let message = say::message(&worker, MessageKind::Acknowledgement, words);
                let mut case = known.case.clone();
                case.acknowledge(&worker.assignment().id, Some(message.clone()))
                    .map_err(|refusal| super::refused(refusal, &known, &worker))?;
                let subject = QueueSubject::TeleconsultMessage;
                say::say(
                    &worker,
                    &known,
                    &case,
                    message,
                    subject,
                    AuditAction::TeleconsultAcknowledged,
                )?;
            }
            view::case(&worker, &super::require(&worker, &id)?, Timestamp::now())
        })
        .await?;
        self.teleconsult_queued(&desk);
        Ok(view)
    }
}
