//! Sending behind the lock: requests already confirmed go on from memory, under a key that opens nothing else; attachments go
//! on with the key of that one file.

use std::sync::Arc;
use std::time::Duration;

use cache::{Jitter, OutboxItem, QueueLine, SealedFile, State};
use clinical::{AttachmentId, ReportId};
use contract::delivery::QueueSubject;
use jiff::Timestamp;
use region::{FrozenRequest, RegionError, Reply, UploadError, UploadPlan};
use serde::{Deserialize, Serialize};
use session::{Confirmed, DeliveryQueue, Outcome};

use super::Subject;
use super::frozen::from_outbox;
use super::outcome::confirmed;
use super::sender::event_of;
use super::upload::{End, Next, arrived, carry};
use crate::core::{Core, blocking};
use crate::desk::Desk;
use crate::signing::{KeptMeans, Level, Raised};

/// What goes on behind the lock.
#[derive(Serialize, Deserialize)]
enum HandedOver {
    /// A request, and whether it may already have arrived.
    Request(FrozenRequest, bool),
    /// An attachment, with what opens it and nothing else.
    Upload {
        plan: UploadPlan,
        location: Option<String>,
        path: std::path::PathBuf,
        key: [u8; 32],
    },
    /// A signed document that waits for its time-stamp. What comes of it leaves after the unlock.
    Stamp { means: KeptMeans, pdf: Vec<u8> },
}

/// Copies what was confirmed for sending into the queue that outlives the keys, in the order of the outbox; attachments
/// last, because a large one takes long.
pub(crate) fn hand_over(desk: &Desk, means: Option<&KeptMeans>, queue: &mut DeliveryQueue) {
    let Ok(lines) = desk.outbox().queue() else {
        return;
    };
    let mut handed = Vec::new();
    for line in lines {
        if let (State::AwaitingSignature, Some(means)) = (line.state, means) {
            let stamp = unstamped_of(desk, &line).map(|pdf| HandedOver::Stamp {
                means: means.clone(),
                pdf,
            });
            handed.extend(stamp.map(|what| (line.id.0, what)));
            continue;
        }
        let sendable = matches!(line.state, State::Ready | State::Waiting | State::Sending);
        if !sendable || line.held_by.is_some() {
            continue;
        }
        let Ok(item) = desk.outbox().item(line.id) else {
            continue;
        };
        handed.extend(handed_over(desk, &item).map(|what| (line.id.0, what)));
    }
    // Nor may an authority that does not answer hold what can leave.
    handed.sort_by_key(|(_, what)| match what {
        HandedOver::Request(..) => 0,
        HandedOver::Upload { .. } => 1,
        HandedOver::Stamp { .. } => 2,
    });
    for (item, what) in handed {
        let Ok(request) = serde_json::to_vec(&what) else {
            continue;
        };
        if queue.push(&Confirmed { item, request }).is_err() {
            return;
        }
    }
}

fn handed_over(desk: &Desk, item: &OutboxItem) -> Option<HandedOver> {
    let Some(plan) = UploadPlan::of(&item.request.path, &item.request.body) else {
        let request = from_outbox(&item.request)?;
        return Some(HandedOver::Request(request, item.progress.ambiguous));
    };
    let known = desk.outbox().upload(item.id).ok()?;
    if known.paused {
        return None;
    }
    let sealed = desk
        .store
        .attachments
        .sealed(&AttachmentId::from(plan.id.as_str()))
        .ok()?;
    let (path, _, key) = sealed.to_parts();
    Some(HandedOver::Upload {
        plan,
        location: known.location,
        path,
        key,
    })
}

/// The signed document of a report that waits for its time-stamp; none where the item waits for something else.
fn unstamped_of(desk: &Desk, line: &QueueLine) -> Option<Vec<u8>> {
    let report = report_of_subject(&line.subject)?;
    let waiting = crate::report::awaiting_time_stamp(desk).ok()?;
    waiting
        .contains(&report)
        .then(|| crate::report::unstamped(desk, &report).ok())?
}

fn report_of_subject(subject: &str) -> Option<ReportId> {
    let subject = Subject::parse(subject).filter(|subject| subject.kind == QueueSubject::Report)?;
    Some(ReportId::from(subject.id))
}

/// What became of a request behind the lock.
#[derive(Serialize, Deserialize)]
struct Settled {
    status: Option<u16>,
    found: bool,
    etag: Option<String>,
    receipt: Vec<u8>,
    /// The document with its time-stamp.
    #[serde(default)]
    raised: Option<(Vec<u8>, Level)>,
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
                let Ok(handed) = serde_json::from_slice::<HandedOver>(&confirmed.request) else {
                    return;
                };
                let settled = if let HandedOver::Stamp { means, pdf } = handed {
                    stamped(means, pdf).await
                } else {
                    let Some(reply) = core.carry_handed_over(handed).await else {
                        return;
                    };
                    if matches!(reply, Reply::PauseUser) {
                        return;
                    }
                    settled(reply)
                };
                let Some(settled) = settled else {
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

    /// None when the lock is over, or nothing can be done behind it: the rest is found at the unlock.
    async fn carry_handed_over(&self, handed: HandedOver) -> Option<Reply> {
        let (plan, location, path, key) = match handed {
            HandedOver::Request(request, ambiguous) => {
                return Some(self.inner.region.send(&request, ambiguous).await);
            }
            HandedOver::Upload {
                plan,
                location,
                path,
                key,
            } => (plan, location, path, key),
            HandedOver::Stamp { .. } => return None,
        };
        let file = SealedFile::from_parts(path, &plan.id, key);
        // Where it stands is not kept: a repeated creation finds it.
        let keep = |_, _| async {
            let locked = self.lock(&self.inner.session).delivery().is_some();
            if locked { Next::GoOn } else { Next::Stop }
        };
        let _awake = self.stay_awake();
        match carry(&self.inner.region.uploads(), &plan, location, &file, keep).await {
            End::Done => Some(arrived(&plan)),
            End::Failed(UploadError::Region(error)) => Some(Reply::of(error)),
            End::Failed(UploadError::NotOffered) | End::Stopped | End::Unreadable => None,
            End::Failed(_) => Some(Reply::of(RegionError::Garbled)),
        }
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
            if let Some((pdf, level)) = settled.raised {
                let subject = desk
                    .outbox()
                    .item(cache::ItemId(outcome.item))
                    .map(|item| item.subject);
                let report = subject.ok().and_then(|subject| report_of_subject(&subject));
                let kept = report.map(|report| {
                    crate::report::keep_raised(desk, &report, Raised { pdf, level }, Timestamp::now())
                });
                if !matches!(kept, Some(Ok(()))) {
                    tracing::warn!(
                        "a time-stamp from behind the lock was not written; it will be asked for again"
                    );
                }
                continue;
            }
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

/// Asks for a time-stamp; none when it is to be asked for again.
async fn stamped(means: KeptMeans, pdf: Vec<u8>) -> Option<Settled> {
    let raised = blocking(move || means.open()?.raise(pdf, Timestamp::now()))
        .await
        .ok()?;
    (raised.level != Level::Waiting).then_some(Settled {
        status: None,
        found: false,
        etag: None,
        receipt: Vec::new(),
        raised: Some((raised.pdf, raised.level)),
    })
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
                raised: None,
            })
        }
        cache::Event::Found { etag, receipt } => Some(Settled {
            status: None,
            found: true,
            etag,
            receipt,
            raised: None,
        }),
        _ => None,
    }
}
