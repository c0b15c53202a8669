//! Transitions of care on the board of a COT, and handovers in which there is always exactly one owner.

use acceptance::{Station, TestRegion, eventually};
use contract::ErrorCode;
use contract::patient::PatientSearchRequest;
use contract::transition::{
    CallResult, CreateTransitionRequest, HandoverRequest, HandoverView, LogCallRequest,
    MoveTransitionRequest, OfferHandoverRequest, TransitionBoardView, TransitionCardView,
    TransitionDestination, TransitionOrigin, TransitionRequest, TransitionState,
};
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
