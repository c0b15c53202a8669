//! What the person can do while a batch goes on: look, type, stop, put the results away.

use contract::Answer;
use contract::batch::{BatchAuthoriseRequest, BatchDeviceRequest, BatchDeviceView, BatchView};
use contract::events::Tag;
use secrecy::SecretString;
use signing::{IdentityId, Signer};

use crate::core::{Core, blocking};
use crate::failure::OrFail;
use crate::signing::Typed;

impl Core {
    /// `batch_device`: what one authorisation covers, before any PIN.
    pub async fn batch_device(&self, request: BatchDeviceRequest) -> Answer<BatchDeviceView> {
        let desk = self.desk()?;
        let core = self.clone();
        blocking(move || {
            let identity = IdentityId(request.identity_id);
            let limit = core
                .desk_signer(&desk)?
                .documents_per_authorisation(&identity)
                .or_fail()?;
            Ok(BatchDeviceView {
                documents: limit.map(|limit| u32::try_from(limit.max(1)).unwrap_or(u32::MAX)),
            })
        })
        .await
    }

    /// `batch_state`: the batch that goes on, or the last one; none when there is none.
    pub fn batch_state(&self) -> Answer<Option<BatchView>> {
        Ok(self.desk()?.batch.run().map(|run| run.view()))
    }

    /// `batch_authorise`: one answer to one question, used once.
    pub fn batch_authorise(&self, request: BatchAuthoriseRequest) -> Answer<Option<BatchView>> {
        let run = self.desk()?.batch.run();
        if let Some(run) = &run {
            let typed = Typed {
                pin: SecretString::from(request.pin),
                otp: SecretString::from(request.otp),
            };
            run.answer(request.question, typed);
            self.changed(&[Tag::Batch]);
        }
        Ok(run.map(|run| run.view()))
    }

    /// `batch_cancel`: stops after the report in hand. What is signed stays signed.
    pub fn batch_cancel(&self) -> Answer<Option<BatchView>> {
        let desk = self.desk()?;
        desk.batch.cancel();
        self.changed(&[Tag::Batch]);
        Ok(desk.batch.run().map(|run| run.view()))
    }

    /// `batch_close`: the results were seen.
    pub fn batch_close(&self) -> Answer<()> {
        self.desk()?.batch.put_away();
        self.changed(&[Tag::Batch]);
        Ok(())
    }
}
