//! One case, two operators: the first claim that the region accepts wins.

use super::{card, named, of};
use acceptance::{Station, TestRegion, eventually};
use contract::ErrorCode;
use contract::transition::{LogCallRequest, MoveTransitionRequest, TransitionState};
use region_sandbox::faults::Rule;
use region_sandbox::fhir::Precondition;
use serde_json::json;

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
