//! What comes from the visit and is never retyped: people, prescription, times, link, picture.
//!
//! The workflow fills it from the agenda, the session and the call. Not in it: how any of that is obtained,
//! and the doctor's own words ([`crate::ReportForm`]).

use clinical::{
    Assignment, Consent, FiscalCode, IdentityCheck, Nre, Patient, PersonName, Practitioner, Sensitive,
    TelevisitId,
};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

/// The record of one televisit, complete enough to write its report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitRecord {
    /// The appointment.
    pub appointment: TelevisitId,
    /// The patient.
    pub patient: Patient,
    /// The doctor who holds the visit, writes and signs.
    pub author: Practitioner,
    /// The role and structure in which they do.
    pub assignment: Assignment,
    /// The prescription.
    pub prescription: Prescription,
    /// The service delivered.
    pub service: Service,
    /// When the call began.
    pub start: Timestamp,
    /// When it ended; none while it runs.
    pub end: Option<Timestamp>,
    /// Who took part, patient and author included or not (they are added on paper when missing).
    pub participants: Vec<Participant>,
    /// The identity check.
    pub identity: Option<IdentityCheck>,
    /// The consent.
    pub consent: Option<Consent>,
    /// The link as measured.
    pub link: Option<LinkQuality>,
    /// How the call ended; none while it runs.
    pub call_outcome: Option<CallOutcome>,
    /// Video or audio.
    pub modality: Modality,
    /// The picture acquired with consent.
    pub image: Option<AcquiredImage>,
}

/// The prescription that the visit fulfils.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Prescription {
    /// Number of the electronic prescription.
    pub nre: Option<Nre>,
    /// Number of a paper prescription, where there is no NRE.
    pub paper_number: Option<Sensitive<String>>,
    /// Its date.
    pub date: Option<Date>,
    /// Who prescribed.
    pub prescriber: Option<Prescriber>,
}

/// Who prescribed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prescriber {
    /// Name.
    pub name: PersonName,
    /// Codice fiscale, when the prescription carries it.
    pub fiscal_code: Option<FiscalCode>,
}

/// The service delivered (prestazione), as the prescription and the agenda name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Service {
    /// Code of the catalogue, as `89.01` or `89.01.F`.
    pub code: String,
    /// Its wording.
    pub description: String,
}

/// A person in the call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Participant {
    /// Name, where it was recorded.
    pub name: Option<PersonName>,
    /// In what role.
    pub role: ParticipantRole,
}

/// The role of a person in the call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ParticipantRole {
    /// The patient.
    Patient,
    /// The doctor who holds the visit.
    Author,
    /// Caregiver.
    Caregiver,
    /// Genitore.
    Parent,
    /// Tutore.
    Guardian,
    /// Amministratore di sostegno.
    SupportAdministrator,
    /// Infermiere accanto al paziente.
    Nurse,
    /// Another doctor.
    Physician,
    /// Interprete o mediatore.
    Interpreter,
    /// Another role, in words.
    Other(String),
}

/// The link as a word and in numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkQuality {
    /// The word shown during the call.
    pub word: LinkWord,
    /// Median round trip in milliseconds.
    pub round_trip_ms: Option<u32>,
    /// Packets lost, in thousandths.
    pub loss_per_mille: Option<u32>,
    /// Height in lines of the picture received most of the time.
    pub picture_lines: Option<u32>,
    /// How many times the link broke and came back.
    pub interruptions: u32,
}

/// The link in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkWord {
    /// Buono.
    Good,
    /// Discreto.
    Fair,
    /// Scarso.
    Poor,
}

/// How the call ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CallOutcome {
    /// Erogata.
    Delivered,
    /// Interrotta.
    Interrupted,
    /// Non erogata.
    NotDelivered {
        /// Why.
        reason: NotDeliveredReason,
    },
}

/// Why a visit was not delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotDeliveredReason {
    /// The patient never came.
    PatientAbsent,
    /// The person in front of the camera is not the patient.
    IdentityMismatch,
    /// Consent was refused or withdrawn.
    ConsentRefused,
    /// The link did not allow it.
    Technical,
    /// The doctor judged that the visit must be held in person.
    ClinicalDecision,
}

/// Video or audio.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Modality {
    /// Sound and picture.
    Video,
    /// Sound only.
    AudioOnly,
}

/// A picture acquired during the visit, with consent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcquiredImage {
    /// Its format.
    pub format: ImageFormat,
    /// The file as it was acquired.
    #[serde(with = "crate::encoding")]
    pub bytes: Sensitive<Vec<u8>>,
    /// When.
    pub at: Timestamp,
}

/// The formats accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImageFormat {
    /// PNG.
    Png,
    /// JPEG (baseline or progressive).
    Jpeg,
}

impl ImageFormat {
    /// The media type written in the document.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
        }
    }
}
