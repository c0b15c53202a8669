//! The page as it will be, and the picture taken: raw bytes for the window, never on disk.

use cache::DocumentKind;
use clinical::TelevisitId;
use contract::report::ReportRequest;
use contract::{Answer, ErrorCode, Failure};
use jiff::Timestamp;

use super::{draft_of, open, report_of, visit};
use crate::core::{Core, blocking};
use crate::failure::OrFail;

impl Core {
    /// `report_preview`: the signed PDF once there is one, else the page of the draft.
    pub async fn report_preview(&self, request: ReportRequest) -> Answer<Vec<u8>> {
        let desk = self.desk()?;
        desk.allow(desk.role().holds_televisits(), &request.televisit_id)?;
        let id = TelevisitId::from(request.televisit_id);
        let living = self.living_visit(&id).await;
        blocking(move || {
            let row = report_of(&desk, &id)?;
            if !super::is_open(&row.state)
                && let Some(signed) = desk
                    .outbox()
                    .report_document(&row.id, DocumentKind::SignedPdf)
                    .or_fail()?
            {
                return Ok(signed.content);
            }
            let now = Timestamp::now();
            let facts = open::facts_of(&desk, &id, living)?;
            let record = visit::record(&desk, &facts, now)?;
            let form = draft_of(&desk, &row.id)?
                .map(|(form, ..)| form)
                .unwrap_or_default();
            report::preview_pdf(&form, &record, now)
                .map_err(|_| Failure::new(ErrorCode::Internal, "report/draw"))
        })
        .await
    }

    /// `report_image`.
    pub async fn report_image(&self, request: ReportRequest) -> Answer<Vec<u8>> {
        let desk = self.desk()?;
        desk.allow(desk.role().holds_televisits(), &request.televisit_id)?;
        let id = TelevisitId::from(request.televisit_id);
        blocking(move || match crate::call::taken(&desk, &id)? {
            Some(picture) => Ok(picture.png.into_inner()),
            None => Err(Failure::new(ErrorCode::NotFound, "report/no-image")),
        })
        .await
    }
}
