//! The FHIR R4 form of a teleconsult, both ways, as pure functions on JSON.
//!
//! Written after the HL7 Italia profile ServiceRequestRichiestaTeleconsulto, its code systems (csModalitaTC,
//! csRaggioErogazione, csTipologiaAccessoTC, branca-prestazione) and the region's contract. What is read is not
//! trusted: a resource that lacks what a case needs gives a typed error, never a panic and never a half case.
//! Not in it: HTTP (`region`).

pub mod attachment;
pub mod consent;
pub mod message;
pub mod read;
pub mod request;
pub mod task;

pub use attachment::{attachment, document_reference};
pub use consent::{ConsentCode, consent, consent_resource};
pub use message::{communication, message};
pub use request::{request, request_bundle, service_request};
pub use task::{case, state_of, task_in};

/// The guide's base.
pub const GUIDE: &str = "http://hl7.it/fhir/teleconsulto/";
/// Base of this program's own extensions.
pub const EXTENSION: &str = "https://postazione.example/fhir/";
/// System of identifiers made on a PC.
pub const OWN_IDENTIFIER: &str = "urn:ietf:rfc:3986";
/// System of task codes.
pub const TASK: &str = "https://postazione.example/task";
/// System of `Communication.category`.
pub const COMMUNICATION: &str = "https://postazione.example/communication";
/// System of `Consent.provision.code`.
pub const CONSENT: &str = "https://postazione.example/consent";

/// Why a resource is not what a case needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unmapped {
    /// Another type of resource or code.
    #[error("not the resource that was expected")]
    NotThis,
    /// An element is missing or not as the profile wants it.
    #[error("{0} is missing or wrong")]
    Element(&'static str),
}

/// The identifier value of a UUID made on a PC.
pub fn urn(uuid: &str) -> String {
    format!("urn:uuid:{uuid}")
}

#[cfg(test)]
mod tests;
