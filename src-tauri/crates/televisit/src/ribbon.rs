//! The six-step ribbon of a televisit: prescription, eligibility, booking, access, delivery, consultation.
//!
//! The same order everywhere; computed from facts, never stored. The words are those of the region's process.
//! Not in it: how a step is drawn, and the five-day clock of the report.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{Booking, Eligibility, Outcome, Payment, Prescription};

/// The six steps, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Prescrizione.
    Prescription,
    /// Eleggibilità.
    Eligibility,
    /// Prenotazione.
    Booking,
    /// Accesso.
    Access,
    /// Erogazione e refertazione.
    Delivery,
    /// Consultazione.
    Consultation,
}

impl Step {
    /// All six, in order.
    pub const ALL: [Self; 6] = [
        Self::Prescription,
        Self::Eligibility,
        Self::Booking,
        Self::Access,
        Self::Delivery,
        Self::Consultation,
    ];
}

/// How a step stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    /// Done.
    Done,
    /// The step that is going on or comes next.
    Current,
    /// Not yet.
    ToDo,
    /// It needs somebody: missing prescription, test failed, ticket due, patient never came.
    Attention,
}

/// Where the citizen is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Access {
    /// The link has not been opened.
    NotYet,
    /// In the waiting room since.
    Waiting {
        /// Since when.
        since: Timestamp,
    },
    /// In the call, or it was held.
    Joined,
    /// The time passed and nobody came.
    NoShow,
}

/// What is known of one televisit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RibbonFacts<'a> {
    /// The prescription.
    pub prescription: Option<&'a Prescription>,
    /// The newest technical test.
    pub eligibility: Option<&'a Eligibility>,
    /// The booking.
    pub booking: Option<&'a Booking>,
    /// Where the citizen is.
    pub access: Access,
    /// How the visit ended, once it did.
    pub outcome: Option<&'a Outcome>,
    /// When the report was signed.
    pub report_signed: Option<Timestamp>,
    /// When the citizen could read it on the portal.
    pub on_portal: Option<Timestamp>,
}

/// One step with its state, time and age.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RibbonStep {
    /// Which.
    pub step: Step,
    /// How it stands.
    pub state: StepState,
    /// When it happened, where it did.
    pub at: Option<Timestamp>,
    /// How long ago, for the eligibility test and the wait.
    pub age: Option<SignedDuration>,
}

/// The ribbon: always six steps in the order of [`Step::ALL`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ribbon(pub [RibbonStep; 6]);

impl Ribbon {
    /// Computes the ribbon. At most one step is [`StepState::Current`]: the first that is neither done nor in need.
    pub fn of(facts: &RibbonFacts<'_>, now: Timestamp) -> Self {
        let step = |step, done: bool, attention: bool, at: Option<Timestamp>, aged: bool| RibbonStep {
            step,
            state: match (done, attention) {
                (true, _) => StepState::Done,
                (false, true) => StepState::Attention,
                (false, false) => StepState::ToDo,
            },
            at,
            age: at
                .filter(|_| aged)
                .map(|t| now.duration_since(t).max(SignedDuration::ZERO)),
        };
        let admitted = facts.prescription.map(|p| p.admit().is_ok());
        let ended = facts.outcome.is_some();
        let held = facts.outcome.is_some_and(Outcome::was_held);
        let waiting = match facts.access {
            Access::Waiting { since } => Some(since),
            _ => None,
        };
        let mut steps = [
            step(
                Step::Prescription,
                admitted == Some(true),
                admitted == Some(false),
                facts.prescription.and_then(|p| p.authored_on),
                false,
            ),
            step(
                Step::Eligibility,
                facts.eligibility.is_some_and(|e| e.passed),
                facts.eligibility.is_some_and(|e| !e.passed),
                facts.eligibility.map(|e| e.at),
                true,
            ),
            step(
                Step::Booking,
                facts
                    .booking
                    .is_some_and(|b| matches!(b.payment, Some(Payment::Paid | Payment::Exempt))),
                facts.booking.is_some_and(|b| b.payment == Some(Payment::Due)),
                facts.booking.map(|b| b.start),
                false,
            ),
            step(
                Step::Access,
                facts.access == Access::Joined || held,
                facts.access == Access::NoShow && !held,
                waiting,
                true,
            ),
            step(
                Step::Delivery,
                held && facts.report_signed.is_some(),
                ended && !held,
                facts.report_signed,
                false,
            ),
            step(
                Step::Consultation,
                facts.on_portal.is_some(),
                false,
                facts.on_portal,
                false,
            ),
        ];
        let first_open = steps.iter_mut().find(|s| s.state != StepState::Done);
        if let Some(open) = first_open.filter(|s| s.state == StepState::ToDo) {
            open.state = StepState::Current;
        }
        Self(steps)
    }

    /// One step of the ribbon.
    pub fn step(&self, step: Step) -> &RibbonStep {
        let at = Step::ALL.iter().position(|s| *s == step).unwrap_or(0);
        &self.0[at]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{NotDelivered, VisitKind};
    use proptest::prelude::*;

    fn t(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn prescription(kind: VisitKind) -> Prescription {
        Prescription {
            id: "p".into(),
            nre: None,
            kind: Some(kind),
            service_code: None,
            service: None,
            question: None,
            prescriber: None,
            requester: None,
            authored_on: Some(t(10)),
        }
    }

    #[test]
    fn a_patient_in_the_waiting_room_shows_access_as_current_with_its_wait() {
        let p = prescription(VisitKind::Control);
        let e = Eligibility {
            passed: true,
            at: t(100),
            checks: vec![],
        };
        let b = Booking {
            number: Some("1".into()),
            payment: Some(Payment::Paid),
            start: t(5000),
            end: None,
        };
        let facts = RibbonFacts {
            prescription: Some(&p),
            eligibility: Some(&e),
            booking: Some(&b),
            access: Access::Waiting { since: t(4000) },
            outcome: None,
            report_signed: None,
            on_portal: None,
        };
        let ribbon = Ribbon::of(&facts, t(4360));
        assert_eq!(ribbon.step(Step::Access).state, StepState::Current);
        assert_eq!(
            ribbon.step(Step::Access).age,
            Some(SignedDuration::from_secs(360)),
            "waiting for six minutes"
        );
        assert_eq!(
            ribbon.step(Step::Eligibility).age,
            Some(SignedDuration::from_secs(4260)),
            "the test has an age"
        );
        assert_eq!(ribbon.step(Step::Delivery).state, StepState::ToDo);
    }

    #[test]
    fn a_first_visit_and_a_failed_test_ask_for_attention() {
        let p = prescription(VisitKind::First);
        let e = Eligibility {
            passed: false,
            at: t(100),
            checks: vec![],
        };
        let facts = RibbonFacts {
            prescription: Some(&p),
            eligibility: Some(&e),
            booking: None,
            access: Access::NotYet,
            outcome: None,
            report_signed: None,
            on_portal: None,
        };
        let ribbon = Ribbon::of(&facts, t(200));
        assert_eq!(ribbon.step(Step::Prescription).state, StepState::Attention);
        assert_eq!(ribbon.step(Step::Eligibility).state, StepState::Attention);
    }

    proptest! {
        #[test]
        fn there_is_at_most_one_current_step_and_everything_before_it_is_done(
            kind in prop::option::of(prop::bool::ANY),
            test in prop::option::of(prop::bool::ANY),
            paid in prop::option::of(0..3u8),
            access in 0..4u8,
            ended in 0..3u8,
            signed in prop::bool::ANY,
            portal in prop::bool::ANY,
        ) {
            let p = kind.map(|c| prescription(if c { VisitKind::Control } else { VisitKind::First }));
            let e = test.map(|passed| Eligibility { passed, at: t(5), checks: vec![] });
            let b = paid.map(|n| Booking {
                number: None,
                payment: [Some(Payment::Paid), Some(Payment::Due), None][n as usize],
                start: t(50),
                end: None,
            });
            let outcome = match ended {
                0 => None,
                1 => Some(Outcome::Delivered),
                _ => Some(Outcome::NotDelivered { reason: NotDelivered::PatientAbsent }),
            };
            let facts = RibbonFacts {
                prescription: p.as_ref(),
                eligibility: e.as_ref(),
                booking: b.as_ref(),
                access: [Access::NotYet, Access::Waiting { since: t(40) }, Access::Joined, Access::NoShow][access as usize],
                outcome: outcome.as_ref(),
                report_signed: signed.then(|| t(60)),
                on_portal: portal.then(|| t(70)),
            };
            let ribbon = Ribbon::of(&facts, t(45));
            let current: Vec<usize> = (0..6).filter(|i| ribbon.0[*i].state == StepState::Current).collect();
            prop_assert!(current.len() <= 1);
            if let Some(&i) = current.first() {
                prop_assert!(ribbon.0[..i].iter().all(|s| s.state == StepState::Done));
            }
            for (i, s) in ribbon.0.iter().enumerate() {
                prop_assert_eq!(s.step, Step::ALL[i]);
                prop_assert!(s.age.is_none_or(|a| a >= SignedDuration::ZERO));
            }
        }
    }
}
