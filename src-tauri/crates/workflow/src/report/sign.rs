//! *Firma e invia 1 referto*: freeze, validate, sign, queue. From the last step on nothing can be lost.
//!
//! The steps are those of many reports at once, too: [`Core::ready_report`], [`ReadyReport::prepare`], the device's
//! signature, [`Core::finish_report`]. Not in it: the steps themselves (`ready`, `signed`).

use std::sync::Arc;

use clinical::TelevisitId;
use contract::events::Tag;
use contract::report::{DeliveryView, SignAndSendRequest};
use contract::{Answer, ErrorCode, Failure};
use jiff::Timestamp;
use secrecy::SecretString;
use signing::{Identity, IdentityId, Secret, Signer};

use super::ready::ReadyReport;
use super::report_of;
use crate::core::{Core, blocking};
use crate::delivery::delivery_view;
use crate::desk::Desk;
use crate::failure::OrFail;

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
        let Some(ready) = self.ready_report(&desk, &televisit, request.revision).await? else {
            return blocking(move || delivery_view(desk.outbox(), &report_of(&desk, &televisit)?)).await;
        };
        let core = self.clone();
        let (worker, report) = (desk.clone(), ready.report.clone());
        blocking(move || core.sign(&worker, &ready, &identity, pin)).await?;
        self.reports_queued(&desk);
        blocking(move || {
            let row = desk.outbox().report(&report).or_fail()?;
            let row = row.ok_or_else(|| Failure::new(ErrorCode::NotFound, "report/unknown"))?;
            delivery_view(desk.outbox(), &row)
        })
        .await
    }

    /// Wakes the sender and tells the window, after one report was queued or many.
    pub(crate) fn reports_queued(&self, desk: &Desk) {
        desk.outgoing.notify_one();
        self.changed(&[Tag::Report, Tag::Queue, Tag::Agenda]);
        self.tell_link();
    }

    /// The identity that was chosen, as its device tells it now. Blocks.
    pub(crate) fn chosen_identity(&self, signer: &dyn Signer, identity: &IdentityId) -> Answer<Identity> {
        signer
            .identities()
            .or_fail()?
            .into_iter()
            .find(|known| &known.id == identity)
            .ok_or_else(|| Failure::new(ErrorCode::CardRemoved, "device/identity-gone"))
    }

    /// Signs with the chosen device, checks the result, and stores it with its item in one step.
    fn sign(
        &self,
        desk: &Arc<Desk>,
        ready: &ReadyReport,
        identity: &IdentityId,
        pin: SecretString,
    ) -> Answer<()> {
        let now = Timestamp::now();
        let devices = self.signers()?;
        let chosen = self.chosen_identity(devices.as_ref(), identity)?;
        let prepared = ready.prepare(desk, &chosen, self.signature_shape(), now)?;
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
        self.finish_report(desk, ready, prepared, &signature, now)
    }
}
