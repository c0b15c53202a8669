//! `transition_open`: one case with its log.

use cache::AuditAction;
use contract::Answer;
use contract::transition::{TransitionRequest, TransitionView};
use jiff::Timestamp;

use super::view;
use crate::core::{Core, blocking};

impl Core {
    /// `transition_open`.
    pub async fn transition_open(&self, request: TransitionRequest) -> Answer<TransitionView> {
        let desk = self.desk()?;
        desk.allow(desk.role().works_transitions(), &request.transition_id)?;
        blocking(move || {
            let known = super::require(&desk, &request.transition_id)?;
            crate::audit::opened(&desk, AuditAction::TransitionOpened, &request.transition_id)?;
            view::case(&desk, &known, Timestamp::now())
        })
        .await
    }
}
