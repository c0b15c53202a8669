//! The task that asks for the time-stamps that are awaited: at the opening of the desk, when the network is back, and after
//! pauses that grow. No PIN.

use std::sync::{Arc, Weak};
use std::time::Duration;

use crate::core::{Core, blocking};
use crate::desk::Desk;

/// The first pause after a try; each is twice the one before.
const FIRST: Duration = Duration::from_secs(2);
/// The longest.
const LONGEST: Duration = Duration::from_secs(5 * 60);

impl Core {
    pub(super) fn start_stamping(&self, desk: &Arc<Desk>) {
        let (core, weak) = (self.clone(), Arc::downgrade(desk));
        desk.keep_task(tokio::spawn(async move { core.stamp_all(weak).await }));
    }

    async fn stamp_all(&self, weak: Weak<Desk>) {
        let mut pause = FIRST;
        loop {
            let Some(desk) = weak.upgrade() else { return };
            let (core, worker) = (self.clone(), desk.clone());
            let tried = blocking(move || core.complete_time_stamps(&worker)).await;
            let wait = match tried {
                Ok(true) => None,
                Ok(false) => Some(pause),
                Err(failure) => {
                    tracing::warn!(code = failure.detail, "no time-stamp");
                    Some(pause)
                }
            };
            let rung = desk.signing.stamping.notified();
            match wait {
                // With nothing waiting, who signs rings.
                None => {
                    pause = FIRST;
                    rung.await;
                }
                Some(wait) => {
                    pause = (pause * 2).min(LONGEST);
                    tokio::select! {
                        () = rung => {}
                        () = tokio::time::sleep(wait) => {}
                    }
                }
            }
        }
    }
}
