//! The hint that something changed at the region (Server-Sent Events). Losing it loses nothing: the cursor of
//! the change feed is the truth.
//!
//! Source: WHATWG HTML, section Server-sent events. Not in it: the polling itself.

use tokio::sync::mpsc;

use crate::ResourceType;

/// Hints, until it is dropped. Reconnects by itself.
#[derive(Debug)]
pub struct EventFeed {
    pub(crate) hints: mpsc::Receiver<Hint>,
    pub(crate) task: tokio::task::JoinHandle<()>,
}

/// What the feed says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hint {
    /// These types changed: poll them now.
    Changed(Vec<ResourceType>),
    /// The stream is open (again): poll everything once, something may have been missed.
    Open,
    /// The stream was lost; reconnection goes on.
    Lost,
}

impl EventFeed {
    /// The next hint; `None` when the feed ended (logged out).
    pub async fn next(&mut self) -> Option<Hint> {
        self.hints.recv().await
    }
}

impl Drop for EventFeed {
    fn drop(&mut self) {
        self.task.abort();
    }
}
