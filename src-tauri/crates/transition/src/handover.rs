//! A handover at the end of a shift: offered, accepted or refused, with exactly one owner at every moment.
//!
//! The owner is in the transition alone; a handover is only an offer. Accepting it changes owner and offer in one step
//! (one transaction at the region), so that a crash between leaves the one who offered. Not in it: who may receive.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use clinical::Sensitive;

/// How an offer stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum HandoverState {
    /// Offered.
    Offered,
    /// *Accetta consegna*.
    Accepted {
        /// When.
        at: Timestamp,
    },
    /// Accepted, and the one who offered has taken note of it.
    Acknowledged {
        /// When note was taken.
        at: Timestamp,
    },
    /// Refused: the one who offered keeps the case.
    Refused {
        /// When.
        at: Timestamp,
    },
    /// Withdrawn by the one who offered.
    Withdrawn {
        /// When.
        at: Timestamp,
    },
}

/// An offer to take over a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handover {
    /// UUID made where it was offered.
    pub id: String,
    /// FHIR id of the PractitionerRole that offers.
    pub from: String,
    /// FHIR id of the PractitionerRole that should receive.
    pub to: String,
    /// When it was offered.
    pub at: Timestamp,
    /// What the next operator must know.
    pub note: Option<Sensitive<String>>,
    /// How it stands. Not flattened: both levels have an `at`.
    pub state: HandoverState,
}
