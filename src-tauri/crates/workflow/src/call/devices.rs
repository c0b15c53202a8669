//! Cameras and microphones: the list, the choice, the preview with its level.
//!
//! A synthetic device is offered in a training edition only, by its name, and is never chosen for the person.

use std::sync::Arc;
use std::time::Duration;

use contract::call::{CallPhase, CallView, DeviceView, DevicesView, LinkQuality, PreviewRequest};
use contract::{Answer, ErrorCode, Failure};
use media::audio::AudioIo;
use media::video::VideoSource;
use media::{CallError, Device, DeviceId};

use super::Chosen;
use crate::core::{Core, blocking};
use crate::host::Event;

/// A preview that goes on until it is stopped.
pub(crate) struct Preview {
    _devices: Arc<media::preview::Preview>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Preview {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Devices ready to be opened by the engine.
pub(super) struct Opened {
    pub(super) video: Option<Box<dyn VideoSource>>,
    pub(super) audio: Box<dyn AudioIo>,
    pub(super) synthetic: bool,
}

impl Core {
    /// `call_devices`.
    pub async fn call_devices(&self) -> Answer<DevicesView> {
        let training = self.settings().training.is_some();
        blocking(move || {
            let devices = media::devices();
            let view = |list: Vec<Device>| {
                list.into_iter()
                    .filter(|device| training || !device.synthetic)
                    .map(|device| DeviceView {
                        id: device.id.0,
                        name: device.name,
                        synthetic: device.synthetic,
                    })
                    .collect()
            };
            Ok(DevicesView {
                cameras: view(devices.cameras),
                microphones: view(devices.microphones),
            })
        })
        .await
    }

    /// Finds what the person chose. A synthetic microphone goes with the speaker that only measures.
    pub(super) async fn open_devices(&self, chosen: Chosen) -> Result<Opened, Failure> {
        let training = self.settings().training.is_some();
        blocking(move || {
            let camera = match chosen.camera.as_deref() {
                None | Some("") => None,
                Some(id) => {
                    Some(media::device::camera(&DeviceId(id.to_owned())).map_err(|_| camera_missing())?)
                }
            };
            let Some(microphone) = chosen.microphone.filter(|id| !id.is_empty()) else {
                return Err(microphone_missing());
            };
            let synthetic = microphone == DeviceId::TONE;
            let speaker = if synthetic {
                DeviceId(DeviceId::METER.to_owned())
            } else {
                let speakers = media::devices().speakers;
                let real = |device: &&Device| !device.synthetic;
                let preferred = speakers.iter().filter(real).find(|device| device.preferred);
                let speaker = preferred
                    .or_else(|| speakers.iter().find(real))
                    .ok_or_else(microphone_missing)?;
                speaker.id.clone()
            };
            let audio =
                media::device::sound(&DeviceId(microphone), &speaker).map_err(|_| microphone_missing())?;
            let synthetic = synthetic || camera.as_ref().is_some_and(|camera| camera.synthetic());
            if synthetic && !training {
                return Err(camera_missing());
            }
            Ok(Opened {
                video: camera,
                audio,
                synthetic,
            })
        })
        .await
    }

    /// `call_preview_start`.
    pub async fn call_preview_start(&self, request: PreviewRequest) -> Answer<CallView> {
        self.call_preview_stop();
        let chosen = Chosen {
            camera: request.camera,
            microphone: request.microphone,
        };
        let opened = self.open_devices(chosen).await?;
        let camera_on = opened.video.is_some();
        let preview = Arc::new(media::preview::Preview::start(
            opened.video,
            Some(opened.audio),
            self.inner.screen.sink(),
        ));
        let view = CallView {
            televisit_id: None,
            phase: CallPhase::Connecting,
            started_at: None,
            quality: LinkQuality::Good,
            microphone_on: true,
            camera_on,
            synthetic: opened.synthetic,
            remote_audio: false,
            remote_video: false,
            patient_present: false,
            level_dbfs: None,
            chat: Vec::new(),
            image_acquired_at: None,
            phone: None,
        };
        let core = self.clone();
        let watched = Arc::downgrade(&preview);
        let mut told = view.clone();
        let task = tokio::spawn(async move {
            loop {
                tokio::time::sleep(Duration::from_millis(200)).await;
                let Some(preview) = watched.upgrade() else { return };
                let state = preview.state();
                told.level_dbfs = Some(f64::from(state.level_dbfs));
                told.camera_on = camera_on && state.video.is_none();
                told.microphone_on = state.audio.is_none();
                core.tell(Event::Call(told.clone()));
            }
        });
        *self.lock(&self.inner.preview) = Some(Preview {
            _devices: preview,
            task,
        });
        Ok(view)
    }

    /// `call_preview_stop`.
    pub fn call_preview_stop(&self) {
        drop(self.lock(&self.inner.preview).take());
    }
}

fn camera_missing() -> Failure {
    Failure::new(ErrorCode::CameraUnavailable, "device/camera")
}

fn microphone_missing() -> Failure {
    Failure::new(ErrorCode::MicrophoneUnavailable, "device/microphone")
}

pub(super) fn call_failure(error: CallError) -> Failure {
    match error {
        CallError::Video(_) => camera_missing(),
        CallError::Audio(_) => microphone_missing(),
        CallError::Codec => Failure::new(ErrorCode::Internal, "call/codec"),
        CallError::System => Failure::new(ErrorCode::Internal, "call/system"),
        CallError::Ended => super::no_call(),
        CallError::Interrupted => Failure::new(ErrorCode::NoCall, "call/interrupted"),
        CallError::Text => Failure::new(ErrorCode::BadRequest, "call/text").with_field("text"),
        CallError::NoPicture => Failure::new(ErrorCode::NoPictureYet, "call/no-picture"),
    }
}
