//! Structures and staff.

use jiff::civil::{Date, date};
use serde_json::{Value, json};

use super::person::{Person, f, m};
use super::{EXTENSION, FISCAL_CODE, SPECIALITY, STRUCTURE, coded, put, to};
use crate::fhir::StoreError;
use crate::fhir::access::ROLE_SYSTEM;
use crate::fhir::writing::Writing;

pub(super) const CARDIOLOGY: (&str, &str) = ("02", "Cardiologia");
pub(super) const NEPHROLOGY: (&str, &str) = ("13", "Nefrologia");

pub(super) const VALMORI: Member = member(f("Valmori", "Irene", date(1974, 5, 8)), "specialist", &UNITS[0]);
pub(super) const QUERCETTI: Member = member(
    m("Quercetti", "Sandro", date(1968, 2, 19)),
    "specialist",
    &UNITS[1],
);
pub(super) const FERRANTINO: Member = member(
    m("Ferrantino", "Guido", date(1962, 10, 3)),
    "general_practitioner",
    &UNITS[2],
);
pub(super) const BRANDOLESI: Member = member(
    m("Brandolesi", "Ugo", date(1971, 6, 27)),
    "paediatrician",
    &UNITS[3],
);
pub(super) const SCARPELLINI: Member = member(
    m("Scarpellini", "Dario", date(1983, 1, 14)),
    "cot_operator",
    &UNITS[4],
);
pub(super) const MARZULLESI: Member = member(
    f("Marzullesi", "Rita", date(1988, 11, 30)),
    "cot_operator",
    &UNITS[4],
);

/// The COT of the transitions.
pub(super) const COT: &str = "cot-valle-serena";

/// A unit where somebody works.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unit {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    alias: Option<&'static str>,
    code: &'static str,
    trust: &'static str,
    speciality: Option<(&'static str, &'static str)>,
}

const UNITS: [Unit; 5] = [
    Unit {
        id: "golfo-cardiologia",
        name: "Ospedale del Golfo, Cardiologia",
        alias: Some("Cardiologia"),
        code: "15099901",
        trust: "ao-golfo",
        speciality: Some(CARDIOLOGY),
    },
    Unit {
        id: "golfo-nefrologia",
        name: "Ospedale del Golfo, Nefrologia",
        alias: Some("Nefrologia"),
        code: "15099902",
        trust: "ao-golfo",
        speciality: Some(NEPHROLOGY),
    },
    Unit {
        id: "studio-ferrantino",
        name: "Studio medico Ferrantino",
        alias: None,
        code: "15099911",
        trust: "asl-valle-serena",
        speciality: None,
    },
    Unit {
        id: "ambulatorio-tigli",
        name: "Ambulatorio dei Tigli",
        alias: None,
        code: "15099912",
        trust: "asl-valle-serena",
        speciality: None,
    },
    Unit {
        id: COT,
        name: "COT Valle Serena",
        alias: None,
        code: "15099921",
        trust: "asl-valle-serena",
        speciality: None,
    },
];

/// Somebody at work in a role.
#[derive(Clone, Copy, Debug)]
pub(super) struct Member {
    pub(super) person: Person,
    role: &'static str,
    pub(super) unit: &'static Unit,
}

const fn member(person: Person, role: &'static str, unit: &'static Unit) -> Member {
    Member { person, role, unit }
}

impl Member {
    /// `PractitionerRole.id`.
    pub(super) fn role_id(&self) -> String {
        format!("{}-{}", self.person.id(), self.role.replace('_', "-"))
    }

    /// A reference to the role, as requester, performer, owner or sender.
    pub(super) fn as_actor(&self) -> Value {
        to("PractitionerRole", &self.role_id(), &self.person.display())
    }
}

pub(super) fn plant(writing: &mut Writing<'_>) -> Result<(), StoreError> {
    for (id, code, name) in [
        ("ao-golfo", "950", "Azienda ospedaliera del Golfo"),
        ("asl-valle-serena", "299", "ASL Valle Serena"),
    ] {
        put(
            writing,
            json!({"resourceType": "Organization", "id": id, "active": true, "name": name,
                "identifier": [{"system": STRUCTURE, "value": code}]}),
        )?;
    }
    for unit in &UNITS {
        let mut organization = json!({"resourceType": "Organization", "id": unit.id, "active": true, "name": unit.name,
            "identifier": [{"system": STRUCTURE, "value": unit.code}],
            "partOf": {"reference": format!("Organization/{}", unit.trust)}});
        if let Some(alias) = unit.alias {
            organization["alias"] = json!([alias]);
            organization["extension"] = json!([{"url": format!("{EXTENSION}unit"), "valueString": alias}]);
        }
        put(writing, organization)?;
    }
    for member in [
        VALMORI,
        QUERCETTI,
        FERRANTINO,
        BRANDOLESI,
        SCARPELLINI,
        MARZULLESI,
    ] {
        let person = member.person;
        put(
            writing,
            json!({"resourceType": "Practitioner", "id": person.id(), "active": true,
                "identifier": [{"system": FISCAL_CODE, "value": person.fiscal_code()}],
                "name": [{"use": "official", "family": person.family, "given": [person.given]}],
                "gender": if person.female { "female" } else { "male" }, "birthDate": day(person.born)}),
        )?;
        let mut role = json!({"resourceType": "PractitionerRole", "id": member.role_id(), "active": true,
            "practitioner": to("Practitioner", &person.id(), &person.display()),
            "organization": to("Organization", member.unit.id, member.unit.name),
            "code": [{"coding": [{"system": ROLE_SYSTEM, "code": member.role}]}]});
        if let Some((code, display)) = member.unit.speciality {
            role["specialty"] = json!([coded(SPECIALITY, code, display)]);
        }
        put(writing, role)?;
    }
    Ok(())
}

fn day(date: Date) -> String {
    date.to_string()
}
