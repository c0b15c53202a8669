//! The rules of a televisit: admission, the six steps, waiting room, identity, consent, call, outcome.
//!
//! Pure rules: no input or output, no clock, no network. The time is always an argument, and every state can
//! be stored and taken up again after a restart. Not in it: how the call is carried (`media`), where the
//! record is kept (`cache`), how the facts arrive (`region`) and the report (`report`).
//!
//! Sources: Accordo Stato-Regioni 17 December 2020 (televisita: control visits, identity, consent, who takes
//! part), DM 21 September 2022 (guide lines), legge 219/2017 (consent, minors and represented persons).

pub mod admission;
pub mod call;
pub mod consent;
pub mod interruption;
pub mod link;
pub mod outcome;
pub mod record;
pub mod ribbon;
pub mod station;
pub mod visit;
pub mod waiting;

pub use admission::{
    Booking, Eligibility, EligibilityCheck, NotAControlVisit, Payment, Prescription, VisitKind,
};
pub use call::{Call, CallLink};
pub use consent::{Capacity, ConsentRefusal};
pub use interruption::{Interruption, InterruptionView};
pub use link::{LinkSample, LinkSummary, LinkTally, LinkWord};
pub use outcome::{AfterInterruption, NotDelivered, Outcome};
pub use record::{RecordError, StoredVisit};
pub use ribbon::{Access, Ribbon, RibbonFacts, RibbonStep, Step, StepState};
pub use station::{ItemOutcome, Measure, StationCheck, StationItem, StationVerdict};
pub use visit::{Participant, Visit, VisitRefusal, VisitState};
pub use waiting::{Waiting, WaitingRoom};
