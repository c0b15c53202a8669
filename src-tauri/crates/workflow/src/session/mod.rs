//! Coming in, locking, leaving. The person is known by the region first and by the station's secret afterwards.
//!
//! Not in it: keys and idle time (`session` crate), the exchange with the issuer (`region`).

mod card;
mod desk_opening;
mod leave;
mod lock;
mod login;
mod role;
mod secret;
mod unlock;

use clinical::{Assignment, Practitioner};
use contract::session::{AssignmentView, LockReason, PersonView, SecretKind, SessionView};
use jiff::Timestamp;
use session::{PersonId, UserKeys};
use tokio::task::AbortHandle;

use crate::core::Core;
use crate::views;

pub(crate) use card::CardInUse;

/// Who the region says has arrived.
#[derive(Clone)]
pub(crate) struct Arrived {
    pub(crate) person: PersonId,
    pub(crate) practitioner: Practitioner,
    pub(crate) assignments: Vec<Assignment>,
    /// They logged in with a card.
    pub(crate) by_card: bool,
}

/// How far somebody is on the way in.
pub(crate) enum Entering {
    /// Nobody.
    Nobody,
    /// The browser is open.
    LoggingIn { address: String, task: AbortHandle },
    /// First time on this PC: the secret is to be created.
    NeedsSecret(Arrived),
    /// Known to this PC: the secret is asked.
    NeedsUnlock(Arrived),
    /// Role and structure are to be chosen.
    NeedsRole(Arrived, UserKeys),
    /// At work.
    AtWork { offline: bool },
    /// At work, the screen is covered.
    Covered { since: Timestamp, reason: LockReason },
}

impl Core {
    /// `session_state`.
    pub fn session_state(&self) -> SessionView {
        let now = Timestamp::now();
        let entering = self.lock(&self.inner.entering);
        match &*entering {
            Entering::Nobody => SessionView::Out,
            Entering::LoggingIn { address, .. } => SessionView::LoggingIn {
                address: address.clone(),
            },
            Entering::NeedsSecret(arrived) => SessionView::NeedsSecret {
                person: person(arrived),
                kind: self.new_secret_kind(),
            },
            Entering::NeedsUnlock(arrived) => SessionView::Locked {
                person: person(arrived),
                since: views::instant(now),
                reason: LockReason::Entering,
                call_in_progress: false,
                kind: self.secret_kind(&arrived.person, now),
            },
            Entering::NeedsRole(arrived, _) => SessionView::NeedsRole {
                person: person(arrived),
                assignments: arrived.assignments.iter().map(assignment).collect(),
            },
            Entering::AtWork { offline } => {
                let offline = *offline && !self.inner.region.is_logged_in();
                let session = self.lock(&self.inner.session);
                match session.user() {
                    Some(user) => SessionView::Open {
                        person: person_of(&user.person, &user.practitioner),
                        assignment: assignment(&user.assignment),
                        offline,
                    },
                    None => SessionView::Out,
                }
            }
            Entering::Covered { since, reason } => {
                let session = self.lock(&self.inner.session);
                match session.user() {
                    Some(user) => SessionView::Locked {
                        person: person_of(&user.person, &user.practitioner),
                        since: views::instant(*since),
                        reason: *reason,
                        call_in_progress: session.in_call(),
                        kind: self.secret_kind(&user.person, now),
                    },
                    None => SessionView::Out,
                }
            }
        }
    }

    /// `session_touch`: a key or a movement, told by the window at most once every few seconds.
    pub fn session_touch(&self) {
        self.lock(&self.inner.session).touched(Timestamp::now());
    }

    pub(crate) fn tell_session(&self) {
        self.tell(crate::host::Event::Session(self.session_state()));
    }

    fn set_entering(&self, entering: Entering) {
        *self.lock(&self.inner.entering) = entering;
        self.tell_session();
    }

    fn new_secret_kind(&self) -> SecretKind {
        match self.inner.stations.secret_rule() {
            session::SecretRule::PinOrPassphrase => SecretKind::Pin,
            session::SecretRule::PassphraseOnly => SecretKind::Passphrase,
        }
    }

    pub(crate) fn secret_kind(&self, person: &PersonId, now: Timestamp) -> SecretKind {
        match self.inner.stations.secret_kind(person, now) {
            Ok(Some(session::SecretKind::Pin)) => SecretKind::Pin,
            _ => SecretKind::Passphrase,
        }
    }
}

fn person(arrived: &Arrived) -> PersonView {
    person_of(&arrived.person, &arrived.practitioner)
}

pub(crate) fn person_of(id: &PersonId, practitioner: &Practitioner) -> PersonView {
    PersonView {
        id: id.as_str().to_owned(),
        family: practitioner.name.family.expose().clone(),
        given: practitioner.name.given.expose().clone(),
    }
}

pub(crate) fn assignment(assignment: &Assignment) -> AssignmentView {
    let structure = match &assignment.structure.unit {
        Some(unit) if !assignment.structure.name.contains(unit.as_str()) => {
            format!("{}, {unit}", assignment.structure.name)
        }
        _ => assignment.structure.name.clone(),
    };
    AssignmentView {
        id: assignment.id.clone(),
        role: views::role(assignment.role),
        structure,
        speciality: assignment.speciality.clone(),
    }
}
