//! Each finding has a case that raises it and a form that does not.

use clinical::Role;

use crate::fixture::*;
use report::FindingCode as C;
use report::*;

type Change = fn(&mut ReportForm, &mut VisitRecord);

#[test]
fn each_fault_raises_its_finding_and_no_other() {
    let cases: Vec<(C, FieldId, Severity, Change)> = vec![
        (
            C::MissingQuestion,
            FieldId::Question,
            Severity::Blocking,
            |f, _| f.question = " \n ".into(),
        ),
        (
            C::MissingFindings,
            FieldId::Findings,
            Severity::Blocking,
            |f, _| {
                f.findings = "".into();
            },
        ),
        (
            C::MissingConclusions,
            FieldId::Conclusions,
            Severity::Blocking,
            |f, _| f.conclusions = "".into(),
        ),
        (
            C::MissingPriority,
            FieldId::Priority,
            Severity::Blocking,
            |f, _| f.priority = None,
        ),
        (
            C::MissingFurtherTests,
            FieldId::FurtherTests,
            Severity::Blocking,
            |f, _| f.further_tests = "".into(),
        ),
        (
            C::MeasurementsWithoutSource,
            FieldId::MeasurementsNote,
            Severity::Warning,
            |f, _| {
                f.measurements_note = "".into();
            },
        ),
        (
            C::MissingImageCaption,
            FieldId::ImageCaption,
            Severity::Warning,
            |f, _| f.image_caption = "".into(),
        ),
        (
            C::CaptionWithoutImage,
            FieldId::ImageCaption,
            Severity::Warning,
            |_, v| v.image = None,
        ),
        (
            C::ImageWithoutConsent,
            FieldId::Image,
            Severity::Blocking,
            |_, v| {
                v.consent.as_mut().expect("consent").to_image = false;
            },
        ),
        (C::ImageUnreadable, FieldId::Image, Severity::Blocking, |_, v| {
            v.image.as_mut().expect("image").bytes = b"not a picture".to_vec().into();
        }),
        (C::ImageUnreadable, FieldId::Image, Severity::Blocking, |_, v| {
            v.image.as_mut().expect("image").format = ImageFormat::Jpeg;
        }),
        (C::ImageTooLarge, FieldId::Image, Severity::Blocking, |_, v| {
            v.image.as_mut().expect("image").bytes = vec![0; 5_000_001].into();
        }),
        (
            C::DiagnosisCodeShape,
            FieldId::Diagnosis,
            Severity::Blocking,
            |f, _| {
                f.diagnosis_code.as_mut().expect("code").code = "I10".into();
            },
        ),
        (
            C::DiagnosisCodeWithoutText,
            FieldId::Diagnosis,
            Severity::Blocking,
            |f, _| f.diagnosis = "".into(),
        ),
        (
            C::MissingLinkSuitability,
            FieldId::LinkSuitability,
            Severity::Blocking,
            |f, _| f.link_suitability = None,
        ),
        (
            C::MissingLinkNote,
            FieldId::LinkNote,
            Severity::Blocking,
            |f, _| {
                f.link_suitability = Some(LinkSuitability::NotAdequate);
            },
        ),
        (C::MissingLinkMeasure, FieldId::Link, Severity::Warning, |_, v| {
            v.link = None
        }),
        (
            C::DarkeningNotAsked,
            FieldId::Darkening,
            Severity::Warning,
            |f, _| f.darkening.asked = false,
        ),
        (
            C::ParentDarkeningOfAdult,
            FieldId::Darkening,
            Severity::Blocking,
            |f, _| f.darkening.from_parent = true,
        ),
        (
            C::OpinionIncomplete,
            FieldId::TeleconsultOpinions,
            Severity::Blocking,
            |f, _| {
                f.teleconsult_opinions[0].by = "".into();
            },
        ),
        (
            C::DisagreementWithoutText,
            FieldId::TeleconsultOpinions,
            Severity::Blocking,
            |f, _| {
                f.teleconsult_opinions[0].disagreement = "".into();
            },
        ),
        (
            C::MissingPrescription,
            FieldId::Prescription,
            Severity::Blocking,
            |_, v| v.prescription.nre = None,
        ),
        (
            C::MissingPrescriber,
            FieldId::Prescription,
            Severity::Warning,
            |_, v| v.prescription.prescriber = None,
        ),
        (
            C::ServiceCodeShape,
            FieldId::Service,
            Severity::Blocking,
            |_, v| v.service.code = String::new(),
        ),
        (
            C::MissingIdentity,
            FieldId::Identity,
            Severity::Blocking,
            |_, v| v.identity = None,
        ),
        (C::MissingConsent, FieldId::Consent, Severity::Blocking, |_, v| {
            v.consent.as_mut().expect("consent").to_service = false;
        }),
        (C::CallNotEnded, FieldId::Call, Severity::Blocking, |_, v| {
            v.end = None
        }),
        (C::CallTimesReversed, FieldId::Call, Severity::Blocking, |_, v| {
            v.end = Some(at("2026-11-20T09:00:00Z"))
        }),
        (C::VisitNotDelivered, FieldId::Call, Severity::Blocking, |_, v| {
            v.call_outcome = Some(CallOutcome::NotDelivered {
                reason: NotDeliveredReason::IdentityMismatch,
            });
        }),
        (
            C::MissingTrustCode,
            FieldId::Structure,
            Severity::Blocking,
            |_, v| {
                v.assignment.structure.trust_code = None;
            },
        ),
        (C::RoleCannotSign, FieldId::Author, Severity::Blocking, |_, v| {
            v.assignment.role = Role::CotOperator
        }),
        (
            C::BirthDateImplausible,
            FieldId::Patient,
            Severity::Blocking,
            |_, v| {
                v.patient.birth_date = "2027-01-01".parse::<jiff::civil::Date>().expect("date").into();
            },
        ),
        (
            C::UnprintableCharacters,
            FieldId::History,
            Severity::Warning,
            |f, _| f.history = "5\u{202E}0 mg".into(),
        ),
        (
            C::TextTooLong,
            FieldId::Suggestions,
            Severity::Blocking,
            |f, _| f.suggestions = "x".repeat(20_001).into(),
        ),
    ];
    assert_eq!(
        check(&full_form(), &visit_with_picture()),
        [],
        "the full form has no fault"
    );
    for (code, field, severity, change) in cases {
        let (mut form, mut visit) = (full_form(), visit_with_picture());
        change(&mut form, &mut visit);
        assert_eq!(
            check(&form, &visit),
            [Finding {
                field,
                severity,
                code
            }],
            "{code:?}"
        );
    }
}

#[test]
fn each_outcome_asks_for_what_belongs_to_it() {
    let with = |change: Change| {
        let (mut form, mut visit) = (short_form(), visit());
        change(&mut form, &mut visit);
        check(&form, &visit)
            .into_iter()
            .map(|f| f.code)
            .collect::<Vec<_>>()
    };
    assert_eq!(with(|_, _| ()), []);
    assert_eq!(with(|f, _| f.outcome = None), [C::MissingOutcome]);
    assert_eq!(with(|f, _| f.next_control = "".into()), [C::MissingNextControl]);
    assert_eq!(
        with(|f, _| f.outcome = Some(Outcome::PlanRenewed)),
        [C::MissingTherapy]
    );
    assert_eq!(
        with(|f, _| f.priority = Some(Priority::B)),
        [C::PriorityWithoutTests]
    );
    assert_eq!(
        with(|f, _| f.further_tests = "ECG".into()),
        [C::MissingPriority],
        "tests beside another outcome"
    );
    assert_eq!(
        with(|f, _| {
            f.link_suitability = Some(LinkSuitability::NotAdequate);
            f.link_note = "Audio a tratti".into();
        }),
        [C::OutcomeDespiteInadequateLink],
        "a stable outcome over an inadequate link is worth a second look"
    );
    assert_eq!(
        with(|f, _| f.outcome = Some(Outcome::UrgentAccess)),
        [],
        "an urgent sending away waits for nothing"
    );
}

#[test]
fn a_paper_prescription_is_enough() {
    let mut visit = visit();
    visit.prescription.nre = None;
    visit.prescription.paper_number = Some("012345678".into());
    assert_eq!(check(&short_form(), &visit), []);
    let frozen = freeze(&short_form(), &visit, &ids(), now()).expect("frozen");
    assert!(
        frozen.cda.expose().contains("Ricetta cartacea n. 012345678."),
        "the number is in the narrative"
    );
}
