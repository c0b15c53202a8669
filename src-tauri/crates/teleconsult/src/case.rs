//! A case from draft to close: its states, whose turn it is (*Tocca a*), and its conversation.
//!
//! The region decides who claimed a case: [`Case::claim`] says what is meant, the region's Task says what is.
//! Messages are never removed; two of the same id are one. Not in it: the FHIR form (`fhir`).

use clinical::{Nre, Sensitive, TeleconsultId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::answer::Answer;
use crate::clock::{AnswerClock, AnswerLimits, Pause};
use crate::{Addressee, Request};

/// The states.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum CaseState {
    /// In the making (*Bozza*).
    Draft,
    /// Waits on this PC (*In coda*).
    Queued,
    /// At the region, nobody has it.
    Requested,
    /// A specialist has it.
    Claimed {
        /// FHIR id of the PractitionerRole.
        by: String,
    },
    /// The specialist waits for the asker.
    NeedsInformation {
        /// FHIR id of the PractitionerRole.
        by: String,
    },
    /// Answered.
    Answered {
        /// FHIR id of the PractitionerRole.
        by: String,
    },
    /// The asker has read the answer (*Presa visione*).
    Acknowledged {
        /// FHIR id of the PractitionerRole that answered.
        by: String,
    },
    /// Closed.
    Closed,
}

/// What a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageKind {
    /// Plain.
    Note,
    /// *Chiedi altre informazioni*.
    InformationRequest,
    /// What the asker answers to it.
    Information,
    /// The specialist's answer.
    Answer,
    /// *Presa visione*, with remarks where there are some.
    Acknowledgement,
    /// *Coinvolgi specialista*: a colleague is asked for an opinion.
    Involvement,
    /// The written opinion of one of several specialists.
    Opinion,
    /// *Prescritta*: the NRE of the control visit that the answer indicated.
    Prescription,
}

/// A message of the case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// UUID made where it was written.
    pub id: String,
    /// What.
    pub kind: MessageKind,
    /// FHIR id of the writer's PractitionerRole.
    pub sender: String,
    /// The writer, as shown.
    pub sender_name: Option<Sensitive<String>>,
    /// When.
    pub at: Timestamp,
    /// Words.
    pub text: Sensitive<String>,
    /// Who is asked for an opinion: FHIR id of the PractitionerRole.
    #[serde(default)]
    pub to: Option<String>,
    /// An opinion that disagrees with what was written before it.
    #[serde(default)]
    pub disagrees: bool,
}

/// Whose turn it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Turn {
    /// The asker's.
    Requester,
    /// A specialist's, by PractitionerRole.
    Specialist(String),
    /// Nobody has it yet: anyone of the addressee.
    Nobody,
    /// This PC's queue.
    Queue,
    /// Over.
    Over,
}

/// Why an action was refused. The case is as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CaseRefusal {
    /// The action does not belong to this state.
    #[error("the action does not belong to the present state")]
    NotNow,
    /// Somebody else has the case.
    #[error("somebody else has the case")]
    ClaimedByOther,
    /// Only the asker may do this.
    #[error("only the asker may do this")]
    NotTheRequester,
    /// The request names another specialist.
    #[error("the request names another specialist")]
    NotTheAddressee,
    /// The words are missing.
    #[error("the text is missing")]
    TextMissing,
    /// Who asks does not answer.
    #[error("who asks does not answer")]
    OwnRequest,
    /// Only a specialist of the case gives an opinion on it.
    #[error("only a specialist of the case gives an opinion")]
    NotInvolved,
    /// The answer indicated no control visit.
    #[error("no control visit was indicated")]
    NothingToPrescribe,
}

/// A case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// The request.
    pub request: Request,
    /// Where it stands.
    #[serde(flatten)]
    pub state: CaseState,
    /// The conversation, by time.
    pub messages: Vec<Message>,
    /// Stretches in which the clock stood still.
    pub pauses: Vec<Pause>,
    /// When it was answered.
    pub answered_at: Option<Timestamp>,
}

impl Case {
    /// A request that was just confirmed by its author: it waits on this PC.
    pub fn queued(request: Request) -> Self {
        Self {
            request,
            state: CaseState::Queued,
            messages: Vec::new(),
            pauses: Vec::new(),
            answered_at: None,
        }
    }

    /// Which.
    pub fn id(&self) -> &TeleconsultId {
        &self.request.id
    }

    /// The region has it. Harmless when repeated.
    pub fn delivered(&mut self) {
        if matches!(self.state, CaseState::Draft | CaseState::Queued) {
            self.state = CaseState::Requested;
        }
    }

    /// *Assegna a me*. Again by the same role is harmless.
    pub fn claim(&mut self, role: &str) -> Result<(), CaseRefusal> {
        match &self.state {
            _ if self.request.requester == role => Err(CaseRefusal::OwnRequest),
            CaseState::Requested => {
                if let Addressee::Named { role: named, .. } = &self.request.addressee
                    && named != role
                {
                    return Err(CaseRefusal::NotTheAddressee);
                }
                self.state = CaseState::Claimed { by: role.to_owned() };
                Ok(())
            }
            CaseState::Claimed { by } | CaseState::NeedsInformation { by } if by == role => Ok(()),
            CaseState::Claimed { .. } | CaseState::NeedsInformation { .. } => {
                Err(CaseRefusal::ClaimedByOther)
            }
            _ => Err(CaseRefusal::NotNow),
        }
    }

    /// Gives the case back to everyone.
    pub fn release(&mut self, role: &str) -> Result<(), CaseRefusal> {
        self.held_by(role)?;
        self.state = CaseState::Requested;
        Ok(())
    }

    /// *Chiedi altre informazioni*: the clock stands still.
    pub fn ask_information(&mut self, message: Message) -> Result<(), CaseRefusal> {
        self.held_by(&message.sender)?;
        let by = message.sender.clone();
        let at = message.at;
        self.say(message, MessageKind::InformationRequest)?;
        self.state = CaseState::NeedsInformation { by };
        self.pauses.push(Pause { from: at, to: None });
        Ok(())
    }

    /// The asker answers: the clock runs again.
    pub fn give_information(&mut self, message: Message) -> Result<(), CaseRefusal> {
        let CaseState::NeedsInformation { by } = &self.state else {
            return Err(CaseRefusal::NotNow);
        };
        let by = by.clone();
        self.must_be_requester(&message.sender)?;
        let at = message.at;
        self.say(message, MessageKind::Information)?;
        self.close_pause(at);
        self.state = CaseState::Claimed { by };
        Ok(())
    }

    /// *Coinvolgi specialista*: who has the case asks a colleague for a written opinion. The clock runs on.
    pub fn involve(&mut self, message: Message) -> Result<(), CaseRefusal> {
        match &self.state {
            CaseState::Claimed { by } | CaseState::NeedsInformation { by } if *by == message.sender => {}
            CaseState::Claimed { .. } | CaseState::NeedsInformation { .. } => {
                return Err(CaseRefusal::ClaimedByOther);
            }
            _ => return Err(CaseRefusal::NotNow),
        }
        match message.to.as_deref() {
            None => return Err(CaseRefusal::NotTheAddressee),
            Some(to) if to == self.request.requester => return Err(CaseRefusal::OwnRequest),
            Some(to) if to == message.sender => return Err(CaseRefusal::NotTheAddressee),
            Some(_) => {}
        }
        self.say(message, MessageKind::Involvement)
    }

    /// A written opinion. It is kept beside the others, also when it disagrees, and also after the answer.
    pub fn give_opinion(&mut self, message: Message) -> Result<(), CaseRefusal> {
        if !self.is_involved(&message.sender) && self.owner() != Some(message.sender.as_str()) {
            return Err(CaseRefusal::NotInvolved);
        }
        if matches!(
            self.state,
            CaseState::Draft | CaseState::Queued | CaseState::Requested | CaseState::Closed
        ) {
            return Err(CaseRefusal::NotNow);
        }
        self.say(message, MessageKind::Opinion)
    }

    /// Whether a role was asked for an opinion.
    pub fn is_involved(&self, role: &str) -> bool {
        self.messages
            .iter()
            .any(|m| m.kind == MessageKind::Involvement && m.to.as_deref() == Some(role))
    }

    /// Whether a role was asked for an opinion and has not given one since, on a case that is not answered yet.
    pub fn owes_opinion(&self, role: &str) -> bool {
        let open = matches!(
            self.state,
            CaseState::Claimed { .. } | CaseState::NeedsInformation { .. }
        );
        let last = self.messages.iter().rev().find(|m| {
            (m.kind == MessageKind::Involvement && m.to.as_deref() == Some(role))
                || (m.kind == MessageKind::Opinion && m.sender == role)
        });
        open && last.is_some_and(|m| m.kind == MessageKind::Involvement)
    }

    /// Who has the case, or had it when it was answered.
    pub fn owner(&self) -> Option<&str> {
        match &self.state {
            CaseState::Claimed { by }
            | CaseState::NeedsInformation { by }
            | CaseState::Answered { by }
            | CaseState::Acknowledged { by } => Some(by),
            _ => None,
        }
    }

    /// The last answer indicated a control visit.
    pub fn indicates_control_visit(&self) -> bool {
        self.messages
            .iter()
            .rev()
            .find(|m| m.kind == MessageKind::Answer)
            .is_some_and(|m| Answer::read(m.text.expose()).control_visit)
    }

    /// The NRE last recorded for the control visit.
    pub fn prescription(&self) -> Option<Nre> {
        let last = self
            .messages
            .iter()
            .rev()
            .find(|m| m.kind == MessageKind::Prescription && m.sender == self.request.requester)?;
        Nre::parse(last.text.expose()).ok()
    }

    /// The asker records the NRE of the control visit. A later one replaces it; both stay in the conversation.
    pub fn prescribe(&mut self, message: Message) -> Result<(), CaseRefusal> {
        self.must_be_requester(&message.sender)?;
        if !self.indicates_control_visit() {
            return Err(CaseRefusal::NothingToPrescribe);
        }
        self.say(message, MessageKind::Prescription)
    }

    /// *Rispondi e chiudi*. Allowed also while information is awaited.
    pub fn answer(&mut self, message: Message) -> Result<(), CaseRefusal> {
        match &self.state {
            CaseState::Claimed { by } | CaseState::NeedsInformation { by } if *by == message.sender => {}
            CaseState::Claimed { .. } | CaseState::NeedsInformation { .. } => {
                return Err(CaseRefusal::ClaimedByOther);
            }
            _ => return Err(CaseRefusal::NotNow),
        }
        let (by, at) = (message.sender.clone(), message.at);
        self.say(message, MessageKind::Answer)?;
        self.close_pause(at);
        self.answered_at = Some(at);
        self.state = CaseState::Answered { by };
        Ok(())
    }

    /// *Presa visione*, with remarks or without. Again is harmless.
    pub fn acknowledge(&mut self, role: &str, remarks: Option<Message>) -> Result<(), CaseRefusal> {
        self.must_be_requester(role)?;
        match &self.state {
            CaseState::Acknowledged { .. } if remarks.is_none() => return Ok(()),
            CaseState::Answered { by } | CaseState::Acknowledged { by } => {
                let by = by.clone();
                if let Some(message) = remarks {
                    self.say(message, MessageKind::Acknowledgement)?;
                }
                self.state = CaseState::Acknowledged { by };
            }
            _ => return Err(CaseRefusal::NotNow),
        }
        Ok(())
    }

    /// Closes the case: after the acknowledgement, or withdrawn by the asker before it is answered.
    /// Without a role that may, nothing changes. An open pause ends with the case.
    pub fn close(&mut self, role: &str, at: Timestamp) -> Result<(), CaseRefusal> {
        match &self.state {
            CaseState::Acknowledged { .. } | CaseState::Closed => {}
            CaseState::Answered { .. } => return Err(CaseRefusal::NotNow),
            _ => self.must_be_requester(role)?,
        }
        self.close_pause(at);
        self.state = CaseState::Closed;
        Ok(())
    }

    /// Adds a plain note, at any time.
    pub fn note(&mut self, message: Message) -> Result<(), CaseRefusal> {
        self.say(message, MessageKind::Note)
    }

    /// Takes in a message that the region brought; append only, by id.
    pub fn merge(&mut self, message: Message) {
        if self.messages.iter().all(|m| m.id != message.id) {
            self.messages.push(message);
            self.messages.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
        }
    }

    /// Derives pauses and the time of the answer from the conversation, as the region brought it.
    pub fn rebuild_clock(&mut self) {
        self.pauses.clear();
        self.answered_at = None;
        let marks: Vec<(Timestamp, MessageKind, bool)> = self
            .messages
            .iter()
            .map(|m| (m.at, m.kind, m.sender == self.request.requester))
            .collect();
        for (at, kind, by_requester) in marks {
            match kind {
                MessageKind::InformationRequest if self.pauses.iter().all(|p| p.to.is_some()) => {
                    self.pauses.push(Pause { from: at, to: None });
                }
                MessageKind::Information => self.close_pause(at),
                // Another workstation may answer with a plain message: the asker has written, the clock runs again.
                MessageKind::Note if by_requester => self.close_pause(at),
                MessageKind::Answer => {
                    self.close_pause(at);
                    self.answered_at.get_or_insert(at);
                }
                _ => {}
            }
        }
    }

    /// Whose turn it is.
    pub fn turn(&self) -> Turn {
        match &self.state {
            CaseState::Draft | CaseState::NeedsInformation { .. } | CaseState::Answered { .. } => {
                Turn::Requester
            }
            CaseState::Queued => Turn::Queue,
            CaseState::Requested => match &self.request.addressee {
                Addressee::Named { role, .. } => Turn::Specialist(role.clone()),
                Addressee::Speciality { .. } => Turn::Nobody,
            },
            CaseState::Claimed { by } => Turn::Specialist(by.clone()),
            CaseState::Acknowledged { .. } | CaseState::Closed => Turn::Over,
        }
    }

    /// The answer clock; `None` before the request was sent.
    pub fn clock(&self, limits: &AnswerLimits, now: Timestamp) -> Option<AnswerClock> {
        if matches!(self.state, CaseState::Draft) {
            return None;
        }
        let limit = limits.of(self.request.priority);
        Some(AnswerClock::of(
            limit,
            self.request.authored_on,
            &self.pauses,
            self.answered_at,
            now,
        ))
    }

    /// The case is claimed by this role, and it has the turn.
    fn held_by(&self, role: &str) -> Result<(), CaseRefusal> {
        match &self.state {
            CaseState::Claimed { by } if by == role => Ok(()),
            CaseState::NeedsInformation { by } if by == role => Err(CaseRefusal::NotNow),
            CaseState::Claimed { .. } | CaseState::NeedsInformation { .. } => {
                Err(CaseRefusal::ClaimedByOther)
            }
            _ => Err(CaseRefusal::NotNow),
        }
    }

    fn must_be_requester(&self, role: &str) -> Result<(), CaseRefusal> {
        if self.request.requester == role {
            Ok(())
        } else {
            Err(CaseRefusal::NotTheRequester)
        }
    }

    fn say(&mut self, mut message: Message, kind: MessageKind) -> Result<(), CaseRefusal> {
        if message.text.expose().trim().is_empty() {
            return Err(CaseRefusal::TextMissing);
        }
        message.kind = kind;
        self.merge(message);
        Ok(())
    }

    fn close_pause(&mut self, at: Timestamp) {
        if let Some(open) = self.pauses.iter_mut().find(|p| p.to.is_none()) {
            open.to = Some(at.max(open.from));
        }
    }
}

#[cfg(test)]
#[path = "case_tests.rs"]
mod tests;
