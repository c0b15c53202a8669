//! *Acquisisci immagine*: one picture of the patient, with consent, straight into the encrypted archive.

use cache::{AuditAction, VisitRecordKind};
use clinical::{AttachmentId, Sensitive, TelevisitId};
use contract::call::ImageView;
use contract::{Answer, ErrorCode, Failure};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{devices, no_call};
use crate::core::{Core, blocking};
use crate::desk::Desk;
use crate::failure::{IntoFailure, OrFail};
use crate::televisit::{Written, store_visit};

/// The picture taken during a visit.
pub(crate) struct Picture {
    /// When.
    pub(crate) at: Timestamp,
    /// Its bytes.
    pub(crate) png: Sensitive<Vec<u8>>,
}

/// What the visit's record keeps of a picture; its bytes are an attachment.
#[derive(Serialize, Deserialize)]
pub(crate) struct Taken {
    pub(crate) attachment: AttachmentId,
    pub(crate) at: Timestamp,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

impl Core {
    /// `call_capture_image`. A second picture takes the place of the first in the report; both stay in the archive.
    pub async fn call_capture_image(&self) -> Answer<ImageView> {
        let desk = self.desk()?;
        let slot = self.inner.call.lock().await;
        let call = slot.as_ref().ok_or_else(no_call)?;
        let visit = call.visit();
        if visit.consent().is_none_or(|consent| !consent.to_image) {
            return Err(Failure::new(ErrorCode::ImageConsentMissing, "call/image-consent"));
        }
        let png = call
            .handle
            .capture_picture()
            .await
            .map_err(devices::call_failure)?;
        let now = Timestamp::now();
        let (width, height) = png_size(&png).unwrap_or((0, 0));
        let view = ImageView {
            at: now.to_string(),
            width,
            height,
        };
        blocking(move || {
            let stored = desk
                .store
                .attachments
                .store(
                    visit.id.as_str(),
                    "image/png",
                    "immagine.png".into(),
                    &mut &png[..],
                    now,
                )
                .map_err(IntoFailure::failure)?;
            let taken = Taken {
                attachment: stored.id,
                at: now,
                width,
                height,
            };
            let payload =
                serde_json::to_value(&taken).map_err(|_| Failure::new(ErrorCode::Internal, "call/image"))?;
            store_visit(
                &desk,
                &visit,
                Some(Written {
                    action: AuditAction::ImageTaken,
                    record: Some((VisitRecordKind::Image, payload)),
                    items: Vec::new(),
                }),
            )
        })
        .await?;
        call.record().view.image_acquired_at = Some(view.at.clone());
        self.changed(&[contract::events::Tag::Report]);
        Ok(view)
    }
}

/// The picture taken during a visit, if there is one: when, and its bytes.
pub(crate) fn taken(desk: &Desk, id: &TelevisitId) -> Result<Option<Picture>, Failure> {
    let Some(record) = desk.outbox().visit_last(id, VisitRecordKind::Image).or_fail()? else {
        return Ok(None);
    };
    let taken: Taken = record.payload().or_fail()?;
    let mut reader = desk
        .store
        .attachments
        .read(&taken.attachment)
        .map_err(IntoFailure::failure)?;
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut reader, &mut bytes)
        .map_err(|_| Failure::new(ErrorCode::ArchiveDamaged, "attachment/damaged"))?;
    Ok(Some(Picture {
        at: taken.at,
        png: Sensitive::new(bytes),
    }))
}

/// Width and height in the header of a PNG (RFC 2083, IHDR).
fn png_size(png: &[u8]) -> Option<(u32, u32)> {
    let field = |at: usize| png.get(at..at + 4)?.try_into().ok().map(u32::from_be_bytes);
    Some((field(16)?, field(20)?))
}
