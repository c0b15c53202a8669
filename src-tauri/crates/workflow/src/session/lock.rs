//! *Blocca*: the screen is covered, the archive closed, the keys gone. Lock is not logout: what was confirmed for
//! sending goes on, and so does a call.

use std::time::Duration;

use cache::{AuditAction, State};
use contract::Answer;
use contract::session::SessionView;
use jiff::Timestamp;
use session::{Confirmed, DeliveryQueue};

use super::Entering;
use crate::core::Core;
use crate::delivery::frozen_bytes;
use crate::desk::Desk;
use crate::failure::OrFail;

impl Core {
    /// `session_lock`. Harmless when nobody is at work or the station is locked already.
    pub async fn session_lock(&self) -> Answer<SessionView> {
        let at_work = matches!(*self.lock(&self.inner.entering), Entering::AtWork { .. });
        let (true, Some(desk)) = (at_work, self.desk_behind_lock()) else {
            return Ok(self.session_state());
        };
        self.call_preview_stop();
        desk.accessed(AuditAction::Locked, "")?;
        let in_call = self.lock(&self.inner.session).in_call();
        if in_call {
            // The call writes what happens in it, so its archive stays open behind the covered screen until it ends.
            self.lock(&self.inner.session).lock(|_| {}).or_fail()?;
        } else {
            desk.stop_tasks();
            self.lock(&self.inner.session)
                .lock(|queue| hand_over(&desk, queue))
                .or_fail()?;
            self.set_desk(None);
        }
        drop(desk);
        self.set_entering(Entering::Covered {
            since: Timestamp::now(),
        });
        if !in_call {
            self.deliver_while_locked();
        }
        Ok(self.session_state())
    }

    /// A call ended behind the lock: now the archive closes too.
    pub(crate) fn close_behind_lock(&self) {
        if !matches!(*self.lock(&self.inner.entering), Entering::Covered { .. }) {
            return;
        }
        if let Some(desk) = self.set_desk(None) {
            desk.stop_tasks();
            if let Some(queue) = self.lock(&self.inner.session).delivery() {
                hand_over(&desk, queue);
            }
            drop(desk);
            self.deliver_while_locked();
        }
    }

    /// Locks a station that nobody has touched for five minutes.
    pub(crate) fn watch_idle(self) {
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(Duration::from_secs(5)).await;
                let due = self.lock(&self.inner.session).should_lock(Timestamp::now());
                if due && let Err(failure) = self.session_lock().await {
                    tracing::warn!(code = failure.detail, "idle lock refused");
                }
            }
        });
    }
}

/// Copies what was confirmed for sending into the queue that outlives the keys, in the order of the outbox.
fn hand_over(desk: &Desk, queue: &mut DeliveryQueue) {
    let Ok(lines) = desk.outbox().queue() else {
        return;
    };
    for line in lines {
        let sendable = matches!(line.state, State::Ready | State::Waiting | State::Sending);
        if !sendable || line.held_by.is_some() {
            continue;
        }
        let Ok(item) = desk.outbox().item(line.id) else {
            continue;
        };
        let Some(request) = frozen_bytes(&item) else {
            continue;
        };
        if queue
            .push(&Confirmed {
                item: line.id.0,
                request,
            })
            .is_err()
        {
            return;
        }
    }
}
