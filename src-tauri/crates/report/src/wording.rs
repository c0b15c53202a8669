//! The Italian words of the document: the same in the CDA narrative, on the PDF and in the picture of the
//! visit's record, so that the three never disagree.
//!
//! Not in it: the sentences of the window about findings, which are the window's.

use clinical::{Age, ConsentGiver, IdentityMethod, Patient, Role, Sex, Title};
use jiff::Timestamp;

use crate::{
    CallOutcome, LinkQuality, LinkSuitability, LinkWord, Modality, NotDeliveredReason, Outcome, Participant,
    ParticipantRole, Priority, VisitRecord,
    text::{clean, is_blank},
    time,
};

pub(crate) const TITLE: &str = "Referto di televisita";
pub(crate) const TO_COMPLETE: &str = "da completare";

pub(crate) fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Stable => "Quadro stabile",
        Outcome::UrgentAccess => "Invio ad accesso urgente",
        Outcome::FurtherTests => "Richiesti ulteriori accertamenti",
        Outcome::PlanRenewed => "Piano terapeutico rinnovato",
        Outcome::RescheduledInPerson => "Visita riprogrammata in presenza",
    }
}

pub(crate) fn priority(priority: Priority) -> &'static str {
    match priority {
        Priority::U => "U, urgente (entro 72 ore)",
        Priority::B => "B, breve (entro 10 giorni)",
        Priority::D => "D, differibile",
        Priority::P => "P, programmata",
    }
}

pub(crate) fn suitability(suitability: LinkSuitability) -> &'static str {
    match suitability {
        LinkSuitability::Adequate => "adeguato alla visita",
        LinkSuitability::NotAdequate => "non adeguato alla visita",
    }
}

pub(crate) fn link(link: &LinkQuality) -> String {
    let word = match link.word {
        LinkWord::Good => "buono",
        LinkWord::Fair => "discreto",
        LinkWord::Poor => "scarso",
    };
    let mut numbers = Vec::new();
    if let Some(lines) = link.picture_lines {
        numbers.push(format!("immagine a {lines} righe"));
    }
    if let Some(ms) = link.round_trip_ms {
        numbers.push(format!("ritardo {ms}\u{a0}ms"));
    }
    if let Some(loss) = link.loss_per_mille {
        numbers.push(format!("pacchetti persi {},{}\u{a0}%", loss / 10, loss % 10));
    }
    match link.interruptions {
        0 => {}
        1 => numbers.push("1 interruzione".into()),
        n => numbers.push(format!("{n} interruzioni")),
    }
    if numbers.is_empty() {
        word.to_owned()
    } else {
        format!("{word} ({})", numbers.join("; "))
    }
}

pub(crate) fn modality(modality: Modality) -> &'static str {
    match modality {
        Modality::Video => "Televisita in videochiamata",
        Modality::AudioOnly => "Televisita in sola voce",
    }
}

pub(crate) fn call_outcome(outcome: &CallOutcome) -> &'static str {
    match outcome {
        CallOutcome::Delivered => "erogata",
        CallOutcome::Interrupted => "interrotta",
        CallOutcome::NotDelivered { reason } => match reason {
            NotDeliveredReason::PatientAbsent => "non erogata: assistito non presente",
            NotDeliveredReason::IdentityMismatch => "non erogata: identità non corrispondente",
            NotDeliveredReason::ConsentRefused => "non erogata: consenso non dato",
            NotDeliveredReason::Technical => "non erogata: collegamento insufficiente",
            NotDeliveredReason::ClinicalDecision => "non erogata: da tenere in presenza",
        },
    }
}

/// `assistita` or `assistito`.
pub(crate) fn patient(visit: &VisitRecord) -> &'static str {
    if visit.patient.sex == Sex::Female {
        "assistita"
    } else {
        "assistito"
    }
}

fn role_in_call(role: &ParticipantRole, visit: &VisitRecord) -> String {
    match role {
        ParticipantRole::Patient => patient(visit).into(),
        ParticipantRole::Author => "medico".into(),
        ParticipantRole::Caregiver => "caregiver".into(),
        ParticipantRole::Parent => "genitore".into(),
        ParticipantRole::Guardian => "tutore".into(),
        ParticipantRole::SupportAdministrator => "amministratore di sostegno".into(),
        ParticipantRole::Nurse => "infermiere".into(),
        ParticipantRole::Physician => "altro medico".into(),
        ParticipantRole::Interpreter => "interprete o mediatore".into(),
        ParticipantRole::Other(words) => clean(words),
    }
}

pub(crate) fn title(title: Title) -> &'static str {
    match title {
        Title::Parent => "genitore",
        Title::Guardian => "tutore",
        Title::SupportAdministrator => "amministratore di sostegno",
    }
}

pub(crate) fn identity(method: IdentityMethod) -> &'static str {
    match method {
        IdentityMethod::DocumentShown => "documento esibito",
        IdentityMethod::DigitalIdentity => "accesso SPID-CIE",
        IdentityMethod::KnownToClinician => "assistito conosciuto dal medico",
    }
}

pub(crate) fn role(role: Role) -> &'static str {
    match role {
        Role::Specialist => "Medico specialista",
        Role::GeneralPractitioner => "Medico di medicina generale",
        Role::Paediatrician => "Pediatra di libera scelta",
        Role::CotOperator => "Operatore di centrale operativa territoriale",
    }
}

pub(crate) fn sex(sex: Sex) -> &'static str {
    match sex {
        Sex::Female => "F",
        Sex::Male => "M",
        Sex::Unknown => "non indicato",
    }
}

pub(crate) fn age(age: Age) -> String {
    match age {
        Age::Months(1) => "1 mese".into(),
        Age::Months(n) => format!("{n} mesi"),
        Age::Years(1) => "1 anno".into(),
        Age::Years(n) => format!("{n} anni"),
    }
}

/// Who took part, patient and doctor first and always named.
pub(crate) fn participants(visit: &VisitRecord, with_names: bool) -> Vec<String> {
    let said = |role: &ParticipantRole, name: Option<String>| match name {
        Some(name) if with_names => format!("{} ({})", clean(&name), role_in_call(role, visit)),
        _ => role_in_call(role, visit),
    };
    let mut all = vec![
        said(&ParticipantRole::Patient, Some(visit.patient.name.display())),
        said(&ParticipantRole::Author, Some(visit.author.name.display())),
    ];
    for Participant { name, role } in &visit.participants {
        if matches!(role, ParticipantRole::Patient | ParticipantRole::Author) {
            continue;
        }
        all.push(said(role, name.as_ref().map(clinical::PersonName::display)));
    }
    all
}

/// `dalle 10:07 alle 10:29 (22 minuti)`, or `dalle 10:07, in corso`.
pub(crate) fn times(start: Timestamp, end: Option<Timestamp>) -> String {
    match end {
        Some(end) => {
            let minutes = (end.as_second() - start.as_second()).max(0) / 60;
            let length = match minutes {
                0 => "meno di un minuto".to_owned(),
                1 => "1 minuto".to_owned(),
                n => format!("{n} minuti"),
            };
            format!("dalle {} alle {} ({length})", time::hour(start), time::hour(end))
        }
        None => format!("dalle {}, in corso", time::hour(start)),
    }
}

/// The rows that say how the visit was held, as label and words.
pub(crate) fn visit_rows(visit: &VisitRecord, with_names: bool) -> Vec<(&'static str, String)> {
    let mut rows = vec![
        ("Modalità", modality(visit.modality).to_owned()),
        (
            "Data e ora",
            format!("{}, {}", time::day(visit.start), times(visit.start, visit.end)),
        ),
    ];
    if let Some(outcome) = &visit.call_outcome {
        rows.push(("Erogazione", call_outcome(outcome).to_owned()));
    }
    rows.push(("Partecipanti", participants(visit, with_names).join(", ")));
    if let Some(identity) = &visit.identity {
        rows.push((
            "Identità",
            format!(
                "{}, ore {}",
                self::identity(identity.method),
                time::hour(identity.at)
            ),
        ));
    }
    if let Some(consent) = visit.consent.as_ref().filter(|c| c.to_service) {
        let by = match &consent.given_by {
            ConsentGiver::Patient => format!("dato dall'{}", patient(visit)),
            ConsentGiver::Representative { representation } if with_names => {
                format!(
                    "dato da {} ({})",
                    clean(&representation.name.display()),
                    title(representation.title)
                )
            }
            ConsentGiver::Representative { representation } => {
                format!("dato da {}", title(representation.title))
            }
        };
        rows.push(("Consenso", format!("{by}, ore {}", time::hour(consent.at))));
    }
    if let Some(quality) = &visit.link {
        rows.push(("Collegamento", link(quality)));
    }
    rows
}

/// `Cardiologia`: the speciality, else the unit.
pub(crate) fn discipline(visit: &VisitRecord) -> Option<String> {
    [
        visit.assignment.speciality.as_deref(),
        visit.assignment.structure.unit.as_deref(),
    ]
    .into_iter()
    .flatten()
    .find(|words| !is_blank(words))
    .map(clean)
}

/// The place of birth: its code, where the record gives `code name`, and its name.
pub(crate) fn birth_place(patient: &Patient) -> Option<(Option<String>, String)> {
    let place = patient
        .birth_place
        .as_ref()
        .map(|p| clean(p.expose()))
        .filter(|p| !p.is_empty())?;
    match place.split_once(' ') {
        Some((code, name)) if code.chars().any(|c| c.is_ascii_digit()) => {
            Some((Some(code.to_owned()), name.to_owned()))
        }
        _ => Some((None, place)),
    }
}
