//! Opening a televisit: everything that the clinician needs before, during and after the call, from this PC.

use std::sync::Arc;

use cache::AuditAction;
use clinical::{ConsentGiver, IdentityMethod as Method, TelevisitId};
use contract::Answer;
use contract::televisit::{
    AfterInterruption as ThenView, ConsentView, EligibilityView, IdentityMethod, IdentityView,
    NotDeliveredReason, OutcomeView, ParticipantView, PrescriptionView, RepresentationInput,
    TelevisitRequest, TelevisitView,
};
use jiff::Timestamp;
use televisit::{AfterInterruption, NotDelivered, Outcome, VisitState};

use crate::agenda::Facts;
use crate::core::{Core, blocking};
use crate::desk::Desk;
use crate::views;

impl Core {
    /// `televisit_open`.
    pub async fn televisit_open(&self, request: TelevisitRequest) -> Answer<TelevisitView> {
        let desk = self.desk()?;
        desk.allow(desk.role().holds_televisits(), &request.televisit_id)?;
        desk.accessed(AuditAction::VisitOpened, &request.televisit_id)?;
        self.televisit_view(&desk, TelevisitId::from(request.televisit_id))
            .await
    }

    pub(super) async fn televisit_view(&self, desk: &Arc<Desk>, id: TelevisitId) -> Answer<TelevisitView> {
        let desk = desk.clone();
        blocking(move || view(&desk, &id, Timestamp::now())).await
    }
}

fn view(desk: &Desk, id: &TelevisitId, now: Timestamp) -> Answer<TelevisitView> {
    let facts = Facts::load(desk, id)?;
    let entry = &facts.entry;
    let patient = entry.patient.as_ref();
    let patient =
        patient.ok_or_else(|| contract::Failure::new(contract::ErrorCode::NotFound, "televisit/patient"))?;
    let related = crate::patient::related_of(desk, &patient.id);
    let visit = facts.visit.as_ref();
    let call = visit.and_then(televisit::Visit::call);
    let mut participants = vec![ParticipantView {
        name: super::invite::shown(&patient.name),
        relation: "paziente".to_owned(),
        connected: facts.waiting_since().is_some() || call.is_some_and(|call| call.ended_at.is_none()),
        invited_at: None,
        invitation_queued: false,
    }];
    let invited = visit.map_or(&[][..], |visit| &visit.participants);
    participants.extend(
        related
            .iter()
            .map(|person| {
                let relation = person.relation.clone();
                (
                    super::invite::shown(&person.name),
                    relation.unwrap_or_else(|| "caregiver".to_owned()),
                )
            })
            .filter(|(name, _)| {
                !invited
                    .iter()
                    .any(|other| super::invite::same(other.name.expose(), name))
            })
            .map(|(name, relation)| ParticipantView {
                name,
                relation,
                connected: false,
                invited_at: None,
                invitation_queued: false,
            }),
    );
    let queued = if invited.is_empty() {
        Vec::new()
    } else {
        super::invite::queued(desk, id)
    };
    let open = call.is_some_and(|call| call.ended_at.is_none());
    participants.extend(invited.iter().map(|person| ParticipantView {
        name: person.name.expose().clone(),
        relation: person.relation.expose().clone(),
        connected: open && person.is_present(),
        invited_at: Some(views::instant(person.invited_at)),
        invitation_queued: queued.contains(&person.invited_at),
    }));
    let prescription = entry.prescription.as_ref().map(|prescription| PrescriptionView {
        nre: prescription
            .nre
            .as_ref()
            .map(|nre| nre.as_str().to_owned())
            .unwrap_or_default(),
        date: prescription
            .authored_on
            .map(|at| views::local(at).date().to_string())
            .unwrap_or_default(),
        question: prescription
            .question
            .as_ref()
            .map(|text| text.expose().clone())
            .unwrap_or_default(),
        requester: prescription
            .prescriber
            .as_ref()
            .map(|text| text.expose().clone())
            .unwrap_or_default(),
        control_visit: prescription.admit().is_ok(),
        service: prescription
            .service
            .as_ref()
            .map(|text| text.expose().clone())
            .unwrap_or_default(),
    });
    let eligibility = entry.eligibility.as_ref().map(|test| EligibilityView {
        passed: test.passed,
        at: views::instant(test.at),
        age_days: u32::try_from(test.age(now).as_hours() / 24).unwrap_or(u32::MAX),
        device: None,
    });
    let documents = crate::document::views_of(desk, &patient.id)?;
    let (therapy, therapy_of) = crate::document::last_therapy(desk, &patient.id);
    Ok(TelevisitView {
        id: id.to_string(),
        start: views::instant(entry.booking.start),
        stage: facts.stage(),
        patient: views::patient(patient, &related, now),
        ribbon: facts.ribbon(now),
        prescription,
        eligibility,
        waiting_since: facts.waiting_since().map(views::instant),
        identity: visit.and_then(|visit| visit.identity()).map(identity_view),
        consent: visit.and_then(|visit| visit.consent()).map(consent_view),
        started_at: call.and_then(|call| call.connected_at).map(views::instant),
        ended_at: call.and_then(|call| call.ended_at).map(views::instant),
        outcome: visit.and_then(|visit| match &visit.state {
            VisitState::Completed { outcome, .. } => Some(outcome_view(outcome)),
            _ => None,
        }),
        participants,
        documents,
        therapy,
        therapy_of,
        report_id: facts.report.as_ref().map(|report| report.id.to_string()),
        delay_minutes: super::delay::last_delay(desk, id),
    })
}

pub(crate) fn identity_view(identity: &clinical::IdentityCheck) -> IdentityView {
    IdentityView {
        method: method_view(identity.method),
        at: views::instant(identity.at),
    }
}

pub(crate) fn method_view(method: Method) -> IdentityMethod {
    match method {
        Method::DocumentShown => IdentityMethod::DocumentShown,
        Method::DigitalIdentity => IdentityMethod::DigitalIdentity,
        Method::KnownToClinician => IdentityMethod::KnownToClinician,
    }
}

fn consent_view(consent: &clinical::Consent) -> ConsentView {
    ConsentView {
        to_service: consent.to_service,
        to_image: consent.to_image,
        representative: match &consent.given_by {
            ConsentGiver::Patient => None,
            ConsentGiver::Representative { representation } => Some(RepresentationInput {
                family: representation.name.family.expose().clone(),
                given: representation.name.given.expose().clone(),
                title: views::title(representation.title),
                document: representation.document.expose().clone(),
                phone: representation.phone.expose().clone(),
                both_parents: representation.both_parents,
                minor_opinion: representation
                    .minor_opinion
                    .as_ref()
                    .map(|text| text.expose().clone()),
            }),
        },
        at: views::instant(consent.at),
    }
}

pub(crate) fn outcome_view(outcome: &Outcome) -> OutcomeView {
    match outcome {
        Outcome::Delivered => OutcomeView::Delivered,
        Outcome::CompletedBeforeInterruption => OutcomeView::DeliveredBeforeInterruption,
        Outcome::Interrupted { then } => OutcomeView::Interrupted {
            then: match then {
                AfterInterruption::ContinuedByPhone => ThenView::ContinuedByPhone,
                AfterInterruption::ToReschedule => ThenView::ToReschedule,
            },
        },
        Outcome::NotDelivered { reason } => {
            let (reason, note) = match reason {
                NotDelivered::PatientAbsent => (NotDeliveredReason::PatientAbsent, String::new()),
                NotDelivered::IdentityNotConfirmed => {
                    (NotDeliveredReason::IdentityNotConfirmed, String::new())
                }
                NotDelivered::ConsentRefused => (NotDeliveredReason::ConsentRefused, String::new()),
                NotDelivered::Technical => (NotDeliveredReason::Technical, String::new()),
                NotDelivered::InPersonNeeded => (NotDeliveredReason::NotSuitable, String::new()),
                NotDelivered::Other { text } => (NotDeliveredReason::Other, text.expose().clone()),
            };
            OutcomeView::NotDelivered { reason, note }
        }
    }
}

pub(crate) fn outcome_in(outcome: OutcomeView) -> Outcome {
    match outcome {
        OutcomeView::Delivered => Outcome::Delivered,
        OutcomeView::DeliveredBeforeInterruption => Outcome::CompletedBeforeInterruption,
        OutcomeView::Interrupted { then } => Outcome::Interrupted {
            then: match then {
                ThenView::ContinuedByPhone => AfterInterruption::ContinuedByPhone,
                ThenView::ToReschedule => AfterInterruption::ToReschedule,
            },
        },
        OutcomeView::NotDelivered { reason, note } => Outcome::NotDelivered {
            reason: match reason {
                NotDeliveredReason::PatientAbsent => NotDelivered::PatientAbsent,
                NotDeliveredReason::IdentityNotConfirmed => NotDelivered::IdentityNotConfirmed,
                NotDeliveredReason::ConsentRefused => NotDelivered::ConsentRefused,
                NotDeliveredReason::Technical => NotDelivered::Technical,
                NotDeliveredReason::NotSuitable => NotDelivered::InPersonNeeded,
                NotDeliveredReason::Other => NotDelivered::Other { text: note.into() },
            },
        },
    }
}
