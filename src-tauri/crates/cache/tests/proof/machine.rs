//! The real table against a reference: the same events on both, and after each the same queue, the same next item, the same
//! wake-up, the same items to the byte, also after a restart.
//!
//! The reference is a list in memory with the rule of [`crate::rule`]. What an item becomes is the store's own rule, which has
//! laws of its own (`tests/store/transition.rs`); here the question is what SQL makes of it.

use cache::outbox::transition;
use cache::{
    Event, ItemId, ItemKind, Jitter, NewItem, OutboxItem, Progress, QueueLine, Reason, State, StoreError,
    UserStore,
};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};

use crate::rule::{self, Line};
use crate::{at, create, item, open, request};

const UNKNOWN_KIND: &str = "of_a_later_version";

/// What a person, the region or the machine does.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    Enqueue {
        conversation: u8,
        needs: Option<usize>,
        unsigned: bool,
        later_kind: bool,
    },
    Take,
    /// Something happens to the item of this place.
    Tell {
        place: usize,
        event: Told,
    },
    Withdraw {
        place: usize,
    },
    LogIn,
    Restart,
    Wait {
        seconds: u16,
    },
}

#[derive(Clone, Debug)]
pub(crate) enum Told {
    NotSent,
    NoReply,
    Reply { status: u16, retry_after: Option<i64> },
    Found,
    NotFound,
    Signed,
    Retry,
    Revised,
    Unsendable,
}

impl Told {
    fn event(&self) -> Event {
        match self {
            Self::NotSent => Event::NotSent,
            Self::NoReply => Event::NoReply,
            Self::Reply { status, retry_after } => Event::Reply {
                status: *status,
                retry_after: retry_after.map(SignedDuration::from_secs),
                etag: Some("W/\"2\"".into()),
                receipt: format!("answer {status}").into_bytes(),
            },
            Self::Found => Event::Found {
                etag: None,
                receipt: b"found".to_vec(),
            },
            Self::NotFound => Event::NotFound,
            Self::Signed => Event::Signed {
                request: request("signed"),
            },
            Self::Retry => Event::Retry,
            Self::Revised => Event::Revised {
                request: request("revised"),
                etag: Some("W/\"3\"".into()),
            },
            Self::Unsendable => Event::Unsendable {
                reason: Reason::ContentLost,
            },
        }
    }
}

/// One item of the reference: its place in the list is its order.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    item: OutboxItem,
    conversation: u8,
    needs: Vec<usize>,
}

#[derive(Clone, Debug)]
pub(crate) struct Reference {
    items: Vec<Kept>,
    second: i64,
}

const CHANCE: Jitter = Jitter(u32::MAX / 3);

impl Reference {
    fn now(&self) -> Timestamp {
        at(self.second)
    }

    fn lines(&self) -> Vec<Option<Line>> {
        let now = self.now();
        self.items
            .iter()
            .map(|kept| {
                Some(Line {
                    conversation: kept.conversation,
                    state: kept.item.progress.state,
                    due: kept.item.progress.next_at.is_none_or(|next| next <= now),
                    sendable: kept.item.kind.as_str() != UNKNOWN_KIND,
                    needs: kept.needs.clone(),
                })
            })
            .collect()
    }

    fn next_due(&self) -> Option<usize> {
        rule::next_due(&self.lines())
    }

    fn apply(&mut self, place: usize, event: &Event) -> Result<(), cache::TransitionError> {
        let now = self.now();
        let kept = &mut self.items[place].item;
        kept.progress = transition(kept, event, now, CHANCE)?;
        if let Event::Signed { request } | Event::Revised { request, .. } = event {
            kept.request = request.clone();
            kept.body_hash = request.body_hash();
        }
        kept.updated_at = now;
        Ok(())
    }

    /// The item and everything that needs it; nothing when one of them was sent.
    fn withdraw(&mut self, place: usize) -> bool {
        let before = self.items.clone();
        let mut left = vec![place];
        let mut gone: Vec<usize> = Vec::new();
        while let Some(next) = left.pop() {
            if gone.contains(&next) {
                continue;
            }
            if next == place || !self.items[next].item.progress.state.is_final() {
                if self.apply(next, &Event::Cancelled).is_err() {
                    self.items = before;
                    return false;
                }
                gone.push(next);
            }
            left.extend((0..self.items.len()).filter(|n| self.items[*n].needs.contains(&next)));
        }
        true
    }

    fn act(&mut self, act: &Act) {
        match act {
            Act::Enqueue {
                conversation,
                needs,
                unsigned,
                later_kind,
            } => {
                let state = if *unsigned {
                    State::AwaitingSignature
                } else {
                    State::Ready
                };
                let new = new_item(*conversation, self.items.len(), *unsigned, *later_kind);
                self.items.push(Kept {
                    conversation: *conversation,
                    needs: needs.iter().copied().collect(),
                    item: OutboxItem {
                        // The table's own; taken over when the two are compared.
                        id: ItemId(uuid::Uuid::nil()),
                        seq: 0,
                        conversation: new.conversation,
                        kind: new.kind,
                        subject: new.subject,
                        depends_on: Vec::new(),
                        body_hash: new.request.body_hash(),
                        request: new.request,
                        progress: Progress::new(state, None),
                        created_at: self.now(),
                        updated_at: self.now(),
                    },
                });
            }
            Act::Take => {
                if let Some(place) = self.next_due() {
                    let _ = self.apply(place, &Event::Taken);
                }
            }
            Act::Tell { place, event } => drop(self.apply(*place, &event.event())),
            Act::Withdraw { place } => drop(self.withdraw(*place)),
            Act::LogIn => self.all_in(State::PausedAuth, &Event::LoggedIn),
            Act::Restart => self.all_in(State::Sending, &Event::Restarted),
            Act::Wait { seconds } => self.second += i64::from(*seconds),
        }
    }

    fn all_in(&mut self, state: State, event: &Event) {
        for place in 0..self.items.len() {
            if self.items[place].item.progress.state == state {
                self.apply(place, event).unwrap();
            }
        }
    }
}

fn new_item(conversation: u8, number: usize, unsigned: bool, later_kind: bool) -> NewItem {
    NewItem {
        kind: if later_kind {
            ItemKind::Other(UNKNOWN_KIND.into())
        } else {
            ItemKind::FhirCreate
        },
        awaiting_signature: unsigned,
        ..item(&format!("c{conversation}"), &format!("body {number}"))
    }
}

fn told() -> impl Strategy<Value = Told> {
    let status = prop_oneof![
        8 => Just(201u16), 2 => Just(401), 2 => Just(412), 2 => Just(422), 2 => Just(503), 1 => Just(429), 1 => Just(302), 1 => Just(409),
    ];
    prop_oneof![
        10 => (status, proptest::option::weighted(0.2, 0i64..900)).prop_map(|(status, retry_after)| Told::Reply { status, retry_after }),
        2 => Just(Told::NotSent),
        2 => Just(Told::NoReply),
        1 => Just(Told::Found),
        1 => Just(Told::NotFound),
        2 => Just(Told::Signed),
        3 => Just(Told::Retry),
        2 => Just(Told::Revised),
        1 => Just(Told::Unsendable),
    ]
}

impl ReferenceStateMachine for Reference {
    type State = Self;
    type Transition = Act;

    fn init_state() -> BoxedStrategy<Self> {
        Just(Self {
            items: Vec::new(),
            second: 0,
        })
        .boxed()
    }

    fn transitions(state: &Self) -> BoxedStrategy<Act> {
        let count = state.items.len();
        let enqueue = (
            0u8..3,
            proptest::option::weighted(0.3, 0..count.max(1)),
            any::<u8>(),
        )
            .prop_map(move |(conversation, needs, chance)| Act::Enqueue {
                conversation,
                needs: needs.filter(|_| count > 0),
                unsigned: chance % 11 == 0,
                later_kind: chance % 23 == 0,
            });
        if count == 0 {
            return enqueue.boxed();
        }
        // What is being sent is what most happens to.
        let sending = state
            .items
            .iter()
            .position(|kept| kept.item.progress.state == State::Sending);
        let place = match sending {
            Some(place) => prop_oneof![4 => Just(place), 1 => 0..count].boxed(),
            None => (0..count).boxed(),
        };
        prop_oneof![
            5 => enqueue,
            8 => Just(Act::Take),
            9 => (place, told()).prop_map(|(place, event)| Act::Tell { place, event }),
            1 => (0..count).prop_map(|place| Act::Withdraw { place }),
            2 => Just(Act::LogIn),
            1 => Just(Act::Restart),
            2 => (0u16..900).prop_map(|seconds| Act::Wait { seconds }),
        ]
        .boxed()
    }

    fn preconditions(state: &Self, act: &Act) -> bool {
        match act {
            Act::Enqueue { needs, .. } => needs.is_none_or(|needed| needed < state.items.len()),
            Act::Tell { place, .. } | Act::Withdraw { place } => *place < state.items.len(),
            _ => true,
        }
    }

    fn apply(mut state: Self, act: &Act) -> Self {
        state.act(act);
        state
    }
}

/// The real store, and the identities of its items in order.
pub(crate) struct Real {
    dir: tempfile::TempDir,
    store: Option<UserStore>,
    ids: Vec<ItemId>,
}

impl Real {
    fn store(&self) -> &UserStore {
        self.store.as_ref().unwrap()
    }
}

struct Compared;

impl StateMachineTest for Compared {
    type SystemUnderTest = Real;
    type Reference = Reference;

    fn init_test(_: &Reference) -> Real {
        let dir = crate::work::folder();
        let store = Some(create(dir.path()));
        Real {
            dir,
            store,
            ids: Vec::new(),
        }
    }

    fn apply(mut real: Real, after: &Reference, act: Act) -> Real {
        let now = after.now();
        let outbox = real.store().outbox.clone();
        match act {
            Act::Enqueue {
                conversation,
                needs,
                unsigned,
                later_kind,
            } => {
                let new = NewItem {
                    depends_on: needs.map(|needed| real.ids[needed]).into_iter().collect(),
                    ..new_item(conversation, real.ids.len(), unsigned, later_kind)
                };
                let queued = outbox.commit(now, move |step| step.enqueue(new)).unwrap();
                real.ids.push(queued.id);
            }
            Act::Take => drop(outbox.take_next(now).unwrap()),
            Act::Tell { place, event } => {
                let told = outbox.apply(real.ids[place], event.event(), now, CHANCE);
                assert!(matches!(told, Ok(_) | Err(StoreError::Transition(_))), "{told:?}");
            }
            Act::Withdraw { place } => {
                let id = real.ids[place];
                let done = outbox.commit(now, move |step| step.cancel(id));
                assert!(matches!(done, Ok(_) | Err(StoreError::Transition(_))), "{done:?}");
            }
            Act::LogIn => drop(outbox.commit(now, |step| step.logged_in()).unwrap()),
            Act::Restart => {
                drop(outbox);
                real.store.take().unwrap().close();
                real.store = Some(UserStore::open(real.dir.path(), &crate::keys(), now).unwrap().0);
            }
            Act::Wait { .. } => {}
        }
        real
    }

    fn check_invariants(real: &Real, reference: &Reference) {
        let outbox = &real.store().outbox;
        let mut last = 0;
        for (kept, id) in reference.items.iter().zip(&real.ids) {
            let found = outbox.item(*id).unwrap();
            assert!(found.seq > last, "the order is the order of queueing");
            last = found.seq;
            let expected = OutboxItem {
                id: *id,
                seq: found.seq,
                depends_on: kept.needs.iter().map(|n| real.ids[*n]).collect(),
                ..kept.item.clone()
            };
            assert_eq!(found, expected);
        }
        let place = |id: ItemId| real.ids.iter().position(|known| *known == id).unwrap();
        let lines = reference.lines();
        let told = |line: &QueueLine| (place(line.id), line.state, line.held_by.map(place));
        let queue: Vec<_> = outbox.queue().unwrap().iter().map(told).collect();
        let expected: Vec<_> = (0..lines.len())
            .filter(|n| !reference.items[*n].item.progress.state.is_final())
            .map(|n| {
                (
                    n,
                    reference.items[n].item.progress.state,
                    rule::held_by(&lines, n),
                )
            })
            .collect();
        assert_eq!(queue, expected, "the queue and what holds what");
        let due = outbox
            .next_due(reference.now())
            .unwrap()
            .map(|item| place(item.id));
        assert_eq!(due, reference.next_due(), "what may leave");
        let in_state = |state| {
            let kept = reference.items.iter();
            kept.filter(move |kept| kept.item.progress.state == state)
        };
        let wake = match in_state(State::PausedAuth).next() {
            Some(_) => None,
            None => in_state(State::Waiting)
                .filter_map(|kept| kept.item.progress.next_at)
                .min(),
        };
        assert_eq!(outbox.next_wake().unwrap(), wake, "when to look again");
    }

    fn teardown(real: Real, _: Reference) {
        let Real { dir, store, ids } = real;
        drop(store);
        // Nothing depends on the process that wrote it.
        let store = open(dir.path());
        for id in ids {
            store.outbox.item(id).unwrap();
        }
    }
}

fn cases() -> u32 {
    u32::try_from(crate::share(16).count()).unwrap()
}

prop_state_machine! {
    #![proptest_config(ProptestConfig { cases: cases(), max_shrink_iters: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_table_does_what_the_reference_does(sequential 1..60 => Compared);
}
