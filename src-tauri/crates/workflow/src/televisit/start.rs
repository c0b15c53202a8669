//! *Avvia televisita*: signalling, devices and engine are put together, and the visit goes into its call.

use cache::AuditAction;
use clinical::TelevisitId;
use contract::televisit::{StartTelevisitRequest, TelevisitView};
use contract::{Answer, ErrorCode, Failure};
use jiff::Timestamp;
use televisit::VisitState;

use super::{Written, store_visit, visit_of};
use crate::agenda::Facts;
use crate::call::Chosen;
use crate::core::{Core, blocking};
use crate::failure::OrFail;

impl Core {
    /// `televisit_start`. A second click finds the call going on; after a restart it is taken up again.
    pub async fn televisit_start(&self, request: StartTelevisitRequest) -> Answer<TelevisitView> {
        let desk = self.desk()?;
        let id = TelevisitId::from(request.televisit_id);
        desk.allow(desk.role().holds_televisits(), id.as_str())?;
        let mut slot = self.inner.call.lock().await;
        match slot.as_ref() {
            Some(call) if call.televisit() == &id => {
                drop(slot);
                return self.televisit_view(&desk, id).await;
            }
            Some(_) => return Err(Failure::new(ErrorCode::BadRequest, "call/another")),
            None => {}
        }
        self.call_preview_stop();
        let worker = desk.clone();
        let whom = id.clone();
        let (visit, fresh, phone) = blocking(move || {
            let facts = Facts::load(&worker, &whom)?;
            let mut visit = visit_of(&worker, &facts)?;
            let fresh = !matches!(visit.state, VisitState::InCall { .. });
            if fresh {
                visit.start(Timestamp::now()).or_fail()?;
            }
            let phone = facts
                .entry
                .patient
                .as_ref()
                .and_then(|patient| patient.phone.clone());
            Ok((visit, fresh, phone))
        })
        .await?;
        let chosen = Chosen {
            camera: request.camera,
            microphone: request.microphone,
        };
        let call = self.begin_call(&desk, visit.clone(), chosen, phone).await?;
        let worker = desk.clone();
        let written = fresh.then(|| Written::only(AuditAction::CallStarted));
        blocking(move || store_visit(&worker, &visit, written)).await?;
        *slot = Some(call);
        drop(slot);
        self.lock(&self.inner.session).call_started();
        self.changed(&[contract::events::Tag::Agenda]);
        self.televisit_view(&desk, id).await
    }
}
