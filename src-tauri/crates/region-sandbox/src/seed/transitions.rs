//! Transitions of care on the board of the COT, two in each column, and the patients whom only the COT knows.

use jiff::civil::date;
use serde_json::{Value, json};

use super::person::{Person, f, m};
use super::register;
use super::staff::{COT, FERRANTINO, MARZULLESI, Member, SCARPELLINI};
use super::{Moment, plain_code, put, to};
use crate::fhir::StoreError;
use crate::fhir::writing::Writing;

struct Transition<'a> {
    person: Person,
    column: &'a str,
    status: &'a str,
    owner: Option<&'a Member>,
    origin: &'a str,
    destination: &'a str,
    note: &'a str,
    minutes_ago: i64,
    /// Days until the discharge that is expected.
    discharge_in: Option<i64>,
}

pub(super) fn plant(writing: &mut Writing<'_>, moment: &Moment) -> Result<(), StoreError> {
    let transitions = [
        Transition {
            person: f("Pontecorbi", "Sara", date(1945, 1, 16)),
            column: "Da assegnare",
            status: "requested",
            owner: None,
            origin: "Ospedale",
            destination: "Casa con ADI",
            note: "Dimissione prevista oggi, alle 16:00.",
            minutes_ago: 134,
            discharge_in: Some(0),
        },
        Transition {
            person: m("Laurenzani", "Aldo", date(1950, 4, 7)),
            column: "Da assegnare",
            status: "requested",
            owner: None,
            origin: "MMG",
            destination: "Ospedale di comunità",
            note: "Segnalato dal medico di famiglia.",
            minutes_ago: 48,
            discharge_in: None,
        },
        Transition {
            person: f("Trevisanti", "Elda", date(1942, 9, 28)),
            column: "In valutazione",
            status: "accepted",
            owner: Some(&SCARPELLINI),
            origin: "Ospedale",
            destination: "Hospice",
            note: "Richiamare il reparto alle 11:00.",
            minutes_ago: 180,
            discharge_in: Some(2),
        },
        Transition {
            person: f("Monfredini", "Ines", date(1947, 3, 5)),
            column: "In valutazione",
            status: "accepted",
            owner: Some(&MARZULLESI),
            origin: "Casa",
            destination: "Ospedale di comunità",
            note: "Attende posto letto, due strutture.",
            minutes_ago: 1500,
            discharge_in: None,
        },
        Transition {
            person: f("Salvemari", "Rita", date(1949, 6, 20)),
            column: "Dimissione protetta",
            status: "in-progress",
            owner: Some(&SCARPELLINI),
            origin: "Ospedale",
            destination: "Casa con ADI",
            note: "Trasporto confermato.",
            minutes_ago: 2100,
            discharge_in: Some(0),
        },
        Transition {
            person: m("Frasconi", "Leo", date(1960, 2, 11)),
            column: "Dimissione protetta",
            status: "in-progress",
            owner: Some(&MARZULLESI),
            origin: "Ospedale",
            destination: "Casa",
            note: "Caregiver formato.",
            minutes_ago: 2900,
            discharge_in: Some(1),
        },
        Transition {
            person: f("Vignolesi", "Ada", date(1941, 5, 2)),
            column: "Conferma del territorio",
            status: "in-progress",
            owner: Some(&SCARPELLINI),
            origin: "Ospedale",
            destination: "Casa con ADI, Distretto Nord",
            note: "Attende la presa in carico territoriale.",
            minutes_ago: 1480,
            discharge_in: None,
        },
        Transition {
            person: m("Peruginelli", "Max", date(1967, 8, 13)),
            column: "Conferma del territorio",
            status: "in-progress",
            owner: Some(&MARZULLESI),
            origin: "Ospedale",
            destination: "Ospedale di comunità",
            note: "Prima visita fissata.",
            minutes_ago: 240,
            discharge_in: None,
        },
    ];
    for (number, transition) in transitions.iter().enumerate() {
        put(
            writing,
            register::patient(&transition.person, &FERRANTINO, number + 81),
        )?;
        plant_one(writing, moment, number, transition)?;
    }
    Ok(())
}

fn plant_one(
    writing: &mut Writing<'_>,
    moment: &Moment,
    number: usize,
    transition: &Transition<'_>,
) -> Result<(), StoreError> {
    let input = |name: &str, value: &str| json!({"type": {"coding": [{"system": "https://postazione.example/transition", "code": name}]}, "valueString": value});
    let mut inputs = vec![
        input("origin", transition.origin),
        input("destination", transition.destination),
        input("note", transition.note),
    ];
    if let Some(days) = transition.discharge_in {
        let mut discharge: Value = input("expected-discharge", "");
        if let Some(object) = discharge.as_object_mut() {
            object.remove("valueString");
            object.insert("valueDateTime".to_owned(), json!(moment.days_ago(-days, 16, 0)));
        }
        inputs.push(discharge);
    }
    let id = format!("transizione-{}", number + 1);
    let mut task = json!({
        "resourceType": "Task", "id": id, "intent": "order", "status": transition.status,
        "identifier": [{"system": "urn:ietf:rfc:3986", "value": format!("urn:postazione:{id}")}],
        "code": plain_code("transition"), "businessStatus": {"text": transition.column},
        "for": to("Patient", &transition.person.id(), &transition.person.display()),
        "groupIdentifier": {"value": COT}, "requester": SCARPELLINI.as_actor(),
        "authoredOn": moment.ago(transition.minutes_ago), "input": inputs,
    });
    if let Some(owner) = transition.owner {
        task["owner"] = owner.as_actor();
    }
    put(writing, task)
}
