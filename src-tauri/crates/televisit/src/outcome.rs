//! How a televisit ended, in the words of the process: erogata, interrotta, completata in video prima
//! dell'interruzione, non erogata with its reason.
//!
//! Not in it: the coded clinical outcome of the report (stable, further tests), which belongs to `report`.

use clinical::Sensitive;
use serde::{Deserialize, Serialize};

/// What follows an interruption.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AfterInterruption {
    /// Proseguita al telefono.
    ContinuedByPhone,
    /// Da riprogrammare.
    ToReschedule,
}

/// Why a televisit was not held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum NotDelivered {
    /// Paziente non presente.
    PatientAbsent,
    /// Identità non confermata.
    IdentityNotConfirmed,
    /// Consenso non dato.
    ConsentRefused,
    /// Collegamento non riuscito.
    Technical,
    /// Serve una visita in presenza.
    InPersonNeeded,
    /// Another reason, in words.
    Other {
        /// The reason.
        text: Sensitive<String>,
    },
}

/// How the televisit ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Outcome {
    /// Erogata.
    Delivered,
    /// Interrotta.
    Interrupted {
        /// What follows.
        then: AfterInterruption,
    },
    /// Completata in video prima dell'interruzione: the clinician's own choice.
    CompletedBeforeInterruption,
    /// Non erogata.
    NotDelivered {
        /// Why.
        reason: NotDelivered,
    },
}

impl Outcome {
    /// Whether a televisit took place, so that a Referto di Televisita is due.
    pub fn was_held(&self) -> bool {
        matches!(self, Self::Delivered | Self::CompletedBeforeInterruption)
    }

    /// Whether the outcome only makes sense after a link that broke.
    pub fn needs_interruption(&self) -> bool {
        matches!(self, Self::Interrupted { .. } | Self::CompletedBeforeInterruption)
    }

    /// Whether a new appointment is to be made.
    pub fn to_reschedule(&self) -> bool {
        matches!(
            self,
            Self::Interrupted {
                then: AfterInterruption::ToReschedule
            }
        )
    }

    /// The code written in the region's `Encounter` extension `outcome`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Interrupted {
                then: AfterInterruption::ContinuedByPhone,
            } => "interrupted-phone",
            Self::Interrupted {
                then: AfterInterruption::ToReschedule,
            } => "interrupted-reschedule",
            Self::CompletedBeforeInterruption => "completed-before-interruption",
            Self::NotDelivered { .. } => "not-delivered",
        }
    }
}
