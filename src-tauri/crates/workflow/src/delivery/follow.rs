//! Following a delivered report until the region confirms the portal and the FSE, and what a new login sets free.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::time::Duration;

use cache::{Receipt, ReceiptStep, ReportRow, ReportState, StoreError};
use contract::events::Tag;
use jiff::Timestamp;
use region::gateway::{EventKind, EventOutcome, GatewayEvent};

use crate::core::Core;
use crate::desk::Desk;

/// While the portal is awaited.
const SOON: Duration = Duration::from_secs(2);
/// While only the FSE is awaited, which takes days.
const LATER: u32 = 15;

impl Core {
    pub(super) fn start_following(&self, desk: &Arc<Desk>) {
        let core = self.clone();
        let weak = Arc::downgrade(desk);
        desk.keep_task(tokio::spawn(async move { core.follow(weak).await }));
    }

    /// The access was renewed: what waited for it leaves.
    pub(crate) fn access_renewed(&self) {
        self.inner.renewals.fetch_add(1, Ordering::SeqCst);
        if let Some(desk) = self.desk_behind_lock() {
            self.free_what_waits_for_login(&desk);
            desk.incoming.notify_one();
            self.tell_link();
        }
    }

    pub(super) fn free_what_waits_for_login(&self, desk: &Desk) {
        let freed = desk
            .outbox()
            .commit(Timestamp::now(), |step| -> Result<usize, StoreError> {
                step.logged_in()
            });
        if freed.is_ok() {
            desk.outgoing.notify_one();
        }
    }

    async fn follow(&self, weak: Weak<Desk>) {
        let mut round = 0_u32;
        loop {
            tokio::time::sleep(SOON).await;
            let Some(desk) = weak.upgrade() else { return };
            round = round.wrapping_add(1);
            if !self.inner.region.is_logged_in() || !self.is_online() {
                continue;
            }
            for row in desk.outbox().reports_open().unwrap_or_default() {
                let due = match row.state {
                    ReportState::Delivered => true,
                    ReportState::Available => round % LATER == 1,
                    _ => false,
                };
                if due {
                    self.ask_status(&desk, &row).await;
                }
            }
        }
    }

    async fn ask_status(&self, desk: &Arc<Desk>, row: &ReportRow) {
        let receipts = desk.outbox().receipts(&row.id).unwrap_or_default();
        let Some(workflow) = receipts
            .iter()
            .rfind(|receipt| receipt.step == ReceiptStep::Delivered)
            .map(|receipt| receipt.id.clone())
            .filter(|id| !id.is_empty())
        else {
            return;
        };
        let Ok(events) = self.inner.region.gateway().status(&workflow).await else {
            return;
        };
        let portal = reached(&events, &EventKind::Portal);
        let fse = reached(&events, &EventKind::SentToFse).or_else(|| reached(&events, &EventKind::SentToIni));
        let (id, was) = (row.id.clone(), row.state.clone());
        let written = desk
            .outbox()
            .commit(Timestamp::now(), move |step| -> Result<bool, StoreError> {
                let mut moved = false;
                if let Some(at) = portal
                    && was == ReportState::Delivered
                {
                    step.receipt(
                        &id,
                        &Receipt {
                            step: ReceiptStep::Available,
                            at,
                            id: workflow.clone(),
                        },
                    )?;
                    step.report_state(&id, &ReportState::Available)?;
                    moved = true;
                }
                if let Some(at) = fse {
                    step.receipt(
                        &id,
                        &Receipt {
                            step: ReceiptStep::InFse,
                            at,
                            id: workflow,
                        },
                    )?;
                    step.report_state(&id, &ReportState::InFse)?;
                    moved = true;
                }
                Ok(moved)
            });
        if matches!(written, Ok(true)) {
            self.changed(&[Tag::Report, Tag::Queue, Tag::Agenda]);
        }
    }
}

fn reached(events: &[GatewayEvent], kind: &EventKind) -> Option<Timestamp> {
    events
        .iter()
        .find(|event| &event.kind == kind && event.outcome == EventOutcome::Success)
        .map(|event| event.at.unwrap_or_else(Timestamp::now))
}
