//! The rules of the queue as laws: whatever the events, the times and the chance.

use cache::outbox::{LONGEST_PAUSE, SHORTEST_PAUSE, transition};
use cache::{
    Event, FrozenRequest, ItemId, ItemKind, Jitter, OutboxItem, Progress, Reason, State, TransitionError,
};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use crate::{at, request};

fn fresh(state: State) -> OutboxItem {
    OutboxItem {
        id: ItemId::new(),
        seq: 1,
        conversation: "c".into(),
        kind: ItemKind::FhirCreate,
        subject: "s".into(),
        depends_on: vec![],
        request: request("body"),
        body_hash: request("body").body_hash(),
        progress: Progress::new(state, None),
        created_at: at(0),
        updated_at: at(0),
    }
}

fn reply(status: u16, retry_after: Option<i64>) -> Event {
    let retry_after = retry_after.map(SignedDuration::from_secs);
    Event::Reply {
        status,
        retry_after,
        etag: Some("W/\"1\"".into()),
        receipt: b"answer".to_vec(),
    }
}

fn events() -> impl Strategy<Value = Event> {
    let other: FrozenRequest = request("other");
    prop_oneof![
        4 => Just(Event::Taken),
        1 => Just(Event::NotSent),
        1 => Just(Event::NoReply),
        4 => (100u16..600, proptest::option::of(-10i64..1_000_000)).prop_map(|(status, after)| reply(status, after)),
        1 => Just(Event::Found { etag: None, receipt: b"found".to_vec() }),
        1 => Just(Event::NotFound),
        1 => Just(Event::Restarted),
        1 => Just(Event::LoggedIn),
        1 => Just(Event::Signed { request: other.clone() }),
        1 => Just(Event::Retry),
        1 => Just(Event::Revised { request: other.clone(), etag: None }),
        1 => Just(Event::Unsendable { reason: Reason::ContentLost }),
        1 => Just(Event::Cancelled),
        1 => Just(Event::Withdrawn),
    ]
}

proptest! {
    #[test]
    fn laws(
        signature in any::<bool>(),
        steps in proptest::collection::vec((events(), 0i64..1000, any::<u32>()), 1..60),
    ) {
        let mut item = fresh(if signature { State::AwaitingSignature } else { State::Ready });
        let mut now: Timestamp = at(0);
        for (event, later, chance) in steps {
            now = now.checked_add(SignedDuration::from_secs(later)).unwrap();
            let before = item.progress.clone();
            let Ok(after) = transition(&item, &event, now, Jitter(chance)) else {
                prop_assert!(!(before.state == State::Sending && matches!(event, Event::Reply { .. })),
                    "an answer is always understood");
                continue;
            };
            prop_assert!(!before.state.is_final(), "something happened to a finished item");
            prop_assert!(after.sends >= before.sends, "a send was forgotten");
            if after.state == State::Confirmed {
                let by_region = matches!(&event, Event::Reply { status: 200..=299, .. } | Event::Found { .. });
                prop_assert!(by_region && before.state == State::Sending, "only the region confirms");
                prop_assert!(after.receipt.is_some(), "confirmed without a receipt");
            }
            if after.state == State::Cancelled {
                let unsent = before.sends == 0 && event == Event::Cancelled;
                let refused = event == Event::Withdrawn
                    && !before.ambiguous
                    && matches!(before.state, State::Quarantined | State::Conflict);
                prop_assert!(unsent || refused, "withdrawn while the region may hold it");
            }
            prop_assert_eq!(after.state == State::Quarantined, after.reason.is_some());
            prop_assert_eq!(after.state == State::Waiting, after.next_at.is_some());
            if let Some(next_at) = after.next_at {
                let wait = next_at.duration_since(now);
                prop_assert!(wait >= SHORTEST_PAUSE && wait <= LONGEST_PAUSE, "a pause of {wait:?}");
            }
            if matches!(event, Event::Reply { status: 401, .. }) {
                prop_assert_eq!((after.state, after.attempts), (State::PausedAuth, before.attempts));
            }
            if event == Event::Restarted || event == Event::NoReply {
                prop_assert!(after.ambiguous, "it may have arrived");
            }
            item.progress = after;
        }
    }
}

fn after_reply(status: u16) -> Progress {
    let mut item = fresh(State::Ready);
    item.progress.state = State::Sending;
    transition(&item, &reply(status, None), at(0), Jitter(0)).unwrap()
}

#[test]
fn each_answer_has_its_state() {
    let table = [
        (200, State::Confirmed, None),
        (201, State::Confirmed, None),
        (302, State::Waiting, None),
        (400, State::Quarantined, Some(Reason::Malformed)),
        (401, State::PausedAuth, None),
        (403, State::Quarantined, Some(Reason::Forbidden)),
        (404, State::Quarantined, Some(Reason::NotFound)),
        (408, State::Waiting, None),
        (409, State::Quarantined, Some(Reason::AlreadyThere)),
        (410, State::Quarantined, Some(Reason::Gone)),
        (412, State::Conflict, None),
        (413, State::Quarantined, Some(Reason::TooLarge)),
        (418, State::Quarantined, Some(Reason::Refused)),
        (422, State::Quarantined, Some(Reason::Unacceptable)),
        (425, State::Waiting, None),
        (429, State::Waiting, None),
        (500, State::Waiting, None),
        (503, State::Waiting, None),
    ];
    for (status, state, reason) in table {
        let found = after_reply(status);
        assert_eq!((found.state, found.reason), (state, reason), "status {status}");
    }
}

#[test]
fn pauses_grow_to_five_minutes_and_are_spread() {
    let mut item = fresh(State::Ready);
    let (mut shortest, mut longest) = (Vec::new(), Vec::new());
    for attempts in 0..12 {
        item.progress.state = State::Sending;
        item.progress.attempts = attempts;
        let wait = |chance| {
            let next = transition(&item, &Event::NotSent, at(0), Jitter(chance)).unwrap();
            next.next_at.unwrap().duration_since(at(0)).as_secs()
        };
        shortest.push(wait(0));
        longest.push(wait(u32::MAX));
    }
    assert_eq!(shortest, [1; 12], "full jitter: the shortest is always possible");
    assert_eq!(longest, [2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300, 300]);
}

#[test]
fn retry_after_is_honoured_up_to_five_minutes() {
    for (asked, waited) in [(40, 40), (300, 300), (86_400, 300), (0, 1), (-5, 1)] {
        let mut item = fresh(State::Ready);
        item.progress.state = State::Sending;
        let next = transition(&item, &reply(503, Some(asked)), at(0), Jitter(u32::MAX)).unwrap();
        let wait = next.next_at.unwrap().duration_since(at(0)).as_secs();
        assert_eq!(wait, waited, "asked for {asked} s");
    }
}

#[test]
fn a_pause_is_not_cut_short_by_taking() {
    let mut item = fresh(State::Ready);
    item.progress.state = State::Sending;
    item.progress = transition(&item, &Event::NotSent, at(0), Jitter(u32::MAX)).unwrap();
    let early = transition(&item, &Event::Taken, at(1), Jitter(0));
    assert_eq!(early, Err(TransitionError::NotFrom(State::Waiting)));
    assert_eq!(
        transition(&item, &Event::Taken, at(2), Jitter(0)).unwrap().state,
        State::Sending
    );
    assert_eq!(item.progress.sends, 0, "no byte left: it can still be withdrawn");
}
