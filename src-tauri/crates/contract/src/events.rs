//! What the core tells the window without being asked.
//!
//! Event `changed` carries [`Changed`]: the window forgets the cached queries of those tags and asks again. Event `call`
//! carries [`crate::call::CallView`], `link` [`crate::station::LinkView`], `session` [`crate::session::SessionView`],
//! `login_failed` a [`crate::Failure`].

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A subject whose views changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum Tag {
    /// Agenda and televisits.
    Agenda,
    /// Reports.
    Report,
    /// The batch of signatures that goes on.
    Batch,
    /// Queue.
    Queue,
    /// Patients.
    Patient,
    /// Documents.
    Document,
    /// Teleconsults.
    Teleconsult,
    /// Transitions.
    Transition,
    /// Handovers.
    Handover,
    /// Station.
    Station,
    /// Audit.
    Audit,
}

/// Event `changed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Changed {
    /// What to forget.
    pub tags: Vec<Tag>,
}
