//! *Registro accessi*, as its owner reads it, and openings that the window merely repeats.

use cache::{AuditAction, AuditVerdict};
use contract::audit::{AuditLineView, AuditListView};
use contract::{Answer, Failure};
use jiff::{SignedDuration, Timestamp};

use crate::core::{Core, blocking};
use crate::desk::Desk;
use crate::failure::OrFail;
use crate::views;

/// Lines shown; the register itself is whole.
const SHOWN: u32 = 500;
/// A view that stays open is asked again at every change: within this time it is the same opening.
const SAME_OPENING: SignedDuration = SignedDuration::from_mins(10);
/// Lines looked through for it.
const LOOKED_AT: u32 = 40;

impl Core {
    /// `audit_list`.
    pub async fn audit_list(&self) -> Answer<AuditListView> {
        let desk = self.desk()?;
        blocking(move || {
            let own = desk.practitioner.id.to_string();
            let lines = desk
                .outbox()
                .audit_rows(None, SHOWN)
                .or_fail()?
                .into_iter()
                .map(|row| AuditLineView {
                    seq: u32::try_from(row.seq).unwrap_or(u32::MAX),
                    at: views::instant(row.at),
                    actor: if row.actor == own {
                        desk.practitioner.name.display()
                    } else {
                        row.actor
                    },
                    action: row.action.map_or("unknown", AuditAction::as_str).to_owned(),
                    subject: row.subject,
                })
                .collect();
            let intact = matches!(
                desk.outbox().audit_verify().or_fail()?,
                AuditVerdict::Whole { .. }
            );
            Ok(AuditListView { lines, intact })
        })
        .await
    }
}

/// Records that something was opened, once for as long as it stays open.
pub(crate) fn opened(desk: &Desk, action: AuditAction, subject: &str) -> Result<(), Failure> {
    let since = Timestamp::now()
        .checked_sub(SAME_OPENING)
        .unwrap_or(Timestamp::MIN);
    let actor = desk.practitioner.id.to_string();
    let known = desk
        .outbox()
        .audit_rows(None, LOOKED_AT)
        .or_fail()?
        .into_iter()
        .any(|row| {
            row.action == Some(action) && row.subject == subject && row.actor == actor && row.at >= since
        });
    if known {
        Ok(())
    } else {
        desk.accessed(action, subject)
    }
}
