//! Making a report ready for its signature: the form is checked and frozen, and the region validates it.
//!
//! Each step is stored before the next is tried, so a crash or a second click finds what was done. In an outage the
//! validation is left out; the gateway makes it together with the publication. Not in it: the signature (`sign`) and what
//! follows it (`signed`).

use std::sync::Arc;

use cache::{AuditAction, DocumentKind, Receipt, ReceiptStep, ReportState};
use clinical::{ReportId, TelevisitId};
use contract::events::Tag;
use contract::{Answer, ErrorCode, Failure};
use jiff::{SignedDuration, Timestamp};
use region::RegionError;
use signing::pades::Shape;
use signing::{Conditions, Identity, Prepared};

use super::freeze::Frozen;
use super::{draft_of, freeze, is_open, open, report_of, visit};
use crate::core::{Core, blocking};
use crate::desk::Desk;
use crate::failure::{IntoFailure, OrFail, StepError};

/// A validation older than this is renewed before the signature: publication must come within five days of it.
const VALIDATION_HOLDS: SignedDuration = SignedDuration::from_hours(4 * 24);

/// A report that can be signed: its text no longer changes.
#[derive(Clone)]
pub(crate) struct ReadyReport {
    /// Which.
    pub(crate) report: ReportId,
    /// What was kept when it was frozen.
    pub(super) frozen: Frozen,
    /// What is to be signed.
    pub(crate) pdf: Vec<u8>,
}

impl ReadyReport {
    /// The place of the signature, for this identity. Refuses what must not be signed; no device is asked.
    pub(crate) fn prepare(
        &self,
        desk: &Desk,
        identity: &Identity,
        shape: Shape,
        now: Timestamp,
    ) -> Answer<Prepared> {
        signing::prepare_as(&self.pdf, identity, &conditions(desk), shape, now).or_fail()
    }
}

/// What must hold of every report signed at this desk.
pub(crate) fn conditions(desk: &Desk) -> Conditions {
    Conditions {
        author: Some(desk.practitioner.fiscal_code.as_str().to_owned()),
        fse_precheck: true,
    }
}

impl Core {
    /// Freezes the report of a televisit as it was read on the screen, and has it validated. None when it was signed
    /// already (a second click, a restart).
    pub(crate) async fn ready_report(
        &self,
        desk: &Arc<Desk>,
        televisit: &TelevisitId,
        revision: u32,
    ) -> Answer<Option<ReadyReport>> {
        let Some(ready) = self.frozen_report(desk, televisit, revision).await? else {
            return Ok(None);
        };
        self.validate(desk, &ready).await?;
        Ok(Some(ready))
    }

    /// Freezes the report as it was read on the screen, and no more.
    pub(crate) async fn frozen_report(
        &self,
        desk: &Arc<Desk>,
        televisit: &TelevisitId,
        revision: u32,
    ) -> Answer<Option<ReadyReport>> {
        let (worker, id) = (desk.clone(), televisit.clone());
        blocking(move || frozen_now(&worker, &id, revision)).await
    }

    /// Has the region validate the frozen document, unless that was done or the region cannot now.
    pub(crate) async fn validate(&self, desk: &Arc<Desk>, ready: &ReadyReport) -> Answer<()> {
        let report = &ready.report;
        let row = desk.outbox().report(report).or_fail()?;
        let now = Timestamp::now();
        let holds = row.as_ref().is_some_and(|row| {
            matches!(&row.state, ReportState::Validated { at, .. } if now.duration_since(*at) < VALIDATION_HOLDS)
        });
        if holds || !self.inner.region.is_logged_in() {
            return Ok(());
        }
        let gateway = self.inner.region.gateway();
        match gateway.of(&ready.frozen.patient).validate(&ready.pdf).await {
            Ok(receipt) => {
                let (id, worker) = (report.clone(), desk.clone());
                blocking(move || validated(&worker, &id, receipt.workflow, now)).await
            }
            Err(RegionError::Refused(problem)) => {
                let (id, worker) = (report.clone(), desk.clone());
                let failure = blocking(move || freeze::refuse(&worker, &id, &problem)).await?;
                self.changed(&[Tag::Report]);
                Err(failure)
            }
            Err(error) if error.is_passing() => Ok(()),
            // The access ended: signing goes on, the queue waits for the new login.
            Err(RegionError::Unauthorised) => Ok(()),
            Err(error) => Err(error.failure()),
        }
    }
}

fn validated(desk: &Arc<Desk>, report: &ReportId, workflow: String, now: Timestamp) -> Answer<()> {
    let cda = desk
        .outbox()
        .report_document(report, DocumentKind::Cda)
        .or_fail()?;
    let cda_sha256 = cda.map(|cda| cda.sha256).unwrap_or_default();
    let (recorder, id) = (desk.clone(), report.clone());
    desk.outbox()
        .commit(now, move |step| -> Result<(), StepError> {
            let state = ReportState::Validated {
                workflow_instance_id: workflow.clone(),
                at: now,
                cda_sha256,
            };
            step.report_state(&id, &state)?;
            step.receipt(
                &id,
                &Receipt {
                    step: ReceiptStep::Validated,
                    at: now,
                    id: workflow,
                },
            )?;
            recorder.record(step, AuditAction::ReportValidated, id.as_str())?;
            Ok(())
        })
        .or_fail()
}

/// The frozen document to sign; none when it was signed already.
fn frozen_now(
    desk: &Arc<Desk>,
    televisit: &TelevisitId,
    revision: u32,
) -> Result<Option<ReadyReport>, Failure> {
    let row = report_of(desk, televisit)?;
    if !is_open(&row.state) {
        return Ok(None);
    }
    let (form, known, _) =
        draft_of(desk, &row.id)?.ok_or_else(|| Failure::new(ErrorCode::ReportIncomplete, "report/empty"))?;
    // What is signed is what was read on the screen.
    if known != revision {
        return Err(Failure::new(ErrorCode::Conflict, "report/revision"));
    }
    let facts = open::facts_of(desk, televisit, None)?;
    let record = visit::record(desk, &facts, Timestamp::now())?;
    if record.call_outcome.is_none() {
        return Err(Failure::new(ErrorCode::OutcomeFirst, "report/outcome-of-visit"));
    }
    let (frozen, pdf) = freeze::freeze(desk, &row, form, known, &record)?;
    Ok(Some(ReadyReport {
        report: row.id,
        frozen,
        pdf,
    }))
}
