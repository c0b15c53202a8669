//! `transition_check` and `transition_detail`: what the owner writes of a case while its column stays.

use ::transition::{Assessment, Transition, TransitionRefusal, fhir};
use cache::{AuditAction, ItemKind};
use contract::transition::{
    CheckTransitionRequest, DetailTransitionRequest, TransitionAssessment, TransitionView,
};
use contract::{Answer, ErrorCode, Failure};
use jiff::Timestamp;
use region::FrozenRequest;

use super::queue::{ToQueue, of_case, queue};
use super::{Deed, Update, claim, view};
use crate::core::{Core, blocking};
use crate::views;

impl Core {
    /// `transition_check`.
    pub async fn transition_check(&self, request: CheckTransitionRequest) -> Answer<TransitionView> {
        let done_at = request.done.then(Timestamp::now);
        let item = request.item;
        self.update(request.transition_id, move |case, me| {
            case.check(me, &item, done_at)?;
            // The first tick stands.
            let done_at = case
                .checklist
                .iter()
                .find(|known| known.name == item)
                .and_then(|known| known.done_at);
            Ok(Update::Checked { item, done_at })
        })
        .await
    }

    /// `transition_detail`.
    pub async fn transition_detail(&self, request: DetailTransitionRequest) -> Answer<TransitionView> {
        let expected_discharge = start_of(request.expected_discharge.as_deref())?;
        let assessment = request.assessment.map(|assessment| match assessment {
            TransitionAssessment::Simple => Assessment::Simple,
            TransitionAssessment::Uvm => Assessment::Uvm,
        });
        let pai = request.pai.trim().to_owned();
        let pai = (!pai.is_empty()).then_some(pai);
        self.update(request.transition_id, move |case, me| {
            case.detail(me, expected_discharge, assessment, pai.clone())?;
            Ok(Update::Detailed {
                expected_discharge,
                assessment,
                pai,
            })
        })
        .await
    }

    async fn update(
        &self,
        id: String,
        change: impl FnOnce(&mut Transition, &str) -> Result<Update, TransitionRefusal> + Send + 'static,
    ) -> Answer<TransitionView> {
        let desk = self.desk()?;
        desk.allow(desk.role().works_transitions(), &id)?;
        let worker = desk.clone();
        let view = blocking(move || {
            let now = Timestamp::now();
            let known = super::require(&worker, &id)?;
            let mut next = known.transition.clone();
            let update = change(&mut next, &worker.assignment().id)
                .map_err(|refusal| super::refused(refusal, &known, &worker))?;
            if next != known.transition {
                let version = claim::next_version(&known)?;
                let task = fhir::task(&next, Some(&known.at_region()?.task.resource));
                let what = ToQueue {
                    case: id.clone(),
                    subject: of_case(&id),
                    kind: ItemKind::FhirUpdate,
                    request: FrozenRequest::update(&task, &version),
                    version: Some(version.clone()),
                    deed: Deed::Updated { update, version },
                    action: AuditAction::TransitionNoted,
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

/// A day as the moment at which it begins in Italy.
pub(super) fn start_of(day: Option<&str>) -> Result<Option<Timestamp>, Failure> {
    let Some(day) = day else { return Ok(None) };
    let start = views::parse_day(day)?.to_zoned(views::zone());
    let start = start.map_err(|_| Failure::new(ErrorCode::BadRequest, "request/day"))?;
    Ok(Some(start.timestamp()))
}
