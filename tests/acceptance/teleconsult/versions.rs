//! *Due versioni* of a case: what was written here on a state that the region left behind.

use super::{CLAIMED, QUERCETTI, answer, in_state, nothing_gets_in, of};
use acceptance::{Station, TestRegion, eventually};
use contract::delivery::QueueState;
use contract::teleconsult::{MessageKind, TeleconsultState};
use region_sandbox::fhir::Precondition;
use serde_json::json;

/// The region gives the case to somebody else, as a coordinator would.
fn reassign(region: &TestRegion) {
    let mut task = region.store().read("Task", "caso-44829").unwrap().unwrap();
    task["owner"] =
        json!({"reference": format!("PractitionerRole/{QUERCETTI}"), "display": "QUERCETTI Sandro"});
    region.store().update(task, Precondition::None).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_lost_the_case_is_shown_beside_it_and_can_still_go_as_a_note() {
    let region = TestRegion::open().await;
    let station = Station::at(&region.address);
    station.enter("valmori-irene").await;
    in_state(&station, CLAIMED, TeleconsultState::Claimed).await;
    region.faults(nothing_gets_in());
    let mine = "Raddoppi il diuretico da oggi.";
    station
        .core
        .teleconsult_answer(answer(CLAIMED, mine))
        .await
        .unwrap();
    reassign(&region);
    region.faults(Vec::new());
    let both = eventually("both versions are shown", || async {
        let view = station.core.teleconsult_open(of(CLAIMED)).await.unwrap();
        view.versions.is_some().then_some(view)
    })
    .await;
    let versions = both.versions.unwrap();
    assert_eq!(versions.mine.text, mine, "what was written is gone");
    assert_eq!(both.row.queue, Some(QueueState::Conflict));
    let there = region.store().search("Communication", &[]).unwrap();
    assert!(
        there.iter().all(|m| m["payload"][0]["contentString"] != mine),
        "half of a refused deed arrived"
    );
    station.core.teleconsult_resolve(of(CLAIMED)).await.unwrap();
    let after = eventually("the note arrives", || async {
        let view = station.core.teleconsult_open(of(CLAIMED)).await.unwrap();
        (view.row.queue.is_none() && view.versions.is_none()).then_some(view)
    })
    .await;
    assert_eq!(
        after.owner.as_deref(),
        Some("QUERCETTI Sandro"),
        "the region's word was overwritten"
    );
    let note = after
        .messages
        .iter()
        .find(|m| m.text == mine)
        .expect("the note stands in the case");
    assert_eq!(note.kind, MessageKind::Note);
    station.core.teleconsult_resolve(of(CLAIMED)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_concerns_nobody_does_not_ask_anybody() {
    let region = TestRegion::open().await;
    let station = Station::at(&region.address);
    station.enter("valmori-irene").await;
    in_state(&station, CLAIMED, TeleconsultState::Claimed).await;
    region.faults(nothing_gets_in());
    station
        .core
        .teleconsult_answer(answer(CLAIMED, "Raddoppi la dose."))
        .await
        .unwrap();
    let mut task = region.store().read("Task", "caso-44829").unwrap().unwrap();
    task["priority"] = json!("asap");
    region.store().update(task, Precondition::None).unwrap();
    region.faults(Vec::new());
    in_state(&station, CLAIMED, TeleconsultState::Answered).await;
    let task = region.store().read("Task", "caso-44829").unwrap().unwrap();
    assert_eq!(
        (task["status"].as_str(), task["priority"].as_str()),
        (Some("completed"), Some("asap")),
        "one change went over the other"
    );
}
