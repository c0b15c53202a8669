//! *Firma e invia 30 referti*: each report is frozen and validated as in the single path, then the device's turn comes.

use std::collections::HashSet;
use std::sync::Arc;

use cache::ReportState;
use clinical::TelevisitId;
use contract::batch::{
    BatchDocumentRequest, BatchDocumentState as State, BatchDocumentView, BatchStartRequest, BatchView,
};
use contract::events::Tag;
use contract::{Answer, ErrorCode, Failure};
use jiff::Timestamp;
use secrecy::SecretString;
use signing::IdentityId;

use super::run::Run;
use super::sign::Turn;
use crate::agenda::Facts;
use crate::core::{Core, blocking};
use crate::desk::Desk;
use crate::failure::OrFail;
use crate::report::{ReadyReport, is_signed};
use crate::signing::Typed;

impl Core {
    /// `batch_start`: answers as soon as the batch is begun. One that goes on already is answered as it is.
    pub async fn batch_start(&self, request: BatchStartRequest) -> Answer<BatchView> {
        let desk = self.desk()?;
        desk.allow(desk.role().holds_televisits(), "batch")?;
        let first = Typed {
            pin: SecretString::from(request.pin),
            otp: SecretString::from(request.otp),
        };
        let mut named = HashSet::new();
        let mut documents = request.documents;
        documents.retain(|document| named.insert(document.televisit_id.clone()));
        if documents.is_empty() {
            return Err(Failure::new(ErrorCode::BadRequest, "batch/empty"));
        }
        let identity = IdentityId(request.identity_id);
        let (worker, asked) = (desk.clone(), documents.clone());
        let views = blocking(move || Ok(asked.iter().map(|each| waiting(&worker, each)).collect())).await?;
        let run = match desk.batch.begin(Run::new(identity.clone(), views)) {
            Ok(run) => run,
            Err(going) => return Ok(going.view()),
        };
        self.changed(&[Tag::Batch]);
        let (core, worker, going) = (self.clone(), desk.clone(), run.clone());
        desk.keep_task(tokio::spawn(async move {
            core.carry_out(&worker, &going, identity, first, documents).await;
        }));
        Ok(run.view())
    }

    async fn carry_out(
        &self,
        desk: &Arc<Desk>,
        run: &Arc<Run>,
        identity: IdentityId,
        first: Typed,
        documents: Vec<BatchDocumentRequest>,
    ) {
        // However this ends, a lock and a panic included, each report has its outcome.
        let ends = Ends(run.clone());
        let _one = self.inner.signing.lock().await;
        let turns = self.make_ready(desk, run, documents).await;
        if !turns.is_empty() && !run.is_cancelled() {
            let (core, worker, going) = (self.clone(), desk.clone(), run.clone());
            let signed = blocking(move || core.sign_batch(&worker, &going, &identity, first, &turns)).await;
            if let Err(failure) = signed {
                run.stop(failure);
            }
        }
        drop(ends);
        self.reports_queued(desk);
        self.changed(&[Tag::Batch]);
    }

    /// Freezes and validates each report. One that is refused is told and left; the others go on.
    async fn make_ready(
        &self,
        desk: &Arc<Desk>,
        run: &Run,
        documents: Vec<BatchDocumentRequest>,
    ) -> Vec<Turn> {
        let mut turns = Vec::new();
        // A region that did not answer is not asked for each of the others: they leave unvalidated, as in any outage.
        let mut silent = false;
        for (place, document) in documents.into_iter().enumerate() {
            if run.is_cancelled() {
                break;
            }
            run.set(place, State::Preparing, None);
            self.batch_moved();
            let televisit = TelevisitId::from(document.televisit_id);
            match self
                .make_one_ready(desk, &televisit, document.revision, &mut silent)
                .await
            {
                Ok(Some(ready)) => {
                    run.set(place, State::Ready, None);
                    turns.push(Turn::new(place, ready));
                }
                Ok(None) => run.set(place, State::SignedBefore, None),
                Err(failure) => run.set(place, State::Failed, Some(failure)),
            }
        }
        turns
    }

    async fn make_one_ready(
        &self,
        desk: &Arc<Desk>,
        televisit: &TelevisitId,
        revision: u32,
        silent: &mut bool,
    ) -> Answer<Option<ReadyReport>> {
        if !desk.batch.is_read(televisit, revision) {
            let (worker, id) = (desk.clone(), televisit.clone());
            return match blocking(move || is_signed(&worker, &id)).await? {
                true => Ok(None),
                false => Err(Failure::new(ErrorCode::NotRead, "batch/not-read")),
            };
        }
        let Some(ready) = self.frozen_report(desk, televisit, revision).await? else {
            return Ok(None);
        };
        if !*silent {
            self.validate(desk, &ready).await?;
            let (worker, id) = (desk.clone(), ready.report.clone());
            let row = blocking(move || worker.outbox().report(&id).or_fail()).await?;
            *silent = !row.is_some_and(|row| matches!(row.state, ReportState::Validated { .. }));
        }
        Ok(Some(ready))
    }

    /// One more step was made: the window looks again. A batch at work is work: it holds the idle lock off, as long as it
    /// moves.
    pub(super) fn batch_moved(&self) {
        self.lock(&self.inner.session).touched(Timestamp::now());
        self.changed(&[Tag::Batch]);
    }
}

/// Ends the batch when it goes.
struct Ends(Arc<Run>);

impl Drop for Ends {
    fn drop(&mut self) {
        self.0.end();
    }
}

fn waiting(desk: &Desk, document: &BatchDocumentRequest) -> BatchDocumentView {
    let id = TelevisitId::from(document.televisit_id.as_str());
    let patient = Facts::load(desk, &id).ok().and_then(|facts| facts.entry.patient);
    let (family, given) = patient.map_or_else(Default::default, |patient| {
        let name = &patient.name;
        (name.family.expose().clone(), name.given.expose().clone())
    });
    BatchDocumentView {
        televisit_id: document.televisit_id.clone(),
        family,
        given,
        state: State::Waiting,
        failure: None,
    }
}
