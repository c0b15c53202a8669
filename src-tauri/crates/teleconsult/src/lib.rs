//! A teleconsult: the request and what its speciality wants to know, its states, whose turn it is, the answer and its
//! clock, and its FHIR form.
//!
//! Pure rules: no input or output, no clock. Not in it: sending (`region`), the queue (`cache`), the Relazione
//! Collaborativa as a document (`report`).
//!
//! Sources: Accordo Stato-Regioni 17 December 2020 (teleconsulto), DM 21 September 2022, HL7 Italia guide
//! *Teleconsulto* (ServiceRequestRichiestaTeleconsulto, csModalitaTC, csRaggioErogazione).

pub mod answer;
pub mod case;
pub mod clock;
pub mod fhir;
pub mod request;
pub mod template;

pub use answer::{Answer, OpeningLine};
pub use case::{Case, CaseRefusal, CaseState, Message, MessageKind, Turn};
pub use clock::{AnswerClock, AnswerLimits};
pub use request::{
    Access, Addressee, Attachment, Branch, Diagnosis, Draft, Missing, Mode, Particular, Priority, Range,
    Request, Timing,
};
pub use template::{Template, Templates, TemplatesError};
