//! The reports that are not signed yet: those that can be, and those that cannot, with the reason.

use std::collections::HashSet;

use cache::ReportState;
use clinical::TelevisitId;
use contract::Answer;
use contract::agenda::TelevisitStage;
use contract::batch::{BatchListView, BatchObstacle, BatchRowView};
use jiff::Timestamp;

use crate::agenda::Facts;
use crate::core::{Core, blocking};
use crate::desk::Desk;
use crate::failure::OrFail;
use crate::report::{Standing, awaiting_reports, standing};
use crate::views;

impl Core {
    /// `batch_list`. Those that wait for the network to be signed are in the queue, with an act of their own.
    pub async fn batch_list(&self) -> Answer<BatchListView> {
        let desk = self.desk()?;
        desk.allow(desk.role().holds_televisits(), "batch")?;
        blocking(move || {
            let now = Timestamp::now();
            let awaiting = awaiting_reports(&desk)?;
            let mut seen = HashSet::new();
            let mut rows = Vec::new();
            for report in desk.outbox().reports_open().or_fail()? {
                let open = matches!(
                    report.state,
                    ReportState::Draft | ReportState::Frozen | ReportState::Validated { .. }
                );
                let id = TelevisitId::from(report.subject.as_str());
                seen.insert(report.subject.clone());
                if open
                    && !awaiting.contains(&report.id)
                    && desk.replica().televisit(&id).or_fail()?.is_some()
                {
                    rows.extend(row(&desk, &id, now)?);
                }
            }
            // Held today, and nobody has opened its report yet.
            for televisit in desk.replica().agenda(views::today(now)).or_fail()? {
                if !seen.contains(televisit.id.as_str()) {
                    rows.extend(row(&desk, &televisit.id, now)?);
                }
            }
            rows.sort_by(|a, b| (a.obstacle.is_some(), &a.start).cmp(&(b.obstacle.is_some(), &b.start)));
            Ok(BatchListView { rows })
        })
        .await
    }
}

/// None for a visit that has no report to sign: not held, or not of this program.
fn row(desk: &Desk, id: &TelevisitId, now: Timestamp) -> Answer<Option<BatchRowView>> {
    let facts = Facts::load(desk, id)?;
    let after_the_call = matches!(
        facts.stage(),
        TelevisitStage::ToReport | TelevisitStage::InCall | TelevisitStage::NotHeld
    );
    if !after_the_call || facts.visit.is_none() {
        return Ok(None);
    }
    let Standing {
        written,
        outcome,
        missing,
        refused,
    } = standing(desk, &facts, now)?;
    // A visit that was not held needs a report only where one was begun.
    if facts.stage() == TelevisitStage::NotHeld && written.is_none() {
        return Ok(None);
    }
    let Some(agenda) = facts.row(desk, now) else {
        return Ok(None);
    };
    let obstacle = match written {
        None => Some(BatchObstacle::NotWritten),
        Some(_) if !outcome => Some(BatchObstacle::OutcomeFirst),
        Some(_) if missing > 0 => Some(BatchObstacle::Incomplete),
        Some(_) if refused => Some(BatchObstacle::Refused),
        Some(_) => None,
    };
    let revision = written.map_or(0, |(revision, _)| revision);
    Ok(Some(BatchRowView {
        televisit_id: agenda.televisit_id,
        patient: agenda.patient,
        start: agenda.start,
        reason: agenda.reason,
        revision,
        saved_at: written.map(|(_, at)| views::instant(at)),
        obstacle,
        missing,
        read: desk.batch.is_read(id, revision),
        publish_before: agenda.deadline,
    }))
}
