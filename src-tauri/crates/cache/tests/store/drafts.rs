//! Drafts: durable, and no text is ever overwritten by another window.

use cache::{DraftError, StoreError};

use crate::{at, create, open};

#[test]
fn a_draft_is_saved_on_the_revision_that_was_read() {
    let dir = tempfile::tempdir().unwrap();
    let store = create(dir.path());
    let outbox = &store.outbox;
    assert_eq!(outbox.draft_load("r1").unwrap(), None);
    let one = outbox
        .draft_save("r1", "televisit_report", 0, b"Anamnesi".to_vec(), at(1))
        .unwrap();
    assert_eq!((one.revision, one.saved_at), (1, at(1)));
    let two = outbox
        .draft_save(
            "r1",
            "televisit_report",
            one.revision,
            b"Anamnesi: niente".to_vec(),
            at(2),
        )
        .unwrap();
    store.close();
    let draft = open(dir.path()).outbox.draft_load("r1").unwrap().unwrap();
    assert_eq!(
        (draft.revision, draft.body.as_slice()),
        (two.revision, b"Anamnesi: niente".as_slice())
    );
}

#[test]
fn two_windows_keep_both_texts() {
    let dir = tempfile::tempdir().unwrap();
    let store = create(dir.path());
    let outbox = &store.outbox;
    let base = outbox
        .draft_save("r1", "report", 0, b"base".to_vec(), at(1))
        .unwrap()
        .revision;
    outbox
        .draft_save("r1", "report", base, b"from the first window".to_vec(), at(2))
        .unwrap();
    match outbox.draft_save("r1", "report", base, b"from the second window".to_vec(), at(3)) {
        Err(DraftError::Conflict { current: 2 }) => {}
        other => panic!("expected a conflict, got {other:?}"),
    }
    assert_eq!(
        outbox.draft_load("r1").unwrap().unwrap().body,
        b"from the first window"
    );
    let rivals = outbox.draft_rivals("r1").unwrap();
    assert_eq!(rivals.len(), 1);
    assert_eq!(
        (rivals[0].base_revision, rivals[0].body.as_slice()),
        (1, b"from the second window".as_slice())
    );
}

#[test]
fn a_draft_written_in_a_step_stands_or_falls_with_it() {
    let dir = tempfile::tempdir().unwrap();
    let store = create(dir.path());
    let outbox = &store.outbox;
    outbox
        .draft_save("t1", "teleconsult", 0, b"bozza".to_vec(), at(1))
        .unwrap();
    let refused = outbox.commit(at(2), |step| -> Result<(), StoreError> {
        step.draft_put("t1", "teleconsult-sent", b"inviata")?;
        Err(StoreError::NotFound)
    });
    assert!(refused.is_err());
    let stands = outbox.draft_load("t1").unwrap().unwrap();
    assert_eq!(
        (stands.kind.as_str(), stands.revision),
        ("teleconsult", 1),
        "half a step was written"
    );
    outbox
        .commit(at(3), |step| -> Result<(), StoreError> {
            let read = step.draft("t1")?.expect("the draft is seen inside the step");
            assert_eq!(read.revision, 1);
            step.draft_put("t1", "teleconsult-sent", b"inviata")
        })
        .unwrap();
    let sent = outbox.draft_load("t1").unwrap().unwrap();
    assert_eq!(
        (sent.kind.as_str(), sent.body.as_slice()),
        ("teleconsult-sent", b"inviata".as_slice())
    );
    assert!(
        outbox.drafts("teleconsult").unwrap().is_empty(),
        "it is sent and still a draft"
    );
    let late = outbox.draft_save("t1", "teleconsult", 1, b"tardi".to_vec(), at(4));
    assert!(
        matches!(late, Err(DraftError::Conflict { .. })),
        "a late save undid the sending"
    );
}
