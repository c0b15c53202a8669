//! The copy of the region's data: search, order, and a cursor that never runs ahead of its rows.

use cache::{CaseFilter, CaseRow, CaseTable, DocumentRow, StoreError, TelevisitRow};
use clinical::{DocumentId, FiscalCode, Nre, Patient, PatientId, PersonName, Sensitive, Sex, TelevisitId};
use jiff::civil::date;
use serde_json::json;

use crate::{at, create, open};

/// Invented people: place code X000, right check character.
fn fiscal_code(n: usize) -> FiscalCode {
    let day = 1 + n % 28;
    let letters = (b'A' + (n / 28 % 26) as u8) as char;
    let stem = format!("RSS{letters}RA80A{day:02}X000");
    ('A'..='Z')
        .find_map(|check| FiscalCode::parse(&format!("{stem}{check}")).ok())
        .expect("one letter is right")
}

pub(crate) fn patient(n: usize) -> Patient {
    named(n, "Rossi", "Maria")
}

fn named(n: usize, family: &str, given: &str) -> Patient {
    Patient {
        id: PatientId(format!("patient-{n}")),
        name: PersonName::new(family, given),
        birth_date: Sensitive::new(date(1980, 1, 1)),
        sex: Sex::Female,
        fiscal_code: fiscal_code(n),
        phone: None,
        birth_place: None,
        address: None,
        city: None,
    }
}

fn televisit(id: &str, patient: &str, second: i64, nre: Option<&str>) -> TelevisitRow {
    TelevisitRow {
        id: TelevisitId::from(id),
        patient: PatientId::from(patient),
        day: date(2026, 11, 20),
        starts_at: at(second),
        state: "booked".into(),
        nre: nre.map(|n| Nre::parse(n).unwrap()),
        version: Some("W/\"1\"".into()),
        payload: json!({"note": "è qui"}),
    }
}

#[test]
fn patients_are_found_by_part_of_a_name_code_or_prescription() {
    let dir = tempfile::tempdir().unwrap();
    let store = create(dir.path());
    store
        .replica
        .apply(at(0), |batch| {
            batch.put_patient(&named(1, "Nicolò", "Àgata Benedetta"))?;
            batch.put_patient(&named(2, "D'Angelo", "José"))?;
            batch.put_patient(&named(3, "De Nicola", "Ugo"))?;
            batch.put_televisit(&televisit("tv", "patient-3", 0, Some("150A24000000012")))
        })
        .unwrap();
    let find = |text: &str| {
        let found = store.replica.search_patients(text, 10).unwrap();
        let mut ids: Vec<_> = found.into_iter().map(|p| p.id.0).collect();
        ids.sort();
        ids
    };
    assert_eq!(find("nicolo"), ["patient-1"], "accents do not matter");
    assert_eq!(find("NICOLÒ agata"), ["patient-1"]);
    assert_eq!(
        find("nicol"),
        ["patient-1", "patient-3"],
        "the beginning of a word is enough"
    );
    assert_eq!(
        find("agata nic"),
        ["patient-1"],
        "every word must be there, in any order"
    );
    assert_eq!(find("d'ang"), ["patient-2"]);
    assert_eq!(find("jose"), ["patient-2"]);
    assert_eq!(find(fiscal_code(2).as_str()), ["patient-2"]);
    assert_eq!(find(&fiscal_code(2).as_str()[..13].to_lowercase()), ["patient-2"]);
    assert_eq!(find("150A240000"), ["patient-3"], "the number of a prescription");
    for odd in [
        "",
        "  ",
        "\"",
        "* OR",
        "name:rossi",
        "NEAR(",
        "'; DROP TABLE patient",
        "zzz",
    ] {
        assert_eq!(find(odd), Vec::<String>::new(), "{odd} is only text");
    }
}

#[test]
fn a_changed_patient_is_found_by_the_new_name_only() {
    let dir = tempfile::tempdir().unwrap();
    let store = create(dir.path());
    for family in ["Bianchi", "Verdi"] {
        store
            .replica
            .apply(at(0), move |batch| batch.put_patient(&named(1, family, "Ada")))
            .unwrap();
    }
    assert_eq!(store.replica.search_patients("bianchi", 10).unwrap(), []);
    assert_eq!(
        store.replica.search_patients("verdi", 10).unwrap(),
        [named(1, "Verdi", "Ada")]
    );
    assert_eq!(
        store
            .replica
            .patient_by_fiscal_code(&fiscal_code(1))
            .unwrap()
            .map(|p| p.id.0)
            .as_deref(),
        Some("patient-1")
    );
}

#[test]
fn a_patient_who_leaves_takes_everything_along() {
    let dir = tempfile::tempdir().unwrap();
    let store = create(dir.path());
    let id = PatientId::from("patient-1");
    let gone = id.clone();
    store
        .replica
        .apply(at(0), move |batch| {
            batch.put_patient(&patient(1))?;
            batch.put_televisit(&televisit("tv", "patient-1", 0, Some("150A24000000012")))?;
            batch.remove_patient(&gone)
        })
        .unwrap();
    assert_eq!(store.replica.search_patients("rossi", 10).unwrap(), []);
    assert_eq!(store.replica.search_patients("150A24000000012", 10).unwrap(), []);
    assert!(store.replica.televisits_of(&id).unwrap().is_empty());
}

#[test]
fn a_page_of_changes_and_its_cursor_go_together() {
    let dir = tempfile::tempdir().unwrap();
    let store = create(dir.path());
    store
        .replica
        .apply(at(1), |batch| {
            batch.put_patient(&patient(1))?;
            batch.set_cursor("agenda", "page-1")
        })
        .unwrap();
    let failed: Result<(), StoreError> = store.replica.apply(at(2), |batch| {
        batch.put_patient(&patient(2))?;
        batch.set_cursor("agenda", "page-2")?;
        batch.put_document_content(&DocumentId::from("unknown"), b"content")
    });
    assert!(matches!(failed, Err(StoreError::NotFound)));
    store.close();
    let store = open(dir.path());
    let cursor = store.replica.cursor("agenda").unwrap().unwrap();
    assert_eq!(
        (cursor.cursor.as_str(), cursor.at),
        ("page-1", at(1)),
        "the data are of this moment"
    );
    assert_eq!(
        store.replica.patient(&PatientId::from("patient-2")).unwrap(),
        None
    );
    store
        .replica
        .apply(at(3), |batch| batch.forget_cursor("agenda"))
        .unwrap();
    assert_eq!(store.replica.cursor("agenda").unwrap(), None);
}

#[test]
fn the_agenda_is_of_one_day_and_by_hour() {
    let dir = tempfile::tempdir().unwrap();
    let store = create(dir.path());
    let late = televisit("late", "patient-1", 7200, None);
    let early = televisit("early", "patient-2", 3600, None);
    let mut other = televisit("other", "patient-1", 0, None);
    other.day = date(2026, 11, 21);
    let rows = [late.clone(), early.clone(), other];
    store
        .replica
        .apply(at(0), move |batch| {
            rows.iter().try_for_each(|row| batch.put_televisit(row))
        })
        .unwrap();
    assert_eq!(
        store.replica.agenda(date(2026, 11, 20)).unwrap(),
        [early, late.clone()]
    );
    let cancelled = TelevisitRow {
        state: "cancelled".into(),
        ..late
    };
    let row = cancelled.clone();
    store
        .replica
        .apply(at(1), move |batch| batch.put_televisit(&row))
        .unwrap();
    assert_eq!(
        store.replica.televisit(&cancelled.id).unwrap(),
        Some(cancelled),
        "changes replace"
    );
}

#[test]
fn a_document_keeps_its_content_until_its_version_changes() {
    let dir = tempfile::tempdir().unwrap();
    let store = create(dir.path());
    let row = |version: &str| DocumentRow {
        id: DocumentId::from("d1"),
        patient: PatientId::from("patient-1"),
        kind: "75496-0".into(),
        at: at(0),
        version: Some(version.into()),
        payload: json!({"title": "Referto"}),
        has_content: false,
    };
    let id = DocumentId::from("d1");
    let (first, same, newer) = (row("1"), row("1"), row("2"));
    store
        .replica
        .apply(at(0), move |batch| {
            batch.put_document(&first)?;
            batch.put_document_content(&first.id, b"%PDF")?;
            batch.put_document(&same)
        })
        .unwrap();
    assert_eq!(
        store.replica.document_content(&id).unwrap().as_deref(),
        Some(b"%PDF".as_slice())
    );
    assert!(store.replica.documents_of(&PatientId::from("patient-1")).unwrap()[0].has_content);
    store
        .replica
        .apply(at(1), move |batch| batch.put_document(&newer))
        .unwrap();
    assert_eq!(
        store.replica.document_content(&id).unwrap(),
        None,
        "of an older version"
    );
}

#[test]
fn cases_come_in_the_order_of_their_clocks() {
    let dir = tempfile::tempdir().unwrap();
    let store = create(dir.path());
    let case = |id: &str, state: &str, due: Option<i64>| CaseRow {
        id: id.into(),
        patient: PatientId::from("patient-1"),
        state: state.into(),
        due_at: due.map(at),
        updated_at: at(0),
        version: None,
        payload: json!({}),
    };
    let rows = [
        case("none", "asked", None),
        case("late", "asked", Some(900)),
        case("soon", "answered", Some(60)),
    ];
    store
        .replica
        .apply(at(0), move |batch| {
            rows.iter()
                .try_for_each(|row| batch.put_case(CaseTable::Teleconsult, row))
        })
        .unwrap();
    let ids = |filter, limit| {
        let rows = store
            .replica
            .cases(CaseTable::Teleconsult, filter, limit)
            .unwrap();
        rows.into_iter().map(|r| r.id).collect::<Vec<_>>()
    };
    assert_eq!(ids(CaseFilter::All, 10), ["soon", "late", "none"]);
    assert_eq!(ids(CaseFilter::InState("asked"), 10), ["late", "none"]);
    assert_eq!(ids(CaseFilter::Of(&PatientId::from("patient-1")), 1), ["soon"]);
    assert!(
        store
            .replica
            .cases(CaseTable::Transition, CaseFilter::All, 10)
            .unwrap()
            .is_empty()
    );
}

#[test]
fn patients_are_listed_by_name_with_how_many_there_are() {
    let dir = tempfile::tempdir().unwrap();
    let store = create(dir.path());
    store
        .replica
        .apply(at(0), |batch| {
            batch.put_patient(&named(1, "Zanetti", "Ada"))?;
            batch.put_patient(&named(2, "Bruni", "Ugo"))?;
            batch.put_patient(&named(3, "Bruni", "Ada"))
        })
        .unwrap();
    let (found, total) = store.replica.patients(2).unwrap();
    let names: Vec<String> = found.iter().map(|patient| patient.name.display()).collect();
    assert_eq!(
        (names, total),
        (vec!["BRUNI Ada".to_owned(), "BRUNI Ugo".to_owned()], 3)
    );
}

#[test]
fn who_is_related_goes_with_the_patient_and_colleagues_are_replaced_as_a_whole() {
    let dir = tempfile::tempdir().unwrap();
    let store = create(dir.path());
    let (child, other) = (PatientId::from("patient-1"), PatientId::from("patient-2"));
    store
        .replica
        .apply(at(0), {
            let (child, other) = (child.clone(), other.clone());
            move |batch| {
                batch.put_patient(&named(1, "Rossi", "Nina"))?;
                batch.put_related(&child, "r1", &json!({"relation": "madre"}))?;
                batch.put_related(&child, "r1", &json!({"relation": "padre"}))?;
                batch.put_related(&other, "r2", &json!({"relation": "figlia"}))?;
                batch.put_colleagues(&[("a".into(), json!("uno")), ("b".into(), json!("due"))])?;
                batch.put_colleagues(&[("c".into(), json!("tre"))])
            }
        })
        .unwrap();
    assert_eq!(
        store.replica.related_to(&child).unwrap(),
        [json!({"relation": "padre"})]
    );
    assert_eq!(
        store.replica.colleagues().unwrap(),
        [json!("tre")],
        "a colleague who left is still there"
    );
    let gone = child.clone();
    store
        .replica
        .apply(at(1), move |batch| batch.remove_patient(&gone))
        .unwrap();
    assert!(
        store.replica.related_to(&child).unwrap().is_empty(),
        "the relatives stayed behind"
    );
    assert_eq!(store.replica.related_to(&other).unwrap().len(), 1);
}
