//! *Firma e invia 1 referto*: freeze, validate, sign, queue. From the last step on nothing can be lost.
//!
//! The steps are those of many reports at once, too: [`Core::ready_report`], [`ReadyReport::prepare`], the device's
//! signature, [`Core::finish_report`]. Not in it: the steps themselves (`ready`, `signed`), and the reports that wait for the
//! network to be signed (`waiting`).

use std::sync::Arc;

use clinical::TelevisitId;
use contract::events::Tag;
use contract::report::{DeliveryView, SendOtpRequest, SignAndSendRequest};
use contract::{Answer, ErrorCode, Failure};
use jiff::Timestamp;
use secrecy::SecretString;
use signing::{Authorised, Identity, IdentityId, Prepared, Signer};

use super::ready::ReadyReport;
use super::report_of;
use crate::core::{Core, blocking};
use crate::delivery::delivery_view;
use crate::desk::Desk;
use crate::failure::{IntoFailure, OrFail};
use crate::signing::{DeskSigner, Typed};

impl Core {
    /// `report_sign_and_send`.
    pub async fn report_sign_and_send(&self, request: SignAndSendRequest) -> Answer<DeliveryView> {
        let desk = self.desk()?;
        desk.allow(desk.role().holds_televisits(), &request.televisit_id)?;
        let typed = Typed {
            pin: SecretString::from(request.pin),
            otp: SecretString::from(request.otp),
        };
        let identity = IdentityId(request.identity_id);
        let televisit = TelevisitId::from(request.televisit_id);
        // A second click waits here and finds the report signed.
        let _one = self.inner.signing.lock().await;
        let Some(ready) = self.ready_report(&desk, &televisit, request.revision).await? else {
            return blocking(move || delivery_view(desk.outbox(), &report_of(&desk, &televisit)?)).await;
        };
        let report = ready.report.clone();
        self.sign(&desk, ready, &identity, typed).await?;
        self.reports_queued(&desk);
        blocking(move || {
            let row = desk.outbox().report(&report).or_fail()?;
            let row = row.ok_or_else(|| Failure::new(ErrorCode::NotFound, "report/unknown"))?;
            delivery_view(desk.outbox(), &row)
        })
        .await
    }

    /// `report_send_otp`: the signature service sends the one-time code. Never by itself: services count them.
    pub async fn report_send_otp(&self, request: SendOtpRequest) -> Answer<()> {
        let desk = self.desk()?;
        let identity = IdentityId(request.identity_id);
        let core = self.clone();
        blocking(move || match core.remote_state(&desk)? {
            Some(remote) => remote.signer.send_otp(&identity).or_fail(),
            None => Err(Failure::new(ErrorCode::NotFound, "remote/none")),
        })
        .await
    }

    /// Wakes the sender and tells the window, after one report was queued or many.
    pub(crate) fn reports_queued(&self, desk: &Desk) {
        desk.outgoing.notify_one();
        desk.signing.stamping.notify_one();
        self.changed(&[Tag::Report, Tag::Queue, Tag::Agenda]);
        self.tell_link();
    }

    /// The identity that was chosen, as its device tells it now, and nothing that forbids its use. Blocks.
    pub(crate) fn chosen_identity(
        &self,
        desk: &Desk,
        signer: &dyn Signer,
        identity: &IdentityId,
    ) -> Answer<Identity> {
        if self.clock_is_wrong() {
            return Err(Failure::new(ErrorCode::ClockWrong, "sign/clock"));
        }
        let chosen = signer
            .identities()
            .or_fail()?
            .into_iter()
            .find(|known| &known.id == identity)
            .ok_or_else(|| Failure::new(ErrorCode::CardRemoved, "device/identity-gone"))?;
        if self.is_online()
            && let Some(code) = self.revocation(desk, &chosen, Timestamp::now())
        {
            return Err(Failure::new(code, "sign/revocation"));
        }
        Ok(chosen)
    }

    /// Signs with the chosen device, checks the result, and stores it with its item in one step. With a remote signature
    /// that is out of reach, makes it ready and keeps it for the return of the network.
    async fn sign(
        &self,
        desk: &Arc<Desk>,
        ready: ReadyReport,
        identity: &IdentityId,
        typed: Typed,
    ) -> Answer<()> {
        let now = Timestamp::now();
        let (core, worker, id, asked) = (self.clone(), desk.clone(), identity.clone(), ready.clone());
        let (signer, chosen, prepared) = blocking(move || {
            let signer = core.desk_signer(&worker)?;
            let chosen = core.chosen_identity(&worker, &signer, &id)?;
            let shape = core.signature_shape(&worker)?;
            let prepared = asked.prepare(&worker, &chosen, shape, now)?;
            Ok((signer, chosen, prepared))
        })
        .await?;
        if signer.is_remote(identity)
            && let Some(remote) = &signer.remote
        {
            if remote.is_away() {
                let worker = desk.clone();
                return blocking(move || super::waiting::keep(&worker, &ready, &prepared, now)).await;
            }
            if let Some(error) = remote.failure.clone() {
                return Err(error.failure());
            }
        }
        let granted = self
            .authorise(desk, &signer, &chosen, vec![prepared.hash()], typed)
            .await;
        let authorised = match granted {
            Ok(authorised) => authorised,
            // The network went away between the list and the authorisation; nothing was signed.
            Err(failure) if is_away(&signer, identity, &failure) => {
                self.forget_remote_state(desk);
                let worker = desk.clone();
                return blocking(move || super::waiting::keep(&worker, &ready, &prepared, now)).await;
            }
            Err(failure) => return Err(failure),
        };
        let (core, worker) = (self.clone(), desk.clone());
        blocking(move || core.sign_one(&worker, &ready, prepared, authorised, now)).await
    }

    fn sign_one(
        &self,
        desk: &Arc<Desk>,
        ready: &ReadyReport,
        prepared: Prepared,
        mut authorised: Box<dyn Authorised>,
        now: Timestamp,
    ) -> Answer<()> {
        let signature = authorised.sign(&prepared.hash()).or_fail()?;
        drop(authorised);
        self.finish_report(desk, ready, prepared, &signature, now)
    }
}

fn is_away(signer: &DeskSigner, identity: &IdentityId, failure: &Failure) -> bool {
    signer.is_remote(identity) && failure.code == ErrorCode::SigningServiceUnreachable
}
