//! `transition_log_call`: a call or a note in the log, which nobody can take back.

use ::transition::{Call, CallResult, LogEntry, fhir};
use cache::{AuditAction, ItemKind};
use contract::transition::{CallResult as ResultView, LogCallRequest, TransitionView};
use contract::{Answer, ErrorCode, Failure};
use jiff::Timestamp;
use region::FrozenRequest;
use uuid::Uuid;

use super::queue::{ToQueue, of_case, queue};
use super::{Deed, view};
use crate::core::{Core, blocking};
use crate::views;

impl Core {
    /// `transition_log_call`.
    pub async fn transition_log_call(&self, request: LogCallRequest) -> Answer<TransitionView> {
        let desk = self.desk()?;
        desk.allow(desk.role().works_transitions(), &request.transition_id)?;
        let worker = desk.clone();
        let view = blocking(move || {
            let now = Timestamp::now();
            let known = super::require(&worker, &request.transition_id)?;
            let entry = LogEntry {
                id: Uuid::now_v7().to_string(),
                by: worker.assignment().id,
                by_name: Some(worker.practitioner.name.display().into()),
                at: now,
                call: call(&request)?,
                escalation: None,
                text: request.text.trim().into(),
            };
            let mut next = known.transition.clone();
            next.log(entry.clone())
                .map_err(|refusal| super::refused(refusal, &known, &worker))?;
            let about = format!("Task/{}", known.at_region()?.task.id());
            let resource = fhir::communication(&entry, next.patient.as_str(), &about);
            let id = request.transition_id;
            let what = ToQueue {
                case: id.clone(),
                subject: of_case(&id),
                kind: ItemKind::FhirCreate,
                request: FrozenRequest::create(&resource),
                version: None,
                deed: Deed::Noted { entry },
                action: AuditAction::TransitionNoted,
            };
            queue(&worker, what, now)?;
            view::case(&worker, &super::require(&worker, &id)?, now)
        })
        .await?;
        self.transition_queued(&desk);
        Ok(view)
    }
}

fn call(request: &LogCallRequest) -> Result<Option<Call>, Failure> {
    let result = match request.call {
        None => return Ok(None),
        Some(ResultView::Called) => CallResult::Reached,
        Some(ResultView::NoAnswer) => CallResult::NoAnswer,
        Some(ResultView::CallBack) => match &request.call_back_at {
            Some(at) => CallResult::CallBack {
                at: views::parse_instant(at)?,
            },
            None => {
                return Err(Failure::new(ErrorCode::RequestIncomplete, "transition/call-back")
                    .with_field("call_back_at"));
            }
        },
    };
    // Without a name every call of a case follows the one before.
    Ok(Some(Call {
        whom: request.whom.trim().into(),
        result,
    }))
}
