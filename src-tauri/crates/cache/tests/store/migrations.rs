//! Databases written by the first version open in this one, with everything in them.

use std::path::Path;

use cache::{
    AuditAction, AuditEntry, AuditVerdict, Event, Jitter, State, StoreError, UserStore, VisitRecordKind,
};
use clinical::TelevisitId;

use crate::{at, create, item, keys};

const FIRST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/outbox-20261121.db");

fn fill(store: &UserStore) {
    store
        .outbox
        .draft_save("r1", "report", 0, b"Anamnesi".to_vec(), at(0))
        .unwrap();
    store
        .outbox
        .commit(at(1), |step| -> Result<(), StoreError> {
            step.enqueue(item("c", "one"))?;
            step.visit_record(&TelevisitId::from("tv"), VisitRecordKind::Outcome, &"delivered")?;
            step.audit(&AuditEntry {
                actor: "a".into(),
                action: AuditAction::VisitOpened,
                subject: "tv".into(),
            })
        })
        .unwrap();
}

/// Makes the file of a version, once, when that version is released.
#[test]
#[ignore = "writes a fixture"]
fn write_the_file_of_this_version() {
    let dir = tempfile::tempdir().unwrap();
    let store = create(dir.path());
    fill(&store);
    store.close();
    assert!(
        !Path::new(FIRST).exists(),
        "the file of a released version is never written again"
    );
    std::fs::copy(dir.path().join("outbox.db"), FIRST).unwrap();
}

#[test]
fn the_first_version_opens_with_everything_in_it() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::copy(FIRST, dir.path().join("outbox.db")).unwrap();
    for _ in 0..2 {
        let (store, _) = UserStore::open(dir.path(), &keys(), at(0)).unwrap();
        assert_eq!(store.outbox.draft_load("r1").unwrap().unwrap().body, b"Anamnesi");
        let queue = store.outbox.queue().unwrap();
        assert_eq!(
            store.outbox.item(queue[0].id).unwrap().request,
            crate::request("one")
        );
        assert_eq!(
            store.outbox.audit_verify().unwrap(),
            AuditVerdict::Whole { rows: 1 }
        );
        let outcome = store
            .outbox
            .visit_last(&TelevisitId::from("tv"), VisitRecordKind::Outcome)
            .unwrap()
            .unwrap();
        assert_eq!(outcome.payload::<String>().unwrap(), "delivered");
        store.close();
    }
}

#[test]
fn what_the_first_version_queued_leaves_before_what_is_queued_now() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::copy(FIRST, dir.path().join("outbox.db")).unwrap();
    let (store, _) = UserStore::open(dir.path(), &keys(), at(2)).unwrap();
    let new = store
        .outbox
        .commit(at(3), |step| step.enqueue(item("c", "two")))
        .unwrap();
    for body in ["one", "two"] {
        let taken = store.outbox.take_next(at(4)).unwrap().unwrap();
        assert_eq!(taken.request, crate::request(body));
        assert_eq!(taken.body_hash, taken.request.body_hash());
        let done = Event::Reply {
            status: 201,
            retry_after: None,
            etag: None,
            receipt: b"done".to_vec(),
        };
        let told = store.outbox.apply(taken.id, done, at(5), Jitter(0)).unwrap();
        assert_eq!(store.outbox.item(taken.id).unwrap(), told);
    }
    assert_eq!(store.outbox.item_state(new.id).unwrap(), State::Confirmed);
    assert_eq!(store.outbox.queue().unwrap(), []);
}

#[test]
fn a_file_of_the_first_version_whose_salt_is_spoiled_is_mended() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("outbox.db");
    let first = std::fs::read(FIRST).unwrap();
    let mut bytes = first.clone();
    bytes[..16].fill(0xA5);
    std::fs::write(&path, &bytes).unwrap();
    let (store, _) = UserStore::open(dir.path(), &keys(), at(0)).unwrap();
    assert_eq!(store.outbox.queue().unwrap().len(), 1);
    store.close();
    assert_eq!(
        std::fs::read(&path).unwrap()[..16],
        first[..16],
        "the salt is back: it tells how the pages are authenticated"
    );
}
