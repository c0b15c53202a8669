//! Who sits in the room of a televisit, and what each hears of the others.
//!
//! One place for each role. Everything here happens under the lock of [`super::Calls`], so that all see joins, leaves
//! and words in one order. Not in it: sockets (`socket`) and what is written down (`attendance`, `ledger`).

use serde_json::Value;
use tokio::sync::mpsc::Sender;

use crate::calls::attendance::Stretch;
use crate::calls::ledger::Progress;
use crate::calls::wire::{ErrorCode, Incoming, Outgoing, Presence, Role, VERSION};

/// What a connection is told to send.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Frame {
    /// A message.
    Say(Outgoing),
    /// A message, then close.
    Last(Outgoing),
}

/// A connection that holds a place. Dropping it closes the connection.
#[derive(Debug)]
pub(super) struct Seat {
    /// Tells this connection from an older one of the same person.
    pub(super) connection: u64,
    /// Who it is, within the role.
    pub(super) person: String,
    /// To the connection.
    pub(super) outbox: Sender<Frame>,
}

/// The place is held by someone else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Taken;

/// The room of one televisit.
#[derive(Debug, Default)]
pub(super) struct Room {
    clinician: Option<Seat>,
    patient: Option<Seat>,
    caregiver: Option<Seat>,
    progress: Progress,
    /// How long the patient has been waiting.
    pub(super) waiting: Option<Stretch>,
}

impl Room {
    /// A room after a restart of the region.
    pub(super) fn resumed(progress: Progress) -> Self {
        Self {
            progress,
            ..Self::default()
        }
    }

    /// How far the call has come.
    pub(super) fn progress(&self) -> Progress {
        self.progress
    }

    /// Takes the place of a role: welcomes the newcomer, tells the others, and tells the newcomer what it missed.
    pub(super) fn join(
        &mut self,
        role: Role,
        seat: Seat,
        ice_servers: Vec<Value>,
        delay: Option<u32>,
    ) -> Result<(), Taken> {
        if let Some(holder) = self.seat(role).as_ref()
            && holder.person != seat.person
        {
            return Err(Taken);
        }
        if let Some(older) = self.seat(role).take() {
            let _ = older.outbox.try_send(Frame::Last(Outgoing::Error {
                code: ErrorCode::Busy,
            }));
            self.tell_others(
                role,
                &Outgoing::Peer {
                    role,
                    state: Presence::Left,
                },
            );
        }
        let peers = [Role::Clinician, Role::Patient, Role::Caregiver]
            .into_iter()
            .filter(|&r| self.seat(r).is_some())
            .collect();
        *self.seat(role) = Some(seat);
        self.tell(
            role,
            Outgoing::Welcome {
                version: VERSION,
                ice_servers,
                peers,
            },
        );
        self.tell_others(
            role,
            &Outgoing::Peer {
                role,
                state: Presence::Joined,
            },
        );
        if role != Role::Clinician {
            if let Some(minutes) = delay {
                self.tell(role, Outgoing::Delay { minutes });
            }
            match self.progress {
                Progress::Before => {}
                Progress::Admitted => self.tell(role, Outgoing::Admit),
                // Whoever was away when it ended is told now, unless the doctor may still call back.
                Progress::Ended(reason) if reason.is_final() => self.tell(role, Outgoing::Bye { reason }),
                Progress::Ended(_) => {}
            }
        }
        Ok(())
    }

    /// A connection ended. False when it no longer held the place.
    pub(super) fn leave(&mut self, role: Role, connection: u64) -> bool {
        if self
            .seat(role)
            .as_ref()
            .is_none_or(|seat| seat.connection != connection)
        {
            return false;
        }
        *self.seat(role) = None;
        self.tell_others(
            role,
            &Outgoing::Peer {
                role,
                state: Presence::Left,
            },
        );
        true
    }

    /// A message came in over the connection that holds this place. Gives the new progress when it changed.
    pub(super) fn hear(&mut self, role: Role, connection: u64, message: Incoming) -> Option<Progress> {
        if self
            .seat(role)
            .as_ref()
            .is_none_or(|seat| seat.connection != connection)
        {
            return None;
        }
        let other = match role {
            Role::Clinician => Role::Patient,
            Role::Patient => Role::Clinician,
            Role::Caregiver => return None,
        };
        match message {
            Incoming::Admit if role == Role::Clinician => {
                self.tell_others(role, &Outgoing::Admit);
                self.move_to(Progress::Admitted)
            }
            Incoming::Bye { reason } if role == Role::Clinician => {
                self.tell_others(role, &Outgoing::Bye { reason });
                self.move_to(Progress::Ended(reason))
            }
            Incoming::Description { description } => {
                self.tell(other, Outgoing::Description { description });
                None
            }
            Incoming::Candidate { candidate } => {
                self.tell(other, Outgoing::Candidate { candidate });
                None
            }
            Incoming::Restart { reason } => {
                self.tell(other, Outgoing::Restart { reason });
                None
            }
            _ => None,
        }
    }

    /// *Avvisa del ritardo*.
    pub(super) fn announce_delay(&mut self, minutes: u32) {
        self.tell_others(Role::Clinician, &Outgoing::Delay { minutes });
    }

    fn move_to(&mut self, progress: Progress) -> Option<Progress> {
        let changed = self.progress != progress;
        self.progress = progress;
        changed.then_some(progress)
    }

    fn seat(&mut self, role: Role) -> &mut Option<Seat> {
        match role {
            Role::Clinician => &mut self.clinician,
            Role::Patient => &mut self.patient,
            Role::Caregiver => &mut self.caregiver,
        }
    }

    /// A connection whose outbox is full has stopped reading: it loses its outbox, and with it the socket, and its
    /// own end then gives the place back.
    fn tell(&mut self, role: Role, message: Outgoing) {
        let Some(seat) = self.seat(role) else { return };
        if seat.outbox.try_send(Frame::Say(message)).is_err() {
            seat.outbox = tokio::sync::mpsc::channel(1).0;
        }
    }

    fn tell_others(&mut self, role: Role, message: &Outgoing) {
        for other in [Role::Clinician, Role::Patient, Role::Caregiver] {
            if other != role {
                self.tell(other, message.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc::{Receiver, channel};

    use super::*;
    use crate::calls::wire::ByeReason;

    fn seat(connection: u64, person: &str) -> (Seat, Receiver<Frame>) {
        let (outbox, inbox) = channel(16);
        (
            Seat {
                connection,
                person: person.to_owned(),
                outbox,
            },
            inbox,
        )
    }

    fn heard(inbox: &mut Receiver<Frame>) -> Vec<Frame> {
        std::iter::from_fn(|| inbox.try_recv().ok()).collect()
    }

    #[test]
    fn only_the_clinician_begins_and_ends() {
        let mut room = Room::default();
        let (patient, _p) = seat(1, "patient");
        let (doctor, mut doctor_hears) = seat(2, "doctor");
        room.join(Role::Patient, patient, vec![], None).expect("free");
        room.join(Role::Clinician, doctor, vec![], None).expect("free");
        heard(&mut doctor_hears);
        assert_eq!(room.hear(Role::Patient, 1, Incoming::Admit), None);
        assert_eq!(
            room.hear(
                Role::Patient,
                1,
                Incoming::Bye {
                    reason: ByeReason::Ended
                }
            ),
            None
        );
        assert_eq!(room.progress(), Progress::Before);
        assert_eq!(heard(&mut doctor_hears), [], "nothing of it reaches the doctor");
    }

    #[test]
    fn a_replaced_connection_neither_speaks_nor_leaves_for_the_new_one() {
        let mut room = Room::default();
        let (old, mut old_hears) = seat(1, "patient");
        let (new, _n) = seat(2, "patient");
        let (doctor, mut doctor_hears) = seat(3, "doctor");
        room.join(Role::Clinician, doctor, vec![], None).expect("free");
        room.join(Role::Patient, old, vec![], None).expect("free");
        heard(&mut old_hears);
        room.join(Role::Patient, new, vec![], None)
            .expect("the same person");
        assert_eq!(
            heard(&mut old_hears),
            [Frame::Last(Outgoing::Error {
                code: ErrorCode::Busy
            })]
        );
        heard(&mut doctor_hears);
        room.hear(
            Role::Patient,
            1,
            Incoming::Candidate {
                candidate: Value::Null,
            },
        );
        assert!(!room.leave(Role::Patient, 1), "the place is the new connection's");
        assert_eq!(heard(&mut doctor_hears), []);
    }

    #[test]
    fn who_comes_back_after_the_end_is_told_how_it_ended() {
        for (reason, told) in [(ByeReason::Identity, true), (ByeReason::Interrupted, false)] {
            let mut room = Room::resumed(Progress::Ended(reason));
            let (patient, mut hears) = seat(1, "patient");
            room.join(Role::Patient, patient, vec![], Some(15)).expect("free");
            let frames = heard(&mut hears);
            assert!(frames.contains(&Frame::Say(Outgoing::Delay { minutes: 15 })));
            assert_eq!(
                frames.contains(&Frame::Say(Outgoing::Bye { reason })),
                told,
                "{reason:?}"
            );
        }
    }
}
