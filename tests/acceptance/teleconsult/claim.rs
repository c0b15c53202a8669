//! *Assegna a me*, against somebody faster.

use super::{answer, in_state, of};
use acceptance::{Station, TestRegion, eventually};
use contract::ErrorCode;
use contract::teleconsult::TeleconsultState;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn who_is_second_is_told_who_was_first_and_keeps_the_text() {
    let mut region = TestRegion::open().await;
    let station = Station::at(&region.address);
    station.enter("valmori-irene").await;
    let id = "teleconsulto-44833";
    in_state(&station, id, TeleconsultState::Requested).await;
    station
        .core
        .teleconsult_answer_save(answer(id, "Vorrei rivedere il tracciato."))
        .await
        .unwrap();
    region.stop().await;
    let offline = station.core.teleconsult_claim(of(id)).await.unwrap_err();
    assert_eq!(
        offline.code,
        ErrorCode::RegionUnreachable,
        "a claim is the region's to decide"
    );
    region.start_again().await;
    let other =
        json!({"reference": "PractitionerRole/quercetti-sandro-specialist", "display": "QUERCETTI Sandro"});
    let mut task = region.store().read("Task", "caso-44833").unwrap().unwrap();
    task["owner"] = other;
    task["status"] = json!("accepted");
    region
        .store()
        .update(task, region_sandbox::fhir::Precondition::None)
        .unwrap();
    let refused = eventually("the region is seen again", || async {
        let refused = station.core.teleconsult_claim(of(id)).await.unwrap_err();
        (refused.code != ErrorCode::RegionUnreachable).then_some(refused)
    })
    .await;
    assert_eq!(refused.code, ErrorCode::AlreadyClaimed);
    assert_eq!(
        refused.name.as_deref(),
        Some("QUERCETTI Sandro"),
        "who has it is said by name"
    );
    let after = station.core.teleconsult_open(of(id)).await.unwrap();
    assert_eq!(
        after.answer_draft, "Vorrei rivedere il tracciato.",
        "the text was lost with the claim"
    );
    assert_eq!(after.owner.as_deref(), Some("QUERCETTI Sandro"));
    assert!(!after.can_answer && !after.can_claim);
}
