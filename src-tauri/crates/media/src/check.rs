//! *Verifica postazione*, the part of the call: measures the camera, the microphone and the relay. Never a constant.
//!
//! Each check opens the real thing, for a bounded time, and says what it saw. What is not here: the region and the clock (crate
//! `region`), and the sentences on screen.

use crate::audio::{AudioError, AudioIo, FRAME, SILENCE, level_dbfs};
use crate::call::engine::ice_server;
use crate::frame::VideoSize;
use crate::signalling::IceServer;
use crate::video::{VideoError, VideoSource};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use webrtc::peer_connection::{
    PeerConnection, PeerConnectionBuilder, PeerConnectionEventHandler, RTCConfigurationBuilder,
    RTCIceCandidateType, RTCIceGatheringState, RTCIceTransportPolicy, RTCPeerConnectionIceErrorEvent,
    RTCPeerConnectionIceEvent,
};

/// How long a device is watched.
const WATCH: Duration = Duration::from_secs(1);

/// What a camera gave.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CameraCheck {
    /// Width of its pictures.
    pub width: u32,
    /// Height of its pictures.
    pub height: u32,
    /// Pictures a second over one second.
    pub fps: f32,
    /// From opening to the first picture.
    pub first_picture: Duration,
}

/// What a microphone gave.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MicrophoneCheck {
    /// The loudest 100 ms of the stretch, in dBFS.
    pub level_dbfs: f32,
    /// It gave nothing but digital silence.
    pub silent: bool,
}

/// What a relay gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelayCheck {
    /// The relayed address was granted after this time (STUN binding and TURN Allocate, RFC 8656).
    pub granted_after: Duration,
}

/// Why a relay cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RelayError {
    /// No relay was given.
    #[error("no relay was given")]
    None,
    /// It did not answer in time.
    #[error("the relay did not answer")]
    Unreachable,
    /// It answered and refused, or its name is unknown.
    #[error("the relay refused")]
    Refused,
    /// This program could not open a socket.
    #[error("no network socket")]
    Network,
}

/// Opens the camera for about a second. Blocks: call it off the window's thread.
pub fn camera(video: &dyn VideoSource) -> Result<CameraCheck, VideoError> {
    let opened = Instant::now();
    let mut stream = video.open(VideoSize::default())?;
    let first = stream.next()?;
    let (first_picture, counted) = (opened.elapsed(), Instant::now());
    let mut pictures = 0u32;
    while counted.elapsed() < WATCH {
        stream.next()?;
        pictures += 1;
    }
    Ok(CameraCheck {
        width: first.width(),
        height: first.height(),
        fps: pictures as f32 / counted.elapsed().as_secs_f32(),
        first_picture,
    })
}

/// Opens the microphone for about a second. Blocks: call it off the window's thread.
pub fn microphone(audio: &dyn AudioIo) -> Result<MicrophoneCheck, AudioError> {
    let mut stream = audio.open()?;
    let opened = Instant::now();
    let mut frame = [0; FRAME];
    let mut stretch: Vec<i16> = Vec::new();
    let (mut loudest, mut frames, mut silent) = (SILENCE, 0u32, true);
    while opened.elapsed() < WATCH {
        if !stream.capture(&mut frame)? {
            std::thread::sleep(Duration::from_millis(5));
            continue;
        }
        frames += 1;
        silent &= frame.iter().all(|&sample| sample == 0);
        stretch.extend_from_slice(&frame);
        if stretch.len() >= FRAME * 5 {
            loudest = loudest.max(level_dbfs(&stretch));
            stretch.clear();
        }
    }
    if frames == 0 {
        // Open, and without a single sample: as good as not there.
        return Err(AudioError::Stopped);
    }
    Ok(MicrophoneCheck {
        level_dbfs: loudest,
        silent,
    })
}

/// What gathering tells.
enum Gathered {
    Relay,
    Refused,
    Complete,
}

struct Ears(mpsc::UnboundedSender<Gathered>);

#[async_trait::async_trait]
impl PeerConnectionEventHandler for Ears {
    async fn on_ice_candidate(&self, event: RTCPeerConnectionIceEvent) {
        if event.candidate.typ == RTCIceCandidateType::Relay {
            let _ = self.0.send(Gathered::Relay);
        }
    }

    async fn on_ice_candidate_error(&self, _: RTCPeerConnectionIceErrorEvent) {
        let _ = self.0.send(Gathered::Refused);
    }

    async fn on_ice_gathering_state_change(&self, state: RTCIceGatheringState) {
        if state == RTCIceGatheringState::Complete {
            let _ = self.0.send(Gathered::Complete);
        }
    }
}

/// Asks the relay for an address, within `limit`. `loopback` lets a relay on this computer be tried.
pub async fn relay(servers: &[IceServer], limit: Duration, loopback: bool) -> Result<RelayCheck, RelayError> {
    let is_relay = |url: &String| url.starts_with("turn:") || url.starts_with("turns:");
    if !servers.iter().flat_map(|server| &server.urls).any(is_relay) {
        return Err(RelayError::None);
    }
    let (tell, mut told) = mpsc::unbounded_channel();
    let configuration = RTCConfigurationBuilder::default()
        .with_ice_servers(servers.iter().map(ice_server).collect())
        .with_ice_transport_policy(RTCIceTransportPolicy::Relay)
        .build();
    let address = if loopback { "127.0.0.1:0" } else { "0.0.0.0:0" };
    let peer = PeerConnectionBuilder::new()
        .with_configuration(configuration)
        .with_handler(Arc::new(Ears(tell)))
        .with_udp_addrs(vec![address])
        .build()
        .await
        .map_err(|_| RelayError::Network)?;
    let started = Instant::now();
    let asked = async {
        // A channel gives the offer its one section, without which nothing is gathered.
        let _channel = peer.create_data_channel("verifica", None).await?;
        let offer = peer.create_offer(None).await?;
        peer.set_local_description(offer).await
    };
    let result = match asked.await {
        Err(_) => Err(RelayError::Refused),
        Ok(()) => {
            let mut refused = false;
            let answer = tokio::time::timeout(limit, async {
                loop {
                    match told.recv().await {
                        Some(Gathered::Relay) => return Ok(()),
                        Some(Gathered::Refused) => refused = true,
                        Some(Gathered::Complete) if refused => return Err(RelayError::Refused),
                        Some(Gathered::Complete) => return Err(RelayError::Unreachable),
                        None => return Err(RelayError::Network),
                    }
                }
            });
            answer.await.unwrap_or(Err(RelayError::Unreachable))
        }
    };
    // The allocation is given back; a refusal of that has nobody to tell.
    let _ = peer.close().await;
    result.map(|()| RelayCheck {
        granted_after: started.elapsed(),
    })
}
