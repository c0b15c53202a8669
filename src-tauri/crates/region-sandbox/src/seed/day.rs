//! The televisits of today, all of the cardiologist: spread around the hour of planting, so that whoever starts the
//! region finds some behind and some ahead.

use jiff::civil::Time;
use jiff::{SignedDuration, ToSpan, Zoned};
use serde_json::{Value, json};

use super::documents::{Paper, TELEVISIT, file};
use super::person::Person;
use super::register::{
    ALTOBRANDI, BELLISARIO, CASTAGNARI, FALCINI, FIORENTANO, GUALTEROTTI, MAROTTOLI, MORETTI, PALAZZESE,
    SORBELLINI, TORRIGIANI, VENTRIGLIANI, nina, tommaso,
};
use super::staff::{BRANDOLESI, FERRANTINO, Member, VALMORI};
use super::{CUP, EXTENSION, Moment, NRE, VISIT, coded, plain_code, put, rfc3339, to};
use crate::fhir::StoreError;
use crate::fhir::writing::Writing;

const SLOT_MINUTES: i32 = 20;
/// Of these visits the fourth begins now: three lie behind.
const BEHIND: i32 = 3;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Eligibility {
    Passed { days_ago: i64 },
    Failed { days_ago: i64 },
    NotDone,
}

/// One televisit of the day.
struct Visit {
    person: Person,
    question: &'static str,
    title: &'static str,
    first: bool,
    eligibility: Eligibility,
    payment: &'static str,
    held: bool,
    prescriber: &'static Member,
}

fn visit(person: Person, title: &'static str, question: &'static str) -> Visit {
    Visit {
        person,
        question,
        title,
        first: false,
        eligibility: Eligibility::Passed { days_ago: 2 },
        payment: "paid",
        held: false,
        prescriber: &FERRANTINO,
    }
}

fn visits(moment: &Moment) -> Vec<Visit> {
    let today = moment.today();
    vec![
        Visit {
            held: true,
            ..visit(
                VENTRIGLIANI,
                "Controllo cardiopatia ischemica",
                "Controllo a sei mesi da angioplastica. Asintomatico.",
            )
        },
        Visit {
            held: true,
            payment: "exempt",
            ..visit(
                ALTOBRANDI,
                "Controllo scompenso cardiaco",
                "Controllo del peso e della terapia diuretica.",
            )
        },
        visit(
            BELLISARIO,
            "Controllo scompenso",
            "Controllo dello scompenso in terapia. Valutare il dosaggio del diuretico.",
        ),
        visit(
            MAROTTOLI,
            "Controllo dopo impianto di pacemaker",
            "Controllo a tre mesi dall'impianto di pacemaker bicamerale. Riferisce lieve affanno da sforzo da due settimane. Valutare terapia in atto.",
        ),
        visit(
            TORRIGIANI,
            "Controllo terapia anticoagulante",
            "Controllo della terapia anticoagulante. INR stabile.",
        ),
        visit(
            FIORENTANO,
            "Controllo fibrillazione atriale",
            "Fibrillazione atriale, controllo della frequenza in terapia.",
        ),
        Visit {
            eligibility: Eligibility::Failed { days_ago: 1 },
            payment: "exempt",
            ..visit(
                CASTAGNARI,
                "Controllo ipertensione",
                "Controllo della pressione dopo modifica della terapia.",
            )
        },
        Visit {
            eligibility: Eligibility::Passed { days_ago: 5 },
            ..visit(
                PALAZZESE,
                "Controllo dopo ablazione",
                "Controllo a tre mesi dall'ablazione. Nessuna recidiva riferita.",
            )
        },
        Visit {
            eligibility: Eligibility::NotDone,
            ..visit(
                GUALTEROTTI,
                "Controllo scompenso cardiaco",
                "Controllo dello scompenso, dispnea stabile.",
            )
        },
        Visit {
            first: true,
            payment: "due",
            ..visit(
                SORBELLINI,
                "Prima visita cardiologica",
                "Dolore toracico atipico, prima valutazione cardiologica.",
            )
        },
        Visit {
            prescriber: &BRANDOLESI,
            payment: "exempt",
            ..visit(
                nina(today),
                "Controllo soffio",
                "Soffio sistolico già valutato in presenza, controllo della crescita.",
            )
        },
        Visit {
            prescriber: &BRANDOLESI,
            ..visit(
                tommaso(today),
                "Controllo dopo miocardite",
                "Controllo prima della ripresa dell'attività sportiva.",
            )
        },
        Visit {
            payment: "exempt",
            ..visit(
                FALCINI,
                "Controllo terapia",
                "Controllo della terapia antiaritmica, assistita rappresentata dal tutore.",
            )
        },
        Visit {
            payment: "exempt",
            ..visit(
                MORETTI,
                "Controllo cardiopatia congenita",
                "Controllo annuale, assistito con amministratore di sostegno.",
            )
        },
    ]
}

/// The start of the first visit: at a full slot, and so that the whole day fits before midnight.
fn first_start(now: &Zoned, visits: i32) -> Zoned {
    let minute = i32::from(now.hour()) * 60 + i32::from(now.minute());
    let current = minute / SLOT_MINUTES;
    let latest = 24 * 60 / SLOT_MINUTES - visits;
    let slot = (current - BEHIND).clamp(0, latest.max(0));
    let midnight = now
        .with()
        .time(Time::midnight())
        .build()
        .unwrap_or_else(|_| now.clone());
    later(&midnight, slot * SLOT_MINUTES)
}

fn later(from: &Zoned, minutes: i32) -> Zoned {
    from.checked_add(i64::from(minutes).minutes())
        .unwrap_or_else(|_| from.clone())
}

pub(super) fn plant(writing: &mut Writing<'_>, moment: &Moment) -> Result<(), StoreError> {
    let visits = visits(moment);
    let count = i32::try_from(visits.len()).unwrap_or(0);
    let first = first_start(moment.now(), count);
    for (index, visit) in (0..count).zip(&visits) {
        plant_one(
            writing,
            moment,
            index,
            visit,
            &later(&first, index * SLOT_MINUTES),
        )?;
    }
    Ok(())
}

fn plant_one(
    writing: &mut Writing<'_>,
    moment: &Moment,
    index: i32,
    visit: &Visit,
    start: &Zoned,
) -> Result<(), StoreError> {
    let day = moment.today().strftime("%Y%m%d").to_string();
    let key = format!("{day}-{}", visit.person.id());
    let patient = to("Patient", &visit.person.id(), &visit.person.display());
    let end = rfc3339(&later(start, SLOT_MINUTES));
    put(
        writing,
        json!({
            "resourceType": "ServiceRequest", "id": format!("prescrizione-{key}"), "status": "active", "intent": "order",
            "identifier": [{"system": NRE, "value": nre(moment, index)}],
            "category": [coded(VISIT, if visit.first { "first" } else { "control" }, if visit.first { "Prima visita" } else { "Visita di controllo" })],
            "code": if visit.first {
                coded("https://postazione.example/catalogue", "89.7A.3", "Prima visita cardiologica")
            } else {
                coded("https://postazione.example/catalogue", "89.01.3", "Visita cardiologica di controllo")
            },
            "subject": patient, "authoredOn": moment.days_ago(18, 9, 30), "requester": visit.prescriber.as_actor(),
            "reasonCode": [{"text": visit.question}],
        }),
    )?;
    let appointment = format!("televisita-{key}");
    put(
        writing,
        json!({
            "resourceType": "Appointment", "id": appointment,
            "status": if visit.held { "fulfilled" } else { "booked" },
            "identifier": [{"system": CUP, "value": format!("CUP-{day}-{:04}", index + 1)}],
            "extension": [{"url": format!("{EXTENSION}cup-payment"), "valueCode": visit.payment}],
            "description": visit.title,
            "basedOn": [{"reference": format!("ServiceRequest/prescrizione-{key}")}],
            "start": rfc3339(start), "end": end, "created": moment.days_ago(16, 10, 0),
            "participant": [{"actor": patient, "status": "accepted"}, {"actor": VALMORI.as_actor(), "status": "accepted"}],
        }),
    )?;
    eligibility(writing, moment, visit, &key)?;
    if visit.held {
        held(writing, visit, &key, start, &end)?;
    }
    Ok(())
}

/// An NRE of Campania (150): lot, then day and number of the visit.
fn nre(moment: &Moment, index: i32) -> String {
    format!(
        "150A2{}{:02}",
        moment.today().strftime("%Y%m%d"),
        index.clamp(0, 99)
    )
}

fn eligibility(
    writing: &mut Writing<'_>,
    moment: &Moment,
    visit: &Visit,
    key: &str,
) -> Result<(), StoreError> {
    let (days, passed) = match visit.eligibility {
        Eligibility::Passed { days_ago } => (days_ago, true),
        Eligibility::Failed { days_ago } => (days_ago, false),
        Eligibility::NotDone => return Ok(()),
    };
    let check = |name: &str, value: &str| json!({"type": {"coding": [{"system": "https://postazione.example/check", "code": name}]}, "valueString": value});
    let microphone = if passed {
        "superata"
    } else {
        "non superata: microfono non autorizzato"
    };
    put(
        writing,
        json!({
            "resourceType": "Task", "id": format!("idoneita-{key}"), "intent": "order",
            "status": if passed { "completed" } else { "failed" },
            "code": plain_code("eligibility-test"),
            "focus": {"reference": format!("Appointment/televisita-{key}")},
            "for": to("Patient", &visit.person.id(), &visit.person.display()),
            "executionPeriod": {"start": moment.days_ago(days, 15, 2), "end": moment.days_ago(days, 15, 4)},
            "output": [check("camera", "superata"), check("microphone", microphone), check("network", "superata")],
        }),
    )
}

/// A visit of this morning, with its report.
fn held(
    writing: &mut Writing<'_>,
    visit: &Visit,
    key: &str,
    start: &Zoned,
    end: &str,
) -> Result<(), StoreError> {
    put(
        writing,
        json!({
            "resourceType": "Encounter", "id": format!("visita-{key}"), "status": "finished",
            "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "VR"},
            "subject": to("Patient", &visit.person.id(), &visit.person.display()),
            "participant": [{"individual": VALMORI.as_actor()}],
            "appointment": [{"reference": format!("Appointment/televisita-{key}")}],
            "period": {"start": rfc3339(start), "end": end},
            "extension": [{"url": format!("{EXTENSION}outcome"), "valueCode": "delivered"}],
        }),
    )?;
    let written = later(start, SLOT_MINUTES - 2)
        .checked_add(SignedDuration::ZERO)
        .unwrap_or_else(|_| start.clone());
    let related: Value = json!({"reference": format!("Appointment/televisita-{key}")});
    file(
        writing,
        &Paper {
            id: format!("referto-{key}"),
            patient: &visit.person,
            title: "Referto di televisita",
            kind: TELEVISIT,
            date: rfc3339(&written),
            author: VALMORI.as_actor(),
            lines: &[
                visit.title,
                "Condizioni stabili. Prosegue la terapia in atto.",
                "Controllo a sei mesi.",
            ],
            therapy: &[],
            related: Some(related),
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_fits_between_two_midnights_at_any_hour() {
        for now in [
            "2026-11-21T00:05:00+01:00[Europe/Rome]",
            "2026-11-21T10:07:00+01:00[Europe/Rome]",
            "2026-11-21T23:59:00+01:00[Europe/Rome]",
        ] {
            let now: Zoned = now.parse().expect("a time");
            let first = first_start(&now, 14);
            let end = later(&first, 14 * SLOT_MINUTES - 1);
            assert_eq!(
                (first.date(), end.date()),
                (now.date(), now.date()),
                "planted at {now}"
            );
        }
        let now: Zoned = "2026-11-21T10:07:00+01:00[Europe/Rome]".parse().expect("a time");
        assert_eq!(first_start(&now, 14).strftime("%H:%M").to_string(), "09:00");
    }
}
