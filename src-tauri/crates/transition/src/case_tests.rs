//! The case by hand along the journeys, and at random along every other path.

use proptest::prelude::*;

use super::*;

fn t(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

pub(crate) fn case() -> Transition {
    Transition {
        id: "0190c8f0-0000-7000-8000-0000000000c1".into(),
        patient: "p1".into(),
        cot: "cot".into(),
        origin: Origin::Ward,
        from_citizen: false,
        destination: Destination::Home,
        receiver: None,
        expected_discharge: Some(t(90_000)),
        note: Some("Dimissione prevista oggi".into()),
        reported_by: "a".into(),
        reported_at: t(0),
        state: TransitionState::Reported,
        owner: None,
        confirmed_at: None,
        assessment: None,
        pai: None,
        checklist: vec![CheckItem {
            name: "Trasporto".into(),
            done_at: None,
        }],
        log: vec![],
        handover: None,
    }
}

fn offer(from: &str, to: &str) -> Handover {
    Handover {
        id: "h".into(),
        from: from.into(),
        to: to.into(),
        at: t(1),
        note: None,
        state: HandoverState::Offered,
    }
}

fn line(id: &str, whom: Option<(&str, CallResult)>, at: i64) -> LogEntry {
    LogEntry {
        id: id.into(),
        by: "a".into(),
        by_name: None,
        at: t(at),
        call: whom.map(|(w, result)| Call {
            whom: w.into(),
            result,
        }),
        escalation: None,
        text: "nota".into(),
    }
}

#[test]
fn a_case_walks_the_board_and_closes_only_when_the_territory_confirmed() {
    let mut c = case();
    assert_eq!(c.begin_discharge("a"), Err(TransitionRefusal::Unowned));
    c.claim("a").unwrap();
    assert_eq!(c.state, TransitionState::Assessing);
    assert_eq!(
        c.await_territory("a"),
        Err(TransitionRefusal::NotNow),
        "a hospital patient is discharged first"
    );
    c.begin_discharge("a").unwrap();
    c.await_territory("a").unwrap();
    assert_eq!(c.close("a"), Err(TransitionRefusal::NotConfirmed));
    c.confirm("a", t(10)).unwrap();
    c.confirm("a", t(20)).unwrap();
    assert_eq!(c.confirmed_at, Some(t(10)), "a second click moved the time");
    c.close("a").unwrap();
    assert_eq!(c.claim("b"), Err(TransitionRefusal::NotNow));
}

#[test]
fn who_is_at_home_needs_no_discharge() {
    let mut c = Transition {
        origin: Origin::HomeCare,
        ..case()
    };
    c.claim("a").unwrap();
    c.await_territory("a").unwrap();
}

#[test]
fn the_loser_of_a_claim_keeps_the_note() {
    let mut c = case();
    c.claim("a").unwrap();
    assert_eq!(c.claim("b"), Err(TransitionRefusal::OwnedByOther("a".into())));
    c.log(LogEntry {
        by: "b".into(),
        ..line("n", None, 5)
    })
    .unwrap();
    assert_eq!(c.log.len(), 1);
    c.merge(line("n", None, 5));
    assert_eq!(c.log.len(), 1, "a note came twice");
}

#[test]
fn a_refused_handover_keeps_ownership_and_an_accepted_one_moves_it() {
    let mut c = case();
    c.claim("a").unwrap();
    assert_eq!(c.offer(offer("a", "a")), Err(TransitionRefusal::ToOneself));
    c.offer(offer("a", "b")).unwrap();
    assert_eq!(c.owner.as_deref(), Some("a"), "an offer is not yet a handover");
    assert_eq!(c.accept("c", t(2)), Err(TransitionRefusal::NoHandover));
    c.refuse("b", t(2)).unwrap();
    assert_eq!(c.owner.as_deref(), Some("a"));
    assert_eq!(
        c.accept("b", t(3)),
        Err(TransitionRefusal::NoHandover),
        "a refused offer was taken up again"
    );
    c.offer(offer("a", "b")).unwrap();
    c.accept("b", t(4)).unwrap();
    c.accept("b", t(5)).unwrap();
    assert_eq!(c.owner.as_deref(), Some("b"));
}

#[test]
fn an_offer_is_void_when_the_region_says_another_owner() {
    let mut c = case();
    c.claim("a").unwrap();
    c.offer(offer("a", "b")).unwrap();
    c.owner = Some("z".into());
    assert_eq!(
        c.accept("b", t(4)),
        Err(TransitionRefusal::OwnedByOther("z".into()))
    );
    assert_eq!(c.owner.as_deref(), Some("z"));
}

#[test]
fn a_call_back_lasts_until_the_next_call_to_the_same_person() {
    let mut c = case();
    c.log(line(
        "1",
        Some(("Reparto", CallResult::CallBack { at: t(500) })),
        1,
    ))
    .unwrap();
    c.log(line(
        "2",
        Some(("Figlia", CallResult::CallBack { at: t(300) })),
        2,
    ))
    .unwrap();
    assert_eq!(c.call_back().map(|(_, at)| at), Some(t(300)));
    c.log(line("3", Some(("Figlia", CallResult::Reached)), 3))
        .unwrap();
    assert_eq!(c.call_back().map(|(_, at)| at), Some(t(500)));
}

#[test]
fn nobody_s_case_has_an_age() {
    let mut c = case();
    assert_eq!(c.unassigned_for(t(7200)), Some(SignedDuration::from_hours(2)));
    c.claim("a").unwrap();
    assert_eq!(c.unassigned_for(t(7200)), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]
    #[test]
    fn there_is_never_more_than_one_owner_and_never_none_after_the_first(
        steps in prop::collection::vec((0u8..12, 0u8..3, 0u8..3), 1..60)
    ) {
        let mut c = case();
        let roles = ["a", "b", "c"];
        for (n, (action, who, whom)) in steps.into_iter().enumerate() {
            let (who, whom) = (roles[usize::from(who)], roles[usize::from(whom)]);
            let before = c.clone();
            let now = t(n as i64);
            let result = match action {
                0 => c.claim(who),
                1 => c.assign(who, whom),
                2 => c.begin_discharge(who),
                3 => c.await_territory(who),
                4 => c.confirm(who, now),
                5 => c.close(who),
                6 => c.offer(offer(who, whom)),
                7 => c.accept(who, now),
                8 => c.refuse(who, now),
                9 => c.withdraw(who, now),
                10 => c.check(who, "Trasporto", Some(now)),
                _ => c.log(line(&n.to_string(), None, n as i64)),
            };
            if result.is_err() {
                prop_assert_eq!(&c, &before, "a refused action left a trace");
            }
            prop_assert!(c.owner.is_some() || before.owner.is_none(), "a case lost its owner");
            prop_assert!(c.state >= before.state, "a case went back on the board");
            if c.owner != before.owner && before.owner.is_some() {
                let accepted = matches!(&c.handover, Some(h) if matches!(h.state, HandoverState::Accepted { .. }));
                prop_assert!(accepted || action == 1, "ownership moved without a handover");
            }
            let stored = serde_json::to_vec(&c).unwrap();
            prop_assert_eq!(serde_json::from_slice::<Transition>(&stored).unwrap(), c.clone());
        }
    }
}

#[test]
fn the_owner_ticks_and_details_and_the_first_time_stays() {
    let mut c = case();
    assert_eq!(
        c.check("a", "Trasporto", Some(t(1))),
        Err(TransitionRefusal::Unowned)
    );
    c.claim("a").unwrap();
    c.check("a", "Trasporto", Some(t(5))).unwrap();
    c.check("a", "Trasporto", Some(t(9))).unwrap();
    assert_eq!(c.checklist[0].done_at, Some(t(5)));
    c.check("a", "Trasporto", None).unwrap();
    assert_eq!(c.checklist[0].done_at, None);
    assert_eq!(c.check("a", "Altro", Some(t(1))), Err(TransitionRefusal::NotNow));
    c.detail("a", None, Some(Assessment::Uvm), Some("PAI 118".into()))
        .unwrap();
    assert_eq!(
        (c.expected_discharge, c.assessment),
        (None, Some(Assessment::Uvm))
    );
    assert!(c.detail("b", None, None, None).is_err());
}

#[test]
fn a_handover_is_acknowledged_twice_once_by_each() {
    let mut c = case();
    c.claim("a").unwrap();
    c.offer(offer("a", "b")).unwrap();
    assert_eq!(
        c.acknowledge("a", t(2)),
        Err(TransitionRefusal::NotNow),
        "nobody has accepted"
    );
    c.accept("b", t(3)).unwrap();
    assert_eq!(
        c.acknowledge("b", t(4)),
        Err(TransitionRefusal::NoHandover),
        "the other's to do"
    );
    c.acknowledge("a", t(4)).unwrap();
    c.acknowledge("a", t(9)).unwrap();
    assert_eq!(
        c.handover.as_ref().map(|h| h.state),
        Some(HandoverState::Acknowledged { at: t(4) })
    );
    assert_eq!(c.owner.as_deref(), Some("b"));
    c.accept("b", t(9)).unwrap();
    assert_eq!(c.owner.as_deref(), Some("b"), "accepting again changes nothing");
}

#[test]
fn an_escalation_is_known_by_its_rung() {
    let mut c = case();
    let entry = |id: &str, escalation, at| LogEntry {
        escalation: Some(escalation),
        text: "".into(),
        ..line(id, None, at)
    };
    assert_eq!(c.escalated("coordinator"), (None, None));
    c.log(entry(
        "1",
        Escalation::Raised {
            rung: "coordinator".into(),
        },
        7,
    ))
    .unwrap();
    c.log(entry(
        "2",
        Escalation::Acknowledged {
            rung: "coordinator".into(),
        },
        9,
    ))
    .unwrap();
    assert_eq!(c.escalated("coordinator"), (Some(t(7)), Some(t(9))));
    assert_eq!(c.escalated("attention"), (None, None));
}
