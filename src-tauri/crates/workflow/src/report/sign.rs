//! *Firma e invia 1 referto*: freeze, validate, sign, queue. From the last step on nothing can be lost.
//!
//! Each step is stored before the next is tried, so a crash, a wrong PIN or a second click find what was done and go on from
//! there. In an outage the validation is skipped and made later by the gateway together with the publication.

use std::sync::Arc;

use cache::{AuditAction, DocumentKind, ItemKind, NewItem, Receipt, ReceiptStep, ReportState};
use clinical::{ReportId, TelevisitId};
use contract::delivery::QueueSubject;
use contract::events::Tag;
use contract::report::{DeliveryView, SignAndSendRequest};
use contract::{Answer, ErrorCode, Failure};
use jiff::{SignedDuration, Timestamp};
use region::RegionError;
use secrecy::SecretString;
use signing::{Conditions, IdentityId, Secret, Signer, TrustRoots};

use super::freeze::Frozen;
use super::{draft_of, freeze, is_open, open, publication, report_of, visit};
use crate::core::{Core, blocking};
use crate::delivery::{Subject, delivery_view};
use crate::desk::Desk;
use crate::failure::{IntoFailure, OrFail, StepError};

/// A validation older than this is renewed before the signature: publication must come within five days of it.
const VALIDATION_HOLDS: SignedDuration = SignedDuration::from_hours(4 * 24);

impl Core {
    /// `report_sign_and_send`.
    pub async fn report_sign_and_send(&self, request: SignAndSendRequest) -> Answer<DeliveryView> {
        let desk = self.desk()?;
        desk.allow(desk.role().holds_televisits(), &request.televisit_id)?;
        let pin = SecretString::from(request.pin);
        let identity = IdentityId(request.identity_id);
        let televisit = TelevisitId::from(request.televisit_id);
        // A second click waits here and finds the report signed.
        let _one = self.inner.signing.lock().await;
        let (worker, revision, id) = (desk.clone(), request.revision, televisit.clone());
        let Some((report, frozen, pdf)) = blocking(move || prepare(&worker, &id, revision)).await? else {
            return blocking(move || delivery_view(desk.outbox(), &report_of(&desk, &televisit)?)).await;
        };
        self.validate(&desk, &report, &frozen.patient, &pdf).await?;
        let core = self.clone();
        let worker = desk.clone();
        let id = report.clone();
        blocking(move || core.sign(&worker, &id, &frozen, &pdf, &identity, pin)).await?;
        desk.outgoing.notify_one();
        self.changed(&[Tag::Report, Tag::Queue, Tag::Agenda]);
        self.tell_link();
        blocking(move || {
            let row = desk.outbox().report(&report).or_fail()?;
            let row = row.ok_or_else(|| Failure::new(ErrorCode::NotFound, "report/unknown"))?;
            delivery_view(desk.outbox(), &row)
        })
        .await
    }

    /// Has the region validate the frozen document, unless that was done or the region cannot now.
    async fn validate(
        &self,
        desk: &Arc<Desk>,
        report: &ReportId,
        patient: &clinical::FiscalCode,
        pdf: &[u8],
    ) -> Answer<()> {
        let row = desk.outbox().report(report).or_fail()?;
        let now = Timestamp::now();
        let holds = row.as_ref().is_some_and(|row| {
            matches!(&row.state, ReportState::Validated { at, .. } if now.duration_since(*at) < VALIDATION_HOLDS)
        });
        if holds || !self.inner.region.is_logged_in() {
            return Ok(());
        }
        match self.inner.region.gateway().of(patient).validate(pdf).await {
            Ok(receipt) => {
                let (id, worker) = (report.clone(), desk.clone());
                blocking(move || {
                    let cda = worker
                        .outbox()
                        .report_document(&id, DocumentKind::Cda)
                        .or_fail()?;
                    let cda_sha256 = cda.map(|cda| cda.sha256).unwrap_or_default();
                    let recorder = worker.clone();
                    worker
                        .outbox()
                        .commit(now, move |step| -> Result<(), StepError> {
                            let workflow = receipt.workflow;
                            let state = ReportState::Validated {
                                workflow_instance_id: workflow.clone(),
                                at: now,
                                cda_sha256,
                            };
                            step.report_state(&id, &state)?;
                            step.receipt(
                                &id,
                                &Receipt {
                                    step: ReceiptStep::Validated,
                                    at: now,
                                    id: workflow,
                                },
                            )?;
                            recorder.record(step, AuditAction::ReportValidated, id.as_str())?;
                            Ok(())
                        })
                        .or_fail()
                })
                .await
            }
            Err(RegionError::Refused(problem)) => {
                let (id, worker) = (report.clone(), desk.clone());
                let failure = blocking(move || freeze::refuse(&worker, &id, &problem)).await?;
                self.changed(&[Tag::Report]);
                Err(failure)
            }
            Err(error) if error.is_passing() => Ok(()),
            // The access ended: signing goes on, the queue waits for the new login.
            Err(RegionError::Unauthorised) => Ok(()),
            Err(error) => Err(error.failure()),
        }
    }

    /// Signs with the chosen device, checks the result, and stores it with its item in one step.
    fn sign(
        &self,
        desk: &Arc<Desk>,
        report: &ReportId,
        frozen: &Frozen,
        pdf: &[u8],
        identity: &IdentityId,
        pin: SecretString,
    ) -> Answer<()> {
        let now = Timestamp::now();
        let devices = self.signers()?;
        let known = devices.identities().or_fail()?;
        let chosen = known
            .iter()
            .find(|known| &known.id == identity)
            .ok_or_else(|| Failure::new(ErrorCode::CardRemoved, "device/identity-gone"))?;
        let conditions = Conditions {
            author: Some(desk.practitioner.fiscal_code.as_str().to_owned()),
            fse_precheck: true,
        };
        let prepared = signing::prepare(pdf, chosen, &conditions, now).or_fail()?;
        let secret = if chosen.pin_on_device {
            Secret::OnDevice
        } else {
            Secret::Pin(pin)
        };
        let mut authorised = devices
            .authorise(&chosen.id, &[prepared.hash()], secret)
            .or_fail()?;
        let signature = authorised.sign(&prepared.hash()).or_fail()?;
        drop(authorised);
        let roots = match &self.settings().signature_roots {
            Some(pem) => {
                Some(TrustRoots::from_pem(pem).map_err(|_| Failure::new(ErrorCode::Internal, "sign/roots"))?)
            }
            None => None,
        };
        let signed = signing::finish(prepared, &signature, roots.as_ref(), now).or_fail()?;
        let row = desk.outbox().report(report).or_fail()?;
        let workflow = row.and_then(|row| match row.state {
            ReportState::Validated {
                workflow_instance_id, ..
            } => Some(workflow_instance_id),
            _ => None,
        });
        let (kind, request) = match &workflow {
            Some(workflow) => (
                ItemKind::GatewayPublish,
                publication::publish(desk, frozen, workflow, &signed.pdf)?,
            ),
            None => (
                ItemKind::GatewayValidateAndCreate,
                publication::validate_and_create(desk, report, &signed.pdf)?,
            ),
        };
        let (id, worker) = (report.clone(), desk.clone());
        desk.outbox()
            .commit(now, move |step| -> Result<(), StepError> {
                let subject = step.report(&id)?.subject;
                let hash = step.report_document(&id, DocumentKind::SignedPdf, &signed.pdf)?;
                step.receipt(
                    &id,
                    &Receipt {
                        step: ReceiptStep::Signed,
                        at: now,
                        id: hash,
                    },
                )?;
                step.report_state(&id, &ReportState::Signed)?;
                step.enqueue(NewItem {
                    conversation: subject,
                    kind,
                    subject: Subject::new(QueueSubject::Report, id.as_str()).to_string(),
                    depends_on: Vec::new(),
                    request,
                    etag: None,
                    awaiting_signature: false,
                })?;
                step.report_state(&id, &ReportState::Queued)?;
                worker.record(step, AuditAction::ReportSigned, id.as_str())?;
                worker.record(step, AuditAction::ReportQueued, id.as_str())?;
                Ok(())
            })
            .or_fail()
    }
}

/// The frozen document to sign; none when it was signed already (a second click, a restart).
fn prepare(
    desk: &Arc<Desk>,
    televisit: &TelevisitId,
    revision: u32,
) -> Result<Option<(ReportId, Frozen, Vec<u8>)>, Failure> {
    let row = report_of(desk, televisit)?;
    if !is_open(&row.state) {
        return Ok(None);
    }
    let (form, known, _) =
        draft_of(desk, &row.id)?.ok_or_else(|| Failure::new(ErrorCode::ReportIncomplete, "report/empty"))?;
    // What is signed is what was read on the screen.
    if known != revision {
        return Err(Failure::new(ErrorCode::Conflict, "report/revision"));
    }
    let facts = open::facts_of(desk, televisit, None)?;
    let record = visit::record(desk, &facts, Timestamp::now())?;
    if record.call_outcome.is_none() {
        return Err(Failure::new(ErrorCode::OutcomeFirst, "report/outcome-of-visit"));
    }
    let (frozen, pdf) = freeze::freeze(desk, &row, form, known, &record)?;
    Ok(Some((row.id, frozen, pdf)))
}
