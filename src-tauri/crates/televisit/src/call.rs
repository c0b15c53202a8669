//! The call of a visit as the rules see it: its link, its interruptions, its quality.
//!
//! Not in it: media and signalling; when a call may begin or end (`visit`).

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::interruption::{Interruption, InterruptionView};
use crate::link::{LinkSummary, LinkTally};

/// How the link of a call stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "link", rename_all = "snake_case")]
pub enum CallLink {
    /// Being set up for the first time.
    Connecting {
        /// Since.
        since: Timestamp,
    },
    /// Up.
    Connected {
        /// Since.
        since: Timestamp,
    },
    /// Broken; reconnection goes on.
    Interrupted {
        /// Since.
        since: Timestamp,
    },
}

/// The call of a visit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// *Avvia televisita*.
    pub started_at: Timestamp,
    /// First time that the link was up.
    pub connected_at: Option<Timestamp>,
    /// Now.
    pub link: CallLink,
    /// All interruptions so far; the last one is open while the link is broken.
    pub interruptions: Vec<Interruption>,
    /// Quality so far.
    pub tally: LinkTally,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

impl Call {
    pub(crate) fn begin(now: Timestamp) -> Self {
        Self {
            started_at: now,
            connected_at: None,
            link: CallLink::Connecting { since: now },
            interruptions: Vec::new(),
            tally: LinkTally::default(),
            ended_at: None,
        }
    }

    /// From the first picture to the end, interruptions included; zero when the link never came up.
    pub fn duration(&self, now: Timestamp) -> SignedDuration {
        self.connected_at.map_or(SignedDuration::ZERO, |from| {
            self.ended_at
                .unwrap_or(now)
                .duration_since(from)
                .max(SignedDuration::ZERO)
        })
    }

    /// Whether sound, picture and chat may be sent: never while the screen says interrupted.
    pub fn may_send(&self) -> bool {
        self.ended_at.is_none() && matches!(self.link, CallLink::Connected { .. })
    }

    /// What is offered while there is no link, also when it never came up.
    pub fn without_link(&self, now: Timestamp) -> Option<InterruptionView> {
        match self.link {
            _ if self.ended_at.is_some() => None,
            CallLink::Connecting { since } | CallLink::Interrupted { since } => {
                Some(InterruptionView::of(since, now))
            }
            CallLink::Connected { .. } => None,
        }
    }

    /// Quality of the whole call; `None` when nothing was measured.
    pub fn summary(&self, now: Timestamp) -> Option<LinkSummary> {
        let until = self.ended_at.unwrap_or(now);
        let cut: SignedDuration = self
            .interruptions
            .iter()
            .fold(SignedDuration::ZERO, |sum, i| sum.saturating_add(i.length(until)));
        let count = u32::try_from(self.interruptions.len()).unwrap_or(u32::MAX);
        self.tally
            .summary(count, u32::try_from(cut.as_secs()).unwrap_or(u32::MAX))
    }

    pub(crate) fn connect(&mut self, now: Timestamp) {
        if let Some(open) = self.interruptions.iter_mut().find(|i| i.to.is_none()) {
            open.to = Some(now);
        }
        if !matches!(self.link, CallLink::Connected { .. }) {
            self.link = CallLink::Connected { since: now };
        }
        self.connected_at.get_or_insert(now);
    }

    pub(crate) fn break_off(&mut self, now: Timestamp) {
        if let CallLink::Connected { .. } = self.link {
            self.link = CallLink::Interrupted { since: now };
            self.interruptions.push(Interruption { from: now, to: None });
        }
    }

    pub(crate) fn end(&mut self, now: Timestamp) {
        if let Some(open) = self.interruptions.iter_mut().find(|i| i.to.is_none()) {
            open.to = Some(now);
        }
        self.ended_at.get_or_insert(now);
    }

    pub(crate) fn was_connected(&self) -> bool {
        self.connected_at.is_some()
    }

    /// The link was broken when the call ended, or is broken now.
    pub(crate) fn is_broken(&self) -> bool {
        matches!(self.link, CallLink::Interrupted { .. })
    }
}
