//! Camera, microphone and the peer connection of a call.
