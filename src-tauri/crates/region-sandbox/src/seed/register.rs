//! The register of patients: the lists of the family doctor and of the paediatrician, and who speaks for whom.

use jiff::ToSpan;
use jiff::civil::{Date, date};
use serde_json::{Value, json};

use super::person::{Person, f, m};
use super::staff::{BRANDOLESI, FERRANTINO, Member};
use super::{FISCAL_CODE, Moment, put, to};
use crate::fhir::StoreError;
use crate::fhir::writing::Writing;

pub(super) const MAROTTOLI: Person = f("Marottoli", "Assunta", date(1955, 3, 12));
pub(super) const TORRIGIANI: Person = m("Torrigiani", "Elio", date(1968, 4, 2));
pub(super) const BELLISARIO: Person = m("Bellisario", "Rocco", date(1962, 8, 21));
pub(super) const FIORENTANO: Person = f("Fiorentano", "Mirella", date(1960, 1, 30));
pub(super) const CASTAGNARI: Person = m("Castagnari", "Delio", date(1947, 6, 11));
pub(super) const PALAZZESE: Person = f("Palazzese", "Nives", date(1974, 9, 5));
pub(super) const GUALTEROTTI: Person = m("Gualterotti", "Ivo", date(1956, 2, 14));
pub(super) const SORBELLINI: Person = f("Sorbellini", "Ada", date(1965, 5, 27));
pub(super) const VENTRIGLIANI: Person = m("Ventrigliani", "Ciro", date(1959, 12, 1));
pub(super) const ALTOBRANDI: Person = f("Altobrandi", "Rosa", date(1951, 7, 18));
pub(super) const QUARANTELLI: Person = f("Quarantelli", "Iolanda", date(1943, 3, 9));
pub(super) const DELVECCHIATI: Person = m("Delvecchiati", "Orfeo", date(1957, 7, 4));
pub(super) const PETRACCHI: Person = m("Petracchi", "Amato", date(1952, 4, 25));
pub(super) const LOMBARDESI: Person = f("Lombardesi", "Flora", date(1971, 8, 16));
pub(super) const CORVELLI: Person = m("Corvelli", "Ernesto", date(1959, 5, 3));
pub(super) const SANTOVITI: Person = f("Santoviti", "Clelia", date(1979, 2, 7));
pub(super) const NINA: Person = f("Cellentani", "Nina", date(2025, 9, 6));
pub(super) const RUGGERINI: Person = m("Ruggerini", "Teo", date(2025, 8, 30));
pub(super) const BENUCCI: Person = m("Benuccelli", "Tommaso", date(2011, 3, 22));
pub(super) const FALCINI: Person = f("Falcinelli", "Ines", date(1938, 10, 12));
pub(super) const MORETTI: Person = m("Morettani", "Livio", date(1990, 6, 4));

const OF_THE_DOCTOR: &[Person] = &[
    MAROTTOLI,
    TORRIGIANI,
    BELLISARIO,
    FIORENTANO,
    CASTAGNARI,
    PALAZZESE,
    GUALTEROTTI,
    SORBELLINI,
    VENTRIGLIANI,
    ALTOBRANDI,
    QUARANTELLI,
    DELVECCHIATI,
    PETRACCHI,
    LOMBARDESI,
    CORVELLI,
    SANTOVITI,
    FALCINI,
    MORETTI,
    m("Abbondanzi", "Piero", date(1948, 1, 20)),
    f("Bartoletti", "Olga", date(1953, 11, 2)),
    m("Cardinaletti", "Sergio", date(1966, 7, 29)),
    f("Donnarumma", "Elsa", date(1982, 4, 13)),
    m("Esposituro", "Nino", date(1939, 9, 24)),
    f("Finamorelli", "Gilda", date(1977, 12, 8)),
    m("Giovannardi", "Aldo", date(1945, 5, 31)),
    f("Ianniccelli", "Marisa", date(1962, 2, 26)),
    m("Loffredelli", "Renato", date(1957, 10, 17)),
    f("Mastrovincenzi", "Licia", date(1969, 6, 6)),
    m("Notarpietri", "Fulvio", date(1950, 3, 3)),
    f("Pagliaruletti", "Dora", date(1941, 8, 22)),
];

const OF_THE_PAEDIATRICIAN: &[Person] = &[
    BENUCCI,
    m("Acciarini", "Leo", date(2019, 4, 9)),
    f("Bevilacquini", "Emma", date(2017, 10, 1)),
    m("Cantarelletti", "Pietro", date(2021, 1, 15)),
    f("Deodatini", "Sole", date(2023, 6, 19)),
    m("Evangelini", "Nico", date(2014, 12, 3)),
    f("Fabbrizini", "Gaia", date(2020, 2, 28)),
    m("Guidobaldini", "Mattia", date(2016, 7, 7)),
];

/// Who speaks for a patient or helps: FHIR code, words, telephone.
struct Related {
    patient: Person,
    family: &'static str,
    given: &'static str,
    female: bool,
    born: Date,
    code: &'static str,
    words: &'static str,
    phone: &'static str,
}

const RELATED: &[Related] = &[
    related(
        NINA,
        f("Cellentani", "Marta", date(1993, 5, 17)),
        "PRN",
        "madre",
        "000 000 0142",
    ),
    related(
        NINA,
        m("Cellentani", "Davide", date(1991, 8, 2)),
        "PRN",
        "padre",
        "000 000 0143",
    ),
    related(
        RUGGERINI,
        f("Ruggerini", "Alba", date(1994, 1, 25)),
        "PRN",
        "madre",
        "000 000 0151",
    ),
    related(
        BENUCCI,
        f("Benuccelli", "Lara", date(1982, 9, 14)),
        "PRN",
        "madre",
        "000 000 0161",
    ),
    related(
        BENUCCI,
        m("Benuccelli", "Stefano", date(1980, 3, 6)),
        "PRN",
        "padre",
        "000 000 0162",
    ),
    related(
        FALCINI,
        m("Falcinelli", "Bruno", date(1964, 12, 19)),
        "GUARD",
        "tutore",
        "000 000 0171",
    ),
    related(
        MORETTI,
        f("Starnazzi", "Carla", date(1970, 7, 11)),
        "RESPRSN",
        "amministratore di sostegno",
        "000 000 0181",
    ),
    related(
        MAROTTOLI,
        f("Riccitelli", "Paola", date(1980, 4, 22)),
        "CAREGIVER",
        "figlia",
        "000 000 0191",
    ),
    related(
        PALAZZESE,
        m("Palazzese", "Igor", date(1972, 1, 8)),
        "CAREGIVER",
        "fratello",
        "000 000 0192",
    ),
];

const fn related(
    patient: Person,
    person: Person,
    code: &'static str,
    words: &'static str,
    phone: &'static str,
) -> Related {
    let Person {
        family,
        given,
        female,
        born,
    } = person;
    Related {
        patient,
        family,
        given,
        female,
        born,
        code,
        words,
        phone,
    }
}

/// The child of 14 months and the boy of 15 years stay of that age, whatever the year of planting.
pub(super) fn nina(today: Date) -> Person {
    aged(NINA, today, 14)
}

/// See [`nina`].
pub(super) fn teo(today: Date) -> Person {
    aged(RUGGERINI, today, 14)
}

/// See [`nina`].
pub(super) fn tommaso(today: Date) -> Person {
    aged(BENUCCI, today, 15 * 12 + 8)
}

/// The person, with a date of birth moved only where the age is not the one wanted any more (months, and up to two off).
fn aged(person: Person, today: Date, months: i32) -> Person {
    let born = person.born;
    let age = (i32::from(today.year()) - i32::from(born.year())) * 12 + i32::from(today.month())
        - i32::from(born.month())
        - i32::from(today.day() < born.day());
    if age == months || (months >= 24 && (age - months).abs() <= 2) {
        return person;
    }
    let moved = today
        .checked_sub(months.months())
        .and_then(|d| d.checked_sub(10.days()));
    Person {
        born: moved.unwrap_or(born),
        ..person
    }
}

pub(super) fn plant(writing: &mut Writing<'_>, moment: &Moment) -> Result<(), StoreError> {
    let today = moment.today();
    for (number, person) in OF_THE_DOCTOR.iter().enumerate() {
        put(writing, patient(person, &FERRANTINO, number + 1))?;
    }
    let children = [nina(today), teo(today)]
        .into_iter()
        .chain(OF_THE_PAEDIATRICIAN.iter().map(|p| {
            if p.id() == BENUCCI.id() {
                tommaso(today)
            } else {
                *p
            }
        }));
    for (number, person) in children.enumerate() {
        put(writing, patient(&person, &BRANDOLESI, number + 61))?;
    }
    for related in RELATED {
        put(writing, related_person(related))?;
    }
    weights(writing, moment)?;
    Ok(())
}

/// The latest weight of who is followed by it, and an older one of the youngest: the newest counts.
fn weights(writing: &mut Writing<'_>, moment: &Moment) -> Result<(), StoreError> {
    let today = moment.today();
    for (person, days_ago, kg) in [
        (nina(today), 74, 9.1),
        (nina(today), 12, 9.8),
        (teo(today), 20, 10.4),
        (tommaso(today), 95, 58.5),
        (FALCINI, 33, 61.0),
    ] {
        put(
            writing,
            json!({
                "resourceType": "Observation", "id": format!("peso-{}-{days_ago}", person.id()), "status": "final",
                "category": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "vital-signs"}]}],
                "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7", "display": "Body weight"}], "text": "Peso"},
                "subject": to("Patient", &person.id(), &person.display()),
                "effectiveDateTime": moment.days_ago(days_ago, 10, 15),
                "valueQuantity": {"value": kg, "unit": "kg", "system": "http://unitsofmeasure.org", "code": "kg"},
            }),
        )?;
    }
    Ok(())
}

/// A patient's record; `number` makes address and telephone.
pub(super) fn patient(person: &Person, doctor: &Member, number: usize) -> Value {
    const STREETS: [&str; 6] = [
        "Via dei Tigli",
        "Via del Porto",
        "Piazza della Fontana",
        "Via Vecchia",
        "Viale dei Platani",
        "Vico Stretto",
    ];
    const TOWNS: [&str; 4] = [
        "Portobello del Golfo",
        "Valle Serena",
        "Castelfiorito",
        "Montelieto",
    ];
    let street = STREETS.get(number % STREETS.len()).copied().unwrap_or_default();
    let town = TOWNS.get(number % TOWNS.len()).copied().unwrap_or_default();
    json!({
        "resourceType": "Patient", "id": person.id(), "active": true,
        "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/patient-birthPlace",
            "valueAddress": {"city": "Portobello del Golfo", "state": "Campania", "country": "IT"}}],
        "identifier": [{"system": FISCAL_CODE, "value": person.fiscal_code()}],
        "name": [{"use": "official", "family": person.family, "given": [person.given]}],
        "telecom": [{"system": "phone", "use": "mobile", "value": format!("000 000 {:04}", 200 + number)}],
        "gender": if person.female { "female" } else { "male" },
        "birthDate": person.born.to_string(),
        "address": [{"use": "home", "line": [format!("{street}, {}", number + 3)], "city": town,
            "postalCode": "80999", "state": "Campania", "country": "IT"}],
        "generalPractitioner": [doctor.as_actor()],
    })
}

fn related_person(related: &Related) -> Value {
    let person = Person {
        family: related.family,
        given: related.given,
        female: related.female,
        born: related.born,
    };
    let system = match related.code {
        "CAREGIVER" => "https://postazione.example/relationship",
        _ => "http://terminology.hl7.org/CodeSystem/v3-RoleCode",
    };
    let relationship = json!([{"coding": [{"system": system, "code": related.code}], "text": related.words}]);
    json!({
        "resourceType": "RelatedPerson", "id": person.id(), "active": true,
        "patient": to("Patient", &related.patient.id(), &related.patient.display()),
        "identifier": [{"system": FISCAL_CODE, "value": person.fiscal_code()}],
        "relationship": relationship,
        "name": [{"use": "official", "family": related.family, "given": [related.given]}],
        "telecom": [{"system": "phone", "use": "mobile", "value": related.phone}],
        "gender": if related.female { "female" } else { "male" },
        "birthDate": related.born.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_child_has_14_months_and_the_boy_15_years_in_any_year() {
        for today in [
            date(2026, 11, 21),
            date(2026, 12, 31),
            date(2028, 2, 29),
            date(2031, 3, 1),
        ] {
            for (person, months) in [
                (nina(today), 14..=14),
                (teo(today), 14..=14),
                (tommaso(today), 182..=190),
            ] {
                let born = person.born;
                let mut age =
                    (i32::from(today.year() - born.year())) * 12 + i32::from(today.month() - born.month());
                if today.day() < born.day() {
                    age -= 1;
                }
                assert!(
                    months.contains(&age),
                    "{} is {age} months old on {today}",
                    person.id()
                );
            }
        }
        assert_eq!(
            nina(date(2026, 11, 21)).fiscal_code(),
            "CLLNNI25P46X000O",
            "the date of the mockups is kept"
        );
    }
}
