//! Camera, microphone and the peer connection of a call.
//!
//! A televisit is a conversation between this program and the browser of a citizen. The picture, the sound and the chat
//! travel over WebRTC, and this crate is the workstation's end of it: it opens the devices, encodes and decodes,
//! keeps the connection up and hands decoded pictures to the window. Why the call lives in Rust and not in the system
//! webview is told in `src-tauri/decisions/0005-calls-in-rust.md`.
//!
//! What is not here: the WebSocket of the signalling (crate `region`), the rules of a televisit (crate `televisit`), the
//! drawing of pictures (the window). Nothing here writes a picture or a sound anywhere: there is no recording path,
//! and the only file that is ever read is the WAV of the synthetic microphone.
//!
//! Start with [`devices`] and [`call::Call::start`].

pub mod audio;
pub mod call;
pub mod channel;
pub mod check;
mod codec;
pub mod device;
mod dtls_guard;
pub mod frame;
pub mod preview;
pub mod signalling;
pub mod sink;
pub mod stamp;
pub mod video;
pub mod wire;

pub use call::{Call, CallConfig, CallEngine, CallError, CallEvent, CallHandle};
pub use device::{Device, DeviceId, DeviceKind, Devices, devices};
pub use frame::{I420Frame, VideoSize};
pub use sink::{FrameSink, Screen};
