//! *Da firmare al ritorno della rete*: reports made ready for a remote signature that was out of reach, and the one
//! authorisation that signs them all.
//!
//! What was made ready is kept with its item, which holds what comes after it. It is made ready again for the signature
//! itself, so that the time in it is the true one. Not in it: batches of reports that wait for nothing.

use std::sync::Arc;

use cache::{AuditAction, DocumentKind, NewItem, ReportState, State};
use clinical::{ReportId, TelevisitId};
use contract::delivery::QueueSubject;
use contract::events::Tag;
use contract::report::{DeliveryView, ReportRequest, SignRefusalView, SignWaitingRequest, SignedWaitingView};
use contract::{Answer, ErrorCode, Failure};
use jiff::Timestamp;
use secrecy::SecretString;
use signing::{Authorised, Identity, IdentityId, Prepared, Signer};

use super::freeze::frozen;
use super::ready::ReadyReport;
use super::report_of;
use super::signed::{awaiting, publication_in, subject_of};
use crate::core::{Core, blocking};
use crate::delivery::{Subject, delivery_view};
use crate::desk::Desk;
use crate::failure::{OrFail, StepError};
use crate::signing::Typed;

/// Keeps a report that was made ready, with the item that will deliver it.
pub(super) fn keep(desk: &Arc<Desk>, ready: &ReadyReport, prepared: &Prepared, now: Timestamp) -> Answer<()> {
    if awaiting(desk.outbox(), &ready.report)?.is_some() {
        return Ok(());
    }
    let bytes =
        serde_json::to_vec(prepared).map_err(|_| Failure::new(ErrorCode::Internal, "sign/prepared"))?;
    // Replaced by what is signed; until then the item may not leave.
    let (kind, request) = publication_in(desk, &ready.report, &ready.frozen, &ready.pdf)?;
    let (id, worker) = (ready.report.clone(), desk.clone());
    desk.outbox()
        .commit(now, move |step| -> Result<(), StepError> {
            let conversation = step.report(&id)?.subject;
            step.report_document(&id, DocumentKind::Prepared, &bytes)?;
            step.enqueue(NewItem {
                conversation,
                kind,
                subject: subject_of(&id),
                depends_on: Vec::new(),
                request,
                etag: None,
                awaiting_signature: true,
            })?;
            worker.record(step, AuditAction::ReportQueued, id.as_str())?;
            Ok(())
        })
        .or_fail()
}

/// A report that waits, with the televisit that it reports on.
struct Waiting {
    televisit: String,
    ready: ReadyReport,
}

/// What can be signed, what cannot and why, and how many the next authorisation is left with.
type AllPrepared = (Vec<(Waiting, Prepared)>, Vec<SignRefusalView>, usize);

impl Core {
    /// `report_sign_waiting`: one authorisation for all that wait. What happens to one neither hides nor stops another.
    pub async fn report_sign_waiting(&self, request: SignWaitingRequest) -> Answer<SignedWaitingView> {
        let desk = self.desk()?;
        desk.allow(desk.role().holds_televisits(), "")?;
        let typed = Typed {
            pin: SecretString::from(request.pin),
            otp: SecretString::from(request.otp),
        };
        let identity = IdentityId(request.identity_id);
        let _one = self.inner.signing.lock().await;
        let worker = desk.clone();
        let all = blocking(move || waiting(&worker)).await?;
        let mut view = SignedWaitingView {
            signed: 0,
            left: 0,
            refused: Vec::new(),
        };
        let mut good = Vec::new();
        for each in all {
            match self.validate(&desk, &each.ready).await {
                Ok(()) => good.push(each),
                Err(failure) => {
                    let (worker, id) = (desk.clone(), each.ready.report.clone());
                    // The region does not take it as it is: it is a draft again, with what is to be corrected.
                    blocking(move || give_back(&worker, &id)).await?;
                    view.refused.push(refusal(each.televisit, failure));
                }
            }
        }
        if good.is_empty() {
            self.reports_queued(&desk);
            return Ok(view);
        }
        let now = Timestamp::now();
        let (core, worker, id) = (self.clone(), desk.clone(), identity);
        let (signer, chosen, prepared, refused, left) = blocking(move || {
            let signer = core.desk_signer(&worker)?;
            let chosen = core.chosen_identity(&worker, &signer, &id)?;
            let most = signer.documents_per_authorisation(&id).or_fail()?;
            let (prepared, refused, left) = core.prepare_all(&worker, good, &chosen, most, now)?;
            Ok((signer, chosen, prepared, refused, left))
        })
        .await?;
        view.refused.extend(refused);
        view.left = count(left);
        if !prepared.is_empty() {
            let hashes = prepared.iter().map(|(_, prepared)| prepared.hash()).collect();
            let authorised = self.authorise(&desk, &signer, &chosen, hashes, typed).await?;
            let (core, worker) = (self.clone(), desk.clone());
            let done = blocking(move || Ok(core.sign_all(&worker, prepared, authorised, now))).await?;
            for (televisit, outcome) in done {
                match outcome {
                    Ok(()) => view.signed += 1,
                    Err(failure) => view.refused.push(refusal(televisit, failure)),
                }
            }
        }
        self.reports_queued(&desk);
        Ok(view)
    }

    /// `report_withdraw`: a report that waits for its signature is a draft again.
    pub async fn report_withdraw(&self, request: ReportRequest) -> Answer<DeliveryView> {
        let desk = self.desk()?;
        desk.allow(desk.role().holds_televisits(), &request.televisit_id)?;
        let televisit = TelevisitId::from(request.televisit_id);
        let _one = self.inner.signing.lock().await;
        let worker = desk.clone();
        let view = blocking(move || {
            let row = report_of(&worker, &televisit)?;
            if !matches!(row.state, ReportState::Frozen | ReportState::Validated { .. }) {
                return Err(Failure::new(ErrorCode::ReportFrozen, "report/not-waiting"));
            }
            give_back(&worker, &row.id)?;
            delivery_view(worker.outbox(), &report_of(&worker, &televisit)?)
        })
        .await?;
        self.reports_queued(&desk);
        Ok(view)
    }

    fn prepare_all(
        &self,
        desk: &Desk,
        all: Vec<Waiting>,
        identity: &Identity,
        most: Option<usize>,
        now: Timestamp,
    ) -> Answer<AllPrepared> {
        let shape = self.signature_shape(desk)?;
        let (mut prepared, mut refused, mut left) = (Vec::new(), Vec::new(), 0);
        for each in all {
            if most.is_some_and(|most| prepared.len() >= most) {
                left += 1;
                continue;
            }
            match each.ready.prepare(desk, identity, shape, now) {
                Ok(document) => prepared.push((each, document)),
                Err(failure) => refused.push(refusal(each.televisit, failure)),
            }
        }
        Ok((prepared, refused, left))
    }

    fn sign_all(
        &self,
        desk: &Arc<Desk>,
        prepared: Vec<(Waiting, Prepared)>,
        mut authorised: Box<dyn Authorised>,
        now: Timestamp,
    ) -> Vec<(String, Answer<()>)> {
        prepared
            .into_iter()
            .map(|(each, document)| {
                let signature = authorised.sign(&document.hash()).or_fail();
                let outcome = signature
                    .and_then(|signature| self.finish_report(desk, &each.ready, document, &signature, now));
                self.changed(&[Tag::Queue]);
                (each.televisit, outcome)
            })
            .collect()
    }
}

/// Every report that waits for a signature, in the order of the queue.
fn waiting(desk: &Desk) -> Answer<Vec<Waiting>> {
    let mut all = Vec::new();
    for line in desk.outbox().queue().or_fail()? {
        let subject = Subject::parse(&line.subject).filter(|subject| subject.kind == QueueSubject::Report);
        let (Some(subject), State::AwaitingSignature) = (subject, line.state) else {
            continue;
        };
        let report = ReportId::from(subject.id);
        let row = desk.outbox().report(&report).or_fail()?;
        let Some(row) =
            row.filter(|row| matches!(row.state, ReportState::Frozen | ReportState::Validated { .. }))
        else {
            continue;
        };
        let pdf = desk
            .outbox()
            .report_document(&report, DocumentKind::Pdf)
            .or_fail()?;
        let (Some(frozen), Some(pdf)) = (frozen(desk, &report)?, pdf) else {
            return Err(Failure::new(ErrorCode::ArchiveDamaged, "report/frozen"));
        };
        all.push(Waiting {
            televisit: row.subject,
            ready: ReadyReport {
                report,
                frozen,
                pdf: pdf.content,
            },
        });
    }
    Ok(all)
}

/// Withdraws the item that waits, and takes the report back to draft.
fn give_back(desk: &Arc<Desk>, report: &ReportId) -> Answer<()> {
    let item = awaiting(desk.outbox(), report)?;
    let (id, worker) = (report.clone(), desk.clone());
    desk.outbox()
        .commit(Timestamp::now(), move |step| -> Result<(), StepError> {
            if let Some(item) = item {
                step.cancel(item)?;
            }
            if step.report(&id)?.state != ReportState::Draft {
                step.report_state(&id, &ReportState::Draft)?;
                worker.record(step, AuditAction::ReportReopened, id.as_str())?;
            }
            Ok(())
        })
        .or_fail()
}

fn refusal(televisit_id: String, failure: Failure) -> SignRefusalView {
    SignRefusalView {
        televisit_id,
        failure,
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
