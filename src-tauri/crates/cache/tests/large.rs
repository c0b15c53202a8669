//! Lists and searches over many people and cases: right, and never a walk over everything.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

#[path = "../examples/large_cache/fixture.rs"]
mod fixture;

use std::collections::BTreeSet;

use cache::replica::{CasePage, CasePlace, OwnedBy, Purged};
use cache::{CaseTable, Replica, SecretKey, StoreError, StoreKeys, UserStore};
use clinical::PatientId;
use jiff::{SignedDuration, Timestamp};

const COUNT: usize = 3_000;
const OPEN: [&str; 4] = [
    "reported",
    "assessing",
    "protected_discharge",
    "territory_confirmation",
];

fn store() -> (tempfile::TempDir, UserStore, Timestamp) {
    let dir = tempfile::tempdir().unwrap();
    let keys = StoreKeys {
        outbox: SecretKey::new([1; 32]),
        cache: SecretKey::new([2; 32]),
        audit: SecretKey::new([3; 32]),
        attachments: SecretKey::new([4; 32]),
    };
    let now: Timestamp = "2026-11-20T08:00:00Z".parse().unwrap();
    let (store, _) = UserStore::create(dir.path(), &keys, now).unwrap();
    fixture::fill(&store.replica, COUNT, now).unwrap();
    (dir, store, now)
}

fn names(replica: &Replica, text: &str, limit: u32) -> (Vec<String>, u32) {
    let found = replica.find_patients(text, limit).unwrap();
    let names = found.patients.iter().map(|p| p.name.display()).collect();
    (names, found.total)
}

#[test]
fn every_letter_typed_narrows_the_list_and_a_part_of_a_name_is_enough() {
    let (_dir, store, _) = store();
    let replica = &store.replica;
    let (wide, many) = names(replica, "na", 20);
    assert!(many > 400, "wide enough to be walked in order: {many}");
    assert_eq!(wide.len(), 20);
    let (surnames, others): (Vec<_>, Vec<_>) = wide.into_iter().partition(|name| name.starts_with("NA"));
    assert!(
        surnames.is_empty() && others.is_sorted(),
        "a walked list is by name"
    );
    let (hers, _) = names(replica, "vi", 400);
    assert!(
        hers[0].starts_with("VIGNOLESI") && hers.len() == COUNT / 40 * 2,
        "surnames come first"
    );
    let (narrow, some) = names(replica, "marottoli ada", 20);
    assert!(some > 0 && some < 20 && narrow.is_sorted());
    assert_eq!(narrow.len(), some as usize);
    let (part, total) = names(replica, "rottol", 20);
    assert_eq!(total as usize, COUNT / 40, "everybody of the family is counted");
    assert_eq!(part.len(), 20);
    assert!(part.iter().all(|name| name.starts_with("MAROTTOLI")));
    assert_eq!(
        names(replica, "ttolirot", 20),
        (vec![], 0),
        "trigrams alone are no word"
    );
    let (first, _) = names(replica, "giovanni", 5);
    assert!(!first.is_empty());
    let (letter, of) = names(replica, "z", 5);
    assert_eq!(
        of as usize,
        COUNT / 40 * 3,
        "one letter is the beginning of a surname"
    );
    assert!(letter.iter().all(|name| name.starts_with('Z')));
    for text in ["nicolo", "NICOLÒ", "nicoló"] {
        let (found, _) = names(replica, text, 100);
        assert!(found.iter().any(|name| name.starts_with("NICOLÒ")), "{text}");
    }
    let code = fixture::fiscal_code(1234);
    let found = replica.find_patients(&code.as_str().to_lowercase(), 5).unwrap();
    assert_eq!(found.patients[0].id.as_str(), "person-001234");
}

#[test]
fn a_list_is_read_to_its_end_page_by_page_and_nobody_is_missed_or_twice() {
    let (_dir, store, _) = store();
    let mut seen = BTreeSet::new();
    let mut last: Option<PatientId> = None;
    let mut before = String::new();
    loop {
        let (page, total) = store.replica.patients_after(last.as_ref(), 70).unwrap();
        assert_eq!(total as usize, COUNT);
        let Some(end) = page.last() else { break };
        last = Some(end.id.clone());
        for patient in &page {
            let name = patient.name.family.expose().to_lowercase().replace('à', "a");
            assert!(name >= before, "{name} after {before}");
            before = name;
            assert!(seen.insert(patient.id.clone()), "twice");
        }
    }
    assert_eq!(seen.len(), COUNT);
    let gone = PatientId::from("person-000001");
    store
        .replica
        .apply(Timestamp::now(), move |batch| -> Result<(), StoreError> {
            batch.remove_patient(&gone)?;
            batch.remove_patient(&gone)
        })
        .unwrap();
    assert_eq!(
        store.replica.patients(1).unwrap().1 as usize,
        COUNT - 1,
        "counted with each change"
    );
    assert_eq!(store.replica.patient_ids().unwrap().len(), COUNT - 1);
}

#[test]
fn a_column_is_read_by_its_clock_with_its_filters_and_its_counts() {
    let (_dir, store, now) = store();
    let replica = &store.replica;
    let page = CasePage {
        state: "assessing",
        owner: OwnedBy::Any,
        due_before: None,
        opened_before: None,
        patients: None,
        after: None,
        limit: 4,
    };
    let read = |page: &CasePage<'_>| replica.case_page(CaseTable::Transition, page).unwrap();
    let mut all = Vec::new();
    let mut place: Option<CasePlace> = None;
    loop {
        let rows = read(&CasePage {
            after: place.as_ref(),
            ..page
        });
        let Some(last) = rows.last() else { break };
        place = last.due_at.map(|due_at| CasePlace {
            due_at,
            id: last.id.clone(),
        });
        all.extend(rows);
    }
    assert_eq!(all.len(), COUNT / 50 / 4, "each once");
    assert!(all.is_sorted_by_key(|row| row.due_at));
    let counts = replica.case_counts(CaseTable::Transition, &OPEN).unwrap();
    assert_eq!(
        counts.iter().map(|(.., n)| n).sum::<u32>() as usize,
        COUNT / 50,
        "the closed ones are not counted"
    );
    let nobody: u32 = counts
        .iter()
        .filter(|(_, owner, _)| owner.is_none())
        .map(|(.., n)| n)
        .sum();
    assert_eq!(nobody as usize, COUNT / 50 / 4);
    let one = read(&CasePage {
        owner: OwnedBy::Role("operator-1"),
        limit: 100,
        ..page
    });
    let told = counts
        .iter()
        .find(|(state, owner, _)| state == "assessing" && owner.as_deref() == Some("operator-1"));
    assert_eq!(told.map(|(.., n)| *n as usize), Some(one.len()));
    assert!(
        read(&CasePage {
            owner: OwnedBy::Nobody,
            ..page
        })
        .is_empty()
    );
    let free = read(&CasePage {
        state: "reported",
        owner: OwnedBy::Nobody,
        ..page
    });
    assert_eq!(free.len(), 4);
    let old = read(&CasePage {
        opened_before: Some(now - SignedDuration::from_mins(30)),
        limit: 100,
        ..page
    });
    assert!(!old.is_empty() && old.len() < all.len());
    let whose = [all[3].patient.clone()];
    let of = read(&CasePage {
        patients: Some(&whose),
        ..page
    });
    assert_eq!(of.iter().map(|row| &row.id).collect::<Vec<_>>(), [&all[3].id]);
    let due = replica
        .cases_due(CaseTable::Transition, &OPEN, now + SignedDuration::from_hours(1))
        .unwrap();
    let late = read(&CasePage {
        due_before: Some(now + SignedDuration::from_hours(1)),
        limit: 100,
        ..page
    });
    assert!(due as usize >= late.len() && late.len() <= all.len());
}

#[test]
fn what_is_old_and_closed_goes_and_what_is_unsent_or_open_stays() {
    let (_dir, store, now) = store();
    let unsent: BTreeSet<String> = ["case-000001".to_owned()].into();
    let (keep, later) = (unsent.clone(), now + SignedDuration::from_hours(24));
    let purged = store
        .replica
        .apply(later, move |batch| -> Result<Purged, StoreError> {
            let cases = batch.purge_cases(CaseTable::Transition, &["closed"], later, &keep)?;
            let people = batch.purge_people(later, &["person-000002".to_owned()].into())?;
            Ok(Purged {
                cases,
                people,
                ..Purged::default()
            })
        })
        .unwrap();
    let open = u32::try_from(COUNT / 50).unwrap();
    let all = u32::try_from(COUNT).unwrap();
    assert_eq!(purged.cases, all - open - 1, "all closed ones but the unsent");
    assert_eq!(
        purged.people,
        all - open - 2,
        "people of open and unsent cases stay, and the one named"
    );
    assert!(
        store
            .replica
            .case(CaseTable::Transition, "case-000001")
            .unwrap()
            .is_some()
    );
    let left = store.replica.case_counts(CaseTable::Transition, &OPEN).unwrap();
    assert_eq!(left.iter().map(|(.., n)| n).sum::<u32>(), open);
    assert_eq!(names(&store.replica, "person", 5).1, 0);
    assert_eq!(store.replica.patients(1).unwrap().1, open + 2);
}
