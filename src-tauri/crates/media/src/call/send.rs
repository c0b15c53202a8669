//! What leaves on a link: encoded pictures and sound become packets.
//!
//! There is no pacer: a picture's packets leave at once, and sound never waits behind them. What is not here: encoding.

use crate::codec::vp8::Encoded;
use bytes::Bytes;
use rtc::rtp::codec::vp8::Vp8Payloader;
use rtc::rtp::packetizer::Payloader;
use std::sync::Arc;
use webrtc::error::Error;
use webrtc::media_stream::track_local::TrackLocal;
use webrtc::media_stream::track_local::static_rtp::TrackLocalStaticRTP;

/// Payload of one RTP packet: the smallest common MTU (1280) less IP, UDP, TURN, SRTP and RTP headers.
const PAYLOAD: usize = 1_120;

/// A number that nobody can guess.
pub(super) fn random() -> u32 {
    uuid::Uuid::new_v4().as_u128() as u32
}

/// The sending half of a link.
pub(super) struct Outgoing {
    video: Arc<TrackLocalStaticRTP>,
    audio: Arc<TrackLocalStaticRTP>,
    payload_types: (u8, u8),
    ssrcs: (u32, u32),
    state: tokio::sync::Mutex<OutgoingState>,
}

struct OutgoingState {
    payloader: Vp8Payloader,
    sequences: (u16, u16),
    audio_time: u32,
    video_offset: u32,
}

impl Outgoing {
    /// Each stream begins at numbers that nobody can guess (RFC 3550, 5.1).
    pub(super) fn new(
        video: Arc<TrackLocalStaticRTP>,
        audio: Arc<TrackLocalStaticRTP>,
        payload_types: (u8, u8),
        ssrcs: (u32, u32),
    ) -> Self {
        let mut payloader = Vp8Payloader::default();
        payloader.enable_picture_id = true;
        Self {
            video,
            audio,
            payload_types,
            ssrcs,
            state: tokio::sync::Mutex::new(OutgoingState {
                payloader,
                sequences: (random() as u16, random() as u16),
                audio_time: random(),
                video_offset: random(),
            }),
        }
    }

    /// Sends one picture; gives the bytes.
    pub(super) async fn picture(&self, picture: &Encoded) -> Result<u64, Error> {
        let mut state = self.state.lock().await;
        let time = ((picture.pts.as_micros() as u64) * 9 / 100) as u32;
        let timestamp = state.video_offset.wrapping_add(time);
        let pieces = state.payloader.payload(PAYLOAD, &picture.data)?;
        let (mut bytes, last) = (0, pieces.len().saturating_sub(1));
        for (n, payload) in pieces.into_iter().enumerate() {
            bytes += payload.len() as u64 + 12;
            let mut packet = rtc::rtp::Packet::default();
            packet.header.version = 2;
            packet.header.marker = n == last;
            packet.header.payload_type = self.payload_types.0;
            packet.header.sequence_number = state.sequences.0;
            packet.header.timestamp = timestamp;
            packet.header.ssrc = self.ssrcs.0;
            packet.payload = payload;
            state.sequences.0 = state.sequences.0.wrapping_add(1);
            self.video.write_rtp(packet).await?;
        }
        Ok(bytes)
    }

    /// Sends 20 ms of sound; gives the bytes.
    pub(super) async fn speech(&self, payload: Bytes) -> Result<u64, Error> {
        let mut state = self.state.lock().await;
        let bytes = payload.len() as u64 + 12;
        let mut packet = rtc::rtp::Packet::default();
        packet.header.version = 2;
        packet.header.payload_type = self.payload_types.1;
        packet.header.sequence_number = state.sequences.1;
        packet.header.timestamp = state.audio_time;
        packet.header.ssrc = self.ssrcs.1;
        packet.payload = payload;
        state.sequences.1 = state.sequences.1.wrapping_add(1);
        state.audio_time = state.audio_time.wrapping_add(crate::audio::FRAME as u32);
        self.audio.write_rtp(packet).await?;
        Ok(bytes)
    }
}
