//! `transition_board` and `handover_list`.

use ::transition::{HandoverState, TransitionState};
use clinical::Role;
use contract::transition::{HandoverListView, TransitionBoardView};
use contract::{Answer, Failure};
use jiff::Timestamp;

use super::view;
use crate::colleague::Directory;
use crate::core::{Core, blocking};
use crate::desk::Desk;
use crate::failure::OrFail;
use crate::views;

impl Core {
    /// `transition_board`: open cases, the oldest first in each column.
    pub async fn transition_board(&self) -> Answer<TransitionBoardView> {
        let desk = self.desk()?;
        desk.allow(desk.role().works_transitions(), "transitions")?;
        blocking(move || {
            let now = Timestamp::now();
            let directory = Directory::load(&desk);
            let lines = desk.outbox().queue().or_fail()?;
            let mut cases = super::all(&desk)?;
            cases.retain(|known| known.transition.state != TransitionState::Closed);
            cases.sort_by(|a, b| {
                (a.transition.state, a.transition.reported_at)
                    .cmp(&(b.transition.state, b.transition.reported_at))
            });
            let cards = cases
                .iter()
                .filter_map(|known| view::card(&desk, known, &directory, &lines, now))
                .collect();
            let feed = desk.replica().cursor(crate::sync::TRANSITION_FEED).or_fail()?;
            Ok(TransitionBoardView {
                cards,
                colleagues: colleagues(&desk, &directory),
                as_of: feed.map(|feed| views::instant(feed.at)),
            })
        })
        .await
    }

    /// `handover_list`: offers that nobody has answered, to this person or from them.
    pub async fn handover_list(&self) -> Answer<HandoverListView> {
        let desk = self.desk()?;
        desk.allow(desk.role().works_transitions(), "handovers")?;
        blocking(move || handovers(&desk)).await
    }
}

pub(super) fn handovers(desk: &Desk) -> Result<HandoverListView, Failure> {
    let now = Timestamp::now();
    let directory = Directory::load(desk);
    let lines = desk.outbox().queue().or_fail()?;
    let me = desk.assignment().id;
    let mut handovers = Vec::new();
    for known in super::all(desk)? {
        let offered = known
            .transition
            .handover
            .as_ref()
            .filter(|offer| offer.state == HandoverState::Offered);
        if offered.is_some_and(|offer| offer.to == me || offer.from == me) {
            handovers.extend(view::handover(desk, &known, &directory, &lines, now));
        }
    }
    handovers.sort_by(|a, b| a.at.cmp(&b.at));
    Ok(HandoverListView { handovers })
}

/// Who may receive a case: the other operators of the same COT.
pub(super) fn colleagues(desk: &Desk, directory: &Directory) -> Vec<(String, String)> {
    let mine = desk.assignment();
    let mut list: Vec<(String, String)> = directory
        .all()
        .filter(|other| other.role == Role::CotOperator && other.id != mine.id)
        .filter(|other| other.structure == mine.structure.id.as_str())
        .map(|other| (other.id.clone(), other.name.clone()))
        .collect();
    list.sort_by(|a, b| a.1.cmp(&b.1));
    list
}
