//! The senders of a person's outbox: take the item that may leave, send it, tell the outbox what happened. One for requests,
//! never two at once, and one for attachments, so that a large file holds nothing else.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::time::Duration;

use cache::{Event, Jitter, Lane, OutboxItem, Reason, State};
use contract::events::Tag;
use jiff::{SignedDuration, Timestamp};
use region::{Region, Reply, Sent, UploadPlan};

use super::frozen::from_outbox;
use super::outcome::settle;
use super::upload::Carried;
use crate::core::Core;
use crate::desk::Desk;
use crate::host::Notice;

/// The sender looks again at least this often: a clock that was set back must not hold the queue.
const LOOK_AGAIN: Duration = Duration::from_secs(30);

impl Core {
    /// Starts the senders of a desk; they end with the desk.
    pub(crate) fn start_sender(&self, desk: &Arc<Desk>) {
        // Who came in by a login brought the access that what was left from before waits for.
        if self.inner.region.is_logged_in() {
            self.free_what_waits_for_login(desk);
        }
        for lane in [Lane::Requests, Lane::Uploads] {
            let (core, weak) = (self.clone(), Arc::downgrade(desk));
            desk.keep_task(tokio::spawn(async move { core.send_all(weak, lane).await }));
        }
        self.start_following(desk);
        self.start_stamping(desk);
    }

    async fn send_all(&self, weak: Weak<Desk>, lane: Lane) {
        loop {
            let Some(desk) = weak.upgrade() else { return };
            let taken = {
                let desk = desk.clone();
                tokio::task::spawn_blocking(move || desk.outbox().take_next_of(lane, Timestamp::now())).await
            };
            match taken {
                Ok(Ok(Some(item))) => {
                    self.changed(&[Tag::Queue]);
                    self.send_one(&desk, &item).await;
                }
                Ok(Ok(None)) => self.wait(&desk, lane).await,
                // A store that refuses is told by the verbs that meet it; here it only slows the sender down.
                _ => tokio::time::sleep(LOOK_AGAIN).await,
            }
        }
    }

    /// What waits out a pause leaves now: the region is back, or a person asked.
    pub(crate) fn retry_waiting(&self, desk: &Arc<Desk>) {
        let now = Timestamp::now();
        for line in desk.outbox().queue().unwrap_or_default() {
            if line.state == State::Waiting {
                // Refused only when its state has changed meanwhile, which is what was wanted.
                let _ = desk.outbox().apply(line.id, Event::Retry, now, Jitter::random());
            }
        }
        desk.outgoing.notify_one();
    }

    async fn wait(&self, desk: &Arc<Desk>, lane: Lane) {
        let wake = desk.outbox().next_wake_of(lane).ok().flatten();
        let pause = wake
            .map(|at| at.duration_since(Timestamp::now()))
            .and_then(|left| Duration::try_from(left.max(SignedDuration::from_millis(50))).ok())
            .map_or(LOOK_AGAIN, |left| left.min(LOOK_AGAIN));
        let rung = match lane {
            Lane::Uploads => desk.uploading.notified(),
            Lane::All | Lane::Requests => desk.outgoing.notified(),
        };
        tokio::select! {
            // Who rings for the requests rings for the attachments too.
            () = rung => if lane == Lane::Requests { desk.uploading.notify_one() },
            () = tokio::time::sleep(pause) => {}
        }
    }

    async fn send_one(&self, desk: &Arc<Desk>, item: &OutboxItem) {
        let renewals = self.inner.renewals.load(Ordering::SeqCst);
        let event = self.event_of_sending(desk, item).await;
        let (worker, id) = (desk.clone(), item.id);
        let settled = tokio::task::spawn_blocking(move || settle(&worker, id, event)).await;
        match settled {
            Ok(Ok(settled)) => {
                if settled.progress.state == State::Confirmed {
                    desk.incoming.notify_one();
                    // What waited for this file may leave.
                    desk.outgoing.notify_one();
                } else if settled.progress.state == State::PausedAuth
                    && self.inner.renewals.load(Ordering::SeqCst) != renewals
                {
                    // What was refused is the access from before the login that arrived while it was being sent.
                    self.free_what_waits_for_login(desk);
                } else if matches!(settled.progress.state, State::Quarantined | State::Conflict)
                    && !crate::teleconsult::rebased(self, desk, &settled).await
                {
                    self.inner.host.notify(Notice::ItemToCorrect);
                    self.refused(desk, &settled).await;
                }
            }
            _ => tracing::warn!("the outcome of a send was not written; it will be searched for"),
        }
        self.changed(&[
            Tag::Queue,
            Tag::Report,
            Tag::Teleconsult,
            Tag::Transition,
            Tag::Handover,
        ]);
        self.tell_link();
    }

    async fn event_of_sending(&self, desk: &Arc<Desk>, item: &OutboxItem) -> Event {
        if let Some(plan) = UploadPlan::of(&item.request.path, &item.request.body) {
            return match self.carry_attachment(desk, item, &plan).await {
                Carried::Replied(reply) => {
                    self.note_reply(&reply);
                    event_of(reply)
                }
                Carried::Paused => Event::NotSent,
                Carried::ContentLost => Event::Unsendable {
                    reason: Reason::ContentLost,
                },
            };
        }
        let Some(request) = from_outbox(&item.request) else {
            return Event::Unsendable {
                reason: Reason::ContentLost,
            };
        };
        let reply = self.inner.region.send(&request, item.progress.ambiguous).await;
        let reply = self.settle_conflict(&self.inner.region, item, reply).await;
        self.note_reply(&reply);
        event_of(reply)
    }

    /// A versioned update whose reply was lost meets 412 when it is repeated: when what stands at the region is what
    /// we sent, it was ours.
    async fn settle_conflict(&self, region: &Region, item: &OutboxItem, reply: Reply) -> Reply {
        if reply != Reply::Conflict || !item.progress.ambiguous {
            return reply;
        }
        let Some((kind, id)) = item
            .request
            .path
            .strip_prefix("fhir/")
            .and_then(|path| path.split_once('/'))
        else {
            return reply;
        };
        let Ok(mine) = serde_json::from_slice::<serde_json::Value>(&item.request.body) else {
            return reply;
        };
        let Ok(kind) = serde_json::from_value::<region::ResourceType>(serde_json::Value::from(kind)) else {
            return reply;
        };
        match region.fhir().read(kind, id).await {
            Ok(there) if same_content(&mine, &there.resource) => Reply::Done(Sent {
                status: 200,
                id: Some(id.to_owned()),
                version: there.version,
                workflow: None,
                found: true,
                body: Vec::new(),
            }),
            _ => reply,
        }
    }
}

/// Equal but for what the server writes.
fn same_content(mine: &serde_json::Value, there: &serde_json::Value) -> bool {
    let strip = |value: &serde_json::Value| {
        let mut value = value.clone();
        if let Some(object) = value.as_object_mut() {
            object.remove("meta");
        }
        value
    };
    strip(mine) == strip(there)
}

/// What a reply means to the outbox.
pub(super) fn event_of(reply: Reply) -> Event {
    match reply {
        Reply::Done(sent) if sent.found => Event::Found {
            etag: sent.version.clone(),
            receipt: receipt(&sent),
        },
        Reply::Done(sent) => Event::Reply {
            status: sent.status,
            retry_after: None,
            etag: sent.version.clone(),
            receipt: receipt(&sent),
        },
        Reply::Again {
            status: Some(status),
            retry_after,
            ambiguous: false,
            ..
        } => Event::Reply {
            status,
            retry_after: retry_after.and_then(|pause| SignedDuration::try_from(pause).ok()),
            etag: None,
            receipt: Vec::new(),
        },
        Reply::Again { ambiguous: false, .. } => Event::NotSent,
        Reply::Again { .. } => Event::NoReply,
        Reply::PauseUser => status_only(401, Vec::new()),
        Reply::Conflict => status_only(412, Vec::new()),
        Reply::Duplicate(problem) => status_only(409, problem_bytes(problem.as_ref())),
        Reply::Refused(problem) => status_only(problem.status, problem_bytes(Some(&problem))),
    }
}

fn status_only(status: u16, receipt: Vec<u8>) -> Event {
    Event::Reply {
        status,
        retry_after: None,
        etag: None,
        receipt,
    }
}

/// What is kept of an acceptance: the identifiers, not the whole resource, which the sync brings.
fn receipt(sent: &Sent) -> Vec<u8> {
    serde_json::to_vec(&serde_json::json!({
        "status": sent.status,
        "id": sent.id,
        "version": sent.version,
        "workflow": sent.workflow,
    }))
    .unwrap_or_default()
}

/// The region's refusal, kept encrypted with the item: the screen shows it beside the field concerned.
fn problem_bytes(problem: Option<&region::Problem>) -> Vec<u8> {
    problem
        .and_then(|problem| {
            serde_json::to_vec(&serde_json::json!({
                "status": problem.status,
                "type": problem.kind,
                "title": problem.title,
                "detail": problem.detail.as_ref().map(|detail| detail.expose().clone()),
            }))
            .ok()
        })
        .unwrap_or_default()
}
