//! Any text in the form: it never panics, the document is well-formed, and the words survive.

use proptest::prelude::*;

use crate::fixture::*;
use report::*;

/// Text as it may come from a keyboard or a clipboard: control characters, markup, other scripts, long words.
fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => proptest::collection::vec(any::<char>(), 0..60).prop_map(|c| c.into_iter().collect()),
        1 => "[<>&\"'\\]\\[!\\-a-z ]{0,40}",
        1 => "[\\x00-\\x1f\\x7f-\\u{9f}]{0,10}",
        1 => "[àèéìòù'’€µ≥½ \\n]{0,80}",
        1 => "[a-zA-Z]{100,400}",
    ]
}

fn filled(texts: &[String]) -> ReportForm {
    let text = |i: usize| texts[i % texts.len()].as_str().into();
    ReportForm {
        // A first letter, so that required fields are never blank.
        question: format!("q{}", texts[0]).into(),
        findings: format!("f{}", texts[1]).into(),
        conclusions: format!("c{}", texts[2]).into(),
        history: text(3),
        allergies: text(4),
        current_therapy: vec![text(5), text(6)],
        measurements_note: text(7),
        image_caption: text(8),
        diagnosis: format!("d{}", texts[1]).into(),
        further_tests: format!("t{}", texts[2]).into(),
        priority: Some(Priority::U),
        next_control: text(9),
        therapy: text(10),
        suggestions: text(11),
        link_note: text(12),
        teleconsult_opinions: vec![TeleconsultOpinion {
            by: format!("b{}", texts[0]).into(),
            text: format!("t{}", texts[1]).into(),
            unresolved: true,
            disagreement: format!("d{}", texts[2]).into(),
            at: None,
        }],
        ..short_form()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_text_gives_a_well_formed_document_and_a_page(
        texts in proptest::collection::vec(any_text(), 13),
        name in any_text(),
    ) {
        let mut visit = visit_with_picture();
        visit.patient.name = clinical::PersonName::new(name.clone(), name.clone());
        visit.patient.birth_place = Some(name.as_str().into());
        visit.assignment.structure.name = name.clone();
        visit.participants.push(Participant { name: None, role: ParticipantRole::Other(name) });
        let frozen = match freeze(&filled(&texts), &visit, &ids(), now()) {
            Ok(frozen) => frozen,
            Err(error) => panic!("{error}"),
        };
        let document = roxmltree::Document::parse(frozen.cda.expose()).expect("well-formed");
        let all: String = document.descendants().filter_map(|n| n.text()).collect();
        let forbidden = |c: char| c.is_control() && !matches!(c, '\n' | '\t' | '\r');
        prop_assert!(!all.contains(forbidden), "a control character reached the document");
        for word in texts[3].split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty()) {
            prop_assert!(all.contains(word), "the word {word} of the history is lost");
        }
        prop_assert!(lopdf::Document::load_mem(frozen.pdf.expose()).is_ok(), "the PDF is read back");
    }

    #[test]
    fn any_draft_is_checked_and_shown(texts in proptest::collection::vec(any_text(), 13), name in any_text()) {
        let mut visit = visit();
        visit.patient.name = clinical::PersonName::new(name.clone(), name.clone());
        visit.assignment.structure.name = name.clone();
        visit.participants.push(Participant { name: None, role: ParticipantRole::Other(name) });
        visit.end = None;
        let _ = check(&filled(&texts), &visit);
        prop_assert!(preview_pdf(&filled(&texts), &visit, now()).is_ok());
    }
}
