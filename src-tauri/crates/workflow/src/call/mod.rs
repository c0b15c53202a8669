//! The call as the use cases see it: the engine of `media`, the signalling of `region`, the living visit, the chat.
//!
//! Nothing of a call is written anywhere but the visit's record (times, quality, outcome) and the one picture taken with
//! consent. The chat lives in memory and ends with the call. Not in it: pictures and sound (`media`), rules (`televisit`).

mod controls;
mod devices;
mod events;
mod picture;
mod screen;
mod signalling;

pub(crate) use picture::taken;
pub(crate) use signalling::relays;

use std::sync::{Arc, Mutex, PoisonError};

use clinical::{Sensitive, TelevisitId};
use contract::call::{CallPhase, CallView, ChatLineView, LinkQuality};
use contract::{ErrorCode, Failure};
use jiff::Timestamp;
use media::{CallConfig, CallHandle, VideoSize};
use televisit::Visit;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::awake::StayAwake;
use crate::core::Core;
use crate::desk::Desk;
use crate::failure::OrFail;

pub(crate) use devices::Preview;
pub use screen::Screen;

/// The devices that the person chose.
pub(crate) struct Chosen {
    pub(crate) camera: Option<String>,
    pub(crate) microphone: Option<String>,
}

/// A call that goes on.
pub(crate) struct ActiveCall {
    handle: CallHandle,
    shared: Arc<Mutex<CallRecord>>,
    televisit: TelevisitId,
    tasks: Vec<JoinHandle<()>>,
    _awake: StayAwake,
}

/// What is known of the call, shared with the task that listens to it.
pub(crate) struct CallRecord {
    visit: Visit,
    view: CallView,
    chat_received: u32,
    first_picture_ms: Option<f64>,
    began: Timestamp,
}

impl ActiveCall {
    pub(crate) fn televisit(&self) -> &TelevisitId {
        &self.televisit
    }

    pub(crate) fn visit(&self) -> Visit {
        self.record().visit.clone()
    }

    pub(crate) fn set_visit(&mut self, visit: Visit) {
        self.record().visit = visit;
    }

    fn record(&self) -> std::sync::MutexGuard<'_, CallRecord> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The call as the window shows it now.
    fn view(&self) -> CallView {
        current_view(&mut self.record(), Timestamp::now())
    }
}

/// Brings the phase up to this moment: the offers of an interruption depend on how long it lasts.
fn current_view(record: &mut CallRecord, now: Timestamp) -> CallView {
    if let Some(call) = record.visit.call()
        && let Some(broken) = call.without_link(now)
        && let televisit::CallLink::Interrupted { since } = call.link
    {
        record.view.phase = CallPhase::Interrupted {
            since: since.to_string(),
            offer_phone: broken.offer_phone,
            ask_outcome: broken.ask_outcome,
        };
        record.view.quality = LinkQuality::Lost;
    }
    record.view.clone()
}

impl Core {
    /// Puts a call together. The visit is in its call already; nothing is stored here.
    pub(crate) async fn begin_call(
        &self,
        desk: &Arc<Desk>,
        visit: Visit,
        chosen: Chosen,
        phone: Option<Sensitive<String>>,
    ) -> Result<ActiveCall, Failure> {
        let devices = self.open_devices(chosen).await?;
        let relays = self.inner.region.ice_servers().await.or_fail()?;
        let signalling = signalling::join(&self.inner.region, &visit.id)?;
        let loopback = self
            .settings()
            .training
            .as_ref()
            .is_some_and(|training| training.loopback_calls);
        let (events_in, events) = mpsc::channel(64);
        let synthetic = devices.synthetic;
        let camera_on = devices.video.is_some();
        let handle = media::Call::start(
            CallConfig {
                ice_servers: signalling::relays(&relays),
                video: devices.video,
                audio: devices.audio,
                size: VideoSize::P360,
                sink: self.inner.screen.sink(),
                loopback,
            },
            signalling.incoming,
            signalling.outgoing,
            events_in,
        )
        .map_err(devices::call_failure)?;
        let televisit = visit.id.clone();
        let view = CallView {
            televisit_id: Some(televisit.to_string()),
            phase: CallPhase::Connecting,
            started_at: visit
                .call()
                .and_then(|call| call.connected_at)
                .map(|at| at.to_string()),
            quality: LinkQuality::Good,
            microphone_on: true,
            camera_on,
            synthetic,
            remote_audio: true,
            remote_video: true,
            patient_present: visit.present_since.is_some(),
            level_dbfs: None,
            chat: Vec::<ChatLineView>::new(),
            image_acquired_at: None,
            phone: phone.map(Sensitive::into_inner),
        };
        let shared = Arc::new(Mutex::new(CallRecord {
            visit,
            view,
            chat_received: 0,
            first_picture_ms: None,
            began: Timestamp::now(),
        }));
        let mut tasks = signalling.tasks;
        let core = self.clone();
        let (record, desk) = (shared.clone(), Arc::downgrade(desk));
        tasks.push(tokio::spawn(
            async move { core.listen(events, record, desk).await },
        ));
        Ok(ActiveCall {
            handle,
            shared,
            televisit,
            tasks,
            _awake: self.stay_awake(),
        })
    }

    /// Ends the call of a televisit, when it is the one going on.
    pub(crate) async fn hang_up_if(&self, id: &TelevisitId, reason: media::signalling::ByeReason) {
        let call = {
            let mut slot = self.inner.call.lock().await;
            if slot.as_ref().is_none_or(|call| call.televisit() != id) {
                return;
            }
            slot.take()
        };
        if let Some(call) = call {
            self.finish_call(call, reason).await;
        }
    }

    pub(crate) async fn end_call_on_leaving(&self) {
        let call = self.inner.call.lock().await.take();
        if let Some(call) = call {
            self.finish_call(call, media::signalling::ByeReason::Interrupted)
                .await;
        }
    }

    async fn finish_call(&self, call: ActiveCall, reason: media::signalling::ByeReason) {
        let mut view = call.view();
        call.handle.hang_up(reason).await;
        for task in call.tasks {
            task.abort();
        }
        self.inner.screen.clear();
        self.lock(&self.inner.session).call_ended(Timestamp::now());
        view.phase = CallPhase::Ended;
        self.tell(crate::host::Event::Call(view));
        self.changed(&[contract::events::Tag::Agenda]);
        self.close_behind_lock();
    }
}

fn no_call() -> Failure {
    Failure::new(ErrorCode::NoCall, "call/none")
}
