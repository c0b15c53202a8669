//! What is typed is found in no byte of the directory, while open and after closing.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::Path;

use base64::Engine;
use cache::{AuditAction, AuditEntry, NewItem, StoreError, VisitRecordKind};
use clinical::{PersonName, Sensitive, TelevisitId};

use crate::{at, create, item};

/// Bytes by which a form is looked up.
const START: usize = 8;

fn files(dir: &Path, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push((path.display().to_string(), fs::read(&path).unwrap()));
        }
    }
}

fn leaks(dir: &Path, canaries: &[String]) -> Vec<String> {
    let mut all = Vec::new();
    files(dir, &mut all);
    assert!(
        all.iter()
            .any(|(name, bytes)| name.ends_with("outbox.db") && bytes.len() > 4096)
    );
    let mut forms: HashMap<[u8; START], Vec<(&str, Vec<u8>)>> = HashMap::new();
    for canary in canaries {
        let wide: Vec<u8> = canary.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let encoded = base64::engine::general_purpose::STANDARD.encode(canary);
        for form in [
            canary.as_bytes().to_vec(),
            canary.to_lowercase().into_bytes(),
            wide,
            encoded.as_bytes()[..20].to_vec(),
        ] {
            let start = form[..START].try_into().unwrap();
            forms.entry(start).or_default().push((canary, form));
        }
    }
    let mut leaks = BTreeSet::new();
    for (name, bytes) in &all {
        for (at, start) in bytes.windows(START).enumerate() {
            for (canary, form) in forms.get(start).into_iter().flatten() {
                if bytes[at..].starts_with(form) {
                    leaks.insert(format!("{canary} in {name}"));
                }
            }
        }
    }
    leaks.into_iter().collect()
}

#[test]
fn no_typed_text_reaches_the_disk_in_the_clear() {
    let dir = tempfile::tempdir().unwrap();
    let store = create(dir.path());
    let canaries: Vec<String> = (0..200)
        .map(|n| format!("CANARINO{n:03}XQZJWKV{n}NARICOTTERO"))
        .collect();
    let c = canaries.clone();
    store
        .outbox
        .draft_save("r1", "report", 0, c[0].clone().into_bytes(), at(0))
        .unwrap();
    let (record, body, subject) = (c[1].clone(), c[2].clone(), c[3].clone());
    store
        .outbox
        .commit(at(0), move |step| -> Result<(), StoreError> {
            step.visit_record(&TelevisitId::from("tv"), VisitRecordKind::Identity, &record)?;
            step.enqueue(NewItem {
                conversation: "c".into(),
                ..item("c", &body)
            })?;
            step.audit(&AuditEntry {
                actor: "a".into(),
                action: AuditAction::PatientOpened,
                subject,
            })
        })
        .unwrap();
    let mut bytes = c[4].clone().into_bytes();
    bytes.resize(400_000, b'x');
    let name = Sensitive::new(c[5].clone());
    store
        .attachments
        .store("t", "application/pdf", name, &mut bytes.as_slice(), at(0))
        .unwrap();
    for (n, canary) in canaries.iter().enumerate().skip(8) {
        if n % 2 == 0 {
            let body = canary.clone().into_bytes();
            store
                .outbox
                .draft_save(&format!("draft {n}"), "report", 0, body, at(0))
                .unwrap();
        } else {
            let name = Sensitive::new(format!("{canary}.pdf"));
            store
                .attachments
                .store("t", "application/pdf", name, &mut canary.as_bytes(), at(0))
                .unwrap();
        }
    }
    let mut patient = crate::replica::patient(1);
    patient.name = PersonName::new(c[6].as_str(), c[7].as_str());
    store
        .replica
        .apply(at(0), move |batch| batch.put_patient(&patient))
        .unwrap();
    assert_eq!(
        store.replica.search_patients(&c[6], 5).unwrap().len(),
        1,
        "it was really written"
    );

    assert_eq!(
        leaks(dir.path(), &canaries),
        Vec::<String>::new(),
        "while open, with the logs beside"
    );
    store.close();
    assert_eq!(
        leaks(dir.path(), &canaries),
        Vec::<String>::new(),
        "after closing"
    );

    // The search itself finds what is there.
    fs::write(dir.path().join("stray.log"), &c[3]).unwrap();
    assert_eq!(leaks(dir.path(), &canaries).len(), 1);
}
