//! Earlier documents of the patients: DocumentReference, and a small real PDF as Binary.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lopdf::content::{Content, Operation};
use lopdf::{Document, Object, Stream, StringFormat, dictionary};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::person::Person;
use super::register::{
    BELLISARIO, CASTAGNARI, DELVECCHIATI, FIORENTANO, GUALTEROTTI, MAROTTOLI, PALAZZESE, SORBELLINI,
    TORRIGIANI,
};
use super::{EXTENSION, Moment, put, to};
use crate::fhir::StoreError;
use crate::fhir::store::Precondition;
use crate::fhir::writing::Writing;

/// A document of a patient.
pub(super) struct Paper<'a> {
    pub(super) id: String,
    pub(super) patient: &'a Person,
    pub(super) title: &'a str,
    /// LOINC code and its words.
    pub(super) kind: (&'a str, &'a str),
    pub(super) date: String,
    pub(super) author: Value,
    pub(super) lines: &'a [&'a str],
    /// Medicine and dosage.
    pub(super) therapy: &'a [(&'a str, &'a str)],
    /// What it belongs to, for an attachment of a case.
    pub(super) related: Option<Value>,
}

pub(super) const LETTER: (&str, &str) = ("34105-7", "Lettera di dimissione ospedaliera");
pub(super) const OUTPATIENT: (&str, &str) = ("11488-4", "Referto di specialistica ambulatoriale");
pub(super) const LABORATORY: (&str, &str) = ("11502-2", "Referto di medicina di laboratorio");
pub(super) const TELEVISIT: (&str, &str) = ("75496-0", "Referto di televisita");

pub(super) fn plant(writing: &mut Writing<'_>, moment: &Moment) -> Result<(), StoreError> {
    let hospital =
        json!({"reference": "Organization/golfo-cardiologia", "display": "Ospedale del Golfo, Cardiologia"});
    let mut number = 0;
    let mut paper = |patient: &Person,
                     title: &str,
                     kind: (&str, &str),
                     days: i64,
                     lines: &[&str],
                     therapy: &[(&str, &str)]| {
        number += 1;
        file(
            writing,
            &Paper {
                id: format!("documento-{number}"),
                patient,
                title,
                kind,
                date: moment.days_ago(days, 11, 0),
                author: hospital.clone(),
                lines,
                therapy,
                related: None,
            },
        )
    };
    paper(
        &MAROTTOLI,
        "Impianto pacemaker, dimissione",
        LETTER,
        94,
        &[
            "Ricovero per blocco atrioventricolare avanzato.",
            "Impianto di pacemaker bicamerale, decorso regolare, ferita asciutta.",
            "Terapia alla dimissione: bisoprololo 2,5 mg 1 volta al giorno; apixaban 5 mg 2 volte al giorno.",
            "Controllo a tre mesi.",
        ],
        &[
            ("Bisoprololo 2,5 mg", "1 volta al giorno"),
            ("Apixaban 5 mg", "2 volte al giorno"),
        ],
    )?;
    paper(
        &MAROTTOLI,
        "Visita cardiologica con ECG",
        OUTPATIENT,
        143,
        &[
            "Lipotimie ricorrenti. ECG: blocco di branca sinistra, PR 240 ms.",
            "Si programma Holter e ricovero.",
        ],
        &[],
    )?;
    paper(
        &MAROTTOLI,
        "Ecocardiogramma",
        OUTPATIENT,
        193,
        &[
            "Ventricolo sinistro di dimensioni normali, frazione di eiezione 55 %.",
            "Lieve insufficienza mitralica.",
        ],
        &[],
    )?;
    paper(
        &TORRIGIANI,
        "Visita cardiologica",
        OUTPATIENT,
        88,
        &[
            "Fibrillazione atriale permanente in terapia anticoagulante.",
            "INR stabile, nessun sanguinamento.",
        ],
        &[
            ("Warfarin", "secondo INR"),
            ("Ramipril 5 mg", "1 volta al giorno"),
        ],
    )?;
    let others: [(&Person, &str, &[&str]); 6] = [
        (
            &BELLISARIO,
            "Visita cardiologica",
            &["Scompenso cardiaco in classe NYHA II, peso stabile."],
        ),
        (
            &FIORENTANO,
            "Elettrocardiogramma",
            &["Fibrillazione atriale a risposta ventricolare controllata."],
        ),
        (
            &CASTAGNARI,
            "Monitoraggio della pressione",
            &["Media diurna 148/86 mmHg in terapia."],
        ),
        (
            &PALAZZESE,
            "Ablazione, lettera di dimissione",
            &["Ablazione di tachicardia da rientro nodale, senza complicanze."],
        ),
        (
            &GUALTEROTTI,
            "Visita cardiologica",
            &["Scompenso cardiaco, frazione di eiezione 38 %."],
        ),
        (
            &SORBELLINI,
            "Prova da sforzo",
            &["Negativa per ischemia inducibile al carico raggiunto."],
        ),
    ];
    for (days, (patient, title, lines)) in (60..).step_by(17).zip(others) {
        paper(patient, title, OUTPATIENT, days, lines, &[])?;
    }
    paper(
        &DELVECCHIATI,
        "Esami del sangue",
        LABORATORY,
        9,
        &[
            "Creatinina 1,9 mg/dl; filtrato stimato 34 ml/min.",
            "INR 3,8. Emoglobina 12,9 g/dl.",
        ],
        &[],
    )
}

/// Stores a document with its file.
pub(super) fn file(writing: &mut Writing<'_>, paper: &Paper<'_>) -> Result<(), StoreError> {
    let bytes = pdf(paper).ok_or(StoreError::Malformed("a document of the seed cannot be drawn"))?;
    let binary = format!("{}-file", paper.id);
    writing.put_binary(&binary, "application/pdf", &bytes, Precondition::None)?;
    let therapy: Vec<Value> = paper
        .therapy
        .iter()
        .map(|(medicine, dosage)| {
            json!({"url": format!("{EXTENSION}therapy"), "extension": [
                {"url": "medication", "valueString": medicine}, {"url": "dosage", "valueString": dosage}]})
        })
        .collect();
    let (code, words) = paper.kind;
    let mut reference = json!({
        "resourceType": "DocumentReference", "id": paper.id, "status": "current", "docStatus": "final",
        "identifier": [{"system": "urn:ietf:rfc:3986", "value": format!("urn:postazione:{}", paper.id)}],
        "type": {"coding": [{"system": "http://loinc.org", "code": code, "display": words}], "text": words},
        "subject": to("Patient", &paper.patient.id(), &paper.patient.display()),
        "date": paper.date, "author": [paper.author], "description": paper.title,
        "content": [{"attachment": {"contentType": "application/pdf", "language": "it-IT",
            "url": format!("Binary/{binary}"), "title": paper.title, "creation": paper.date, "size": bytes.len(),
            "hash": STANDARD.encode(Sha256::digest(&bytes))}}],
    });
    if !therapy.is_empty() {
        reference["extension"] = Value::Array(therapy);
    }
    if let Some(related) = &paper.related {
        reference["context"] = json!({"related": [related]});
    }
    put(writing, reference)
}

/// One page of text, in Helvetica, which every reader has.
fn pdf(paper: &Paper<'_>) -> Option<Vec<u8>> {
    let mut document = Document::with_version("1.7");
    let pages = document.new_object_id();
    let font = document.add_object(dictionary! {
        "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica", "Encoding" => "WinAnsiEncoding",
    });
    let resources = document.add_object(dictionary! { "Font" => dictionary! { "F1" => font } });
    let mut operations = vec![Operation::new("BT", vec![])];
    let mut line = |text: &str, size: i64, drop: i64| {
        operations.push(Operation::new("Tf", vec!["F1".into(), size.into()]));
        operations.push(Operation::new("Td", vec![0.into(), (-drop).into()]));
        operations.push(Operation::new(
            "Tj",
            vec![Object::String(win_ansi(text), StringFormat::Literal)],
        ));
    };
    line("", 10, -790);
    line("REGIONE DI PROVA - DOCUMENTO DI PERSONA INVENTATA", 9, 0);
    line(paper.title, 18, 36);
    line(
        &format!(
            "{}, codice fiscale {}",
            paper.patient.display(),
            paper.patient.fiscal_code()
        ),
        11,
        26,
    );
    line(
        &format!("Data {}", paper.date.get(..10).unwrap_or_default()),
        11,
        16,
    );
    line("", 11, 12);
    for text in paper.lines {
        line(text, 11, 18);
    }
    operations.push(Operation::new("ET", vec![]));
    // The text matrix starts at the corner: one step to the right brings the margin.
    operations.insert(1, Operation::new("Td", vec![56.into(), 0.into()]));
    let content = document.add_object(Stream::new(dictionary! {}, Content { operations }.encode().ok()?));
    let page =
        document.add_object(dictionary! { "Type" => "Page", "Parent" => pages, "Contents" => content });
    document.objects.insert(
        pages,
        Object::Dictionary(dictionary! {
            "Type" => "Pages", "Kids" => vec![page.into()], "Count" => 1, "Resources" => resources,
            "MediaBox" => vec![0.into(), 0.into(), 595.into(), 842.into()],
        }),
    );
    let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => pages });
    document.trailer.set("Root", catalog);
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).ok()?;
    Some(bytes)
}

/// Windows code page 1252, as far as Italian needs it.
fn win_ansi(text: &str) -> Vec<u8> {
    text.chars()
        .map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?'))
        .collect()
}
