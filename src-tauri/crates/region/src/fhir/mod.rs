//! FHIR R4 REST of the region: generic interactions, and the typed mapping of what the workstation shows.
//!
//! Sources: HL7 FHIR R4 (http.html, search.html), HL7 Italia profiles. Resources are JSON values here; what leaves
//! towards the use cases is a domain type. Not in it: the mapping of a teleconsult or of a transition, which
//! belong to those crates.

pub mod agenda;
pub mod changes;
pub mod document;
pub mod people;
pub mod rest;
pub mod staff;
pub mod value;
pub mod weight;

pub use agenda::{AgendaEntry, AppointmentStatus};
pub use changes::{Change, Changes, Cursor};
pub use document::{Binary, EarlierDocument, Medication};
pub use people::RelatedPerson;
pub use rest::{Page, Versioned};
pub use weight::{WEIGHT, Weight};

use serde::{Deserialize, Serialize};

use crate::Region;

/// The FHIR store of a region.
#[derive(Clone, Debug)]
pub struct Fhir {
    pub(crate) region: Region,
}

/// Base of this program's own extensions.
pub const EXTENSION: &str = "https://postazione.example/fhir/";
/// System of identifiers made here: `urn:uuid:…`.
pub const OWN_IDENTIFIER: &str = "urn:ietf:rfc:3986";
/// Codice fiscale.
pub const FISCAL_CODE: &str = "http://hl7.it/sid/codiceFiscale";
/// NRE.
pub const NRE: &str = "http://hl7.it/sid/nre";
/// Structures.
pub const STRUCTURE: &str = "http://hl7.it/sid/hsp";
/// CUP booking.
pub const CUP: &str = "http://hl7.it/sid/cup";

/// Resource types in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[allow(missing_docs)] // FHIR's own names
pub enum ResourceType {
    Appointment,
    Binary,
    Communication,
    Consent,
    DocumentReference,
    Encounter,
    Library,
    Observation,
    Organization,
    Patient,
    Practitioner,
    PractitionerRole,
    RelatedPerson,
    ServiceRequest,
    Task,
}

impl ResourceType {
    /// FHIR's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Appointment => "Appointment",
            Self::Binary => "Binary",
            Self::Communication => "Communication",
            Self::Consent => "Consent",
            Self::DocumentReference => "DocumentReference",
            Self::Encounter => "Encounter",
            Self::Library => "Library",
            Self::Observation => "Observation",
            Self::Organization => "Organization",
            Self::Patient => "Patient",
            Self::Practitioner => "Practitioner",
            Self::PractitionerRole => "PractitionerRole",
            Self::RelatedPerson => "RelatedPerson",
            Self::ServiceRequest => "ServiceRequest",
            Self::Task => "Task",
        }
    }
}
