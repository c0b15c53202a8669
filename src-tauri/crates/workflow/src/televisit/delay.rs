//! *Avvisa del ritardo*: the waiting citizen reads it on the page.

use cache::{AuditAction, VisitRecordKind};
use clinical::TelevisitId;
use contract::televisit::{NotifyDelayRequest, TelevisitView};
use contract::{Answer, ErrorCode, Failure};

use super::{Written, resources};
use crate::core::Core;
use crate::desk::Desk;

impl Core {
    /// `televisit_notify_delay`.
    pub async fn televisit_notify_delay(&self, request: NotifyDelayRequest) -> Answer<TelevisitView> {
        if !(5..=120).contains(&request.minutes) {
            return Err(Failure::new(ErrorCode::BadRequest, "delay/minutes").with_field("minutes"));
        }
        let minutes = request.minutes;
        self.change_visit(
            TelevisitId::from(request.televisit_id),
            move |desk, visit, _, now| {
                Ok(Written {
                    action: AuditAction::VisitOpened,
                    record: Some((
                        VisitRecordKind::CallLog,
                        serde_json::json!({ "delay_minutes": minutes }),
                    )),
                    items: vec![resources::delay_item(desk, visit, minutes, now)?],
                })
            },
        )
        .await
    }
}

pub(super) fn last_delay(desk: &Desk, id: &TelevisitId) -> Option<u32> {
    let record = desk
        .outbox()
        .visit_last(id, VisitRecordKind::CallLog)
        .ok()
        .flatten()?;
    let value: serde_json::Value = record.payload().ok()?;
    u32::try_from(value.get("delay_minutes")?.as_u64()?).ok()
}
