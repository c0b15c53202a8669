//! *Sblocca*, and the way in of a person whom this PC knows, with the network or without.

use std::sync::Arc;

use cache::AuditAction;
use contract::session::{SessionView, UnlockRequest};
use contract::{Answer, ErrorCode, Failure};
use jiff::Timestamp;
use secrecy::SecretString;
use session::{PersonId, UserKeys};

use super::{Arrived, Entering};
use crate::core::{Core, blocking};
use crate::desk::Desk;
use crate::failure::OrFail;

impl Core {
    /// `session_unlock`.
    pub async fn session_unlock(&self, request: UnlockRequest) -> Answer<SessionView> {
        let Some(person) = PersonId::parse(&request.person_id) else {
            return Err(Failure::new(ErrorCode::BadRequest, "session/person"));
        };
        let secret = SecretString::from(request.secret);
        let stations = self.inner.stations.clone();
        let whom = person.clone();
        let keys = blocking(move || stations.unlock(&whom, &secret, Timestamp::now()).or_fail()).await?;
        enum Way {
            Back,
            Arrived(Arrived),
            Known,
            Refused,
        }
        let way = match &*self.lock(&self.inner.entering) {
            Entering::Covered { .. } => Way::Back,
            Entering::NeedsUnlock(arrived) if arrived.person == person => Way::Arrived(arrived.clone()),
            Entering::Nobody | Entering::LoggingIn { .. } => Way::Known,
            _ => Way::Refused,
        };
        match way {
            Way::Back => self.come_back(&person, keys).await?,
            Way::Arrived(arrived) => self.set_entering(Entering::NeedsRole(arrived, keys)),
            Way::Known => self.enter_known(person, keys).await?,
            Way::Refused => return Err(Failure::new(ErrorCode::BadRequest, "session/nobody-locked")),
        }
        Ok(self.session_state())
    }

    /// The same person is back behind the lock.
    async fn come_back(&self, person: &PersonId, keys: UserKeys) -> Answer<()> {
        let now = Timestamp::now();
        let same = self
            .lock(&self.inner.session)
            .user()
            .is_some_and(|user| &user.person == person);
        if !same {
            return Err(Failure::new(ErrorCode::BadRequest, "session/other-person"));
        }
        if let Some(desk) = self.desk_behind_lock() {
            // A call kept the desk open: nothing was closed, nothing is to be written back.
            self.lock(&self.inner.session)
                .unlock(person, keys, now)
                .or_fail()?;
            desk.accessed(AuditAction::Unlocked, "")?;
        } else {
            let store = self.open_store(person, &keys, now).await?;
            let (practitioner, assignment, delivery) = {
                let mut session = self.lock(&self.inner.session);
                let delivery = session.unlock(person, keys, now).or_fail()?;
                let user = session
                    .user()
                    .ok_or_else(|| Failure::new(ErrorCode::Internal, "session/user"))?;
                (user.practitioner.clone(), user.assignment.clone(), delivery)
            };
            let desk = Arc::new(Desk::new(
                person.clone(),
                practitioner,
                assignment,
                store,
                self.inner.assets.clone(),
            ));
            desk.accessed(AuditAction::Unlocked, "")?;
            Self::settle_locked_deliveries(&desk, delivery);
            self.seat(desk);
        }
        let offline = !self.inner.region.is_logged_in();
        self.set_entering(Entering::AtWork { offline });
        Ok(())
    }

    /// A person known to this PC comes in with the secret alone. The role is the one last chosen.
    async fn enter_known(&self, person: PersonId, keys: UserKeys) -> Answer<()> {
        let identity = self.inner.stations.identity(&person, &keys).or_fail()?;
        let chosen = identity.chosen.as_deref();
        let assignment = identity
            .assignments
            .iter()
            .find(|a| Some(a.id.as_str()) == chosen)
            .cloned();
        let Some(assignment) = assignment.or_else(|| identity.assignments.first().cloned()) else {
            return Err(Failure::new(ErrorCode::NoRole, "session/role"));
        };
        let arrived = Arrived {
            person,
            practitioner: identity.practitioner,
            assignments: identity.assignments,
            by_card: false,
        };
        self.session_login_cancel();
        self.open_desk(&arrived, assignment, keys, true)
            .await
            .map_err(|(failure, _)| failure)
    }
}
