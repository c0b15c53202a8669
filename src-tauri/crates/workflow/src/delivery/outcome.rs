//! What the outcome of a send means for its subject: written in the same transaction as the outcome itself.

use std::sync::Arc;

use cache::{
    AuditAction, DocumentKind, Event, ItemId, ItemKind, Jitter, OutboxItem, Receipt, ReceiptStep,
    ReportState, State, Step, StoreError,
};
use clinical::ReportId;
use contract::delivery::QueueSubject;
use jiff::Timestamp;
use serde_json::Value;

use super::Subject;
use crate::core::Core;
use crate::desk::Desk;

/// Tells the outbox what happened to an item, and its report with it.
pub(super) fn settle(desk: &Arc<Desk>, id: ItemId, event: Event) -> Result<OutboxItem, StoreError> {
    let worker = desk.clone();
    desk.outbox().commit(Timestamp::now(), move |step| {
        let item = step.apply(id, event, Jitter::random())?;
        if item.progress.state == State::Confirmed {
            confirmed(&worker, step, &item)?;
        }
        Ok(item)
    })
}

/// The region holds a report: its state and its receipts.
pub(super) fn confirmed(desk: &Desk, step: &mut Step<'_>, item: &OutboxItem) -> Result<(), StoreError> {
    let gateway = matches!(
        item.kind,
        ItemKind::GatewayPublish | ItemKind::GatewayValidateAndCreate
    );
    let Some(Subject {
        kind: QueueSubject::Report,
        id,
    }) = Subject::parse(&item.subject).filter(|_| gateway)
    else {
        return Ok(());
    };
    let report = ReportId::from(id);
    let row = step.report(&report)?;
    let now = Timestamp::now();
    let given = item
        .progress
        .receipt
        .as_deref()
        .and_then(|bytes| serde_json::from_slice::<Value>(bytes).ok());
    let workflow = given
        .as_ref()
        .and_then(|value| value.get("workflow"))
        .and_then(Value::as_str)
        .map(str::to_owned)
        .or(row.workflow_instance_id)
        .unwrap_or_default();
    if row.validated_at.is_none() {
        // Validated by the same call that published it.
        step.receipt(
            &report,
            &Receipt {
                step: ReceiptStep::Validated,
                at: now,
                id: workflow.clone(),
            },
        )?;
    }
    step.receipt(
        &report,
        &Receipt {
            step: ReceiptStep::Delivered,
            at: now,
            id: workflow,
        },
    )?;
    step.report_state(&report, &ReportState::Delivered)?;
    desk.record(step, AuditAction::ReportDelivered, report.as_str())
}

impl Core {
    /// After a refusal: a publication that came too late, or whose validation the gateway has forgotten, leaves again by
    /// itself as validate-and-create, with the same signature. Everything else waits for a person.
    pub(super) async fn refused(&self, desk: &Arc<Desk>, item: &OutboxItem) {
        if item.kind != ItemKind::GatewayPublish || !validation_gone(item) {
            return;
        }
        let Some(Subject {
            kind: QueueSubject::Report,
            id,
        }) = Subject::parse(&item.subject)
        else {
            return;
        };
        let worker = desk.clone();
        let (report, item) = (ReportId::from(id), item.id);
        let done = tokio::task::spawn_blocking(move || {
            let signed = worker
                .outbox()
                .report_document(&report, DocumentKind::SignedPdf)
                .ok()
                .flatten()?;
            let request = crate::report::validate_and_create(&worker, &report, &signed.content).ok()?;
            worker
                .outbox()
                .apply(
                    item,
                    Event::Revised { request, etag: None },
                    Timestamp::now(),
                    Jitter::random(),
                )
                .ok()
        })
        .await;
        if matches!(done, Ok(Some(_))) {
            desk.outgoing.notify_one();
        }
    }
}

/// The official types of *published too late* and *never validated* (`errors` of the gateway's contract).
fn validation_gone(item: &OutboxItem) -> bool {
    let Some(problem) = item
        .progress
        .receipt
        .as_deref()
        .and_then(|bytes| serde_json::from_slice::<Value>(bytes).ok())
    else {
        return false;
    };
    let kind = problem.get("type").and_then(Value::as_str).unwrap_or_default();
    kind.ends_with("/max-day-limit-exceed") || kind.ends_with("/cda-match")
}
