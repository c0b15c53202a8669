//! The queue on the real tables: order, dependencies, what holds what.

use cache::{
    Event, ItemId, ItemKind, Jitter, NewItem, Outbox, OutboxItem, Reason, State, StoreError, TransitionError,
};
use jiff::SignedDuration;
use proptest::prelude::*;

use crate::{at, create, item, open, raw, request};

fn enqueue(outbox: &Outbox, new: NewItem) -> OutboxItem {
    outbox.commit(at(0), move |step| step.enqueue(new)).unwrap()
}

fn reply(status: u16) -> Event {
    Event::Reply {
        status,
        retry_after: None,
        etag: None,
        receipt: format!("answer {status}").into_bytes(),
    }
}

fn take(outbox: &Outbox, second: i64) -> Option<ItemId> {
    outbox.take_next(at(second)).unwrap().map(|item| item.id)
}

#[test]
fn an_item_reads_back_to_the_byte() {
    let dir = tempfile::tempdir().unwrap();
    let store = create(dir.path());
    let new = NewItem {
        etag: Some("W/\"3\"".into()),
        kind: ItemKind::FhirUpdate,
        ..item("c", "à\u{0}\n")
    };
    let written = enqueue(&store.outbox, new);
    store.close();
    let read = open(dir.path()).outbox.item(written.id).unwrap();
    assert_eq!(read, written);
    assert_eq!(read.request, request("à\u{0}\n"));
    // SHA-256 of those four bytes, from coreutils.
    assert_eq!(
        read.body_hash,
        "37ca66741aad8be49f8562d8da8ed8d54f78cf978a8cf774501c8871c49abe53"
    );
}

#[test]
fn a_conversation_goes_in_order_and_holds_no_other() {
    let dir = tempfile::tempdir().unwrap();
    let store = create(dir.path());
    let outbox = &store.outbox;
    let first = enqueue(outbox, item("a", "1")).id;
    let second = enqueue(outbox, item("a", "2")).id;
    let other = enqueue(outbox, item("b", "3")).id;
    assert_eq!(take(outbox, 0), Some(first));
    assert_eq!(
        take(outbox, 0),
        Some(other),
        "the second waits for the first; another conversation does not"
    );
    assert_eq!(take(outbox, 0), None);
    outbox.apply(first, reply(422), at(1), Jitter(0)).unwrap();
    assert_eq!(
        take(outbox, 600),
        None,
        "a quarantined item holds its own conversation"
    );
    outbox.apply(other, reply(201), at(1), Jitter(0)).unwrap();
    let lines = outbox.queue().unwrap();
    assert_eq!(
        lines
            .iter()
            .map(|l| (l.id, l.state, l.held_by))
            .collect::<Vec<_>>(),
        [
            (first, State::Quarantined, None),
            (second, State::Ready, Some(first))
        ]
    );
    assert_eq!(lines[0].reason, Some(Reason::Unacceptable));
    let fixed = request("1 corrected");
    outbox
        .apply(
            first,
            Event::Revised {
                request: fixed.clone(),
                etag: None,
            },
            at(2),
            Jitter(0),
        )
        .unwrap();
    let again = outbox.take_next(at(2)).unwrap().unwrap();
    assert_eq!(
        (again.id, &again.request, again.body_hash.clone()),
        (first, &fixed, fixed.body_hash())
    );
    outbox.apply(first, reply(201), at(3), Jitter(0)).unwrap();
    assert_eq!(take(outbox, 3), Some(second));
}

#[test]
fn an_item_waits_for_what_it_needs_in_another_conversation() {
    let dir = tempfile::tempdir().unwrap();
    let store = create(dir.path());
    let outbox = &store.outbox;
    let file = enqueue(outbox, item("file", "attachment")).id;
    let message = enqueue(
        outbox,
        NewItem {
            depends_on: vec![file],
            ..item("talk", "message")
        },
    )
    .id;
    assert_eq!(outbox.item(message).unwrap().depends_on, [file]);
    assert_eq!(take(outbox, 0), Some(file));
    assert_eq!(take(outbox, 0), None);
    outbox.apply(file, reply(201), at(1), Jitter(0)).unwrap();
    assert_eq!(take(outbox, 1), Some(message));
}

#[test]
fn a_dependency_must_exist() {
    let dir = tempfile::tempdir().unwrap();
    let store = create(dir.path());
    let new = NewItem {
        depends_on: vec![ItemId::new()],
        ..item("c", "1")
    };
    assert!(store.outbox.commit(at(0), move |step| step.enqueue(new)).is_err());
    assert_eq!(store.outbox.queue().unwrap(), [], "and nothing was queued");
}

#[test]
fn a_new_login_is_awaited_by_the_whole_queue() {
    let dir = tempfile::tempdir().unwrap();
    let store = create(dir.path());
    let outbox = &store.outbox;
    let first = enqueue(outbox, item("a", "1")).id;
    let other = enqueue(outbox, item("b", "2")).id;
    assert_eq!(take(outbox, 0), Some(first));
    let paused = outbox.apply(first, reply(401), at(1), Jitter(0)).unwrap();
    assert_eq!(
        (paused.progress.state, paused.progress.attempts),
        (State::PausedAuth, 0)
    );
    assert_eq!(take(outbox, 9999), None, "the other would be refused as well");
    assert_eq!(outbox.commit(at(2), |step| step.logged_in()).unwrap(), 1);
    assert_eq!(take(outbox, 2), Some(first));
    assert_eq!(take(outbox, 2), Some(other));
}

#[test]
fn while_a_login_is_awaited_nothing_wakes_the_sender() {
    let dir = tempfile::tempdir().unwrap();
    let store = create(dir.path());
    let outbox = &store.outbox;
    let waits = enqueue(outbox, item("a", "1")).id;
    let refused = enqueue(outbox, item("b", "2")).id;
    assert_eq!(take(outbox, 0), Some(waits));
    outbox.apply(waits, reply(503), at(0), Jitter(0)).unwrap();
    assert!(outbox.next_wake().unwrap().is_some());
    assert_eq!(take(outbox, 0), Some(refused));
    outbox.apply(refused, reply(401), at(0), Jitter(0)).unwrap();
    assert_eq!(
        outbox.next_wake().unwrap(),
        None,
        "a time that has passed would have it look again at once, for ever"
    );
    outbox.commit(at(2), |step| step.logged_in()).unwrap();
    assert!(outbox.next_wake().unwrap().is_some());
}

#[test]
fn a_pause_ends_when_the_database_says() {
    let dir = tempfile::tempdir().unwrap();
    let store = create(dir.path());
    let id = enqueue(&store.outbox, item("a", "1")).id;
    assert_eq!(store.outbox.next_wake().unwrap(), None);
    assert_eq!(take(&store.outbox, 0), Some(id));
    let busy = Event::Reply {
        status: 503,
        retry_after: Some(SignedDuration::from_secs(40)),
        etag: None,
        receipt: vec![],
    };
    store.outbox.apply(id, busy, at(10), Jitter(0)).unwrap();
    store.close();
    let store = open(dir.path());
    assert_eq!(
        store.outbox.next_wake().unwrap(),
        Some(at(50)),
        "also after a restart"
    );
    assert_eq!(store.outbox.next_due(at(49)).unwrap(), None);
    assert_eq!(take(&store.outbox, 50), Some(id));
    assert!(
        store.outbox.item(id).unwrap().progress.ambiguous,
        "a server that fails may have stored it first"
    );
}

#[test]
fn withdrawing_takes_along_what_needs_it_and_never_what_was_sent() {
    let dir = tempfile::tempdir().unwrap();
    let store = create(dir.path());
    let outbox = &store.outbox;
    let file = enqueue(outbox, item("file", "attachment")).id;
    let message = enqueue(
        outbox,
        NewItem {
            depends_on: vec![file],
            ..item("talk", "message")
        },
    )
    .id;
    let after = enqueue(
        outbox,
        NewItem {
            depends_on: vec![message],
            ..item("more", "more")
        },
    )
    .id;
    let sent = enqueue(outbox, item("sent", "sent")).id;
    let withdrawn = outbox.commit(at(1), move |step| step.cancel(file)).unwrap();
    assert_eq!(withdrawn, [file, message, after]);
    assert_eq!(take(outbox, 1), Some(sent));
    outbox.apply(sent, Event::NoReply, at(2), Jitter(0)).unwrap();
    let refused = outbox.commit(at(3), move |step| step.cancel(sent));
    assert!(matches!(
        refused,
        Err(StoreError::Transition(TransitionError::AlreadySent))
    ));
    assert_eq!(
        outbox.item(sent).unwrap().progress.state,
        State::Waiting,
        "a refused event changes nothing"
    );
}

#[test]
fn what_awaits_a_signature_holds_its_conversation_until_signed() {
    let dir = tempfile::tempdir().unwrap();
    let store = create(dir.path());
    let outbox = &store.outbox;
    let unsigned = enqueue(
        outbox,
        NewItem {
            awaiting_signature: true,
            ..item("a", "unsigned")
        },
    )
    .id;
    let later = enqueue(outbox, item("a", "later")).id;
    assert_eq!(take(outbox, 0), None);
    outbox
        .apply(
            unsigned,
            Event::Signed {
                request: request("signed"),
            },
            at(1),
            Jitter(0),
        )
        .unwrap();
    let taken = outbox.take_next(at(1)).unwrap().unwrap();
    assert_eq!((taken.id, taken.request), (unsigned, request("signed")));
    outbox.apply(unsigned, reply(200), at(2), Jitter(0)).unwrap();
    assert_eq!(take(outbox, 2), Some(later));
}

#[test]
fn a_kind_that_this_version_does_not_know_is_kept_and_not_sent() {
    let dir = tempfile::tempdir().unwrap();
    let store = create(dir.path());
    let later = NewItem {
        kind: ItemKind::Other("later_kind".into()),
        ..item("a", "1")
    };
    let id = enqueue(&store.outbox, later).id;
    assert_eq!(take(&store.outbox, 0), None);
    assert_eq!(
        store.outbox.item(id).unwrap().kind,
        ItemKind::from("later_kind".to_owned())
    );
}

#[test]
fn the_table_itself_refuses_to_lose_an_unconfirmed_item() {
    let dir = tempfile::tempdir().unwrap();
    let store = create(dir.path());
    enqueue(&store.outbox, item("a", "1"));
    store.close();
    let db = raw(dir.path());
    assert!(
        db.execute("DELETE FROM outbox_item", []).is_err(),
        "whoever writes the next statement"
    );
}

#[derive(Clone, Debug)]
enum Act {
    Enqueue { conversation: u8, needs_last: bool },
    TakeAndAnswer(u16),
    TakeAndLose,
    TakeNoNetwork,
    LogIn,
    RetryFirst,
    WithdrawLast,
    Restart,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        4 => (0u8..3, any::<bool>()).prop_map(|(conversation, needs_last)| Act::Enqueue { conversation, needs_last }),
        6 => prop_oneof![6 => Just(201u16), 1 => Just(401), 1 => Just(412), 1 => Just(422), 1 => Just(503), 1 => Just(302)]
            .prop_map(Act::TakeAndAnswer),
        1 => Just(Act::TakeAndLose),
        1 => Just(Act::TakeNoNetwork),
        2 => Just(Act::LogIn),
        3 => Just(Act::RetryFirst),
        1 => Just(Act::WithdrawLast),
        1 => Just(Act::Restart),
    ];
    proptest::collection::vec(act, 1..40)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 200, ..ProptestConfig::default() })]

    /// Whatever happens, nothing is lost, each conversation is confirmed in its order, and nothing leaves before
    /// what it needs.
    #[test]
    fn order_and_completeness_hold_in_the_real_tables(acts in acts()) {
        let dir = tempfile::tempdir().unwrap();
        let mut store = create(dir.path());
        let mut queued: Vec<OutboxItem> = Vec::new();
        let mut second = 0i64;
        for act in acts {
            second += 400;
            match act {
                Act::Enqueue { conversation, needs_last } => {
                    let live = queued.iter().rev().find(|i| {
                        store.outbox.item(i.id).unwrap().progress.state != State::Cancelled
                    });
                    let depends_on = if needs_last { live.map(|i| i.id).into_iter().collect() } else { vec![] };
                    let new = NewItem { depends_on, ..item(&format!("c{conversation}"), &queued.len().to_string()) };
                    queued.push(enqueue(&store.outbox, new));
                }
                Act::TakeAndAnswer(status) => answer(&store.outbox, second, reply(status))?,
                Act::TakeAndLose => answer(&store.outbox, second, Event::NoReply)?,
                Act::TakeNoNetwork => answer(&store.outbox, second, Event::NotSent)?,
                Act::LogIn => {
                    store.outbox.commit(at(second), |step| step.logged_in()).unwrap();
                }
                Act::RetryFirst => {
                    let wedged = store.outbox.queue().unwrap().into_iter()
                        .find(|l| matches!(l.state, State::Quarantined | State::Conflict));
                    if let Some(line) = wedged {
                        store.outbox.apply(line.id, Event::Retry, at(second), Jitter(0)).unwrap();
                    }
                }
                Act::WithdrawLast => {
                    if let Some(last) = queued.last().map(|i| i.id) {
                        // Refused when it was sent: that is the rule, not a failure.
                        let _ = store.outbox.commit(at(second), move |step| step.cancel(last));
                    }
                }
                Act::Restart => {
                    store.close();
                    store = open(dir.path());
                }
            }
            check(&store.outbox, &queued)?;
        }
    }
}

fn answer(outbox: &Outbox, second: i64, event: Event) -> Result<(), TestCaseError> {
    let Some(taken) = outbox.take_next(at(second)).unwrap() else {
        return Ok(());
    };
    for needed in &taken.depends_on {
        prop_assert_eq!(
            outbox.item(*needed).unwrap().progress.state,
            State::Confirmed,
            "sent before what it needs"
        );
    }
    outbox
        .apply(taken.id, event, at(second), Jitter(u32::MAX / 3))
        .unwrap();
    Ok(())
}

fn check(outbox: &Outbox, queued: &[OutboxItem]) -> Result<(), TestCaseError> {
    for conversation in ["c0", "c1", "c2"] {
        let mut open_before = false;
        for item in queued.iter().filter(|i| i.conversation == conversation) {
            let now = outbox.item(item.id).unwrap();
            prop_assert_eq!(&now.request, &item.request, "a frozen request changed");
            match now.progress.state {
                State::Confirmed => prop_assert!(
                    !open_before,
                    "confirmed before an earlier one of its conversation"
                ),
                State::Cancelled => prop_assert_eq!(now.progress.sends, 0, "withdrawn after it was sent"),
                _ => open_before = true,
            }
        }
    }
    Ok(())
}
