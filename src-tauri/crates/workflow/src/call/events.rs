//! Listening to a call: what happens in it goes into the visit's record and to the window.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use contract::call::{CallPhase, CallView, ChatLineView, LinkQuality};
use contract::events::Tag;
use jiff::Timestamp;
use media::CallEvent;
use media::call::{CallStats, EndedBy, LinkQuality as MediaQuality};
use media::signalling::{PeerState, Role};
use televisit::LinkSample;
use tokio::sync::mpsc;

use super::{CallRecord, current_view};
use crate::core::Core;
use crate::desk::Desk;
use crate::host::Event;
use crate::televisit::store_visit;

/// The record is stored at every event, and between events this often (samples of the link, one a second).
const STORE_EVERY: u32 = 10;

impl Core {
    pub(super) async fn listen(
        &self,
        mut events: mpsc::Receiver<CallEvent>,
        shared: Arc<Mutex<CallRecord>>,
        desk: Weak<Desk>,
    ) {
        let mut samples = 0_u32;
        while let Some(event) = events.recv().await {
            let now = Timestamp::now();
            let (view, visit) = {
                let mut record = shared.lock().unwrap_or_else(PoisonError::into_inner);
                let store = self.note(&mut record, &event, now, &mut samples);
                (
                    current_view(&mut record, now),
                    store.then(|| record.visit.clone()),
                )
            };
            if let (Some(visit), Some(desk)) = (visit, desk.upgrade()) {
                let stored = tokio::task::spawn_blocking(move || store_visit(&desk, &visit, None)).await;
                if !matches!(stored, Ok(Ok(()))) {
                    tracing::warn!("the visit's record was not stored");
                }
                self.changed(&[Tag::Agenda]);
            }
            self.tell(Event::Call(view));
            if let CallEvent::Ended {
                by: EndedBy::Them, ..
            } = event
            {
                // The region closed the room: what remains is the outcome.
                let core = self.clone();
                let id = shared
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .visit
                    .id
                    .clone();
                tokio::spawn(async move {
                    core.hang_up_if(&id, media::signalling::ByeReason::Ended).await;
                });
                return;
            }
        }
    }

    /// Writes an event into the record; true when it is to be stored now.
    fn note(&self, record: &mut CallRecord, event: &CallEvent, now: Timestamp, samples: &mut u32) -> bool {
        // A refusal of the machine means that the visit moved on meanwhile, which the next view shows.
        match event {
            CallEvent::Connecting => record.view.phase = CallPhase::Connecting,
            CallEvent::Connected { first_picture_ms } => {
                let _ = record.visit.link_up(now);
                record.first_picture_ms = record.first_picture_ms.or(first_picture_ms.map(|ms| ms as f64));
                connected(record);
                return true;
            }
            CallEvent::Resumed { .. } => {
                let _ = record.visit.link_up(now);
                connected(record);
                return true;
            }
            CallEvent::Interrupted { .. } => {
                let _ = record.visit.link_down(now);
                return true;
            }
            CallEvent::Presence {
                role: Role::Patient,
                state,
            } => {
                record.view.patient_present = *state == PeerState::Joined;
            }
            CallEvent::Presence {
                role: Role::Caregiver,
                state,
            } => {
                return match state {
                    PeerState::Joined => record.visit.caregiver_joined(now),
                    PeerState::Left => record.visit.caregiver_left(now),
                };
            }
            CallEvent::Presence { .. } => {}
            CallEvent::RemoteState { audio, video } => {
                record.view.remote_audio = *audio;
                record.view.remote_video = *video;
            }
            CallEvent::Chat { id, text, .. } => {
                record.chat_received = record.chat_received.saturating_add(1);
                record.view.chat.push(ChatLineView {
                    id: id.to_string(),
                    at: now.to_string(),
                    mine: false,
                    text: text.clone(),
                    received: true,
                });
            }
            CallEvent::ChatReceived { id } => {
                let id = id.to_string();
                if let Some(line) = record.view.chat.iter_mut().find(|line| line.id == id) {
                    line.received = true;
                }
            }
            CallEvent::CameraFailed(_) => record.view.camera_on = false,
            CallEvent::SoundFailed(_) => record.view.microphone_on = false,
            CallEvent::Stats(stats) => {
                record.view.quality = quality(stats.quality);
                record.view.level_dbfs = Some(f64::from(stats.microphone_dbfs));
                let _ = record.visit.sample(&sample(stats));
                *samples = samples.wrapping_add(1);
                return samples.is_multiple_of(STORE_EVERY);
            }
            CallEvent::Ended { .. } => record.view.phase = CallPhase::Ended,
        }
        false
    }
}

fn connected(record: &mut CallRecord) {
    record.view.phase = CallPhase::Connected;
    record.view.started_at = record
        .visit
        .call()
        .and_then(|call| call.connected_at)
        .map(|at| at.to_string());
    record.view.quality = LinkQuality::Good;
}

fn quality(quality: MediaQuality) -> LinkQuality {
    match quality {
        MediaQuality::Good => LinkQuality::Good,
        MediaQuality::Fair => LinkQuality::Fair,
        MediaQuality::Poor => LinkQuality::Poor,
        MediaQuality::Lost => LinkQuality::Lost,
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // bounded by what a link can carry
fn sample(stats: &CallStats) -> LinkSample {
    LinkSample {
        round_trip_ms: stats.round_trip_ms.unwrap_or(0),
        loss_permille: (stats.loss_received_percent * 10.0).clamp(0.0, 1000.0) as u16,
        jitter_ms: 0,
        received_kbps: u32::try_from(stats.received_bps / 1000).unwrap_or(u32::MAX),
        frames_per_second: stats.fps_received.clamp(0.0, 240.0) as u16,
    }
}

/// Nothing of a call is left on the screen.
pub(super) fn no_view() -> CallView {
    CallView {
        televisit_id: None,
        phase: CallPhase::Ended,
        started_at: None,
        quality: LinkQuality::Lost,
        microphone_on: false,
        camera_on: false,
        synthetic: false,
        remote_audio: false,
        remote_video: false,
        patient_present: false,
        level_dbfs: None,
        chat: Vec::new(),
        image_acquired_at: None,
        phone: None,
    }
}
