//! *Marca temporale in attesa*: what was signed without a time-stamp gets it later, without a device, and then leaves.
//!
//! Not in it: when that is tried (`delivery`), and how a time-stamp is had (`signing`).

use std::sync::Arc;

use cache::{DocumentKind, Event, Jitter, ReportState};
use clinical::ReportId;
use contract::{Answer, ErrorCode, Failure};
use jiff::Timestamp;

use super::freeze::frozen;
use super::signed::{awaiting, publication_in, queued};
use crate::core::Core;
use crate::desk::Desk;
use crate::failure::{OrFail, StepError};
use crate::signing::{Level, Raised};

/// Reports that are signed and wait for their time-stamp, in the order of the queue.
pub(crate) fn awaiting_time_stamp(desk: &Desk) -> Answer<Vec<ReportId>> {
    let reports = desk.outbox().reports_open().or_fail()?;
    let mut waiting = Vec::new();
    for row in reports.into_iter().rev() {
        if row.state == ReportState::Signed && awaiting(desk.outbox(), &row.id)?.is_some() {
            waiting.push(row.id);
        }
    }
    Ok(waiting)
}

/// The signed document of a report that waits.
pub(crate) fn unstamped(desk: &Desk, report: &ReportId) -> Answer<Vec<u8>> {
    let signed = desk
        .outbox()
        .report_document(report, DocumentKind::SignedPdf)
        .or_fail()?;
    signed
        .map(|document| document.content)
        .ok_or_else(|| Failure::new(ErrorCode::ArchiveDamaged, "report/signed"))
}

/// Stores what was raised and lets it leave. Nothing when it waits no longer.
pub(crate) fn keep_raised(desk: &Arc<Desk>, report: &ReportId, raised: Raised, now: Timestamp) -> Answer<()> {
    let Some(item) = awaiting(desk.outbox(), report)? else {
        return Ok(());
    };
    let known = frozen(desk, report)?.ok_or_else(|| Failure::new(ErrorCode::NotFound, "report/frozen"))?;
    let (_, request) = publication_in(desk, report, &known, &raised.pdf)?;
    let (id, worker) = (report.clone(), desk.clone());
    desk.outbox()
        .commit(now, move |step| -> Result<(), StepError> {
            if step.report(&id)?.state != ReportState::Signed {
                return Ok(());
            }
            step.report_document(&id, DocumentKind::SignedPdf, &raised.pdf)?;
            step.apply(item, Event::Signed { request }, Jitter::random())?;
            queued(&worker, step, &id, raised.level, now)
        })
        .or_fail()
}

impl Core {
    /// Tries to complete every report that waits for its time-stamp; true when none is left. Blocks.
    pub(crate) fn complete_time_stamps(&self, desk: &Arc<Desk>) -> Answer<bool> {
        let mut none_left = true;
        for report in awaiting_time_stamp(desk)? {
            let now = Timestamp::now();
            let raised = self.raise(desk, unstamped(desk, &report)?, now)?;
            if raised.level == Level::Waiting {
                none_left = false;
                // Who does not answer for one does not answer for the next.
                break;
            }
            keep_raised(desk, &report, raised, now)?;
            self.reports_queued(desk);
        }
        Ok(none_left)
    }
}
