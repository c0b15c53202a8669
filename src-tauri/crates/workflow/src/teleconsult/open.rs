//! `teleconsult_open`: one case with its conversation.

use cache::AuditAction;
use contract::Answer;
use contract::teleconsult::{TeleconsultRequest, TeleconsultView};
use jiff::Timestamp;

use super::view;
use crate::core::{Core, blocking};

impl Core {
    /// `teleconsult_open`.
    pub async fn teleconsult_open(&self, request: TeleconsultRequest) -> Answer<TeleconsultView> {
        let desk = self.desk()?;
        let role = desk.role();
        desk.allow(
            role.asks_teleconsults() || role.answers_teleconsults(),
            &request.teleconsult_id,
        )?;
        blocking(move || {
            let known = super::require(&desk, &request.teleconsult_id)?;
            crate::audit::opened(&desk, AuditAction::TeleconsultOpened, &request.teleconsult_id)?;
            view::case(&desk, &known, Timestamp::now())
        })
        .await
    }
}
