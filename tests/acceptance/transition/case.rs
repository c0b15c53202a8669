//! A case from report to end; its details, its calls, and what an outage or a restored region leaves of it.

use std::collections::BTreeSet;

use super::{board, card, filter, named, of};
use acceptance::{Station, TestRegion, eventually};
use contract::ErrorCode;
use contract::patient::PatientSearchRequest;
use contract::transition::{
    CallResult, CheckTransitionRequest, CreateTransitionRequest, DetailTransitionRequest, LogCallRequest,
    MoveTransitionRequest, TransitionAssessment, TransitionCardView, TransitionDestination, TransitionOrigin,
    TransitionOwnerFilter, TransitionState, TransitionUrgency,
};
use region_sandbox::faults::Rule;
use region_sandbox::fhir::Precondition;
use serde_json::json;

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
    // Another one is confirmed and cannot be read.
    region.faults(vec![Rule {
        path: "/fhir/Task".to_owned(),
        method: Some("GET".to_owned()),
        status: Some(503),
        ..Rule::default()
    }]);
    let unread = station
        .core
        .transition_create(CreateTransitionRequest {
            patient_id: who.id.clone(),
            origin: TransitionOrigin::SocialServices,
            destination: TransitionDestination::Home,
            expected_discharge: None,
            from_citizen: true,
            note: "Non si alza.".to_owned(),
        })
        .await
        .unwrap()
        .card;
    let holds = |id: &str| {
        let tasks = region.store().search("Task", &[]).unwrap();
        tasks.iter().any(|task| task.to_string().contains(id))
    };
    eventually("the region has confirmed it", || async {
        let queue = station.core.delivery_queue().await.unwrap();
        (holds(&unread.id) && queue.queued.is_empty()).then_some(())
    })
    .await;
    // As at the first start: the cases are gone, and so are the sessions.
    region.switch("reset", json!({})).await;
    region.faults(Vec::new());
    assert!(!holds(&unread.id));
    station.browser_login("scarpellini-dario").await;
    eventually("the case that the region lost is no longer shown", || async {
        let board = station.core.transition_board().await.unwrap();
        (board.cards.len() > 5 && board.cards.iter().all(|card| card.id != created.id)).then_some(())
    })
    .await;
    // What it had confirmed and nobody had read from it leaves once more, rather than stay here alone for ever.
    card(&station, &unread.id, "the region has it again", |card| {
        card.queue.is_none() && holds(&unread.id)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_board_whose_reading_breaks_half_way_shows_what_came_and_then_the_rest() {
    let region = TestRegion::open().await;
    let first = Station::at(&region.address);
    first.enter("scarpellini-dario").await;
    let ids: BTreeSet<String> = board(&first)
        .await
        .cards
        .into_iter()
        .map(|card| card.id)
        .collect();
    let last = ids.last().unwrap();
    // The cases are read in this order.
    region.faults(vec![Rule {
        path: format!("/fhir/Task/{last}"),
        status: Some(503),
        ..Rule::default()
    }]);
    let second = Station::at(&region.address);
    second.enter("scarpellini-dario").await;
    let shown = board(&second).await;
    assert!(shown.cards.iter().all(|card| card.id != *last));
    region.faults(Vec::new());
    card(&second, last, "the rest arrives", |_| true).await;
}
