//! The connection of a channel: greeting, keep-alive, reconnection.
//!
//! The proxy of the system is not used: signalling goes straight to the region. Not in it: the messages' meaning.

use std::collections::VecDeque;
use std::time::Duration;

use clinical::TelevisitId;
use futures_util::{SinkExt, StreamExt};
use secrecy::ExposeSecret;
use serde::Deserialize;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::{HeaderValue, StatusCode, header};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{self, Error};
use tokio_tungstenite::{Connector, MaybeTlsStream, WebSocketStream, connect_async_tls_with_config};

use super::{CallChannel, ErrorCode, MAX_FRAME, Message, Peer, SignallingEvent, VERSION};
use crate::{IceServer, Region, RegionError};

const PING: Duration = Duration::from_secs(5);
const SILENCE: Duration = Duration::from_secs(15);
const GREETING: Duration = Duration::from_secs(10);
const PAUSE: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(5));
const WAITING: usize = 256;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Why a connection was not made or ended.
enum End {
    /// Try again.
    Lost,
    /// The server refused for good.
    Refused(ErrorCode),
    /// Nobody is logged in.
    Unauthorised,
    /// The caller dropped its end, and everything was sent.
    Done,
}

#[derive(Deserialize)]
struct Welcome {
    version: u32,
    #[serde(default)]
    ice_servers: Vec<IceServer>,
    #[serde(default)]
    peers: Vec<Peer>,
}

impl Region {
    /// Opens the signalling of a televisit as the clinician. It connects, and reconnects, by itself.
    pub fn call(&self, televisit: &TelevisitId) -> Result<CallChannel, RegionError> {
        let id = crate::fhir::rest::plain(televisit.as_str())?;
        let mut url = self.url(&format!("calls/{id}/ws"))?;
        let scheme = if url.scheme() == "https" { "wss" } else { "ws" };
        url.set_scheme(scheme).map_err(|()| RegionError::Garbled)?;
        let (outgoing, to_send) = mpsc::channel(WAITING);
        let (events, incoming) = mpsc::channel(WAITING);
        let connection = Connection {
            region: self.clone(),
            url: url.to_string(),
            to_send,
            unsent: VecDeque::new(),
            events,
        };
        tokio::spawn(connection.keep());
        Ok(CallChannel { outgoing, incoming })
    }
}

struct Connection {
    region: Region,
    url: String,
    to_send: mpsc::Receiver<Message>,
    /// Taken from the channel and not yet written.
    unsent: VecDeque<Message>,
    events: mpsc::Sender<SignallingEvent>,
}

impl Connection {
    async fn keep(mut self) {
        let mut pause = PAUSE.0;
        loop {
            let end = match self.open().await {
                Ok((socket, welcome)) => {
                    pause = PAUSE.0;
                    let open = SignallingEvent::Open {
                        ice_servers: welcome.ice_servers,
                        peers: welcome.peers,
                    };
                    self.tell(open).await;
                    let end = self.talk(socket).await;
                    if let End::Lost = end {
                        self.tell(SignallingEvent::Lost).await;
                    }
                    end
                }
                Err(end) => end,
            };
            match end {
                End::Lost => {}
                End::Refused(code) => return self.tell(SignallingEvent::Refused(code)).await,
                End::Unauthorised => return self.tell(SignallingEvent::Unauthorised).await,
                End::Done => return,
            }
            // The caller left while there was no connection: nobody waits for what is unsent.
            if self.to_send.is_closed() {
                return;
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(PAUSE.1);
        }
    }

    /// A caller that only sends need not read the events.
    async fn tell(&self, event: SignallingEvent) {
        let _ = self.events.send(event).await;
    }

    async fn open(&self) -> Result<(Socket, Welcome), End> {
        let token = self.region.access_token().await.map_err(|e| of_region(&e))?;
        match self.attempt(token.expose_secret()).await {
            Err(End::Unauthorised) => {
                let token = self.region.renew(&token).await.map_err(|e| of_region(&e))?;
                self.attempt(token.expose_secret()).await
            }
            other => other,
        }
    }

    async fn attempt(&self, token: &str) -> Result<(Socket, Welcome), End> {
        let socket = self.connect(token).await?;
        timeout(GREETING, greet(socket)).await.map_err(|_| End::Lost)?
    }

    async fn connect(&self, token: &str) -> Result<Socket, End> {
        let mut request = self
            .url
            .as_str()
            .into_client_request()
            .map_err(|_| End::Refused(ErrorCode::Other))?;
        let mut bearer = HeaderValue::try_from(format!("Bearer {token}")).map_err(|_| End::Unauthorised)?;
        bearer.set_sensitive(true);
        request.headers_mut().insert(header::AUTHORIZATION, bearer);
        if let Ok(agent) = HeaderValue::from_str(&self.region.shared.agent) {
            request.headers_mut().insert(header::USER_AGENT, agent);
        }
        let config = WebSocketConfig::default()
            .max_message_size(Some(MAX_FRAME))
            .max_frame_size(Some(MAX_FRAME));
        let connector = Connector::NativeTls(self.region.shared.tls.clone());
        let connecting = connect_async_tls_with_config(request, Some(config), true, Some(connector));
        match timeout(GREETING, connecting).await {
            Ok(Ok((socket, _))) => Ok(socket),
            Ok(Err(Error::Http(answer))) => Err(match answer.status() {
                StatusCode::UNAUTHORIZED => End::Unauthorised,
                StatusCode::FORBIDDEN => End::Refused(ErrorCode::Token),
                StatusCode::NOT_FOUND | StatusCode::GONE => End::Refused(ErrorCode::Unknown),
                _ => End::Lost,
            }),
            Ok(Err(_)) | Err(_) => Err(End::Lost),
        }
    }

    async fn talk(&mut self, mut socket: Socket) -> End {
        let mut ping = interval(PING);
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut heard = Instant::now();
        loop {
            while let Some(message) = self.unsent.pop_front() {
                if send(&mut socket, &message).await.is_err() {
                    self.unsent.push_front(message);
                    return End::Lost;
                }
            }
            tokio::select! {
                message = self.to_send.recv() => match message {
                    Some(message) => self.unsent.push_back(message),
                    None => {
                        let _ = timeout(Duration::from_secs(2), socket.close(None)).await;
                        return End::Done;
                    }
                },
                frame = socket.next() => {
                    heard = Instant::now();
                    match frame {
                        Some(Ok(tungstenite::Message::Text(text))) => {
                            if let Some(end) = self.receive(&text).await {
                                return end;
                            }
                        }
                        Some(Ok(tungstenite::Message::Close(_)) | Err(_)) | None => return End::Lost,
                        Some(Ok(_)) => {}
                    }
                }
                _ = ping.tick() => {
                    if heard.elapsed() > SILENCE || send(&mut socket, &Message::Ping).await.is_err() {
                        return End::Lost;
                    }
                }
            }
        }
    }

    async fn receive(&mut self, text: &str) -> Option<End> {
        // An unknown type is skipped, as the contract says; so is what cannot be read.
        match serde_json::from_str(text).ok()? {
            Message::Ping => self.unsent.push_back(Message::Pong),
            Message::Pong | Message::Hello { .. } | Message::Welcome { .. } => {}
            // The token was good when it connected: it ended, and the next connection brings a new one.
            Message::Error {
                code: ErrorCode::Token,
            } => return Some(End::Lost),
            Message::Error { code } => return Some(of_code(code)),
            message => self.tell(SignallingEvent::Message(message)).await,
        }
        None
    }
}

async fn send(socket: &mut Socket, message: &Message) -> Result<(), ()> {
    let text = serde_json::to_string(message).map_err(|_| ())?;
    timeout(SILENCE, socket.send(tungstenite::Message::text(text)))
        .await
        .map_err(|_| ())?
        .map_err(|_| ())
}

async fn greet(mut socket: Socket) -> Result<(Socket, Welcome), End> {
    send(
        &mut socket,
        &Message::Hello {
            version: VERSION,
            role: Peer::Clinician,
        },
    )
    .await
    .map_err(|()| End::Lost)?;
    while let Some(frame) = socket.next().await {
        let tungstenite::Message::Text(text) = frame.map_err(|_| End::Lost)? else {
            continue;
        };
        match serde_json::from_str(&text) {
            Ok(Message::Welcome { .. }) => {
                let welcome: Welcome = serde_json::from_str(&text).map_err(|_| End::Lost)?;
                return if welcome.version == VERSION {
                    Ok((socket, welcome))
                } else {
                    Err(End::Refused(ErrorCode::Version))
                };
            }
            Ok(Message::Error { code }) => return Err(of_code(code)),
            _ => {}
        }
    }
    Err(End::Lost)
}

fn of_code(code: ErrorCode) -> End {
    match code {
        ErrorCode::Token => End::Unauthorised,
        other => End::Refused(other),
    }
}

fn of_region(error: &RegionError) -> End {
    match error {
        RegionError::Unauthorised => End::Unauthorised,
        _ => End::Lost,
    }
}
