//! `teleconsult_detach`: a file no longer goes with the request.

use clinical::AttachmentId;
use contract::events::Tag;
use contract::teleconsult::{DetachRequest, TeleconsultDraftView};
use contract::{Answer, ErrorCode, Failure};
use jiff::Timestamp;

use super::draft;
use crate::core::{Core, blocking};
use crate::failure::OrFail;

impl Core {
    /// `teleconsult_detach`. Only from a draft: what was sent is not taken back.
    pub async fn teleconsult_detach(&self, request: DetachRequest) -> Answer<TeleconsultDraftView> {
        let desk = self.desk()?;
        desk.allow(desk.role().asks_teleconsults(), &request.teleconsult_id)?;
        let view = blocking(move || {
            draft::load(&desk, &request.teleconsult_id)?;
            let id = AttachmentId::from(request.attachment_id);
            let found = desk.store.attachments.get(&id).or_fail()?;
            if found.is_none_or(|file| file.subject != request.teleconsult_id) {
                return Err(Failure::new(ErrorCode::NotFound, "attachment/unknown"));
            }
            desk.store.attachments.discard(&id, Timestamp::now()).or_fail()?;
            draft::view(&desk, &request.teleconsult_id)
        })
        .await?;
        self.changed(&[Tag::Teleconsult]);
        Ok(view)
    }
}
