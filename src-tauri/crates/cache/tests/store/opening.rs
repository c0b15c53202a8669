//! Every way in which a store can be found, and what is done about it: typed, and never silent.

use std::fs;
use std::path::Path;

use cache::{CacheCondition, OpenError, SecretKey, State, StoreError, StoreKeys, UserStore};

use crate::{at, create, item, keys, open, raw};

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_file() {
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

fn flip(path: &Path, offset: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[offset] ^= 0x10;
    fs::write(path, bytes).unwrap();
}

fn filled(dir: &Path) {
    let store = create(dir);
    for n in 0..30 {
        let body = format!("body {n} ").repeat(300);
        store
            .outbox
            .commit(at(n), move |step| step.enqueue(item(&format!("c{n}"), &body)))
            .unwrap();
        store
            .outbox
            .draft_save(&format!("d{n}"), "report", 0, vec![b'x'; 3000], at(n))
            .unwrap();
    }
    // Their pages are free now: damage there is damage too.
    store
        .outbox
        .commit(at(99), |step| {
            (0..8).try_for_each(|n| step.draft_discard(&format!("d{n}")))
        })
        .unwrap();
    store.close();
}

#[test]
fn nothing_is_created_by_opening() {
    let dir = tempfile::tempdir().unwrap();
    let missing = dir.path().join("nobody");
    assert!(matches!(
        UserStore::open(&missing, &keys(), at(0)),
        Err(OpenError::Absent)
    ));
    assert!(!missing.exists());
    assert!(matches!(
        UserStore::open(dir.path(), &keys(), at(0)),
        Err(OpenError::Absent)
    ));
    assert!(!dir.path().join("outbox.db").exists());
}

#[test]
fn a_store_is_created_once() {
    let dir = tempfile::tempdir().unwrap();
    create(dir.path()).close();
    assert!(matches!(
        UserStore::create(dir.path(), &keys(), at(0)),
        Err(OpenError::AlreadyThere)
    ));
}

#[test]
fn two_processes_never_share_a_queue() {
    let dir = tempfile::tempdir().unwrap();
    let store = create(dir.path());
    assert!(matches!(
        UserStore::open(dir.path(), &keys(), at(0)),
        Err(OpenError::InUse)
    ));
    store.close();
    open(dir.path());
}

#[test]
fn a_wrong_key_is_named_and_touches_nothing() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path());
    let before = fs::read(dir.path().join("outbox.db")).unwrap();
    let wrong = StoreKeys {
        outbox: SecretKey::new([0x99; 32]),
        ..keys()
    };
    assert!(matches!(
        UserStore::open(dir.path(), &wrong, at(0)),
        Err(OpenError::WrongKey)
    ));
    assert_eq!(
        fs::read(dir.path().join("outbox.db")).unwrap(),
        before,
        "not a byte changed"
    );
    assert_eq!(
        open(dir.path()).outbox.queue().unwrap().len(),
        30,
        "the right key still opens it"
    );
}

#[test]
fn a_database_in_the_clear_is_foreign() {
    let dir = tempfile::tempdir().unwrap();
    create(dir.path()).close();
    let path = dir.path().join("outbox.db");
    fs::remove_file(&path).unwrap();
    rusqlite::Connection::open(&path)
        .unwrap()
        .execute_batch("CREATE TABLE outbox_item (id)")
        .unwrap();
    let before = fs::read(&path).unwrap();
    assert!(matches!(
        UserStore::open(dir.path(), &keys(), at(0)),
        Err(OpenError::Foreign)
    ));
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn something_else_altogether_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    create(dir.path()).close();
    let path = dir.path().join("outbox.db");
    let page = b"<html>accesso alla rete</html>".repeat(400);
    fs::write(&path, &page).unwrap();
    assert!(matches!(
        UserStore::open(dir.path(), &keys(), at(0)),
        Err(OpenError::WrongKey)
    ));
    assert_eq!(fs::read(&path).unwrap(), page);
}

#[test]
fn a_newer_schema_is_named_and_touches_nothing() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path());
    let sql = "INSERT INTO refinery_schema_history VALUES (20991231, 'later', '2099-12-31T00:00:00Z', '1')";
    let later = raw(dir.path());
    later.execute(sql, []).unwrap();
    later.close().unwrap();
    match UserStore::open(dir.path(), &keys(), at(0)) {
        Err(OpenError::NewerSchema {
            found: 20991231,
            known,
        }) => assert!(known < 20991231),
        other => panic!("expected a newer schema, got {other:?}"),
    }
    assert!(
        dir.path().join("outbox.db").exists(),
        "a newer outbox is not set aside: it is whole"
    );
}

#[test]
fn a_bit_flipped_in_any_page_sets_the_outbox_aside() {
    let source = tempfile::tempdir().unwrap();
    filled(source.path());
    let bytes = fs::read(source.path().join("outbox.db")).unwrap();
    let pages = bytes.len() / 4096;
    assert!(
        pages > 30,
        "the test wants tables, indexes and overflow pages, got {pages}"
    );
    for page in 0..pages {
        let dir = tempfile::tempdir().unwrap();
        copy(source.path(), dir.path());
        // Beyond the salt on the first page; elsewhere another place on each page.
        flip(
            &dir.path().join("outbox.db"),
            page * 4096 + 16 + (page * 97) % 4000,
        );
        let spoiled = fs::read(dir.path().join("outbox.db")).unwrap();
        let aside = match UserStore::open(dir.path(), &keys(), at(0)) {
            Err(OpenError::SetAside(aside)) => aside,
            other => panic!("page {page}: expected it set aside, got {other:?}"),
        };
        assert_eq!(
            fs::read(&aside.file).unwrap(),
            spoiled,
            "page {page}: nothing of it was changed"
        );
        assert!(
            matches!(
                UserStore::open(dir.path(), &keys(), at(0)),
                Err(OpenError::Absent)
            ),
            "page {page}"
        );
        let (fresh, _) = UserStore::create(dir.path(), &keys(), at(0)).unwrap();
        assert_eq!(
            fresh.outbox.queue().unwrap(),
            [],
            "a new one begins empty and beside"
        );
        assert!(aside.file.exists());
    }
}

#[test]
fn what_was_unsent_is_reported_when_it_can_be_read() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path());
    // The last page holds a draft, not the queue.
    let path = dir.path().join("outbox.db");
    let length = fs::read(&path).unwrap().len();
    flip(&path, length - 100);
    let Err(OpenError::SetAside(aside)) = UserStore::open(dir.path(), &keys(), at(0)) else {
        panic!("not set aside")
    };
    let unsent = aside.unsent.expect("the queue's pages are whole");
    assert_eq!(unsent.len(), 30);
    assert!(unsent.iter().any(|line| line.subject == "subject-of-c7"));
}

#[test]
fn the_salt_can_be_lost_without_losing_anything() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path());
    let path = dir.path().join("outbox.db");
    let salt = fs::read(&path).unwrap()[..16].to_vec();
    flip(&path, 3);
    let store = open(dir.path());
    assert_eq!(store.outbox.queue().unwrap().len(), 30);
    store.close();
    assert_eq!(fs::read(&path).unwrap()[..16], salt, "and it is put back");
}

#[test]
fn a_spoiled_log_is_told_from_one_cut_short() {
    let source = tempfile::tempdir().unwrap();
    let store = create(source.path());
    for n in 0..12 {
        store
            .outbox
            .commit(at(n), move |step| step.enqueue(item("c", &n.to_string())))
            .unwrap();
    }
    // As a crash leaves it: the log has not been brought in.
    let crashed = tempfile::tempdir().unwrap();
    copy(source.path(), crashed.path());
    store.close();
    let log = fs::read(crashed.path().join("outbox.db-wal")).unwrap();
    let frame = 24 + 4096;
    let frames = (log.len() - 32) / frame;
    // The last frame of each transaction says how large the database is.
    let commits: Vec<usize> = (0..frames)
        .filter(|n| log[32 + n * frame + 4..32 + n * frame + 8] != [0; 4])
        .collect();
    assert!(commits.len() >= 12, "every commit is still in the log");
    // A power cut takes the mark too, which is not synced; where it stands, a log cut short is noticed (`tests/proof`).
    fs::remove_file(crashed.path().join("outbox.db-mark")).unwrap();
    let open_with = |bytes: &[u8]| {
        let dir = tempfile::tempdir().unwrap();
        copy(crashed.path(), dir.path());
        fs::remove_file(dir.path().join("outbox.db-shm")).unwrap();
        fs::write(dir.path().join("outbox.db-wal"), bytes).unwrap();
        UserStore::open(dir.path(), &keys(), at(0)).map(|(store, _)| store.outbox.queue().unwrap().len())
    };
    assert_eq!(open_with(&log).unwrap(), 12, "a crash alone loses nothing");
    let last_acknowledged = commits[commits.len() - 2];
    for n in 0..=last_acknowledged {
        // In the frame's own header (page, size, checksum) and in the page.
        for offset in [2, 20, 24 + (n * 131) % 4096] {
            let mut bytes = log.clone();
            bytes[32 + n * frame + offset] ^= 4;
            let found = open_with(&bytes);
            assert!(
                matches!(found, Err(OpenError::SetAside(_))),
                "frame {n} of {frames}, byte {offset}: {found:?}"
            );
        }
    }
    for offset in [9, 20, 26] {
        let mut bytes = log.clone();
        bytes[offset] ^= 4;
        let found = open_with(&bytes);
        // A spoiled page size or salt makes it another log altogether: not told, and not mistaken either.
        assert!(
            matches!(found, Err(OpenError::SetAside(_))) || offset != 26,
            "header byte {offset}: {found:?}"
        );
    }
    // Cut anywhere inside the last transaction, as a power cut does: what was acknowledged before it is there.
    for cut in [1, 100, 4096, frame] {
        assert_eq!(
            open_with(&log[..log.len() - cut]).unwrap(),
            11,
            "{cut} bytes short"
        );
    }
    let mut torn = log.clone();
    let inside = 32 + (last_acknowledged + 1) * frame + 300;
    torn[inside..inside + 512].fill(0);
    assert_eq!(
        open_with(&torn).unwrap(),
        11,
        "a page of the last transaction never reached the disk"
    );
}

#[test]
fn a_truncated_outbox_is_set_aside() {
    for keep in [0, 10, 100, 4096, 4096 * 5, 4096 * 5 + 7] {
        let dir = tempfile::tempdir().unwrap();
        filled(dir.path());
        let file = fs::File::options()
            .write(true)
            .open(dir.path().join("outbox.db"))
            .unwrap();
        file.set_len(keep).unwrap();
        drop(file);
        let found = UserStore::open(dir.path(), &keys(), at(0));
        assert!(
            matches!(found, Err(OpenError::SetAside(_))),
            "cut to {keep} bytes: {found:?}"
        );
    }
}

#[test]
fn a_cache_is_rebuilt_whatever_became_of_it() {
    type Spoil = fn(&Path);
    let spoil: [(&str, Spoil); 5] = [
        ("cut", |p| fs::write(p, b"").unwrap()),
        ("first page", |p| flip(p, 2000)),
        ("foreign", |p| {
            fs::write(p, [b"SQLite format 3\0".as_slice(), &[0; 9000]].concat()).unwrap()
        }),
        ("other key", |p| fs::write(p, [7u8; 9000]).unwrap()),
        ("gone", |p| fs::remove_file(p).unwrap()),
    ];
    for (name, spoil) in spoil {
        let dir = tempfile::tempdir().unwrap();
        filled(dir.path());
        spoil(&dir.path().join("cache.db"));
        let (store, report) = UserStore::open(dir.path(), &keys(), at(0)).unwrap();
        let expected = if name == "gone" {
            CacheCondition::New
        } else {
            CacheCondition::Rebuilt
        };
        assert_eq!(report.cache, expected, "{name}");
        assert_eq!(
            store.outbox.queue().unwrap().len(),
            30,
            "{name}: the outbox is not touched"
        );
        assert_eq!(
            store.replica.cursor("agenda").unwrap(),
            None,
            "{name}: an empty copy, to be fetched"
        );
    }
}

#[test]
fn damage_found_while_reading_the_cache_is_typed_and_heals_at_the_next_opening() {
    let source = tempfile::tempdir().unwrap();
    let store = create(source.path());
    store
        .replica
        .apply(at(0), |batch| {
            for n in 0..200 {
                batch.put_patient(&crate::replica::patient(n))?;
            }
            Ok::<_, StoreError>(())
        })
        .unwrap();
    store.close();
    let pages = fs::read(source.path().join("cache.db")).unwrap().len() / 4096;
    let mut found = 0;
    for page in 1..pages {
        let dir = tempfile::tempdir().unwrap();
        copy(source.path(), dir.path());
        flip(&dir.path().join("cache.db"), page * 4096 + 50);
        let (store, report) = UserStore::open(dir.path(), &keys(), at(0)).unwrap();
        if report.cache == CacheCondition::Rebuilt {
            continue;
        }
        let damaged = (0..200).any(|n| {
            let read = store.replica.patient(&crate::replica::patient(n).id);
            match read {
                Ok(patient) => {
                    assert_eq!(
                        patient,
                        Some(crate::replica::patient(n)),
                        "page {page}: never a wrong patient"
                    );
                    false
                }
                Err(StoreError::Damaged) => true,
                Err(other) => panic!("page {page}: {other}"),
            }
        });
        store.close();
        if damaged {
            found += 1;
            let (_, report) = UserStore::open(dir.path(), &keys(), at(0)).unwrap();
            assert_eq!(report.cache, CacheCondition::Rebuilt, "page {page}");
            let (_, report) = UserStore::open(dir.path(), &keys(), at(0)).unwrap();
            assert_eq!(report.cache, CacheCondition::Whole, "page {page}: once");
        }
    }
    assert!(
        found > 5,
        "the patients' own pages must be among those found: {found} of {pages}"
    );
}

#[test]
fn what_was_being_sent_may_have_arrived() {
    let dir = tempfile::tempdir().unwrap();
    let store = create(dir.path());
    store
        .outbox
        .commit(at(0), |step| step.enqueue(item("c", "one")))
        .unwrap();
    let taken = store.outbox.take_next(at(1)).unwrap().unwrap();
    assert_eq!(taken.progress.state, State::Sending);
    store.close();
    let (store, report) = UserStore::open(dir.path(), &keys(), at(2)).unwrap();
    assert_eq!(report.interrupted, 1);
    let item = store.outbox.item(taken.id).unwrap();
    assert_eq!(
        (item.progress.state, item.progress.ambiguous),
        (State::Ready, true),
        "search before repeating"
    );
}

#[test]
fn a_closed_store_answers_closed() {
    let dir = tempfile::tempdir().unwrap();
    let store = create(dir.path());
    let outbox = store.outbox.clone();
    store.close();
    assert!(matches!(outbox.queue(), Err(StoreError::Closed)));
    assert!(matches!(outbox.take_next(at(0)), Err(StoreError::Closed)));
}

#[test]
fn a_write_inside_a_write_is_refused_and_a_panic_rolls_back() {
    let dir = tempfile::tempdir().unwrap();
    let store = create(dir.path());
    let inner = store.outbox.clone();
    let nested = store
        .outbox
        .commit(at(0), move |_| inner.take_next(at(0)).map(|_| ()));
    assert!(matches!(nested, Err(StoreError::Nested)));
    let panicked: Result<(), StoreError> = store.outbox.commit(at(0), |step| {
        step.enqueue(item("c", "one"))?;
        panic!("a bug in a use case");
    });
    assert!(matches!(panicked, Err(StoreError::Closed)));
    assert_eq!(store.outbox.queue().unwrap(), [], "nothing of it stays");
    store
        .outbox
        .commit(at(0), |step| step.enqueue(item("c", "two")))
        .unwrap();
}
