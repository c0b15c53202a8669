//! What the doctor types. Every field may be empty: a draft saves at any moment, and [`crate::check`] says
//! what is missing before it can be signed.
//!
//! Texts are [`Sensitive`], so that no draft reaches a log through `Debug`. Not in it: anything that the visit
//! knows (patient, prescription, participants, link), which is in [`crate::VisitRecord`].

use clinical::Sensitive;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The form of the Referto di Televisita. Stored as JSON with the names below; a missing field is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReportForm {
    /// Quesito.
    pub question: Sensitive<String>,
    /// Anamnesi.
    pub history: Sensitive<String>,
    /// Allergie, in words; empty when not asked.
    pub allergies: Sensitive<String>,
    /// Terapia in atto, a line for each drug.
    pub current_therapy: Vec<Sensitive<String>>,
    /// Esame e rilievi.
    pub findings: Sensitive<String>,
    /// Who measured the values reported by the patient, and with what.
    pub measurements_note: Sensitive<String>,
    /// Caption of the picture acquired during the visit.
    pub image_caption: Sensitive<String>,
    /// Conclusioni.
    pub conclusions: Sensitive<String>,
    /// Diagnosi, in words.
    pub diagnosis: Sensitive<String>,
    /// Its ICD-9-CM code, where the doctor chose one.
    pub diagnosis_code: Option<DiagnosisCode>,
    /// Esito della televisita.
    pub outcome: Option<Outcome>,
    /// Accertamenti, in words (with [`Outcome::FurtherTests`], or beside another outcome).
    pub further_tests: Sensitive<String>,
    /// Priority of the further tests.
    pub priority: Option<Priority>,
    /// Prossimo controllo.
    pub next_control: Sensitive<String>,
    /// Terapia prescritta o consigliata.
    pub therapy: Sensitive<String>,
    /// Suggerimenti per il medico prescrittore.
    pub suggestions: Sensitive<String>,
    /// Whether the link was adequate to the visit, in the doctor's judgement.
    pub link_suitability: Option<LinkSuitability>,
    /// A note on the link, required when it was not adequate.
    pub link_note: Sensitive<String>,
    /// Oscuramento.
    pub darkening: Darkening,
    /// Opinions collected by teleconsult and used here.
    pub teleconsult_opinions: Vec<TeleconsultOpinion>,
}

/// An ICD-9-CM code with its wording.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiagnosisCode {
    /// The code with its dot, as `401.9`.
    pub code: Sensitive<String>,
    /// The wording of the classification.
    pub description: Sensitive<String>,
}

/// The coded outcome (Accordo Stato-Regioni 17 December 2020 and DM 21 September 2022: the report of a
/// televisit says how it ends).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Quadro stabile.
    Stable,
    /// Invio ad accesso urgente.
    UrgentAccess,
    /// Ulteriori accertamenti, with a priority.
    FurtherTests,
    /// Piano terapeutico rinnovato.
    PlanRenewed,
    /// Riprogrammata in presenza.
    RescheduledInPerson,
}

/// Priority of a request (Piano nazionale di governo delle liste di attesa): U 72 hours, B 10 days,
/// D 30 or 60 days, P planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Priority {
    /// Urgente.
    U,
    /// Breve.
    B,
    /// Differibile.
    D,
    /// Programmata.
    P,
}

/// The doctor's judgement of the link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkSuitability {
    /// Adeguato alla visita.
    Adequate,
    /// Non adeguato alla visita.
    NotAdequate,
}

/// Darkening choices of the patient. The three requests become the gateway's access rules P99, P98 and P97;
/// greater protection becomes the confidentiality code V of the document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Darkening {
    /// Whether the doctor asked the patient.
    pub asked: bool,
    /// Oscuramento del documento (P99).
    pub document: bool,
    /// Oscuramento all'assistito, until the doctor has spoken to them (P98).
    pub from_patient: bool,
    /// Oscuramento al genitore, for a minor (P97).
    pub from_parent: bool,
    /// Dati a maggior tutela dell'anonimato (art. 6 DM 7 September 2023).
    pub greater_protection: bool,
}

impl Darkening {
    /// The access rules for the publication request, in the gateway's codes.
    pub fn access_rules(&self) -> Vec<&'static str> {
        [
            (self.document, "P99"),
            (self.from_patient, "P98"),
            (self.from_parent, "P97"),
        ]
        .into_iter()
        .filter_map(|(chosen, rule)| chosen.then_some(rule))
        .collect()
    }
}

/// An opinion collected by teleconsult.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TeleconsultOpinion {
    /// Who gave it, with the discipline.
    pub by: Sensitive<String>,
    /// When.
    pub at: Option<Timestamp>,
    /// The opinion.
    pub text: Sensitive<String>,
    /// Whether a disagreement is left open; the report must say it.
    pub unresolved: bool,
    /// What the disagreement is about.
    pub disagreement: Sensitive<String>,
}
