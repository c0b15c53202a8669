//! HTTP on loopback in front of [`crate::authority`]: `/tsa`, `/ocsp`, `/root.crl`, `/issuer.crl`.
//!
//! Plain threads over `TcpListener`, port 0. It counts what it is asked, can fall silent, and ends when dropped.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::authority::Authority;
use crate::pki::PkiError;
use crate::tsa::{self, TsaFault};

/// How a service behaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Service {
    /// It answers.
    #[default]
    Up,
    /// Status 503.
    Down,
    /// It takes the request and says nothing for a minute.
    Silent,
    /// It answers with bytes that are nothing.
    Garbage,
}

#[derive(Default)]
struct State {
    tsa: Mutex<(Service, TsaFault)>,
    ocsp: Mutex<Service>,
    crl: Mutex<Service>,
    asked: [AtomicUsize; 3],
    ended: AtomicBool,
}

/// The authorities with their services.
pub struct Responder {
    /// The authorities.
    pub authority: Authority,
    address: SocketAddr,
    state: Arc<State>,
}

impl Responder {
    /// Makes the authorities in a folder and begins to answer for them.
    pub fn start(dir: &Path) -> Result<Self, PkiError> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let address = listener.local_addr()?;
        let authority = Authority::create(dir, &format!("http://{address}"))?;
        let state = Arc::new(State::default());
        let (its_authority, its_state) = (authority.clone(), Arc::clone(&state));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if its_state.ended.load(Ordering::Acquire) {
                    return;
                }
                let (authority, state) = (its_authority.clone(), Arc::clone(&its_state));
                std::thread::spawn(move || serve(stream, &authority, &state));
            }
        });
        Ok(Self {
            authority,
            address,
            state,
        })
    }

    /// Where time-stamps are given.
    pub fn tsa(&self) -> String {
        format!("http://{}/tsa", self.address)
    }

    /// Makes the time-stamp authority behave so.
    pub fn set_tsa(&self, service: Service, fault: TsaFault) {
        *lock(&self.state.tsa) = (service, fault);
    }

    /// Makes the OCSP responder behave so.
    pub fn set_ocsp(&self, service: Service) {
        *lock(&self.state.ocsp) = service;
    }

    /// Makes both CRLs behave so.
    pub fn set_crl(&self, service: Service) {
        *lock(&self.state.crl) = service;
    }

    /// How often the time-stamp authority, the OCSP responder and the CRLs were asked.
    pub fn asked(&self) -> [usize; 3] {
        [0, 1, 2].map(|at: usize| self.state.asked.get(at).map_or(0, |n| n.load(Ordering::Acquire)))
    }
}

impl Drop for Responder {
    fn drop(&mut self) {
        self.state.ended.store(true, Ordering::Release);
        // Wakes the listener.
        let _ = TcpStream::connect(self.address);
    }
}

fn lock<T>(of: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

fn serve(stream: TcpStream, authority: &Authority, state: &State) {
    let Ok(reading) = stream.try_clone() else { return };
    let Some((path, body)) = request(reading) else {
        return;
    };
    let (which, service, answer): (usize, Service, Result<Vec<u8>, PkiError>) = match path.as_str() {
        "/tsa" => {
            let (service, fault) = *lock(&state.tsa);
            (0, service, tsa::answer(authority, &body, fault))
        }
        "/ocsp" => (1, *lock(&state.ocsp), authority.ocsp(&body)),
        // `openssl ca` rewrites its number: one at a time.
        "/root.crl" | "/issuer.crl" => {
            let service = lock(&state.crl);
            let by = path.trim_start_matches('/').trim_end_matches(".crl");
            (2, *service, authority.crl(by))
        }
        _ => return reply(stream, "404 Not Found", b""),
    };
    if let Some(count) = state.asked.get(which) {
        count.fetch_add(1, Ordering::AcqRel);
    }
    match (service, answer) {
        (Service::Up, Ok(bytes)) => reply(stream, "200 OK", &bytes),
        (Service::Garbage, _) => reply(stream, "200 OK", b"<html>manutenzione</html>"),
        (Service::Silent, _) => {
            // Whoever waits gives up and closes; a minute is longer than any test's patience.
            let _ = stream.set_read_timeout(Some(Duration::from_secs(60)));
            let _ = (&stream).read(&mut [0]);
        }
        (Service::Down, _) => reply(stream, "503 Service Unavailable", b""),
        (Service::Up, Err(error)) => reply(stream, "500 Internal Server Error", error.to_string().as_bytes()),
    }
}

fn request(stream: TcpStream) -> Option<(String, Vec<u8>)> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut length = 0;
    loop {
        line.clear();
        reader.read_line(&mut line).ok()?;
        let header = line.trim();
        if header.is_empty() {
            break;
        }
        if let Some((name, value)) = header.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((path, body))
}

fn reply(mut stream: TcpStream, status: &str, body: &[u8]) {
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    let _ = stream.write_all(head.as_bytes());
    let _ = stream.write_all(body);
}
