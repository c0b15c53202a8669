//! The case by hand along the journeys, and at random along every other path.

use jiff::SignedDuration;
use proptest::prelude::*;

use super::*;
use crate::request::{Access, Branch, Mode, Range, Timing};
use crate::{Draft, Missing, Priority};
use clinical::{Consent, ConsentGiver};

fn t(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn draft() -> Draft {
    let mut draft = Draft::new("0190c8f0-0000-7000-8000-000000000001".into());
    draft.patient = Some("p1".into());
    draft.question = "Quale anticoagulante con filtrato 34?".into();
    draft.addressee = Some(Addressee::Speciality {
        branch: Branch {
            code: "02".into(),
            name: "Cardiologia".into(),
        },
    });
    draft.priority = Some(Priority::B);
    draft.mode = Some(Mode {
        timing: Timing::Asynchronous,
        with_patient: Some(false),
    });
    draft.access = Some(Access::Impromptu);
    draft.range = Some(Range::Trust);
    draft.consent = Some(Consent {
        to_service: true,
        to_image: false,
        given_by: ConsentGiver::Patient,
        at: t(0),
    });
    draft
}

fn case() -> Case {
    let mut case = Case::queued(draft().complete(false, "gp", t(0)).unwrap());
    case.delivered();
    case
}

fn message(id: &str, sender: &str, at: i64) -> Message {
    Message {
        id: id.into(),
        kind: MessageKind::Note,
        sender: sender.into(),
        sender_name: None,
        at: t(at),
        text: "testo".into(),
        to: None,
        disagrees: false,
    }
}

#[test]
fn an_empty_draft_lacks_everything_and_a_minor_needs_somebody() {
    let empty = Draft::new("x".into());
    let missing = empty.missing(false);
    for what in [
        Missing::Patient,
        Missing::Question,
        Missing::Addressee,
        Missing::Priority,
        Missing::Mode,
        Missing::Consent,
    ] {
        assert!(missing.contains(&what), "{what:?}");
    }
    assert!(draft().missing(false).is_empty());
    assert_eq!(
        draft().missing(true),
        [Missing::Representation],
        "a minor cannot consent alone"
    );
    let mut refused = draft();
    refused.consent.as_mut().unwrap().to_service = false;
    assert_eq!(refused.missing(false), [Missing::Consent]);
}

#[test]
fn attachments_over_the_limit_are_named_and_everything_else_is_kept() {
    let mut large = draft();
    for n in 0..3 {
        large.attachments.push(crate::Attachment {
            id: format!("a{n}").as_str().into(),
            title: "Eco".into(),
            content_type: "application/dicom".into(),
            size: 90 * 1024 * 1024,
            sha256: String::new(),
            document: None,
        });
    }
    assert_eq!(
        large.complete(false, "gp", t(0)).unwrap_err(),
        [Missing::AttachmentsTooLarge]
    );
}

#[test]
fn the_turn_and_the_clock_follow_the_conversation() {
    let mut case = case();
    assert_eq!(case.turn(), Turn::Nobody);
    assert_eq!(case.claim("gp"), Err(CaseRefusal::OwnRequest));
    case.claim("card").unwrap();
    case.claim("card").unwrap();
    assert_eq!(case.claim("other"), Err(CaseRefusal::ClaimedByOther));
    case.ask_information(message("1", "card", 100)).unwrap();
    assert_eq!(case.turn(), Turn::Requester);
    assert_eq!(
        case.give_information(message("2", "card", 150)),
        Err(CaseRefusal::NotTheRequester)
    );
    case.give_information(message("2", "gp", 300)).unwrap();
    assert_eq!(case.turn(), Turn::Specialist("card".into()));
    assert_eq!(
        case.answer(message("3", "other", 350)),
        Err(CaseRefusal::ClaimedByOther)
    );
    case.answer(message("3", "card", 400)).unwrap();
    let clock = case.clock(&AnswerLimits::default(), t(99_999)).unwrap();
    assert_eq!(
        clock.used,
        SignedDuration::from_secs(200),
        "the clock ran while the asker had the turn, or after the answer"
    );
    assert_eq!(
        case.close("card", t(500)),
        Err(CaseRefusal::NotNow),
        "closed before the asker had read it"
    );
    case.acknowledge("gp", None).unwrap();
    case.acknowledge("gp", None).unwrap();
    case.close("gp", t(500)).unwrap();
    assert_eq!(case.turn(), Turn::Over);
}

#[test]
fn a_named_specialist_is_the_only_one_who_may_claim() {
    let mut draft = draft();
    draft.addressee = Some(Addressee::Named {
        branch: Branch {
            code: "02".into(),
            name: "Cardiologia".into(),
        },
        role: "card".into(),
        name: "VALMORI Irene".into(),
    });
    let mut case = Case::queued(draft.complete(false, "gp", t(0)).unwrap());
    case.delivered();
    assert_eq!(case.turn(), Turn::Specialist("card".into()));
    assert_eq!(case.claim("other"), Err(CaseRefusal::NotTheAddressee));
}

#[test]
fn an_empty_answer_is_refused_and_leaves_nothing() {
    let mut case = case();
    case.claim("card").unwrap();
    let before = case.clone();
    let empty = Message {
        text: " ".into(),
        ..message("1", "card", 5)
    };
    assert_eq!(case.answer(empty), Err(CaseRefusal::TextMissing));
    assert_eq!(case, before);
}

#[test]
fn a_plain_message_of_the_asker_ends_the_pause() {
    let mut case = case();
    case.merge(Message {
        kind: MessageKind::InformationRequest,
        ..message("1", "card", 100)
    });
    case.merge(message("2", "gp", 300));
    case.rebuild_clock();
    assert_eq!(
        case.pauses,
        [Pause {
            from: t(100),
            to: Some(t(300))
        }]
    );
}

#[derive(Clone, Debug)]
enum Action {
    Claim(u8),
    Release(u8),
    Ask(u8),
    Give(u8),
    Answer(u8),
    Acknowledge(u8),
    Close(u8),
    Note(u8),
}

fn role(n: u8) -> &'static str {
    ["gp", "card", "neuro"][usize::from(n % 3)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]
    #[test]
    fn whatever_happens_the_rules_hold(
        steps in prop::collection::vec(
            (prop_oneof![
                any::<u8>().prop_map(Action::Claim), any::<u8>().prop_map(Action::Release),
                any::<u8>().prop_map(Action::Ask), any::<u8>().prop_map(Action::Give),
                any::<u8>().prop_map(Action::Answer), any::<u8>().prop_map(Action::Acknowledge),
                any::<u8>().prop_map(Action::Close), any::<u8>().prop_map(Action::Note),
            ], 1i64..1000), 1..50)
    ) {
        let mut case = case();
        let mut now = 0;
        for (n, (action, seconds)) in steps.into_iter().enumerate() {
            now += seconds;
            let before = case.clone();
            let say = |r: u8| message(&n.to_string(), role(r), now);
            let result = match action {
                Action::Claim(r) => case.claim(role(r)),
                Action::Release(r) => case.release(role(r)),
                Action::Ask(r) => case.ask_information(say(r)),
                Action::Give(r) => case.give_information(say(r)),
                Action::Answer(r) => case.answer(say(r)),
                Action::Acknowledge(r) => case.acknowledge(role(r), None),
                Action::Close(r) => case.close(role(r), t(now)),
                Action::Note(r) => case.note(say(r)),
            };
            if result.is_err() {
                prop_assert_eq!(&case, &before, "a refused action left a trace");
            }
            prop_assert!(case.messages.len() >= before.messages.len(), "a message vanished");
            if let CaseState::Claimed { by } | CaseState::NeedsInformation { by } = &case.state {
                prop_assert_ne!(by, "gp", "who asks holds the case");
            }
            let open = case.pauses.iter().filter(|p| p.to.is_none()).count();
            let standing = matches!(case.state, CaseState::NeedsInformation { .. });
            prop_assert_eq!(open, usize::from(standing), "the clock stands still only while the asker has the turn");
            if case.answered_at.is_some() {
                let after = matches!(
                    case.state,
                    CaseState::Answered { .. } | CaseState::Acknowledged { .. } | CaseState::Closed
                );
                prop_assert!(after, "answered, and yet open");
            }
            let stored = serde_json::to_vec(&case).unwrap();
            prop_assert_eq!(serde_json::from_slice::<Case>(&stored).unwrap(), case.clone(), "a stored case came back different");
        }
    }
}

#[test]
fn several_specialists_write_their_opinions_and_a_disagreement_stays() {
    let mut case = case();
    case.claim("card").unwrap();
    let asked = |id: &str, to: &str| Message {
        to: Some(to.into()),
        ..message(id, "card", 10)
    };
    assert_eq!(case.involve(asked("1", "gp")), Err(CaseRefusal::OwnRequest));
    assert_eq!(
        case.give_opinion(message("2", "neph", 20)),
        Err(CaseRefusal::NotInvolved)
    );
    case.involve(asked("1", "neph")).unwrap();
    assert!(case.owes_opinion("neph") && !case.owes_opinion("card"));
    let against = Message {
        disagrees: true,
        ..message("2", "neph", 20)
    };
    case.give_opinion(against.clone()).unwrap();
    assert!(!case.owes_opinion("neph"), "the opinion was given");
    case.answer(message("3", "card", 30)).unwrap();
    case.give_opinion(message("4", "neph", 40)).unwrap();
    let kept = case.messages.iter().find(|m| m.id == "2").unwrap();
    assert!(
        kept.disagrees && kept.kind == MessageKind::Opinion,
        "the disagreement was lost"
    );
    assert_eq!(case.state, CaseState::Answered { by: "card".into() });
    assert_eq!(
        case.answered_at,
        Some(t(30)),
        "an opinion after the answer moved the clock"
    );
}

#[test]
fn only_an_indicated_control_visit_is_prescribed_and_the_last_nre_counts() {
    let mut case = case();
    case.claim("card").unwrap();
    let nre = |id: &str, text: &str, at| Message {
        text: text.into(),
        ..message(id, "gp", at)
    };
    assert_eq!(
        case.prescribe(nre("1", "150A24000000012", 5)),
        Err(CaseRefusal::NothingToPrescribe)
    );
    let answer = Answer {
        what: "Controllo".into(),
        control_visit: true,
        ..Answer::default()
    };
    case.answer(Message {
        text: answer.text().into(),
        ..message("2", "card", 10)
    })
    .unwrap();
    assert!(case.indicates_control_visit() && case.prescription().is_none());
    assert_eq!(
        case.prescribe(message("3", "card", 20)),
        Err(CaseRefusal::NotTheRequester)
    );
    case.prescribe(nre("3", "150A24000000012", 20)).unwrap();
    case.prescribe(nre("4", "150A24000000013", 30)).unwrap();
    assert_eq!(
        case.prescription().unwrap().as_str(),
        "150A24000000013",
        "a corrected NRE did not replace the first"
    );
}
