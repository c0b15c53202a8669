//! A log that is not the store's own: cut, of another store, or of another time. Typed and set aside, never taken for whole.
//!
//! What a flipped bit, a plaintext substitute and a newer schema do is in `tests/store/opening.rs`.

use std::path::Path;

use cache::{OpenError, SecretKey, StoreKeys, UserStore};

use crate::work::{copy, folder};
use crate::{at, create, item, keys};

fn enqueue(store: &UserStore, from: i64, to: i64) {
    for n in from..to {
        let body = format!("{n} ").repeat(200);
        store
            .outbox
            .commit(at(n), move |step| {
                step.enqueue(item(&format!("c{}", n % 3), &body))
            })
            .unwrap();
    }
}

/// The files of a store that holds items `from..to` beyond those before, as a crash leaves them: the log is not brought in.
fn crashed(from: &Path, count: (i64, i64)) -> tempfile::TempDir {
    let (live, left) = (folder(), folder());
    copy(from, live.path());
    let store = crate::open(live.path());
    enqueue(&store, count.0, count.1);
    copy(live.path(), left.path());
    std::fs::remove_file(left.path().join("outbox.db-shm")).unwrap();
    left
}

#[test]
fn a_log_of_another_store_is_never_taken_for_ones_own() {
    let base = folder();
    create(base.path()).close();
    let own = crashed(base.path(), (0, 8));
    let other = folder();
    let other_keys = StoreKeys {
        outbox: SecretKey::new([0x55; 32]),
        ..keys()
    };
    let (store, _) = UserStore::create(other.path(), &other_keys, at(0)).unwrap();
    enqueue(&store, 0, 30);
    std::fs::copy(
        other.path().join("outbox.db-wal"),
        own.path().join("outbox.db-wal"),
    )
    .unwrap();
    let found = UserStore::open(own.path(), &keys(), at(0));
    let Err(OpenError::SetAside(aside)) = found else {
        panic!("expected it set aside: {found:?}")
    };
    assert!(aside.file.exists());
}

/// Set aside with nothing of the database changed.
fn set_aside(dir: &Path, what: &str) {
    let before = std::fs::read(dir.join("outbox.db")).unwrap();
    match UserStore::open(dir, &keys(), at(0)) {
        Err(OpenError::SetAside(aside)) => {
            assert_eq!(
                std::fs::read(&aside.file).unwrap(),
                before,
                "{what}: the database was changed"
            );
        }
        other => panic!("{what}: expected it set aside, got {other:?}"),
    }
    let found = UserStore::open(dir, &keys(), at(0));
    assert!(matches!(found, Err(OpenError::Absent)), "{what}: {found:?}");
    let (fresh, _) = UserStore::create(dir, &keys(), at(0)).unwrap();
    assert_eq!(
        fresh.outbox.queue().unwrap(),
        [],
        "{what}: a new one begins beside it"
    );
    enqueue(&fresh, 0, 2);
    fresh.close();
    assert_eq!(
        crate::open(dir).outbox.queue().unwrap().len(),
        2,
        "{what}: and stands"
    );
}

#[test]
fn a_log_that_lost_its_end_after_it_was_acknowledged_is_noticed() {
    let base = folder();
    create(base.path()).close();
    let own = crashed(base.path(), (0, 8));
    let log = std::fs::read(own.path().join("outbox.db-wal")).unwrap();
    let cuts = (0..log.len())
        .step_by(log.len() / 24)
        .chain([1, log.len() - 1, log.len() - 4096]);
    for length in cuts {
        let dir = folder();
        copy(own.path(), dir.path());
        std::fs::write(dir.path().join("outbox.db-wal"), &log[..length]).unwrap();
        set_aside(
            dir.path(),
            &format!("a log of {length} bytes out of {}", log.len()),
        );
    }
    let dir = folder();
    copy(own.path(), dir.path());
    std::fs::remove_file(dir.path().join("outbox.db-wal")).unwrap();
    set_aside(dir.path(), "no log");
    let whole = crate::open(own.path());
    assert_eq!(whole.outbox.queue().unwrap().len(), 8, "whole, it is whole");
}

#[test]
fn a_log_of_another_time_is_noticed_and_does_not_touch_the_database() {
    let base = folder();
    create(base.path()).close();
    let early = crashed(base.path(), (0, 8));
    // What was in that log is in the database now, and more has come after it.
    let later = folder();
    copy(early.path(), later.path());
    let store = crate::open(later.path());
    enqueue(&store, 8, 16);
    store.close();
    std::fs::copy(
        early.path().join("outbox.db-wal"),
        later.path().join("outbox.db-wal"),
    )
    .unwrap();
    set_aside(later.path(), "a log of an earlier day");

    // And the database of an earlier day, under the log and the mark of today.
    let today = crashed(later_of(&early).path(), (8, 12));
    std::fs::copy(base.path().join("outbox.db"), today.path().join("outbox.db")).unwrap();
    let found = UserStore::open(today.path(), &keys(), at(0));
    assert!(matches!(found, Err(OpenError::SetAside(_))), "{found:?}");
}

/// A store in order, with what a crashed one held.
fn later_of(crashed: &tempfile::TempDir) -> tempfile::TempDir {
    let dir = folder();
    copy(crashed.path(), dir.path());
    crate::open(dir.path()).close();
    dir
}

#[test]
fn a_mark_that_is_old_spoiled_or_missing_accuses_nobody() {
    let base = folder();
    create(base.path()).close();
    let old = std::fs::read(base.path().join("outbox.db-mark")).unwrap();
    let own = crashed(base.path(), (0, 8));
    let mut flipped = std::fs::read(own.path().join("outbox.db-mark")).unwrap();
    flipped[15] ^= 0x40;
    for (what, mark) in [
        ("old", Some(old)),
        ("spoiled", Some(flipped)),
        ("empty", Some(Vec::new())),
        ("missing", None),
    ] {
        let dir = folder();
        copy(own.path(), dir.path());
        let path = dir.path().join("outbox.db-mark");
        match mark {
            Some(bytes) => std::fs::write(path, bytes).unwrap(),
            None => std::fs::remove_file(path).unwrap(),
        }
        assert_eq!(crate::open(dir.path()).outbox.queue().unwrap().len(), 8, "{what}");
    }
}
