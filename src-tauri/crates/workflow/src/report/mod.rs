//! The report of a televisit: draft, findings, preview, signature, delivery.
//!
//! The draft is saved as it is typed. *Firma e invia* freezes it: from the validation on the CDA is never touched again.
//! Not in it: the document itself (`report`), the signature (`signing`), the sending (`delivery`).

mod devices;
mod form;
mod freeze;
mod open;
mod preview;
mod publication;
mod ready;
mod save;
mod sign;
mod signed;
mod stamp;
mod standing;
mod visit;
mod waiting;

pub(crate) use publication::validate_and_create;
pub(crate) use ready::{ReadyReport, conditions};
pub(crate) use stamp::{awaiting_time_stamp, keep_raised, unstamped};
pub(crate) use standing::{Standing, awaiting_reports, frozen_page, is_signed, page_of, standing};

use cache::ReportState;
use clinical::{ReportId, TelevisitId};
use contract::{ErrorCode, Failure};
use report::ReportForm;

use crate::desk::Desk;
use crate::failure::OrFail;

/// The kind under which drafts of reports are kept.
const DRAFT: &str = "report";

/// The report of a televisit: the one begun, or a new draft in its place.
fn report_of(desk: &Desk, televisit: &TelevisitId) -> Result<cache::ReportRow, Failure> {
    if let Some(row) = desk
        .outbox()
        .reports_of(televisit.as_str())
        .or_fail()?
        .into_iter()
        .next()
    {
        return Ok(row);
    }
    let id = ReportId::new();
    let subject = televisit.to_string();
    desk.outbox()
        .commit(jiff::Timestamp::now(), move |step| {
            step.report_open(&id, &subject)
        })
        .or_fail()
}

/// The draft as last saved, with its revision and time; none when nothing was typed yet.
fn draft_of(desk: &Desk, report: &ReportId) -> Result<Option<(ReportForm, u32, jiff::Timestamp)>, Failure> {
    let Some(draft) = desk.outbox().draft_load(report.as_str()).or_fail()? else {
        return Ok(None);
    };
    let form = serde_json::from_slice(&draft.body)
        .map_err(|_| Failure::new(ErrorCode::ArchiveDamaged, "report/draft"))?;
    Ok(Some((
        form,
        u32::try_from(draft.revision).unwrap_or(u32::MAX),
        draft.saved_at,
    )))
}

/// Whether the text may still change.
fn is_open(state: &ReportState) -> bool {
    matches!(
        state,
        ReportState::Draft | ReportState::Frozen | ReportState::Validated { .. }
    )
}
