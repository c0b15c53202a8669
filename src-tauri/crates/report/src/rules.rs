//! The rules behind [`crate::check`], by part of the form.
//!
//! Sources: the national guide and schematron of the Referto di Televisita (what the document must hold); the
//! Accordo Stato-Regioni 17 December 2020 and DM 21 September 2022 (modality, collaborators, link quality and
//! outcome); legge 219/2017 (consent).

use clinical::Sensitive;
use jiff::civil::Date;

use crate::{
    CallOutcome, FieldId as F, FindingCode as C, LinkSuitability, Outcome, ReportForm, VisitRecord,
    finding::Found,
    picture::{self, PictureError},
    text::{has_unprintable, is_blank},
    time,
};

/// Characters: more than any report needs, and well below what the gateway and a page can take.
const LONGEST_FIELD: usize = 20_000;

pub(crate) fn texts(form: &ReportForm, found: &mut Found) {
    found.block(blank(&form.question), F::Question, C::MissingQuestion);
    found.block(blank(&form.findings), F::Findings, C::MissingFindings);
    found.block(blank(&form.conclusions), F::Conclusions, C::MissingConclusions);
    let reported = reports_values(form.findings.expose());
    found.warn(
        reported && blank(&form.measurements_note),
        F::MeasurementsNote,
        C::MeasurementsWithoutSource,
    );
    if let Some(chosen) = &form.diagnosis_code {
        found.block(
            !icd9_diagnosis(chosen.code.expose().trim()),
            F::Diagnosis,
            C::DiagnosisCodeShape,
        );
        found.block(blank(&form.diagnosis), F::Diagnosis, C::DiagnosisCodeWithoutText);
    }
    for opinion in &form.teleconsult_opinions {
        let incomplete = blank(&opinion.by) || blank(&opinion.text);
        found.block(incomplete, F::TeleconsultOpinions, C::OpinionIncomplete);
        let open = opinion.unresolved && blank(&opinion.disagreement);
        found.block(open, F::TeleconsultOpinions, C::DisagreementWithoutText);
    }
    for (field, text) in all_texts(form) {
        found.warn(has_unprintable(text), field, C::UnprintableCharacters);
        found.block(text.chars().count() > LONGEST_FIELD, field, C::TextTooLong);
    }
}

pub(crate) fn image(form: &ReportForm, visit: &VisitRecord, found: &mut Found) {
    let Some(image) = &visit.image else {
        found.warn(
            !blank(&form.image_caption),
            F::ImageCaption,
            C::CaptionWithoutImage,
        );
        return;
    };
    let agreed = visit.consent.as_ref().is_some_and(|c| c.to_image);
    found.block(!agreed, F::Image, C::ImageWithoutConsent);
    found.warn(
        blank(&form.image_caption),
        F::ImageCaption,
        C::MissingImageCaption,
    );
    match picture::look(image) {
        Ok(()) => {}
        Err(PictureError::TooLarge) => found.block(true, F::Image, C::ImageTooLarge),
        Err(_) => found.block(true, F::Image, C::ImageUnreadable),
    }
}

pub(crate) fn plan(form: &ReportForm, visit: &VisitRecord, found: &mut Found) {
    let tests = !blank(&form.further_tests);
    let wants_tests = form.outcome == Some(Outcome::FurtherTests);
    found.block(form.outcome.is_none(), F::Outcome, C::MissingOutcome);
    found.block(wants_tests && !tests, F::FurtherTests, C::MissingFurtherTests);
    found.block(
        (wants_tests || tests) && form.priority.is_none(),
        F::Priority,
        C::MissingPriority,
    );
    let stray = form.priority.is_some() && !tests && !wants_tests;
    found.warn(stray, F::Priority, C::PriorityWithoutTests);
    let needs_control = matches!(
        form.outcome,
        Some(Outcome::Stable | Outcome::PlanRenewed | Outcome::RescheduledInPerson)
    );
    found.warn(
        needs_control && blank(&form.next_control),
        F::NextControl,
        C::MissingNextControl,
    );
    let renewed = form.outcome == Some(Outcome::PlanRenewed);
    found.block(renewed && blank(&form.therapy), F::Therapy, C::MissingTherapy);
    found.warn(!form.darkening.asked, F::Darkening, C::DarkeningNotAsked);
    let adult = time::italian(visit.start).is_some_and(|z| !visit.patient.is_minor_on(z.date()));
    found.block(
        form.darkening.from_parent && adult,
        F::Darkening,
        C::ParentDarkeningOfAdult,
    );
}

pub(crate) fn link(form: &ReportForm, visit: &VisitRecord, found: &mut Found) {
    match form.link_suitability {
        None => found.block(true, F::LinkSuitability, C::MissingLinkSuitability),
        Some(LinkSuitability::Adequate) => {}
        Some(LinkSuitability::NotAdequate) => {
            found.block(blank(&form.link_note), F::LinkNote, C::MissingLinkNote);
            let closed = matches!(form.outcome, Some(Outcome::Stable | Outcome::PlanRenewed));
            found.warn(closed, F::LinkSuitability, C::OutcomeDespiteInadequateLink);
        }
    }
    found.warn(visit.link.is_none(), F::Link, C::MissingLinkMeasure);
}

pub(crate) fn visit(visit: &VisitRecord, found: &mut Found) {
    let prescription = &visit.prescription;
    let numbered =
        prescription.nre.is_some() || prescription.paper_number.as_ref().is_some_and(|n| !blank(n));
    found.block(!numbered, F::Prescription, C::MissingPrescription);
    found.warn(
        prescription.prescriber.is_none(),
        F::Prescription,
        C::MissingPrescriber,
    );
    let service_known = !is_blank(&visit.service.code) && !is_blank(&visit.service.description);
    found.block(!service_known, F::Service, C::ServiceCodeShape);
    found.block(visit.identity.is_none(), F::Identity, C::MissingIdentity);
    let consented = visit.consent.as_ref().is_some_and(|c| c.to_service);
    found.block(!consented, F::Consent, C::MissingConsent);
    found.block(
        visit.end.is_none() || visit.call_outcome.is_none(),
        F::Call,
        C::CallNotEnded,
    );
    found.block(
        visit.end.is_some_and(|end| end < visit.start),
        F::Call,
        C::CallTimesReversed,
    );
    let undelivered = matches!(visit.call_outcome, Some(CallOutcome::NotDelivered { .. }));
    found.block(undelivered, F::Call, C::VisitNotDelivered);
    let trust = visit
        .assignment
        .structure
        .trust_code
        .as_deref()
        .is_some_and(|c| !is_blank(c));
    found.block(!trust, F::Structure, C::MissingTrustCode);
    found.block(
        !visit.assignment.role.holds_televisits(),
        F::Author,
        C::RoleCannotSign,
    );
    let born = *visit.patient.birth_date.expose();
    let in_future = born == Date::ZERO || time::italian(visit.start).is_some_and(|z| born > z.date());
    found.block(
        in_future || born.year() < 1850,
        F::Patient,
        C::BirthDateImplausible,
    );
}

fn blank(text: &Sensitive<String>) -> bool {
    is_blank(text.expose())
}

/// Whether a text reports values measured by somebody else: a digit in the same sentence as *riferit-*.
fn reports_values(text: &str) -> bool {
    text.split(['.', ';', '\n'])
        .any(|s| s.to_lowercase().contains("riferit") && s.chars().any(|c| c.is_ascii_digit()))
        // A decimal point would have cut the sentence: 36.8 counts as well.
        || text.to_lowercase().split("riferit").skip(1).any(|rest| {
            rest.chars().take(40).any(|c| c.is_ascii_digit())
        })
}

/// The shape of an ICD-9-CM diagnosis: `401`, `401.9`, `250.01`, `V45.01`, `E880.9`.
fn icd9_diagnosis(code: &str) -> bool {
    let (head, tail) = code.split_once('.').map_or((code, None), |(h, t)| (h, Some(t)));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let head_right = match head.as_bytes() {
        [b'V', ..] => head.len() == 3 && digits(head.get(1..).unwrap_or("")),
        [b'E', ..] => head.len() == 4 && digits(head.get(1..).unwrap_or("")),
        _ => head.len() == 3 && digits(head),
    };
    head_right && tail.is_none_or(|t| t.len() <= 2 && digits(t))
}

/// Every text of the form with its field.
fn all_texts(form: &ReportForm) -> impl Iterator<Item = (F, &str)> {
    let single = [
        (F::Question, &form.question),
        (F::History, &form.history),
        (F::Allergies, &form.allergies),
        (F::Findings, &form.findings),
        (F::MeasurementsNote, &form.measurements_note),
        (F::ImageCaption, &form.image_caption),
        (F::Conclusions, &form.conclusions),
        (F::Diagnosis, &form.diagnosis),
        (F::FurtherTests, &form.further_tests),
        (F::NextControl, &form.next_control),
        (F::Therapy, &form.therapy),
        (F::Suggestions, &form.suggestions),
        (F::LinkNote, &form.link_note),
    ];
    let therapy = form.current_therapy.iter().map(|line| (F::CurrentTherapy, line));
    let opinions = form
        .teleconsult_opinions
        .iter()
        .flat_map(|o| [&o.by, &o.text, &o.disagreement].map(|text| (F::TeleconsultOpinions, text)));
    single
        .into_iter()
        .chain(therapy)
        .chain(opinions)
        .map(|(field, text)| (field, text.expose().as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reported_values_are_recognised_in_their_sentence() {
        assert!(reports_values("Peso riferito 68 kg, pressione riferita 135/80."));
        assert!(reports_values("Riferita temperatura di 36.8 gradi"));
        assert!(
            !reports_values("Riferisce benessere. Ferita di 3 cm."),
            "the number is not a reported value"
        );
    }

    #[test]
    fn diagnosis_codes_have_the_shape_of_the_classification() {
        for right in ["401", "401.9", "250.01", "V45.01", "E880.9"] {
            assert!(icd9_diagnosis(right), "{right}");
        }
        for wrong in ["", "40", "401.", "401.999", "I10", "V4", "401.9 "] {
            assert!(!icd9_diagnosis(wrong), "{wrong}");
        }
    }
}
