//! Identity and consent as they were recorded at the visit: by whom, in what title, when.
//!
//! Sources: legge 219/2017 (consent, minors and represented persons), DM 30 September 2022 and the
//! Accordo Stato-Regioni 17 December 2020 (consent to telemedicine).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{PersonName, Sensitive};

/// How the clinician made sure who is in front of the camera.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdentityMethod {
    /// Documento esibito.
    DocumentShown,
    /// Accesso SPID-CIE.
    DigitalIdentity,
    /// Conosciuto dal medico.
    KnownToClinician,
}

/// The identity as it was confirmed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityCheck {
    /// The method.
    pub method: IdentityMethod,
    /// When.
    pub at: Timestamp,
}

/// The title in which a person speaks for the patient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Title {
    /// Genitore.
    Parent,
    /// Tutore.
    Guardian,
    /// Amministratore di sostegno.
    SupportAdministrator,
}

/// Who represents the patient, recorded before consent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Representation {
    /// Name of the person.
    pub name: PersonName,
    /// In what title.
    pub title: Title,
    /// Identity document seen, in words.
    pub document: Sensitive<String>,
    /// Telephone number.
    pub phone: Sensitive<String>,
    /// Both parents consent (only for [`Title::Parent`]).
    pub both_parents: bool,
    /// The minor's own opinion, where the age asks for it (12 years and over, or when capable).
    pub minor_opinion: Option<Sensitive<String>>,
}

/// Who gave the consent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ConsentGiver {
    /// The patient.
    Patient,
    /// A representative.
    Representative {
        /// Who, and in what title.
        representation: Representation,
    },
}

/// The consent as it was recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// To the televisit or teleconsult itself.
    pub to_service: bool,
    /// To the acquisition of a picture.
    pub to_image: bool,
    /// Who gave it.
    pub given_by: ConsentGiver,
    /// When.
    pub at: Timestamp,
}
