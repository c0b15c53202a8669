//! The rules of the queue as one pure function: time and chance are arguments.
//!
//! What is not here: which item comes next (`queue`), and anything that touches the disk.

use jiff::{SignedDuration, Timestamp};

use super::FrozenRequest;
use super::item::{OutboxItem, Progress, Reason, State};

/// Shortest pause between two attempts.
pub const SHORTEST_PAUSE: SignedDuration = SignedDuration::from_secs(1);
/// Longest pause between two attempts; also the most that a `Retry-After` is honoured for, so that a wrong
/// header cannot hold a report for a day.
pub const LONGEST_PAUSE: SignedDuration = SignedDuration::from_secs(300);

/// A number drawn evenly, by which a pause is spread between its shortest and longest ("full jitter").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Jitter(pub u32);

impl Jitter {
    /// From the system's generator. If it cannot answer, the longest pause is taken.
    pub fn random() -> Self {
        Self(getrandom::u32().unwrap_or(u32::MAX))
    }

    fn spread(self, span: SignedDuration) -> SignedDuration {
        let millis = span.as_millis() * i128::from(self.0) / i128::from(u32::MAX);
        SignedDuration::from_millis(i64::try_from(millis).unwrap_or(0))
    }
}

/// What happened to an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The sender takes it.
    Taken,
    /// The network was not there: no byte left.
    NotSent,
    /// No answer, or one that is not the region's (a captive portal's page, a broken reply): it may have arrived.
    NoReply,
    /// The region answered.
    Reply {
        /// HTTP status.
        status: u16,
        /// `Retry-After`, as a pause.
        retry_after: Option<SignedDuration>,
        /// `ETag` of the answer.
        etag: Option<String>,
        /// The answer, kept to the byte.
        receipt: Vec<u8>,
    },
    /// A search by identifier found it at the region.
    Found {
        /// `ETag` of what was found.
        etag: Option<String>,
        /// What was found.
        receipt: Vec<u8>,
    },
    /// A search by identifier did not find it: it may be sent again. It stays taken.
    NotFound,
    /// The program started and found it in the middle of a send.
    Restarted,
    /// The user logged in again.
    LoggedIn,
    /// The signature that it waited for is there, and with it the final request.
    Signed {
        /// The request to send.
        request: FrozenRequest,
    },
    /// A person asks to try again now.
    Retry,
    /// A person corrected it: another request under the same identity.
    Revised {
        /// The request to send.
        request: FrozenRequest,
        /// The version that it was rebased on.
        etag: Option<String>,
    },
    /// The sender found, before sending, that it can never leave as it is.
    Unsendable {
        /// Why.
        reason: Reason,
    },
    /// A person withdraws it.
    Cancelled,
    /// A person withdraws what the region refused for good, after a search by identifier did not find it there.
    Withdrawn,
}

/// An event that may not happen to an item in this state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransitionError {
    /// Not from this state.
    #[error("this may not happen to an item in state {0:?}")]
    NotFrom(State),
    /// It may have reached the region: it can be corrected, not withdrawn.
    #[error("it may already be at the region")]
    AlreadySent,
}

/// What an item becomes. The request changes only with [`Event::Signed`] and [`Event::Revised`].
pub fn transition(
    item: &OutboxItem,
    event: &Event,
    now: Timestamp,
    jitter: Jitter,
) -> Result<Progress, TransitionError> {
    use State as S;
    let from = item.progress.state;
    let mut next = item.progress.clone();
    let refused = Err(TransitionError::NotFrom(from));
    match event {
        Event::Taken => match from {
            S::Ready => next.state = S::Sending,
            S::Waiting if next.next_at.is_none_or(|at| at <= now) => {
                next.state = S::Sending;
                next.next_at = None;
            }
            _ => return refused,
        },
        Event::NotSent if from == S::Sending => pause(&mut next, None, now, jitter),
        Event::NoReply if from == S::Sending => {
            next.sends = next.sends.saturating_add(1);
            next.ambiguous = true;
            pause(&mut next, None, now, jitter);
        }
        Event::Reply {
            status,
            retry_after,
            etag,
            receipt,
        } if from == S::Sending => {
            reply(&mut next, *status, *retry_after, etag, receipt, now, jitter);
        }
        Event::Found { etag, receipt } if from == S::Sending => {
            next.sends = next.sends.max(1);
            confirm(&mut next, etag, receipt);
        }
        Event::NotFound if from == S::Sending => next.ambiguous = false,
        Event::Restarted if from == S::Sending => {
            next.state = S::Ready;
            next.sends = next.sends.saturating_add(1);
            next.ambiguous = true;
        }
        Event::LoggedIn if from == S::PausedAuth => next.state = S::Ready,
        Event::Signed { .. } if from == S::AwaitingSignature => next.state = S::Ready,
        Event::Retry if matches!(from, S::Waiting | S::Quarantined | S::Conflict) => {
            next.state = S::Ready;
            next.next_at = None;
            next.reason = None;
            next.attempts = 0;
        }
        Event::Revised { etag, .. } if matches!(from, S::Quarantined | S::Conflict) => {
            next.state = S::Ready;
            next.next_at = None;
            next.reason = None;
            next.attempts = 0;
            next.etag.clone_from(etag);
        }
        Event::Unsendable { reason } if from == S::Sending => {
            next.state = S::Quarantined;
            next.reason = Some(*reason);
        }
        // The region said no and does not hold it. While that is not certain it can only be tried again.
        Event::Withdrawn if matches!(from, S::Quarantined | S::Conflict) && !next.ambiguous => {
            next.state = S::Cancelled;
            next.reason = None;
        }
        Event::Cancelled => match from {
            S::Ready | S::Waiting | S::PausedAuth | S::AwaitingSignature if next.sends == 0 => {
                next.state = S::Cancelled;
                next.next_at = None;
            }
            S::Confirmed | S::Cancelled => return refused,
            _ => return Err(TransitionError::AlreadySent),
        },
        _ => return refused,
    }
    Ok(next)
}

fn reply(
    next: &mut Progress,
    status: u16,
    retry_after: Option<SignedDuration>,
    etag: &Option<String>,
    receipt: &[u8],
    now: Timestamp,
    jitter: Jitter,
) {
    match status {
        200..=299 => {
            next.sends = next.sends.saturating_add(1);
            confirm(next, etag, receipt);
        }
        // Refused before being read: not a send, not an attempt.
        401 => next.state = State::PausedAuth,
        412 => {
            next.sends = next.sends.saturating_add(1);
            next.state = State::Conflict;
            next.receipt = Some(receipt.to_vec());
        }
        // A server that fails may have stored it first.
        408 | 500..=599 => {
            next.sends = next.sends.saturating_add(1);
            next.ambiguous = true;
            pause(next, retry_after, now, jitter);
        }
        425 | 429 => {
            next.sends = next.sends.saturating_add(1);
            pause(next, retry_after, now, jitter);
        }
        400..=499 => {
            next.sends = next.sends.saturating_add(1);
            next.ambiguous = false;
            next.state = State::Quarantined;
            next.reason = Some(Reason::of_status(status));
            next.receipt = Some(receipt.to_vec());
        }
        // A redirect or an informational status is not an answer of the region: a captive portal redirects.
        _ => {
            next.sends = next.sends.saturating_add(1);
            next.ambiguous = true;
            pause(next, None, now, jitter);
        }
    }
}

fn confirm(next: &mut Progress, etag: &Option<String>, receipt: &[u8]) {
    next.state = State::Confirmed;
    next.ambiguous = false;
    next.next_at = None;
    next.reason = None;
    next.receipt = Some(receipt.to_vec());
    if etag.is_some() {
        next.etag.clone_from(etag);
    }
}

fn pause(next: &mut Progress, retry_after: Option<SignedDuration>, now: Timestamp, jitter: Jitter) {
    let ceiling =
        SignedDuration::from_secs(1i64 << next.attempts.saturating_add(1).min(9)).min(LONGEST_PAUSE);
    let spread = SHORTEST_PAUSE + jitter.spread(ceiling - SHORTEST_PAUSE);
    let wait = match retry_after {
        Some(asked) => asked
            .clamp(spread.min(SHORTEST_PAUSE), LONGEST_PAUSE)
            .max(SHORTEST_PAUSE),
        None => spread,
    };
    next.attempts = next.attempts.saturating_add(1);
    next.state = State::Waiting;
    // A clock at the end of time waits for nothing.
    next.next_at = Some(now.checked_add(wait).unwrap_or(now));
}
