//! Who works at the station, in what role and for which structure.

use serde::{Deserialize, Serialize};

use crate::{FiscalCode, PersonName, PractitionerId, StructureId};

/// The roles that Postazione serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Medico specialista.
    Specialist,
    /// Medico di medicina generale (MMG).
    GeneralPractitioner,
    /// Pediatra di libera scelta (PLS).
    Paediatrician,
    /// Operatore di centrale operativa territoriale (COT).
    CotOperator,
}

impl Role {
    /// Whether the role holds televisits and signs their reports.
    pub fn holds_televisits(self) -> bool {
        matches!(self, Self::Specialist)
    }

    /// Whether the role asks for teleconsults on its own patients.
    pub fn asks_teleconsults(self) -> bool {
        matches!(self, Self::GeneralPractitioner | Self::Paediatrician)
    }

    /// Whether the role answers teleconsults.
    pub fn answers_teleconsults(self) -> bool {
        matches!(self, Self::Specialist)
    }

    /// Whether the role works transitions of care.
    pub fn works_transitions(self) -> bool {
        matches!(self, Self::CotOperator)
    }
}

/// A structure of the health service: unit, surgery or COT.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Structure {
    /// Identifier at the region.
    pub id: StructureId,
    /// Name shown in the header.
    pub name: String,
    /// Unit or speciality, when the structure has one.
    pub unit: Option<String>,
    /// Ministerial code (HSP.11, STS.11) used in documents.
    pub ministerial_code: Option<String>,
    /// ASL or AO that it belongs to: code of three digits and name.
    pub trust_code: Option<String>,
    /// Name of that ASL or AO.
    pub trust_name: Option<String>,
}

/// A practitioner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Practitioner {
    /// Identifier at the region.
    pub id: PractitionerId,
    /// Name.
    pub name: PersonName,
    /// Codice fiscale, compared with the one in the signature certificate.
    pub fiscal_code: FiscalCode,
}

/// A role held at a structure (FHIR `PractitionerRole`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    /// FHIR `PractitionerRole.id`.
    pub id: String,
    /// The role.
    pub role: Role,
    /// Where.
    pub structure: Structure,
    /// Speciality, for specialists.
    pub speciality: Option<String>,
}
