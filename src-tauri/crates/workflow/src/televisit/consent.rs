//! *Acquisisci consenso*: to the televisit, to a picture; by the patient or by who represents them.

use cache::{AuditAction, VisitRecordKind};
use clinical::{Age, Consent, ConsentGiver, PersonName, Representation, TelevisitId};
use contract::televisit::{RecordConsentRequest, RepresentationInput, TelevisitView};
use contract::{Answer, ErrorCode, Failure};

use super::{Written, resources};
use crate::core::Core;
use crate::failure::OrFail;
use crate::views;

impl Core {
    /// `televisit_record_consent`.
    pub async fn televisit_record_consent(&self, request: RecordConsentRequest) -> Answer<TelevisitView> {
        let given_by = match request.representative {
            None => ConsentGiver::Patient,
            Some(input) => ConsentGiver::Representative {
                representation: representation(input),
            },
        };
        let (to_service, to_image) = (request.to_service, request.to_image);
        self.change_visit(
            TelevisitId::from(request.televisit_id),
            move |desk, visit, facts, now| {
                let consent = Consent {
                    to_service,
                    to_image,
                    given_by,
                    at: now,
                };
                let day = views::local(facts.entry.booking.start).date();
                let age = facts
                    .entry
                    .patient
                    .as_ref()
                    .map_or(Age::Years(0), |patient| patient.age_on(day));
                visit.record_consent(consent.clone(), age).or_fail()?;
                let payload = serde_json::to_value(&consent)
                    .map_err(|_| Failure::new(ErrorCode::Internal, "visit/consent"))?;
                Ok(Written {
                    action: AuditAction::ConsentRecorded,
                    record: Some((VisitRecordKind::Consent, payload)),
                    items: vec![resources::consent_item(desk, visit, &consent)?],
                })
            },
        )
        .await
    }
}

pub(crate) fn representation(input: RepresentationInput) -> Representation {
    Representation {
        name: PersonName::new(input.family.trim(), input.given.trim()),
        title: views::title_in(input.title),
        document: input.document.trim().into(),
        phone: input.phone.trim().into(),
        both_parents: input.both_parents,
        minor_opinion: input.minor_opinion.map(|text| text.trim().into()),
    }
}
