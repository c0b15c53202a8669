//! What the store knows of a citizen, as the pages need it: who, which televisits, with whom, the test's outcome.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::Value;

use crate::Region;

/// A citizen.
#[derive(Clone, Debug)]
pub(super) struct Citizen {
    pub(super) id: String,
    pub(super) family: String,
    pub(super) given: String,
    pub(super) birth: Option<Date>,
}

impl Citizen {
    pub(super) fn read(region: &Region, id: &str) -> Option<Self> {
        region
            .store
            .read("Patient", id)
            .ok()
            .flatten()
            .map(|patient| Self::of(&patient))
    }

    /// Everybody, by name.
    pub(super) fn all(region: &Region) -> Vec<Self> {
        let mut all: Vec<Self> = found(region, "Patient", &[]).iter().map(Self::of).collect();
        all.sort_by(|a, b| (&a.family, &a.given).cmp(&(&b.family, &b.given)));
        all
    }

    fn of(patient: &Value) -> Self {
        let name = &patient["name"][0];
        Self {
            id: text(&patient["id"]),
            family: text(&name["family"]),
            given: given(name),
            birth: patient["birthDate"].as_str().and_then(|date| date.parse().ok()),
        }
    }

    /// As lists show it: MAROTTOLI Assunta.
    pub(super) fn listed_name(&self) -> String {
        format!("{} {}", self.family.to_uppercase(), self.given)
    }

    pub(super) fn initials(&self) -> String {
        self.given
            .chars()
            .take(1)
            .chain(self.family.chars().take(1))
            .collect::<String>()
            .to_uppercase()
    }

    /// In years, in months under two years.
    pub(super) fn age(&self, now: Timestamp) -> Option<String> {
        let today = local(now).date();
        let birth = self.birth.filter(|birth| *birth <= today)?;
        let lived = birth.until((jiff::Unit::Year, today)).ok()?;
        let months = i32::from(lived.get_years()) * 12 + lived.get_months();
        Some(match months {
            1 => "1 mese".to_owned(),
            0..24 => format!("{months} mesi"),
            _ => format!("{} anni", lived.get_years()),
        })
    }

    pub(super) fn home(&self) -> String {
        format!("/portale/{}", self.id)
    }

    pub(super) fn documents(&self) -> String {
        format!("/portale/documenti/{}", self.id)
    }

    /// The televisits, in order of time.
    pub(super) fn televisits(&self, region: &Region) -> Vec<Televisit> {
        let mine = format!("Patient/{}", self.id);
        let mut all: Vec<Televisit> = found(region, "Appointment", &[("actor", &mine)])
            .iter()
            .filter_map(|appointment| Televisit::of(region, appointment))
            .collect();
        all.sort_by_key(|televisit| televisit.start);
        all
    }
}

/// An appointment for a televisit.
#[derive(Clone, Debug)]
pub(super) struct Televisit {
    pub(super) id: String,
    pub(super) status: String,
    pub(super) start: Option<Timestamp>,
    pub(super) patient: String,
    /// What the appointment says it is for, else what was prescribed.
    pub(super) service: String,
    pub(super) doctor: Doctor,
    pub(super) structure: String,
    pub(super) phone: Option<String>,
    pub(super) booking: Option<String>,
}

/// The doctor of a televisit.
#[derive(Clone, Debug)]
pub(super) struct Doctor {
    pub(super) name: String,
    pub(super) female: bool,
}

impl Doctor {
    /// "dottoressa Irene Valmori", without the article.
    pub(super) fn title_and_name(&self) -> String {
        format!(
            "{} {}",
            if self.female { "dottoressa" } else { "dottor" },
            self.name
        )
    }

    /// "La dottoressa Irene Valmori", at the beginning of a sentence.
    pub(super) fn with_article(&self) -> String {
        format!(
            "{} {}",
            if self.female { "La" } else { "Il" },
            self.title_and_name()
        )
    }

    /// For `data-doctor-gender`.
    pub(super) fn gender(&self) -> &'static str {
        if self.female { "female" } else { "male" }
    }
}

impl Televisit {
    pub(super) fn read(region: &Region, id: &str) -> Option<Self> {
        region
            .store
            .read("Appointment", id)
            .ok()
            .flatten()
            .and_then(|appointment| Self::of(region, &appointment))
    }

    fn of(region: &Region, appointment: &Value) -> Option<Self> {
        let actors = || list(&appointment["participant"]).filter_map(|p| p["actor"]["reference"].as_str());
        let patient = actors()
            .find_map(|reference| reference.strip_prefix("Patient/"))?
            .to_owned();
        let role = actors()
            .find_map(|reference| resource(region, reference, "PractitionerRole"))
            .unwrap_or_default();
        let practitioner =
            resource(region, &text(&role["practitioner"]["reference"]), "Practitioner").unwrap_or_default();
        let organization =
            resource(region, &text(&role["organization"]["reference"]), "Organization").unwrap_or_default();
        let request = list(&appointment["basedOn"])
            .find_map(|based_on| resource(region, based_on["reference"].as_str()?, "ServiceRequest"))
            .unwrap_or_default();
        let service = appointment["description"]
            .as_str()
            .map(str::to_owned)
            .or_else(|| {
                [&request["code"], &appointment["serviceType"][0]]
                    .into_iter()
                    .find_map(concept)
            })
            .unwrap_or_else(|| "Televisita di controllo".to_owned());
        let name = &practitioner["name"][0];
        Some(Self {
            id: text(&appointment["id"]),
            status: text(&appointment["status"]),
            start: appointment["start"].as_str().and_then(|start| start.parse().ok()),
            patient,
            service,
            doctor: Doctor {
                name: format!("{} {}", given(name), text(&name["family"]))
                    .trim()
                    .to_owned(),
                female: practitioner["gender"] == "female",
            },
            structure: text(&organization["name"]),
            phone: list(&organization["telecom"])
                .find(|telecom| telecom["system"] == "phone")
                .and_then(|telecom| telecom["value"].as_str().map(str::to_owned)),
            booking: list(&appointment["identifier"])
                .find(|identifier| identifier["system"] == "http://hl7.it/sid/cup")
                .and_then(|identifier| identifier["value"].as_str().map(str::to_owned)),
        })
    }

    /// Whether the patient may still come in.
    pub(super) fn is_open(&self) -> bool {
        matches!(
            self.status.as_str(),
            "proposed" | "pending" | "booked" | "arrived" | "checked-in"
        )
    }

    pub(super) fn test_page(&self) -> String {
        format!("/portale/prova/{}", self.id)
    }

    /// The last outcome of the eligibility test, and when.
    pub(super) fn eligibility(&self, region: &Region) -> Option<(bool, Timestamp)> {
        let focus = format!("Appointment/{}", self.id);
        found(region, "Task", &[("focus", &focus)])
            .iter()
            .filter(|task| list(&task["code"]["coding"]).any(|coding| coding["code"] == "eligibility-test"))
            .filter_map(|task| {
                let end = task["executionPeriod"]["end"]
                    .as_str()?
                    .parse::<Timestamp>()
                    .ok()?;
                Some((task["status"] == "completed", end))
            })
            .max_by_key(|(_, end)| *end)
    }
}

/// Resources by search; what the store cannot give is not shown.
pub(super) fn found(region: &Region, resource_type: &str, parameters: &[(&str, &str)]) -> Vec<Value> {
    region
        .store
        .search(resource_type, parameters)
        .unwrap_or_else(|error| {
            tracing::error!(%error, resource_type, "a search of the citizen's pages failed");
            Vec::new()
        })
}

fn resource(region: &Region, reference: &str, resource_type: &str) -> Option<Value> {
    let id = reference.strip_prefix(resource_type)?.strip_prefix('/')?;
    region.store.read(resource_type, id).ok().flatten()
}

pub(super) fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

pub(super) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The words of a CodeableConcept.
pub(super) fn concept(concept: &Value) -> Option<String> {
    concept["text"]
        .as_str()
        .or_else(|| list(&concept["coding"]).find_map(|coding| coding["display"].as_str()))
        .map(str::to_owned)
}

fn given(name: &Value) -> String {
    list(&name["given"])
        .filter_map(Value::as_str)
        .collect::<Vec<_>>()
        .join(" ")
}

/// Times are shown as in Italy, wherever the machine stands.
pub(super) fn local(time: Timestamp) -> jiff::Zoned {
    time.to_zoned(TimeZone::get("Europe/Rome").unwrap_or(TimeZone::UTC))
}

const DAYS: [&str; 7] = [
    "lunedì",
    "martedì",
    "mercoledì",
    "giovedì",
    "venerdì",
    "sabato",
    "domenica",
];
const MONTHS: [&str; 12] = [
    "gennaio",
    "febbraio",
    "marzo",
    "aprile",
    "maggio",
    "giugno",
    "luglio",
    "agosto",
    "settembre",
    "ottobre",
    "novembre",
    "dicembre",
];

/// "oggi", "domani", "lunedì 23 novembre".
pub(super) fn day(time: Timestamp, now: Timestamp) -> String {
    let (then, today) = (local(time).date(), local(now).date());
    if then == today {
        return "oggi".to_owned();
    }
    if today.tomorrow().is_ok_and(|tomorrow| tomorrow == then) {
        return "domani".to_owned();
    }
    let name = usize::try_from(then.weekday().to_monday_zero_offset())
        .ok()
        .and_then(|n| DAYS.get(n))
        .copied();
    let date = date(then);
    let year = if then.year() == today.year() {
        String::new()
    } else {
        format!(" {}", then.year())
    };
    format!("{} {date}{year}", name.unwrap_or_default())
}

/// "23 novembre".
pub(super) fn date(date: Date) -> String {
    let month = usize::try_from(date.month() - 1)
        .ok()
        .and_then(|n| MONTHS.get(n))
        .copied()
        .unwrap_or_default();
    format!("{} {month}", date.day())
}

/// "16:30".
pub(super) fn hour(time: Timestamp) -> String {
    let local = local(time);
    format!("{:02}:{:02}", local.hour(), local.minute())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    #[test]
    fn days_are_told_as_people_tell_them_and_in_italian_time() {
        // 23:30 in UTC is already the next day in Italy.
        let now = at("2026-11-20T23:30:00Z");
        assert_eq!(day(at("2026-11-21T15:30:00Z"), now), "oggi");
        assert_eq!(day(at("2026-11-22T08:00:00Z"), now), "domani");
        assert_eq!(day(at("2026-11-23T08:00:00Z"), now), "lunedì 23 novembre");
        assert_eq!(day(at("2027-01-04T08:00:00Z"), now), "lunedì 4 gennaio 2027");
        assert_eq!(hour(at("2026-11-21T15:30:00Z")), "16:30");
    }

    #[test]
    fn a_small_child_has_an_age_in_months() {
        let child = |birth: &str| Citizen {
            id: String::new(),
            family: String::new(),
            given: String::new(),
            birth: birth.parse().ok(),
        };
        let now = at("2026-11-21T10:00:00Z");
        assert_eq!(child("2025-09-10").age(now).as_deref(), Some("14 mesi"));
        assert_eq!(child("2011-03-02").age(now).as_deref(), Some("15 anni"));
        assert_eq!(child("2027-01-01").age(now), None, "not born yet");
    }
}
