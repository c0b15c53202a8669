//! One televisit from the booked hour to its outcome, as a state machine.
//!
//! `Scheduled -> Waiting -> IdentityConfirmed -> Consented -> InCall -> AwaitingOutcome -> Completed`. Each
//! state carries exactly what is known in it, so that a call without identity and consent cannot be written
//! down. A refused action changes nothing: a second click is harmless. Not in it: media, storage, screen.

use clinical::{Age, Consent, IdentityCheck, PatientId, Sensitive, TelevisitId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::call::Call;
use crate::consent::{self, Capacity, ConsentRefusal};
use crate::link::LinkSample;
use crate::{NotAControlVisit, NotDelivered, Outcome, Prescription};

/// Somebody who takes part beside patient and clinician.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Participant {
    /// Name, as shown.
    pub name: Sensitive<String>,
    /// Relation in words: *figlia, caregiver*, *specialista invitato*.
    pub relation: Sensitive<String>,
    /// When the invitation was made.
    pub invited_at: Timestamp,
    /// When the person joined.
    pub joined_at: Option<Timestamp>,
    /// When the person went, if not back since.
    #[serde(default)]
    pub left_at: Option<Timestamp>,
}

impl Participant {
    /// In the room now.
    pub fn is_present(&self) -> bool {
        self.joined_at.is_some() && self.left_at.is_none()
    }
}

/// The states, each with what is known in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum VisitState {
    /// Booked; the patient has not come.
    Scheduled,
    /// The patient is in the waiting room.
    Waiting {
        /// Since.
        since: Timestamp,
    },
    /// The identity was confirmed.
    IdentityConfirmed {
        /// How and when.
        identity: IdentityCheck,
    },
    /// Consent was recorded; the call may begin.
    Consented {
        /// How and when.
        identity: IdentityCheck,
        /// By whom and when.
        consent: Consent,
    },
    /// The call goes on, connected or not.
    InCall {
        /// How and when.
        identity: IdentityCheck,
        /// By whom and when.
        consent: Consent,
        /// The call.
        call: Call,
    },
    /// The call was ended; the outcome is missing.
    AwaitingOutcome {
        /// How and when.
        identity: IdentityCheck,
        /// By whom and when.
        consent: Consent,
        /// The call.
        call: Call,
    },
    /// Over.
    Completed {
        /// The identity, where it was confirmed.
        identity: Option<IdentityCheck>,
        /// The consent, where it was given.
        consent: Option<Consent>,
        /// The call, where one was begun.
        call: Option<Call>,
        /// How it ended.
        outcome: Outcome,
        /// When.
        at: Timestamp,
    },
}

/// Why an action was refused. The visit is as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VisitRefusal {
    /// The action does not belong to this state (also a second click).
    #[error("the action does not belong to the present state")]
    NotNow,
    /// The patient is not in the waiting room.
    #[error("the patient is not in the waiting room")]
    PatientNotPresent,
    /// The identity comes first.
    #[error("the identity was not confirmed")]
    IdentityFirst,
    /// The consent cannot be recorded so.
    #[error(transparent)]
    Consent(#[from] ConsentRefusal),
    /// Identity and consent come before the call.
    #[error("consent was not recorded")]
    ConsentFirst,
    /// The outcome says held, but picture and sound never came up.
    #[error("the link never came up")]
    NeverConnected,
    /// The outcome says interrupted, but the call did not break off.
    #[error("the call was not interrupted")]
    NotInterrupted,
    /// *Termina* comes before this outcome.
    #[error("the call goes on")]
    CallGoesOn,
    /// The free reason is empty.
    #[error("the reason is missing")]
    ReasonMissing,
    /// The outcome was recorded already.
    #[error("the outcome was recorded already")]
    AlreadyCompleted,
}

/// One televisit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    /// Which.
    pub id: TelevisitId,
    /// Whose.
    pub patient: PatientId,
    /// Who speaks for the patient.
    pub capacity: Capacity,
    /// Booked for.
    pub booked: Timestamp,
    /// Others who take part.
    #[serde(default)]
    pub participants: Vec<Participant>,
    /// In the waiting room or in the call since; `None` when the patient's page is closed.
    pub present_since: Option<Timestamp>,
    /// Where it stands.
    #[serde(flatten)]
    pub state: VisitState,
}

impl Visit {
    /// Opens a booked televisit; refused when the prescription is not for a control visit.
    pub fn schedule(
        id: TelevisitId,
        patient: PatientId,
        capacity: Capacity,
        booked: Timestamp,
        prescription: &Prescription,
    ) -> Result<Self, NotAControlVisit> {
        prescription.admit()?;
        Ok(Self {
            id,
            patient,
            capacity,
            booked,
            participants: Vec::new(),
            present_since: None,
            state: VisitState::Scheduled,
        })
    }

    /// The patient's page is open, first time or again. Harmless when repeated and after the end.
    pub fn patient_arrived(&mut self, now: Timestamp) {
        let since = *self.present_since.get_or_insert(now);
        if self.state == VisitState::Scheduled {
            self.state = VisitState::Waiting { since };
        }
    }

    /// The patient's page was closed. Before the identity the visit goes back to booked; in a call the link breaks.
    pub fn patient_left(&mut self, now: Timestamp) {
        self.present_since = None;
        match &mut self.state {
            VisitState::Waiting { .. } => self.state = VisitState::Scheduled,
            VisitState::InCall { call, .. } => call.break_off(now),
            _ => {}
        }
    }

    /// *Verifica identità*: confirmed.
    pub fn confirm_identity(&mut self, identity: IdentityCheck) -> Result<(), VisitRefusal> {
        match self.state {
            VisitState::Waiting { .. } => {
                self.state = VisitState::IdentityConfirmed { identity };
                Ok(())
            }
            VisitState::Scheduled => Err(VisitRefusal::PatientNotPresent),
            VisitState::Completed { .. } => Err(VisitRefusal::AlreadyCompleted),
            _ => Err(VisitRefusal::NotNow),
        }
    }

    /// *Interrompi: identità non confermata*. Ends the visit from any open state in which somebody is there.
    pub fn identity_mismatch(&mut self, now: Timestamp) -> Result<(), VisitRefusal> {
        match self.state {
            VisitState::Scheduled => Err(VisitRefusal::PatientNotPresent),
            VisitState::Completed { .. } => Err(VisitRefusal::AlreadyCompleted),
            _ => {
                self.finish(
                    Outcome::NotDelivered {
                        reason: NotDelivered::IdentityNotConfirmed,
                    },
                    now,
                );
                Ok(())
            }
        }
    }

    /// *Acquisisci consenso*, after the identity. May be recorded again until the call ends (a picture is agreed later).
    pub fn record_consent(&mut self, consent: Consent, age: Age) -> Result<(), VisitRefusal> {
        let identity = match &self.state {
            VisitState::Scheduled | VisitState::Waiting { .. } => {
                return Err(ConsentRefusal::IdentityFirst.into());
            }
            VisitState::Completed { .. } => return Err(VisitRefusal::AlreadyCompleted),
            VisitState::AwaitingOutcome { .. } => return Err(VisitRefusal::NotNow),
            VisitState::IdentityConfirmed { identity }
            | VisitState::Consented { identity, .. }
            | VisitState::InCall { identity, .. } => identity.clone(),
        };
        consent::check(&consent, self.capacity, age)?;
        match &mut self.state {
            VisitState::InCall { consent: known, .. } => *known = consent,
            _ => self.state = VisitState::Consented { identity, consent },
        }
        Ok(())
    }

    /// *Avvia televisita*.
    pub fn start(&mut self, now: Timestamp) -> Result<(), VisitRefusal> {
        match &self.state {
            VisitState::Consented { .. } if self.present_since.is_none() => {
                Err(VisitRefusal::PatientNotPresent)
            }
            VisitState::Consented { identity, consent } => {
                self.state = VisitState::InCall {
                    identity: identity.clone(),
                    consent: consent.clone(),
                    call: Call::begin(now),
                };
                Ok(())
            }
            VisitState::Scheduled | VisitState::Waiting { .. } => Err(VisitRefusal::IdentityFirst),
            VisitState::IdentityConfirmed { .. } => Err(VisitRefusal::ConsentFirst),
            VisitState::Completed { .. } => Err(VisitRefusal::AlreadyCompleted),
            VisitState::InCall { .. } | VisitState::AwaitingOutcome { .. } => Err(VisitRefusal::NotNow),
        }
    }

    /// Picture and sound came up, first time or again.
    pub fn link_up(&mut self, now: Timestamp) -> Result<(), VisitRefusal> {
        self.in_call()?.connect(now);
        self.present_since.get_or_insert(now);
        Ok(())
    }

    /// The link broke.
    pub fn link_down(&mut self, now: Timestamp) -> Result<(), VisitRefusal> {
        self.in_call()?.break_off(now);
        Ok(())
    }

    /// Adds a measurement of the link. Ignored while there is no link.
    pub fn sample(&mut self, sample: &LinkSample) -> Result<(), VisitRefusal> {
        let call = self.in_call()?;
        if call.may_send() {
            call.tally.add(sample);
        }
        Ok(())
    }

    /// *Termina*: the call ends, the outcome is asked.
    pub fn end_call(&mut self, now: Timestamp) -> Result<(), VisitRefusal> {
        match &self.state {
            VisitState::InCall {
                identity,
                consent,
                call,
            } => {
                let mut call = call.clone();
                call.end(now);
                self.state = VisitState::AwaitingOutcome {
                    identity: identity.clone(),
                    consent: consent.clone(),
                    call,
                };
                Ok(())
            }
            VisitState::Completed { .. } => Err(VisitRefusal::AlreadyCompleted),
            _ => Err(VisitRefusal::NotNow),
        }
    }

    /// Records the outcome. Before the call only *non erogata* fits; during it only once the outcome is asked
    /// (90 s without link); after it what really happened.
    pub fn complete(&mut self, outcome: Outcome, now: Timestamp) -> Result<(), VisitRefusal> {
        if let Outcome::NotDelivered {
            reason: NotDelivered::Other { text },
        } = &outcome
            && text.expose().trim().is_empty()
        {
            return Err(VisitRefusal::ReasonMissing);
        }
        match &self.state {
            VisitState::Completed { .. } => return Err(VisitRefusal::AlreadyCompleted),
            VisitState::InCall { call, .. } => {
                if !call.without_link(now).is_some_and(|v| v.ask_outcome) {
                    return Err(VisitRefusal::CallGoesOn);
                }
                if outcome == Outcome::Delivered {
                    return Err(VisitRefusal::CallGoesOn);
                }
                fits(&outcome, call)?;
            }
            VisitState::AwaitingOutcome { call, .. } => fits(&outcome, call)?,
            _ if matches!(outcome, Outcome::NotDelivered { .. }) => {}
            _ => return Err(VisitRefusal::NeverConnected),
        }
        self.finish(outcome, now);
        Ok(())
    }

    /// *Invita caregiver*, or a colleague. Not after the end.
    pub fn invite(&mut self, participant: Participant) -> Result<(), VisitRefusal> {
        if self.is_completed() {
            return Err(VisitRefusal::AlreadyCompleted);
        }
        self.participants.push(participant);
        Ok(())
    }

    /// Somebody took the caregiver's place in the room, which is one: who was invited last. True when this is new.
    pub fn caregiver_joined(&mut self, now: Timestamp) -> bool {
        match self.participants.last_mut() {
            Some(caregiver) if !caregiver.is_present() => {
                caregiver.joined_at = caregiver.joined_at.or(Some(now));
                caregiver.left_at = None;
                true
            }
            _ => false,
        }
    }

    /// The caregiver's place is empty again. True when this is new.
    pub fn caregiver_left(&mut self, now: Timestamp) -> bool {
        let mut changed = false;
        for caregiver in self.participants.iter_mut().filter(|p| p.is_present()) {
            caregiver.left_at = Some(now);
            changed = true;
        }
        changed
    }

    /// Whether a picture may be taken: link up, and consent given to it.
    pub fn may_acquire_image(&self) -> bool {
        matches!(&self.state, VisitState::InCall { consent, call, .. } if consent.to_image && call.may_send())
    }

    /// Whether the visit is over.
    pub fn is_completed(&self) -> bool {
        matches!(self.state, VisitState::Completed { .. })
    }

    /// The identity, where it was confirmed.
    pub fn identity(&self) -> Option<&IdentityCheck> {
        match &self.state {
            VisitState::IdentityConfirmed { identity }
            | VisitState::Consented { identity, .. }
            | VisitState::InCall { identity, .. }
            | VisitState::AwaitingOutcome { identity, .. } => Some(identity),
            VisitState::Completed { identity, .. } => identity.as_ref(),
            VisitState::Scheduled | VisitState::Waiting { .. } => None,
        }
    }

    /// The consent, where it was given.
    pub fn consent(&self) -> Option<&Consent> {
        match &self.state {
            VisitState::Consented { consent, .. }
            | VisitState::InCall { consent, .. }
            | VisitState::AwaitingOutcome { consent, .. } => Some(consent),
            VisitState::Completed { consent, .. } => consent.as_ref(),
            _ => None,
        }
    }

    /// The call, where one was begun.
    pub fn call(&self) -> Option<&Call> {
        match &self.state {
            VisitState::InCall { call, .. } | VisitState::AwaitingOutcome { call, .. } => Some(call),
            VisitState::Completed { call, .. } => call.as_ref(),
            _ => None,
        }
    }

    /// The outcome, once recorded.
    pub fn outcome(&self) -> Option<&Outcome> {
        match &self.state {
            VisitState::Completed { outcome, .. } => Some(outcome),
            _ => None,
        }
    }

    /// After a restart of this program: a call that was up counts as interrupted since it was last known alive.
    pub fn resumed(mut self, last_alive: Timestamp) -> Self {
        if let VisitState::InCall { call, .. } = &mut self.state {
            call.break_off(last_alive);
        }
        self.present_since = None;
        if let VisitState::Waiting { .. } = self.state {
            self.state = VisitState::Scheduled;
        }
        self
    }

    fn in_call(&mut self) -> Result<&mut Call, VisitRefusal> {
        match &mut self.state {
            VisitState::InCall { call, .. } => Ok(call),
            VisitState::Completed { .. } => Err(VisitRefusal::AlreadyCompleted),
            _ => Err(VisitRefusal::NotNow),
        }
    }

    fn finish(&mut self, outcome: Outcome, now: Timestamp) {
        let identity = self.identity().cloned();
        let consent = self.consent().cloned();
        let call = self.call().cloned().map(|mut call| {
            call.end(now);
            call
        });
        self.state = VisitState::Completed {
            identity,
            consent,
            call,
            outcome,
            at: now,
        };
    }
}

fn fits(outcome: &Outcome, call: &Call) -> Result<(), VisitRefusal> {
    match outcome {
        Outcome::NotDelivered { .. } => Ok(()),
        _ if !call.was_connected() => Err(VisitRefusal::NeverConnected),
        _ if outcome.needs_interruption() && !call.is_broken() => Err(VisitRefusal::NotInterrupted),
        _ => Ok(()),
    }
}

#[cfg(test)]
#[path = "visit_tests.rs"]
mod tests;
