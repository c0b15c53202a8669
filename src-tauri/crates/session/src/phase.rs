//! The session as a state machine: nobody, logged in, open, locked, open again.
//!
//! Lock is not logout: the person, the role and the region's tokens stay, a call goes on, and requests
//! already confirmed go on under the delivery key; the keys of the databases are gone until the unlock.
//! Tokens live here, in memory, and nowhere else.

use clinical::{Assignment, Practitioner};
use jiff::Timestamp;
use secrecy::SecretString;

use crate::delivery::DeliveryQueue;
use crate::keys::UserKeys;
use crate::lock::IdleLock;
use crate::people::PersonId;

/// What the region gave to speak on this person's behalf. Never written anywhere.
#[derive(Clone, Debug)]
pub struct RegionTokens {
    /// Access token.
    pub access: SecretString,
    /// Refresh token.
    pub refresh: Option<SecretString>,
    /// When the access token ends.
    pub expires_at: Timestamp,
}

/// The person whose session is open or locked.
#[derive(Clone, Debug)]
pub struct OpenUser {
    /// Who, at this station.
    pub person: PersonId,
    /// Who, at the region.
    pub practitioner: Practitioner,
    /// In what role and where.
    pub assignment: Assignment,
}

/// Where the session stands.
#[derive(Debug)]
pub enum Phase {
    /// Nobody is here.
    NoSession,
    /// The region knows who it is; role and structure are to be chosen.
    LoggedIn {
        /// Who, at this station.
        person: PersonId,
        /// Who, at the region.
        practitioner: Practitioner,
        /// The roles to choose from.
        assignments: Vec<Assignment>,
    },
    /// At work.
    Open {
        /// Who and in what role.
        user: OpenUser,
        /// Their keys.
        keys: UserKeys,
    },
    /// The screen is covered and the keys are gone.
    Locked {
        /// Who and in what role.
        user: OpenUser,
        /// What goes on meanwhile.
        delivery: DeliveryQueue,
    },
}

/// A step that may not be taken from here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PhaseError {
    /// Somebody is already here: they lock or leave first.
    #[error("somebody is already here")]
    Occupied,
    /// Nobody is at work.
    #[error("the session is not open")]
    NotOpen,
    /// The session is not locked.
    #[error("the session is not locked")]
    NotLocked,
    /// The keys given belong to somebody else.
    #[error("this is another person")]
    OtherPerson,
    /// The role is not one of this person's.
    #[error("this person does not hold that role")]
    RoleNotHeld,
}

/// The session of the station.
#[derive(Debug)]
pub struct Session {
    phase: Phase,
    tokens: Option<RegionTokens>,
    idle: IdleLock,
}

impl Session {
    /// Nobody is here.
    pub fn new(now: Timestamp) -> Self {
        Self {
            phase: Phase::NoSession,
            tokens: None,
            idle: IdleLock::new(now),
        }
    }

    /// Where it stands.
    pub fn phase(&self) -> &Phase {
        &self.phase
    }

    /// Who is at work or has locked.
    pub fn user(&self) -> Option<&OpenUser> {
        match &self.phase {
            Phase::Open { user, .. } | Phase::Locked { user, .. } => Some(user),
            Phase::NoSession | Phase::LoggedIn { .. } => None,
        }
    }

    /// The open keys.
    pub fn keys(&self) -> Result<&UserKeys, PhaseError> {
        match &self.phase {
            Phase::Open { keys, .. } => Ok(keys),
            _ => Err(PhaseError::NotOpen),
        }
    }

    /// The region's tokens; `None` while working without the network.
    pub fn tokens(&self) -> Option<&RegionTokens> {
        self.tokens.as_ref()
    }

    /// New tokens, after a refresh or a new login of the same person.
    pub fn set_tokens(&mut self, tokens: Option<RegionTokens>) {
        self.tokens = tokens;
    }

    /// The region said who it is.
    pub fn logged_in(
        &mut self,
        person: PersonId,
        practitioner: Practitioner,
        assignments: Vec<Assignment>,
        tokens: RegionTokens,
    ) -> Result<(), PhaseError> {
        if !matches!(self.phase, Phase::NoSession | Phase::LoggedIn { .. }) {
            return Err(PhaseError::Occupied);
        }
        self.phase = Phase::LoggedIn {
            person,
            practitioner,
            assignments,
        };
        self.tokens = Some(tokens);
        Ok(())
    }

    /// Role chosen and keys opened: at work.
    pub fn open(&mut self, assignment: Assignment, keys: UserKeys, now: Timestamp) -> Result<(), PhaseError> {
        let Phase::LoggedIn {
            person,
            practitioner,
            assignments,
        } = &self.phase
        else {
            return Err(PhaseError::NotOpen);
        };
        if !assignments.contains(&assignment) {
            return Err(PhaseError::RoleNotHeld);
        }
        let user = OpenUser {
            person: person.clone(),
            practitioner: practitioner.clone(),
            assignment,
        };
        self.phase = Phase::Open { user, keys };
        self.idle = IdleLock::new(now);
        Ok(())
    }

    /// At work without the network, as the person whom the station knows.
    pub fn open_offline(&mut self, user: OpenUser, keys: UserKeys, now: Timestamp) -> Result<(), PhaseError> {
        if !matches!(self.phase, Phase::NoSession) {
            return Err(PhaseError::Occupied);
        }
        self.phase = Phase::Open { user, keys };
        self.tokens = None;
        self.idle = IdleLock::new(now);
        Ok(())
    }

    /// Another role of the same person.
    pub fn change_role(&mut self, assignment: Assignment) -> Result<(), PhaseError> {
        match &mut self.phase {
            Phase::Open { user, .. } => {
                user.assignment = assignment;
                Ok(())
            }
            _ => Err(PhaseError::NotOpen),
        }
    }

    /// Covers the screen and drops the keys. `hand_over` is called first, with the queue that outlives them: it
    /// puts in what was already confirmed for sending. A call goes on.
    pub fn lock(&mut self, hand_over: impl FnOnce(&mut DeliveryQueue)) -> Result<(), PhaseError> {
        match std::mem::replace(&mut self.phase, Phase::NoSession) {
            Phase::Open { user, keys } => {
                let mut delivery = DeliveryQueue::new(keys.delivery());
                hand_over(&mut delivery);
                drop(keys);
                self.phase = Phase::Locked { user, delivery };
                Ok(())
            }
            other => {
                self.phase = other;
                Err(PhaseError::NotOpen)
            }
        }
    }

    /// What goes on while locked.
    pub fn delivery(&mut self) -> Option<&mut DeliveryQueue> {
        match &mut self.phase {
            Phase::Locked { delivery, .. } => Some(delivery),
            _ => None,
        }
    }

    /// The same person is back. Gives the queue, whose outcomes are to be written to the outbox.
    pub fn unlock(
        &mut self,
        person: &PersonId,
        keys: UserKeys,
        now: Timestamp,
    ) -> Result<DeliveryQueue, PhaseError> {
        match std::mem::replace(&mut self.phase, Phase::NoSession) {
            Phase::Locked { user, delivery } if &user.person == person => {
                self.phase = Phase::Open { user, keys };
                self.idle.touched(now);
                Ok(delivery)
            }
            other => {
                let error = if matches!(other, Phase::Locked { .. }) {
                    PhaseError::OtherPerson
                } else {
                    PhaseError::NotLocked
                };
                self.phase = other;
                Err(error)
            }
        }
    }

    /// The person leaves: keys and tokens are gone.
    pub fn log_out(&mut self, now: Timestamp) {
        self.phase = Phase::NoSession;
        self.tokens = None;
        self.idle = IdleLock::new(now);
    }

    /// A key or a movement.
    pub fn touched(&mut self, now: Timestamp) {
        self.idle.touched(now);
    }

    /// A call began.
    pub fn call_started(&mut self) {
        self.idle.call_started();
    }

    /// A call ended.
    pub fn call_ended(&mut self, now: Timestamp) {
        self.idle.call_ended(now);
    }

    /// Whether a call is holding the idle lock off.
    pub fn in_call(&self) -> bool {
        self.idle.is_held()
    }

    /// Whether an open session is to be locked now, nobody having touched it.
    pub fn should_lock(&mut self, now: Timestamp) -> bool {
        matches!(self.phase, Phase::Open { .. }) && self.idle.is_due(now)
    }
}
