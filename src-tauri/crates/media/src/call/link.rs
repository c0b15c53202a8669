//! One peer connection: made from an offer, thrown away when it fails.
//!
//! A call makes as many links as the network demands; each has its own sockets, its own DTLS guard and its own number, so that news of a
//! dead one is told apart. What is not here: when to make one (see `session`), and the codecs.

use super::assembly::{Assembly, DEADLINE};
use super::keyframes::KeyframeRequests;
use super::rate::Estimate;
use super::shared::Shared;
use super::workers::{ToDecode, ToPlay};
use crate::codec::vp8::Encoded;
use crate::signalling::{Candidate, Description, DescriptionKind, IceServer};
use crate::{channel, dtls_guard};
use bytes::Bytes;
use rtc::interceptor::{CongestionControlBuilder, NackGeneratorBuilder, NackResponderBuilder, Registry, Slot};
use rtc::media_stream::MediaStreamTrack;
use rtc::peer_connection::configuration::interceptor_registry::{configure_rtcp_reports, configure_twcc};
use rtc::peer_connection::configuration::media_engine::{MIME_TYPE_OPUS, MIME_TYPE_VP8, MediaEngine};
use rtc::peer_connection::configuration::setting_engine::SettingEngineBuilder;
use rtc::peer_connection::transport::RTCDtlsRole;
use rtc::rtcp::payload_feedbacks::picture_loss_indication::PictureLossIndication;
use rtc::rtp::codec::vp8::Vp8Payloader;
use rtc::rtp::packetizer::Payloader;
use rtc::rtp_transceiver::rtp_sender::{
    RTCPFeedback, RTCRtpCodec, RTCRtpCodecParameters, RTCRtpCodingParameters, RTCRtpEncodingParameters, RtpCodecKind,
};
use std::sync::atomic::Ordering;
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use webrtc::data_channel::{DataChannel, DataChannelEvent, RTCDataChannelState};
use webrtc::error::Error;
use webrtc::media_stream::track_local::TrackLocal;
use webrtc::media_stream::track_local::static_rtp::TrackLocalStaticRTP;
use webrtc::media_stream::track_remote::{TrackRemote, TrackRemoteEvent};
use webrtc::peer_connection::{
    PeerConnection, PeerConnectionBuilder, PeerConnectionEventHandler, RTCConfigurationBuilder, RTCIceCandidateInit,
    RTCIceConnectionState, RTCIceServer, RTCPeerConnectionIceEvent, RTCPeerConnectionState, RTCSessionDescription,
    StatsSelector,
};
use webrtc::rtp_transceiver::RtpSender;

/// Payload of one RTP packet: the smallest common MTU (1280) less IP, UDP, TURN, SRTP and RTP headers.
const PAYLOAD: usize = 1_120;

/// Asking for a keyframe more often than this only adds to the load.
const ASK_GAP: Duration = Duration::from_millis(400);

/// News of a link.
pub(super) enum News {
    Ice(RTCIceConnectionState),
    State(RTCPeerConnectionState),
    Candidate(Option<Candidate>),
    Channel(Arc<dyn DataChannel>),
    Text(Bytes),
}

/// News with the number of its link.
pub(super) type Tagged = (u32, News);

/// Everything that a new link needs.
#[derive(Clone)]
pub(super) struct Ground {
    pub(super) shared: Arc<Shared>,
    pub(super) decode: SyncSender<ToDecode>,
    pub(super) play: SyncSender<ToPlay>,
    pub(super) news: mpsc::UnboundedSender<Tagged>,
    pub(super) ice_servers: Vec<IceServer>,
    pub(super) loopback: bool,
}

type Tasks = Arc<Mutex<Vec<AbortHandle>>>;

struct Handler {
    number: u32,
    ground: Ground,
    tasks: Tasks,
}

impl Handler {
    fn tell(&self, news: News) {
        // The session is gone only when the call is over.
        let _ = self.ground.news.send((self.number, news));
    }

    fn keep(&self, task: tokio::task::JoinHandle<()>) {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner).push(task.abort_handle());
    }
}

#[async_trait::async_trait]
impl PeerConnectionEventHandler for Handler {
    async fn on_ice_connection_state_change(&self, state: RTCIceConnectionState) {
        self.tell(News::Ice(state));
    }

    async fn on_connection_state_change(&self, state: RTCPeerConnectionState) {
        self.tell(News::State(state));
    }

    async fn on_ice_candidate(&self, event: RTCPeerConnectionIceEvent) {
        if let Ok(init) = event.candidate.to_json() {
            self.tell(News::Candidate(Some(Candidate {
                candidate: init.candidate,
                sdp_mid: init.sdp_mid,
                sdp_m_line_index: init.sdp_mline_index,
                username_fragment: init.username_fragment,
            })));
        }
    }

    async fn on_data_channel(&self, data: Arc<dyn DataChannel>) {
        if data.label().await.is_ok_and(|label| label != channel::LABEL) {
            return;
        }
        let (number, news) = (self.number, self.ground.news.clone());
        self.keep(tokio::spawn(async move {
            let mut open = data.ready_state().await.is_ok_and(|state| state == RTCDataChannelState::Open);
            if open {
                let _ = news.send((number, News::Channel(data.clone())));
            }
            while let Some(event) = data.poll().await {
                match event {
                    DataChannelEvent::OnOpen if !open => {
                        open = true;
                        let _ = news.send((number, News::Channel(data.clone())));
                    }
                    DataChannelEvent::OnMessage(message) if message.is_string => {
                        let _ = news.send((number, News::Text(message.data.freeze())));
                    }
                    DataChannelEvent::OnClose => return,
                    _ => {}
                }
            }
        }));
    }

    async fn on_track(&self, track: Arc<dyn TrackRemote>) {
        let ground = self.ground.clone();
        self.keep(match track.kind().await {
            RtpCodecKind::Video => tokio::spawn(receive_video(track, ground)),
            _ => tokio::spawn(receive_audio(track, ground)),
        });
    }
}

async fn receive_audio(track: Arc<dyn TrackRemote>, ground: Ground) {
    while let Some(event) = track.poll().await {
        match event {
            TrackRemoteEvent::OnRtpPacket(packet) => {
                ground.shared.audio_received.add(1);
                ground.shared.bytes_received.add(packet.payload.len() as u64 + 12);
                // A sound thread that does not keep up has no use for more.
                let _ = ground.play.try_send(ToPlay::Packet {
                    sequence: packet.header.sequence_number,
                    payload: packet.payload,
                });
            }
            TrackRemoteEvent::OnEnded => return,
            _ => {}
        }
    }
}

async fn receive_video(track: Arc<dyn TrackRemote>, ground: Ground) {
    let shared = &ground.shared;
    let mut assembly = Assembly::default();
    let mut asked = Instant::now() - ASK_GAP;
    let mut first = None;
    let mut ssrc = None;
    let mut counted = (0, 0);
    let mut ticker = tokio::time::interval(Duration::from_millis(20));
    ticker.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            event = track.poll() => match event {
                Some(TrackRemoteEvent::OnRtpPacket(packet)) => {
                    shared.bytes_received.add(packet.payload.len() as u64 + 12);
                    ssrc = Some(packet.header.ssrc);
                    assembly.insert(&packet);
                    shared.expected.add(assembly.expected - counted.0);
                    shared.missed.add(assembly.missed - counted.1);
                    counted = (assembly.expected, assembly.missed);
                }
                Some(TrackRemoteEvent::OnEnded) | None => return,
                Some(_) => continue,
            },
            _ = ticker.tick() => {}
        }
        let mut ask = shared.want_keyframe.swap(false, Ordering::Relaxed);
        loop {
            let (whole, broken) = assembly.next(Instant::now(), DEADLINE);
            ask |= broken;
            let Some(whole) = whole else {
                if broken {
                    continue;
                }
                break;
            };
            shared.video_received.add(1);
            let start = *first.get_or_insert(whole.timestamp);
            let ticks = u64::from(whole.timestamp.wrapping_sub(start));
            let picture = ToDecode::Picture {
                data: whole.data,
                pts: Duration::from_micros(ticks * 100 / 9),
            };
            // A decoder that does not keep up begins again at a keyframe.
            if ground.decode.try_send(picture).is_err() {
                ask = true;
            }
        }
        if ask && asked.elapsed() >= ASK_GAP {
            asked = Instant::now();
            if let Some(media_ssrc) = ssrc {
                let request = PictureLossIndication {
                    sender_ssrc: 0,
                    media_ssrc,
                };
                // Lost or refused, it is asked again.
                let _ = track.write_rtcp(vec![Box::new(request)]).await;
            }
        } else if ask {
            shared.want_keyframe.store(true, Ordering::Relaxed);
        }
    }
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

/// A peer connection with its tasks.
pub(super) struct Link {
    pub(super) number: u32,
    pub(super) outgoing: Arc<Outgoing>,
    /// The page's session (RFC 8866, 5.2): a new one means a new peer connection at the other end.
    pub(super) origin: String,
    peer: Arc<dyn PeerConnection>,
    tasks: Tasks,
}

impl Link {
    /// Makes a link from an offer, and the answer to it.
    pub(super) async fn answer(number: u32, offer: &str, ground: &Ground) -> Result<(Self, Description), Error> {
        let (media, registry) = engine(&ground.shared)?;
        let servers = ground.ice_servers.iter().map(ice_server).collect();
        let settings = SettingEngineBuilder::new()
            // The client role recovers better from loss; and the page must not be left waiting for a lost hello of ours.
            .with_answering_dtls_role(RTCDtlsRole::Client)
            .with_ice_timeouts(
                Some(Duration::from_millis(2_500)),
                Some(Duration::from_secs(6)),
                Some(Duration::from_millis(500)),
            )
            .with_include_loopback_candidate(ground.loopback)
            // Local names of the other end cannot be in our network; asking for them opens a port.
            .with_multicast_dns_mode(rtc::ice::mdns::MulticastDnsMode::Disabled)
            .build();
        let tasks = Tasks::default();
        let handler = Handler {
            number,
            ground: ground.clone(),
            tasks: tasks.clone(),
        };
        let addresses = if ground.loopback { vec!["127.0.0.1:0"] } else { vec!["0.0.0.0:0", "[::]:0"] };
        let peer: Arc<dyn PeerConnection> = Arc::new(
            PeerConnectionBuilder::new()
                .with_configuration(RTCConfigurationBuilder::default().with_ice_servers(servers).build())
                .with_media_engine(media)
                .with_interceptor_registry(registry)
                .with_setting_engine(settings)
                .with_handler(Arc::new(handler))
                .with_runtime(dtls_guard::runtime()?)
                .with_udp_addrs(addresses)
                .build()
                .await?,
        );
        let made = Self::negotiate(number, offer, &peer, tasks).await;
        if made.is_err() {
            let _ = peer.close().await;
        }
        made
    }

    async fn negotiate(
        number: u32,
        offer: &str,
        peer: &Arc<dyn PeerConnection>,
        tasks: Tasks,
    ) -> Result<(Self, Description), Error> {
        let ssrcs = (random(), random());
        let video = track(RtpCodecKind::Video, ssrcs.0, vp8());
        let audio = track(RtpCodecKind::Audio, ssrcs.1, opus());
        let video_sender = peer.add_track(video.clone() as Arc<dyn TrackLocal>).await?;
        let audio_sender = peer.add_track(audio.clone() as Arc<dyn TrackLocal>).await?;
        peer.set_remote_description(RTCSessionDescription::offer(offer.to_owned())?).await?;
        let answer = peer.create_answer(None).await?;
        let description = Description {
            kind: DescriptionKind::Answer,
            sdp: answer.sdp.clone(),
        };
        peer.set_local_description(answer).await?;
        // Only now is it known which numbers the page gave to the codecs.
        let payload_types = (payload_type(&video_sender).await?, payload_type(&audio_sender).await?);
        let mut payloader = Vp8Payloader::default();
        payloader.enable_picture_id = true;
        let outgoing = Outgoing {
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
        };
        let link = Self {
            number,
            outgoing: Arc::new(outgoing),
            origin: origin(offer),
            peer: peer.clone(),
            tasks,
        };
        Ok((link, description))
    }

    /// Answers a later offer of the same page.
    pub(super) async fn renegotiate(&self, offer: &str) -> Result<Description, Error> {
        self.peer.set_remote_description(RTCSessionDescription::offer(offer.to_owned())?).await?;
        let answer = self.peer.create_answer(None).await?;
        let sdp = answer.sdp.clone();
        self.peer.set_local_description(answer).await?;
        Ok(Description {
            kind: DescriptionKind::Answer,
            sdp,
        })
    }

    pub(super) async fn add_candidate(&self, candidate: Candidate) -> Result<(), Error> {
        let init = RTCIceCandidateInit {
            candidate: candidate.candidate,
            sdp_mid: candidate.sdp_mid,
            sdp_mline_index: candidate.sdp_m_line_index,
            username_fragment: candidate.username_fragment,
            url: None,
        };
        self.peer.add_ice_candidate(init).await
    }

    /// The round trip of the path in use, once measured.
    pub(super) async fn round_trip(&self) -> Option<Duration> {
        let report = self.peer.get_stats(Instant::now(), StatsSelector::None).await;
        report
            .candidate_pairs()
            .filter(|pair| pair.nominated && pair.current_round_trip_time > 0.0)
            .map(|pair| Duration::from_secs_f64(pair.current_round_trip_time))
            .min()
    }

    /// Closes the connection and ends its tasks.
    pub(super) async fn close(self) {
        for task in self.tasks.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            task.abort();
        }
        // A link that fails to close is dropped all the same.
        let _ = self.peer.close().await;
    }
}

/// The `o=` line of a description.
pub(super) fn origin(sdp: &str) -> String {
    let line = sdp.lines().find(|line| line.starts_with("o=")).unwrap_or_default();
    // User name and session id; the version after them counts up within one session.
    line.split_whitespace().take(2).collect::<Vec<_>>().join(" ")
}

fn random() -> u32 {
    uuid::Uuid::new_v4().as_u128() as u32
}

pub(crate) fn ice_server(server: &IceServer) -> RTCIceServer {
    RTCIceServer {
        urls: server.urls.clone(),
        username: server.username.clone().unwrap_or_default(),
        credential: server.credential.clone().unwrap_or_default(),
    }
}

fn vp8() -> RTCRtpCodec {
    let feedback = |typ: &str, parameter: &str| RTCPFeedback {
        typ: typ.to_owned(),
        parameter: parameter.to_owned(),
    };
    RTCRtpCodec {
        mime_type: MIME_TYPE_VP8.to_owned(),
        clock_rate: 90_000,
        channels: 0,
        sdp_fmtp_line: String::new(),
        rtcp_feedback: vec![feedback("ccm", "fir"), feedback("nack", ""), feedback("nack", "pli")],
    }
}

fn opus() -> RTCRtpCodec {
    RTCRtpCodec {
        mime_type: MIME_TYPE_OPUS.to_owned(),
        clock_rate: 48_000,
        channels: 2,
        // RFC 7587: in-band FEC both ways.
        sdp_fmtp_line: "minptime=10;useinbandfec=1".to_owned(),
        rtcp_feedback: Vec::new(),
    }
}

fn engine(shared: &Arc<Shared>) -> Result<(MediaEngine, Registry), Error> {
    let mut media = MediaEngine::default();
    for (codec, payload_type, kind) in [(vp8(), 96, RtpCodecKind::Video), (opus(), 111, RtpCodecKind::Audio)] {
        media.register_codec(
            RTCRtpCodecParameters {
                rtp_codec: codec,
                payload_type,
                ..Default::default()
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

fn track(kind: RtpCodecKind, ssrc: u32, codec: RTCRtpCodec) -> Arc<TrackLocalStaticRTP> {
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

async fn payload_type(sender: &Arc<dyn RtpSender>) -> Result<u8, Error> {
    let parameters = sender.get_parameters().await?;
    let codec = parameters.rtp_parameters.codecs.first();
    codec.map(|codec| codec.payload_type).ok_or(Error::ErrCodecNotFound)
}

/// Text on the data channel.
pub(super) async fn send_text(channel: &Arc<dyn DataChannel>, text: &str) -> bool {
    // `try_send` never waits: a full buffer is a link that is going down.
    channel.try_send_text(text).await.is_ok()
}
