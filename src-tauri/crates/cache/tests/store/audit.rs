//! The access register: whoever changes it behind the program's back is found at the first broken link.

use cache::{AuditAction, AuditEntry, AuditVerdict};

use crate::{at, create, open, raw};

fn filled(dir: &std::path::Path) {
    let store = create(dir);
    for n in 0..20i64 {
        let entry = AuditEntry {
            actor: "dr-1".into(),
            action: AuditAction::PatientOpened,
            subject: format!("p{n}"),
        };
        store.outbox.audit(entry, at(n)).unwrap();
    }
    assert_eq!(
        store.outbox.audit_verify().unwrap(),
        AuditVerdict::Whole { rows: 20 }
    );
    store.close();
}

fn verdict_after(tamper: &str) -> AuditVerdict {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path());
    let db = raw(dir.path());
    db.execute_batch("DROP TRIGGER audit_not_changed; DROP TRIGGER audit_not_deleted;")
        .unwrap();
    db.execute_batch(tamper).unwrap();
    db.close().unwrap();
    open(dir.path()).outbox.audit_verify().unwrap()
}

#[test]
fn every_tampering_is_found_where_it_begins() {
    let table = [
        ("UPDATE audit SET subject = 'p99' WHERE seq = 7", 7),
        ("UPDATE audit SET at = at + 1 WHERE seq = 3", 3),
        (
            "UPDATE audit SET actor = 'dr-', subject = '1' || subject WHERE seq = 4",
            4,
        ),
        ("UPDATE audit SET action = 'exported' WHERE seq = 20", 20),
        ("UPDATE audit SET mac = zeroblob(32) WHERE seq = 5", 5),
        ("DELETE FROM audit WHERE seq = 9", 9),
        ("DELETE FROM audit WHERE seq = 1", 1),
        ("DELETE FROM audit WHERE seq > 15", 16),
        ("UPDATE audit SET seq = 100 WHERE seq = 11", 11),
        ("DELETE FROM audit; DELETE FROM audit_head WHERE 0", 1),
        ("DELETE FROM audit_head", 21),
    ];
    for (tamper, at) in table {
        assert_eq!(verdict_after(tamper), AuditVerdict::Broken { at }, "{tamper}");
    }
}

#[test]
fn a_rewritten_chain_without_the_key_is_found() {
    // Hashes can be computed by anybody; the MAC cannot.
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path());
    let other = tempfile::tempdir().unwrap();
    let keys = cache::StoreKeys {
        audit: cache::SecretKey::new([0x77; 32]),
        ..crate::keys()
    };
    let (store, _) = cache::UserStore::create(other.path(), &keys, at(0)).unwrap();
    let entry = AuditEntry {
        actor: "dr-1".into(),
        action: AuditAction::PatientOpened,
        subject: "p0".into(),
    };
    store.outbox.audit(entry, at(0)).unwrap();
    store.close();
    assert_eq!(
        open(other.path()).outbox.audit_verify().unwrap(),
        AuditVerdict::Broken { at: 1 }
    );
}

#[test]
fn the_table_itself_refuses_changes() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path());
    let db = raw(dir.path());
    assert!(db.execute("UPDATE audit SET subject = ''", []).is_err());
    assert!(db.execute("DELETE FROM audit", []).is_err());
}

#[test]
fn the_head_can_be_anchored_and_rows_are_read_newest_first() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path());
    let store = open(dir.path());
    let head = store.outbox.audit_head().unwrap().unwrap();
    assert_eq!((head.seq, head.hash.len()), (20, 64));
    let rows = store.outbox.audit_rows(Some(20), 2).unwrap();
    let found: Vec<_> = rows
        .iter()
        .map(|r| (r.seq, r.subject.as_str(), r.action))
        .collect();
    assert_eq!(
        found,
        [
            (19, "p18", Some(AuditAction::PatientOpened)),
            (18, "p17", Some(AuditAction::PatientOpened))
        ]
    );
}
