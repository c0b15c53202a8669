//! What follows a signature: the signed document is stored with the item that delivers it, in one step.
//!
//! From there on nothing can be lost. Not in it: the device and its PIN (`sign`).

use std::sync::Arc;

use cache::{
    AuditAction, DocumentKind, Event, ItemId, ItemKind, Jitter, NewItem, Outbox, Receipt, ReceiptStep,
    ReportState, State, Step,
};
use clinical::ReportId;
use contract::delivery::QueueSubject;
use contract::{Answer, ErrorCode, Failure};
use jiff::Timestamp;
use signing::pades::Shape;
use signing::{Prepared, SignatureValue, Signed, TrustRoots};

use super::freeze::Frozen;
use super::publication;
use super::ready::ReadyReport;
use crate::core::Core;
use crate::delivery::Subject;
use crate::desk::Desk;
use crate::failure::{OrFail, StepError};
use crate::signing::{Level, level_name};

impl Core {
    /// Puts a signature in its place, checks the result, and stores it with its item. Blocks.
    pub(crate) fn finish_report(
        &self,
        desk: &Arc<Desk>,
        ready: &ReadyReport,
        prepared: Prepared,
        signature: &SignatureValue,
        now: Timestamp,
    ) -> Answer<()> {
        let roots = self.signature_roots()?;
        let signed = signing::finish(prepared, signature, roots.as_ref(), now).or_fail()?;
        self.queue_signed_report(desk, ready, signed, now)
    }

    /// How signatures are made at this station: with room for a time-stamp where one is to follow.
    pub(crate) fn signature_shape(&self, desk: &Desk) -> Answer<Shape> {
        Ok(Shape {
            time_stamp: self.stamp_means(desk)?.is_some(),
            ..Shape::default()
        })
    }

    /// The roots that our own check of a signature must reach; none checks everything but the chain.
    pub(crate) fn signature_roots(&self) -> Answer<Option<TrustRoots>> {
        match &self.settings().signature_roots {
            Some(pem) => TrustRoots::from_pem(pem)
                .map(Some)
                .map_err(|_| Failure::new(ErrorCode::Internal, "sign/roots")),
            None => Ok(None),
        }
    }

    /// Raises a signed report to its level and stores it with the item that delivers it. Blocks.
    pub(crate) fn queue_signed_report(
        &self,
        desk: &Arc<Desk>,
        ready: &ReadyReport,
        signed: Signed,
        now: Timestamp,
    ) -> Answer<()> {
        let raised = self.raise(desk, signed.pdf, now)?;
        let report = &ready.report;
        let (kind, request) = publication_of(desk, ready, &raised.pdf)?;
        let waits = raised.level == Level::Waiting;
        let waiting = awaiting(desk.outbox(), report)?;
        let (id, worker) = (report.clone(), desk.clone());
        desk.outbox()
            .commit(now, move |step| -> Result<(), StepError> {
                let subject = step.report(&id)?.subject;
                let hash = step.report_document(&id, DocumentKind::SignedPdf, &raised.pdf)?;
                step.receipt(
                    &id,
                    &Receipt {
                        step: ReceiptStep::Signed,
                        at: now,
                        id: hash,
                    },
                )?;
                step.report_state(&id, &ReportState::Signed)?;
                match waiting {
                    // It waited for the network, and now it waits for its time-stamp.
                    Some(_) if waits => {}
                    Some(item) => {
                        step.apply(item, Event::Signed { request }, Jitter::random())?;
                    }
                    None => {
                        step.enqueue(NewItem {
                            conversation: subject,
                            kind,
                            subject: subject_of(&id),
                            depends_on: Vec::new(),
                            request,
                            etag: None,
                            awaiting_signature: waits,
                        })?;
                    }
                }
                worker.record(step, AuditAction::ReportSigned, id.as_str())?;
                if !waits {
                    queued(&worker, step, &id, raised.level, now)?;
                }
                Ok(())
            })
            .or_fail()
    }
}

/// A signed report at its level may leave: its receipt and its state, in the step that lets its item go.
pub(super) fn queued(
    desk: &Desk,
    step: &mut Step<'_>,
    report: &ReportId,
    level: Level,
    now: Timestamp,
) -> Result<(), StepError> {
    if let Some(name) = level_name(level) {
        step.receipt(
            report,
            &Receipt {
                step: ReceiptStep::TimeStamped,
                at: now,
                id: name.to_owned(),
            },
        )?;
    }
    step.report_state(report, &ReportState::Queued)?;
    desk.record(step, AuditAction::ReportQueued, report.as_str())?;
    Ok(())
}

/// The item of a report that waits for a signature or for its time-stamp.
pub(crate) fn awaiting(outbox: &Outbox, report: &ReportId) -> Answer<Option<ItemId>> {
    let subject = subject_of(report);
    let lines = outbox.queue().or_fail()?;
    Ok(lines
        .iter()
        .find(|line| line.subject == subject && line.state == State::AwaitingSignature)
        .map(|line| line.id))
}

pub(super) fn subject_of(report: &ReportId) -> String {
    Subject::new(QueueSubject::Report, report.as_str()).to_string()
}

/// The publication of a report that was validated, or both in one where it was not.
fn publication_of(
    desk: &Desk,
    ready: &ReadyReport,
    signed: &[u8],
) -> Answer<(ItemKind, cache::FrozenRequest)> {
    publication_in(desk, &ready.report, &ready.frozen, signed)
}

/// The same, of a report by its name.
pub(super) fn publication_in(
    desk: &Desk,
    report: &ReportId,
    frozen: &Frozen,
    signed: &[u8],
) -> Answer<(ItemKind, cache::FrozenRequest)> {
    let row = desk.outbox().report(report).or_fail()?;
    let workflow = row.and_then(|row| row.workflow_instance_id);
    Ok(match &workflow {
        Some(workflow) => (
            ItemKind::GatewayPublish,
            publication::publish(desk, frozen, workflow, signed)?,
        ),
        None => (
            ItemKind::GatewayValidateAndCreate,
            publication::validate_and_create(desk, report, signed)?,
        ),
    })
}
