//! The machine driven by hand along the journeys, and at random along every other path.

use clinical::{ConsentGiver, IdentityMethod};
use jiff::SignedDuration;
use proptest::prelude::*;

use super::*;
use crate::{AfterInterruption, CallLink, Interruption, StoredVisit, VisitKind};

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
        authored_on: None,
    }
}

fn visit() -> Visit {
    Visit::schedule(
        "v".into(),
        "p".into(),
        Capacity::Adult,
        t(0),
        &prescription(VisitKind::Control),
    )
    .unwrap()
}

fn identity(at: i64) -> IdentityCheck {
    IdentityCheck {
        method: IdentityMethod::DocumentShown,
        at: t(at),
    }
}

fn consent(at: i64, to_image: bool) -> Consent {
    Consent {
        to_service: true,
        to_image,
        given_by: ConsentGiver::Patient,
        at: t(at),
    }
}

fn in_call() -> Visit {
    let mut v = visit();
    v.patient_arrived(t(1));
    v.confirm_identity(identity(2)).unwrap();
    v.record_consent(consent(3, true), Age::Years(71)).unwrap();
    v.start(t(4)).unwrap();
    v
}

#[test]
fn the_whole_visit_goes_through_and_second_clicks_change_nothing() {
    let mut v = in_call();
    assert_eq!(v.start(t(5)), Err(VisitRefusal::NotNow));
    assert!(
        !v.call().unwrap().may_send(),
        "nothing is sent before the link is up"
    );
    v.link_up(t(6)).unwrap();
    assert!(v.may_acquire_image());
    v.end_call(t(600)).unwrap();
    let ended = v.clone();
    assert_eq!(v.end_call(t(601)), Err(VisitRefusal::NotNow));
    assert_eq!(v, ended);
    v.complete(Outcome::Delivered, t(610)).unwrap();
    assert_eq!(
        v.call().unwrap().duration(t(9999)),
        SignedDuration::from_secs(594)
    );
    assert_eq!(
        v.complete(Outcome::Delivered, t(620)),
        Err(VisitRefusal::AlreadyCompleted)
    );
    assert!(v.identity().is_some() && v.consent().is_some());
}

#[test]
fn a_first_visit_is_refused_before_anything_else() {
    let refused = Visit::schedule(
        "v".into(),
        "p".into(),
        Capacity::Adult,
        t(0),
        &prescription(VisitKind::First),
    );
    assert_eq!(refused.unwrap_err(), NotAControlVisit);
}

#[test]
fn consent_comes_after_identity_and_the_call_after_both() {
    let mut v = visit();
    assert_eq!(
        v.confirm_identity(identity(1)),
        Err(VisitRefusal::PatientNotPresent)
    );
    v.patient_arrived(t(1));
    let early = v.record_consent(consent(2, false), Age::Years(40));
    assert_eq!(early, Err(VisitRefusal::Consent(ConsentRefusal::IdentityFirst)));
    assert_eq!(v.start(t(2)), Err(VisitRefusal::IdentityFirst));
    v.confirm_identity(identity(3)).unwrap();
    assert_eq!(v.start(t(3)), Err(VisitRefusal::ConsentFirst));
}

#[test]
fn the_wrong_person_ends_the_visit_also_in_the_call() {
    let mut v = in_call();
    v.link_up(t(6)).unwrap();
    v.identity_mismatch(t(10)).unwrap();
    assert_eq!(
        v.outcome(),
        Some(&Outcome::NotDelivered {
            reason: NotDelivered::IdentityNotConfirmed
        })
    );
    assert_eq!(
        v.link_up(t(11)),
        Err(VisitRefusal::AlreadyCompleted),
        "the call came up again after the end"
    );
    assert!(v.call().unwrap().ended_at.is_some());
}

#[test]
fn a_cut_of_25_seconds_heals_without_a_click() {
    let mut v = in_call();
    v.link_up(t(6)).unwrap();
    v.link_down(t(100)).unwrap();
    assert!(
        !v.call().unwrap().may_send(),
        "sound or picture left while the screen said interrupted"
    );
    assert!(!v.may_acquire_image());
    assert!(!v.call().unwrap().without_link(t(125)).unwrap().offer_phone);
    v.link_up(t(125)).unwrap();
    assert_eq!(v.call().unwrap().without_link(t(126)), None);
    assert_eq!(
        v.call().unwrap().interruptions,
        [Interruption {
            from: t(100),
            to: Some(t(125))
        }]
    );
}

#[test]
fn after_ninety_seconds_the_outcome_may_be_given_while_reconnection_goes_on() {
    let interrupted = Outcome::Interrupted {
        then: AfterInterruption::ContinuedByPhone,
    };
    let mut v = in_call();
    v.link_up(t(6)).unwrap();
    v.link_down(t(100)).unwrap();
    assert_eq!(
        v.complete(interrupted.clone(), t(189)),
        Err(VisitRefusal::CallGoesOn)
    );
    assert_eq!(
        v.complete(Outcome::Delivered, t(190)),
        Err(VisitRefusal::CallGoesOn)
    );
    let mut healed = v.clone();
    healed.link_up(t(195)).unwrap();
    assert_eq!(
        healed.complete(interrupted.clone(), t(300)),
        Err(VisitRefusal::CallGoesOn),
        "the link came back"
    );
    v.complete(interrupted, t(190)).unwrap();
    assert!(v.is_completed());
}

#[test]
fn outcomes_say_what_really_happened() {
    let interrupted = Outcome::Interrupted {
        then: AfterInterruption::ToReschedule,
    };
    let mut never = in_call();
    never.end_call(t(50)).unwrap();
    assert_eq!(
        never.complete(Outcome::Delivered, t(51)),
        Err(VisitRefusal::NeverConnected)
    );
    let blank = Outcome::NotDelivered {
        reason: NotDelivered::Other { text: "  ".into() },
    };
    assert_eq!(never.complete(blank, t(51)), Err(VisitRefusal::ReasonMissing));
    never
        .complete(
            Outcome::NotDelivered {
                reason: NotDelivered::Technical,
            },
            t(52),
        )
        .unwrap();
    let mut whole = in_call();
    whole.link_up(t(6)).unwrap();
    whole.end_call(t(50)).unwrap();
    assert_eq!(
        whole.complete(interrupted, t(51)),
        Err(VisitRefusal::NotInterrupted)
    );
}

#[test]
fn a_patient_who_leaves_the_waiting_room_is_not_there_and_may_return() {
    let mut v = visit();
    v.patient_arrived(t(1));
    v.patient_left(t(2));
    assert_eq!(v.state, VisitState::Scheduled);
    v.patient_arrived(t(9));
    assert_eq!(v.state, VisitState::Waiting { since: t(9) });
    v.confirm_identity(identity(10)).unwrap();
    v.record_consent(consent(11, false), Age::Years(71)).unwrap();
    v.patient_left(t(12));
    assert_eq!(v.start(t(13)), Err(VisitRefusal::PatientNotPresent));
    v.patient_arrived(t(14));
    v.start(t(15)).unwrap();
}

#[test]
fn a_crash_in_the_call_is_an_interruption_since_the_last_sign_of_life() {
    let mut v = in_call();
    v.link_up(t(6)).unwrap();
    let stored = StoredVisit::of(&v, t(100)).to_bytes().unwrap();
    let mut resumed = StoredVisit::resume(&stored).unwrap();
    assert_eq!(
        resumed.call().unwrap().link,
        CallLink::Interrupted { since: t(100) }
    );
    assert_eq!(
        resumed.identity(),
        v.identity(),
        "the identity need not be asked again"
    );
    resumed.link_up(t(130)).unwrap();
    assert_eq!(
        resumed.call().unwrap().summary(t(131)),
        None,
        "nothing was measured"
    );
    assert_eq!(resumed.call().unwrap().interruptions.len(), 1);
}

#[derive(Clone, Debug)]
enum Action {
    Arrive,
    Leave,
    Identity,
    Mismatch,
    Consent,
    Start,
    Up,
    Down,
    End,
    Complete(u8),
    Restart,
}

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        Just(Action::Arrive),
        Just(Action::Leave),
        Just(Action::Identity),
        Just(Action::Mismatch),
        Just(Action::Consent),
        Just(Action::Start),
        Just(Action::Up),
        Just(Action::Down),
        Just(Action::End),
        (0u8..4).prop_map(Action::Complete),
        Just(Action::Restart),
    ]
}

fn outcome(n: u8) -> Outcome {
    match n {
        0 => Outcome::Delivered,
        1 => Outcome::Interrupted {
            then: AfterInterruption::ToReschedule,
        },
        2 => Outcome::CompletedBeforeInterruption,
        _ => Outcome::NotDelivered {
            reason: NotDelivered::PatientAbsent,
        },
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]
    #[test]
    fn whatever_happens_the_rules_hold(steps in prop::collection::vec((action(), 1i64..120), 1..60)) {
        let mut v = visit();
        let mut now = 0;
        for (action, seconds) in steps {
            now += seconds;
            let before = v.clone();
            let result = match action {
                Action::Arrive => { v.patient_arrived(t(now)); Ok(()) }
                Action::Leave => { v.patient_left(t(now)); Ok(()) }
                Action::Identity => v.confirm_identity(identity(now)),
                Action::Mismatch => v.identity_mismatch(t(now)),
                Action::Consent => v.record_consent(consent(now, true), Age::Years(50)),
                Action::Start => v.start(t(now)),
                Action::Up => v.link_up(t(now)),
                Action::Down => v.link_down(t(now)),
                Action::End => v.end_call(t(now)),
                Action::Complete(n) => v.complete(outcome(n), t(now)),
                Action::Restart => {
                    let stored = StoredVisit::of(&v, t(now)).to_bytes().unwrap();
                    v = StoredVisit::resume(&stored).unwrap();
                    Ok(())
                }
            };
            if result.is_err() {
                prop_assert_eq!(&v, &before, "a refused action left a trace");
            }
            if before.is_completed() {
                prop_assert_eq!(&v.state, &before.state, "a completed visit changed");
            }
            if let Some(call) = v.call() {
                prop_assert!(v.identity().is_some() && v.consent().is_some(), "a call without identity or consent");
                let open = call.interruptions.iter().filter(|i| i.to.is_none()).count();
                prop_assert!(open <= 1);
                prop_assert_eq!(open == 1, matches!(call.link, CallLink::Interrupted { .. }) && call.ended_at.is_none());
                prop_assert!(!(call.may_send() && open == 1));
            }
            if let Some(outcome) = v.outcome() && outcome.was_held() {
                prop_assert!(v.call().is_some_and(|c| c.connected_at.is_some()), "held without a link");
            }
        }
    }

    #[test]
    fn foreign_records_are_refused_and_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(StoredVisit::resume(&bytes).is_err());
    }
}

#[test]
fn a_record_of_a_newer_program_is_named_as_such() {
    let bytes = br#"{"version": 99, "visit": {"anything": true}}"#;
    assert_eq!(StoredVisit::resume(bytes), Err(crate::RecordError::Newer));
    assert_eq!(
        StoredVisit::resume(b"{\"version\":1}"),
        Err(crate::RecordError::Unreadable)
    );
}

#[test]
fn who_was_invited_last_takes_the_caregivers_place_and_stays_in_the_record_after_leaving() {
    let mut visit = visit();
    let at = visit.booked;
    assert!(
        !visit.caregiver_joined(at),
        "nobody was invited, so nobody is named"
    );
    for name in ["Paola Riccitelli", "Elena Donadio"] {
        visit
            .invite(Participant {
                name: name.to_owned().into(),
                relation: "figlia".to_owned().into(),
                invited_at: at,
                joined_at: None,
                left_at: None,
            })
            .unwrap();
    }
    assert!(visit.caregiver_joined(at));
    assert!(!visit.caregiver_joined(at), "the same arrival twice");
    assert!(visit.caregiver_left(at));
    let [first, last] = &visit.participants[..] else {
        panic!("two were invited")
    };
    assert_eq!(first.joined_at, None);
    assert_eq!(last.joined_at, Some(at));
    assert!(!last.is_present());
    assert!(visit.caregiver_joined(at), "and may come back");
    assert!(visit.participants[1].is_present());
}
