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

use std::collections::BTreeSet;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use clinical::Role;
use contract::events::Tag;
use jiff::Timestamp;
use region::feed::Hint;
use region::{RegionError, ResourceType};
use tokio::sync::mpsc;

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

/// What is read in one go.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Due {
    Everything,
    /// The feeds of the types of which the region said that they changed.
    Only(BTreeSet<ResourceType>),
}

impl Due {
    fn has(&self, types: &[ResourceType]) -> bool {
        match self {
            Self::Everything => true,
            Self::Only(changed) => types.iter().any(|kind| changed.contains(kind)),
        }
    }

    /// Of two, both.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Only(mut one), Self::Only(other)) => {
                one.extend(other);
                Self::Only(one)
            }
            _ => Self::Everything,
        }
    }
}

impl Core {
    /// Starts the sync of a desk; it ends with the desk.
    pub(crate) fn start_sync(&self, desk: &Arc<Desk>) {
        let (hints, changed) = mpsc::unbounded_channel();
        let (core, weak) = (self.clone(), Arc::downgrade(desk));
        desk.keep_task(tokio::spawn(async move { core.sync_all(weak, changed).await }));
        let (core, weak) = (self.clone(), Arc::downgrade(desk));
        desk.keep_task(tokio::spawn(
            async move { core.listen_for_hints(weak, hints).await },
        ));
    }

    async fn sync_all(&self, weak: Weak<Desk>, mut hints: mpsc::UnboundedReceiver<Due>) {
        let mut due = Due::Everything;
        // Everything was read then: hints may come without end, and the poll comes all the same.
        let mut whole = Instant::now();
        loop {
            let Some(desk) = weak.upgrade() else { return };
            let pause = if self.inner.region.is_logged_in() && self.is_online() {
                let mut pause = EVERY;
                if due == Due::Everything {
                    whole = Instant::now();
                } else {
                    pause = EVERY.saturating_sub(whole.elapsed());
                }
                match self.sync_once(&desk, &due).await {
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
            due = tokio::select! {
                () = rung => {
                    tokio::time::sleep(SETTLE).await;
                    Due::Everything
                }
                Some(changed) = hints.recv() => {
                    tokio::time::sleep(SETTLE).await;
                    changed
                }
                () = tokio::time::sleep(pause) => Due::Everything,
            };
            while let Ok(more) = hints.try_recv() {
                due = due.and(more);
            }
        }
    }

    /// Each part on its own: one that the region refuses does not hold the others. The first refusal is told at the end.
    async fn sync_once(&self, desk: &Desk, due: &Due) -> Result<(), RegionError> {
        let mut refused = None;
        let mut part = |read: Result<bool, RegionError>, tags: &[Tag]| match read {
            Ok(true) => self.changed(tags),
            Ok(false) => {}
            Err(error) => {
                refused.get_or_insert(error);
            }
        };
        use ResourceType as R;
        if desk.role() == Role::Specialist
            && due.has(&[
                R::Appointment,
                R::Patient,
                R::ServiceRequest,
                R::Task,
                R::Encounter,
                R::Consent,
                R::Communication,
            ])
        {
            let today = views::today(Timestamp::now());
            part(self.sync_agenda(desk, today).await, &[Tag::Agenda]);
        }
        // The people of an agenda come with it.
        if due.has(&[
            R::Patient,
            R::RelatedPerson,
            R::Observation,
            R::PractitionerRole,
            R::Practitioner,
            R::Appointment,
        ]) {
            part(people::people(self, desk).await, &[Tag::Patient, Tag::Agenda]);
        }
        if due.has(&[
            R::Task,
            R::Communication,
            R::ServiceRequest,
            R::Consent,
            R::DocumentReference,
        ]) {
            part(
                cases::cases(self, desk).await,
                &[Tag::Teleconsult, Tag::Transition, Tag::Handover],
            );
        }
        if due.has(&[R::DocumentReference, R::Binary, R::Appointment]) {
            part(documents::documents(self, desk).await, &[Tag::Document]);
        }
        match purge::daily(desk, Timestamp::now()) {
            Ok(purged) if purged.is_empty() => {}
            Ok(_) => self.changed(&[Tag::Patient, Tag::Document, Tag::Audit]),
            Err(failure) => tracing::warn!(code = failure.detail, "purge put off"),
        }
        refused.map_or(Ok(()), Err)
    }

    /// A hint rings; between hints the task sleeps in the region's stream.
    async fn listen_for_hints(&self, weak: Weak<Desk>, changed: mpsc::UnboundedSender<Due>) {
        loop {
            while !self.inner.region.is_logged_in() {
                tokio::time::sleep(Duration::from_secs(1)).await;
                if weak.strong_count() == 0 {
                    return;
                }
            }
            let mut feed = self.inner.region.events();
            while let Some(hint) = feed.next().await {
                if weak.strong_count() == 0 {
                    return;
                }
                // Refused only when the sync has ended.
                let _ = match hint {
                    Hint::Changed(types) => changed.send(Due::Only(types.into_iter().collect())),
                    Hint::Open => changed.send(Due::Everything),
                    Hint::Lost => Ok(()),
                };
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
