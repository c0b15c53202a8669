//! *Da prescrivere*: the control visits that answers indicated, from the NRE to the date given by the CUP.
//!
//! The doctor prescribes in the usual system and brings the NRE here; the region's own records say the rest (prescription,
//! booking, eligibility test). What was last heard is kept, so that the list is whole without a network too. Not in it: making a
//! prescription, which this program never does.

use ::teleconsult::{Answer as Written, Case, Message, MessageKind};
use ::televisit::VisitKind;
use cache::AuditAction;
use clinical::Nre;
use contract::delivery::QueueSubject;
use contract::teleconsult::{PrescribeRequest, PrescriptionDueView, PrescriptionListView, PrescriptionState};
use contract::{Answer, ErrorCode, Failure};
use jiff::{SignedDuration, Timestamp};
use region::fhir::value::id_in;
use region::fhir::{AppointmentStatus, agenda};
use region::{RegionError, ResourceType};
use serde::{Deserialize, Serialize};

use super::{Known, say, view};
use crate::colleague::Directory;
use crate::core::{Core, blocking};
use crate::desk::Desk;
use crate::failure::OrFail;
use crate::{patient, trace, views};

/// Kind of what the region last said of a prescription.
const FOLLOWED: &str = "teleconsult-followed";
/// The region is asked again after this.
const AGAIN: SignedDuration = SignedDuration::from_secs(20);
/// Prescriptions asked about in one go.
const MOST: usize = 50;

/// What the region last said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Followed {
    nre: Nre,
    /// None while the region knows no prescription of this number.
    state: Option<Standing>,
    eligible: Option<bool>,
    booked_for: Option<Timestamp>,
    at: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Standing {
    Prescribed,
    Booked,
    Held,
    OtherPatient,
    NotAControlVisit,
}

impl Core {
    /// `teleconsult_prescriptions`.
    pub async fn teleconsult_prescriptions(&self) -> Answer<PrescriptionListView> {
        let desk = self.desk()?;
        desk.allow(desk.role().asks_teleconsults(), "prescriptions")?;
        if self.can_ask() {
            // Without an answer the list shows what was last heard, and of when that is.
            self.follow_prescriptions(&desk).await;
        }
        blocking(move || list(&desk)).await
    }

    /// `teleconsult_prescribe`. The same NRE again is harmless.
    pub async fn teleconsult_prescribe(&self, request: PrescribeRequest) -> Answer<PrescriptionListView> {
        let desk = self.desk()?;
        desk.allow(desk.role().asks_teleconsults(), &request.teleconsult_id)?;
        let nre = Nre::parse(&request.nre)
            .map_err(|_| Failure::new(ErrorCode::RequestIncomplete, "teleconsult/nre").with_field("nre"))?;
        let worker = desk.clone();
        blocking(move || prescribe(&worker, &request.teleconsult_id, &nre)).await?;
        self.teleconsult_queued(&desk);
        self.teleconsult_prescriptions().await
    }

    async fn follow_prescriptions(&self, desk: &Desk) {
        let now = Timestamp::now();
        let known = super::all(desk).unwrap_or_default();
        let due = known
            .iter()
            .filter_map(|known| Some((&known.case, known.case.prescription()?)))
            .filter(|(case, nre)| {
                followed(desk, case).is_none_or(|last| {
                    last.nre != *nre
                        || (last.state != Some(Standing::Held) && now.duration_since(last.at) >= AGAIN)
                })
            })
            .take(MOST);
        for (case, nre) in due {
            let Ok(found) = self.look_up(case, nre).await else {
                break;
            };
            let subject = trace::subject(FOLLOWED, case.id().as_str());
            let Ok(body) = serde_json::to_vec(&found) else {
                continue;
            };
            let kept = desk
                .outbox()
                .commit(now, move |step| step.draft_put(&subject, FOLLOWED, &body));
            if kept.is_err() {
                tracing::warn!("what the region said of a prescription was not kept");
            }
        }
    }

    async fn look_up(&self, case: &Case, nre: Nre) -> Result<Followed, RegionError> {
        let fhir = self.inner.region.fhir();
        let number = format!("{}|{}", region::fhir::NRE, nre.as_str());
        let mut found = Followed {
            nre,
            state: None,
            eligible: None,
            booked_for: None,
            at: Timestamp::now(),
        };
        let request = fhir
            .search(ResourceType::ServiceRequest, &[("identifier", &number)])
            .await?
            .matches
            .into_iter()
            .next();
        let Some(request) = request else { return Ok(found) };
        let subject = request.pointer("/subject/reference").and_then(|r| r.as_str());
        if subject.and_then(|r| id_in(r, "Patient")) != Some(case.request.patient.as_str()) {
            found.state = Some(Standing::OtherPatient);
            return Ok(found);
        }
        let Some(prescription) = agenda::prescription(&request) else {
            return Ok(found);
        };
        if prescription.kind == Some(VisitKind::First) {
            found.state = Some(Standing::NotAControlVisit);
            return Ok(found);
        }
        found.state = Some(Standing::Prescribed);
        let about = format!("ServiceRequest/{}", prescription.id);
        let bookings = fhir
            .search(ResourceType::Appointment, &[("based-on", about.as_str())])
            .await?;
        let Some(entry) = bookings.matches.iter().find_map(|a| agenda::entry(a, &[])) else {
            return Ok(found);
        };
        found.booked_for = Some(entry.booking.start);
        found.state = Some(match entry.status {
            AppointmentStatus::Fulfilled => Standing::Held,
            AppointmentStatus::Cancelled | AppointmentStatus::NoShow => Standing::Prescribed,
            _ => Standing::Booked,
        });
        let focus = format!("Appointment/{}", entry.id);
        let tests = fhir
            .search(ResourceType::Task, &[("focus", focus.as_str())])
            .await?;
        found.eligible = tests
            .matches
            .iter()
            .filter_map(agenda::eligibility)
            .max_by_key(|test| test.at)
            .map(|test| test.passed);
        Ok(found)
    }
}

fn prescribe(desk: &Desk, id: &str, nre: &Nre) -> Result<(), Failure> {
    let known = super::require(desk, id)?;
    if known.case.prescription().as_ref() == Some(nre) {
        return Ok(());
    }
    let message = say::message(desk, MessageKind::Prescription, nre.as_str());
    let mut case = known.case.clone();
    case.prescribe(message.clone())
        .map_err(|refusal| super::refused(refusal, &known, desk))?;
    let subject = QueueSubject::TeleconsultMessage;
    say::say(
        desk,
        &known,
        &case,
        message,
        subject,
        AuditAction::TeleconsultPrescribed,
    )
}

fn followed(desk: &Desk, case: &Case) -> Option<Followed> {
    let subject = trace::subject(FOLLOWED, case.id().as_str());
    let kept = desk.outbox().draft_load(&subject).ok().flatten()?;
    serde_json::from_slice(&kept.body).ok()
}

fn list(desk: &Desk) -> Result<PrescriptionListView, Failure> {
    let now = Timestamp::now();
    let me = desk.assignment().id;
    let directory = Directory::load(desk);
    let lines = desk.outbox().queue().or_fail()?;
    let mut rows = Vec::new();
    for known in super::all(desk)? {
        let case = &known.case;
        let answer = case.messages.iter().rev().find(|m| m.kind == MessageKind::Answer);
        let (Some(answer), true) = (
            answer,
            case.request.requester == me && case.indicates_control_visit(),
        ) else {
            continue;
        };
        let Some(patient) = patient::view_of(desk, &case.request.patient, now) else {
            continue;
        };
        rows.push(row(desk, &known, answer, patient, &directory, &lines));
    }
    rows.sort_by(|a, b| {
        let order = |row: &PrescriptionDueView| (rank(row.state), row.indicated_at.clone());
        order(a).cmp(&order(b))
    });
    Ok(PrescriptionListView { rows })
}

fn row(
    desk: &Desk,
    known: &Known,
    answer: &Message,
    patient: contract::patient::PatientView,
    directory: &Directory,
    lines: &[cache::QueueLine],
) -> PrescriptionDueView {
    let case = &known.case;
    let written = Written::read(answer.text.expose());
    let nre = case.prescription();
    let last = followed(desk, case).filter(|last| nre.as_ref() == Some(&last.nre));
    let queue = case
        .messages
        .iter()
        .rev()
        .find(|m| m.kind == MessageKind::Prescription)
        .and_then(|m| view::message_queue(lines, &m.id));
    PrescriptionDueView {
        teleconsult_id: case.id().to_string(),
        number: known.stored.as_ref().and_then(|stored| stored.number.clone()),
        patient,
        what: match written.what.expose().as_str() {
            "" => view::first_line(written.reasons.expose()),
            what => what.to_owned(),
        },
        by_when: written.by_when.expose().clone(),
        indicated_by: directory.name(&answer.sender, &known.names()),
        indicated_at: views::instant(answer.at),
        state: match (&nre, last.as_ref().and_then(|last| last.state)) {
            (None, _) => PrescriptionState::ToPrescribe,
            (Some(_), None | Some(Standing::Prescribed)) => PrescriptionState::Recorded,
            (Some(_), Some(Standing::Booked)) => PrescriptionState::Booked,
            (Some(_), Some(Standing::Held)) => PrescriptionState::Held,
            (Some(_), Some(Standing::OtherPatient)) => PrescriptionState::OtherPatient,
            (Some(_), Some(Standing::NotAControlVisit)) => PrescriptionState::NotAControlVisit,
        },
        nre: nre.map(|nre| nre.as_str().to_owned()),
        eligible: last.as_ref().and_then(|last| last.eligible),
        booked_for: last
            .as_ref()
            .filter(|last| matches!(last.state, Some(Standing::Booked | Standing::Held)))
            .and_then(|last| last.booked_for)
            .map(views::instant),
        as_of: last.map(|last| views::instant(last.at)),
        queue,
    }
}

/// What waits for the doctor comes first.
fn rank(state: PrescriptionState) -> u8 {
    match state {
        PrescriptionState::OtherPatient | PrescriptionState::NotAControlVisit => 0,
        PrescriptionState::ToPrescribe => 1,
        PrescriptionState::Recorded => 2,
        PrescriptionState::Booked => 3,
        PrescriptionState::Held => 4,
    }
}
