//! The page of one report at one revision: what is signed is what was seen.

use clinical::TelevisitId;
use contract::Answer;
use contract::batch::BatchDocumentRequest;

use crate::core::{Core, blocking};
use crate::report::page_of;

impl Core {
    /// `batch_preview`: refused when the text is no longer of that revision. From here on that revision is read.
    pub async fn batch_preview(&self, request: BatchDocumentRequest) -> Answer<Vec<u8>> {
        let desk = self.desk()?;
        desk.allow(desk.role().holds_televisits(), &request.televisit_id)?;
        let id = TelevisitId::from(request.televisit_id);
        blocking(move || {
            let page = page_of(&desk, &id, request.revision)?;
            desk.batch.was_shown(id, request.revision);
            Ok(page)
        })
        .await
    }
}
