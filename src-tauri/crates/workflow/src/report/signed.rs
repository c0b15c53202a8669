//! What follows a signature: the signed document is stored with the item that delivers it, in one step.
//!
//! From there on nothing can be lost. Not in it: the device and its PIN (`sign`).

use std::sync::Arc;

use cache::{AuditAction, DocumentKind, ItemKind, NewItem, Receipt, ReceiptStep, ReportState};
use clinical::ReportId;
use contract::delivery::QueueSubject;
use contract::{Answer, ErrorCode, Failure};
use jiff::Timestamp;
use signing::pades::Shape;
use signing::{Prepared, SignatureValue, Signed, TrustRoots};

use super::publication;
use super::ready::ReadyReport;
use crate::core::Core;
use crate::delivery::Subject;
use crate::desk::Desk;
use crate::failure::{OrFail, StepError};

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
    pub(crate) fn signature_shape(&self) -> Shape {
        Shape::default()
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

    /// Stores a signed report with the item that delivers it. Blocks.
    pub(crate) fn queue_signed_report(
        &self,
        desk: &Arc<Desk>,
        ready: &ReadyReport,
        signed: Signed,
        now: Timestamp,
    ) -> Answer<()> {
        let report = &ready.report;
        let (kind, request) = publication_of(desk, ready, &signed.pdf)?;
        let (id, worker) = (report.clone(), desk.clone());
        desk.outbox()
            .commit(now, move |step| -> Result<(), StepError> {
                let subject = step.report(&id)?.subject;
                let hash = step.report_document(&id, DocumentKind::SignedPdf, &signed.pdf)?;
                step.receipt(
                    &id,
                    &Receipt {
                        step: ReceiptStep::Signed,
                        at: now,
                        id: hash,
                    },
                )?;
                step.report_state(&id, &ReportState::Signed)?;
                step.enqueue(NewItem {
                    conversation: subject,
                    kind,
                    subject: subject_of(&id),
                    depends_on: Vec::new(),
                    request,
                    etag: None,
                    awaiting_signature: false,
                })?;
                step.report_state(&id, &ReportState::Queued)?;
                worker.record(step, AuditAction::ReportSigned, id.as_str())?;
                worker.record(step, AuditAction::ReportQueued, id.as_str())?;
                Ok(())
            })
            .or_fail()
    }
}

fn subject_of(report: &ReportId) -> String {
    Subject::new(QueueSubject::Report, report.as_str()).to_string()
}

/// The publication of a report that was validated, or both in one where it was not.
fn publication_of(
    desk: &Desk,
    ready: &ReadyReport,
    signed: &[u8],
) -> Answer<(ItemKind, cache::FrozenRequest)> {
    let row = desk.outbox().report(&ready.report).or_fail()?;
    let workflow = row.and_then(|row| match row.state {
        ReportState::Validated {
            workflow_instance_id, ..
        } => Some(workflow_instance_id),
        _ => None,
    });
    Ok(match &workflow {
        Some(workflow) => (
            ItemKind::GatewayPublish,
            publication::publish(desk, &ready.frozen, workflow, signed)?,
        ),
        None => (
            ItemKind::GatewayValidateAndCreate,
            publication::validate_and_create(desk, &ready.report, signed)?,
        ),
    })
}
