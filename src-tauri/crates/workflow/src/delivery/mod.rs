//! Sending what the outbox holds, following what was delivered, and the state of the link.
//!
//! The outbox of `cache` decides what may leave and what an answer means; here is the task that carries. Not in it: the
//! making of requests, which belongs to each subject.

mod follow;
mod frozen;
mod link;
mod locked;
mod outcome;
mod queue;
mod sender;
mod stamping;
mod subject;
mod upload;

pub(crate) use frozen::{from_outbox, to_outbox};
pub(crate) use link::LinkState;
pub(crate) use locked::hand_over;
pub(crate) use queue::{delivery_view, state_of_subject};
pub(crate) use subject::Subject;
