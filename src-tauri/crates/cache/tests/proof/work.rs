//! Work on a store, one transaction a step, with what must be in it after each: what the rigs interrupt and compare.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cache::{AuditAction, AuditEntry, AuditVerdict, Event, Jitter, State, StoreError, UserStore};

use crate::{at, item};

/// A small generator of chance, the same on every machine (SplitMix64).
#[derive(Clone)]
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).unwrap()
    }
}

const CONVERSATIONS: usize = 3;

/// What a store holds, as far as the work goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Held {
    /// By conversation, in order: the request's body and the state.
    items: BTreeMap<String, Vec<(String, State)>>,
    drafts: BTreeMap<String, Vec<u8>>,
    audited: i64,
}

impl Held {
    /// Reads a store.
    pub(crate) fn of(store: &UserStore) -> Result<Self, StoreError> {
        let mut held = Self::default();
        for n in 0..CONVERSATIONS {
            let conversation = format!("c{n}");
            let items = store.outbox.items_of(&format!("subject-of-{conversation}"))?;
            let mut last = 0;
            let mut found = Vec::new();
            for item in items {
                assert!(item.seq > last, "out of order");
                last = item.seq;
                found.push((String::from_utf8(item.request.body).unwrap(), item.progress.state));
            }
            if !found.is_empty() {
                held.items.insert(conversation, found);
            }
            let draft = format!("draft {n}");
            if let Some(kept) = store.outbox.draft_load(&draft)? {
                held.drafts.insert(draft, kept.body);
            }
        }
        match store.outbox.audit_verify()? {
            AuditVerdict::Whole { rows } => held.audited = rows,
            other => panic!("the access register: {other:?}"),
        }
        Ok(held)
    }

    /// As it is found after a start: what was being sent may have arrived and is ready again.
    pub(crate) fn restarted(mut self) -> Self {
        for (_, state) in self.items.values_mut().flatten() {
            if *state == State::Sending {
                *state = State::Ready;
            }
        }
        self
    }

    pub(crate) fn count(&self) -> usize {
        self.items.values().map(Vec::len).sum()
    }
}

/// Does one step of work, one transaction; what the store must hold when it returns `Ok`.
pub(crate) fn step(
    store: &UserStore,
    chance: &mut Chance,
    number: usize,
    before: &Held,
) -> (Held, Result<(), StoreError>) {
    let mut after = before.clone();
    let now = at(i64::try_from(number).unwrap() * 1000);
    let done = match chance.below(10) {
        0..=4 => {
            let conversation = format!("c{}", chance.below(CONVERSATIONS));
            let body = format!("{number} ").repeat(1 + chance.below(6000));
            after
                .items
                .entry(conversation.clone())
                .or_default()
                .push((body.clone(), State::Ready));
            store.outbox.commit(now, move |step| {
                step.enqueue(item(&conversation, &body)).map(|_| ())
            })
        }
        5 | 6 => {
            let draft = format!("draft {}", chance.below(CONVERSATIONS));
            let body = format!("text {number} ")
                .repeat(1 + chance.below(400))
                .into_bytes();
            let kept = body.clone();
            after.drafts.insert(draft.clone(), kept);
            store.outbox.commit(now, move |step| {
                step.draft_put(&draft, "report", &body).map(|_| ())
            })
        }
        7 => {
            after.audited += 1;
            let entry = AuditEntry {
                actor: "a".into(),
                action: AuditAction::PatientOpened,
                subject: number.to_string(),
            };
            store.outbox.audit(entry, now)
        }
        _ => send(store, now, chance.below(4), &mut after),
    };
    (after, done)
}

/// Takes the next item, or tells the one that was taken what happened to it.
fn send(store: &UserStore, now: jiff::Timestamp, answer: usize, after: &mut Held) -> Result<(), StoreError> {
    let sending = store
        .outbox
        .queue()?
        .into_iter()
        .find(|line| line.state == State::Sending);
    let (id, conversation, state) = match sending {
        Some(line) => {
            let event = match answer {
                0 => Event::NoReply,
                _ => Event::Reply {
                    status: 201,
                    retry_after: None,
                    etag: None,
                    receipt: b"done".to_vec(),
                },
            };
            let told = store.outbox.apply(line.id, event, now, Jitter(0))?;
            (told.id, told.conversation, told.progress.state)
        }
        None => match store.outbox.take_next(now)? {
            Some(taken) => (taken.id, taken.conversation, taken.progress.state),
            None => return Ok(()),
        },
    };
    let body = String::from_utf8(store.outbox.item(id)?.request.body).unwrap();
    let items = after.items.get_mut(&conversation).unwrap();
    items.iter_mut().find(|(kept, _)| *kept == body).unwrap().1 = state;
    Ok(())
}

/// A folder in memory where there is one: the rigs make thousands.
pub(crate) fn folder() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    let base: PathBuf = if memory.is_dir() {
        memory.into()
    } else {
        std::env::temp_dir()
    };
    tempfile::Builder::new()
        .prefix("postazione-proof")
        .tempdir_in(base)
        .unwrap()
}

/// Copies the files of a store, not its attachments.
pub(crate) fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_file() {
            std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}
