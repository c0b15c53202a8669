//! The device's turn: one authorisation for as many reports as it covers, each stored with its item before the next.

use std::cell::RefCell;
use std::sync::Arc;

use contract::batch::BatchDocumentState as State;
use contract::events::Tag;
use contract::{Answer, ErrorCode, Failure};
use jiff::Timestamp;
use signing::batch::{Attendant, Batch, Outcome, Question, ends_a_batch, sign_all};
use signing::{Identity, IdentityId, Secret};

use super::run::Run;
use crate::core::Core;
use crate::desk::Desk;
use crate::failure::IntoFailure;
use crate::report::{ReadyReport, conditions, frozen_page};
use crate::signing::{DeskSigner, Typed};

/// A report that is ready, and its place in the batch. Its bytes are read again when its turn comes.
pub(super) struct Turn {
    place: usize,
    ready: ReadyReport,
}

impl Turn {
    pub(super) fn new(place: usize, mut ready: ReadyReport) -> Self {
        ready.pdf = Vec::new();
        Self { place, ready }
    }
}

impl Core {
    /// Signs them. Blocks, also while the person is asked.
    pub(super) fn sign_batch(
        &self,
        desk: &Arc<Desk>,
        run: &Run,
        identity: &IdentityId,
        first: Typed,
        turns: &[Turn],
    ) -> Answer<()> {
        let signer = self.desk_signer(desk)?;
        let chosen = self.chosen_identity(desk, &signer, identity)?;
        if let Some(remote) = signer.remote.as_ref().filter(|_| signer.is_remote(identity))
            && let Some(error) = remote.failure.clone()
        {
            return Err(error.failure());
        }
        let conditions = conditions(desk);
        let trust = self.signature_roots()?;
        let now = Timestamp::now();
        let batch = Batch {
            device: &signer,
            identity: &chosen,
            conditions: &conditions,
            trust: trust.as_ref(),
            shape: self.signature_shape(desk)?,
            now,
        };
        // Which turn each document is that the signature was given: one that changed meanwhile is left out.
        let given = RefCell::new(Vec::new());
        let documents = turns.iter().filter_map(|turn| {
            if run.is_cancelled() || run.is_stopped() {
                return None;
            }
            match frozen_page(desk, &turn.ready) {
                Ok(page) => {
                    given.borrow_mut().push(turn);
                    Some(page)
                }
                Err(failure) => {
                    run.set(turn.place, State::Failed, Some(failure));
                    None
                }
            }
        });
        let mut attending = Attending {
            core: self,
            desk,
            run,
            signer: &signer,
            chosen: &chosen,
            first: Some(first),
            given: &given,
            now,
        };
        run.signing();
        self.batch_moved();
        sign_all(&batch, documents, &mut attending);
        Ok(())
    }
}

struct Attending<'a> {
    core: &'a Core,
    desk: &'a Arc<Desk>,
    run: &'a Run,
    signer: &'a DeskSigner,
    chosen: &'a Identity,
    /// What was typed before the batch began; it answers the first question, once.
    first: Option<Typed>,
    given: &'a RefCell<Vec<&'a Turn>>,
    now: Timestamp,
}

impl Attending<'_> {
    /// Stores a signed report with its item, unless its text changed since it was frozen.
    fn keep(&self, turn: &Turn, signed: signing::Signed) -> Answer<()> {
        frozen_page(self.desk, &turn.ready)?;
        self.core
            .queue_signed_report(self.desk, &turn.ready, signed, self.now)?;
        self.desk.outgoing.notify_one();
        self.core.changed(&[Tag::Queue]);
        Ok(())
    }

    fn failed(&self, turn: &Turn, failure: Failure) {
        self.run.set(turn.place, State::Failed, Some(failure));
    }
}

impl Attendant for Attending<'_> {
    fn secret(&mut self, question: &Question) -> Option<Secret> {
        let first = self.first.take().filter(|_| question.refused.is_none());
        let typed = match first {
            Some(typed) => typed,
            None => self.run.ask(
                count(question.documents),
                count(question.after),
                question.refused.clone().map(IntoFailure::failure),
                || self.core.changed(&[Tag::Batch]),
            )?,
        };
        self.core.batch_moved();
        Some(typed.secret(self.signer, self.chosen))
    }

    fn done(&mut self, document: usize, outcome: Outcome) {
        let Some(turn) = self.given.borrow().get(document).copied() else {
            return;
        };
        match outcome {
            Outcome::Signed(signed) => match self.keep(turn, *signed) {
                Ok(()) => self.run.set(turn.place, State::Signed, None),
                Err(failure) => {
                    // Every other one would fail so, and be signed for nothing.
                    if matches!(
                        failure.code,
                        ErrorCode::DiskFull | ErrorCode::ArchiveDamaged | ErrorCode::SessionLocked
                    ) {
                        self.run.stop(failure.clone());
                        self.run.cancel();
                    }
                    self.failed(turn, failure);
                }
            },
            Outcome::NotPrepared(error) => self.failed(turn, error.failure()),
            Outcome::NotFinished(error) => self.failed(turn, error.failure()),
            Outcome::NotSigned(error) if ends_a_batch(&error) => {
                // The one in hand failed; those after it were not tried.
                if !self.run.is_stopped() {
                    self.failed(turn, error.clone().failure());
                    self.run.stop(error.failure());
                }
            }
            Outcome::NotSigned(error) => self.failed(turn, error.failure()),
            Outcome::NotAuthorised(error) => self.run.stop(error.failure()),
            Outcome::Cancelled => self.run.set(turn.place, State::NotTried, None),
        }
        self.core.batch_moved();
    }

    fn cancelled(&self) -> bool {
        self.run.is_cancelled()
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
