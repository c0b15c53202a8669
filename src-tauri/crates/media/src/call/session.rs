//! The life of a call: signalling in and out, one link after the other, interruption and return.
//!
//! One task owns everything that changes. It never waits for the network: what is slow happens in the crate's own driver or in
//! the two forwarding tasks. What is not here: pictures and sound (threads of `workers`), and the rules of a visit.

use super::chat::Chats;
use super::event::{CallEvent, EndedBy};
use super::link::{Ground, Link, News, Tagged, origin, send_text};
use super::send::Outgoing;
use super::shared::Shared;
use super::statistics::Meter;
use super::workers::{Report, ToDecode, ToPlay};
use super::{CallError, CallStats};
use crate::channel::ChannelMessage;
use crate::codec::vp8::Encoded;
use crate::signalling::{ByeReason, Description, DescriptionKind, Message, RestartReason};
use bytes::Bytes;
use jiff::Timestamp;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot, watch};
use uuid::Uuid;
use webrtc::data_channel::DataChannel;
use webrtc::peer_connection::{RTCIceConnectionState, RTCPeerConnectionState};

/// DTLS must be done this long after ICE found a path, else both ends begin again.
const DTLS_LIMIT: Duration = Duration::from_millis(2_500);

/// A link must be up this long after its offer.
const LINK_LIMIT: Duration = Duration::from_secs(10);

/// A picture is waited for this long before a call without one counts as connected.
const PICTURE_LIMIT: Duration = Duration::from_secs(3);

/// Between two requests to begin again: doubled each time from the first to the second.
const RETRY: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(5));

/// What the handle asks.
pub(super) enum Command {
    Chat {
        text: String,
        reply: oneshot::Sender<Result<Uuid, CallError>>,
    },
    /// A picture was taken.
    Taken,
    /// A switch was turned.
    State,
    Restart,
    HangUp(ByeReason),
}

/// Where the pump finds the link in use.
pub(super) type Current = watch::Sender<Option<Arc<Outgoing>>>;

pub(super) struct Session {
    pub(super) shared: Arc<Shared>,
    pub(super) ground: Ground,
    pub(super) current: Current,
    pub(super) outgoing: mpsc::UnboundedSender<Message>,
    pub(super) events: mpsc::UnboundedSender<CallEvent>,
    pub(super) stats: Arc<Mutex<CallStats>>,
    pub(super) link: Option<Link>,
    pub(super) number: u32,
    pub(super) channel: Option<Arc<dyn DataChannel>>,
    pub(super) chats: Chats,
    pub(super) phase: Phase,
    pub(super) progress: Progress,
    pub(super) retry: Retry,
    pub(super) meter: Meter,
}

/// How far the call is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// Never connected yet.
    Waiting,
    /// Connected.
    Up,
    /// Was connected.
    Interrupted(Instant),
}

/// Times of the link that is being made.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Progress {
    offered: Option<Instant>,
    path: Option<Instant>,
    up: Option<Instant>,
    announced: bool,
}

/// When the other end is asked again to begin anew.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Retry {
    at: Option<Instant>,
    pause: Option<Duration>,
    reason: Option<RestartReason>,
}

/// Everything that the session listens to.
pub(super) struct Ears {
    pub(super) incoming: mpsc::Receiver<Message>,
    pub(super) commands: mpsc::UnboundedReceiver<Command>,
    pub(super) news: mpsc::UnboundedReceiver<Tagged>,
    pub(super) reports: mpsc::UnboundedReceiver<Report>,
}

impl Session {
    pub(super) async fn run(mut self, mut ears: Ears) {
        self.say(Message::Admit);
        self.tell(CallEvent::Connecting);
        let mut tick = tokio::time::interval(Duration::from_millis(100));
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut hearing = true;
        let end = loop {
            tokio::select! {
                message = ears.incoming.recv(), if hearing => match message {
                    Some(Message::Bye { reason }) => break Some((EndedBy::Them, reason)),
                    Some(message) => self.hear(message).await,
                    // The WebSocket's client is gone; a call that is up goes on.
                    None => hearing = false,
                },
                command = ears.commands.recv() => match command {
                    Some(Command::HangUp(reason)) => {
                        self.say(Message::Bye { reason });
                        break Some((EndedBy::Us, reason));
                    }
                    Some(command) => self.obey(command).await,
                    // The handle was dropped.
                    None => break None,
                },
                Some((number, news)) = ears.news.recv() => {
                    if self.link.as_ref().is_some_and(|link| link.number == number) {
                        self.learn(news).await;
                    }
                }
                Some(report) = ears.reports.recv() => self.note(report).await,
                _ = tick.tick() => self.watch().await,
            }
        };
        self.drop_link().await;
        if let Some((by, reason)) = end {
            self.tell(CallEvent::Ended { by, reason });
        }
        self.shared.stop.store(true, Ordering::Relaxed);
        *self.shared.last_remote() = None;
    }

    fn say(&self, message: Message) {
        let _ = self.outgoing.send(message);
    }

    fn tell(&self, event: CallEvent) {
        let _ = self.events.send(event);
    }

    async fn hear(&mut self, message: Message) {
        match message {
            Message::Description { description } if description.kind == DescriptionKind::Offer => {
                self.offered(description).await;
            }
            Message::Candidate {
                candidate: Some(candidate),
            } => {
                if let Some(link) = &self.link
                    && let Err(error) = link.add_candidate(candidate).await
                {
                    // Names of local networks and old generations: others will do.
                    tracing::debug!(%error, "a candidate was not taken");
                }
            }
            Message::Restart { reason } => {
                self.interrupt().await;
                // The page offers on its own; asking is for when it does not.
                self.retry = Retry {
                    at: Some(Instant::now() + RETRY.1),
                    pause: Some(RETRY.1),
                    reason: Some(reason),
                };
            }
            Message::Peer { role, state } => self.tell(CallEvent::Presence { role, state }),
            Message::Welcome { ice_servers, .. } if !ice_servers.is_empty() => {
                self.ground.ice_servers = ice_servers
            }
            _ => {}
        }
    }

    async fn offered(&mut self, offer: Description) {
        if let Some(link) = &self.link
            && link.origin == origin(&offer.sdp)
        {
            match link.renegotiate(&offer.sdp).await {
                Ok(description) => return self.say(Message::Description { description }),
                Err(error) => {
                    tracing::warn!(%error, "a later offer was not taken; the connection is made anew")
                }
            }
        }
        self.interrupt().await;
        self.number += 1;
        self.progress = Progress {
            offered: Some(Instant::now()),
            ..Progress::default()
        };
        // What the threads still hold belongs to the old connection.
        let _ = self.ground.decode.try_send(ToDecode::Reset);
        let _ = self.ground.play.try_send(ToPlay::Reset);
        match Link::answer(self.number, &offer.sdp, &self.ground).await {
            Ok((link, description)) => {
                self.link = Some(link);
                self.say(Message::Description { description });
            }
            Err(error) => {
                tracing::warn!(%error, "an offer could not be answered");
                self.again(RestartReason::Ice);
            }
        }
    }

    async fn obey(&mut self, command: Command) {
        match command {
            Command::Chat { text, reply } => {
                let result = if self.phase == Phase::Up {
                    let line = self.chats.write(text, Timestamp::now());
                    let id = line.0;
                    self.send(&line.1).await;
                    Ok(id)
                } else {
                    Err(CallError::Interrupted)
                };
                let _ = reply.send(result);
            }
            Command::Taken => {
                let at = Timestamp::now().to_string();
                self.send(&ChannelMessage::Image { at }).await;
            }
            Command::State => self.send_state().await,
            Command::Restart => self.fail(RestartReason::Ice).await,
            Command::HangUp(_) => {}
        }
    }

    async fn learn(&mut self, news: News) {
        match news {
            News::Candidate(candidate) => self.say(Message::Candidate { candidate }),
            News::Ice(RTCIceConnectionState::Connected | RTCIceConnectionState::Completed) => {
                self.progress.path.get_or_insert_with(Instant::now);
            }
            News::Ice(RTCIceConnectionState::Disconnected | RTCIceConnectionState::Failed)
            // Closed is the other end's word: our own closing is not heard any more.
            | News::State(
                RTCPeerConnectionState::Disconnected | RTCPeerConnectionState::Failed | RTCPeerConnectionState::Closed,
            ) => {
                self.fail(RestartReason::Ice).await;
            }
            News::State(RTCPeerConnectionState::Connected) => self.up().await,
            News::Channel(channel) => {
                self.channel = Some(channel);
                self.send_state().await;
                for line in self.chats.unreceipted() {
                    self.send(&line).await;
                }
            }
            News::Text(text) => self.read(&text).await,
            News::Ice(_) | News::State(_) => {}
        }
    }

    async fn up(&mut self) {
        let Some(link) = &self.link else { return };
        self.progress.up = Some(Instant::now());
        self.retry = Retry::default();
        self.current.send_replace(Some(link.outgoing.clone()));
        self.shared.keyframe.store(true, Ordering::Relaxed);
        self.shared.sending.store(true, Ordering::Relaxed);
        if let Phase::Interrupted(since) = self.phase {
            self.progress.announced = true;
            self.tell(CallEvent::Resumed {
                after: since.elapsed(),
            });
        }
        self.phase = Phase::Up;
    }

    /// The connection is gone: nothing is sent from here on.
    async fn interrupt(&mut self) {
        self.drop_link().await;
        if self.phase == Phase::Up {
            if !self.progress.announced {
                // It was up, and nobody was told yet.
                self.tell(CallEvent::Connected {
                    first_picture_ms: None,
                });
            }
            self.phase = Phase::Interrupted(Instant::now());
            self.tell(CallEvent::Interrupted {
                since: Timestamp::now(),
            });
        }
    }

    async fn drop_link(&mut self) {
        self.shared.sending.store(false, Ordering::Relaxed);
        self.current.send_replace(None);
        self.channel = None;
        if let Some(link) = self.link.take() {
            link.close().await;
        }
        self.progress.up = None;
    }

    /// Interrupts, and asks the other end to begin anew.
    async fn fail(&mut self, reason: RestartReason) {
        self.interrupt().await;
        self.again(reason);
    }

    fn again(&mut self, reason: RestartReason) {
        self.say(Message::Restart { reason });
        let pause = self.retry.pause.map_or(RETRY.0, |pause| (pause * 2).min(RETRY.1));
        self.retry = Retry {
            at: Some(Instant::now() + pause),
            pause: Some(pause),
            reason: Some(reason),
        };
    }

    async fn note(&mut self, report: Report) {
        match report {
            Report::Camera(error) => {
                self.tell(CallEvent::CameraFailed(error));
                self.send_state().await;
            }
            Report::Sound(error) => self.tell(CallEvent::SoundFailed(error)),
            Report::Picture => {
                if self.phase == Phase::Up && !self.progress.announced {
                    self.progress.announced = true;
                    let taken = self.progress.offered.map(|at| at.elapsed().as_millis() as u64);
                    self.tell(CallEvent::Connected {
                        first_picture_ms: taken,
                    });
                }
            }
        }
    }

    /// Looks at the clocks, ten times a second.
    async fn watch(&mut self) {
        let past = |at: Option<Instant>, limit| at.is_some_and(|at| at.elapsed() >= limit);
        if self.link.is_some() && self.progress.up.is_none() {
            if past(self.progress.path, DTLS_LIMIT) {
                self.fail(RestartReason::Dtls).await;
            } else if past(self.progress.offered, LINK_LIMIT) {
                self.fail(RestartReason::Ice).await;
            }
        }
        if self.link.is_none()
            && let (Some(at), Some(reason)) = (self.retry.at, self.retry.reason)
            && at <= Instant::now()
        {
            self.again(reason);
        }
        if self.phase == Phase::Up && !self.progress.announced && past(self.progress.up, PICTURE_LIMIT) {
            self.progress.announced = true;
            self.tell(CallEvent::Connected {
                first_picture_ms: None,
            });
        }
        if self.meter.due() {
            let trip = match &self.link {
                Some(link) if self.phase == Phase::Up => link.round_trip().await,
                _ => None,
            };
            let stats = self
                .meter
                .read(&self.shared, self.phase == Phase::Up, trip, self.number);
            *self.stats.lock().unwrap_or_else(PoisonError::into_inner) = stats;
            self.tell(CallEvent::Stats(stats));
        }
    }

    async fn send_state(&self) {
        let state = ChannelMessage::State {
            audio: self.shared.is(&self.shared.microphone),
            video: self.shared.is(&self.shared.camera),
        };
        self.send(&state).await;
    }

    async fn send(&self, message: &ChannelMessage) {
        if let (Some(channel), Ok(text)) = (&self.channel, serde_json::to_string(message)) {
            send_text(channel, &text).await;
        }
    }

    async fn read(&mut self, text: &Bytes) {
        // The bytes are foreign: what is not understood is ignored.
        let Ok(message) = serde_json::from_slice(text) else {
            return;
        };
        match message {
            ChannelMessage::Chat { id, text, .. } => {
                self.send(&ChannelMessage::Received { id }).await;
                if self.chats.is_new(id) {
                    let text = text.chars().take(crate::channel::MAX_CHAT_CHARACTERS).collect();
                    let at = Timestamp::now();
                    self.tell(CallEvent::Chat { id, at, text });
                }
            }
            ChannelMessage::Received { id } => {
                if self.chats.receipt(id) {
                    self.tell(CallEvent::ChatReceived { id });
                }
            }
            ChannelMessage::State { audio, video } => self.tell(CallEvent::RemoteState { audio, video }),
            ChannelMessage::Image { .. } | ChannelMessage::Unknown => {}
        }
    }
}

/// Carries encoded pictures and sound to whichever link is up.
pub(super) async fn pump(
    shared: Arc<Shared>,
    current: watch::Receiver<Option<Arc<Outgoing>>>,
    mut pictures: mpsc::Receiver<Encoded>,
    mut speech: mpsc::Receiver<Bytes>,
) {
    loop {
        let link = || current.borrow().clone();
        tokio::select! {
            biased;
            Some(payload) = speech.recv() => if let Some(link) = link() && let Ok(bytes) = link.speech(payload).await {
                shared.audio_sent.add(1);
                shared.bytes_sent.add(bytes);
            },
            Some(picture) = pictures.recv() => if let Some(link) = link() && let Ok(bytes) = link.picture(&picture).await {
                shared.video_sent.add(1);
                shared.bytes_sent.add(bytes);
            },
            else => return,
        }
    }
}
