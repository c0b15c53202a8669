//! The report of a televisit: what the doctor types, what the visit already knows, the frozen CDA2 and the
//! PDF/A-3 that carries it.
//!
//! A report lives as a [`ReportForm`] while it is written: every field is free to be empty, so a draft always
//! saves. [`check`] says at each save what is still missing, by field. [`freeze`] turns form and visit into
//! the CDA2 document and the PDF around it; from then on neither changes, because the gateway keeps the hash
//! of the CDA that it validated.
//!
//! Not in it: signing (`signing`), storing (`cache`), sending (`region`), the Italian sentences of findings
//! (the window), and the official rule packs; here the document is built so that they pass.
//!
//! | file | subject |
//! |---|---|
//! | `form` | what the doctor types |
//! | `visit` | what comes from the visit and is never retyped |
//! | `finding` | what is missing or inconsistent, by field |
//! | `freeze` | form to CDA2 and PDF |
//! | `cda` | the CDA2 document and its map of paths to fields |
//! | `pdf` | drawing, and the finish as PDF/A-3b |

mod finding;
mod form;
mod freeze;
mod visit;

pub use finding::{FieldId, Finding, FindingCode, Severity, check};
pub use form::{
    Darkening, DiagnosisCode, LinkSuitability, Outcome, Priority, ReportForm, TeleconsultOpinion,
};
pub use freeze::{DocumentIds, DrawError, FreezeError, FrozenReport, PathMap, Replaces, freeze, preview_pdf};
pub use visit::{
    AcquiredImage, CallOutcome, ImageFormat, LinkQuality, LinkWord, Modality, NotDeliveredReason,
    Participant, ParticipantRole, Prescriber, Prescription, Service, VisitRecord,
};
