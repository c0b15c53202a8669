//! What the FSE gateway would say.

use jiff::Timestamp;
use signing::precheck::{FsePrecheck, FseProblem, fse_precheck};
use signing::token::training::KeyKind;

use crate::desk::Desk;
use crate::document::{Recipe, report};

fn said(pdf: &[u8]) -> FsePrecheck {
    fse_precheck(pdf, Timestamp::now())
}

#[test]
fn a_signed_report_is_taken() {
    let desk = Desk::new(KeyKind::P256);
    for modern in [false, true] {
        let recipe = Recipe {
            modern,
            ..Recipe::default()
        };
        assert_eq!(said(&desk.sign(&recipe.pdf())), FsePrecheck::default());
    }
}

#[test]
fn each_reason_is_told() {
    let desk = Desk::new(KeyKind::P256);
    let cda = "<ClinicalDocument xmlns=\"urn:hl7-org:v3\"/>";
    let with = |attachments| {
        let recipe = Recipe {
            attachments,
            ..Recipe::default()
        };
        said(&desk.sign(&recipe.pdf())).problems
    };
    assert_eq!(said(&report()).problems, [FseProblem::NotSigned]);
    assert_eq!(with(vec![]), [FseProblem::CdaMissing]);
    assert_eq!(with(vec![("CDA.xml", cda)]), [FseProblem::CdaMisnamed]);
    assert_eq!(
        with(vec![("cda.xml", cda), ("cda.xml", cda)]),
        [FseProblem::CdaTwice]
    );
    assert_eq!(with(vec![("cda.xml", "vuoto")]), [FseProblem::CdaUnreadable]);
    assert_eq!(said(b"un testo").problems, [FseProblem::NotPdf]);
    let mut broken = desk.sign(&report());
    let at = broken.windows(8).position(|w| w == b"Clinical").unwrap();
    broken[at + 20] = b'#';
    assert_eq!(said(&broken).problems, [FseProblem::SignatureBroken]);
    let mut without_time = desk.sign(&report());
    let at = without_time.windows(5).position(|w| w == b"/M(D:").unwrap();
    without_time[at + 1] = b'N';
    assert!(said(&without_time).problems.contains(&FseProblem::NoSigningTime));
}

#[test]
fn pdf_a_3_is_asked_for_and_not_required() {
    let Some(shared) = std::env::var_os("POSTAZIONE_SHARED") else {
        println!("referee check not run: official signed sample");
        return;
    };
    let sample = std::path::Path::new(&shared).join("specs/cda2/samples/official/RSA_signed_pades.pdf");
    let answer = said(&std::fs::read(sample).unwrap());
    assert!(answer.accepted(), "the ministry's own sample: {answer:?}");
    assert!(answer.not_pdf_a_3);
}
