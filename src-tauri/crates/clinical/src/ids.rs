//! Identifiers as types: a televisit cannot be opened with the number of a patient.
//!
//! Identifiers made on this PC are UUIDv7 (RFC 9562), never used as an order; those the region gives are
//! kept as it wrote them (FHIR `id`: up to 64 of `[A-Za-z0-9.-]`).

use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$doc:meta] $name:ident),+ $(,)?) => {$(
        #[$doc]
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            /// A new identifier made on this PC.
            pub fn new() -> Self {
                Self(uuid::Uuid::now_v7().to_string())
            }

            /// As text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::new()
            }
        }

        impl From<&str> for $name {
            fn from(value: &str) -> Self {
                Self(value.to_owned())
            }
        }

        impl From<String> for $name {
            fn from(value: String) -> Self {
                Self(value)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

id! {
    /// FHIR `Patient.id` at the region.
    PatientId,
    /// FHIR `Practitioner.id` at the region.
    PractitionerId,
    /// FHIR `Organization.id` at the region.
    StructureId,
    /// FHIR `Appointment.id` of a televisit.
    TelevisitId,
    /// A report, made on this PC when its draft is opened.
    ReportId,
    /// A teleconsult, made on this PC by who asks.
    TeleconsultId,
    /// A transition of care, made on this PC by the operator.
    TransitionId,
    /// A document of the patient (FHIR `DocumentReference.id`).
    DocumentId,
    /// An attachment, made on this PC.
    AttachmentId,
}
