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
//! | `finding`, `rules` | what is missing or inconsistent, by field |
//! | `freeze` | form to CDA2 and PDF |
//! | `cda`, `paths` | the CDA2 document, and which field wrote which element |
//! | `picture` | the one picture with the services |
//! | `pdf` | drawing, and the finish as PDF/A-3b |
//! | `wording`, `text`, `time` | Italian words, printable text and civil time of documents |

mod cda;
mod encoding;
mod finding;
mod form;
mod freeze;
mod paths;
mod pdf;
mod picture;
mod rules;
mod text;
mod time;
mod visit;
mod wording;

pub use finding::{FieldId, Finding, FindingCode, Severity, check};
pub use form::{
    Darkening, DiagnosisCode, LinkSuitability, Outcome, Priority, ReportForm, TeleconsultOpinion,
};
pub use freeze::{DocumentIds, DrawError, FreezeError, FrozenReport, Replaces, freeze, preview_pdf};
pub use paths::PathMap;
pub use visit::{
    AcquiredImage, CallOutcome, ImageFormat, LinkQuality, LinkWord, Modality, NotDeliveredReason,
    Participant, ParticipantRole, Prescriber, Prescription, Service, VisitRecord,
};
