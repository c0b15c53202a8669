//! The disk is full at any write: a typed refusal, nothing acknowledged lost, nothing refused kept, and with room again the
//! work goes on where it was.

use cache::{OpenError, StoreError, UserStore};

use crate::disk::Watch;
use crate::work::{Chance, Held, copy, folder, step};
use crate::{at, create, keys, share};

const FIRST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/outbox-20261121.db");

/// How long the disk stays full: one write, a few, or until somebody makes room.
fn span(point: u64) -> i64 {
    [1, 4, i64::MAX][usize::try_from(point % 3).unwrap()]
}

/// Work on a store whose disk fills up at a write; true when it was met.
fn work_meets_a_full_disk(point: u64) -> bool {
    let dir = folder();
    create(dir.path()).close();
    let watch = Watch::over(dir.path());
    let store = crate::open(dir.path());
    let mut chance = Chance(point / 250);
    let mut held = Held::default();
    let mut number = 0;
    // Some work with room, so that there is something to lose.
    while number < 12 {
        let (after, done) = step(&store, &mut chance, number, &held);
        done.unwrap();
        held = after;
        number += 1;
    }
    watch.full_after(i64::try_from(point % 250).unwrap(), span(point));
    while number < 40 {
        let (after, done) = step(&store, &mut chance, number, &held);
        match done {
            Ok(()) => held = after,
            Err(StoreError::DiskFull) => {}
            Err(other) => panic!("point {point}, step {number}: {other:?}"),
        }
        number += 1;
    }
    let met = watch.refusals.load(std::sync::atomic::Ordering::SeqCst) > 0;
    assert_eq!(Held::of(&store).unwrap(), held, "point {point}: while it runs");
    watch.freed();
    while number < 46 {
        let (after, done) = step(&store, &mut chance, number, &held);
        done.unwrap();
        held = after;
        number += 1;
    }
    store.close();
    let store = crate::open(dir.path());
    assert_eq!(
        Held::of(&store).unwrap(),
        held.restarted(),
        "point {point}: opened again"
    );
    met
}

/// Opening meets a full disk: with a log to bring in, with a schema to bring up, with nothing there yet.
fn opening_meets_a_full_disk(point: u64) -> bool {
    let (source, dir) = (folder(), folder());
    let kind = point % 3;
    let mut expected = None;
    match kind {
        0 => {
            let store = create(source.path());
            let mut held = Held::default();
            let mut chance = Chance(point);
            for number in 0..10 {
                let (after, done) = step(&store, &mut chance, number, &held);
                done.unwrap();
                held = after;
            }
            // As a crash leaves it.
            copy(source.path(), dir.path());
            expected = Some(held.restarted());
        }
        1 => drop(std::fs::copy(FIRST, dir.path().join("outbox.db")).unwrap()),
        _ => {}
    }
    let watch = Watch::over(dir.path());
    watch.full_after(i64::try_from(point / 3 % 60).unwrap(), span(point / 3));
    let opened = if kind == 2 {
        UserStore::create(dir.path(), &keys(), at(0))
    } else {
        UserStore::open(dir.path(), &keys(), at(0))
    };
    let met = watch.refusals.load(std::sync::atomic::Ordering::SeqCst) > 0;
    match opened {
        Ok((store, _)) => store.close(),
        Err(OpenError::Disk(std::io::ErrorKind::StorageFull)) => assert!(met),
        Err(other) => panic!("point {point}: {other:?}"),
    }
    watch.freed();
    let store = match UserStore::open(dir.path(), &keys(), at(0)) {
        Ok((store, _)) => store,
        Err(OpenError::Absent) if kind == 2 => create(dir.path()),
        Err(other) => panic!("point {point}, with room again: {other:?}"),
    };
    match expected {
        Some(expected) => assert_eq!(Held::of(&store).unwrap(), expected, "point {point}"),
        None if kind == 1 => assert_eq!(store.outbox.queue().unwrap().len(), 1, "point {point}"),
        None => assert_eq!(store.outbox.queue().unwrap(), [], "point {point}"),
    }
    met
}

#[test]
fn a_full_disk_loses_nothing_and_is_said() {
    let points = share(24);
    let (mut done, mut met) = (0, 0);
    // Each of the first writes of a schema that is brought up: it is done whole or not at all.
    for write in 0..18 {
        met += u64::from(opening_meets_a_full_disk(3 * write + 1));
        done += 1;
    }
    for point in points {
        // Spread over the writes of the work, whichever part of them is asked for.
        let spread = point.wrapping_mul(97) % 250 + point / 250 * 250;
        met += u64::from(work_meets_a_full_disk(spread));
        met += u64::from(opening_meets_a_full_disk(point));
        done += 2;
    }
    println!("torture: points={done} met={met} lost=0");
    assert!(met * 3 > done, "of {done} points only {met} met a full disk");
}
