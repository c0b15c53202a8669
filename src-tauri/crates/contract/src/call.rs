//! The call: devices, pictures, sound, chat.
//!
//! Pictures come through a binary channel (`call_frames`); their wire form is described in
//! `media::frame`. The window acknowledges what it drew with `call_frames_drawn`.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A camera, microphone or speaker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct DeviceView {
    /// Identifier.
    pub id: String,
    /// Name.
    pub name: String,
    /// Made by the program, for training: said on screen, never chosen silently.
    pub synthetic: bool,
}

/// `call_devices`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct DevicesView {
    /// Cameras.
    pub cameras: Vec<DeviceView>,
    /// Microphones.
    pub microphones: Vec<DeviceView>,
}

/// `call_preview_start`: pictures come on `call_frames`, the level by event.
#[derive(Clone, Debug, Deserialize, Serialize, TS)]
#[ts(export)]
pub struct PreviewRequest {
    /// Camera.
    pub camera: Option<String>,
    /// Microphone.
    pub microphone: Option<String>,
}

/// The link of the call in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum LinkQuality {
    /// Buono, three bars.
    Good,
    /// Discreto, two bars.
    Fair,
    /// Scarso, one bar.
    Poor,
    /// Interrotto.
    Lost,
}

/// Where the call stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "phase", rename_all = "snake_case")]
#[ts(export)]
pub enum CallPhase {
    /// Waits for the patient's page.
    Connecting,
    /// Sound and picture flow.
    Connected,
    /// *Collegamento interrotto - video sospeso*.
    Interrupted {
        /// Since when.
        since: String,
        /// *Chiama al telefono* is offered (from 30 s).
        offer_phone: bool,
        /// The outcome is asked (from 90 s); reconnection goes on.
        ask_outcome: bool,
    },
    /// Over; the outcome may still be asked.
    Ended,
}

/// A line of chat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ChatLineView {
    /// Identifier.
    pub id: String,
    /// When.
    pub at: String,
    /// Written here.
    pub mine: bool,
    /// Text.
    pub text: String,
    /// The other end has it.
    pub received: bool,
}

/// `call_state` and the event `call`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct CallView {
    /// The televisit; none during a preview.
    pub televisit_id: Option<String>,
    /// Phase.
    pub phase: CallPhase,
    /// Picture and sound began.
    pub started_at: Option<String>,
    /// Quality.
    pub quality: LinkQuality,
    /// Our microphone sends.
    pub microphone_on: bool,
    /// Our camera sends.
    pub camera_on: bool,
    /// Our camera or microphone is synthetic.
    pub synthetic: bool,
    /// The patient's microphone sends.
    pub remote_audio: bool,
    /// The patient's camera sends.
    pub remote_video: bool,
    /// The patient is connected to the room.
    pub patient_present: bool,
    /// Level of our microphone, dBFS.
    pub level_dbfs: Option<f64>,
    /// Chat, oldest first.
    pub chat: Vec<ChatLineView>,
    /// A picture was acquired.
    pub image_acquired_at: Option<String>,
    /// Telephone at hand.
    pub phone: Option<String>,
}

/// `call_counters`: what this end counted, for the technical record and the demonstration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct CallCountersView {
    /// Seconds of call.
    pub seconds: f64,
    /// Pictures encoded and sent.
    pub video_sent: u32,
    /// Pictures received whole.
    pub video_received: u32,
    /// Pictures decoded.
    pub video_decoded: u32,
    /// Sound packets sent.
    pub audio_packets_sent: u32,
    /// Sound packets received.
    pub audio_packets_received: u32,
    /// Level of the sound received, dBFS.
    pub audio_level_dbfs: f64,
    /// From the admission to the first picture, milliseconds.
    pub first_picture_ms: Option<f64>,
    /// Lines of chat received.
    pub chat_received: u32,
}

/// `call_microphone`, `call_camera`.
#[derive(Clone, Debug, Deserialize, Serialize, TS)]
#[ts(export)]
pub struct SwitchRequest {
    /// On or off.
    pub on: bool,
}

/// `call_chat`.
#[derive(Clone, Debug, Deserialize, Serialize, TS)]
#[ts(export)]
pub struct ChatRequest {
    /// Text, at most 4,000 characters.
    pub text: String,
}

/// `call_frames_drawn`.
#[derive(Clone, Debug, Deserialize, Serialize, TS)]
#[ts(export)]
pub struct FramesDrawnRequest {
    /// Sequence number of the last picture of the patient that was drawn.
    pub remote: u32,
    /// Of our own.
    pub own: u32,
}

/// `call_capture_image`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ImageView {
    /// When it was taken.
    pub at: String,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}
