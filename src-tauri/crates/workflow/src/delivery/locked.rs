//! Sending behind the lock: requests already confirmed go on from memory, under a key that opens nothing else.

use std::sync::Arc;
use std::time::Duration;

use cache::Jitter;
use jiff::Timestamp;
use region::{FrozenRequest, Reply};
use serde::{Deserialize, Serialize};
use session::{DeliveryQueue, Outcome};

use super::outcome::confirmed;
use super::sender::event_of;
use crate::core::Core;
use crate::desk::Desk;

/// What became of a request behind the lock.
#[derive(Serialize, Deserialize)]
struct Settled {
    status: Option<u16>,
    found: bool,
    etag: Option<String>,
    receipt: Vec<u8>,
}

/// Pause between tries behind the lock: the outbox's own pauses are closed with it.
const PAUSE: Duration = Duration::from_secs(10);

impl Core {
    /// Starts sending what was handed over; ends when nothing waits or somebody unlocks.
    pub(crate) fn deliver_while_locked(&self) {
        let core = self.clone();
        tokio::spawn(async move {
            loop {
                let first = match core.lock(&core.inner.session).delivery() {
                    Some(queue) => queue.first(),
                    None => return,
                };
                let Ok(Some(confirmed)) = first else { return };
                let Ok((request, ambiguous)) =
                    serde_json::from_slice::<(FrozenRequest, bool)>(&confirmed.request)
                else {
                    return;
                };
                let reply = core.inner.region.send(&request, ambiguous).await;
                if matches!(reply, Reply::PauseUser) {
                    return;
                }
                let Some(settled) = settled(reply) else {
                    tokio::time::sleep(PAUSE).await;
                    continue;
                };
                let Ok(outcome) = serde_json::to_vec(&settled) else {
                    return;
                };
                let mut session = core.lock(&core.inner.session);
                let Some(queue) = session.delivery() else { return };
                if queue
                    .settle(&Outcome {
                        item: confirmed.item,
                        outcome,
                    })
                    .is_err()
                {
                    return;
                }
                drop(session);
                core.tell_link();
            }
        });
    }

    /// Writes to the outbox what became of the requests behind the lock. What is not written is found again by search.
    pub(crate) fn settle_locked_deliveries(desk: &Arc<Desk>, queue: DeliveryQueue) {
        let Ok(outcomes) = queue.into_outcomes() else {
            return;
        };
        for outcome in outcomes {
            let Ok(settled) = serde_json::from_slice::<Settled>(&outcome.outcome) else {
                continue;
            };
            let event = match settled.status {
                Some(status) if !settled.found => cache::Event::Reply {
                    status,
                    retry_after: None,
                    etag: settled.etag,
                    receipt: settled.receipt,
                },
                _ => cache::Event::Found {
                    etag: settled.etag,
                    receipt: settled.receipt,
                },
            };
            let id = cache::ItemId(outcome.item);
            let worker = desk.clone();
            let written =
                desk.outbox()
                    .commit(Timestamp::now(), move |step| -> Result<(), cache::StoreError> {
                        // It may be waiting out a pause from before the lock.
                        let _ = step.apply(id, cache::Event::Retry, Jitter::random());
                        step.apply(id, cache::Event::Taken, Jitter::random())?;
                        let item = step.apply(id, event, Jitter::random())?;
                        if item.progress.state == cache::State::Confirmed {
                            confirmed(&worker, step, &item)?;
                        }
                        Ok(())
                    });
            if written.is_err() {
                tracing::warn!("an outcome behind the lock was not written; it will be searched for");
            }
        }
    }
}

/// The lasting part of a reply; none when it is to be tried again.
fn settled(reply: Reply) -> Option<Settled> {
    match event_of(reply) {
        cache::Event::Reply {
            status,
            etag,
            receipt,
            ..
        } if (200..300).contains(&status)
            || (400..500).contains(&status) && !matches!(status, 401 | 408 | 425 | 429) =>
        {
            Some(Settled {
                status: Some(status),
                found: false,
                etag,
                receipt,
            })
        }
        cache::Event::Found { etag, receipt } => Some(Settled {
            status: None,
            found: true,
            etag,
            receipt,
        }),
        _ => None,
    }
}
