//! Transitions of care on the board of a COT, one file a subject; here is what they share.

mod case;
mod claim;
mod escalation;
mod handover;

use acceptance::{Station, TestRegion, eventually};
use contract::transition::{
    HandoverView, TransitionBoardView, TransitionCardView, TransitionFilterRequest, TransitionOwnerFilter,
    TransitionRequest,
};

pub(super) async fn board(station: &Station) -> TransitionBoardView {
    eventually("the board and the colleagues arrive", || async {
        let board = station.core.transition_board().await.unwrap();
        (board.cards.len() > 5 && !board.colleagues.is_empty()).then_some(board)
    })
    .await
}

pub(super) async fn card(
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

pub(super) async fn named(station: &Station, family: &str) -> TransitionCardView {
    let board = board(station).await;
    board
        .cards
        .into_iter()
        .find(|card| card.patient.family == family)
        .expect("a case of the board")
}

pub(super) fn of(id: &str) -> TransitionRequest {
    TransitionRequest {
        transition_id: id.to_owned(),
    }
}

/// The owners that the region gives to a case.
pub(super) fn owner_at_region(region: &TestRegion, task: &str) -> Option<String> {
    let task = region.store().read("Task", task).unwrap().unwrap();
    task["owner"]["reference"].as_str().map(str::to_owned)
}

pub(super) async fn incoming(station: &Station, case: &str) -> HandoverView {
    eventually("the offer arrives", || async {
        let list = station.core.handover_list().await.unwrap();
        list.handovers
            .into_iter()
            .find(|offer| offer.incoming && offer.card.id == case)
    })
    .await
}

pub(super) fn filter(owner: TransitionOwnerFilter, text: &str) -> TransitionFilterRequest {
    TransitionFilterRequest {
        owner,
        older_than_days: None,
        text: text.to_owned(),
        limit: 40,
    }
}
