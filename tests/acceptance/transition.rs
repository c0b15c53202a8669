//! Transitions of care on the board of a COT, and handovers in which there is always exactly one owner.

use acceptance::{Station, TestRegion, eventually};
use contract::ErrorCode;
use contract::patient::PatientSearchRequest;
use contract::transition::{
    AssignTransitionRequest, CallResult, CheckTransitionRequest, CreateTransitionRequest,
    DetailTransitionRequest, HandoverRequest, HandoverView, LogCallRequest, MoveTransitionRequest,
    OfferHandoverRequest, TransitionAssessment, TransitionBoardView, TransitionCardView,
    TransitionDestination, TransitionFilterRequest, TransitionOrigin, TransitionOwnerFilter,
    TransitionRequest, TransitionState, TransitionUrgency,
};
use region_sandbox::faults::Rule;
use region_sandbox::fhir::Precondition;
use serde_json::json;

async fn board(station: &Station) -> TransitionBoardView {
    eventually("the board and the colleagues arrive", || async {
        let board = station.core.transition_board().await.unwrap();
        (board.cards.len() > 5 && !board.colleagues.is_empty()).then_some(board)
    })
    .await
}

async fn card(
    station: &Station,
    id: &str,
    what: &str,
    holds: impl Fn(&TransitionCardView) -> bool,
) -> TransitionCardView {
    eventually(what, || async {
        let board = station.core.transition_board().await.unwrap();
        board.cards.into_iter().find(|card| card.id == id && holds(card))
    })
    .await
}

async fn named(station: &Station, family: &str) -> TransitionCardView {
    let board = board(station).await;
    board
        .cards
        .into_iter()
        .find(|card| card.patient.family == family)
        .expect("a case of the board")
}

fn of(id: &str) -> TransitionRequest {
    TransitionRequest {
        transition_id: id.to_owned(),
    }
}

/// The owners that the region gives to a case.
fn owner_at_region(region: &TestRegion, task: &str) -> Option<String> {
    let task = region.store().read("Task", task).unwrap().unwrap();
    task["owner"]["reference"].as_str().map(str::to_owned)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_goes_from_report_to_end_and_its_notes_outlive_an_outage() {
    let mut region = TestRegion::open().await;
    let station = Station::at(&region.address);
    station.enter("scarpellini-dario").await;
    board(&station).await;
    let request = PatientSearchRequest {
        text: "pontecorbi".to_owned(),
        limit: 5,
    };
    let who = station
        .core
        .patient_search(request)
        .await
        .unwrap()
        .patients
        .remove(0);
    region.stop().await;
    let created = station
        .core
        .transition_create(CreateTransitionRequest {
            patient_id: who.id.clone(),
            origin: TransitionOrigin::Ward,
            destination: TransitionDestination::CommunityHospital,
            expected_discharge: Some("2026-12-01".to_owned()),
            from_citizen: false,
            note: "Allettata, vive sola.".to_owned(),
        })
        .await
        .unwrap()
        .card;
    assert_eq!(created.state, TransitionState::Referred);
    assert!(created.queue.is_some(), "without the region it waits here");
    let offline = station.core.transition_claim(of(&created.id)).await.unwrap_err();
    assert_eq!(
        offline.code,
        ErrorCode::RegionUnreachable,
        "a claim is the region's to decide"
    );
    region.start_again().await;
    card(&station, &created.id, "the region has the case", |card| {
        card.queue.is_none()
    })
    .await;
    let claimed = eventually("the case can be claimed", || async {
        station.core.transition_claim(of(&created.id)).await.ok()
    })
    .await;
    assert!(
        claimed.card.mine && claimed.card.state == TransitionState::Assessment,
        "claimed, it is being assessed"
    );
    assert_eq!(
        claimed.card.expected_discharge.as_deref(),
        Some("2026-12-01"),
        "a day is a day in Italy"
    );

    region.stop().await;
    let move_to = |state| MoveTransitionRequest {
        transition_id: created.id.clone(),
        state,
    };
    let back = station
        .core
        .transition_move(move_to(TransitionState::Referred))
        .await
        .unwrap_err();
    assert_eq!(back.code, ErrorCode::Conflict, "a case went back to the start");
    // Two moves and a call while the region is away: all three arrive, in this order.
    station
        .core
        .transition_move(move_to(TransitionState::ProtectedDischarge))
        .await
        .unwrap();
    let moved = station
        .core
        .transition_move(move_to(TransitionState::TerritoryConfirmation))
        .await
        .unwrap();
    assert_eq!(moved.card.state, TransitionState::TerritoryConfirmation);
    let logged = station
        .core
        .transition_log_call(LogCallRequest {
            transition_id: created.id.clone(),
            call: Some(CallResult::CallBack),
            whom: "Figlia".to_owned(),
            call_back_at: Some("2026-12-02T09:00:00Z".to_owned()),
            text: "La figlia chiede di essere richiamata.".to_owned(),
        })
        .await
        .unwrap();
    assert_eq!(logged.card.call_back_at.as_deref(), Some("2026-12-02T09:00:00Z"));
    region.start_again().await;
    let through = |card: &TransitionCardView| card.queue.is_none();
    let there = card(&station, &created.id, "everything is at the region", through).await;
    assert_eq!(there.state, TransitionState::TerritoryConfirmation);
    let tasks = region
        .store()
        .search("Task", &[("patient", &format!("Patient/{}", who.id))])
        .unwrap();
    let task = tasks
        .iter()
        .find(|task| task["businessStatus"]["text"] == "Conferma del territorio");
    assert!(task.is_some(), "the region does not have the last column");
    let open = station.core.transition_open(of(&created.id)).await.unwrap();
    assert_eq!(open.log.len(), 1, "a call was lost or came twice");
    station
        .core
        .transition_move(move_to(TransitionState::Closed))
        .await
        .unwrap();
    let gone = station.core.transition_board().await.unwrap();
    assert!(
        gone.cards.iter().all(|card| card.id != created.id),
        "a closed case stays on the board"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_claimed_by_a_colleague_is_said_to_be_theirs() {
    let region = TestRegion::open().await;
    let station = Station::at(&region.address);
    station.enter("scarpellini-dario").await;
    let case = named(&station, "Laurenzani").await;
    assert_eq!(case.owner, None);
    let mut task = region.store().read("Task", &case.id).unwrap().unwrap();
    task["owner"] = json!({"reference": "PractitionerRole/marzullesi-rita-cot-operator"});
    task["status"] = json!("accepted");
    task["businessStatus"] = json!({"text": "In valutazione"});
    region.store().update(task, Precondition::None).unwrap();
    let refused = station.core.transition_claim(of(&case.id)).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::AlreadyClaimed);
    assert_eq!(refused.name.as_deref(), Some("MARZULLESI Rita"));
    let after = station.core.transition_open(of(&case.id)).await.unwrap().card;
    assert!(
        !after.mine && after.owner.as_deref() == Some("MARZULLESI Rita"),
        "the board still says otherwise"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_claim_at_once_one_has_the_case_and_the_other_is_told_who() {
    let region = TestRegion::open().await;
    let (first, second) = (Station::at(&region.address), Station::at(&region.address));
    first.enter("scarpellini-dario").await;
    second.enter("marzullesi-rita").await;
    let case = named(&first, "Pontecorbi").await;
    named(&second, "Pontecorbi").await;
    let (one, other) = tokio::join!(
        first.core.transition_claim(of(&case.id)),
        second.core.transition_claim(of(&case.id))
    );
    let (winner, loser) = match (one, other) {
        (Ok(won), Err(lost)) | (Err(lost), Ok(won)) => (won, lost),
        (one, other) => panic!("both or none has the case: {one:?} {other:?}"),
    };
    assert_eq!(loser.code, ErrorCode::AlreadyClaimed);
    assert_eq!(loser.name, winner.card.owner, "the one who has it is named");
}

async fn incoming(station: &Station, case: &str) -> HandoverView {
    eventually("the offer arrives", || async {
        let list = station.core.handover_list().await.unwrap();
        list.handovers
            .into_iter()
            .find(|offer| offer.incoming && offer.card.id == case)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handover_refused_keeps_the_owner_and_one_accepted_changes_it_at_once() {
    let region = TestRegion::open().await;
    let giver = Station::at(&region.address);
    giver.enter("scarpellini-dario").await;
    let receiver = Station::at(&region.address);
    receiver.enter("marzullesi-rita").await;
    let case = named(&giver, "Trevisanti").await;
    assert!(case.mine, "the seed gives this case to the one who hands it over");
    let colleague = board(&giver).await.colleagues.remove(0);
    assert_eq!(
        colleague.1, "MARZULLESI Rita",
        "nobody is offered a case of their own"
    );
    let offer = |note: &str| OfferHandoverRequest {
        transition_id: case.id.clone(),
        colleague_id: colleague.0.clone(),
        note: note.to_owned(),
    };
    giver
        .core
        .handover_offer(offer("Richiamare il reparto."))
        .await
        .unwrap();
    let second = giver.core.handover_offer(offer("")).await.unwrap_err();
    assert_eq!(second.code, ErrorCode::Conflict, "a case was offered twice");
    let offered = incoming(&receiver, &case.id).await;
    assert_eq!(offered.note, "Richiamare il reparto.");
    assert_eq!(
        owner_at_region(&region, &case.id).as_deref(),
        Some("PractitionerRole/scarpellini-dario-cot-operator")
    );
    receiver
        .core
        .handover_refuse(HandoverRequest {
            handover_id: offered.id.clone(),
        })
        .await
        .unwrap();
    let kept = card(&giver, &case.id, "the refusal arrives", |card| {
        card.handed_to.is_none() && card.queue.is_none()
    });
    assert!(kept.await.mine, "a refused case lost its owner");

    giver.core.handover_offer(offer("")).await.unwrap();
    let offered = eventually("the second offer arrives", || async {
        let list = receiver.core.handover_list().await.unwrap();
        list.handovers
            .into_iter()
            .find(|other| other.incoming && other.id != offered.id)
    })
    .await;
    let request = || HandoverRequest {
        handover_id: offered.id.clone(),
    };
    let stranger = giver.core.handover_accept(request()).await.unwrap_err();
    assert_eq!(
        stranger.code,
        ErrorCode::NotFound,
        "an offer was accepted by the one who made it"
    );
    receiver.core.handover_accept(request()).await.unwrap();
    assert_eq!(
        owner_at_region(&region, &case.id).as_deref(),
        Some("PractitionerRole/marzullesi-rita-cot-operator"),
        "owner and offer did not change together"
    );
    receiver.core.handover_accept(request()).await.unwrap();
    let now = card(&receiver, &case.id, "the new owner sees it", |card| card.mine).await;
    assert_eq!(now.handed_to, None);
    let before = card(&giver, &case.id, "the old owner sees it", |card| !card.mine).await;
    assert_eq!(before.owner.as_deref(), Some("MARZULLESI Rita"));
}

fn filter(owner: TransitionOwnerFilter, text: &str) -> TransitionFilterRequest {
    TransitionFilterRequest {
        owner,
        older_than_days: None,
        text: text.to_owned(),
        limit: 40,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_that_nobody_takes_in_time_is_told_once_by_two_stations_and_note_is_taken() {
    let region = TestRegion::open().await;
    let (first, second) = (Station::at(&region.address), Station::at(&region.address));
    first.enter("scarpellini-dario").await;
    second.enter("marzullesi-rita").await;
    // The seed reports this case more than two hours ago, and gives it to nobody.
    let told = |station: &Station| {
        let core = station.core.clone();
        async move {
            let board = core.transition_board().await.unwrap();
            let late = board.escalations.into_iter().next()?;
            late.told_at.is_some().then_some(late)
        }
    };
    let late = eventually("the coordinator is told", || told(&first)).await;
    let same = eventually("the other station knows", || told(&second)).await;
    assert_eq!(
        (late.threshold_minutes, &late.transition_id),
        (120, &same.transition_id)
    );
    let id = late.transition_id.clone();
    card(&first, &id, "it has left the first station", |card| {
        card.queue.is_none()
    })
    .await;
    card(&second, &id, "it has left the second station", |card| {
        card.queue.is_none()
    })
    .await;
    let lines = || {
        let all = region.store().search("Communication", &[]).unwrap();
        all.into_iter()
            .filter(|line| line["category"][0]["coding"][0]["code"] == "escalation")
            .filter(|line| line["about"][0]["reference"] == format!("Task/{id}"))
            .count()
    };
    assert_eq!(lines(), 1, "two stations told it twice");
    let noted = first.core.transition_acknowledge(of(&id)).await.unwrap();
    assert!(noted.card.acknowledged_at.is_some());
    eventually("the other station sees that note was taken", || async {
        let board = second.core.transition_board().await.unwrap();
        let late = board
            .escalations
            .into_iter()
            .find(|late| late.transition_id == id)?;
        (late.acknowledged_by.as_deref() == Some("SCARPELLINI Dario")).then_some(())
    })
    .await;
    let late = first
        .core
        .transition_filter(filter(TransitionOwnerFilter::Late, ""))
        .await
        .unwrap();
    assert!(
        late.cards
            .iter()
            .any(|card| card.id == id && card.urgency == TransitionUrgency::Late)
    );
    let claimed = eventually("the case can be claimed", || async {
        first.core.transition_claim(of(&id)).await.ok()
    })
    .await;
    assert_eq!(
        claimed.card.urgency,
        TransitionUrgency::None,
        "taken, it is late no more"
    );
    let board = first.core.transition_board().await.unwrap();
    assert!(board.escalations.iter().all(|late| late.transition_id != id));
}

#[tokio::test(flavor = "multi_thread")]
async fn checklist_details_and_calls_are_kept_offline_and_arrive_and_the_board_is_filtered_and_counted() {
    let mut region = TestRegion::open().await;
    let station = Station::at(&region.address);
    station.enter("scarpellini-dario").await;
    let case = named(&station, "Salvemari").await;
    let open = station.core.transition_open(of(&case.id)).await.unwrap();
    assert!(
        open.checklist.len() >= 5,
        "the path has its checklist: {:?}",
        open.checklist
    );
    let before = station.core.transition_board().await.unwrap();
    assert_eq!(before.counts.all as usize, before.cards.len());
    assert!(before.counts.mine >= 3 && before.counts.free >= 1);
    let columns: u32 = before.columns.iter().filter_map(|column| column.total).sum();
    assert_eq!(columns, before.counts.all);
    let busy: u32 = before.load.iter().map(|load| load.cases).sum();
    assert_eq!(
        busy + before.counts.mine + before.counts.free,
        before.counts.all,
        "everybody's work is counted"
    );
    let found = station
        .core
        .transition_filter(filter(TransitionOwnerFilter::All, "lvemar"))
        .await
        .unwrap();
    assert_eq!(
        found
            .cards
            .iter()
            .map(|card| card.id.as_str())
            .collect::<Vec<_>>(),
        [case.id.as_str()],
        "found by a part of the name"
    );
    region.stop().await;
    for item in &open.checklist[..2] {
        station
            .core
            .transition_check(CheckTransitionRequest {
                transition_id: case.id.clone(),
                item: item.name.clone(),
                done: true,
            })
            .await
            .unwrap();
    }
    let detailed = station
        .core
        .transition_detail(DetailTransitionRequest {
            transition_id: case.id.clone(),
            expected_discharge: Some("2026-12-03".to_owned()),
            assessment: Some(TransitionAssessment::Uvm),
            pai: " PAI 2026/118 ".to_owned(),
        })
        .await
        .unwrap();
    assert_eq!(
        (detailed.card.checks_done, detailed.pai.as_deref()),
        (2, Some("PAI 2026/118"))
    );
    let soon = (jiff::Timestamp::now() - jiff::SignedDuration::from_mins(5)).to_string();
    let called = station
        .core
        .transition_log_call(LogCallRequest {
            transition_id: case.id.clone(),
            call: Some(CallResult::CallBack),
            whom: "Figlia".to_owned(),
            call_back_at: Some(soon),
            text: String::new(),
        })
        .await
        .unwrap();
    assert_eq!(called.card.call_back_whom.as_deref(), Some("Figlia"));
    assert_eq!(
        called.card.urgency,
        TransitionUrgency::Late,
        "the hour of the call has passed"
    );
    let column = station.core.transition_board().await.unwrap();
    let first = column.cards.iter().find(|card| card.state == case.state).unwrap();
    assert_eq!(first.id, case.id, "the call to be made comes first in its column");
    region.start_again().await;
    let there = card(&station, &case.id, "everything is at the region", |card| {
        card.queue.is_none()
    })
    .await;
    assert_eq!(there.expected_discharge.as_deref(), Some("2026-12-03"));
    let task = region.store().read("Task", &case.id).unwrap().unwrap();
    let inputs = task["input"].as_array().unwrap();
    let of_kind = |code: &str| {
        let of = inputs
            .iter()
            .filter(|input| input["type"]["coding"][0]["code"] == code);
        of.cloned().collect::<Vec<_>>()
    };
    assert_eq!(of_kind("check").len(), open.checklist.len());
    let ticked = of_kind("check");
    let ticked = ticked
        .iter()
        .filter(|input| !input["valueString"].as_str().unwrap().starts_with('|'));
    assert_eq!(ticked.count(), 2, "a tick was lost");
    assert_eq!(of_kind("pai")[0]["valueString"], "PAI 2026/118");
    assert_eq!(of_kind("assessment")[0]["valueCode"], "uvm");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_assigned_to_a_colleague_is_theirs_and_a_handover_is_acknowledged_by_both() {
    let region = TestRegion::open().await;
    let giver = Station::at(&region.address);
    giver.enter("scarpellini-dario").await;
    let receiver = Station::at(&region.address);
    receiver.enter("marzullesi-rita").await;
    let colleague = board(&giver).await.colleagues.remove(0);
    let free = named(&giver, "Laurenzani").await;
    let given = giver
        .core
        .transition_assign(AssignTransitionRequest {
            transition_id: free.id.clone(),
            colleague_id: colleague.0.clone(),
        })
        .await
        .unwrap();
    assert_eq!(given.card.owner.as_deref(), Some("MARZULLESI Rita"));
    card(&receiver, &free.id, "the colleague has the case", |card| {
        card.mine
    })
    .await;
    let refused = giver
        .core
        .transition_assign(AssignTransitionRequest {
            transition_id: free.id.clone(),
            colleague_id: "nobody".to_owned(),
        })
        .await
        .unwrap_err();
    assert_eq!(refused.code, ErrorCode::RequestIncomplete);

    let case = named(&giver, "Trevisanti").await;
    giver
        .core
        .handover_offer(OfferHandoverRequest {
            transition_id: case.id.clone(),
            colleague_id: colleague.0,
            note: "Richiamare il reparto.".to_owned(),
        })
        .await
        .unwrap();
    let offered = incoming(&receiver, &case.id).await;
    let request = || HandoverRequest {
        handover_id: offered.id.clone(),
    };
    receiver.core.handover_accept(request()).await.unwrap();
    let sheet = giver.core.handover_sheet().await.unwrap();
    assert_eq!(sheet.operator, "SCARPELLINI Dario");
    let accepted = eventually("the giver is told that it was accepted", || async {
        let list = giver.core.handover_list().await.unwrap();
        list.handovers.into_iter().find(|row| row.accepted_at.is_some())
    })
    .await;
    assert_eq!(accepted.id, offered.id);
    let list = giver.core.handover_acknowledge(request()).await.unwrap();
    assert!(
        list.handovers.iter().all(|row| row.id != offered.id),
        "noted, it is over"
    );
    eventually("the region has both acknowledgements", || async {
        let tasks = region.store().search("Task", &[]).unwrap();
        tasks
            .iter()
            .any(|task| task["code"]["coding"][0]["code"] == "handover" && task["status"] == "completed")
            .then_some(())
    })
    .await;
    let register = giver.core.audit_list().await.unwrap();
    assert!(
        register.lines.iter().any(|line| line.action == "exported"),
        "the printed page is in the register"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_that_another_took_meanwhile_is_theirs_and_what_was_written_offline_stays_as_words() {
    let region = TestRegion::open().await;
    let station = Station::at(&region.address);
    station.enter("scarpellini-dario").await;
    let case = named(&station, "Trevisanti").await;
    assert!(case.mine);
    region.faults(vec![Rule {
        path: "/fhir".into(),
        status: Some(503),
        ..Rule::default()
    }]);
    let moved = station
        .core
        .transition_move(MoveTransitionRequest {
            transition_id: case.id.clone(),
            state: TransitionState::ProtectedDischarge,
        })
        .await
        .unwrap();
    assert!(moved.card.queue.is_some());
    station
        .core
        .transition_log_call(LogCallRequest {
            transition_id: case.id.clone(),
            call: None,
            whom: String::new(),
            call_back_at: None,
            text: "La figlia chiede il trasporto.".to_owned(),
        })
        .await
        .unwrap();
    let mut task = region.store().read("Task", &case.id).unwrap().unwrap();
    task["owner"] =
        json!({"reference": "PractitionerRole/marzullesi-rita-cot-operator", "display": "MARZULLESI Rita"});
    region.store().update(task, Precondition::None).unwrap();
    region.faults(Vec::new());
    let theirs = card(
        &station,
        &case.id,
        "the region's owner is shown and nothing waits",
        |card| !card.mine && card.queue.is_none(),
    )
    .await;
    assert_eq!(theirs.owner.as_deref(), Some("MARZULLESI Rita"));
    assert_eq!(
        theirs.state,
        TransitionState::Assessment,
        "the step did not come to pass"
    );
    let log = eventually("both lines are in the log", || async {
        let open = station.core.transition_open(of(&case.id)).await.unwrap();
        (open.log.len() >= 2).then_some(open.log)
    })
    .await;
    assert!(
        log.iter()
            .any(|line| line.text.contains("Dimissione protetta") && line.text.contains("MARZULLESI"))
    );
    assert!(
        log.iter()
            .any(|line| line.text == "La figlia chiede il trasporto.")
    );
    eventually("the region has both lines", || async {
        let all = region.store().search("Communication", &[]).unwrap();
        let about = |line: &&serde_json::Value| line["about"][0]["reference"] == format!("Task/{}", case.id);
        (all.iter().filter(about).count() == 2).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_region_restored_from_an_older_copy_is_read_anew_and_what_it_lost_leaves_the_board() {
    let region = TestRegion::open().await;
    let station = Station::at(&region.address);
    station.enter("scarpellini-dario").await;
    let who = named(&station, "Pontecorbi").await.patient;
    let created = station
        .core
        .transition_create(CreateTransitionRequest {
            patient_id: who.id.clone(),
            origin: TransitionOrigin::SocialServices,
            destination: TransitionDestination::Home,
            expected_discharge: None,
            from_citizen: true,
            note: "Vive sola.".to_owned(),
        })
        .await
        .unwrap()
        .card;
    card(&station, &created.id, "the region has the case", |card| {
        card.queue.is_none()
    })
    .await;
    // What somebody else changes shows that the case was read from the region, and its feed up to there.
    let tasks = region
        .store()
        .search("Task", &[("patient", &format!("Patient/{}", who.id))])
        .unwrap();
    let mut task = tasks
        .into_iter()
        .find(|task| task.to_string().contains(&created.id))
        .expect("the region's own Task");
    task["owner"] =
        json!({"reference": "PractitionerRole/marzullesi-rita-cot-operator", "display": "MARZULLESI Rita"});
    region.store().update(task, Precondition::None).unwrap();
    card(
        &station,
        &created.id,
        "the case was read from the region",
        |card| card.owner.as_deref() == Some("MARZULLESI Rita"),
    )
    .await;
    // As at the first start: the case is gone, and so are the sessions.
    region.switch("reset", json!({})).await;
    station.browser_login("scarpellini-dario").await;
    eventually("the case that the region lost is no longer shown", || async {
        let board = station.core.transition_board().await.unwrap();
        (board.cards.len() > 5 && board.cards.iter().all(|card| card.id != created.id)).then_some(())
    })
    .await;
}
