//! The form between the window's fields and the report's own type.

use clinical::Sensitive;
use contract::report::{
    FindingSeverity, FindingView, Priority as PriorityView, ReportField, ReportForm as FormView,
    ReportOutcome as OutcomeView,
};
use report::{Darkening, FieldId, Finding, LinkSuitability, Outcome, Priority, ReportForm, Severity};

/// From the window. What the window does not show (diagnosis code, opinions) is kept from the form before.
pub(super) fn form_in(view: FormView, before: ReportForm) -> ReportForm {
    ReportForm {
        question: view.question.into(),
        history: view.history.into(),
        allergies: view.allergies.into(),
        current_therapy: view
            .current_therapy
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .map(Sensitive::from)
            .collect(),
        findings: view.examination.into(),
        measurements_note: view.measurement_source.into(),
        image_caption: view.image_caption.into(),
        conclusions: view.conclusions.into(),
        diagnosis: view.diagnosis.into(),
        outcome: view.outcome.map(|outcome| match outcome {
            OutcomeView::Stable => Outcome::Stable,
            OutcomeView::UrgentAccess => Outcome::UrgentAccess,
            OutcomeView::FurtherTests => Outcome::FurtherTests,
            OutcomeView::PlanRenewed => Outcome::PlanRenewed,
            OutcomeView::RescheduledInPerson => Outcome::RescheduledInPerson,
        }),
        further_tests: view.further_tests.into(),
        priority: view.priority.map(|priority| match priority {
            PriorityView::U => Priority::U,
            PriorityView::B => Priority::B,
            PriorityView::D => Priority::D,
            PriorityView::P => Priority::P,
        }),
        next_control: view.next_control.into(),
        therapy: view.therapy.into(),
        suggestions: view.suggestions.into(),
        link_suitability: view.link_suitable.map(|suitable| match suitable {
            true => LinkSuitability::Adequate,
            false => LinkSuitability::NotAdequate,
        }),
        link_note: view.link_note.into(),
        darkening: Darkening {
            asked: view.darkening_asked,
            document: view.darkened,
            from_patient: view.darkened_from_patient,
            from_parent: view.darkened_from_parent,
            greater_protection: before.darkening.greater_protection,
        },
        diagnosis_code: before.diagnosis_code,
        teleconsult_opinions: before.teleconsult_opinions,
    }
}

/// To the window.
pub(super) fn form_view(form: &ReportForm) -> FormView {
    let text = |value: &Sensitive<String>| value.expose().clone();
    let therapy: Vec<&str> = form
        .current_therapy
        .iter()
        .map(|line| line.expose().as_str())
        .collect();
    FormView {
        question: text(&form.question),
        history: text(&form.history),
        allergies: text(&form.allergies),
        current_therapy: therapy.join("\n"),
        examination: text(&form.findings),
        measurement_source: text(&form.measurements_note),
        image_caption: text(&form.image_caption),
        diagnosis: text(&form.diagnosis),
        conclusions: text(&form.conclusions),
        outcome: form.outcome.map(|outcome| match outcome {
            Outcome::Stable => OutcomeView::Stable,
            Outcome::UrgentAccess => OutcomeView::UrgentAccess,
            Outcome::FurtherTests => OutcomeView::FurtherTests,
            Outcome::PlanRenewed => OutcomeView::PlanRenewed,
            Outcome::RescheduledInPerson => OutcomeView::RescheduledInPerson,
        }),
        further_tests: text(&form.further_tests),
        priority: form.priority.map(|priority| match priority {
            Priority::U => PriorityView::U,
            Priority::B => PriorityView::B,
            Priority::D => PriorityView::D,
            Priority::P => PriorityView::P,
        }),
        next_control: text(&form.next_control),
        therapy: text(&form.therapy),
        suggestions: text(&form.suggestions),
        link_suitable: form
            .link_suitability
            .map(|suitable| suitable == LinkSuitability::Adequate),
        link_note: text(&form.link_note),
        darkening_asked: form.darkening.asked,
        darkened: form.darkening.document,
        darkened_from_patient: form.darkening.from_patient,
        darkened_from_parent: form.darkening.from_parent,
    }
}

pub(super) fn finding_view(finding: &Finding) -> FindingView {
    FindingView {
        field: field_view(finding.field),
        severity: match finding.severity {
            Severity::Blocking => FindingSeverity::Blocking,
            Severity::Warning => FindingSeverity::Advice,
        },
        code: serde_json::to_value(finding.code)
            .ok()
            .and_then(|value| value.as_str().map(str::to_owned))
            .unwrap_or_default(),
        region_text: None,
    }
}

pub(super) fn field_view(field: FieldId) -> ReportField {
    use FieldId as F;
    match field {
        F::Question => ReportField::Question,
        F::History => ReportField::History,
        F::Allergies => ReportField::Allergies,
        F::CurrentTherapy => ReportField::CurrentTherapy,
        F::Findings => ReportField::Examination,
        F::MeasurementsNote => ReportField::MeasurementSource,
        F::Image | F::ImageCaption => ReportField::ImageCaption,
        F::Conclusions => ReportField::Conclusions,
        F::Diagnosis => ReportField::Diagnosis,
        F::Outcome => ReportField::Outcome,
        F::FurtherTests => ReportField::FurtherTests,
        F::Priority => ReportField::Priority,
        F::NextControl => ReportField::NextControl,
        F::Therapy => ReportField::Therapy,
        F::Suggestions => ReportField::Suggestions,
        F::LinkSuitability | F::LinkNote => ReportField::LinkSuitability,
        F::Darkening => ReportField::Darkening,
        _ => ReportField::Visit,
    }
}
