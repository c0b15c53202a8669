//! What the visit knows and the doctor never retypes: the record behind a report.

use clinical::{ConsentGiver, PersonName, Title};
use contract::report::VisitFactsView;
use contract::{ErrorCode, Failure};
use jiff::Timestamp;
use report::{
    AcquiredImage, CallOutcome, ImageFormat, LinkQuality, LinkWord, Modality, NotDeliveredReason,
    Participant, ParticipantRole, Prescriber, Prescription, Service, VisitRecord,
};
use televisit::{NotDelivered, Outcome, VisitState};

use crate::agenda::Facts;
use crate::desk::Desk;
use crate::views;

/// The record of a visit. Before the call has begun there is nothing to report on.
pub(super) fn record(desk: &Desk, facts: &Facts, now: Timestamp) -> Result<VisitRecord, Failure> {
    let missing = |detail: &str| Failure::new(ErrorCode::NotFound, detail.to_owned());
    let visit = facts
        .visit
        .as_ref()
        .ok_or_else(|| Failure::new(ErrorCode::ConsentFirst, "report/no-visit"))?;
    let patient = facts
        .entry
        .patient
        .clone()
        .ok_or_else(|| missing("report/patient"))?;
    let call = visit.call();
    let prescription = facts.entry.prescription.as_ref();
    let mut participants = vec![
        Participant {
            name: Some(patient.name.clone()),
            role: ParticipantRole::Patient,
        },
        Participant {
            name: Some(desk.practitioner.name.clone()),
            role: ParticipantRole::Author,
        },
    ];
    if let Some(ConsentGiver::Representative { representation }) =
        visit.consent().map(|consent| &consent.given_by)
    {
        participants.push(Participant {
            name: Some(representation.name.clone()),
            role: match representation.title {
                Title::Parent => ParticipantRole::Parent,
                Title::Guardian => ParticipantRole::Guardian,
                Title::SupportAdministrator => ParticipantRole::SupportAdministrator,
            },
        });
    }
    for other in visit
        .participants
        .iter()
        .filter(|other| other.joined_at.is_some())
    {
        participants.push(Participant {
            name: Some(PersonName::new(other.name.expose().clone(), "")),
            role: ParticipantRole::Caregiver,
        });
    }
    let image = crate::call::taken(desk, &visit.id)?.map(|picture| AcquiredImage {
        format: ImageFormat::Png,
        bytes: picture.png,
        at: picture.at,
    });
    let link = call
        .and_then(|call| call.summary(now))
        .map(|summary| LinkQuality {
            word: match summary.word {
                televisit::LinkWord::Good => LinkWord::Good,
                televisit::LinkWord::Fair => LinkWord::Fair,
                televisit::LinkWord::Weak => LinkWord::Poor,
            },
            round_trip_ms: Some(summary.round_trip_ms),
            loss_per_mille: Some(summary.loss_permille),
            picture_lines: None,
            interruptions: summary.interruptions,
        });
    Ok(VisitRecord {
        appointment: visit.id.clone(),
        patient,
        author: desk.practitioner.clone(),
        assignment: desk.assignment(),
        prescription: Prescription {
            nre: prescription.and_then(|p| p.nre.clone()),
            paper_number: None,
            date: prescription
                .and_then(|p| p.authored_on)
                .map(|at| views::local(at).date()),
            prescriber: prescription
                .and_then(|p| p.prescriber.as_ref())
                .map(|name| Prescriber {
                    name: split_name(name.expose()),
                    fiscal_code: None,
                }),
        },
        service: Service {
            code: prescription
                .and_then(|p| p.service_code.clone())
                .unwrap_or_default(),
            description: prescription
                .and_then(|p| p.service.as_ref())
                .map(|s| s.expose().clone())
                .unwrap_or_default(),
        },
        start: call.map_or(visit.booked, |call| call.connected_at.unwrap_or(call.started_at)),
        end: call.and_then(|call| call.ended_at),
        participants,
        identity: visit.identity().cloned(),
        consent: visit.consent().cloned(),
        link,
        call_outcome: match &visit.state {
            VisitState::Completed { outcome, .. } => Some(call_outcome(outcome)),
            _ => None,
        },
        modality: Modality::Video,
        image,
    })
}

fn call_outcome(outcome: &Outcome) -> CallOutcome {
    match outcome {
        Outcome::Delivered | Outcome::CompletedBeforeInterruption => CallOutcome::Delivered,
        Outcome::Interrupted { .. } => CallOutcome::Interrupted,
        Outcome::NotDelivered { reason } => CallOutcome::NotDelivered {
            reason: match reason {
                NotDelivered::PatientAbsent => NotDeliveredReason::PatientAbsent,
                NotDelivered::IdentityNotConfirmed => NotDeliveredReason::IdentityMismatch,
                NotDelivered::ConsentRefused => NotDeliveredReason::ConsentRefused,
                NotDelivered::Technical => NotDeliveredReason::Technical,
                NotDelivered::InPersonNeeded | NotDelivered::Other { .. } => {
                    NotDeliveredReason::ClinicalDecision
                }
            },
        },
    }
}

/// `COGNOME Nome, medico di medicina generale` as the region shows it: the words in capitals are the surname.
fn split_name(shown: &str) -> PersonName {
    let name = shown.split(',').next().unwrap_or_default();
    let (family, given): (Vec<&str>, Vec<&str>) = name
        .split_whitespace()
        .partition(|word| word.chars().filter(|c| c.is_alphabetic()).all(char::is_uppercase));
    if family.is_empty() {
        let (family, given) = name.split_once(' ').unwrap_or((name, ""));
        return PersonName::new(family.trim(), given.trim());
    }
    PersonName::new(family.join(" "), given.join(" "))
}

/// The facts beside the form.
pub(super) fn facts_view(facts: &Facts, record: &VisitRecord) -> VisitFactsView {
    let visit = facts.visit.as_ref();
    VisitFactsView {
        nre: record
            .prescription
            .nre
            .as_ref()
            .map(|nre| nre.as_str().to_owned())
            .unwrap_or_default(),
        started_at: visit
            .and_then(|v| v.call())
            .and_then(|call| call.connected_at)
            .map(views::instant),
        ended_at: record.end.map(views::instant),
        participants: record
            .participants
            .iter()
            .filter(|participant| participant.role != ParticipantRole::Author)
            .map(|participant| match participant.role {
                ParticipantRole::Patient => "Paziente".to_owned(),
                _ => participant
                    .name
                    .as_ref()
                    .map(PersonName::display)
                    .unwrap_or_default(),
            })
            .collect(),
        link_quality: match record.link.as_ref().map(|link| link.word) {
            Some(LinkWord::Good) => "good",
            Some(LinkWord::Fair) => "fair",
            Some(LinkWord::Poor) => "poor",
            None => "",
        }
        .to_owned(),
        identity_method: record
            .identity
            .as_ref()
            .map(|identity| crate::televisit::method_view(identity.method)),
        identity_at: record
            .identity
            .as_ref()
            .map(|identity| views::instant(identity.at)),
        consent_at: record.consent.as_ref().map(|consent| views::instant(consent.at)),
        image_at: record.image.as_ref().map(|image| views::instant(image.at)),
        outcome: match visit.map(|visit| &visit.state) {
            Some(VisitState::Completed { outcome, .. }) => Some(crate::televisit::outcome_view(outcome)),
            _ => None,
        },
    }
}
