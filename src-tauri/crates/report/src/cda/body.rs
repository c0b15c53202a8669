//! The sections, in the order of the national guide. A section without content is not written, but for the
//! two that the rules require (Prestazioni and Referto).

use clinical::Sensitive;

use super::{
    header::{Times, loinc},
    oid,
    xml::Xml,
};
use crate::{
    FieldId, ReportForm, VisitRecord,
    picture::Picture,
    text::{clean, is_blank, paragraphs},
    time, wording,
};

/// A section of the document: its code and its words.
struct Section {
    template: &'static str,
    loinc: &'static str,
    display: &'static str,
    title: &'static str,
}

macro_rules! section {
    ($name:ident, $template:literal, $loinc:literal, $display:literal, $title:literal) => {
        const $name: Section = Section {
            template: concat!("2.16.840.1.113883.3.1937.777.63.10.", $template),
            loinc: $loinc,
            display: $display,
            title: $title,
        };
    };
}

section!(
    QUESTION,
    "648",
    "29299-5",
    "Motivo della visita",
    "Quesito diagnostico"
);
section!(HISTORY, "649", "11329-0", "Storia generale", "Storia clinica");
section!(ALLERGIES, "652", "48765-2", "Allergie", "Allergie");
section!(
    THERAPY_NOW,
    "653",
    "10160-0",
    "Uso di farmaci",
    "Terapia farmacologica in atto"
);
section!(
    EXAMINATION,
    "669",
    "29545-1",
    "Osservazioni fisiche",
    "Esame obiettivo"
);
section!(SERVICES, "657", "62387-6", "Interventi", "Prestazioni");
section!(REPORT, "695", "47045-0", "Referto", "Referto");
section!(DIAGNOSIS, "696", "29548-5", "Diagnosi", "Diagnosi");
section!(CONCLUSIONS, "698", "55110-1", "Conclusioni", "Conclusioni");
section!(
    SUGGESTIONS,
    "699",
    "62385-0",
    "Raccomandazioni",
    "Suggerimenti per il medico prescrittore"
);
section!(
    TESTS,
    "701",
    "80615-8",
    "Raccomandazioni di follow-up",
    "Accertamenti e controlli consigliati"
);
section!(
    THERAPY,
    "702",
    "93341-6",
    "Terapia consigliata",
    "Terapia farmacologica consigliata"
);

pub(super) fn write(x: &mut Xml, form: &ReportForm, visit: &VisitRecord, picture: &Picture, times: &Times) {
    x.element("component", &[], |x| {
        x.element(
            "structuredBody",
            &[("classCode", "DOCBODY"), ("moodCode", "EVN")],
            |x| {
                question(x, form, visit);
                history(x, form);
                examination(x, form);
                services(x, form, visit, picture, times);
                report(x, form, visit, picture);
                diagnosis(x, form);
                plain(x, FieldId::Conclusions, &CONCLUSIONS, &form.conclusions);
                plain(x, FieldId::Suggestions, &SUGGESTIONS, &form.suggestions);
                tests(x, form);
                plain(x, FieldId::Therapy, &THERAPY, &form.therapy);
            },
        );
    });
}

fn question(x: &mut Xml, form: &ReportForm, visit: &VisitRecord) {
    let prescription = &visit.prescription;
    let paper = prescription
        .paper_number
        .as_ref()
        .filter(|_| prescription.nre.is_none());
    if is_blank(form.question.expose()) && paper.is_none() {
        return;
    }
    component(x, FieldId::Question, &QUESTION, |x| {
        x.element("text", &[], |x| {
            lines(x, &form.question);
            if let Some(number) = paper {
                x.text(
                    "paragraph",
                    &[],
                    &format!("Ricetta cartacea n. {}.", clean(number.expose())),
                );
            }
        });
    });
}

fn history(x: &mut Xml, form: &ReportForm) {
    let therapy: Vec<String> = form
        .current_therapy
        .iter()
        .map(|l| clean(l.expose()))
        .filter(|l| !l.is_empty())
        .collect();
    let (history, allergies) = (form.history.expose(), form.allergies.expose());
    if is_blank(history) && is_blank(allergies) && therapy.is_empty() {
        return;
    }
    component(x, FieldId::History, &HISTORY, |x| {
        x.element("text", &[], |x| {
            if is_blank(history) {
                x.text("paragraph", &[], "Si vedano le parti che seguono.");
            } else {
                lines(x, &form.history);
            }
        });
        if !is_blank(allergies) {
            component(x, FieldId::Allergies, &ALLERGIES, |x| {
                x.element("text", &[], |x| lines(x, &form.allergies));
            });
        }
        if !therapy.is_empty() {
            component(x, FieldId::CurrentTherapy, &THERAPY_NOW, |x| {
                x.element("text", &[], |x| {
                    x.element("list", &[], |x| {
                        for line in &therapy {
                            x.text("item", &[], line);
                        }
                    });
                });
            });
        }
    });
}

fn examination(x: &mut Xml, form: &ReportForm) {
    let note = form.measurements_note.expose();
    if is_blank(form.findings.expose()) && is_blank(note) {
        return;
    }
    component(x, FieldId::Findings, &EXAMINATION, |x| {
        x.element("text", &[], |x| {
            lines(x, &form.findings);
            if !is_blank(note) {
                x.field(FieldId::MeasurementsNote, |x| {
                    x.text("paragraph", &[], &format!("Valori riferiti: {}", clean(note)));
                });
            }
        });
    });
}

/// The services delivered, and exactly one picture with them (rules b4 to b6 of the schematron).
fn services(x: &mut Xml, form: &ReportForm, visit: &VisitRecord, picture: &Picture, times: &Times) {
    let service = format!(
        "{} ({})",
        clean(&visit.service.description),
        clean(&visit.service.code)
    );
    component(x, FieldId::Service, &SERVICES, |x| {
        x.element("text", &[], |x| {
            x.text(
                "paragraph",
                &[],
                &format!("{service}, erogata in televisita il {}.", time::day(visit.start)),
            );
            x.field(FieldId::Image, |x| {
                x.element("renderMultiMedia", &[("referencedObject", "IMMAGINE")], |x| {
                    x.field(FieldId::ImageCaption, |x| {
                        x.text("caption", &[], &picture.caption(form.image_caption.expose()));
                    });
                });
            });
        });
        x.element("entry", &[], |x| {
            x.element("act", &[("classCode", "ACT"), ("moodCode", "EVN")], |x| {
                service_code(x, visit);
                x.empty("effectiveTime", &[("value", &times.start)]);
                let discipline = wording::discipline(visit).unwrap_or_else(|| "Non indicata".to_owned());
                for (template, label) in [("703", "Branca specialistica"), ("704", "Disciplina")] {
                    speciality(x, template, label, &discipline);
                }
            });
        });
        x.field(FieldId::Image, |x| {
            x.element("entry", &[], |x| {
                let media = [("classCode", "OBS"), ("moodCode", "EVN"), ("ID", "IMMAGINE")];
                x.element("observationMedia", &media, |x| {
                    let value = [("mediaType", picture.media_type()), ("representation", "B64")];
                    x.text("value", &value, &picture.base64());
                });
            });
        });
    });
}

/// The catalogue of outpatient services extends ICD-9-CM: `89.01.F` is of `89.01`. The dictionary of the
/// gateway knows the four digits; the full code and wording follow as the original text.
fn service_code(x: &mut Xml, visit: &VisitRecord) {
    let full = clean(&visit.service.code);
    let words = format!("{full} {}", clean(&visit.service.description));
    match icd9_procedure(&full) {
        Some(code) => {
            let attributes = [
                ("code", code),
                ("codeSystem", oid::ICD9CM),
                ("codeSystemName", "ICD-9-CM"),
            ];
            x.element("code", &attributes, |x| x.text("originalText", &[], &words));
        }
        None => x.element("code", &[("nullFlavor", "OTH")], |x| {
            x.text("originalText", &[], &words)
        }),
    }
}

/// The ICD-9-CM procedure code at the head of a catalogue code: two digits, a dot, one or two digits.
pub(crate) fn icd9_procedure(code: &str) -> Option<&str> {
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let mut parts = code.split('.');
    let (head, tail) = (parts.next()?, parts.next()?);
    (head.len() == 2 && digits(head) && (1..=2).contains(&tail.len()) && digits(tail))
        .then(|| code.get(..head.len() + 1 + tail.len()))
        .flatten()
}

fn speciality(x: &mut Xml, template: &str, label: &str, discipline: &str) {
    x.element("entryRelationship", &[("typeCode", "COMP")], |x| {
        x.element("observation", &[("classCode", "OBS"), ("moodCode", "EVN")], |x| {
            x.empty(
                "templateId",
                &[("root", &format!("2.16.840.1.113883.3.1937.777.63.10.{template}"))],
            );
            x.element("code", &[("nullFlavor", "UNK")], |x| {
                x.text("originalText", &[], label)
            });
            x.text("value", &[("xsi:type", "ST")], discipline);
            x.element("entryRelationship", &[("typeCode", "COMP")], |x| {
                x.element("act", &[("classCode", "ACT"), ("moodCode", "EVN")], |x| {
                    loinc(x, "48767-8", "Annotazioni e commenti");
                    x.text("text", &[], "Prestazione erogata a distanza.");
                });
            });
        });
    });
}

/// How the visit was held and how it ends: what the decrees on telemedicine want the report to say.
fn report(x: &mut Xml, form: &ReportForm, visit: &VisitRecord, picture: &Picture) {
    component(x, FieldId::Document, &REPORT, |x| {
        x.element("text", &[], |x| {
            x.element("list", &[], |x| {
                for (label, words) in wording::visit_rows(visit, true) {
                    x.field(field_of_row(label), |x| {
                        x.text("item", &[], &format!("{label}: {words}."))
                    });
                }
                if let Some(suitability) = form.link_suitability {
                    x.field(FieldId::LinkSuitability, |x| {
                        let words = wording::suitability(suitability);
                        x.text(
                            "item",
                            &[],
                            &format!("Giudizio del medico sul collegamento: {words}."),
                        );
                    });
                }
                if !is_blank(form.link_note.expose()) {
                    let note = clean(form.link_note.expose());
                    x.field(FieldId::LinkNote, |x| {
                        x.text("item", &[], &format!("Nota sul collegamento: {note}"))
                    });
                }
                x.field(FieldId::Image, |x| x.text("item", &[], picture.statement()));
                if let Some(outcome) = form.outcome {
                    x.field(FieldId::Outcome, |x| {
                        x.text(
                            "item",
                            &[],
                            &format!("Esito della televisita: {}.", wording::outcome(outcome)),
                        );
                    });
                }
            });
            x.field(FieldId::TeleconsultOpinions, |x| opinions(x, form));
        });
    });
}

fn field_of_row(label: &str) -> FieldId {
    match label {
        "Partecipanti" => FieldId::Participants,
        "Identità" => FieldId::Identity,
        "Consenso" => FieldId::Consent,
        "Collegamento" => FieldId::Link,
        _ => FieldId::Call,
    }
}

fn opinions(x: &mut Xml, form: &ReportForm) {
    for opinion in &form.teleconsult_opinions {
        let at = opinion
            .at
            .map(|at| format!(" del {}", time::day(at)))
            .unwrap_or_default();
        let by = clean(opinion.by.expose());
        x.text(
            "paragraph",
            &[],
            &format!(
                "Parere di teleconsulto{at}, {by}: {}",
                clean(opinion.text.expose())
            ),
        );
        if opinion.unresolved {
            let about = clean(opinion.disagreement.expose());
            x.text("paragraph", &[], &format!("Disaccordo non risolto: {about}"));
        }
    }
}

fn diagnosis(x: &mut Xml, form: &ReportForm) {
    if is_blank(form.diagnosis.expose()) {
        return;
    }
    component(x, FieldId::Diagnosis, &DIAGNOSIS, |x| {
        x.element("text", &[], |x| lines(x, &form.diagnosis));
        let Some(chosen) = &form.diagnosis_code else {
            return;
        };
        x.element("entry", &[], |x| {
            x.element("observation", &[("classCode", "OBS"), ("moodCode", "EVN")], |x| {
                loinc(x, "29308-4", "Diagnosi");
                x.empty("statusCode", &[("code", "completed")]);
                x.empty(
                    "value",
                    &[
                        ("xsi:type", "CD"),
                        ("code", &clean(chosen.code.expose())),
                        ("codeSystem", oid::ICD9CM),
                        ("codeSystemName", "ICD-9-CM"),
                        ("displayName", &clean(chosen.description.expose())),
                    ],
                );
            });
        });
    });
}

fn tests(x: &mut Xml, form: &ReportForm) {
    let (tests, control) = (form.further_tests.expose(), form.next_control.expose());
    if is_blank(tests) && is_blank(control) && form.priority.is_none() {
        return;
    }
    component(x, FieldId::FurtherTests, &TESTS, |x| {
        x.element("text", &[], |x| {
            lines(x, &form.further_tests);
            if let Some(priority) = form.priority {
                x.field(FieldId::Priority, |x| {
                    x.text(
                        "paragraph",
                        &[],
                        &format!("Classe di priorità: {}.", wording::priority(priority)),
                    );
                });
            }
            if !is_blank(control) {
                x.field(FieldId::NextControl, |x| {
                    x.text(
                        "paragraph",
                        &[],
                        &format!("Prossimo controllo: {}", clean(control)),
                    );
                });
            }
        });
    });
}

/// A section that holds one text.
fn plain(x: &mut Xml, field: FieldId, section: &Section, text: &Sensitive<String>) {
    if is_blank(text.expose()) {
        return;
    }
    component(x, field, section, |x| x.element("text", &[], |x| lines(x, text)));
}

fn component(x: &mut Xml, field: FieldId, section: &Section, inside: impl FnOnce(&mut Xml)) {
    x.field(field, |x| {
        x.element("component", &[("typeCode", "COMP")], |x| {
            x.element("section", &[], |x| {
                x.empty("templateId", &[("root", section.template)]);
                loinc(x, section.loinc, section.display);
                x.text("title", &[], section.title);
                inside(x);
            });
        });
    });
}

fn lines(x: &mut Xml, text: &Sensitive<String>) {
    for line in paragraphs(text.expose()) {
        x.text("paragraph", &[], &line);
    }
}
