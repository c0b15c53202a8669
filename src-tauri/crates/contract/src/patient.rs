//! A patient as the identity bar and the lists show it.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Sex.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum Sex {
    /// F.
    Female,
    /// M.
    Male,
    /// Not known.
    Unknown,
}

/// Who may represent a patient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct RelatedPersonView {
    /// Surname.
    pub family: String,
    /// Given names.
    pub given: String,
    /// In what title; none for a caregiver.
    pub title: Option<RepresentativeTitle>,
    /// Relation in words: madre, figlia, caregiver.
    pub relation: String,
    /// Telephone.
    pub phone: Option<String>,
}

/// The title in which a person speaks for the patient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum RepresentativeTitle {
    /// Genitore.
    Parent,
    /// Tutore.
    Guardian,
    /// Amministratore di sostegno.
    SupportAdministrator,
}

/// The identity bar.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct PatientView {
    /// Identifier.
    pub id: String,
    /// Surname.
    pub family: String,
    /// Given names.
    pub given: String,
    /// Sex.
    pub sex: Sex,
    /// Date of birth.
    pub birth_date: String,
    /// Completed months when under 24.
    pub age_months: Option<u32>,
    /// Completed years.
    pub age_years: u32,
    /// Codice fiscale.
    pub fiscal_code: String,
    /// Telephone.
    pub phone: Option<String>,
    /// Under 18.
    pub minor: bool,
    /// Represented by law (minor, ward, person with a support administrator).
    pub represented: bool,
    /// Latest weight in kilograms.
    pub weight_kg: Option<f64>,
    /// Its day.
    pub weight_on: Option<String>,
    /// Parents, guardian, administrator, caregivers.
    pub related: Vec<RelatedPersonView>,
}

/// `patient_search`: by name, codice fiscale or NRE, in the local archive.
#[derive(Clone, Debug, Deserialize, Serialize, TS)]
#[ts(export)]
pub struct PatientSearchRequest {
    /// What was typed; empty lists the role's own patients.
    pub text: String,
    /// At most this many.
    pub limit: u32,
}

/// `patient_search`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct PatientListView {
    /// The patients found.
    pub patients: Vec<PatientView>,
    /// How many there are in all.
    pub total: u32,
}

/// `patient_open`, `document_list`.
#[derive(Clone, Debug, Deserialize, Serialize, TS)]
#[ts(export)]
pub struct PatientRequest {
    /// Identifier.
    pub patient_id: String,
}
