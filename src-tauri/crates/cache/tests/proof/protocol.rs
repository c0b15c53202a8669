//! The protocol of the outbox, explored state by state: crash, drop, duplicate, reorder, two senders, quarantine.
//!
//! What an item becomes is not modelled: it is the store's own [`transition`]. Modelled are the queue's table (with the rule
//! of [`super::rule`], which the real table is compared with in `machine`), the senders, the wire and the region. Each
//! [`Defect`] breaks one rule, and the checker must find what comes of it: a proof that finds nothing proves nothing.
//!
//! Two regions are held. One creates atomically by identifier (the sandbox): the wire may then do anything, also deliver a
//! request long after the sender gave it up. One does not (a stock server): there one sender, and a search before a repeat,
//! must be enough, as long as a request is over when its connection is.

use std::collections::BTreeSet;

use cache::outbox::transition;
use cache::{Event, FrozenRequest, ItemId, ItemKind, Jitter, OutboxItem, Progress, Reason, State};
use stateright::{Checker, Model, Property};

use crate::at;
use crate::rule::{self, Line};

/// A rule that is broken on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Defect {
    /// A request is acknowledged before it is on the disk.
    AcknowledgedBeforeDurable,
    /// An item counts as confirmed when it is handed to the network.
    ConfirmedWhenTaken,
    /// What was being sent at a crash stays *being sent*.
    RestartNotNoticed,
    /// What was being sent at a crash is thrown away.
    RestartForgets,
    /// A repeat is made under a new identity.
    NewIdentityOnRepeat,
    /// The create is not conditional.
    Unconditional,
    /// An uncertain item is sent again without a search.
    NoSearch,
    /// A second process may send from the same queue.
    TwoSenders,
    /// Whichever item is ready leaves, whatever comes before it.
    OrderIgnored,
    /// A quarantined item does not hold its conversation.
    QuarantineSkipped,
    /// A quarantined item holds every conversation.
    QuarantineHoldsAll,
    /// What an item needs is not waited for.
    NeedsIgnored,
    /// A reply is taken for the item at hand, whichever it speaks of.
    ReplyOfAnother,
    /// No answer counts as *nothing was sent*.
    SilenceIsNotSent,
    /// What was sent can still be withdrawn.
    WithdrawnAfterSending,
    /// A refusal for good is tried again for ever, as if the region were only busy.
    RefusalRetried,
}

/// An item: the conversation it belongs to and the item it needs.
type Wanted = (u8, Option<usize>);

#[derive(Clone, Debug)]
struct Outbox {
    items: Vec<Wanted>,
    /// The region creates atomically by identifier.
    atomic: bool,
    left: Left,
    defect: Option<Defect>,
}

/// How often the world may still be unkind: without an end there is nothing to check at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Left {
    crashes: u8,
    drops: u8,
    duplicates: u8,
    refusals: u8,
    withdrawals: u8,
    retries: u8,
}

/// What the table keeps of an item, as far as the protocol goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Item {
    state: State,
    ambiguous: bool,
    sent: bool,
    /// Of the request: a repeat is the same bytes.
    identity: u8,
    durable: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Ask {
    Search,
    Create,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Said {
    Found,
    Missing,
    Created,
    Refused,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Message {
    Request {
        sender: usize,
        item: usize,
        identity: u8,
        ask: Ask,
    },
    Reply {
        sender: usize,
        item: usize,
        said: Said,
    },
}

impl Message {
    fn sender(self) -> usize {
        match self {
            Self::Request { sender, .. } | Self::Reply { sender, .. } => sender,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Sender {
    Off,
    Idle,
    Asked(usize, Ask),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct World {
    items: Vec<Option<Item>>,
    acknowledged: Vec<bool>,
    /// Refused for good and not looked at by a person since.
    refused: Vec<bool>,
    senders: [Sender; 2],
    /// A set: the wire reorders as it likes.
    wire: BTreeSet<Message>,
    /// What the region created, in order: item and identity.
    region: Vec<(usize, u8)>,
    left: Left,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Action {
    Enqueue(usize),
    Sync,
    Take(usize),
    Deliver(Message),
    DeliverAndKeep(Message),
    RefuseForGood(Message),
    Drop(Message),
    GiveUp(usize),
    Crash(usize),
    Start(usize),
    Withdraw(usize),
    Retry(usize),
}

impl Outbox {
    fn has(&self, defect: Defect) -> bool {
        self.defect == Some(defect)
    }

    fn line(&self, world: &World, n: usize) -> Option<Line> {
        let item = world.items[n]?;
        Some(Line {
            conversation: self.items[n].0,
            state: item.state,
            due: true,
            sendable: true,
            needs: self.items[n].1.into_iter().collect(),
        })
    }

    fn next_due(&self, world: &World) -> Option<usize> {
        let mut lines: Vec<Option<Line>> = (0..self.items.len()).map(|n| self.line(world, n)).collect();
        for line in lines.iter_mut().flatten() {
            if self.has(Defect::NeedsIgnored) {
                line.needs.clear();
            }
            if self.has(Defect::QuarantineSkipped) && line.state == State::Quarantined {
                line.state = State::Cancelled;
            }
            if self.has(Defect::QuarantineHoldsAll) && line.state == State::Quarantined {
                return None;
            }
        }
        if self.has(Defect::OrderIgnored) {
            // Each item alone in its conversation.
            for (n, line) in lines.iter_mut().enumerate() {
                if let Some(line) = line {
                    line.conversation = 100 + u8::try_from(n).unwrap();
                }
            }
            lines.reverse();
            let last = lines.len() - 1;
            for line in lines.iter_mut().flatten() {
                for needed in &mut line.needs {
                    *needed = last - *needed;
                }
            }
            return rule::next_due(&lines).map(|n| last - n);
        }
        rule::next_due(&lines)
    }

    /// What the store's own rule makes of an item.
    fn apply(&self, world: &mut World, n: usize, event: &Event) -> bool {
        let Some(item) = world.items[n] else { return false };
        let before = OutboxItem {
            id: ItemId(uuid::Uuid::nil()),
            seq: 0,
            conversation: String::new(),
            kind: ItemKind::FhirCreate,
            subject: String::new(),
            depends_on: Vec::new(),
            request: FrozenRequest {
                method: String::new(),
                path: String::new(),
                headers: Vec::new(),
                body: Vec::new(),
                confirm: None,
            },
            body_hash: String::new(),
            progress: Progress {
                state: item.state,
                attempts: 0,
                sends: u32::from(item.sent),
                ambiguous: item.ambiguous,
                next_at: None,
                etag: None,
                reason: (item.state == State::Quarantined).then_some(Reason::Unacceptable),
                receipt: None,
            },
            created_at: at(0),
            updated_at: at(0),
        };
        let Ok(after) = transition(&before, event, at(1), Jitter(0)) else {
            return false;
        };
        world.items[n] = Some(Item {
            state: after.state,
            ambiguous: after.ambiguous,
            sent: after.sends > 0,
            ..item
        });
        true
    }

    fn ask(&self, world: &mut World, sender: usize, n: usize, ask: Ask) {
        let Some(item) = &mut world.items[n] else { return };
        if self.has(Defect::NewIdentityOnRepeat) && item.ambiguous && ask == Ask::Create {
            item.identity = 1;
        }
        let identity = item.identity;
        world.senders[sender] = Sender::Asked(n, ask);
        world.wire.insert(Message::Request {
            sender,
            item: n,
            identity,
            ask,
        });
    }

    fn take(&self, world: &mut World, sender: usize) -> bool {
        let Some(n) = self.next_due(world) else {
            return false;
        };
        if !self.apply(world, n, &Event::Taken) {
            return false;
        }
        let ambiguous = world.items[n].is_some_and(|item| item.ambiguous);
        let search = ambiguous && !self.has(Defect::NoSearch) && !self.has(Defect::NewIdentityOnRepeat);
        self.ask(world, sender, n, if search { Ask::Search } else { Ask::Create });
        if self.has(Defect::ConfirmedWhenTaken)
            && let Some(item) = &mut world.items[n]
        {
            item.state = State::Confirmed;
            world.senders[sender] = Sender::Idle;
        }
        true
    }

    /// The region answers a request.
    fn serve(&self, world: &mut World, message: Message, refuse: bool) {
        let Message::Request {
            sender,
            item,
            identity,
            ask,
        } = message
        else {
            return self.hear(world, message);
        };
        let there = world.region.contains(&(item, identity));
        let said = match ask {
            Ask::Search if there => Said::Found,
            Ask::Search => Said::Missing,
            Ask::Create if refuse => Said::Refused,
            Ask::Create => {
                let conditional = self.atomic && !self.has(Defect::Unconditional);
                if !(there && conditional) {
                    world.region.push((item, identity));
                }
                Said::Created
            }
        };
        world.wire.insert(Message::Reply { sender, item, said });
    }

    /// A reply reaches its sender, if it still waits for it.
    fn hear(&self, world: &mut World, message: Message) {
        let Message::Reply { sender, item, said } = message else {
            return;
        };
        let Sender::Asked(n, ask) = world.senders[sender] else {
            return;
        };
        let fits = match ask {
            Ask::Search => matches!(said, Said::Found | Said::Missing),
            Ask::Create => matches!(said, Said::Created | Said::Refused),
        };
        if !fits || (n != item && !self.has(Defect::ReplyOfAnother)) {
            return;
        }
        let reply = |status| Event::Reply {
            status,
            retry_after: None,
            etag: None,
            receipt: Vec::new(),
        };
        let event = match said {
            Said::Found => Event::Found {
                etag: None,
                receipt: Vec::new(),
            },
            Said::Missing => Event::NotFound,
            Said::Created => reply(201),
            Said::Refused if self.has(Defect::RefusalRetried) => reply(429),
            Said::Refused => reply(422),
        };
        self.apply(world, n, &event);
        world.refused[n] |= said == Said::Refused;
        world.senders[sender] = Sender::Idle;
        if said == Said::Missing {
            self.ask(world, sender, n, Ask::Create);
        }
    }

    fn start(&self, world: &mut World, sender: usize) {
        world.senders[sender] = Sender::Idle;
        for n in 0..world.items.len() {
            if world.items[n].is_some_and(|item| item.state == State::Sending) {
                if self.has(Defect::RestartForgets) {
                    world.items[n] = None;
                } else if !self.has(Defect::RestartNotNoticed) {
                    self.apply(world, n, &Event::Restarted);
                }
            }
        }
    }

    fn withdraw(&self, world: &mut World, n: usize) -> bool {
        if self.has(Defect::WithdrawnAfterSending)
            && let Some(item) = &mut world.items[n]
            && !item.state.is_final()
        {
            item.sent = false;
            item.state = State::Ready;
        }
        if !self.apply(world, n, &Event::Cancelled) {
            return false;
        }
        // With it goes what needs it.
        (0..self.items.len()).all(|later| {
            let needs = self.items[later].1 == Some(n) && world.items[later].is_some();
            !needs || self.withdraw(world, later)
        })
    }

    /// What the world does by itself: not a person, not an accident.
    fn goes_on(&self, world: &World) -> bool {
        let mut actions = Vec::new();
        self.actions(world, &mut actions);
        actions.into_iter().any(|action| {
            matches!(
                action,
                Action::Enqueue(_)
                    | Action::Sync
                    | Action::Take(_)
                    | Action::Deliver(_)
                    | Action::GiveUp(_)
                    | Action::Start(_)
            ) && self.next_state(world, action).is_some_and(|next| next != *world)
        })
    }

    /// Whether everything that could be delivered was.
    fn delivered(&self, world: &World) -> bool {
        (0..self.items.len()).all(|n| {
            let held = (0..n).any(|earlier| {
                self.items[earlier].0 == self.items[n].0
                    && world.items[earlier].is_some_and(|item| !item.state.is_final())
            });
            let needs = self.items[n]
                .1
                .is_some_and(|needed| world.items[needed].is_none_or(|item| item.state != State::Confirmed));
            world.items[n].is_some_and(|item| item.state.is_final() || item.state == State::Quarantined)
                || held
                || needs
        })
    }
}

impl Model for Outbox {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        vec![World {
            items: vec![None; self.items.len()],
            acknowledged: vec![false; self.items.len()],
            refused: vec![false; self.items.len()],
            senders: [Sender::Idle, Sender::Off],
            wire: BTreeSet::new(),
            region: Vec::new(),
            left: self.left,
        }]
    }

    fn actions(&self, world: &World, actions: &mut Vec<Action>) {
        if let Some(n) = world.acknowledged.iter().position(|queued| !queued) {
            // Somebody must be there to type it.
            if world.senders.iter().any(|sender| *sender != Sender::Off) {
                actions.push(Action::Enqueue(n));
            }
        }
        if world.items.iter().flatten().any(|item| !item.durable) {
            actions.push(Action::Sync);
        }
        for sender in 0..2 {
            match world.senders[sender] {
                Sender::Idle => {
                    if self.next_due(world).is_some() {
                        actions.push(Action::Take(sender));
                    }
                }
                Sender::Asked(..) => {
                    // Without an atomic region, a request is over when its connection is.
                    let pending = world.wire.iter().any(|message| message.sender() == sender);
                    if self.atomic || !pending {
                        actions.push(Action::GiveUp(sender));
                    }
                }
                Sender::Off => {
                    let alone = world.senders[1 - sender] == Sender::Off;
                    if alone || self.has(Defect::TwoSenders) {
                        actions.push(Action::Start(sender));
                    }
                }
            }
            if world.senders[sender] != Sender::Off && world.left.crashes > 0 {
                actions.push(Action::Crash(sender));
            }
        }
        for message in &world.wire {
            actions.push(Action::Deliver(*message));
            let is_create = matches!(message, Message::Request { ask: Ask::Create, .. });
            if is_create && world.left.refusals > 0 {
                actions.push(Action::RefuseForGood(*message));
            }
            if self.atomic && world.left.duplicates > 0 {
                actions.push(Action::DeliverAndKeep(*message));
            }
            if world.left.drops > 0 {
                actions.push(Action::Drop(*message));
            }
        }
        for n in 0..self.items.len() {
            let Some(item) = world.items[n] else { continue };
            if world.left.withdrawals > 0 && !item.state.is_final() {
                actions.push(Action::Withdraw(n));
            }
            if world.left.retries > 0 && item.state == State::Quarantined {
                actions.push(Action::Retry(n));
            }
        }
    }

    fn next_state(&self, world: &World, action: Action) -> Option<World> {
        let mut next = world.clone();
        let done = match action {
            Action::Enqueue(n) => {
                next.items[n] = Some(Item {
                    state: State::Ready,
                    ambiguous: false,
                    sent: false,
                    identity: 0,
                    durable: !self.has(Defect::AcknowledgedBeforeDurable),
                });
                next.acknowledged[n] = true;
                // An item that needs one withdrawn meanwhile is refused by the use case.
                let gone =
                    |needed: usize| world.items[needed].is_some_and(|item| item.state == State::Cancelled);
                if self.items[n].1.is_some_and(gone) {
                    self.withdraw(&mut next, n);
                }
                true
            }
            Action::Sync => {
                for item in next.items.iter_mut().flatten() {
                    item.durable = true;
                }
                true
            }
            Action::Take(sender) => self.take(&mut next, sender),
            Action::Deliver(message) => {
                next.wire.remove(&message);
                self.serve(&mut next, message, false);
                true
            }
            Action::DeliverAndKeep(message) => {
                next.left.duplicates -= 1;
                self.serve(&mut next, message, false);
                true
            }
            Action::RefuseForGood(message) => {
                next.left.refusals -= 1;
                next.wire.remove(&message);
                self.serve(&mut next, message, true);
                true
            }
            Action::Drop(message) => {
                next.left.drops -= 1;
                next.wire.remove(&message)
            }
            Action::GiveUp(sender) => {
                let Sender::Asked(n, _) = next.senders[sender] else {
                    return None;
                };
                next.senders[sender] = Sender::Idle;
                let silence = if self.has(Defect::SilenceIsNotSent) {
                    Event::NotSent
                } else {
                    Event::NoReply
                };
                self.apply(&mut next, n, &silence);
                true
            }
            Action::Crash(sender) => {
                next.left.crashes -= 1;
                next.senders[sender] = Sender::Off;
                if !self.atomic {
                    // Its connections end with it.
                    next.wire.retain(|message| message.sender() != sender);
                }
                for item in &mut next.items {
                    if item.is_some_and(|item| !item.durable) {
                        *item = None;
                    }
                }
                true
            }
            Action::Start(sender) => {
                self.start(&mut next, sender);
                true
            }
            Action::Withdraw(n) => {
                next.left.withdrawals -= 1;
                self.withdraw(&mut next, n)
            }
            Action::Retry(n) => {
                next.left.retries -= 1;
                next.refused[n] = false;
                self.apply(&mut next, n, &Event::Retry)
            }
        };
        done.then_some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(LOST, |_, world: &World| {
                (0..world.items.len()).all(|n| match world.items[n] {
                    None => !world.acknowledged[n],
                    Some(item) if item.state == State::Confirmed => {
                        world.region.iter().any(|(there, _)| *there == n)
                    }
                    Some(_) => true,
                })
            }),
            Property::always(TWICE, |_, world: &World| {
                (0..world.items.len())
                    .all(|n| world.region.iter().filter(|(there, _)| *there == n).count() <= 1)
            }),
            Property::always(ORDER, |model, world: &World| {
                let place = |n: usize| world.region.iter().position(|(there, _)| *there == n);
                let withdrawn = |n: usize| world.items[n].is_some_and(|item| item.state == State::Cancelled);
                (0..model.items.len()).all(|later| {
                    let Some(at) = place(later) else { return true };
                    (0..model.items.len()).all(|earlier| {
                        let before = earlier < later && model.items[earlier].0 == model.items[later].0
                            || model.items[later].1 == Some(earlier);
                        !before || withdrawn(earlier) || place(earlier).is_some_and(|first| first < at)
                    })
                })
            }),
            Property::always(WITHDRAWN, |_, world: &World| {
                let withdrawn = |n: usize| world.items[n].is_some_and(|item| item.state == State::Cancelled);
                world.region.iter().all(|(n, _)| !withdrawn(*n))
            }),
            Property::always(STUCK, |model, world: &World| {
                model.delivered(world) || model.goes_on(world)
            }),
            Property::always(REFUSED, |_, world: &World| {
                (0..world.items.len()).all(|n| {
                    !world.refused[n] || world.items[n].is_some_and(|item| item.state == State::Quarantined)
                })
            }),
            Property::sometimes(ALL, |_, world: &World| {
                world
                    .items
                    .iter()
                    .all(|item| item.is_some_and(|item| item.state == State::Confirmed))
            }),
        ]
    }
}

const LOST: &str = "nothing acknowledged is lost";
const TWICE: &str = "nothing arrives twice";
const ORDER: &str = "each conversation arrives in its order, and nothing before what it needs";
const WITHDRAWN: &str = "what was withdrawn never arrives";
const STUCK: &str = "nothing stays that could leave";
const REFUSED: &str = "what was refused for good waits for a person";
const ALL: &str = "everything can be confirmed";

/// Conversation 0 has two items, conversation 1 one; the last needs the one of conversation 1.
const SMALL: &[Wanted] = &[(0, None), (0, None), (1, None)];
const NEEDS: &[Wanted] = &[(0, None), (1, None), (2, Some(0))];
const LARGE: &[Wanted] = &[(0, None), (0, None), (1, None), (2, Some(2))];

const UNKIND: Left = Left {
    crashes: 1,
    drops: 1,
    duplicates: 1,
    refusals: 1,
    withdrawals: 1,
    retries: 1,
};

fn model(items: &[Wanted], atomic: bool, left: Left, defect: Option<Defect>) -> Outbox {
    Outbox {
        items: items.to_vec(),
        atomic,
        left,
        defect,
    }
}

/// The properties that fail.
fn broken(model: Outbox) -> (BTreeSet<&'static str>, usize) {
    let checker = model.checker().threads(2).spawn_bfs().join();
    let found = checker.discoveries();
    let mut broken: BTreeSet<_> = found.keys().copied().filter(|name| *name != ALL).collect();
    if !found.contains_key(ALL) {
        broken.insert(ALL);
    }
    (broken, checker.unique_state_count())
}

#[test]
fn the_rules_hold_against_a_region_that_creates_atomically_and_a_wire_that_does_anything() {
    let none = Left {
        crashes: 0,
        drops: 0,
        duplicates: 0,
        refusals: 0,
        withdrawals: 0,
        retries: 0,
    };
    // Two kinds of accident at a time here; all of them together in `npm run torture`.
    let together = [
        Left {
            crashes: 1,
            duplicates: 1,
            ..none
        },
        Left {
            drops: 1,
            duplicates: 1,
            ..none
        },
        Left {
            refusals: 1,
            retries: 1,
            ..none
        },
        Left {
            crashes: 1,
            withdrawals: 1,
            ..none
        },
    ];
    for left in together {
        let (broken, states) = broken(model(&SMALL[..2], true, left, None));
        assert_eq!(broken, BTreeSet::new());
        assert!(states > 500, "only {states} states were explored");
    }
}

#[test]
fn the_rules_hold_against_a_region_that_does_not_create_atomically() {
    let left = Left {
        crashes: 2,
        drops: 2,
        ..UNKIND
    };
    let (broken, states) = broken(model(&SMALL[..2], false, left, None));
    assert_eq!(broken, BTreeSet::new());
    assert!(states > 2_000, "only {states} states were explored");
}

/// All of it: minutes, for `npm run torture`.
#[test]
#[ignore = "minutes; npm run torture -- model"]
fn the_rules_hold_with_more_conversations_and_more_accidents() {
    let mut states = 0;
    for (items, atomic) in [
        (SMALL, true),
        (NEEDS, true),
        (SMALL, false),
        (NEEDS, false),
        (LARGE, false),
    ] {
        let left = if atomic {
            UNKIND
        } else {
            Left {
                crashes: 2,
                drops: 2,
                ..UNKIND
            }
        };
        let (broken, explored) = broken(model(items, atomic, left, None));
        assert_eq!(broken, BTreeSet::new(), "{items:?}, atomic {atomic}");
        states += explored;
    }
    println!("torture: states={states} broken=0");
}

#[test]
fn every_planted_defect_is_found() {
    use Defect as D;
    let planted = [
        (D::AcknowledgedBeforeDurable, SMALL, true, LOST),
        (D::ConfirmedWhenTaken, SMALL, true, LOST),
        (D::RestartNotNoticed, SMALL, true, STUCK),
        (D::RestartForgets, SMALL, true, LOST),
        (D::NewIdentityOnRepeat, SMALL, true, TWICE),
        (D::Unconditional, SMALL, true, TWICE),
        (D::NoSearch, SMALL, false, TWICE),
        (D::TwoSenders, SMALL, false, TWICE),
        (D::OrderIgnored, SMALL, true, ORDER),
        (D::QuarantineSkipped, SMALL, true, ORDER),
        (D::QuarantineHoldsAll, SMALL, true, STUCK),
        (D::NeedsIgnored, NEEDS, true, ORDER),
        (D::ReplyOfAnother, SMALL, true, LOST),
        (D::SilenceIsNotSent, SMALL, false, TWICE),
        (D::WithdrawnAfterSending, SMALL, true, WITHDRAWN),
        (D::RefusalRetried, SMALL, true, REFUSED),
    ];
    for (defect, items, atomic, expected) in planted {
        // Where a defect is to be found, the search ends at the first finding of that property.
        let checker = model(items, atomic, UNKIND, Some(defect))
            .checker()
            .threads(2)
            .finish_when(stateright::HasDiscoveries::AllOf(
                [expected].into_iter().collect(),
            ))
            .spawn_bfs()
            .join();
        let found = checker.discoveries();
        assert!(
            found.contains_key(expected),
            "{defect:?} was not found; found instead: {:?}",
            found.keys().collect::<Vec<_>>()
        );
    }
}
