//! Referees that know nothing of this crate: the official rules, veraPDF, poppler.
//!
//! The official rules are found through `POSTAZIONE_SHARED`; unset, that check is not run and says so. The
//! others run where their programs are installed.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

use crate::fixture::*;
use report::*;

/// Every kind of report that the fixtures can make.
fn all() -> Vec<(&'static str, ReportForm, VisitRecord)> {
    let mut strange = full_form();
    strange.history = "Città di “Napoli” – 12,50 €, µg, ≥ 3, α-bloccante, Łódź, Ελληνικά, 漢字, 😀, → ½ °C. "
        .repeat(40)
        .into();
    strange.therapy = format!(
        "{}\n{}",
        "Bisoprololo 2,5 mg\n".repeat(40),
        "Parolalunghissima".repeat(30)
    )
    .into();
    let mut paper = visit();
    paper.prescription = Prescription {
        paper_number: Some("012345678".into()),
        ..Prescription::default()
    };
    let mut bare = visit();
    (bare.patient.birth_place, bare.patient.address, bare.patient.phone) = (None, None, None);
    (bare.link, bare.assignment.structure.ministerial_code) = (None, None);
    bare.service = Service {
        code: "TLV-1".into(),
        description: "Televisita di controllo".into(),
    };
    let mut protected = short_form();
    protected.darkening.greater_protection = true;
    let mut named = visit();
    let long = "Maria Antonietta Benedetta Costanza ".repeat(12);
    named.patient.name = clinical::PersonName::new(long.clone(), long.clone());
    named.author.name = named.patient.name.clone();
    named.patient.address = Some(long.as_str().into());
    named.assignment.structure.name = "Azienda".repeat(90);
    named.assignment.structure.unit = Some(long);
    vec![
        ("long names", short_form(), named),
        ("full", full_form(), visit_with_picture()),
        ("short", short_form(), visit()),
        ("child", short_form(), visit_of_child()),
        ("long and strange", strange, visit_with_picture()),
        ("paper prescription", short_form(), paper),
        ("bare record", short_form(), bare),
        ("greater protection", protected, visit()),
        (
            "a camera's JPEG",
            full_form(),
            visit_with_jpeg(false, jpeg_encoder::ColorType::Rgb),
        ),
        (
            "a progressive JPEG",
            full_form(),
            visit_with_jpeg(true, jpeg_encoder::ColorType::Rgb),
        ),
        (
            "a grey JPEG",
            full_form(),
            visit_with_jpeg(false, jpeg_encoder::ColorType::Luma),
        ),
    ]
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let mut written = Vec::new();
    for (n, (name, form, visit)) in all().into_iter().enumerate() {
        let frozen = freeze(&form, &visit, &ids(), now()).unwrap_or_else(|error| panic!("{name}: {error}"));
        for (ending, bytes) in [
            ("xml", frozen.cda.expose().as_bytes()),
            ("pdf", frozen.pdf.expose().as_slice()),
        ] {
            let path = directory.join(format!("{n}.{ending}"));
            std::fs::write(&path, bytes).expect("a file in the temporary folder");
            written.push(path);
        }
    }
    let second = DocumentIds {
        document: "150.TV.b".into(),
        set: "150.TV.a".into(),
        version: 2,
        replaces: Some(Replaces::Append("150.TV.a".into())),
    };
    let frozen = freeze(&short_form(), &visit(), &second, now()).expect("frozen");
    let path = directory.join("second.xml");
    std::fs::write(&path, frozen.cda.expose()).expect("a file in the temporary folder");
    written.push(path);
    written
}

fn said(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

fn pdfs(all: &[PathBuf]) -> impl Iterator<Item = &PathBuf> {
    all.iter().filter(|p| p.extension().is_some_and(|e| e == "pdf"))
}

#[test]
fn the_official_rules_accept_every_report() {
    let Some(shared) = std::env::var_os("POSTAZIONE_SHARED") else {
        println!("referee check not run: validate-cda");
        return;
    };
    let referee = PathBuf::from(shared).join("tools/validate-cda");
    assert!(
        referee.exists(),
        "POSTAZIONE_SHARED is set and has no tools/validate-cda"
    );
    let directory = tempfile::tempdir().expect("a temporary folder");
    let written = files(directory.path());
    let output = Command::new(referee)
        .args(["--strict-terms", "--stage", "validation"])
        .args(&written)
        .output()
        .expect("the referee starts");
    let said = said(&output);
    assert!(output.status.success(), "{said}");
    assert_eq!(
        said.matches("PASS (0 errors, 0 warnings)").count(),
        written.len(),
        "without a warning: {said}"
    );
}

#[test]
fn verapdf_finds_every_report_conforming_to_pdf_a_3b() {
    let present = |program: &str| Command::new(program).arg("-version").output().is_ok();
    if !present("java") || !present("mvn") {
        println!("referee check not run: veraPDF");
        return;
    }
    let directory = tempfile::tempdir().expect("a temporary folder");
    let written = files(directory.path());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/verapdf.sh");
    let output = Command::new(script)
        .args(pdfs(&written))
        .output()
        .expect("the script starts");
    let said = said(&output);
    if output.status.code() == Some(2) && said.contains("could not be fetched") {
        println!("referee check not run: veraPDF");
        return;
    }
    assert_eq!(said.matches("PASS ").count(), all().len(), "{said}");
    assert!(!said.contains("FAIL "), "{said}");
}

#[test]
fn poppler_reads_text_fonts_and_attachment() {
    if Command::new("pdfdetach").arg("-v").output().is_err() {
        println!("referee check not run: poppler");
        return;
    }
    let directory = tempfile::tempdir().expect("a temporary folder");
    let written = files(directory.path());
    for pdf in pdfs(&written) {
        let cda = directory.path().join("attached.xml");
        let saved = Command::new("pdfdetach")
            .args(["-save", "1", "-o"])
            .arg(&cda)
            .arg(pdf)
            .output();
        assert!(saved.expect("pdfdetach").status.success());
        let original = std::fs::read(pdf.with_extension("xml")).expect("the document");
        assert_eq!(
            std::fs::read(&cda).expect("the attachment"),
            original,
            "{}",
            pdf.display()
        );

        let fonts = said(&Command::new("pdffonts").arg(pdf).output().expect("pdffonts"));
        for row in fonts.lines().skip(2) {
            assert!(
                row.contains("yes yes yes"),
                "embedded, cut, and readable as text: {row}"
            );
        }

        let text = said(
            &Command::new("pdftotext")
                .args(["-layout"])
                .arg(pdf)
                .arg("-")
                .output()
                .expect("pdftotext"),
        );
        for words in [
            "Referto di televisita",
            "Quesito",
            "Conclusioni",
            "Firmato digitalmente da",
            "Modalità e qualità",
        ] {
            assert!(
                text.contains(words),
                "{words} cannot be copied from {}: {text}",
                pdf.display()
            );
        }
    }
    let strange = said(
        &Command::new("pdftotext")
            .arg(directory.path().join("4.pdf"))
            .arg("-")
            .output()
            .expect("text"),
    );
    for words in [
        "12,50 €",
        "Ελληνικά",
        "≥ 3",
        "Anamnesi (segue)",
        "un carattere che la stampa non ha",
    ] {
        assert!(strange.contains(words), "{words}");
    }
}
