//! The request for a teleconsult: what is asked, of whom, how soon, in what way, and with whose consent.
//!
//! A [`Draft`] may lack anything and is saved as it is typed; [`Draft::complete`] names what is missing or gives a
//! [`Request`], which lacks nothing. Not in it: what happens afterwards (`case`).

use clinical::{AttachmentId, Consent, ConsentGiver, DocumentId, PatientId, Sensitive, TeleconsultId, Title};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Longest question, in characters.
pub const QUESTION_LIMIT: usize = 10_000;
/// All attachments together, in bytes.
pub const ATTACHMENTS_LIMIT: u64 = 200 * 1024 * 1024;

/// Priority class, as on the national prescription.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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

/// Synchronous or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Timing {
    /// Sincrono.
    Synchronous,
    /// Asincrono.
    Asynchronous,
}

/// How the teleconsult is held (csModalitaTC).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mode {
    /// Synchronous or not.
    pub timing: Timing,
    /// With the patient, without, or not said.
    pub with_patient: Option<bool>,
}

/// How the specialist is reached (csTipologiaAccessoTC).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Access {
    /// Programmata.
    Scheduled {
        /// The hour proposed, where there is one.
        at: Option<Timestamp>,
    },
    /// Estemporanea.
    Impromptu,
}

/// How far the request may go (csRaggioErogazione).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Range {
    /// Aziendale.
    Trust,
    /// Regionale.
    Region,
    /// Nazionale.
    Nation,
}

/// A branca specialistica.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Branch {
    /// Code, for example `02`.
    pub code: String,
    /// Name, for example *Cardiologia*.
    pub name: String,
}

/// Of whom it is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Addressee {
    /// Any specialist of a branca.
    Speciality {
        /// The branca.
        branch: Branch,
    },
    /// A specialist by name.
    Named {
        /// The branca.
        branch: Branch,
        /// FHIR id of the PractitionerRole.
        role: String,
        /// As shown.
        name: Sensitive<String>,
    },
}

impl Addressee {
    /// The branca.
    pub fn branch(&self) -> &Branch {
        match self {
            Self::Speciality { branch } | Self::Named { branch, .. } => branch,
        }
    }
}

/// A diagnosis in words, with an ICD-9-CM code where the doctor gives one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnosis {
    /// ICD-9-CM.
    pub code: Option<String>,
    /// Words.
    pub text: Sensitive<String>,
}

/// Something that the speciality's template asked, with what was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Particular {
    /// As asked.
    pub ask: String,
    /// As written.
    pub words: Sensitive<String>,
}

/// A file that goes with the request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Made on this PC.
    pub id: AttachmentId,
    /// Title.
    pub title: Sensitive<String>,
    /// MIME type.
    pub content_type: String,
    /// Size in bytes.
    pub size: u64,
    /// SHA-256, lower-case hex.
    pub sha256: String,
    /// At the region, once it is there.
    pub document: Option<DocumentId>,
}

/// A request in the making. Everything may be missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// Made on this PC.
    pub id: TeleconsultId,
    /// About whom.
    pub patient: Option<PatientId>,
    /// Quesito diagnostico.
    #[serde(default)]
    pub question: Sensitive<String>,
    /// What the speciality's template asked.
    #[serde(default)]
    pub particulars: Vec<Particular>,
    /// Diagnosis.
    #[serde(default)]
    pub diagnosis: Option<Diagnosis>,
    /// Of whom.
    #[serde(default)]
    pub addressee: Option<Addressee>,
    /// Priority.
    #[serde(default)]
    pub priority: Option<Priority>,
    /// Mode.
    #[serde(default)]
    pub mode: Option<Mode>,
    /// Access.
    #[serde(default)]
    pub access: Option<Access>,
    /// Range.
    #[serde(default)]
    pub range: Option<Range>,
    /// Consent, with who gives it.
    #[serde(default)]
    pub consent: Option<Consent>,
    /// *Oscuramento*: the patient wants the data hidden.
    #[serde(default)]
    pub obscured: bool,
    /// Files.
    #[serde(default)]
    pub attachments: Vec<Attachment>,
}

/// What a request still lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// Assistito.
    #[error("the patient is missing")]
    Patient,
    /// Quesito.
    #[error("the question is missing")]
    Question,
    /// The question is longer than [`QUESTION_LIMIT`].
    #[error("the question is too long")]
    QuestionTooLong,
    /// Specialità.
    #[error("the speciality is missing")]
    Addressee,
    /// Priorità.
    #[error("the priority is missing")]
    Priority,
    /// Modo.
    #[error("the mode is missing")]
    Mode,
    /// Consenso.
    #[error("the consent is missing")]
    Consent,
    /// Who speaks for the minor or ward.
    #[error("the representative is missing")]
    Representation,
    /// A title that does not fit a minor.
    #[error("this title does not fit")]
    Title,
    /// Name, document or telephone of the representative.
    #[error("the representative's data are incomplete")]
    RepresentativeData,
    /// The files are larger than [`ATTACHMENTS_LIMIT`].
    #[error("the attachments are too large")]
    AttachmentsTooLarge,
}

/// A request that lacks nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Made on the asker's PC.
    pub id: TeleconsultId,
    /// About whom.
    pub patient: PatientId,
    /// Quesito diagnostico.
    pub question: Sensitive<String>,
    /// What the speciality's template asked; nothing is empty.
    #[serde(default)]
    pub particulars: Vec<Particular>,
    /// Diagnosis.
    pub diagnosis: Option<Diagnosis>,
    /// Of whom.
    pub addressee: Addressee,
    /// Priority.
    pub priority: Priority,
    /// Mode.
    pub mode: Mode,
    /// Access.
    pub access: Access,
    /// Range.
    pub range: Range,
    /// Consent; `None` only when read from the region without its Consent resource.
    pub consent: Option<Consent>,
    /// *Oscuramento*.
    pub obscured: bool,
    /// Files.
    pub attachments: Vec<Attachment>,
    /// FHIR id of the asker's PractitionerRole.
    pub requester: String,
    /// When it was sent.
    pub authored_on: Timestamp,
}

impl Draft {
    /// An empty draft.
    pub fn new(id: TeleconsultId) -> Self {
        Self {
            id,
            patient: None,
            question: Sensitive::default(),
            particulars: Vec::new(),
            diagnosis: None,
            addressee: None,
            priority: None,
            mode: None,
            access: None,
            range: None,
            consent: None,
            obscured: false,
            attachments: Vec::new(),
        }
    }

    /// What is missing, in the order of the form. `represented` says that somebody must speak for the patient
    /// (a minor or a ward).
    pub fn missing(&self, represented: bool) -> Vec<Missing> {
        let mut missing = Vec::new();
        let mut need = |lacking: bool, what| {
            if lacking {
                missing.push(what);
            }
        };
        let question = self.question.expose().trim();
        need(self.patient.is_none(), Missing::Patient);
        need(question.is_empty(), Missing::Question);
        need(
            question.chars().count() > QUESTION_LIMIT,
            Missing::QuestionTooLong,
        );
        need(self.addressee.is_none(), Missing::Addressee);
        need(self.priority.is_none(), Missing::Priority);
        need(self.mode.is_none(), Missing::Mode);
        need(
            self.attachments
                .iter()
                .fold(0u64, |sum, a| sum.saturating_add(a.size))
                > ATTACHMENTS_LIMIT,
            Missing::AttachmentsTooLarge,
        );
        let consent = self.consent.as_ref().filter(|c| c.to_service);
        need(consent.is_none(), Missing::Consent);
        match consent.map(|c| &c.given_by) {
            Some(ConsentGiver::Patient) => need(represented, Missing::Representation),
            Some(ConsentGiver::Representative { representation: r }) => {
                let blank = |s: &Sensitive<String>| s.expose().trim().is_empty();
                need(
                    represented && r.title == Title::SupportAdministrator,
                    Missing::Title,
                );
                need(
                    blank(&r.name.family) || blank(&r.document) || blank(&r.phone),
                    Missing::RepresentativeData,
                );
            }
            None => {}
        }
        missing
    }

    /// The request, or what it lacks. Access and range fall back to *estemporanea* and *regionale*.
    pub fn complete(
        &self,
        represented: bool,
        requester: &str,
        now: Timestamp,
    ) -> Result<Request, Vec<Missing>> {
        let missing = self.missing(represented);
        match (&self.patient, &self.addressee, self.priority, self.mode) {
            (Some(patient), Some(addressee), Some(priority), Some(mode)) if missing.is_empty() => {
                Ok(Request {
                    id: self.id.clone(),
                    patient: patient.clone(),
                    question: Sensitive::new(self.question.expose().trim().to_owned()),
                    particulars: self
                        .particulars
                        .iter()
                        .filter(|particular| !particular.words.expose().trim().is_empty())
                        .cloned()
                        .collect(),
                    diagnosis: self.diagnosis.clone(),
                    addressee: addressee.clone(),
                    priority,
                    mode,
                    access: self.access.unwrap_or(Access::Impromptu),
                    range: self.range.unwrap_or(Range::Region),
                    consent: self.consent.clone(),
                    obscured: self.obscured,
                    attachments: self.attachments.clone(),
                    requester: requester.to_owned(),
                    authored_on: now,
                })
            }
            _ => Err(missing),
        }
    }
}
