//! The ladder of a case that nobody takes.

use super::{card, filter, of};
use acceptance::{Station, TestRegion, eventually};
use contract::transition::{TransitionOwnerFilter, TransitionUrgency};

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
