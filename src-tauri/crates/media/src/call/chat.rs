//! The lines of chat that wait for a receipt, and those already seen.
//!
//! A line without a receipt is sent again on the next connection, with the same identity; the reader shows each identity once.
//! What is not here: the channel.

use crate::channel::ChannelMessage;
use jiff::Timestamp;
use std::collections::{HashSet, VecDeque};
use uuid::Uuid;

/// Identities remembered of the other end's lines.
const REMEMBERED: usize = 1_000;

#[derive(Debug, Default)]
pub(super) struct Chats {
    waiting: VecDeque<(Uuid, ChannelMessage)>,
    seen: HashSet<Uuid>,
    order: VecDeque<Uuid>,
}

impl Chats {
    /// A new line of ours.
    pub(super) fn write(&mut self, text: String, at: Timestamp) -> (Uuid, ChannelMessage) {
        let id = Uuid::now_v7();
        let line = ChannelMessage::Chat {
            id,
            at: at.to_string(),
            text,
        };
        self.waiting.push_back((id, line.clone()));
        (id, line)
    }

    /// Lines without a receipt, oldest first.
    pub(super) fn unreceipted(&self) -> Vec<ChannelMessage> {
        self.waiting.iter().map(|(_, line)| line.clone()).collect()
    }

    /// A receipt came; false when it is for nothing of ours.
    pub(super) fn receipt(&mut self, id: Uuid) -> bool {
        let before = self.waiting.len();
        self.waiting.retain(|(waiting, _)| *waiting != id);
        self.waiting.len() < before
    }

    /// Whether a line of the other end is seen for the first time.
    pub(super) fn is_new(&mut self, id: Uuid) -> bool {
        if !self.seen.insert(id) {
            return false;
        }
        self.order.push_back(id);
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.seen.remove(&oldest);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_waits_for_its_receipt_and_only_once() {
        let mut chats = Chats::default();
        let (first, _) = chats.write("Buongiorno".to_owned(), Timestamp::UNIX_EPOCH);
        let (_, second) = chats.write("Mi sente?".to_owned(), Timestamp::UNIX_EPOCH);
        assert_eq!(chats.unreceipted().len(), 2);
        assert!(chats.receipt(first));
        assert!(!chats.receipt(first), "a receipt counts once");
        assert_eq!(chats.unreceipted(), [second]);
    }

    #[test]
    fn a_repeated_line_is_shown_once() {
        let mut chats = Chats::default();
        let id = Uuid::now_v7();
        assert!(chats.is_new(id));
        assert!(!chats.is_new(id));
        for _ in 0..2 * REMEMBERED {
            chats.is_new(Uuid::new_v4());
        }
        assert!(chats.seen.len() <= REMEMBERED + 1);
    }
}
