//! The lock that falls when the card is pulled out: the one that the person at the desk came in or signed with, and no other.
//!
//! The card is asked for every second and a half, by a question that reads nothing on it (`signing`). Only a driver that answers
//! and does not name it says that it has left, twice in a row; a fault of a driver says nothing. Not in it: what a lock does
//! (`lock`): a call goes on behind it.

use std::sync::{Arc, Weak};
use std::time::Duration;

use contract::session::{LockReason, SessionSettingsView, SetCardLockRequest};
use contract::{Answer, ErrorCode, Failure};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use session::PersonId;
use signing::{DeviceKind, Identity, IdentityId, Signer as _};

use crate::core::{Core, blocking};
use crate::desk::Desk;
use crate::failure::OrFail;

/// Between two looks.
const EVERY: Duration = Duration::from_millis(1500);
/// Looks without the card after which it has left: readers lose it for a moment when a PC wakes.
const MISSES: u32 = 2;
/// How often, and how far apart, the card of a login is looked for.
const LOGIN_CARD_LOOKS: u32 = 12;
const LOGIN_CARD_PAUSE: Duration = Duration::from_secs(5);
/// Under which the archive keeps the settings.
const SUBJECT: &str = "settings/session";
const KIND: &str = "settings";

/// A card in use, and whose.
pub(crate) struct CardInUse {
    person: PersonId,
    identity: IdentityId,
}

/// As kept in the person's archive.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct Kept {
    card_lock: bool,
}

impl Kept {
    /// On until the person says otherwise.
    fn of(desk: &Desk) -> Answer<Self> {
        match desk.outbox().draft_load(SUBJECT).or_fail()? {
            None => Ok(Self { card_lock: true }),
            Some(draft) => serde_json::from_slice(&draft.body)
                .map_err(|_| Failure::new(ErrorCode::ArchiveDamaged, "settings/session")),
        }
    }
}

impl Core {
    /// `session_settings`.
    pub async fn session_settings(&self) -> Answer<SessionSettingsView> {
        let desk = self.desk()?;
        let kept = blocking(move || Kept::of(&desk)).await?;
        Ok(SessionSettingsView {
            card_lock: kept.card_lock,
        })
    }

    /// `session_set_card_lock`.
    pub async fn session_set_card_lock(&self, request: SetCardLockRequest) -> Answer<SessionSettingsView> {
        let desk = self.desk()?;
        let card_lock = request.on;
        blocking(move || {
            let body = serde_json::to_vec(&Kept { card_lock })
                .map_err(|_| Failure::new(ErrorCode::Internal, "settings/session"))?;
            desk.outbox()
                .commit(Timestamp::now(), move |step| step.draft_put(SUBJECT, KIND, &body))
                .or_fail()
        })
        .await?;
        Ok(SessionSettingsView { card_lock })
    }

    /// The person at the desk used this device: if it is a card, its leaving locks from now on.
    pub(crate) fn card_used(&self, desk: &Desk, identity: &Identity) {
        if identity.device == DeviceKind::Token {
            *self.lock(&self.inner.card) = Some(CardInUse {
                person: desk.person.clone(),
                identity: identity.id.clone(),
            });
        }
    }

    /// After a login with a card: the browser does not say which, so it is the one with this person's codice fiscale. Drivers may
    /// take long to load, and nobody waits for them.
    pub(super) async fn find_login_card(self, desk: Weak<Desk>) {
        for _ in 0..LOGIN_CARD_LOOKS {
            let (core, desk) = (self.clone(), desk.clone());
            let found = tokio::task::spawn_blocking(move || {
                let devices = core.signers().ok()?;
                let identities = devices.identities().ok()?;
                let desk = desk.upgrade()?;
                let own = desk.practitioner.fiscal_code.as_str();
                let card = identities.iter().find(|identity| {
                    identity.device == DeviceKind::Token && identity.fiscal_code.as_deref() == Some(own)
                })?;
                core.card_used(&desk, card);
                Some(())
            });
            if matches!(found.await, Ok(Some(()))) {
                return;
            }
            tokio::time::sleep(LOGIN_CARD_PAUSE).await;
        }
    }

    /// Somebody else may come in: whose card was in use is forgotten.
    pub(super) fn forget_card(&self) {
        *self.lock(&self.inner.card) = None;
    }

    /// A task of the desk: it ends with it. After an unlock the card must first be seen, so that who unlocks without it works on.
    pub(super) async fn watch_card(self, desk: Weak<Desk>) {
        let (mut seen, mut misses) = (None, 0);
        loop {
            tokio::time::sleep(EVERY).await;
            let Some(desk) = desk.upgrade() else { return };
            let watched = {
                let card = self.lock(&self.inner.card);
                card.as_ref()
                    .filter(|card| card.person == desk.person)
                    .map(|card| card.identity.clone())
            };
            let Some(identity) = watched else { continue };
            if seen.as_ref().is_some_and(|before| *before != identity) {
                (seen, misses) = (None, 0);
            }
            match self.looked_for(&desk, identity.clone()).await {
                Some(true) => (seen, misses) = (Some(identity), 0),
                Some(false) if seen.is_some() => misses += 1,
                _ => {}
            }
            if misses >= MISSES {
                (seen, misses) = (None, 0);
                // Not in this task, which the lock ends.
                let core = self.clone();
                tokio::spawn(async move {
                    if let Err(failure) = core.lock_because(LockReason::Card).await {
                        tracing::warn!(code = failure.detail, "lock with the card refused");
                    }
                });
            }
        }
    }

    /// Whether the card is there; none when nothing can be said, or the person wants no lock.
    async fn looked_for(&self, desk: &Arc<Desk>, identity: IdentityId) -> Option<bool> {
        let devices = self.inner.devices.get()?.clone();
        let desk = desk.clone();
        let looked = blocking(move || {
            if !Kept::of(&desk)?.card_lock {
                return Ok(None);
            }
            Ok(devices.is_present(&identity).ok())
        });
        looked.await.ok().flatten()
    }
}
