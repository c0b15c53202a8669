//! One peer connection: made from an offer, thrown away when it fails.
//!
//! A call makes as many links as the network demands; each has its own sockets, its own DTLS guard and its own number, so that news of a
//! dead one is told apart. What is not here: when to make one (see `session`), and the codecs.

use super::engine::{engine, ice_server, opus, track, vp8};
use super::receive;
use super::send::{Outgoing, random};
use super::shared::Shared;
use super::workers::{ToDecode, ToPlay};
use crate::signalling::{Candidate, Description, DescriptionKind, IceServer};
use crate::{channel, dtls_guard};
use bytes::Bytes;
use rtc::peer_connection::configuration::setting_engine::SettingEngineBuilder;
use rtc::peer_connection::transport::RTCDtlsRole;
use rtc::rtp_transceiver::rtp_sender::RtpCodecKind;
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use webrtc::data_channel::{DataChannel, DataChannelEvent, RTCDataChannelState};
use webrtc::error::Error;
use webrtc::media_stream::track_local::TrackLocal;
use webrtc::media_stream::track_remote::TrackRemote;
use webrtc::peer_connection::{
    PeerConnection, PeerConnectionBuilder, PeerConnectionEventHandler, RTCConfigurationBuilder,
    RTCIceCandidateInit, RTCIceConnectionState, RTCPeerConnectionIceEvent, RTCPeerConnectionState,
    RTCSessionDescription, StatsSelector,
};
use webrtc::rtp_transceiver::RtpSender;

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
        self.tasks
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(task.abort_handle());
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
            let mut open = data
                .ready_state()
                .await
                .is_ok_and(|state| state == RTCDataChannelState::Open);
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
            RtpCodecKind::Video => tokio::spawn(receive::video(track, ground)),
            _ => tokio::spawn(receive::audio(track, ground)),
        });
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
    pub(super) async fn answer(
        number: u32,
        offer: &str,
        ground: &Ground,
    ) -> Result<(Self, Description), Error> {
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
        let addresses = if ground.loopback {
            vec!["127.0.0.1:0"]
        } else {
            vec!["0.0.0.0:0", "[::]:0"]
        };
        let peer: Arc<dyn PeerConnection> = Arc::new(
            PeerConnectionBuilder::new()
                .with_configuration(
                    RTCConfigurationBuilder::default()
                        .with_ice_servers(servers)
                        .build(),
                )
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
        peer.set_remote_description(RTCSessionDescription::offer(offer.to_owned())?)
            .await?;
        let answer = peer.create_answer(None).await?;
        let description = Description {
            kind: DescriptionKind::Answer,
            sdp: answer.sdp.clone(),
        };
        peer.set_local_description(answer).await?;
        // Only now is it known which numbers the page gave to the codecs.
        let payload_types = (
            payload_type(&video_sender).await?,
            payload_type(&audio_sender).await?,
        );
        let outgoing = Outgoing::new(video, audio, payload_types, ssrcs);
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
        self.peer
            .set_remote_description(RTCSessionDescription::offer(offer.to_owned())?)
            .await?;
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
        for task in self
            .tasks
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .drain(..)
        {
            task.abort();
        }
        // A link that fails to close is dropped all the same.
        let _ = self.peer.close().await;
    }
}

/// The `o=` line of a description.
pub(super) fn origin(sdp: &str) -> String {
    let line = sdp
        .lines()
        .find(|line| line.starts_with("o="))
        .unwrap_or_default();
    // User name and session id; the version after them counts up within one session.
    line.split_whitespace().take(2).collect::<Vec<_>>().join(" ")
}

async fn payload_type(sender: &Arc<dyn RtpSender>) -> Result<u8, Error> {
    let parameters = sender.get_parameters().await?;
    let codec = parameters.rtp_parameters.codecs.first();
    codec
        .map(|codec| codec.payload_type)
        .ok_or(Error::ErrCodecNotFound)
}

/// Text on the data channel.
pub(super) async fn send_text(channel: &Arc<dyn DataChannel>, text: &str) -> bool {
    // `try_send` never waits: a full buffer is a link that is going down.
    channel.try_send_text(text).await.is_ok()
}
