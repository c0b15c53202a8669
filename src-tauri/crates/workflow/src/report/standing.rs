//! Where an unsigned report stands, seen from outside its form: what many reports at once ask of each.

use std::collections::HashSet;

use cache::{DocumentKind, ReportState, State};
use clinical::{ReportId, TelevisitId};
use contract::{Answer, ErrorCode, Failure};
use jiff::Timestamp;
use report::Severity;

use super::ready::ReadyReport;
use super::{draft_of, freeze, is_open, open, report_of, signed, visit};
use crate::agenda::Facts;
use crate::desk::Desk;
use crate::failure::OrFail;

/// What stands between a report and its signature.
pub(crate) struct Standing {
    /// Revision and time of the text, when one was written.
    pub(crate) written: Option<(u32, Timestamp)>,
    /// The visit has its outcome.
    pub(crate) outcome: bool,
    /// Findings that block.
    pub(crate) missing: u32,
    /// The region refused this very text.
    pub(crate) refused: bool,
}

/// Looks at a report. Nothing is begun by looking.
pub(crate) fn standing(desk: &Desk, facts: &Facts, now: Timestamp) -> Answer<Standing> {
    let draft = match &facts.report {
        Some(row) => draft_of(desk, &row.id)?.map(|draft| (row, draft)),
        None => None,
    };
    let Some((row, (form, revision, at))) = draft else {
        return Ok(Standing {
            written: None,
            outcome: false,
            missing: 0,
            refused: false,
        });
    };
    let record = visit::record(desk, facts, now)?;
    let missing = report::check(&form, &record)
        .iter()
        .filter(|finding| finding.severity == Severity::Blocking)
        .count();
    Ok(Standing {
        written: Some((revision, at)),
        outcome: record.call_outcome.is_some(),
        missing: u32::try_from(missing).unwrap_or(u32::MAX),
        refused: !freeze::refusals(desk, row)?.is_empty(),
    })
}

/// The page of a report at this revision: the frozen one, when it is of this revision, else as it would be frozen.
pub(crate) fn page_of(desk: &Desk, televisit: &TelevisitId, revision: u32) -> Answer<Vec<u8>> {
    let row = report_of(desk, televisit)?;
    let changed = || Failure::new(ErrorCode::Conflict, "report/revision");
    if !is_open(&row.state) {
        return Err(Failure::new(ErrorCode::ReportFrozen, "report/frozen"));
    }
    let (form, ..) = draft_of(desk, &row.id)?
        .filter(|(_, known, _)| *known == revision)
        .ok_or_else(changed)?;
    if row.state != ReportState::Draft
        && freeze::frozen(desk, &row.id)?.is_some_and(|known| known.revision == revision)
        && let Some(pdf) = desk
            .outbox()
            .report_document(&row.id, DocumentKind::Pdf)
            .or_fail()?
    {
        return Ok(pdf.content);
    }
    let now = Timestamp::now();
    let facts = open::facts_of(desk, televisit, None)?;
    let record = visit::record(desk, &facts, now)?;
    report::preview_pdf(&form, &record, now).map_err(|_| Failure::new(ErrorCode::Internal, "report/draw"))
}

/// The bytes of a report that was made ready, if it is still the one that was frozen.
pub(crate) fn frozen_page(desk: &Desk, ready: &ReadyReport) -> Answer<Vec<u8>> {
    let changed = || Failure::new(ErrorCode::Conflict, "report/changed");
    let row = desk
        .outbox()
        .report(&ready.report)
        .or_fail()?
        .ok_or_else(changed)?;
    let same = freeze::frozen(desk, &ready.report)?
        .is_some_and(|known| known.document_id == ready.frozen.document_id);
    if !matches!(row.state, ReportState::Frozen | ReportState::Validated { .. }) || !same {
        return Err(changed());
    }
    let pdf = desk
        .outbox()
        .report_document(&ready.report, DocumentKind::Pdf)
        .or_fail()?;
    pdf.map(|pdf| pdf.content).ok_or_else(changed)
}

/// Whether the report of a televisit is signed.
pub(crate) fn is_signed(desk: &Desk, televisit: &TelevisitId) -> Answer<bool> {
    let rows = desk.outbox().reports_of(televisit.as_str()).or_fail()?;
    Ok(rows.first().is_some_and(|row| !is_open(&row.state)))
}

/// Reports with an item that waits for a signature: they are signed from the queue.
pub(crate) fn awaiting_reports(desk: &Desk) -> Answer<HashSet<ReportId>> {
    let queue = desk.outbox().queue().or_fail()?;
    let waiting: HashSet<String> = queue
        .into_iter()
        .filter(|line| line.state == State::AwaitingSignature)
        .map(|line| line.subject)
        .collect();
    let open = desk.outbox().reports_open().or_fail()?;
    Ok(open
        .into_iter()
        .map(|row| row.id)
        .filter(|id| waiting.contains(&signed::subject_of(id)))
        .collect())
}
