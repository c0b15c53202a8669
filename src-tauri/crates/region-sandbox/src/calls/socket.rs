//! One connection to a room: the upgrade, `hello`, the life signs, the limit on frames, the end.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use tokio::sync::mpsc::{self, Receiver};
use tokio::time::{Instant, interval, timeout_at};

use crate::Shared;
use crate::auth::TokenError;
use crate::calls::attendance::{self, Stretch};
use crate::calls::ledger::Progress;
use crate::calls::room::{Frame, Seat};
use crate::calls::wire::{ErrorCode, Incoming, MAX_FRAME, Outgoing, Role, VERSION};
use crate::calls::{Guest, delay};

/// Each end gives a sign this often.
const PING_EVERY: Duration = Duration::from_secs(5);
/// A link without a sign for so long is lost.
const LOST_AFTER: Duration = Duration::from_secs(15);
/// Frames that wait for a slow reader; trickled candidates come in bursts of about twenty.
const OUTBOX: usize = 256;

static CONNECTIONS: AtomicU64 = AtomicU64::new(0);

#[derive(Debug, Deserialize)]
pub(super) struct Invited {
    t: Option<String>,
    caregiver: Option<String>,
}

/// Who asks to come in.
#[derive(Clone, Debug)]
enum Visitor {
    Staff(String),
    Guest(Guest),
}

impl Visitor {
    fn role(&self) -> Role {
        match self {
            Self::Staff(_) => Role::Clinician,
            Self::Guest(guest) => guest.role(),
        }
    }

    fn person(&self) -> &str {
        match self {
            Self::Staff(practitioner) => practitioner,
            Self::Guest(Guest::Patient) => "patient",
            Self::Guest(Guest::Caregiver) => "caregiver",
        }
    }
}

/// `GET /calls/{appointment}/ws`. A bad bearer token is refused with 401 as everywhere; a bad invitation is told
/// over the socket, because a browser does not show its page the status of a refused upgrade.
pub(super) async fn join(
    State(region): State<Shared>,
    Path(appointment): Path<String>,
    Query(invited): Query<Invited>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    let bearer = headers
        .get(AUTHORIZATION)
        .and_then(|v| v.to_str().ok())
        .and_then(|v| v.strip_prefix("Bearer "));
    let visitor = match (bearer, &invited.t) {
        (Some(token), _) => match region.caller(token.trim()) {
            Ok(caller) => Ok(Visitor::Staff(caller.practitioner)),
            Err(refused) => return refused.into_response(),
        },
        (None, Some(token)) => {
            let caregiver = invited.caregiver.as_deref().is_some_and(|value| value != "0");
            let guest = if caregiver {
                Guest::Caregiver
            } else {
                Guest::Patient
            };
            region
                .is_invited(&appointment, guest, token)
                .then_some(Visitor::Guest(guest))
                .ok_or(ErrorCode::Token)
        }
        (None, None) => return TokenError::Missing.into_response(),
    };
    // Longer than the limit, so that a frame just above it is read and answered with `too_large`.
    upgrade
        .max_message_size(4 * MAX_FRAME)
        .max_frame_size(4 * MAX_FRAME)
        .on_upgrade(async move |socket| {
            let connection = Connection {
                region,
                appointment,
                socket,
            };
            match visitor {
                Ok(visitor) => connection.serve(visitor).await,
                Err(code) => connection.refuse(code).await,
            }
        })
}

struct Connection {
    region: Shared,
    appointment: String,
    socket: WebSocket,
}

/// What a frame of the other end was.
enum Heard {
    Message(Incoming),
    /// A sign of life and nothing else.
    Nothing,
    TooLarge,
    Gone,
}

impl Connection {
    async fn serve(mut self, visitor: Visitor) {
        let role = visitor.role();
        if let Err(code) = self.greet(role).await {
            return self.refuse(code).await;
        }
        if !matches!(
            self.region.store.read("Appointment", &self.appointment),
            Ok(Some(_))
        ) {
            return self.refuse(ErrorCode::Unknown).await;
        }
        let connection = CONNECTIONS.fetch_add(1, Ordering::Relaxed);
        let (outbox, inbox) = mpsc::channel(OUTBOX);
        let seat = Seat {
            connection,
            person: visitor.person().to_owned(),
            outbox,
        };
        if let Err(code) = self.take_place(role, seat) {
            return self.refuse(code).await;
        }
        let end = self.talk(role, connection, inbox).await;
        self.give_back(role, connection);
        match end {
            Some(code) => self.refuse(code).await,
            None => {
                let _ = self.socket.send(Message::Close(None)).await;
            }
        }
    }

    /// Waits for `hello` and checks it.
    async fn greet(&mut self, role: Role) -> Result<(), ErrorCode> {
        let deadline = Instant::now() + LOST_AFTER;
        loop {
            let heard = timeout_at(deadline, self.hear()).await.unwrap_or(Heard::Gone);
            return match heard {
                Heard::Message(Incoming::Hello { version, role: said }) => {
                    // A caregiver's page may call itself a patient: the invitation decides.
                    let fits = said == role || (role == Role::Caregiver && said == Role::Patient);
                    match (version >= VERSION, fits) {
                        (false, _) => Err(ErrorCode::Version),
                        (true, false) => Err(ErrorCode::Token),
                        (true, true) => Ok(()),
                    }
                }
                Heard::Nothing => continue,
                Heard::TooLarge => Err(ErrorCode::TooLarge),
                Heard::Message(_) | Heard::Gone => Err(ErrorCode::Version),
            };
        }
    }

    fn take_place(&self, role: Role, seat: Seat) -> Result<(), ErrorCode> {
        let (ice_servers, _) = self.region.ice_servers(&seat.person);
        let delay = delay::announced(&self.region, &self.appointment);
        let mut rooms = self.region.calls.rooms();
        let room = rooms.entry(self.appointment.clone()).or_default();
        room.join(role, seat, ice_servers, delay)
            .map_err(|_| ErrorCode::Busy)?;
        let over = matches!(room.progress(), Progress::Ended(reason) if reason.is_final());
        if role == Role::Patient && !over {
            let stretch = Stretch::arrived(room.waiting, self.region.clock.now());
            room.waiting = Some(stretch);
            // Under the lock: a leave that follows at once must be written after this.
            attendance::arrived(&self.region, &self.appointment, stretch);
            self.region.calls.ledger.set_waiting(&self.appointment, true);
        }
        Ok(())
    }

    fn give_back(&self, role: Role, connection: u64) {
        let mut rooms = self.region.calls.rooms();
        // No room: the region is closing, and takes the status back when it starts again.
        let Some(room) = rooms.get_mut(&self.appointment) else {
            return;
        };
        if !room.leave(role, connection) || role != Role::Patient {
            return;
        }
        room.waiting = room.waiting.map(|stretch| stretch.ended(self.region.clock.now()));
        // After the end of the visit the status is the workstation's to write.
        if !matches!(room.progress(), Progress::Ended(reason) if reason.is_final()) {
            attendance::left(&self.region, &self.appointment);
        }
        self.region.calls.ledger.set_waiting(&self.appointment, false);
    }

    /// Until one end closes or falls silent. Gives the error to close with, if any.
    async fn talk(&mut self, role: Role, connection: u64, mut inbox: Receiver<Frame>) -> Option<ErrorCode> {
        let mut ping = interval(PING_EVERY);
        ping.reset();
        let mut lost_at = Instant::now() + LOST_AFTER;
        loop {
            tokio::select! {
                frame = inbox.recv() => match frame? {
                    Frame::Say(message) => self.say(&message).await.ok()?,
                    Frame::Last(Outgoing::Error { code }) => return Some(code),
                    Frame::Last(message) => {
                        let _ = self.say(&message).await;
                        return None;
                    }
                },
                heard = timeout_at(lost_at, self.hear()) => {
                    lost_at = Instant::now() + LOST_AFTER;
                    match heard.ok()? {
                        Heard::Message(Incoming::Ping) => self.say(&Outgoing::Pong).await.ok()?,
                        Heard::Message(message) => self.pass_on(role, connection, message),
                        Heard::Nothing => {}
                        Heard::TooLarge => return Some(ErrorCode::TooLarge),
                        Heard::Gone => return None,
                    }
                }
                _ = ping.tick() => self.say(&Outgoing::Ping).await.ok()?,
            }
        }
    }

    fn pass_on(&self, role: Role, connection: u64, message: Incoming) {
        let mut rooms = self.region.calls.rooms();
        let Some(room) = rooms.get_mut(&self.appointment) else {
            return;
        };
        if let Some(progress) = room.hear(role, connection, message) {
            self.region.calls.ledger.set_progress(&self.appointment, progress);
        }
    }

    async fn hear(&mut self) -> Heard {
        match self.socket.recv().await {
            Some(Ok(Message::Text(text))) if text.len() > MAX_FRAME => Heard::TooLarge,
            Some(Ok(Message::Text(text))) => {
                serde_json::from_str(&text).map_or(Heard::Nothing, Heard::Message)
            }
            Some(Ok(Message::Binary(_) | Message::Ping(_) | Message::Pong(_))) => Heard::Nothing,
            Some(Ok(Message::Close(_)) | Err(_)) | None => Heard::Gone,
        }
    }

    async fn say(&mut self, message: &Outgoing) -> Result<(), axum::Error> {
        let text = serde_json::to_string(message).map_err(axum::Error::new)?;
        self.socket.send(Message::text(text)).await
    }

    async fn refuse(mut self, code: ErrorCode) {
        let _ = self.say(&Outgoing::Error { code }).await;
        let _ = self.socket.send(Message::Close(None)).await;
    }
}
