//! Handovers and assignments, in which there is always exactly one owner.

use super::{board, card, incoming, named, owner_at_region};
use acceptance::{Station, TestRegion, eventually};
use contract::ErrorCode;
use contract::transition::{AssignTransitionRequest, HandoverRequest, OfferHandoverRequest};

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
