//! What each peer connection is made of: codecs, feedback, interceptors.
//!
//! What is not here: the connection itself.

use super::keyframes::KeyframeRequests;
use super::rate::Estimate;
use super::shared::Shared;
use crate::signalling::IceServer;
use rtc::interceptor::{
    CongestionControlBuilder, NackGeneratorBuilder, NackResponderBuilder, Registry, Slot,
};
use rtc::media_stream::MediaStreamTrack;
use rtc::peer_connection::configuration::interceptor_registry::{configure_rtcp_reports, configure_twcc};
use rtc::peer_connection::configuration::media_engine::{MIME_TYPE_OPUS, MIME_TYPE_VP8, MediaEngine};
use rtc::rtp_transceiver::rtp_sender::{
    RTCPFeedback, RTCRtpCodec, RTCRtpCodecParameters, RTCRtpCodingParameters, RTCRtpEncodingParameters,
    RtpCodecKind,
};
use std::sync::Arc;
use std::time::Duration;
use webrtc::error::Error;
use webrtc::media_stream::track_local::static_rtp::TrackLocalStaticRTP;
use webrtc::peer_connection::RTCIceServer;

/// A relay, as the crate names it.
pub(crate) fn ice_server(server: &IceServer) -> RTCIceServer {
    RTCIceServer {
        urls: server.urls.clone(),
        username: server.username.clone().unwrap_or_default(),
        credential: server.credential.clone().unwrap_or_default(),
    }
}

/// The picture, with the feedback that both ends understand.
pub(super) fn vp8() -> RTCRtpCodec {
    let feedback = |typ: &str, parameter: &str| RTCPFeedback {
        typ: typ.to_owned(),
        parameter: parameter.to_owned(),
    };
    RTCRtpCodec {
        mime_type: MIME_TYPE_VP8.to_owned(),
        clock_rate: 90_000,
        channels: 0,
        sdp_fmtp_line: String::new(),
        rtcp_feedback: vec![
            feedback("ccm", "fir"),
            feedback("nack", ""),
            feedback("nack", "pli"),
        ],
    }
}

/// The sound.
pub(super) fn opus() -> RTCRtpCodec {
    RTCRtpCodec {
        mime_type: MIME_TYPE_OPUS.to_owned(),
        clock_rate: 48_000,
        channels: 2,
        // RFC 7587: in-band FEC both ways.
        sdp_fmtp_line: "minptime=10;useinbandfec=1".to_owned(),
        rtcp_feedback: Vec::new(),
    }
}

/// Codecs and interceptors of a new connection.
pub(super) fn engine(shared: &Arc<Shared>) -> Result<(MediaEngine, Registry), Error> {
    let mut media = MediaEngine::default();
    for (codec, payload_type, kind) in [
        (vp8(), 96, RtpCodecKind::Video),
        (opus(), 111, RtpCodecKind::Audio),
    ] {
        media.register_codec(
            RTCRtpCodecParameters {
                rtp_codec: codec,
                payload_type,
            },
            kind,
        )?;
    }
    let registry = configure_twcc(Registry::new(), &mut media)?;
    let registry = configure_rtcp_reports(registry)
        .with(Slot::NackResponder, NackResponderBuilder::new().build())
        .with(
            Slot::NackGenerator,
            NackGeneratorBuilder::new()
                .with_interval(Duration::from_millis(30))
                .with_max_nacks_per_packet(8)
                .build(),
        )
        .with(
            Slot::CongestionControl,
            CongestionControlBuilder::new(Estimate::new(shared.clone())).build(),
        )
        .with(Slot::from(14_000), KeyframeRequests::new(shared.clone()));
    Ok((media, registry))
}

/// A track of ours.
pub(super) fn track(kind: RtpCodecKind, ssrc: u32, codec: RTCRtpCodec) -> Arc<TrackLocalStaticRTP> {
    Arc::new(TrackLocalStaticRTP::new(MediaStreamTrack::new(
        "postazione".to_owned(),
        format!("postazione-{kind}"),
        format!("postazione-{kind}"),
        kind,
        vec![RTCRtpEncodingParameters {
            rtp_coding_parameters: RTCRtpCodingParameters {
                ssrc: Some(ssrc),
                ..Default::default()
            },
            codec,
            ..Default::default()
        }],
    )))
}
