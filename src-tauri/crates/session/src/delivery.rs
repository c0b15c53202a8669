//! Requests already confirmed for sending, which go on while the station is locked.
//!
//! A lock closes both databases and drops their keys. What had been confirmed before is handed over first:
//! a copy of each request stays in memory, closed under the [`DeliveryKey`], which opens these copies and
//! nothing else; nothing is written. What the region answers is kept the same way until the unlock, when it
//! is written to the outbox. If the program ends first, the outbox finds the items in the middle of a send
//! and searches before repeating: a lost outcome costs a search, never a document.

use std::collections::VecDeque;

use aes_gcm_siv::aead::{Aead, KeyInit, Payload};
use aes_gcm_siv::{Aes256GcmSiv, Nonce};
use zeroize::Zeroizing;

/// Opens requests confirmed for sending, and nothing else. The only key that outlives a lock.
#[derive(Clone)]
pub struct DeliveryKey(Zeroizing<[u8; 32]>);

impl DeliveryKey {
    pub(crate) fn new(key: Zeroizing<[u8; 32]>) -> Self {
        Self(key)
    }

    fn cipher(&self) -> Aes256GcmSiv {
        Aes256GcmSiv::new((&*self.0).into())
    }
}

impl std::fmt::Debug for DeliveryKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DeliveryKey")
    }
}

/// Why a request was not taken or given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeliveryError {
    /// The system's random generator did not answer.
    #[error("no random numbers from the system")]
    Random,
    /// A copy in memory does not open.
    #[error("a request in memory does not open")]
    Damaged,
}

/// A request handed over for sending.
#[derive(Clone, PartialEq, Eq)]
pub struct Confirmed {
    /// Identity of its item in the outbox.
    pub item: uuid::Uuid,
    /// The frozen request, as the outbox serialises it.
    pub request: Vec<u8>,
}

impl std::fmt::Debug for Confirmed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Confirmed({}, {} bytes)", self.item, self.request.len())
    }
}

/// What became of a request while locked, to be written to the outbox at the unlock.
#[derive(Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Identity of its item in the outbox.
    pub item: uuid::Uuid,
    /// The outcome, in the words of whoever sends.
    pub outcome: Vec<u8>,
}

impl std::fmt::Debug for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Outcome({}, {} bytes)", self.item, self.outcome.len())
    }
}

struct Sealed {
    item: uuid::Uuid,
    nonce: [u8; 12],
    bytes: Vec<u8>,
}

/// The requests that go on while locked. In memory only.
pub struct DeliveryQueue {
    key: DeliveryKey,
    waiting: VecDeque<Sealed>,
    done: Vec<Sealed>,
}

impl std::fmt::Debug for DeliveryQueue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "DeliveryQueue({} waiting, {} done)",
            self.waiting.len(),
            self.done.len()
        )
    }
}

impl DeliveryQueue {
    /// An empty one.
    pub fn new(key: DeliveryKey) -> Self {
        Self {
            key,
            waiting: VecDeque::new(),
            done: Vec::new(),
        }
    }

    /// Hands over a request, in the order of the outbox.
    pub fn push(&mut self, confirmed: &Confirmed) -> Result<(), DeliveryError> {
        let sealed = self.seal(confirmed.item, b"request", &confirmed.request)?;
        self.waiting.push_back(sealed);
        Ok(())
    }

    /// The first request that waits. It stays until its outcome is known.
    pub fn first(&self) -> Result<Option<Confirmed>, DeliveryError> {
        let Some(sealed) = self.waiting.front() else {
            return Ok(None);
        };
        Ok(Some(Confirmed {
            item: sealed.item,
            request: self.open(sealed, b"request")?,
        }))
    }

    /// Notes what became of a request, which waits no longer.
    pub fn settle(&mut self, outcome: &Outcome) -> Result<(), DeliveryError> {
        let sealed = self.seal(outcome.item, b"outcome", &outcome.outcome)?;
        self.waiting.retain(|waiting| waiting.item != outcome.item);
        self.done.push(sealed);
        Ok(())
    }

    /// How many wait: what the locked screen says, without names.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// At the unlock: every outcome, in order. The queue is empty afterwards; what still waits is in the outbox.
    pub fn into_outcomes(self) -> Result<Vec<Outcome>, DeliveryError> {
        self.done
            .iter()
            .map(|sealed| {
                Ok(Outcome {
                    item: sealed.item,
                    outcome: self.open(sealed, b"outcome")?,
                })
            })
            .collect()
    }

    fn seal(&self, item: uuid::Uuid, what: &[u8], plain: &[u8]) -> Result<Sealed, DeliveryError> {
        let mut nonce = [0u8; 12];
        getrandom::fill(&mut nonce).map_err(|_| DeliveryError::Random)?;
        let aad = [what, item.as_bytes()].concat();
        let payload = Payload {
            msg: plain,
            aad: &aad,
        };
        let bytes = self
            .key
            .cipher()
            .encrypt(&Nonce::from(nonce), payload)
            .map_err(|_| DeliveryError::Damaged)?;
        Ok(Sealed { item, nonce, bytes })
    }

    fn open(&self, sealed: &Sealed, what: &[u8]) -> Result<Vec<u8>, DeliveryError> {
        let aad = [what, sealed.item.as_bytes()].concat();
        let payload = Payload {
            msg: &sealed.bytes,
            aad: &aad,
        };
        self.key
            .cipher()
            .decrypt(&Nonce::from(sealed.nonce), payload)
            .map_err(|_| DeliveryError::Damaged)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::UserKeys;

    #[test]
    fn requests_go_on_in_order_and_outcomes_come_back() {
        let keys = UserKeys::new(Zeroizing::new([7; 32]));
        let mut queue = DeliveryQueue::new(keys.delivery());
        let (one, two) = (uuid::Uuid::now_v7(), uuid::Uuid::now_v7());
        queue
            .push(&Confirmed {
                item: one,
                request: b"first".to_vec(),
            })
            .unwrap();
        queue
            .push(&Confirmed {
                item: two,
                request: b"second".to_vec(),
            })
            .unwrap();
        drop(keys);
        assert_eq!(
            queue.first().unwrap().unwrap().request,
            b"first",
            "without the person's keys"
        );
        queue
            .settle(&Outcome {
                item: one,
                outcome: b"201".to_vec(),
            })
            .unwrap();
        assert_eq!(queue.first().unwrap().unwrap().item, two);
        assert_eq!(queue.waiting(), 1);
        let outcomes = queue.into_outcomes().unwrap();
        assert_eq!(
            outcomes,
            [Outcome {
                item: one,
                outcome: b"201".to_vec()
            }]
        );
    }

    #[test]
    fn another_persons_key_opens_nothing() {
        let mut queue = DeliveryQueue::new(UserKeys::new(Zeroizing::new([7; 32])).delivery());
        queue
            .push(&Confirmed {
                item: uuid::Uuid::now_v7(),
                request: b"first".to_vec(),
            })
            .unwrap();
        queue.key = UserKeys::new(Zeroizing::new([8; 32])).delivery();
        assert_eq!(queue.first(), Err(DeliveryError::Damaged));
    }
}
