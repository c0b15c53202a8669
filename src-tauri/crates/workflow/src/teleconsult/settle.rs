//! `teleconsult_draft_settle`: *Due versioni* of a draft, side by side; the doctor says which goes on, and both stay.

use contract::events::Tag;
use contract::teleconsult::{DraftVersionView, SettleDraftRequest, TeleconsultDraftView};
use contract::{Answer, ErrorCode, Failure};
use jiff::Timestamp;

use super::form::Body;
use super::{DRAFT, draft};
use crate::core::{Core, blocking};
use crate::desk::Desk;
use crate::failure::OrFail;
use crate::views;

impl Core {
    /// `teleconsult_draft_settle`. Again is harmless.
    pub async fn teleconsult_draft_settle(
        &self,
        request: SettleDraftRequest,
    ) -> Answer<TeleconsultDraftView> {
        let desk = self.desk()?;
        desk.allow(desk.role().asks_teleconsults(), &request.teleconsult_id)?;
        let view = blocking(move || {
            settle(&desk, &request)?;
            draft::view(&desk, &request.teleconsult_id)
        })
        .await?;
        self.changed(&[Tag::Teleconsult]);
        Ok(view)
    }
}

fn settle(desk: &Desk, request: &SettleDraftRequest) -> Result<(), Failure> {
    let id = &request.teleconsult_id;
    let (mut body, kept) = draft::load(desk, id)?;
    let revision = i64::from(request.revision);
    if kept.revision != revision {
        return Err(Failure::new(ErrorCode::Conflict, "draft/revision"));
    }
    let mut rivals = desk.outbox().draft_rivals(id).or_fail()?;
    let Some(other) = rivals.pop().filter(|_| rivals.len() >= body.settled) else {
        return Ok(());
    };
    body.settled = rivals.len() + 1;
    if request.take_other {
        let other = read(&other.body)?;
        // Saved on no revision at all, the version that stood is kept beside the others.
        let stood = desk
            .outbox()
            .draft_save(id, DRAFT, -1, kept.body, Timestamp::now());
        if !matches!(stood, Err(cache::DraftError::Conflict { .. })) {
            return Err(Failure::new(ErrorCode::Internal, "draft/beside"));
        }
        body.settled += 1;
        body.take(other.form, Timestamp::now());
    }
    desk.outbox()
        .draft_save(id, DRAFT, revision, body.bytes()?, Timestamp::now())
        .or_fail()?;
    Ok(())
}

/// The version that was saved last beside the one that stands, until somebody chose between them.
pub(super) fn other_version(desk: &Desk, id: &str, body: &Body) -> Result<Option<DraftVersionView>, Failure> {
    let mut rivals = desk.outbox().draft_rivals(id).or_fail()?;
    let Some(last) = rivals.pop().filter(|_| rivals.len() >= body.settled) else {
        return Ok(None);
    };
    let other = read(&last.body)?;
    Ok((other.form != body.form).then(|| DraftVersionView {
        form: other.form,
        saved_at: views::instant(last.saved_at),
    }))
}

fn read(bytes: &[u8]) -> Result<Body, Failure> {
    serde_json::from_slice(bytes).map_err(|_| Failure::new(ErrorCode::ArchiveDamaged, "teleconsult/draft"))
}
