//! The person who logs in again when the region asks for it: nobody sits at a headless station to do it.

use std::sync::Arc;
use std::time::Duration;

use contract::delivery::QueueState;
use contract::session::SessionView;
use workflow::Core;

use crate::host::Headless;

/// Between two looks.
const EVERY: Duration = Duration::from_secs(3);

/// Logs in whenever the desk is open without an access, or the queue waits for one. Never behind a lock, never when
/// nobody is in.
pub(crate) async fn keep_logged_in(core: Core, host: Arc<Headless>) {
    loop {
        if wanted(&core, &host).await
            && let Err(error) = host.log_in(&core).await
        {
            tracing::info!(%error, "not logged in yet");
        }
        tokio::time::sleep(EVERY).await;
    }
}

async fn wanted(core: &Core, host: &Headless) -> bool {
    match core.session_state() {
        SessionView::Open { offline: true, .. } => true,
        SessionView::Open { .. } if host.queued() > 0 => core.delivery_queue().await.is_ok_and(|queue| {
            queue
                .queued
                .iter()
                .any(|row| row.item.state == QueueState::WaitingForLogin)
        }),
        _ => false,
    }
}
