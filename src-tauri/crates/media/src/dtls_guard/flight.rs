//! Our last flight, and when it is sent again. No socket and no clock of its own: time is an argument.

use super::records::{
    APPLICATION_DATA, CHANGE_CIPHER_SPEC, CLIENT_HELLO, HANDSHAKE, HELLO_VERIFY_REQUEST, Record,
    SERVER_HELLO, hide, is_srtp, payload, records,
};
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A flight is sent again when it is this old.
const OLD: Duration = Duration::from_millis(300);

/// Never twice within this, however often the peer repeats itself.
const GAP: Duration = Duration::from_millis(100);

/// After this the watchdog of the call takes over.
const LIMIT: Duration = Duration::from_secs(10);

/// Datagrams of a flight: more than any certificate of ours fills.
const DATAGRAMS: usize = 8;

#[derive(Debug)]
struct Datagram {
    socket: Arc<UdpSocket>,
    to: SocketAddr,
    bytes: Vec<u8>,
}

/// Which flight of ours is out (RFC 6347, 4.2.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// ClientHello, with or without cookie.
    Hello,
    /// ServerHello to ServerHelloDone.
    Server,
    /// Certificate to Finished of the client.
    Client,
}

#[derive(Debug)]
struct Flight {
    kind: Kind,
    /// Number of its first message: when it is seen again, the crate itself repeats.
    first: Option<u16>,
    datagrams: Vec<Datagram>,
    began: Instant,
    sent: Instant,
    /// The peer went on: no more replays.
    answered: bool,
}

/// The handshake of one peer connection, as seen from outside.
#[derive(Debug, Default)]
pub(super) struct Guard {
    flight: Option<Flight>,
    done: bool,
    sockets: bool,
}

impl Guard {
    /// The handshake is over; nothing is looked at any more.
    pub(super) fn is_done(&self) -> bool {
        self.done
    }

    /// True once, for the first socket of the connection.
    pub(super) fn first_socket(&mut self) -> bool {
        !std::mem::replace(&mut self.sockets, true)
    }

    /// We sent a datagram.
    pub(super) fn on_sent(&mut self, socket: &Arc<UdpSocket>, to: SocketAddr, bytes: &[u8], now: Instant) {
        if self.done {
            return;
        }
        let records = records(bytes);
        let Some(kind) = self.kind_of(&records) else {
            return;
        };
        let first = records.iter().find_map(|record| record.message);
        let anew = match &self.flight {
            None => true,
            Some(flight) => flight.kind != kind || (first.is_some() && flight.first == first),
        };
        let datagram = Datagram {
            socket: socket.clone(),
            to,
            bytes: bytes.to_vec(),
        };
        match &mut self.flight {
            Some(flight) if !anew => {
                flight.sent = now;
                if flight.datagrams.len() < DATAGRAMS {
                    flight.datagrams.push(datagram);
                }
            }
            flight => {
                let again = flight.as_ref().is_some_and(|flight| flight.kind == kind);
                let began = flight
                    .as_ref()
                    .filter(|_| again)
                    .map_or(now, |flight| flight.began);
                *flight = Some(Flight {
                    kind,
                    first,
                    datagrams: vec![datagram],
                    began,
                    sent: now,
                    answered: false,
                });
            }
        }
        // The server's ChangeCipherSpec ends its part: a client that misses it repeats, and the crate answers that.
        if kind == Kind::Server && records.iter().any(|record| record.content == CHANGE_CIPHER_SPEC) {
            self.done = true;
            self.flight = None;
        }
    }

    /// The flight that a datagram of ours belongs to; `None` when it is none.
    fn kind_of(&self, records: &[Record]) -> Option<Kind> {
        let shakes = |record: &Record| matches!(record.content, HANDSHAKE | CHANGE_CIPHER_SPEC);
        if !records.iter().any(shakes) {
            return None;
        }
        let current = self.flight.as_ref().map(|flight| flight.kind);
        match records.iter().find_map(|record| record.handshake) {
            Some(CLIENT_HELLO) => Some(Kind::Hello),
            Some(SERVER_HELLO) => Some(Kind::Server),
            Some(HELLO_VERIFY_REQUEST) => None,
            _ => match current? {
                Kind::Hello | Kind::Client => Some(Kind::Client),
                Kind::Server => Some(Kind::Server),
            },
        }
    }

    /// A datagram came; useless repeats in it are hidden.
    pub(super) fn on_received(&mut self, datagram: &mut [u8], now: Instant) {
        if self.done {
            return;
        }
        let Some(flight) = &mut self.flight else { return };
        if is_srtp(&datagram[payload(datagram)]) {
            flight.answered = true;
            self.done = flight.kind == Kind::Client;
            return;
        }
        let kind = flight.kind;
        let mut repeated = false;
        for record in records(datagram) {
            let useless = matches!(
                (kind, record.handshake),
                (Kind::Server, Some(CLIENT_HELLO))
                    | (Kind::Client, Some(SERVER_HELLO | HELLO_VERIFY_REQUEST | 11..=14))
            );
            if useless {
                hide(datagram, &record);
                repeated = true;
            } else if matches!(record.content, HANDSHAKE | CHANGE_CIPHER_SPEC | APPLICATION_DATA) {
                flight.answered = true;
                // Finished of the server, or data: the client has no more flights.
                self.done |= kind == Kind::Client;
            }
        }
        if repeated && !flight.answered && now.saturating_duration_since(flight.sent) >= GAP {
            flight.send_again(now);
        }
    }

    /// Time has passed.
    pub(super) fn on_time(&mut self, now: Instant) {
        if self.done {
            return;
        }
        if let Some(flight) = &mut self.flight
            && !flight.answered
            && now.saturating_duration_since(flight.sent) >= OLD
        {
            flight.send_again(now);
        }
    }
}

impl Flight {
    fn send_again(&mut self, now: Instant) {
        if now.saturating_duration_since(self.began) > LIMIT {
            return;
        }
        self.sent = now;
        for datagram in &self.datagrams {
            // A full socket loses a replay; there will be another.
            let _ = datagram.socket.send_to(&datagram.bytes, datagram.to);
        }
    }
}
