//! *Blocca*: the screen is covered, the archive closed, the keys gone. Lock is not logout: what was confirmed for
//! sending goes on, and so does a call.

use std::time::Duration;

use cache::AuditAction;
use contract::Answer;
use contract::session::{LockReason, SessionView};
use jiff::Timestamp;

use super::Entering;
use crate::core::Core;
use crate::delivery::hand_over;
use crate::failure::OrFail;

impl Core {
    /// `session_lock`. Harmless when nobody is at work or the station is locked already.
    pub async fn session_lock(&self) -> Answer<SessionView> {
        self.lock_because(LockReason::Asked).await
    }

    /// The PC itself is being locked or put to sleep.
    pub async fn system_locks(&self) {
        if let Err(failure) = self.lock_because(LockReason::System).await {
            tracing::warn!(code = failure.detail, "lock with the system refused");
        }
    }

    pub(super) async fn lock_because(&self, reason: LockReason) -> Answer<SessionView> {
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
            let means = self.kept_means(&desk).ok().flatten();
            self.lock(&self.inner.session)
                .lock(|queue| hand_over(&desk, means.as_ref(), queue))
                .or_fail()?;
            self.set_desk(None);
        }
        drop(desk);
        self.set_entering(Entering::Covered {
            since: Timestamp::now(),
            reason,
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
            let means = self.kept_means(&desk).ok().flatten();
            if let Some(queue) = self.lock(&self.inner.session).delivery() {
                hand_over(&desk, means.as_ref(), queue);
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
                if due && let Err(failure) = self.lock_because(LockReason::Idle).await {
                    tracing::warn!(code = failure.detail, "idle lock refused");
                }
            }
        });
    }
}
