//! The frozen document: what it says, what it never says, and that it is one and the same.

use lopdf::Object;
use roxmltree::{Document, Node};

use crate::fixture::*;
use report::*;

fn frozen(form: &ReportForm, visit: &VisitRecord) -> FrozenReport {
    match freeze(form, visit, &ids(), now()) {
        Ok(frozen) => frozen,
        Err(FreezeError::Open(findings)) => panic!("open findings: {findings:?}"),
        Err(error) => panic!("{error}"),
    }
}

fn named<'a>(document: &'a Document<'_>, name: &'static str) -> impl Iterator<Item = Node<'a, 'a>> {
    document
        .descendants()
        .filter(move |n| n.tag_name().name() == name)
}

/// The words of the section with a LOINC code.
fn section(cda: &str, loinc: &str) -> Option<String> {
    let document = Document::parse(cda).expect("well-formed");
    let code = named(&document, "code").find(|n| {
        n.attribute("code") == Some(loinc) && n.parent().is_some_and(|p| p.tag_name().name() == "section")
    })?;
    let text = code
        .parent()?
        .children()
        .find(|n| n.tag_name().name() == "text")?;
    Some(
        text.descendants()
            .filter_map(|n| n.text())
            .map(str::trim)
            .filter(|t| !t.is_empty())
            .collect::<Vec<_>>()
            .join(" | "),
    )
}

#[test]
fn the_same_input_freezes_to_the_same_bytes() {
    let cases = [(full_form(), visit_with_picture()), (short_form(), visit())];
    let first: Vec<_> = cases.iter().map(|(form, visit)| frozen(form, visit)).collect();
    // Nothing may come from the clock of the machine: the second round falls into another second.
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    for ((form, visit), before) in cases.iter().zip(&first) {
        let again = frozen(form, visit);
        assert_eq!(
            again.cda_sha256, before.cda_sha256,
            "a document frozen again after a crash is the same"
        );
        assert_eq!(again.pdf_sha256, before.pdf_sha256, "and so is its PDF");
    }
    let drawn = String::from_utf8_lossy(first[0].pdf.expose()).into_owned();
    assert_eq!(
        drawn.matches("<?xpacket begin").count(),
        1,
        "nothing that the drawing left behind stays in"
    );
}

#[test]
fn every_text_of_the_form_stands_in_its_section() {
    let report = frozen(&full_form(), &visit_with_picture());
    let cda = report.cda.expose();
    for (loinc, words) in [
        ("29299-5", "Controllo a tre mesi dall'impianto"),
        ("11329-0", "Non diabete."),
        ("48765-2", "Penicillina"),
        ("10160-0", "Apixaban 5 mg, una compressa due volte al giorno"),
        ("29545-1", "Valori riferiti: misurati dalla figlia"),
        (
            "62387-6",
            "Ferita della tasca del pacemaker, acquisita alle 10:19 con consenso",
        ),
        (
            "47045-0",
            "Esito della televisita: Richiesti ulteriori accertamenti.",
        ),
        ("47045-0", "NARDI Elena (caregiver)"),
        (
            "47045-0",
            "Giudizio del medico sul collegamento: adeguato alla visita.",
        ),
        ("47045-0", "Disaccordo non risolto: tempo del controllo"),
        ("29548-5", "Portatrice di pacemaker"),
        ("55110-1", "Compenso stabile."),
        ("62385-0", "Emocromo e creatinina"),
        ("80615-8", "Classe di priorità: P, programmata."),
        ("80615-8", "Prossimo controllo: Tra 3 mesi, in presenza"),
        ("93341-6", "Invariata: bisoprololo"),
    ] {
        let text = section(cda, loinc).unwrap_or_else(|| panic!("section {loinc}"));
        assert!(text.contains(words), "{loinc} lacks {words}: {text}");
    }
}

#[test]
fn empty_parts_leave_no_section() {
    let report = frozen(&short_form(), &visit());
    for loinc in ["11329-0", "29548-5", "62385-0", "93341-6"] {
        assert_eq!(
            section(report.cda.expose(), loinc),
            None,
            "{loinc} has nothing to say"
        );
    }
}

#[test]
fn exactly_one_picture_stands_with_the_services_and_says_what_it_is() {
    for (visit, width, label) in [
        (visit_with_picture(), 640, "Ferita della tasca del pacemaker"),
        (visit(), 1200, "nessuna immagine dell'assistito è stata acquisita"),
    ] {
        let report = frozen(&full_form_without_caption_when(&visit), &visit);
        let cda = report.cda.expose();
        let document = Document::parse(cda).expect("well-formed");
        let media: Vec<_> = named(&document, "observationMedia").collect();
        assert_eq!(media.len(), 1, "rule b5");
        let value = media[0]
            .descendants()
            .find(|n| n.tag_name().name() == "value")
            .expect("value");
        assert_eq!(value.attribute("representation"), Some("B64"), "rule b6");
        use base64::Engine as _;
        let bytes = base64::engine::general_purpose::STANDARD
            .decode(value.text().expect("bytes"))
            .expect("base64");
        let reader = png::Decoder::new(std::io::Cursor::new(bytes))
            .read_info()
            .expect("a real PNG");
        assert_eq!(reader.info().width, width, "never a placeholder");
        assert!(
            section(cda, "62387-6").is_some_and(|s| s.contains(label)),
            "the caption says what it is"
        );
    }
}

fn full_form_without_caption_when(visit: &VisitRecord) -> ReportForm {
    if visit.image.is_some() {
        full_form()
    } else {
        short_form()
    }
}

#[test]
fn a_darkened_document_does_not_say_so() {
    let mut form = short_form();
    form.darkening = Darkening {
        asked: true,
        document: true,
        from_patient: true,
        ..Darkening::default()
    };
    let (dark, plain) = (frozen(&form, &visit()), frozen(&short_form(), &visit()));
    assert_eq!(
        dark.cda, plain.cda,
        "darkening is asked of the gateway, not written in the document"
    );
    assert_eq!(dark.access_rules, ["P99", "P98"]);
    form.darkening.greater_protection = true;
    let code = |report: &FrozenReport| {
        let document = Document::parse(report.cda.expose()).expect("well-formed");
        named(&document, "confidentialityCode")
            .next()
            .and_then(|n| n.attribute("code").map(str::to_owned))
    };
    assert_eq!(code(&frozen(&form, &visit())).as_deref(), Some("V"));
    assert_eq!(code(&plain).as_deref(), Some("N"));
}

#[test]
fn paths_of_the_document_lead_to_their_fields() {
    let report = frozen(&full_form(), &visit_with_picture());
    let document = Document::parse(report.cda.expose()).expect("well-formed");
    let path_of = |node: Node<'_, '_>| {
        let steps: Vec<String> = node
            .ancestors()
            .filter(Node::is_element)
            .map(|n| {
                let same = n
                    .prev_siblings()
                    .filter(|s| s.is_element() && s.tag_name() == n.tag_name())
                    .count();
                // prev_siblings begins with the node itself.
                format!("/Q{{urn:hl7-org:v3}}{}[{same}]", n.tag_name().name())
            })
            .collect();
        steps.into_iter().rev().collect::<String>()
    };
    let holding = |words: &str| {
        named(&document, "item")
            .chain(named(&document, "paragraph"))
            .chain(named(&document, "caption"))
            .find(|n| n.text().is_some_and(|t| t.contains(words)))
            .unwrap_or_else(|| panic!("{words}"))
    };
    for (words, field) in [
        ("Compenso stabile", FieldId::Conclusions),
        ("Esito della televisita", FieldId::Outcome),
        ("Classe di priorità", FieldId::Priority),
        ("Prossimo controllo", FieldId::NextControl),
        ("Ecocardiogramma", FieldId::FurtherTests),
        ("Valori riferiti", FieldId::MeasurementsNote),
        ("Ramipril", FieldId::CurrentTherapy),
        ("Ferita della tasca", FieldId::ImageCaption),
        ("caregiver", FieldId::Participants),
        ("Disaccordo", FieldId::TeleconsultOpinions),
    ] {
        assert_eq!(
            report.paths.field_of_path(&path_of(holding(words))),
            Some(field),
            "{words}"
        );
    }
    for (name, field) in [
        ("recordTarget", FieldId::Patient),
        ("author", FieldId::Author),
        ("inFulfillmentOf", FieldId::Prescription),
        ("observationMedia", FieldId::Image),
        ("confidentialityCode", FieldId::Darkening),
        ("custodian", FieldId::Structure),
    ] {
        let node = named(&document, name).next().unwrap_or_else(|| panic!("{name}"));
        assert_eq!(report.paths.field_of_path(&path_of(node)), Some(field), "{name}");
    }
    assert_eq!(
        report.paths.field_of_path("/hl7:ClinicalDocument"),
        Some(FieldId::Document)
    );
}

#[test]
fn a_later_version_names_the_one_it_replaces() {
    let ids = DocumentIds {
        document: "150.TV.b".into(),
        set: "150.TV.a".into(),
        version: 2,
        replaces: Some(Replaces::Replace("150.TV.a".into())),
    };
    let report = freeze(&short_form(), &visit(), &ids, now()).expect("frozen");
    let document = Document::parse(report.cda.expose()).expect("well-formed");
    let related = named(&document, "relatedDocument")
        .next()
        .expect("relatedDocument");
    assert_eq!(related.attribute("typeCode"), Some("RPLC"));
    let id = related
        .descendants()
        .find(|n| n.tag_name().name() == "id")
        .and_then(|n| n.attribute("extension"));
    assert_eq!(id, Some("150.TV.a"));
}

#[test]
fn the_archive_file_carries_the_document_where_the_gateway_looks() {
    let report = frozen(&full_form(), &visit_with_picture());
    let pdf = lopdf::Document::load_mem(report.pdf.expose()).expect("a PDF");
    let catalog = pdf.catalog().expect("catalog");
    let dictionary = |object: &Object| {
        pdf.dereference(object)
            .expect("object")
            .1
            .as_dict()
            .expect("dictionary")
            .clone()
    };
    let names = dictionary(catalog.get(b"Names").expect("Names"));
    let tree = dictionary(names.get(b"EmbeddedFiles").expect("EmbeddedFiles"));
    let entries = tree
        .get(b"Names")
        .and_then(Object::as_array)
        .expect("a leaf, no Kids");
    assert_eq!(entries.len(), 2, "one attachment, hence the first");
    assert_eq!(entries[0].as_str().expect("name"), b"cda.xml");
    let specification = dictionary(&entries[1]);
    assert_eq!(
        specification.get(b"F").and_then(Object::as_str).expect("F"),
        b"cda.xml"
    );
    assert_eq!(
        specification
            .get(b"AFRelationship")
            .and_then(Object::as_name)
            .expect("relation"),
        b"Source"
    );
    let files = dictionary(specification.get(b"EF").expect("EF"));
    let file = files.get(b"F").expect("EF/F");
    let stream = pdf
        .dereference(file)
        .expect("file")
        .1
        .as_stream()
        .expect("stream")
        .clone();
    let content = stream.decompressed_content().unwrap_or(stream.content);
    assert_eq!(
        content,
        report.cda.expose().as_bytes(),
        "the attachment is the document, byte for byte"
    );
    let associated = catalog.get(b"AF").and_then(Object::as_array).expect("AF");
    assert_eq!(
        associated[0].as_reference().expect("reference"),
        entries[1].as_reference().expect("reference")
    );
}

#[test]
fn fonts_are_cut_to_what_is_drawn() {
    let report = frozen(&short_form(), &visit());
    let pdf = lopdf::Document::load_mem(report.pdf.expose()).expect("a PDF");
    let fonts: usize = pdf
        .objects
        .values()
        .filter_map(|o| o.as_dict().ok())
        .filter_map(|d| d.get(b"FontFile2").and_then(Object::as_reference).ok())
        .map(|id| {
            pdf.get_object(id)
                .and_then(Object::as_stream)
                .map_or(0, |s| s.content.len())
        })
        .sum();
    assert!((2_000..60_000).contains(&fonts), "the faces take {fonts} bytes");
}

#[test]
fn a_report_with_open_findings_is_not_frozen() {
    match freeze(&ReportForm::default(), &visit(), &ids(), now()) {
        Err(FreezeError::Open(open)) => {
            assert!(
                open.iter().all(|f| f.severity == Severity::Blocking),
                "warnings do not stop it: {open:?}"
            );
            assert!(open.iter().any(|f| f.code == FindingCode::MissingOutcome));
        }
        other => panic!("an empty form was frozen: {}", other.is_ok()),
    }
}

#[test]
fn a_picture_that_lies_about_itself_is_refused_and_the_preview_still_shows() {
    let mut visit = visit_with_picture();
    let image = visit.image.as_mut().expect("image");
    let cut: Vec<u8> = image.bytes.expose().iter().copied().take(2000).collect();
    image.bytes = cut.into();
    assert!(matches!(
        freeze(&full_form(), &visit, &ids(), now()),
        Err(FreezeError::Draw(DrawError::Picture))
    ));
    assert!(
        preview_pdf(&full_form(), &visit, now()).is_ok(),
        "a draft is always shown"
    );
}

#[test]
fn a_jpeg_is_carried_as_it_is_and_an_odd_one_is_refused() {
    let visit = visit_with_jpeg(false, jpeg_encoder::ColorType::Rgb);
    let bytes = visit.image.as_ref().expect("image").bytes.expose().clone();
    let report = frozen(&full_form(), &visit);
    let inside = report.pdf.expose().windows(bytes.len()).any(|w| w == bytes);
    assert!(
        inside,
        "the page shows the very file that was acquired, not a copy of a copy"
    );
    assert!(report.cda.expose().contains("mediaType=\"image/jpeg\""));
    // Four components would need another output intent: no camera makes them.
    let odd = visit_with_jpeg(false, jpeg_encoder::ColorType::Cmyk);
    let codes: Vec<_> = check(&full_form(), &odd).into_iter().map(|f| f.code).collect();
    assert_eq!(codes, [FindingCode::ImageUnreadable]);
}

/// Where each line of text begins, in points from the lower left corner, page by page.
fn places(pdf: &[u8]) -> Vec<(f32, f32)> {
    let pdf = lopdf::Document::load_mem(pdf).expect("a PDF");
    let mut places = Vec::new();
    for (_, page) in pdf.get_pages() {
        let content = pdf.get_and_decode_page_content(page).expect("content");
        for operation in content.operations.iter().filter(|o| o.operator == "Tm") {
            let at = |n: usize| operation.operands[n].as_float().expect("a number");
            places.push((at(4), at(5)));
        }
    }
    places
}

#[test]
fn no_text_falls_off_a_page_however_long_it_is() {
    let long = "Parola molto lunga, àèìòù; ".repeat(700);
    let one = "Senzaspazi".repeat(200);
    for text in [long, one] {
        let words = || text.as_str().into();
        let form = ReportForm {
            question: words(),
            history: words(),
            allergies: words(),
            current_therapy: vec![words(), words()],
            findings: words(),
            measurements_note: words(),
            image_caption: words(),
            conclusions: words(),
            diagnosis: words(),
            further_tests: words(),
            next_control: words(),
            therapy: words(),
            suggestions: words(),
            link_note: words(),
            ..full_form()
        };
        let mut visit = visit_with_picture();
        visit.patient.name = clinical::PersonName::new(text.clone(), text.clone());
        visit.author.name = clinical::PersonName::new(text.clone(), text.clone());
        (visit.patient.address, visit.patient.birth_place) = (Some(words()), Some(words()));
        visit.assignment.structure.name = text.clone();
        (visit.assignment.structure.unit, visit.assignment.speciality) =
            (Some(text.clone()), Some(text.clone()));
        visit.service.description = text.clone();
        visit.participants.push(Participant {
            name: None,
            role: ParticipantRole::Other(text.clone()),
        });
        let report = frozen(&form, &visit);
        let drawn = preview_pdf(&form, &visit, now()).expect("a preview");
        for (x, y) in places(report.pdf.expose()).into_iter().chain(places(&drawn)) {
            assert!(
                (50.0..548.0).contains(&x) && (30.0..812.0).contains(&y),
                "a line begins at {x}, {y}"
            );
        }
    }
}
