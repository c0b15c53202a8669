//! *Prima del turno*: one click fetches what a day without the network needs, and what is said of it is counted, not hoped.
//!
//! The data are those of the sync, encrypted like the rest of the copy; they count as prepared until the hour of the policy,
//! and contents that are no longer needed leave with the daily purge. Not in it: the reading itself (the other parts of `sync`).

use clinical::Role;
use contract::station::{ShiftItem, ShiftItemView, ShiftView};
use contract::{Answer, ErrorCode, Failure};
use jiff::Timestamp;
use region::RegionError;

use super::policy::Policy;
use super::{Due, documents, people};
use crate::core::{Core, blocking};
use crate::desk::Desk;
use crate::failure::{IntoFailure, OrFail};
use crate::views;
use cache::replica::CaseTable;

/// The feed whose cursor says until when a shift is prepared.
const FEED: &str = "shift";

impl Core {
    /// `shift_state`.
    pub async fn shift_state(&self) -> Answer<ShiftView> {
        let desk = self.desk()?;
        blocking(move || view(&desk, true, Timestamp::now())).await
    }

    /// `shift_prepare`. Fetches everything, and then looks whether it is there.
    pub async fn shift_prepare(&self) -> Answer<ShiftView> {
        let desk = self.desk()?;
        if !self.can_ask() {
            return Err(Failure::new(ErrorCode::RegionUnreachable, "shift/offline"));
        }
        let read = self.sync_once(&desk, &Due::Everything).await;
        self.tell_link();
        if let Err(error) = &read
            && matches!(error, RegionError::Unauthorised | RegionError::Unreachable)
        {
            return Err(error.clone().failure());
        }
        let whole = read.is_ok();
        blocking(move || {
            let now = Timestamp::now();
            let until = Policy::shipped().until(now);
            let seen = view(&desk, whole, now)?;
            // Only what is complete is said to be prepared; an earlier preparation is not prolonged by half of one.
            if whole && seen.items.iter().all(is_here) {
                desk.replica()
                    .apply(now, move |batch| batch.set_cursor(FEED, &until.to_string()))
                    .or_fail()?;
                return view(&desk, true, now);
            }
            Ok(seen)
        })
        .await
    }
}

fn view(desk: &Desk, fetched: bool, now: Timestamp) -> Result<ShiftView, Failure> {
    let prepared = desk.replica().cursor(FEED).or_fail()?;
    let until = prepared
        .as_ref()
        .and_then(|kept| kept.cursor.parse::<Timestamp>().ok());
    let items = items(desk, fetched, now)?;
    Ok(ShiftView {
        // A preparation of yesterday says nothing of today's people.
        ready: fetched && until.is_some_and(|until| now < until) && items.iter().all(is_here),
        prepared_at: prepared.map(|kept| views::instant(kept.at)),
        until: until.map(views::instant),
        items,
    })
}

fn is_here(item: &ShiftItemView) -> bool {
    item.fetched && item.here >= item.needed
}

/// What the role works with, and how much of it is here.
fn items(desk: &Desk, fetched: bool, now: Timestamp) -> Result<Vec<ShiftItemView>, Failure> {
    let replica = desk.replica();
    let item = |kind, here: usize, needed: usize, feed: &str| ShiftItemView {
        kind,
        here: u32::try_from(here).unwrap_or(u32::MAX),
        needed: u32::try_from(needed).unwrap_or(u32::MAX),
        fetched: fetched && replica.cursor(feed).ok().flatten().is_some(),
    };
    let mut items = Vec::new();
    if desk.role() == Role::CotOperator {
        let states: Vec<&str> = crate::transition::OPEN
            .into_iter()
            .map(crate::transition::word)
            .collect();
        let counts = replica.case_counts(CaseTable::Transition, &states).or_fail()?;
        let open = counts.iter().map(|(.., n)| *n as usize).sum();
        let known = replica.known_patients(CaseTable::Transition, &states).or_fail()?;
        items.push(item(ShiftItem::Transitions, open, open, super::TRANSITION_FEED));
        items.push(item(
            ShiftItem::Patients,
            known.here as usize,
            known.needed as usize,
            super::TRANSITION_FEED,
        ));
        return Ok(items);
    }
    if desk.role() == Role::Specialist {
        let today = replica.agenda(views::today(now)).or_fail()?.len();
        items.push(item(ShiftItem::Televisits, today, today, super::AGENDA_FEED));
    }
    let open = ["asked", "claimed", "needs_information"];
    let counts = replica.case_counts(CaseTable::Teleconsult, &open).or_fail()?;
    let cases = counts.iter().map(|(.., n)| *n as usize).sum();
    items.push(item(
        ShiftItem::Teleconsults,
        cases,
        cases,
        super::TELECONSULT_FEED,
    ));
    let in_view = documents::in_view(desk);
    let here = in_view
        .iter()
        .filter(|id| replica.patient(id).is_ok_and(|found| found.is_some()))
        .count();
    let own = replica.patients(0).or_fail()?.1 as usize;
    items.push(match desk.role() {
        Role::Specialist => item(ShiftItem::Patients, here, in_view.len(), people::FEED),
        // The own list is whole when its feed was read to its end.
        _ => item(
            ShiftItem::Patients,
            own - (in_view.len() - here).min(own),
            own,
            people::FEED,
        ),
    });
    let (here, needed) = in_view
        .iter()
        .map(|id| documents::fetched_ahead(desk, id))
        .fold((0, 0), |(here, needed), (h, n)| (here + h, needed + n));
    items.push(item(ShiftItem::Documents, here, needed, people::FEED));
    Ok(items)
}
