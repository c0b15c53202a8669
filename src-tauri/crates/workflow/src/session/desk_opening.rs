//! Opening the desk: the encrypted store of the person, and the tasks that work for them.

use std::sync::Arc;
use std::time::Duration;

use cache::{AuditAction, CacheCondition, OpenError, SecretKey, StoreKeys, UserStore};
use clinical::Assignment;
use contract::Failure;
use jiff::Timestamp;
use session::{Identity, OpenUser, PersonId, Profile, Purpose, UserKeys};

use super::{Arrived, Entering};
use crate::core::{Core, blocking};
use crate::desk::Desk;
use crate::failure::{IntoFailure, OrFail};

/// How long the store that was closed a moment ago is waited for.
const CLOSING_TRIES: u32 = 50;
const CLOSING_PAUSE: Duration = Duration::from_millis(100);

impl Core {
    /// Opens the desk of who arrived. On failure the keys come back, so that another try is possible.
    pub(super) async fn open_desk(
        &self,
        arrived: &Arrived,
        assignment: Assignment,
        keys: UserKeys,
        offline: bool,
    ) -> Result<(), (Failure, Option<UserKeys>)> {
        let now = Timestamp::now();
        let store = match self.open_store(&arrived.person, &keys, now).await {
            Ok(store) => store,
            Err(failure) => return Err((failure, Some(keys))),
        };
        let identity = Identity {
            practitioner: arrived.practitioner.clone(),
            assignments: arrived.assignments.clone(),
            chosen: Some(assignment.id.clone()),
        };
        // Kept so that work can begin without the network; a disk that refuses is told, and the desk opens all the same.
        if let Err(error) = self
            .inner
            .stations
            .set_identity(&arrived.person, &keys, &identity)
        {
            tracing::warn!(code = error.failure().detail, "identity not kept");
        }
        self.keep_profile(
            &arrived.person,
            arrived.practitioner.name.display(),
            Some(&assignment),
            now,
        );
        let user = OpenUser {
            person: arrived.person.clone(),
            practitioner: arrived.practitioner.clone(),
            assignment: assignment.clone(),
        };
        if let Err(error) = self.lock(&self.inner.session).open_offline(user, keys, now) {
            return Err((error.failure(), None));
        }
        let desk = Arc::new(Desk::new(
            arrived.person.clone(),
            arrived.practitioner.clone(),
            assignment.clone(),
            store,
            self.inner.assets.clone(),
        ));
        for (action, subject) in [
            (
                if offline {
                    AuditAction::Unlocked
                } else {
                    AuditAction::LoggedIn
                },
                "",
            ),
            (AuditAction::RoleChosen, &*assignment.id),
        ] {
            if let Err(failure) = desk.accessed(action, subject) {
                self.lock(&self.inner.session).log_out(now);
                return Err((failure, None));
            }
        }
        self.seat(desk.clone());
        self.set_entering(Entering::AtWork { offline });
        if arrived.by_card {
            let card = self.clone().find_login_card(Arc::downgrade(&desk));
            desk.keep_task(tokio::spawn(card));
        }
        Ok(())
    }

    /// Puts a desk in place and starts its tasks.
    pub(super) fn seat(&self, desk: Arc<Desk>) {
        self.set_desk(Some(desk.clone()));
        self.start_sender(&desk);
        self.start_sync(&desk);
        let watch = self.clone().watch_escalations(Arc::downgrade(&desk));
        desk.keep_task(tokio::spawn(watch));
        let card = self.clone().watch_card(Arc::downgrade(&desk));
        desk.keep_task(tokio::spawn(card));
    }

    /// Opens the store of a person; the first time, creates it.
    pub(super) async fn open_store(
        &self,
        person: &PersonId,
        keys: &UserKeys,
        now: Timestamp,
    ) -> Result<UserStore, Failure> {
        let dir = self.inner.stations.dir(person);
        let key = |purpose| SecretKey::new(*keys.derive(purpose));
        let keys = StoreKeys {
            outbox: key(Purpose::Outbox),
            cache: key(Purpose::Cache),
            audit: key(Purpose::Audit),
            attachments: key(Purpose::Attachments),
        };
        blocking(move || {
            let mut tries = 0;
            let (store, report) = loop {
                match UserStore::open(&dir, &keys, now) {
                    Err(OpenError::Absent) => break UserStore::create(&dir, &keys, now).or_fail()?,
                    // What was closed a moment ago may still be finishing a write.
                    Err(OpenError::InUse) if tries < CLOSING_TRIES => {
                        tries += 1;
                        std::thread::sleep(CLOSING_PAUSE);
                    }
                    other => break other.or_fail()?,
                }
            };
            if report.cache == CacheCondition::Rebuilt {
                tracing::warn!("the cache was rebuilt");
            }
            Ok(store)
        })
        .await
    }

    pub(super) fn keep_profile(
        &self,
        person: &PersonId,
        name: String,
        assignment: Option<&Assignment>,
        now: Timestamp,
    ) {
        let profile = Profile {
            name: name.into(),
            role: assignment.map(|a| a.role),
            structure: assignment.map(|a| super::assignment(a).structure),
            last_access: now,
        };
        if let Err(error) = self.inner.stations.set_profile(person, &profile) {
            tracing::warn!(code = error.failure().detail, "profile not kept");
        }
    }
}
