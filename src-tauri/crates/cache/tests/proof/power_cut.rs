//! The power fails at any moment: what was acknowledged is there, once, in its order, and nothing half.
//!
//! Real work on a real store is written down by [`crate::disk`]; then, for each cut, the files are made again as a disk may
//! leave them: what was synced is there, each write after the last sync of its file is there, missing, or torn at a sector's
//! edge, in any combination. The store is opened on them and must hold exactly what stood after the last acknowledged step,
//! or after the one that was under way.

use std::path::Path;

use cache::{OpenError, UserStore};

use crate::disk::{Op, Part, Watch};
use crate::work::{Chance, Held, copy, folder, step};
use crate::{at, create, keys, share};

const SECTOR: usize = 512;
/// Cuts of one recorded stretch of work.
const CUTS_OF_ONE: u64 = 100;
const STEPS: usize = 150;

/// A stretch of work as the disk saw it.
struct Recorded {
    /// The files before it.
    base: tempfile::TempDir,
    ops: Vec<Op>,
    /// What the store held before the first step and after each.
    held: Vec<Held>,
}

fn record(seed: u64, careless: bool) -> Recorded {
    let (base, live) = (folder(), folder());
    create(base.path()).close();
    copy(base.path(), live.path());
    let watch = Watch::over(live.path());
    if careless {
        watch.make_careless();
    }
    watch.record();
    let mut chance = Chance(seed);
    let mut held = vec![Held::default()];
    let mut store = crate::open(live.path());
    for number in 0..STEPS {
        // The program ends and starts again: the log is brought in and removed.
        if number > 0 && chance.below(60) == 0 {
            store.close();
            store = crate::open(live.path());
            let last = held.pop().unwrap().restarted();
            held.push(last);
        }
        let (after, done) = step(&store, &mut chance, number, held.last().unwrap());
        done.unwrap();
        held.push(after);
        watch.acknowledged(number + 1);
    }
    store.close();
    Recorded {
        base,
        ops: watch.ops(),
        held,
    }
}

/// One file as a disk may leave it.
#[derive(Clone, Default)]
struct Image {
    durable: Option<Vec<u8>>,
    pending: Vec<Op>,
}

impl Image {
    fn apply(content: &mut Option<Vec<u8>>, op: &Op, chance: Option<&mut Chance>) {
        match op {
            Op::Write { offset, bytes, .. } => {
                let content = content.get_or_insert_default();
                if content.len() < offset + bytes.len() {
                    content.resize(offset + bytes.len(), 0);
                }
                let Some(chance) = chance else {
                    content[*offset..offset + bytes.len()].copy_from_slice(bytes);
                    return;
                };
                // Torn: of the sectors it touches some are there. Sectors are the disk's, not the write's.
                let mut at = 0;
                while at < bytes.len() {
                    let end = bytes.len().min(at + SECTOR - (offset + at) % SECTOR);
                    if chance.below(2) == 0 {
                        content[offset + at..offset + end].copy_from_slice(&bytes[at..end]);
                    }
                    at = end;
                }
            }
            Op::Truncate { size, .. } => {
                if let Some(content) = content {
                    content.truncate(*size);
                }
            }
            Op::Delete { .. } => *content = None,
            Op::Sync { .. } | Op::Acknowledged(_) => {}
        }
    }

    fn sync(&mut self) {
        for op in std::mem::take(&mut self.pending) {
            Self::apply(&mut self.durable, &op, None);
        }
    }

    /// What is found after the cut: three ways for what was not synced, so that each is met often.
    fn after_cut(mut self, chance: &mut Chance) -> Option<Vec<u8>> {
        let way = chance.below(4);
        let kept = chance.below(self.pending.len() + 1);
        for (n, op) in self.pending.iter().enumerate() {
            match way {
                // Nothing of it.
                0 => {}
                // In order up to one, and that one torn.
                1 if n < kept => Self::apply(&mut self.durable, op, None),
                1 if n == kept => Self::apply(&mut self.durable, op, Some(chance)),
                1 => {}
                // Any of them.
                2 if chance.below(2) == 0 => Self::apply(&mut self.durable, op, None),
                2 => {}
                // Any of them, torn or whole.
                _ => match chance.below(3) {
                    0 => Self::apply(&mut self.durable, op, None),
                    1 => Self::apply(&mut self.durable, op, Some(chance)),
                    _ => {}
                },
            }
        }
        self.durable
    }
}

/// The files after a cut before operation `at`, and the last acknowledged step.
fn cut(recorded: &Recorded, at: usize, chance: &mut Chance, into: &Path) -> usize {
    copy(recorded.base.path(), into);
    let mut files = [Part::Database, Part::Log].map(|part| Image {
        durable: std::fs::read(into.join(name(part))).ok(),
        pending: Vec::new(),
    });
    let mut acknowledged = 0;
    for op in &recorded.ops[..at] {
        match op {
            Op::Acknowledged(number) => acknowledged = *number,
            Op::Sync { part } => files[index(*part)].sync(),
            Op::Delete { part, synced } => {
                files[index(*part)].pending.push(op.clone());
                if *synced {
                    files[index(*part)].sync();
                }
            }
            Op::Write { part, .. } | Op::Truncate { part, .. } => {
                files[index(*part)].pending.push(op.clone())
            }
        }
    }
    for (part, file) in [Part::Database, Part::Log].into_iter().zip(files) {
        let path = into.join(name(part));
        match file.after_cut(chance) {
            Some(bytes) => std::fs::write(path, bytes).unwrap(),
            None => drop(std::fs::remove_file(path)),
        }
    }
    acknowledged
}

fn name(part: Part) -> &'static str {
    match part {
        Part::Database => "outbox.db",
        Part::Log => "outbox.db-wal",
    }
}

fn index(part: Part) -> usize {
    match part {
        Part::Database => 0,
        Part::Log => 1,
    }
}

enum Found {
    /// Exactly what was acknowledged, or one step more.
    Whole,
    /// What stood some steps earlier: acknowledged work is gone.
    Lost,
    /// The store says that it is damaged.
    SetAside,
}

fn judge(recorded: &Recorded, acknowledged: usize, dir: &Path) -> Found {
    let store = match UserStore::open(dir, &keys(), at(0)) {
        Ok((store, _)) => store,
        Err(OpenError::SetAside(_)) => return Found::SetAside,
        Err(other) => panic!("after a power cut: {other}"),
    };
    let found = Held::of(&store).unwrap();
    let is = |number: usize| {
        recorded
            .held
            .get(number)
            .is_some_and(|held| held.clone().restarted() == found)
    };
    if is(acknowledged) || is(acknowledged + 1) {
        return Found::Whole;
    }
    assert!(
        (0..acknowledged).any(is),
        "what is found after step {acknowledged} never stood: {} items",
        found.count()
    );
    Found::Lost
}

/// Cuts, losses, and stores set aside.
fn run(cuts: std::ops::Range<u64>, careless: bool) -> (u64, u64, u64) {
    let (mut done, mut lost, mut aside) = (0, 0, 0);
    let mut recorded: Option<(u64, Recorded)> = None;
    for number in cuts {
        let stretch = number / CUTS_OF_ONE;
        if recorded.as_ref().is_none_or(|(of, _)| *of != stretch) {
            recorded = Some((stretch, record(0xC0FFEE ^ stretch, careless)));
        }
        let recorded = &recorded.as_ref().unwrap().1;
        let mut chance = Chance(number.wrapping_mul(0x5851_F42D_4C95_7F2D));
        let at = chance.below(recorded.ops.len() + 1);
        let dir = folder();
        let acknowledged = cut(recorded, at, &mut chance, dir.path());
        match judge(recorded, acknowledged, dir.path()) {
            Found::Whole => {}
            Found::Lost => lost += 1,
            Found::SetAside => aside += 1,
        }
        assert!(
            careless || (lost, aside) == (0, 0),
            "cut {number}, before operation {at} of {}: lost {lost}, set aside {aside}",
            recorded.ops.len()
        );
        done += 1;
    }
    (done, lost, aside)
}

#[test]
fn nothing_acknowledged_is_lost_by_a_power_cut() {
    let (cuts, lost, aside) = run(share(150), false);
    println!("torture: cuts={cuts} lost={lost} set_aside={aside}");
}

#[test]
fn a_store_that_does_not_sync_at_each_commit_is_seen_to_lose() {
    let (cuts, lost, aside) = run(0..60, true);
    assert!(
        lost > 5,
        "of {cuts} cuts {lost} lost something, {aside} were set aside"
    );
}

#[test]
fn the_recorded_work_meets_checkpoints_and_ends_of_the_log() {
    let recorded = record(0xC0FFEE, false);
    let count = |holds: fn(&Op) -> bool| recorded.ops.iter().filter(|op| holds(op)).count();
    let database = count(|op| {
        matches!(
            op,
            Op::Write {
                part: Part::Database,
                ..
            }
        )
    });
    assert!(database > 100, "the log was brought in: {database} writes");
    assert!(count(|op| matches!(op, Op::Sync { part: Part::Database })) > 1);
    assert!(count(|op| matches!(op, Op::Sync { part: Part::Log })) > STEPS / 2);
    assert!(
        count(|op| matches!(
            op,
            Op::Truncate { part: Part::Log, .. } | Op::Delete { part: Part::Log, .. }
        )) > 0
    );
    assert!(recorded.held.last().unwrap().count() > 40);
}
