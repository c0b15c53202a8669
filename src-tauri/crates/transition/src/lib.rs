//! A transition of care followed by a COT: referral, claim, path, territory's confirmation, handover.
//!
//! Pure rules: no input or output, no clock. Not in it: sending (`region`), the queue (`cache`).
//!
//! Sources: DM 77/2022 (Centrali operative territoriali: coordination of the transitions between settings of care).

pub mod case;
pub mod fhir;
pub mod handover;
pub mod places;
pub mod policy;

pub use case::{
    Assessment, Call, CallResult, CheckItem, Escalation, LogEntry, Transition, TransitionRefusal,
    TransitionState,
};
pub use handover::{Handover, HandoverState};
pub use places::{Destination, Origin};
pub use policy::{Policy, PolicyError, Rung, Urgency};
