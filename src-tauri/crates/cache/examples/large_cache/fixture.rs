//! A cache of a hundred thousand invented people and cases, for measuring and for the tests.

use cache::replica::Listing;
use cache::{CaseRow, CaseTable, Replica, StoreError};
use clinical::{FiscalCode, Patient, PatientId, PersonName, Sensitive, Sex};
use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

const FAMILIES: [&str; 40] = [
    "Abbatini",
    "Àlvari",
    "Basiletti",
    "Bellucò",
    "Carafelli",
    "Cesarini",
    "Danielli",
    "De Nicola",
    "D'Amorosa",
    "Esposini",
    "Falcinelli",
    "Frasconi",
    "Gallozzi",
    "Giordanesi",
    "Iannuzzelli",
    "Laurenzani",
    "Liguorini",
    "Marottoli",
    "Monfredini",
    "Nicolò",
    "Nocerelli",
    "Orsoletti",
    "Palumbelli",
    "Peruginelli",
    "Pontecorbi",
    "Quadrellini",
    "Rinaldesi",
    "Ruggerini",
    "Salvemari",
    "Santoroni",
    "Tanzilli",
    "Torrigiani",
    "Trevisanti",
    "Ubaldeschi",
    "Valmori",
    "Vignolesi",
    "Vitolani",
    "Zaccarelli",
    "Zamperini",
    "Zuccolò",
];
const GIVEN: [&str; 25] = [
    "Ada",
    "Aldo",
    "Assunta",
    "Berta",
    "Carmela",
    "Ciro",
    "Dora",
    "Elda",
    "Enzo",
    "Ester",
    "Gennaro",
    "Gino",
    "Giovanni",
    "Immacolata",
    "Ines",
    "José",
    "Leo",
    "Maria",
    "Niccolò",
    "Norma",
    "Pia",
    "Rita",
    "Rocco",
    "Sara",
    "Ugo",
];

/// An invented person; the same number is the same person.
pub(crate) fn person(n: usize) -> Patient {
    let family = FAMILIES[n % FAMILIES.len()];
    let given = GIVEN[n / FAMILIES.len() % GIVEN.len()];
    let number = n / (FAMILIES.len() * GIVEN.len());
    Patient {
        id: PatientId(format!("person-{n:06}")),
        name: PersonName::new(family, format!("{given} {}", letters(number))),
        birth_date: Sensitive::new(date(1940 + i16::try_from(n % 60).unwrap_or(0), 1, 1)),
        sex: Sex::Female,
        fiscal_code: fiscal_code(n),
        phone: Some("0815550100".to_owned().into()),
        birth_place: None,
        address: None,
        city: None,
    }
}

/// A second name that no other person of the fixture has with the same first ones.
fn letters(mut n: usize) -> String {
    let mut name = String::from("N");
    loop {
        name.push(['a', 'e', 'i', 'o', 'u', 'l', 'm', 'r', 's', 't'][n % 10]);
        n /= 10;
        if n == 0 {
            return name;
        }
    }
}

/// Place code X000, which no town has; the check character is right.
pub(crate) fn fiscal_code(n: usize) -> FiscalCode {
    let letter = |n: usize| char::from(b'A' + u8::try_from(n % 26).unwrap_or(0));
    let (year, day) = (n / 28 % 100, 1 + n % 28);
    let stem = format!(
        "{}{}{}{}{}A{year:02}A{day:02}X000",
        letter(n / 2800),
        letter(n / 72_800),
        letter(n / 1_892_800),
        letter(n / 11),
        letter(n / 17),
    );
    ('A'..='Z')
        .find_map(|check| FiscalCode::parse(&format!("{stem}{check}")).ok())
        .unwrap_or_else(|| panic!("{stem} is no codice fiscale"))
}

/// An invented transition of care: one in fifty is open, in one of four columns, with one of six operators or nobody.
pub(crate) fn case(n: usize, now: Timestamp) -> (CaseRow, Listing) {
    let open = n.is_multiple_of(50);
    let turn = n / 50;
    let state = match (open, turn % 4) {
        (false, _) => "closed",
        (true, 0) => "reported",
        (true, 1) => "assessing",
        (true, 2) => "protected_discharge",
        (true, _) => "territory_confirmation",
    };
    let ago = SignedDuration::from_mins(i64::try_from(turn % 5_000).unwrap_or(0));
    let opened = now.checked_sub(ago).unwrap_or(now);
    let row = CaseRow {
        id: format!("case-{n:06}"),
        patient: PatientId(format!("person-{n:06}")),
        state: state.to_owned(),
        due_at: open.then(|| {
            opened
                .checked_add(SignedDuration::from_hours(2))
                .unwrap_or(opened)
        }),
        updated_at: opened,
        version: Some("1".to_owned()),
        // The size that a case really has.
        payload: json!({"transition": {"id": n, "note": "Attende posto letto, due strutture. ".repeat(8)},
            "task": {"resource": {"resourceType": "Task", "input": "x".repeat(2_000)}, "version": "1"}}),
    };
    let owner = (state != "reported").then(|| format!("operator-{}", turn % 6));
    (
        row,
        Listing {
            owner,
            opened_at: Some(opened),
            mark: None,
        },
    )
}

/// Fills a copy with `count` people and as many cases.
pub(crate) fn fill(replica: &Replica, count: usize, now: Timestamp) -> Result<(), StoreError> {
    const AT_ONCE: usize = 5_000;
    for first in (0..count).step_by(AT_ONCE) {
        replica.apply(now, move |batch| -> Result<(), StoreError> {
            for n in first..(first + AT_ONCE).min(count) {
                batch.put_patient(&person(n))?;
                let (row, listing) = case(n, now);
                batch.put_listed_case(CaseTable::Transition, &row, &listing)?;
            }
            Ok(())
        })?;
    }
    Ok(())
}
