//! What the clinician does during a call: microphone, camera, chat, hang up; and what the window asks of it.

use cache::AuditAction;
use contract::call::{
    CallCountersView, CallView, ChatLineView, ChatRequest, FramesDrawnRequest, SwitchRequest,
};
use contract::{Answer, Failure};
use jiff::Timestamp;
use media::signalling::ByeReason;

use super::{ActiveCall, devices, events, no_call};
use crate::core::{Core, blocking};
use crate::failure::OrFail;
use crate::host::Event;
use crate::televisit::{Written, store_visit};

impl Core {
    /// `call_frames`: attaches the window's channel of pictures.
    pub fn call_frames(&self, deliver: Box<dyn Fn(Vec<u8>) + Send + Sync>) {
        self.inner.screen.attach(deliver);
    }

    /// `call_frames_drawn`.
    pub fn call_frames_drawn(&self, request: &FramesDrawnRequest) {
        self.inner.screen.drawn(request.remote, request.own);
    }

    /// `call_state`.
    pub async fn call_state(&self) -> CallView {
        match &*self.inner.call.lock().await {
            Some(call) => call.view(),
            None => events::no_view(),
        }
    }

    /// `call_microphone`.
    pub async fn call_microphone(&self, request: SwitchRequest) -> Answer<CallView> {
        self.with_call(|call| {
            call.handle.set_microphone(request.on);
            call.record().view.microphone_on = request.on;
        })
        .await
    }

    /// `call_camera`.
    pub async fn call_camera(&self, request: SwitchRequest) -> Answer<CallView> {
        self.with_call(|call| {
            call.handle.set_camera(request.on);
            call.record().view.camera_on = request.on;
        })
        .await
    }

    async fn with_call(&self, act: impl FnOnce(&ActiveCall)) -> Answer<CallView> {
        self.desk()?;
        let slot = self.inner.call.lock().await;
        let call = slot.as_ref().ok_or_else(no_call)?;
        act(call);
        let view = call.view();
        self.tell(Event::Call(view.clone()));
        Ok(view)
    }

    /// `call_chat`.
    pub async fn call_chat(&self, request: ChatRequest) -> Answer<CallView> {
        self.desk()?;
        let slot = self.inner.call.lock().await;
        let call = slot.as_ref().ok_or_else(no_call)?;
        let id = call
            .handle
            .chat(&request.text)
            .await
            .map_err(devices::call_failure)?;
        let line = ChatLineView {
            id: id.to_string(),
            at: Timestamp::now().to_string(),
            mine: true,
            text: request.text,
            received: false,
        };
        call.record().view.chat.push(line);
        let view = call.view();
        self.tell(Event::Call(view.clone()));
        Ok(view)
    }

    /// `call_hang_up`: *Termina*. The outcome is asked next. A second click finds no call and changes nothing.
    pub async fn call_hang_up(&self) -> Answer<CallView> {
        let desk = self.desk()?;
        let Some(call) = self.inner.call.lock().await.take() else {
            return Ok(events::no_view());
        };
        let mut visit = call.visit();
        let mut view = call.view();
        self.finish_call(call, ByeReason::Ended).await;
        blocking(move || -> Result<(), Failure> {
            visit.end_call(Timestamp::now()).or_fail()?;
            store_visit(&desk, &visit, Some(Written::only(AuditAction::CallEnded)))
        })
        .await?;
        view.phase = contract::call::CallPhase::Ended;
        self.changed(&[contract::events::Tag::Agenda]);
        Ok(view)
    }

    /// `call_counters`.
    pub async fn call_counters(&self) -> Answer<CallCountersView> {
        let slot = self.inner.call.lock().await;
        let call = slot.as_ref().ok_or_else(no_call)?;
        let stats = call.handle.stats();
        let record = call.record();
        let small = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
        let since = record
            .visit
            .call()
            .and_then(|call| call.connected_at)
            .unwrap_or(record.began);
        Ok(CallCountersView {
            seconds: Timestamp::now().duration_since(since).as_secs_f64(),
            video_sent: small(stats.count.video_sent),
            video_received: small(stats.count.video_received),
            video_decoded: small(stats.count.video_decoded),
            audio_packets_sent: small(stats.count.audio_packets_sent),
            audio_packets_received: small(stats.count.audio_packets_received),
            audio_level_dbfs: f64::from(stats.remote_dbfs),
            first_picture_ms: record.first_picture_ms,
            chat_received: record.chat_received,
        })
    }
}
