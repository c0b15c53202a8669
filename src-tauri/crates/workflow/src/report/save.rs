//! Saving the draft: answered only after it is on disk.

use cache::ReportState;
use clinical::TelevisitId;
use contract::report::{ReportSavedView, SaveReportRequest};
use contract::{Answer, ErrorCode, Failure};
use jiff::Timestamp;

use super::{DRAFT, draft_of, form, is_open, open, report_of, visit};
use crate::core::{Core, blocking};
use crate::failure::{OrFail, StepError};
use crate::views;

impl Core {
    /// `report_save`.
    pub async fn report_save(&self, request: SaveReportRequest) -> Answer<ReportSavedView> {
        let desk = self.desk()?;
        desk.allow(desk.role().holds_televisits(), &request.televisit_id)?;
        let id = TelevisitId::from(request.televisit_id);
        let living = self.living_visit(&id).await;
        blocking(move || {
            let now = Timestamp::now();
            let row = report_of(&desk, &id)?;
            if !is_open(&row.state) || super::signed::awaiting(desk.outbox(), &row.id)?.is_some() {
                return Err(Failure::new(ErrorCode::ReportFrozen, "report/frozen"));
            }
            let before = draft_of(&desk, &row.id)?;
            let unchanged_revision = before.as_ref().map_or(0, |(_, revision, _)| *revision);
            let known = before.map(|(form, ..)| form).unwrap_or_default();
            let form = form::form_in(request.form, known.clone());
            let findings_of = |form: &report::ReportForm| -> Result<Vec<_>, Failure> {
                let facts = open::facts_of(&desk, &id, living.clone())?;
                let record = visit::record(&desk, &facts, now)?;
                Ok(report::check(form, &record)
                    .iter()
                    .map(form::finding_view)
                    .collect())
            };
            // The same text again (a blur after a save): nothing to write, and the revision stays.
            if form == known && unchanged_revision > 0 && unchanged_revision == request.revision {
                let (_, revision, at) = draft_of(&desk, &row.id)?.unwrap_or((known, 0, now));
                return Ok(ReportSavedView {
                    revision,
                    saved_at: views::instant(at),
                    findings: findings_of(&form)?,
                });
            }
            let body =
                serde_json::to_vec(&form).map_err(|_| Failure::new(ErrorCode::Internal, "report/form"))?;
            let saved = desk
                .outbox()
                .draft_save(row.id.as_str(), DRAFT, i64::from(request.revision), body, now)
                .or_fail()?;
            // A text that changes after it was frozen is a draft again; the region does not hold it yet.
            if row.state != ReportState::Draft {
                let report = row.id.clone();
                desk.outbox()
                    .commit(now, move |step| -> Result<(), StepError> {
                        step.report_state(&report, &ReportState::Draft)?;
                        Ok(())
                    })
                    .or_fail()?;
            }
            Ok(ReportSavedView {
                revision: u32::try_from(saved.revision).unwrap_or(u32::MAX),
                saved_at: views::instant(saved.saved_at),
                findings: findings_of(&form)?,
            })
        })
        .await
    }
}
