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
