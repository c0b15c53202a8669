//! What is known of the batch that goes on: where each report stands, and the question that waits for the person.
//!
//! The device's thread asks and waits here; the window's commands answer. Not in it: what is done with either.

use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use clinical::TelevisitId;
use contract::batch::{
    BatchDocumentState as State, BatchDocumentView, BatchPhase, BatchQuestionView, BatchView,
};
use contract::{ErrorCode, Failure};
use signing::IdentityId;

use crate::signing::Typed;

/// How long a question waits: the idle lock comes at the same time where nobody is at the PC.
const PATIENCE: Duration = Duration::from_secs(5 * 60);

/// What a desk knows of batches while it is open; gone with it.
#[derive(Default)]
pub(crate) struct Bench {
    read: Mutex<HashMap<TelevisitId, u32>>,
    run: Mutex<Option<Arc<Run>>>,
}

impl Bench {
    /// Remembers that this revision was shown.
    pub(super) fn was_shown(&self, televisit: TelevisitId, revision: u32) {
        held(&self.read).insert(televisit, revision);
    }

    /// Whether this revision was shown since the person came in.
    pub(super) fn is_read(&self, televisit: &TelevisitId, revision: u32) -> bool {
        held(&self.read).get(televisit) == Some(&revision)
    }

    /// The batch that goes on, or the last one, until it is put away.
    pub(super) fn run(&self) -> Option<Arc<Run>> {
        held(&self.run).clone()
    }

    /// Begins a batch, unless one goes on: a second click finds the first.
    pub(super) fn begin(&self, next: Run) -> Result<Arc<Run>, Arc<Run>> {
        let mut run = held(&self.run);
        match &*run {
            Some(going) if !going.has_ended() => Err(going.clone()),
            _ => {
                let next = Arc::new(next);
                *run = Some(next.clone());
                Ok(next)
            }
        }
    }

    /// Puts a batch that ended away.
    pub(super) fn put_away(&self) {
        let mut run = held(&self.run);
        if run.as_ref().is_some_and(|run| run.has_ended()) {
            *run = None;
        }
    }

    /// Stops the batch that goes on after the report in hand.
    pub(crate) fn cancel(&self) {
        if let Some(run) = self.run() {
            run.cancel();
        }
    }
}

/// One batch.
pub(super) struct Run {
    inner: Mutex<Inner>,
    rung: Condvar,
}

struct Inner {
    identity: IdentityId,
    phase: BatchPhase,
    documents: Vec<BatchDocumentView>,
    question: Option<BatchQuestionView>,
    asked: u32,
    answer: Option<Typed>,
    cancelled: bool,
    stopped: Option<Failure>,
}

impl Run {
    pub(super) fn new(identity: IdentityId, documents: Vec<BatchDocumentView>) -> Self {
        Self {
            inner: Mutex::new(Inner {
                identity,
                phase: BatchPhase::Preparing,
                documents,
                question: None,
                asked: 0,
                answer: None,
                cancelled: false,
                stopped: None,
            }),
            rung: Condvar::new(),
        }
    }

    pub(super) fn view(&self) -> BatchView {
        let inner = held(&self.inner);
        BatchView {
            phase: inner.phase,
            documents: inner.documents.clone(),
            identity_id: inner.identity.0.clone(),
            question: inner.question.clone(),
            cancelled: inner.cancelled,
            stopped: inner.stopped.clone(),
        }
    }

    /// Where one report stands now.
    pub(super) fn set(&self, place: usize, state: State, failure: Option<Failure>) {
        if let Some(document) = held(&self.inner).documents.get_mut(place) {
            document.state = state;
            document.failure = failure;
        }
    }

    pub(super) fn signing(&self) {
        let mut inner = held(&self.inner);
        if inner.phase != BatchPhase::Ended {
            inner.phase = BatchPhase::Signing;
        }
    }

    /// What ends the batch before its end; the first reason is the one that counts.
    pub(super) fn stop(&self, failure: Failure) {
        held(&self.inner).stopped.get_or_insert(failure);
    }

    pub(super) fn is_stopped(&self) -> bool {
        held(&self.inner).stopped.is_some()
    }

    pub(super) fn cancel(&self) {
        let mut inner = held(&self.inner);
        if inner.phase != BatchPhase::Ended {
            inner.cancelled = true;
        }
        inner.answer = None;
        drop(inner);
        self.rung.notify_all();
    }

    pub(super) fn is_cancelled(&self) -> bool {
        held(&self.inner).cancelled
    }

    pub(super) fn has_ended(&self) -> bool {
        held(&self.inner).phase == BatchPhase::Ended
    }

    /// Nothing more will be done: what was not tried is as it was.
    pub(super) fn end(&self) {
        let mut inner = held(&self.inner);
        inner.phase = BatchPhase::Ended;
        inner.question = None;
        inner.answer = None;
        for document in &mut inner.documents {
            if matches!(document.state, State::Waiting | State::Preparing | State::Ready) {
                document.state = State::NotTried;
            }
        }
    }

    /// Puts a question to the person. `told` is called when it can be seen; then the thread waits. None: the person stopped,
    /// or nobody came.
    pub(super) fn ask(
        &self,
        documents: u32,
        after: u32,
        refused: Option<Failure>,
        told: impl FnOnce(),
    ) -> Option<Typed> {
        let mut inner = held(&self.inner);
        if inner.cancelled {
            return None;
        }
        inner.asked += 1;
        inner.answer = None;
        inner.phase = BatchPhase::Asking;
        inner.question = Some(BatchQuestionView {
            number: inner.asked,
            documents,
            after,
            refused,
        });
        drop(inner);
        told();
        let give_up = Instant::now() + PATIENCE;
        let mut inner = held(&self.inner);
        loop {
            let left = give_up.saturating_duration_since(Instant::now());
            let answer = inner.answer.take();
            if answer.is_some() || inner.cancelled || left.is_zero() {
                inner.question = None;
                inner.phase = BatchPhase::Signing;
                if answer.is_none() && !inner.cancelled {
                    let nobody = Failure::new(ErrorCode::SigningCancelled, "batch/nobody");
                    inner.stopped.get_or_insert(nobody);
                }
                return answer;
            }
            inner = self
                .rung
                .wait_timeout(inner, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }

    /// What the person typed for a question. An answer to another question, or a second one, is dropped.
    pub(super) fn answer(&self, question: u32, typed: Typed) {
        let mut inner = held(&self.inner);
        if inner
            .question
            .as_ref()
            .is_some_and(|asked| asked.number == question)
        {
            inner.question = None;
            inner.phase = BatchPhase::Signing;
            inner.answer = Some(typed);
            drop(inner);
            self.rung.notify_all();
        }
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::SecretString;

    fn typed(pin: &str) -> Typed {
        Typed {
            pin: SecretString::from(pin.to_owned()),
            otp: SecretString::from(String::new()),
        }
    }

    fn run() -> Arc<Run> {
        Arc::new(Run::new(IdentityId("card".to_owned()), Vec::new()))
    }

    #[test]
    fn an_answer_reaches_its_own_question_and_no_other() {
        use secrecy::ExposeSecret as _;
        let run = run();
        run.answer(1, typed("before any question"));
        let person = run.clone();
        let first = run.ask(2, 0, None, || {
            person.answer(2, typed("of the next question"));
            person.answer(1, typed("11111"));
            person.answer(1, typed("a second click"));
        });
        assert_eq!(first.unwrap().pin.expose_secret(), "11111");
        let second = run.ask(2, 0, None, || {
            person.answer(1, typed("too late for the first"));
            person.answer(2, typed("22222"));
        });
        assert_eq!(second.unwrap().pin.expose_secret(), "22222");
    }

    #[test]
    fn who_stops_is_not_asked_again() {
        let run = run();
        let person = run.clone();
        assert!(run.ask(2, 0, None, || person.cancel()).is_none());
        assert!(
            run.ask(2, 0, None, || panic!("nobody is asked after a stop"))
                .is_none()
        );
        assert!(!run.is_stopped(), "the person stopped it, and nothing else");
    }

    #[test]
    fn one_batch_at_a_time_until_it_ends() {
        let bench = Bench::default();
        let new = || Run::new(IdentityId("card".to_owned()), Vec::new());
        let first = bench.begin(new()).ok().unwrap();
        let found = bench.begin(new()).err().unwrap();
        assert!(Arc::ptr_eq(&first, &found), "a second click finds the first");
        bench.put_away();
        assert!(bench.run().is_some(), "what goes on is not put away");
        first.end();
        bench.begin(new()).ok().unwrap();
    }
}
