//! Keeps the DTLS handshake alive on a lossy network.
use std::sync::Arc;
use webrtc::runtime::{Runtime, default_runtime};

pub(crate) fn runtime() -> Result<Arc<dyn Runtime>, webrtc::error::Error> {
    default_runtime().ok_or_else(|| std::io::Error::other("no async runtime").into())
}
