//! The agenda: one entry for each televisit, with patient, prescription, technical test, booking and wait.
//!
//! Mapped from Appointment, Patient, ServiceRequest and Task; the rules over these facts are those of
//! `televisit`. An entry whose patient cannot be read is kept and says so: it must not vanish from a day.

use clinical::{Nre as NreNumber, Patient, PatientId, TelevisitId};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use televisit::{Booking, Eligibility, EligibilityCheck, Payment, Prescription, VisitKind};

use super::people::patient;
use super::value::{code, extension, identifier, instant, items, reference_id, text, words};
use super::{CUP, EXTENSION, Fhir, NRE, ResourceType};
use crate::RegionError;

/// System of the kind of visit.
pub const VISIT: &str = "https://postazione.example/visit";
/// Code of the Task that records a technical test.
pub const ELIGIBILITY: &str = "eligibility-test";

/// Status of an appointment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AppointmentStatus {
    /// Booked.
    Booked,
    /// The patient is in the waiting room.
    Arrived,
    /// Held.
    Fulfilled,
    /// The patient did not come.
    NoShow,
    /// Cancelled.
    Cancelled,
    /// Anything else of FHIR's list (proposed, pending, waitlist…).
    Other,
}

/// One televisit of the agenda.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgendaEntry {
    /// FHIR id of the appointment.
    pub id: TelevisitId,
    /// Its version, for `If-Match`.
    pub version: Option<String>,
    /// Status.
    pub status: AppointmentStatus,
    /// Whose.
    pub patient_id: PatientId,
    /// The demographic record; `None` when it could not be read.
    pub patient: Option<Patient>,
    /// FHIR id of the PractitionerRole that holds it.
    pub role: Option<String>,
    /// CUP booking and hour.
    pub booking: Booking,
    /// Prescription.
    pub prescription: Option<Prescription>,
    /// Newest technical test.
    pub eligibility: Option<Eligibility>,
    /// In the waiting room since.
    pub waiting_since: Option<Timestamp>,
    /// When the appointment last changed.
    pub changed_at: Option<Timestamp>,
}

/// An entry from its appointment and the resources known beside it (Patient, ServiceRequest, Task; others are skipped).
pub fn entry(appointment: &Value, others: &[Value]) -> Option<AgendaEntry> {
    let id = text(appointment, "/id")?;
    let actor =
        |kind: &str| items(appointment, "/participant").find_map(|p| reference_id(p.get("actor")?, kind));
    let patient_id = actor("Patient")?;
    let of = |kind: &str, id: &str| {
        others
            .iter()
            .find(|o| text(o, "/resourceType") == Some(kind) && text(o, "/id") == Some(id))
    };
    let request = items(appointment, "/basedOn")
        .find_map(|r| reference_id(r, "ServiceRequest"))
        .and_then(|id| of("ServiceRequest", id));
    let status = match text(appointment, "/status") {
        Some("booked") => AppointmentStatus::Booked,
        Some("arrived" | "checked-in") => AppointmentStatus::Arrived,
        Some("fulfilled") => AppointmentStatus::Fulfilled,
        Some("noshow") => AppointmentStatus::NoShow,
        Some("cancelled" | "entered-in-error") => AppointmentStatus::Cancelled,
        _ => AppointmentStatus::Other,
    };
    let payment = extension(appointment, &format!("{EXTENSION}cup-payment"))
        .and_then(|e| text(e, "/valueCode").or_else(|| text(e, "/valueString")));
    let waiting = extension(appointment, &format!("{EXTENSION}waiting-since"))
        .and_then(|e| instant(e, "/valueDateTime"))
        .filter(|_| status == AppointmentStatus::Arrived);
    let eligibility = others
        .iter()
        .filter(|t| t.get("focus").and_then(|f| reference_id(f, "Appointment")) == Some(id))
        .filter_map(eligibility)
        .max_by_key(|e| e.at);
    Some(AgendaEntry {
        id: id.into(),
        version: text(appointment, "/meta/versionId").map(str::to_owned),
        status,
        patient_id: patient_id.into(),
        patient: of("Patient", patient_id).and_then(patient),
        role: actor("PractitionerRole").map(str::to_owned),
        booking: Booking {
            number: identifier(appointment, CUP).map(str::to_owned),
            payment: match payment {
                Some("paid") => Some(Payment::Paid),
                Some("exempt") => Some(Payment::Exempt),
                Some("due") => Some(Payment::Due),
                _ => None,
            },
            start: instant(appointment, "/start")?,
            end: instant(appointment, "/end"),
        },
        prescription: request.and_then(prescription),
        eligibility,
        waiting_since: waiting,
        changed_at: instant(appointment, "/meta/lastUpdated"),
    })
}

/// A prescription.
pub fn prescription(resource: &Value) -> Option<Prescription> {
    let kind = items(resource, "/category").find_map(|c| code(c, VISIT));
    let service = resource.get("code");
    Some(Prescription {
        id: text(resource, "/id")?.to_owned(),
        nre: identifier(resource, NRE).and_then(|n| NreNumber::parse(n).ok()),
        kind: match kind {
            Some("control") => Some(VisitKind::Control),
            Some("first") => Some(VisitKind::First),
            _ => None,
        },
        service_code: service.and_then(|c| text(c, "/coding/0/code")).map(str::to_owned),
        service: service.and_then(words).map(Into::into),
        question: items(resource, "/reasonCode").find_map(words).map(Into::into),
        prescriber: text(resource, "/requester/display").map(Into::into),
        requester: resource
            .get("requester")
            .and_then(|r| reference_id(r, "PractitionerRole"))
            .map(str::to_owned),
        authored_on: instant(resource, "/authoredOn"),
    })
}

/// A technical test, when the task is one and it is over.
pub fn eligibility(task: &Value) -> Option<Eligibility> {
    let coded = items(task, "/code/coding").any(|c| text(c, "/code") == Some(ELIGIBILITY));
    if text(task, "/resourceType") != Some("Task") || !coded {
        return None;
    }
    let passed = match text(task, "/status") {
        Some("completed") => true,
        Some("failed") => false,
        _ => return None,
    };
    let checks = items(task, "/output")
        .filter_map(|o| {
            let name = text(o, "/type/coding/0/code").or_else(|| text(o, "/type/text"))?;
            Some(EligibilityCheck {
                name: name.to_owned(),
                result: text(o, "/valueString")?.to_owned(),
            })
        })
        .collect();
    let at = instant(task, "/executionPeriod/end").or_else(|| instant(task, "/lastModified"))?;
    Some(Eligibility { passed, at, checks })
}

impl Fhir {
    /// The televisits of a role on a day, by hour. `zone` is where the day is meant (Europe/Rome).
    pub async fn agenda(
        &self,
        role: &str,
        day: Date,
        zone: &TimeZone,
    ) -> Result<Vec<AgendaEntry>, RegionError> {
        let start = |day: Date| {
            day.to_zoned(zone.clone())
                .map(|z| z.timestamp())
                .map_err(|_| RegionError::Garbled)
        };
        let from = format!("ge{}", start(day)?);
        let to = format!("lt{}", start(day.tomorrow().map_err(|_| RegionError::Garbled)?)?);
        self.agenda_where(&[
            ("actor", &format!("PractitionerRole/{role}")),
            ("date", &from),
            ("date", &to),
        ])
        .await
    }

    /// One televisit.
    pub async fn televisit(&self, id: &TelevisitId) -> Result<AgendaEntry, RegionError> {
        let entries = self.agenda_where(&[("_id", id.as_str())]).await?;
        entries.into_iter().next().ok_or(RegionError::NotFound)
    }

    /// Entries by any search of Appointment.
    pub async fn agenda_where(&self, only: &[(&str, &str)]) -> Result<Vec<AgendaEntry>, RegionError> {
        let mut query = only.to_vec();
        query.push(("_include", "Appointment:patient"));
        query.push(("_include", "Appointment:based-on"));
        query.push(("_count", "100"));
        let page = self.search_all(ResourceType::Appointment, &query).await?;
        let mut others = page.included;
        let references: Vec<String> = page
            .matches
            .iter()
            .filter_map(|a| text(a, "/id"))
            .map(|id| format!("Appointment/{id}"))
            .collect();
        for some in references.chunks(40) {
            let tasks = self
                .search_all(
                    ResourceType::Task,
                    &[
                        ("focus", &some.join(",")),
                        ("code", ELIGIBILITY),
                        ("_count", "200"),
                    ],
                )
                .await?;
            others.extend(tasks.matches);
        }
        let mut entries: Vec<AgendaEntry> = page.matches.iter().filter_map(|a| entry(a, &others)).collect();
        entries.sort_by(|a, b| (a.booking.start, &a.id).cmp(&(b.booking.start, &b.id)));
        Ok(entries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn appointment() -> Value {
        json!({
            "resourceType": "Appointment", "id": "a1", "meta": {"versionId": "3", "lastUpdated": "2026-11-20T09:00:00Z"},
            "status": "arrived", "start": "2026-11-20T10:00:00+01:00", "end": "2026-11-20T10:20:00+01:00",
            "identifier": [{"system": CUP, "value": "CUP-77"}],
            "extension": [
                {"url": format!("{EXTENSION}cup-payment"), "valueCode": "paid"},
                {"url": format!("{EXTENSION}waiting-since"), "valueDateTime": "2026-11-20T09:58:00+01:00"}],
            "basedOn": [{"reference": "ServiceRequest/s1"}],
            "participant": [{"actor": {"reference": "Patient/p1"}}, {"actor": {"reference": "PractitionerRole/r1"}}]
        })
    }

    fn test(id: &str, status: &str, end: &str) -> Value {
        json!({"resourceType": "Task", "id": id, "status": status, "code": {"coding": [{"code": ELIGIBILITY}]},
            "focus": {"reference": "Appointment/a1"}, "executionPeriod": {"end": end},
            "output": [{"type": {"text": "camera"}, "valueString": "ok"}]})
    }

    #[test]
    fn an_entry_carries_its_facts_and_the_newest_test() {
        let others = [
            json!({"resourceType": "ServiceRequest", "id": "s1",
                "category": [{"coding": [{"system": VISIT, "code": "control"}]}],
                "identifier": [{"system": NRE, "value": "150A24000000012"}],
                "reasonCode": [{"text": "Controllo"}], "authoredOn": "2026-11-02"}),
            test("t1", "failed", "2026-11-17T10:00:00Z"),
            test("t2", "completed", "2026-11-18T10:00:00Z"),
        ];
        let e = entry(&appointment(), &others).unwrap();
        assert_eq!(e.status, AppointmentStatus::Arrived);
        assert_eq!(e.booking.payment, Some(Payment::Paid));
        assert!(e.waiting_since.is_some());
        assert!(
            e.eligibility.unwrap().passed,
            "an older failure hid the newer test"
        );
        let p = e.prescription.unwrap();
        assert_eq!(p.kind, Some(VisitKind::Control));
        assert!(p.nre.is_some());
        assert!(e.patient.is_none(), "an unread patient keeps the entry");
    }

    #[test]
    fn waiting_counts_only_while_arrived() {
        let mut a = appointment();
        a["status"] = json!("fulfilled");
        assert_eq!(entry(&a, &[]).unwrap().waiting_since, None);
    }

    #[test]
    fn an_appointment_without_patient_or_hour_is_no_televisit() {
        for missing in ["participant", "start", "id"] {
            let mut a = appointment();
            a.as_object_mut().unwrap().remove(missing);
            assert!(entry(&a, &[]).is_none(), "{missing}");
        }
    }
}
