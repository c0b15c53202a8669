//! Domain types as the window sees them, for what several subjects show: patients, instants, names.
//!
//! Not in it: the views of one subject, which stand beside its verbs.

use clinical::{Age, Patient, Role};
use contract::patient::{PatientView, RelatedPersonView, RepresentativeTitle, Sex};
use contract::{ErrorCode, Failure, session as session_view};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use region::RelatedPerson;

/// The zone in which days are meant: the region's, whatever the PC says.
pub(crate) fn zone() -> TimeZone {
    TimeZone::get("Europe/Rome").unwrap_or(TimeZone::UTC)
}

pub(crate) fn today(now: Timestamp) -> Date {
    local(now).date()
}

pub(crate) fn local(at: Timestamp) -> Zoned {
    at.to_zoned(zone())
}

pub(crate) fn instant(at: Timestamp) -> String {
    at.to_string()
}

pub(crate) fn parse_day(text: &str) -> Result<Date, Failure> {
    text.parse()
        .map_err(|_| Failure::new(ErrorCode::BadRequest, "request/day"))
}

pub(crate) fn parse_instant(text: &str) -> Result<Timestamp, Failure> {
    text.parse()
        .map_err(|_| Failure::new(ErrorCode::BadRequest, "request/instant"))
}

pub(crate) fn role(role: Role) -> session_view::Role {
    match role {
        Role::Specialist => session_view::Role::Specialist,
        Role::GeneralPractitioner => session_view::Role::GeneralPractitioner,
        Role::Paediatrician => session_view::Role::Paediatrician,
        Role::CotOperator => session_view::Role::CotOperator,
    }
}

pub(crate) fn title(title: clinical::Title) -> RepresentativeTitle {
    match title {
        clinical::Title::Parent => RepresentativeTitle::Parent,
        clinical::Title::Guardian => RepresentativeTitle::Guardian,
        clinical::Title::SupportAdministrator => RepresentativeTitle::SupportAdministrator,
    }
}

pub(crate) fn title_in(title: RepresentativeTitle) -> clinical::Title {
    match title {
        RepresentativeTitle::Parent => clinical::Title::Parent,
        RepresentativeTitle::Guardian => clinical::Title::Guardian,
        RepresentativeTitle::SupportAdministrator => clinical::Title::SupportAdministrator,
    }
}

pub(crate) fn patient(patient: &Patient, related: &[RelatedPerson], now: Timestamp) -> PatientView {
    let day = today(now);
    let (age_months, age_years) = match patient.age_on(day) {
        Age::Months(months) => (Some(months), months / 12),
        Age::Years(years) => (None, years),
    };
    let minor = patient.is_minor_on(day);
    PatientView {
        id: patient.id.to_string(),
        family: patient.name.family.expose().clone(),
        given: patient.name.given.expose().clone(),
        sex: match patient.sex {
            clinical::Sex::Female => Sex::Female,
            clinical::Sex::Male => Sex::Male,
            clinical::Sex::Unknown => Sex::Unknown,
        },
        birth_date: patient.birth_date.expose().to_string(),
        age_months,
        age_years,
        fiscal_code: patient.fiscal_code.as_str().to_owned(),
        phone: patient.phone.as_ref().map(|phone| phone.expose().clone()),
        minor,
        represented: minor || related.iter().any(|person| person.title.is_some()),
        // From measurements, where the archive is at hand (`patient::weighed`).
        weight_kg: None,
        weight_on: None,
        related: related.iter().map(related_person).collect(),
    }
}

fn related_person(person: &RelatedPerson) -> RelatedPersonView {
    let words = match person.title {
        Some(clinical::Title::Parent) => "genitore",
        Some(clinical::Title::Guardian) => "tutore",
        Some(clinical::Title::SupportAdministrator) => "amministratore di sostegno",
        None => "caregiver",
    };
    RelatedPersonView {
        family: person.name.family.expose().clone(),
        given: person.name.given.expose().clone(),
        title: person.title.map(title),
        relation: person.relation.clone().unwrap_or_else(|| words.to_owned()),
        phone: person.phone.as_ref().map(|phone| phone.expose().clone()),
    }
}
