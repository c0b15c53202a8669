//! A prescription that the region did not know: the family doctor made it in the usual system and brought its NRE into a
//! teleconsult. The region then knows it, and the CUP books the control visit with who answered.
//!
//! Of a real region these are other systems, which take longer. The eligibility test stays the citizen's, on the portal. Not in it: first
//! visits, which no answer can indicate for the video.

use clinical::Nre;
use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use jiff::{ToSpan, Zoned};
use serde_json::{Value, json};

use super::search::reference_parts;
use super::store::{Precondition, StoreError};
use super::writing::Writing;

const NRE: &str = "http://hl7.it/sid/nre";
const CUP: &str = "http://hl7.it/sid/cup";
/// Days from the prescription to the visit, before a weekend is skipped.
const DAYS: i64 = 12;

/// Makes prescription and booking of an NRE that came in a message and is new here.
pub(super) fn follow(writing: &mut Writing<'_>, message: &Value) -> Result<(), StoreError> {
    let prescribed = message["category"]
        .as_array()
        .into_iter()
        .flatten()
        .flat_map(|category| category["coding"].as_array().into_iter().flatten())
        .any(|coding| coding["code"] == "prescription");
    if message["resourceType"] != "Communication" || !prescribed {
        return Ok(());
    }
    let text = message["payload"][0]["contentString"]
        .as_str()
        .unwrap_or_default();
    let Ok(nre) = Nre::parse(text) else { return Ok(()) };
    let number = nre.as_str();
    if writing
        .matching("ServiceRequest", &format!("identifier={NRE}|{number}"))?
        .is_some()
    {
        return Ok(());
    }
    let prescription = format!("prescrizione-{}", number.to_lowercase());
    let (patient, doctor) = (message["subject"].clone(), message["sender"].clone());
    let now = jiff::Timestamp::now().to_zoned(TimeZone::get("Europe/Rome").unwrap_or(TimeZone::UTC));
    writing.put(
        json!({
            "resourceType": "ServiceRequest", "id": prescription, "status": "active", "intent": "order",
            "identifier": [{"system": NRE, "value": number}],
            "category": [{"coding": [{"system": "https://postazione.example/visit", "code": "control", "display": "Visita di controllo"}],
                "text": "Visita di controllo"}],
            "code": {"text": "Visita di controllo"},
            "subject": patient, "requester": doctor, "authoredOn": said(&now),
        }),
        Precondition::None,
    )?;
    let Some(specialist) = who_answered(writing, message) else {
        return Ok(());
    };
    let start = visit(&now);
    let end = start.checked_add(20.minutes()).unwrap_or_else(|_| start.clone());
    writing
        .put(
            json!({
                "resourceType": "Appointment", "id": format!("televisita-{}", number.to_lowercase()), "status": "booked",
                "identifier": [{"system": CUP, "value": format!("CUP-{number}")}],
                "extension": [{"url": "https://postazione.example/fhir/cup-payment", "valueCode": "due"}],
                "description": "Visita di controllo indicata in un teleconsulto",
                "basedOn": [{"reference": format!("ServiceRequest/{prescription}")}],
                "start": said(&start), "end": said(&end), "created": said(&now),
                "participant": [{"actor": patient, "status": "accepted"}, {"actor": specialist, "status": "accepted"}],
            }),
            Precondition::None,
        )
        .map(drop)
}

/// Who has the case that a message is about.
fn who_answered(writing: &Writing<'_>, message: &Value) -> Option<Value> {
    let request = ["about", "basedOn"].iter().find_map(|field| {
        let reference = message[*field][0]["reference"].as_str()?;
        let (kind, id) = reference_parts(reference);
        (kind == Some("ServiceRequest")).then(|| format!("ServiceRequest/{id}"))
    })?;
    let tasks = writing.store.snapshot("Task");
    tasks
        .iter()
        .filter_map(|task| writing.entry("Task", task.resource["id"].as_str()?))
        .find(|task| {
            task.resource["focus"]["reference"] == request.as_str() && !task.resource["owner"].is_null()
        })
        .map(|task| task.resource["owner"].clone())
}

/// A working day in the morning.
fn visit(now: &Zoned) -> Zoned {
    let mut day = now.date().checked_add(DAYS.days()).unwrap_or(now.date());
    while matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) {
        day = day.tomorrow().unwrap_or(day);
    }
    day.at(10, 20, 0, 0)
        .to_zoned(now.time_zone().clone())
        .unwrap_or_else(|_| now.clone())
}

fn said(time: &Zoned) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}
