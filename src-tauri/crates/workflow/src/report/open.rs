//! Opening a report: during the call or after it; the question and the therapy are filled in, never retyped.

use std::sync::Arc;

use cache::ReportState;
use clinical::{Sensitive, TelevisitId};
use contract::report::{ReportRequest, ReportStage, ReportView};
use contract::{Answer, ErrorCode, Failure};
use jiff::Timestamp;
use report::ReportForm;

use super::{draft_of, form, report_of, visit};
use crate::agenda::Facts;
use crate::core::{Core, blocking};
use crate::delivery::delivery_view;
use crate::desk::Desk;
use crate::views;

impl Core {
    /// `report_open`.
    pub async fn report_open(&self, request: ReportRequest) -> Answer<ReportView> {
        let desk = self.desk()?;
        desk.allow(desk.role().holds_televisits(), &request.televisit_id)?;
        let id = TelevisitId::from(request.televisit_id);
        let living = self.living_visit(&id).await;
        blocking(move || view(&desk, &id, living)).await
    }

    /// `report_delivery`: the receipts alone.
    pub async fn report_delivery(&self, request: ReportRequest) -> Answer<contract::report::DeliveryView> {
        let desk = self.desk()?;
        let id = TelevisitId::from(request.televisit_id);
        blocking(move || delivery_view(desk.outbox(), &report_of(&desk, &id)?)).await
    }

    /// The visit as the call that goes on knows it.
    pub(super) async fn living_visit(&self, id: &TelevisitId) -> Option<televisit::Visit> {
        let slot = self.inner.call.lock().await;
        slot.as_ref()
            .filter(|call| call.televisit() == id)
            .map(|call| call.visit())
    }
}

pub(super) fn facts_of(
    desk: &Desk,
    id: &TelevisitId,
    living: Option<televisit::Visit>,
) -> Result<Facts, Failure> {
    let mut facts = Facts::load(desk, id)?;
    if living.is_some() {
        facts.visit = living;
    }
    Ok(facts)
}

pub(super) fn view(
    desk: &Arc<Desk>,
    id: &TelevisitId,
    living: Option<televisit::Visit>,
) -> Answer<ReportView> {
    let now = Timestamp::now();
    let facts = facts_of(desk, id, living)?;
    if !facts.admitted() {
        return Err(Failure::new(ErrorCode::NotAControlVisit, "report/first-visit"));
    }
    let record = visit::record(desk, &facts, now)?;
    let row = report_of(desk, id)?;
    let (form, revision, saved_at) = match draft_of(desk, &row.id)? {
        Some((form, revision, at)) => (form, revision, Some(at)),
        None => (first_form(desk, &facts), 0, None),
    };
    let related = crate::patient::related_of(desk, &record.patient.id);
    let mut findings: Vec<_> = report::check(&form, &record)
        .iter()
        .map(form::finding_view)
        .collect();
    findings.extend(super::freeze::refusals(desk, &row)?);
    let delivery = match row.state {
        ReportState::Draft => None,
        _ => Some(delivery_view(desk.outbox(), &row)?),
    };
    let waiting_for_person = delivery
        .as_ref()
        .and_then(|d| d.item.as_ref())
        .is_some_and(|item| {
            matches!(
                item.state,
                contract::delivery::QueueState::ToCorrect | contract::delivery::QueueState::Conflict
            )
        });
    let waiting_for_signature = delivery
        .as_ref()
        .and_then(|d| d.item.as_ref())
        .is_some_and(|item| item.state == contract::delivery::QueueState::AwaitingSignature);
    Ok(ReportView {
        id: row.id.to_string(),
        televisit_id: id.to_string(),
        patient: views::patient(&record.patient, &related, now),
        stage: match row.state {
            _ if waiting_for_person => ReportStage::ToCorrect,
            ReportState::Draft if findings.iter().any(|finding| finding.region_text.is_some()) => {
                ReportStage::ToCorrect
            }
            ReportState::Frozen | ReportState::Validated { .. } if waiting_for_signature => {
                ReportStage::Delivering
            }
            ReportState::Draft | ReportState::Frozen | ReportState::Validated { .. } => ReportStage::Draft,
            ReportState::Signed | ReportState::Queued => ReportStage::Delivering,
            ReportState::Delivered | ReportState::Available | ReportState::InFse => ReportStage::Delivered,
        },
        form: form::form_view(&form),
        revision,
        saved_at: saved_at.map(views::instant),
        findings,
        visit: visit::facts_view(&facts, &record),
        delivery,
    })
}

/// The first form: what is already known is there.
fn first_form(desk: &Desk, facts: &Facts) -> ReportForm {
    let question = facts
        .entry
        .prescription
        .as_ref()
        .and_then(|prescription| prescription.question.clone());
    let (therapy, _) = crate::document::last_therapy(desk, &facts.entry.patient_id);
    ReportForm {
        question: question.unwrap_or_default(),
        current_therapy: therapy.into_iter().map(Sensitive::new).collect(),
        ..ReportForm::default()
    }
}
