//! Invented people and visits. Codici fiscali carry the place code X000, which no municipality has.

use clinical::*;
use jiff::Timestamp;
use report::*;

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().expect("a time of the fixture")
}

pub(crate) fn now() -> Timestamp {
    at("2026-11-20T09:41:00Z")
}

pub(crate) fn ids() -> DocumentIds {
    DocumentIds::first("150.TV.0192f0c4-7a1e-7c3a-9b1d-5f2e8d6a4c10")
}

/// A visit of an adult, delivered, without a picture.
pub(crate) fn visit() -> VisitRecord {
    VisitRecord {
        appointment: "tv-2026-11-20-07".into(),
        patient: Patient {
            id: "p-marottoli".into(),
            name: PersonName::new("Marottoli", "Assunta"),
            birth_date: Sensitive::new("1955-03-12".parse().expect("date")),
            sex: Sex::Female,
            fiscal_code: FiscalCode::parse("MRTSNT55C52X000I").expect("code"),
            phone: Some("+39 081 0000 000".into()),
            birth_place: Some("Porto Sereno".into()),
            address: Some("Via dei Limoni 12".into()),
            city: Some("Porto Sereno".into()),
        },
        author: Practitioner {
            id: "pr-valmori".into(),
            name: PersonName::new("Valmori", "Irene"),
            fiscal_code: FiscalCode::parse("VLMRNI78D55X000D").expect("code"),
        },
        assignment: Assignment {
            id: "role-1".into(),
            role: Role::Specialist,
            structure: Structure {
                id: "org-golfo".into(),
                name: "Ospedale del Golfo".into(),
                unit: Some("Cardiologia".into()),
                ministerial_code: Some("15099901".into()),
                trust_code: Some("999".into()),
                trust_name: Some("ASL di Porto Sereno".into()),
            },
            speciality: Some("Cardiologia".into()),
        },
        prescription: Prescription {
            nre: Some(Nre::parse("150A24000000012").expect("nre")),
            paper_number: None,
            date: Some("2026-11-02".parse().expect("date")),
            prescriber: Some(Prescriber {
                name: PersonName::new("Cresti", "Paolo"),
                fiscal_code: Some(FiscalCode::parse("CRSPLA62M10X000L").expect("code")),
            }),
        },
        service: Service {
            code: "89.01.3".into(),
            description: "Visita cardiologica di controllo".into(),
        },
        start: at("2026-11-20T09:07:12Z"),
        end: Some(at("2026-11-20T09:29:40Z")),
        participants: vec![
            Participant {
                name: None,
                role: ParticipantRole::Patient,
            },
            Participant {
                name: Some(PersonName::new("Nardi", "Elena")),
                role: ParticipantRole::Caregiver,
            },
        ],
        identity: Some(IdentityCheck {
            method: IdentityMethod::DocumentShown,
            at: at("2026-11-20T09:05:00Z"),
        }),
        consent: Some(Consent {
            to_service: true,
            to_image: true,
            given_by: ConsentGiver::Patient,
            at: at("2026-11-20T09:06:00Z"),
        }),
        link: Some(LinkQuality {
            word: LinkWord::Good,
            round_trip_ms: Some(48),
            loss_per_mille: Some(3),
            picture_lines: Some(720),
            interruptions: 0,
        }),
        call_outcome: Some(CallOutcome::Delivered),
        modality: Modality::Video,
        image: None,
    }
}

/// The same visit with a picture of a wound, drawn here.
pub(crate) fn visit_with_picture() -> VisitRecord {
    let image = AcquiredImage {
        format: ImageFormat::Png,
        bytes: Sensitive::new(picture(640, 360)),
        at: at("2026-11-20T09:19:00Z"),
    };
    VisitRecord {
        image: Some(image),
        ..visit()
    }
}

/// A visit of a child of 14 months, with a parent who gave the consent.
pub(crate) fn visit_of_child() -> VisitRecord {
    let mut visit = visit();
    visit.patient = Patient {
        id: "p-rubini".into(),
        name: PersonName::new("Rubini D'Alò", "Luca Niccolò"),
        birth_date: Sensitive::new("2025-09-14".parse().expect("date")),
        sex: Sex::Male,
        fiscal_code: FiscalCode::parse("RBNLCU25H14X000X").expect("code"),
        phone: None,
        birth_place: Some("063049 Napoli".into()),
        address: None,
        city: None,
    };
    visit.consent = Some(Consent {
        to_service: true,
        to_image: false,
        given_by: ConsentGiver::Representative {
            representation: Representation {
                name: PersonName::new("Rubini", "Mara"),
                title: Title::Parent,
                document: "CI CA00000AA".into(),
                phone: "3330000000".into(),
                both_parents: true,
                minor_opinion: None,
            },
        },
        at: at("2026-11-20T09:06:00Z"),
    });
    visit.participants = vec![Participant {
        name: Some(PersonName::new("Rubini", "Mara")),
        role: ParticipantRole::Parent,
    }];
    visit
}

/// The least that can be frozen.
pub(crate) fn short_form() -> ReportForm {
    ReportForm {
        question: "Controllo a tre mesi dall'impianto di pacemaker bicamerale. Affanno da sforzo.".into(),
        findings: "Paziente vigile, eupnoica a riposo. Ferita asciutta, senza arrossamento.".into(),
        conclusions: "Compenso stabile. Si conferma la terapia in atto.".into(),
        outcome: Some(Outcome::Stable),
        next_control: "Tra 3 mesi, in presenza".into(),
        link_suitability: Some(LinkSuitability::Adequate),
        darkening: Darkening {
            asked: true,
            ..Darkening::default()
        },
        ..ReportForm::default()
    }
}

/// A form with every field filled.
pub(crate) fn full_form() -> ReportForm {
    ReportForm {
        history:
            "Ipertensione arteriosa dal 2009. Fibrillazione atriale parossistica. Impianto di pacemaker \
                  bicamerale il 18/08/2026 per blocco atrioventricolare di II grado, senza complicanze.\n\
                  Non diabete. Ex fumatrice (10 sigarette al giorno fino al 1998)."
                .into(),
        allergies: "Penicillina (orticaria, 1987)".into(),
        current_therapy: vec![
            "Bisoprololo 2,5 mg, una compressa al mattino".into(),
            "Apixaban 5 mg, una compressa due volte al giorno".into(),
            "Ramipril 5 mg, una compressa alla sera".into(),
        ],
        findings:
            "Paziente vigile, eupnoica a riposo. Ferita asciutta, senza arrossamento. Peso riferito 68 kg, \
                   pressione riferita 135/80. Lieve affanno dopo una rampa di scale."
                .into(),
        measurements_note: "misurati dalla figlia con apparecchio da braccio e bilancia di casa".into(),
        image_caption: "Ferita della tasca del pacemaker".into(),
        conclusions:
            "Compenso stabile. Si conferma la terapia in atto; controllo del dispositivo in ambulatorio."
                .into(),
        diagnosis: "Portatrice di pacemaker; ipertensione arteriosa in buon controllo.".into(),
        diagnosis_code: Some(DiagnosisCode {
            code: "401.9".into(),
            description: "Ipertensione essenziale non specificata".into(),
        }),
        outcome: Some(Outcome::FurtherTests),
        further_tests: "Controllo elettronico del pacemaker.\nEcocardiogramma.".into(),
        priority: Some(Priority::P),
        therapy: "Invariata: bisoprololo 2,5 mg una volta al giorno, apixaban 5 mg due volte al giorno."
            .into(),
        suggestions: "Emocromo e creatinina prima del prossimo controllo.".into(),
        teleconsult_opinions: vec![TeleconsultOpinion {
            by: "SERRA Livio, elettrofisiologia".into(),
            at: Some(at("2026-11-18T10:00:00Z")),
            text: "Soglie nella norma; anticipare il controllo a un mese.".into(),
            unresolved: true,
            disagreement: "tempo del controllo: un mese oppure tre.".into(),
        }],
        ..short_form()
    }
}

/// The same visit with a picture as a camera gives it.
pub(crate) fn visit_with_jpeg(progressive: bool, kind: jpeg_encoder::ColorType) -> VisitRecord {
    let (width, height) = (320u16, 480u16);
    let samples = rings(u32::from(width), u32::from(height));
    let samples = match kind {
        jpeg_encoder::ColorType::Luma => samples.chunks_exact(3).map(|p| p[1]).collect(),
        jpeg_encoder::ColorType::Cmyk => samples
            .chunks_exact(3)
            .flat_map(|p| [p[0], p[1], p[2], 0])
            .collect(),
        _ => samples,
    };
    let mut bytes = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut bytes, 85);
    encoder.set_progressive(progressive);
    encoder.encode(&samples, width, height, kind).expect("a JPEG");
    let image = AcquiredImage {
        format: ImageFormat::Jpeg,
        bytes: bytes.into(),
        at: at("2026-11-20T09:19:00Z"),
    };
    VisitRecord {
        image: Some(image),
        ..visit()
    }
}

fn rings(width: u32, height: u32) -> Vec<u8> {
    let mut rgb = Vec::new();
    for y in 0..height {
        for x in 0..width {
            let (dx, dy) = (
                f64::from(x) - f64::from(width) / 2.0,
                f64::from(y) - f64::from(height) / 2.0,
            );
            let ring = ((dx * dx + dy * dy).sqrt() / 14.0).sin() * 22.0;
            rgb.extend([(214.0 + ring) as u8, (168.0 + ring) as u8, (146.0 + ring) as u8]);
        }
    }
    rgb
}

/// A picture of soft rings, as a PNG.
pub(crate) fn picture(width: u32, height: u32) -> Vec<u8> {
    let rgb = rings(width, height);
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder
        .write_header()
        .expect("header")
        .write_image_data(&rgb)
        .expect("pixels");
    out
}
