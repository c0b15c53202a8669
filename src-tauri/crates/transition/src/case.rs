//! One transition: its column on the board, its owner, its checklist, its log, its handover.
//!
//! Exactly one owner or none; the region's Task decides between two who claim at once. Notes and calls are only
//! ever added. A refused action changes nothing. Not in it: the FHIR form (`fhir`).

use clinical::{PatientId, Sensitive, StructureId, TransitionId};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{Destination, Handover, HandoverState, Origin};

/// The columns of the board.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransitionState {
    /// Segnalazione, da assegnare.
    Reported,
    /// In valutazione.
    Assessing,
    /// Dimissione protetta.
    ProtectedDischarge,
    /// Conferma del territorio.
    TerritoryConfirmation,
    /// Chiuso.
    Closed,
}

impl TransitionState {
    /// All of them, in the order of the board.
    pub const ALL: [Self; 5] = [
        Self::Reported,
        Self::Assessing,
        Self::ProtectedDischarge,
        Self::TerritoryConfirmation,
        Self::Closed,
    ];
}

/// How a telephone call went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum CallResult {
    /// Chiamato.
    Reached,
    /// Non risponde.
    NoAnswer,
    /// Richiamare alle.
    CallBack {
        /// When.
        at: Timestamp,
    },
}

/// A telephone call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// Whom.
    pub whom: Sensitive<String>,
    /// How it went.
    #[serde(flatten)]
    pub result: CallResult,
}

/// The coordinator was told, or has taken note.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum Escalation {
    /// *Coordinatore avvisato*.
    Raised {
        /// Code of the rung.
        rung: String,
    },
    /// *Presa visione*.
    Acknowledged {
        /// Code of the rung.
        rung: String,
    },
}

/// How the needs are assessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Assessment {
    /// Valutazione semplice.
    Simple,
    /// Unità di valutazione multidimensionale.
    Uvm,
}

/// One line of the log. Never changed or removed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogEntry {
    /// UUID made where it was written.
    pub id: String,
    /// FHIR id of the writer's PractitionerRole.
    pub by: String,
    /// The writer, as shown.
    pub by_name: Option<Sensitive<String>>,
    /// When.
    pub at: Timestamp,
    /// A call, for a line about one.
    pub call: Option<Call>,
    /// A step of the ladder of escalation, for a line about one.
    #[serde(default)]
    pub escalation: Option<Escalation>,
    /// Words.
    pub text: Sensitive<String>,
}

/// One item of the path's checklist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckItem {
    /// What.
    pub name: String,
    /// When it was done.
    pub done_at: Option<Timestamp>,
}

/// Why an action was refused. The case is as it was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransitionRefusal {
    /// The action does not belong to this state.
    #[error("the action does not belong to the present state")]
    NotNow,
    /// Somebody else has the case (FHIR id of the role).
    #[error("somebody else has the case")]
    OwnedByOther(String),
    /// Nobody has the case: claim it first.
    #[error("nobody has the case")]
    Unowned,
    /// A handover is under way.
    #[error("a handover is under way")]
    HandoverPending,
    /// There is no such handover.
    #[error("there is no such handover")]
    NoHandover,
    /// A case is not handed to the one who has it.
    #[error("a case cannot be handed over to its owner")]
    ToOneself,
    /// The words are missing.
    #[error("the text is missing")]
    TextMissing,
    /// The service that takes over has not confirmed.
    #[error("the territory has not confirmed")]
    NotConfirmed,
}

/// A transition of care.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transition {
    /// Made on the operator's PC.
    pub id: TransitionId,
    /// Whose.
    pub patient: PatientId,
    /// FHIR id of the COT's Organization.
    pub cot: StructureId,
    /// From where.
    pub origin: Origin,
    /// A citizen is at the origin, through MMG/PLS or services.
    pub from_citizen: bool,
    /// To where.
    pub destination: Destination,
    /// Which service receives, in words: *Distretto Nord*.
    #[serde(default)]
    pub receiver: Option<String>,
    /// When the discharge is expected.
    pub expected_discharge: Option<Timestamp>,
    /// What was reported.
    pub note: Option<Sensitive<String>>,
    /// FHIR id of the reporter's PractitionerRole.
    pub reported_by: String,
    /// When it was reported.
    pub reported_at: Timestamp,
    /// Column.
    pub state: TransitionState,
    /// FHIR id of the owner's PractitionerRole.
    pub owner: Option<String>,
    /// When the receiving service confirmed the *presa in carico*.
    pub confirmed_at: Option<Timestamp>,
    /// How the needs are assessed.
    #[serde(default)]
    pub assessment: Option<Assessment>,
    /// Reference of the *piano assistenziale individuale*, as its register writes it.
    #[serde(default)]
    pub pai: Option<String>,
    /// Checklist of the path.
    #[serde(default)]
    pub checklist: Vec<CheckItem>,
    /// Notes and calls, by time.
    #[serde(default)]
    pub log: Vec<LogEntry>,
    /// The last handover.
    #[serde(default)]
    pub handover: Option<Handover>,
}

impl Transition {
    /// *Assegna a me*. Again by the owner is harmless.
    pub fn claim(&mut self, role: &str) -> Result<(), TransitionRefusal> {
        self.open()?;
        match &self.owner {
            Some(owner) if owner == role => Ok(()),
            Some(owner) => Err(TransitionRefusal::OwnedByOther(owner.clone())),
            None => {
                self.owner = Some(role.to_owned());
                if self.state == TransitionState::Reported {
                    self.state = TransitionState::Assessing;
                }
                Ok(())
            }
        }
    }

    /// *Assegna*: the owner, or anyone of the COT while nobody has it, gives the case to somebody. The coordinator's
    /// way; between operators a handover asks first.
    pub fn assign(&mut self, by: &str, to: &str) -> Result<(), TransitionRefusal> {
        self.open()?;
        self.no_offer()?;
        match &self.owner {
            Some(owner) if owner != by => return Err(TransitionRefusal::OwnedByOther(owner.clone())),
            _ => self.owner = Some(to.to_owned()),
        }
        if self.state == TransitionState::Reported {
            self.state = TransitionState::Assessing;
        }
        Ok(())
    }

    /// *Dimissione protetta*: the assessment is done.
    pub fn begin_discharge(&mut self, role: &str) -> Result<(), TransitionRefusal> {
        self.advance(
            role,
            TransitionState::Assessing,
            TransitionState::ProtectedDischarge,
        )
    }

    /// The person has left: the territory's confirmation is awaited. From the assessment too, for those who are not
    /// in hospital and need no discharge.
    pub fn await_territory(&mut self, role: &str) -> Result<(), TransitionRefusal> {
        let from = match self.state {
            TransitionState::Assessing if !self.origin.is_hospital() => TransitionState::Assessing,
            _ => TransitionState::ProtectedDischarge,
        };
        self.advance(role, from, TransitionState::TerritoryConfirmation)
    }

    /// *Conferma presa in carico territoriale*. Again keeps the first time.
    pub fn confirm(&mut self, role: &str, at: Timestamp) -> Result<(), TransitionRefusal> {
        self.owned_by(role)?;
        if self.state != TransitionState::TerritoryConfirmation {
            return Err(TransitionRefusal::NotNow);
        }
        self.confirmed_at.get_or_insert(at);
        Ok(())
    }

    /// *Chiudi caso*: only after the confirmation.
    pub fn close(&mut self, role: &str) -> Result<(), TransitionRefusal> {
        self.owned_by(role)?;
        self.no_offer()?;
        match (self.state, self.confirmed_at) {
            (TransitionState::TerritoryConfirmation, Some(_)) => {
                self.state = TransitionState::Closed;
                Ok(())
            }
            (TransitionState::TerritoryConfirmation, None) => Err(TransitionRefusal::NotConfirmed),
            _ => Err(TransitionRefusal::NotNow),
        }
    }

    /// Adds a line to the log. Whoever works the case may, also without owning it: a note that was written is never
    /// lost to a contended claim.
    pub fn log(&mut self, entry: LogEntry) -> Result<(), TransitionRefusal> {
        if entry.call.is_none() && entry.escalation.is_none() && entry.text.expose().trim().is_empty() {
            return Err(TransitionRefusal::TextMissing);
        }
        self.merge(entry);
        Ok(())
    }

    /// Takes in a line that the region brought, by id.
    pub fn merge(&mut self, entry: LogEntry) {
        if self.log.iter().all(|known| known.id != entry.id) {
            self.log.push(entry);
            self.log.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
        }
    }

    /// Ticks an item of the checklist by its name, or unticks it. Ticking again keeps the first time.
    pub fn check(
        &mut self,
        role: &str,
        item: &str,
        done_at: Option<Timestamp>,
    ) -> Result<(), TransitionRefusal> {
        self.owned_by(role)?;
        let item = self
            .checklist
            .iter_mut()
            .find(|known| known.name == item)
            .ok_or(TransitionRefusal::NotNow)?;
        item.done_at = match (item.done_at, done_at) {
            (Some(first), Some(_)) => Some(first),
            (_, now) => now,
        };
        Ok(())
    }

    /// What is known of the discharge, the assessment and the plan. The owner's to say.
    pub fn detail(
        &mut self,
        role: &str,
        expected_discharge: Option<Timestamp>,
        assessment: Option<Assessment>,
        pai: Option<String>,
    ) -> Result<(), TransitionRefusal> {
        self.owned_by(role)?;
        self.expected_discharge = expected_discharge;
        self.assessment = assessment;
        self.pai = pai;
        Ok(())
    }

    /// Whether the coordinator was told at a rung, and whether note was taken of it: the times of both.
    pub fn escalated(&self, rung: &str) -> (Option<Timestamp>, Option<Timestamp>) {
        let at = |wanted: &Escalation| {
            let line = self
                .log
                .iter()
                .find(|line| line.escalation.as_ref() == Some(wanted));
            line.map(|line| line.at)
        };
        let rung = || rung.to_owned();
        (
            at(&Escalation::Raised { rung: rung() }),
            at(&Escalation::Acknowledged { rung: rung() }),
        )
    }

    /// *Fine turno*: the owner offers the case. The owner keeps it until somebody accepts.
    pub fn offer(&mut self, handover: Handover) -> Result<(), TransitionRefusal> {
        self.owned_by(&handover.from)?;
        self.no_offer()?;
        if handover.from == handover.to {
            return Err(TransitionRefusal::ToOneself);
        }
        self.handover = Some(Handover {
            state: HandoverState::Offered,
            ..handover
        });
        Ok(())
    }

    /// *Accetta consegna*: owner and offer change together. Again is harmless.
    pub fn accept(&mut self, role: &str, at: Timestamp) -> Result<(), TransitionRefusal> {
        self.open()?;
        let handover = self
            .handover
            .as_mut()
            .filter(|h| h.to == role)
            .ok_or(TransitionRefusal::NoHandover)?;
        match handover.state {
            HandoverState::Accepted { .. } | HandoverState::Acknowledged { .. } => Ok(()),
            HandoverState::Offered if self.owner.as_deref() == Some(handover.from.as_str()) => {
                handover.state = HandoverState::Accepted { at };
                self.owner = Some(role.to_owned());
                Ok(())
            }
            // The owner changed at the region meanwhile: the offer is void.
            HandoverState::Offered => Err(TransitionRefusal::OwnedByOther(
                self.owner.clone().unwrap_or_default(),
            )),
            HandoverState::Refused { .. } | HandoverState::Withdrawn { .. } => {
                Err(TransitionRefusal::NoHandover)
            }
        }
    }

    /// Refuses the offer: ownership stays.
    pub fn refuse(&mut self, role: &str, at: Timestamp) -> Result<(), TransitionRefusal> {
        self.end_offer(|h| h.to == role, HandoverState::Refused { at })
    }

    /// The one who offered takes note that the case was accepted: the second of the two acknowledgements. Again is harmless.
    pub fn acknowledge(&mut self, role: &str, at: Timestamp) -> Result<(), TransitionRefusal> {
        let handover = self
            .handover
            .as_mut()
            .filter(|h| h.from == role)
            .ok_or(TransitionRefusal::NoHandover)?;
        match handover.state {
            HandoverState::Accepted { .. } => {
                handover.state = HandoverState::Acknowledged { at };
                Ok(())
            }
            HandoverState::Acknowledged { .. } => Ok(()),
            _ => Err(TransitionRefusal::NotNow),
        }
    }

    /// Takes the offer back.
    pub fn withdraw(&mut self, role: &str, at: Timestamp) -> Result<(), TransitionRefusal> {
        self.end_offer(|h| h.from == role, HandoverState::Withdrawn { at })
    }

    /// How long nobody has had the case; `None` once somebody has it.
    pub fn unassigned_for(&self, now: Timestamp) -> Option<SignedDuration> {
        (self.owner.is_none() && self.state != TransitionState::Closed)
            .then(|| now.duration_since(self.reported_at).max(SignedDuration::ZERO))
    }

    /// The next *Richiamare alle* that nobody has followed up, by whom it concerns.
    pub fn call_back(&self) -> Option<(&LogEntry, Timestamp)> {
        let calls: Vec<&LogEntry> = self.log.iter().filter(|e| e.call.is_some()).collect();
        calls
            .iter()
            .enumerate()
            .filter_map(|(i, entry)| {
                let call = entry.call.as_ref()?;
                let CallResult::CallBack { at } = call.result else {
                    return None;
                };
                let followed = calls[i + 1..]
                    .iter()
                    .any(|later| later.call.as_ref().is_some_and(|c| c.whom == call.whom));
                (!followed).then_some((*entry, at))
            })
            .min_by_key(|(_, at)| *at)
    }

    fn open(&self) -> Result<(), TransitionRefusal> {
        if self.state == TransitionState::Closed {
            Err(TransitionRefusal::NotNow)
        } else {
            Ok(())
        }
    }

    fn owned_by(&self, role: &str) -> Result<(), TransitionRefusal> {
        self.open()?;
        match &self.owner {
            Some(owner) if owner == role => Ok(()),
            Some(owner) => Err(TransitionRefusal::OwnedByOther(owner.clone())),
            None => Err(TransitionRefusal::Unowned),
        }
    }

    fn no_offer(&self) -> Result<(), TransitionRefusal> {
        match &self.handover {
            Some(h) if h.state == HandoverState::Offered => Err(TransitionRefusal::HandoverPending),
            _ => Ok(()),
        }
    }

    fn advance(
        &mut self,
        role: &str,
        from: TransitionState,
        to: TransitionState,
    ) -> Result<(), TransitionRefusal> {
        self.owned_by(role)?;
        if self.state != from {
            return Err(TransitionRefusal::NotNow);
        }
        self.state = to;
        Ok(())
    }

    fn end_offer(
        &mut self,
        mine: impl Fn(&Handover) -> bool,
        state: HandoverState,
    ) -> Result<(), TransitionRefusal> {
        let offered = |h: &&mut Handover| h.state == HandoverState::Offered && mine(h);
        self.handover
            .as_mut()
            .filter(offered)
            .ok_or(TransitionRefusal::NoHandover)?
            .state = state;
        Ok(())
    }
}

#[cfg(test)]
#[path = "case_tests.rs"]
pub(crate) mod tests;
