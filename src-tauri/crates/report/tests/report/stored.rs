//! What is stored and what is printed, against the forms of earlier versions.

use crate::fixture::*;
use report::*;

#[test]
fn a_stored_form_keeps_its_names() {
    insta::assert_json_snapshot!("form", full_form());
}

#[test]
fn a_stored_visit_keeps_its_names_and_its_picture_as_text() {
    let mut visit = visit_with_picture();
    if let Some(image) = &mut visit.image {
        image.bytes = vec![1, 2, 3].into();
    }
    insta::assert_json_snapshot!("visit", visit);
    let json = serde_json::to_string(&visit).expect("json");
    assert_eq!(
        serde_json::from_str::<VisitRecord>(&json).expect("visit"),
        visit,
        "a record is read back whole"
    );
}

#[test]
fn a_draft_of_any_age_is_read() {
    for stored in [
        "{}",
        r#"{"question":"Controllo"}"#,
        r#"{"outcome":null,"current_therapy":[]}"#,
    ] {
        let form: ReportForm = serde_json::from_str(stored).expect("a draft with missing fields");
        assert!(
            form.findings.expose().is_empty(),
            "a missing field is an empty one: {stored}"
        );
    }
}

#[test]
fn the_document_of_a_fixed_input_does_not_change() {
    for (name, form, visit) in [
        ("cda_full", full_form(), visit_with_picture()),
        ("cda_child", short_form(), visit_of_child()),
    ] {
        let frozen = freeze(&form, &visit, &ids(), now()).expect("frozen");
        insta::assert_snapshot!(name, without_picture(frozen.cda.expose()));
    }
}

/// The picture is left out of the snapshot: its bytes depend on the version of the compressor.
fn without_picture(cda: &str) -> String {
    let (before, rest) = cda.split_once("representation=\"B64\">").expect("the picture");
    let (_, after) = rest.split_once('<').expect("its end");
    format!("{before}representation=\"B64\">...<{after}")
}

#[test]
fn a_frozen_report_is_read_back_whole() {
    let frozen = freeze(&short_form(), &visit(), &ids(), now()).expect("frozen");
    let json = serde_json::to_string(&frozen).expect("json");
    assert_eq!(
        serde_json::from_str::<FrozenReport>(&json).expect("report"),
        frozen
    );
}
