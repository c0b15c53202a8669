//! Bringing the region's copy up to date: one task a desk, woken by hints, polling anyway.
//!
//! The cursor of each feed is committed with the rows that it brought (`cache`), so a crash or a lost hint loses nothing.
//! Not in it: what is sent (`delivery`), and the mapping of resources (`region`).

mod agenda;
mod cases;
mod documents;
mod people;
mod policy;
mod purge;
mod shift;
mod weights;

use std::sync::{Arc, Weak};
use std::time::Duration;

use clinical::Role;
use contract::events::Tag;
use jiff::Timestamp;
use region::RegionError;
use region::feed::Hint;

use crate::core::Core;
use crate::desk::Desk;
use crate::views;

pub(crate) use agenda::AGENDA_FEED;
pub(crate) use cases::{TELECONSULT_FEED, TRANSITION_FEED};
pub(crate) use documents::documents_of;
pub(crate) use people::related;

/// Without hints the region is asked this often.
const EVERY: Duration = Duration::from_secs(20);
/// After a refusal it is asked again sooner.
const AGAIN: Duration = Duration::from_secs(3);
/// Hints come in bursts: one poll answers several.
const SETTLE: Duration = Duration::from_millis(150);

impl Core {
    /// Starts the sync of a desk; it ends with the desk.
    pub(crate) fn start_sync(&self, desk: &Arc<Desk>) {
        let (core, weak) = (self.clone(), Arc::downgrade(desk));
        desk.keep_task(tokio::spawn(async move { core.sync_all(weak).await }));
        let (core, weak) = (self.clone(), Arc::downgrade(desk));
        desk.keep_task(tokio::spawn(async move { core.listen_for_hints(weak).await }));
    }

    async fn sync_all(&self, weak: Weak<Desk>) {
        loop {
            let Some(desk) = weak.upgrade() else { return };
            let pause = if self.inner.region.is_logged_in() && self.is_online() {
                let mut pause = EVERY;
                match self.sync_once(&desk).await {
                    Ok(()) => self.tell_link(),
                    Err(error) => {
                        tracing::debug!(%error, "sync put off");
                        pause = AGAIN;
                    }
                }
                pause
            } else {
                EVERY
            };
            let rung = desk.incoming.notified();
            tokio::select! {
                () = rung => tokio::time::sleep(SETTLE).await,
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Each part on its own: one that the region refuses does not hold the others. The first refusal is told at the end.
    async fn sync_once(&self, desk: &Desk) -> Result<(), RegionError> {
        let mut refused = None;
        let mut part = |read: Result<bool, RegionError>, tags: &[Tag]| match read {
            Ok(true) => self.changed(tags),
            Ok(false) => {}
            Err(error) => {
                refused.get_or_insert(error);
            }
        };
        if desk.role() == Role::Specialist {
            let today = views::today(Timestamp::now());
            part(self.sync_agenda(desk, today).await, &[Tag::Agenda]);
        }
        part(people::people(self, desk).await, &[Tag::Patient, Tag::Agenda]);
        part(
            cases::cases(self, desk).await,
            &[Tag::Teleconsult, Tag::Transition, Tag::Handover],
        );
        part(documents::documents(self, desk).await, &[Tag::Document]);
        match purge::daily(desk, Timestamp::now()) {
            Ok(purged) if purged.is_empty() => {}
            Ok(_) => self.changed(&[Tag::Patient, Tag::Document, Tag::Audit]),
            Err(failure) => tracing::warn!(code = failure.detail, "purge put off"),
        }
        refused.map_or(Ok(()), Err)
    }

    /// A hint rings; between hints the task sleeps in the region's stream.
    async fn listen_for_hints(&self, weak: Weak<Desk>) {
        loop {
            while !self.inner.region.is_logged_in() {
                tokio::time::sleep(Duration::from_secs(1)).await;
                if weak.strong_count() == 0 {
                    return;
                }
            }
            let mut feed = self.inner.region.events();
            while let Some(hint) = feed.next().await {
                let Some(desk) = weak.upgrade() else { return };
                match hint {
                    Hint::Changed(_) | Hint::Open => desk.incoming.notify_one(),
                    Hint::Lost => {}
                }
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
}

/// When the region's copy is of: the newest moment at which any feed was read.
pub(crate) fn data_as_of(desk: &Desk) -> Option<Timestamp> {
    let feed = match desk.role() {
        Role::Specialist => AGENDA_FEED,
        Role::GeneralPractitioner | Role::Paediatrician => people::FEED,
        Role::CotOperator => TRANSITION_FEED,
    };
    desk.replica().cursor(feed).ok().flatten().map(|cursor| cursor.at)
}
