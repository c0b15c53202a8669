//! The field's words, once: people, identifiers, roles, consent and redaction.
//!
//! Everything that more than one subject speaks of lives here, so that a word means one thing from the
//! folder of the UI to the table of the cache. No input or output, no clock: the time is an argument.
//! Not in it: the rules of one subject (`televisit`, `teleconsult`, `transition`, `report`), wire formats
//! (`region` maps FHIR, `contract` maps the window) and anything that knows where data is kept.
//!
//! # Glossary (English in code, Italian on screen)
//!
//! | here | on screen |
//! |---|---|
//! | televisit | televisita |
//! | teleconsult | teleconsulto |
//! | report | referto |
//! | practitioner | professionista (medico specialista, MMG, PLS, operatore COT) |
//! | patient | assistito, paziente in televisita |
//! | representative | chi rappresenta (genitore, tutore, amministratore di sostegno) |
//! | prescription | prescrizione (NRE) |
//! | eligibility | prova tecnica di eleggibilità |
//! | transition of care | caso COT, da segnalazione a presa in carico |
//! | handover | consegna |
//! | claim | Assegna a me |

pub mod consent;
pub mod fiscal_code;
pub mod ids;
pub mod nre;
pub mod patient;
pub mod practitioner;
pub mod redaction;

pub use consent::{Consent, ConsentGiver, IdentityCheck, IdentityMethod, Representation, Title};
pub use fiscal_code::FiscalCode;
pub use ids::{
    AttachmentId, DocumentId, PatientId, PractitionerId, ReportId, StructureId, TeleconsultId, TelevisitId,
    TransitionId,
};
pub use nre::Nre;
pub use patient::{Age, Patient, PersonName, Sex};
pub use practitioner::{Assignment, Practitioner, Role, Structure};
pub use redaction::Sensitive;
