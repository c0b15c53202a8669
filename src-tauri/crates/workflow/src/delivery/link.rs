//! The state of the link, in words that the header shows: *In linea*, *Senza rete, dati delle 08:12*, *In coda (5)*.

use std::time::Duration;

use cache::State;
use contract::events::Tag;
use contract::station::LinkView;
use jiff::Timestamp;
use region::Reply;

use crate::core::Core;
use crate::host::Event;
use crate::views;

/// Pause between two looks at the region.
const EVERY: Duration = Duration::from_secs(5);

/// Five minutes: beyond, the time in a signature proves nothing.
const MOST_SKEW_MS: i64 = 5 * 60 * 1000;

/// What is known of the link.
#[derive(Default)]
pub(crate) struct LinkState {
    online: bool,
    tried: bool,
    offline_since: Option<Timestamp>,
    latency: Option<Duration>,
    skew_ms: Option<i64>,
}

impl Core {
    /// Looks at the region again and again, and tells when the link changes.
    pub(crate) fn watch_link(self) {
        tokio::spawn(async move {
            loop {
                self.look_at_region().await;
                tokio::time::sleep(EVERY).await;
            }
        });
    }

    /// Looks now; true when the region answered.
    pub(crate) async fn look_at_region(&self) -> bool {
        let seen = self.inner.region.health().await;
        let online = seen.is_ok();
        if let Ok(health) = &seen {
            let mut link = self.lock(&self.inner.link);
            link.latency = Some(health.latency);
            link.skew_ms = Some(health.skew_ms);
        }
        self.note_link(online);
        online
    }

    pub(crate) fn note_reply(&self, reply: &Reply) {
        match reply {
            Reply::Again { status: None, .. } => self.note_link(false),
            Reply::Again { .. } => {}
            _ => self.note_link(true),
        }
    }

    fn note_link(&self, online: bool) {
        let changed = {
            let mut link = self.lock(&self.inner.link);
            let changed = link.online != online || !link.tried;
            link.tried = true;
            link.online = online;
            link.offline_since = match (online, link.offline_since) {
                (true, _) => None,
                (false, since) => Some(since.unwrap_or_else(Timestamp::now)),
            };
            changed
        };
        if changed {
            if online && let Some(desk) = self.desk_behind_lock() {
                // The region is back: what waited out a pause leaves now, and what was missed is fetched.
                desk.incoming.notify_one();
                desk.signing.stamping.notify_one();
                self.retry_waiting(&desk);
            }
            self.tell_link();
            self.changed(&[Tag::Station]);
        }
    }

    /// The region's clock and this one are further apart than a time-stamp authority lets pass.
    pub(crate) fn clock_is_wrong(&self) -> bool {
        let skew = self.lock(&self.inner.link).skew_ms;
        skew.is_some_and(|skew| skew.abs() > MOST_SKEW_MS)
    }

    pub(crate) fn is_online(&self) -> bool {
        self.lock(&self.inner.link).online
    }

    pub(crate) fn tell_link(&self) {
        self.tell(Event::Link(self.link_view()));
    }

    /// The link as the header shows it.
    pub(crate) fn link_view(&self) -> LinkView {
        let (mut queued, mut to_correct, mut next_try, mut data_as_of) = (0, 0, None, None);
        if let Some(desk) = self.desk_behind_lock() {
            for line in desk.outbox().queue().unwrap_or_default() {
                match line.state {
                    State::Quarantined | State::Conflict => to_correct += 1,
                    _ => queued += 1,
                }
                next_try = [next_try, line.next_at].into_iter().flatten().min();
            }
            data_as_of = crate::sync::data_as_of(&desk).map(views::instant);
        } else if let Some(queue) = self.lock(&self.inner.session).delivery() {
            queued = u32::try_from(queue.waiting()).unwrap_or(u32::MAX);
        }
        let link = self.lock(&self.inner.link);
        LinkView {
            online: link.online,
            data_as_of: if link.online { None } else { data_as_of },
            offline_since: link.offline_since.map(views::instant),
            queued,
            to_correct,
            next_try_s: next_try
                .map(|at| at.duration_since(Timestamp::now()).as_secs().max(0))
                .and_then(|seconds| u32::try_from(seconds).ok()),
        }
    }
}
