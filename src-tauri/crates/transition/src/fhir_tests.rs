//! Both ways without loss, words of other programs, and foreign JSON.

use proptest::prelude::*;

use super::*;
use crate::TransitionState;
use crate::case::tests::case;

fn t(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

#[test]
fn a_case_survives_the_way_to_the_region_and_back_in_every_column() {
    for (state, owner) in [
        (TransitionState::Reported, None),
        (TransitionState::Assessing, Some("a")),
        (TransitionState::ProtectedDischarge, Some("a")),
        (TransitionState::TerritoryConfirmation, Some("a")),
        (TransitionState::Closed, Some("a")),
    ] {
        for (origin, destination) in Origin::ALL.into_iter().zip(Destination::ALL.into_iter().cycle()) {
            let mut written = case();
            written.state = state;
            written.owner = owner.map(str::to_owned);
            written.origin = origin;
            written.destination = destination;
            written.receiver = Some("Distretto Nord".into());
            written.from_citizen = true;
            written.confirmed_at = Some(t(77));
            written.assessment = Some(crate::Assessment::Uvm);
            written.pai = Some("PAI 2026/118".into());
            written.checklist[0].done_at = Some(t(5));
            assert_eq!(transition(&task(&written, None)), Ok(written));
        }
    }
}

#[test]
fn the_region_s_own_elements_are_kept_on_an_update() {
    let read = json!({"resourceType": "Task", "id": "9", "meta": {"versionId": "4"}, "owner": {"reference": "x/y"},
        "reasonCode": {"text": "altro"}});
    let written = task(&case(), Some(&read));
    assert_eq!(written["id"], "9");
    assert_eq!(written["reasonCode"]["text"], "altro");
    assert!(
        written.get("owner").is_none(),
        "a case without owner kept the old one"
    );
}

#[test]
fn the_words_of_another_program_are_understood() {
    let input = |code: &str, words: &str| json!({"type": {"coding": [{"system": INPUT, "code": code}]}, "valueString": words});
    let foreign = json!({"resourceType": "Task", "id": "transizione-7", "status": "in-progress",
        "code": {"coding": [{"code": "transition"}]}, "businessStatus": {"text": "Conferma del territorio"},
        "for": {"reference": "Patient/p"}, "groupIdentifier": {"value": "cot"}, "authoredOn": "2026-11-20T08:00:00+01:00",
        "owner": {"reference": "PractitionerRole/a"},
        "input": [input("origin", "Ospedale"), input("destination", "Casa con ADI, Distretto Nord"), input("note", "Attende")]});
    let read = transition(&foreign).unwrap();
    assert_eq!(read.state, TransitionState::TerritoryConfirmation);
    assert_eq!((read.origin, read.destination), (Origin::Ward, Destination::Home));
    assert_eq!(read.receiver.as_deref(), Some("Distretto Nord"));
}

#[test]
fn log_and_handover_survive() {
    for call in [
        None,
        Some(CallResult::Reached),
        Some(CallResult::NoAnswer),
        Some(CallResult::CallBack { at: t(99) }),
    ] {
        let written = LogEntry {
            id: "0190c8f0-0000-7000-8000-0000000000d1".into(),
            by: "a".into(),
            by_name: Some("SCARPELLINI Dario".into()),
            at: t(3),
            call: call.map(|result| Call {
                whom: "Figlia".into(),
                result,
            }),
            escalation: None,
            text: "nota".into(),
        };
        assert_eq!(log_entry(&communication(&written, "p", "Task/9")), Ok(written));
    }
    for escalation in [
        Escalation::Raised {
            rung: "coordinator".into(),
        },
        Escalation::Acknowledged {
            rung: "coordinator".into(),
        },
    ] {
        let written = LogEntry {
            id: "0190c8f0-0000-7000-8000-0000000000d2".into(),
            by: "a".into(),
            by_name: None,
            at: t(3),
            call: None,
            escalation: Some(escalation),
            text: "Senza operatore da 2 ore".into(),
        };
        assert_eq!(log_entry(&communication(&written, "p", "Task/9")), Ok(written));
    }
    for state in [
        HandoverState::Offered,
        HandoverState::Accepted { at: t(8) },
        HandoverState::Acknowledged { at: t(8) },
        HandoverState::Refused { at: t(8) },
        HandoverState::Withdrawn { at: t(8) },
    ] {
        let written = Handover {
            id: "0190c8f0-0000-7000-8000-0000000000e1".into(),
            from: "a".into(),
            to: "b".into(),
            at: t(1),
            note: Some("Richiamare il reparto".into()),
            state,
        };
        let resource = handover_task(&written, "p", "Task/9", None);
        assert_eq!(handover(&resource), Ok(("9".to_owned(), written)));
        assert_eq!(transition(&resource), Err(Unmapped::NotThis));
    }
}

#[test]
fn acceptance_is_one_transaction_on_both_versions() {
    let (a, b) = (
        json!({"resourceType": "Task", "id": "9"}),
        json!({"resourceType": "Task", "id": "10"}),
    );
    let bundle = accept_bundle((&a, "4"), (&b, "1")).unwrap();
    assert_eq!(bundle["entry"][0]["request"]["ifMatch"], "W/\"4\"");
    assert_eq!(bundle["entry"][1]["request"]["url"], "Task/10");
    assert!(accept_bundle((&json!({}), "4"), (&b, "1")).is_err());
}

proptest! {
    #[test]
    fn foreign_text_never_panics(text in "\\PC{0,40}", code in "(transition|handover|x)") {
        let value = json!({"resourceType": "Task", "status": text, "code": {"coding": [{"code": code}]},
            "authoredOn": text, "for": {"reference": text}, "owner": {"reference": text}, "input": [{"valueString": text,
            "type": {"text": "check"}}], "focus": {"reference": text}, "businessStatus": {"text": text}});
        let _ = (transition(&value), handover(&value), log_entry(&value));
    }
}
