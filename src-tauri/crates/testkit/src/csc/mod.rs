//! A remote signature service on loopback, written to the API specification of the Cloud Signature Consortium
//! (v1.0.4 and v2.0), with the troubles that such services have.
//!
//! One person, one credential with a real key. It checks what the specification makes a service check: the access
//! token, each parameter's presence and type, PIN and one-time code, the SAD's life, number and hashes. Not in it: other
//! `authType`s than a bearer token from an authorisation code, and several people.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;

use openssl::pkey::{PKey, Private};
use secrecy::ExposeSecret as _;
use signing::token::training::TrainingKey;
use tokio::sync::oneshot;

use crate::authority::Authority;
use crate::pki::PkiError;

mod calls;
mod login;

/// The edition of the specification that the service follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edition {
    /// 1.0.4.
    V1,
    /// 2.0.
    V2,
}

/// How the service misbehaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Trouble {
    /// Not at all.
    #[default]
    None,
    /// A SAD lasts for no time, and the service does not say so.
    SadExpiresAtOnce,
    /// A SAD lasts for no time, and the service says so.
    SadSaidToExpire,
    /// Signatures are refused with 429 and `Retry-After: 30`.
    TooManyRequests,
    /// The service signs, and the answer never comes.
    SilentAfterSigning,
    /// The gateway before the service answers 504 after it signed.
    GatewayTimeout,
    /// Out of order: 503.
    Unavailable,
    /// The credential is disabled.
    Disabled,
    /// One bit of each signature is wrong.
    Lies,
    /// The signatures come in the wrong order.
    Shuffles,
    /// One signature too few.
    OneMissing,
    /// A page of a proxy instead of JSON.
    Garbled,
    /// The access token has expired.
    AccessExpired,
    /// The one-time code is too old.
    OtpExpired,
}

/// How the credential is used.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// Documents for each authorisation.
    pub multisign: usize,
    /// A PIN is asked for.
    pub pin: bool,
    /// A one-time code is asked for.
    pub otp: bool,
    /// Consent by a login in the browser, and by nothing else.
    pub in_browser: bool,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            multisign: 100,
            pin: true,
            otp: true,
            in_browser: false,
        }
    }
}

/// The PIN of the credential. Three wrong ones lock it.
pub const PIN: &str = "12345678";
/// The access token.
pub const ACCESS: &str = "accesso-di-prova";
/// The client that may log in.
pub const CLIENT: &str = "postazione-di-prova";
/// The credential's name.
pub const CREDENTIAL: &str = "credenziale-1";

/// What was asked of the service so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// `credentials/authorize`.
    pub authorisations: usize,
    /// `signatures/signHash`.
    pub sign_requests: usize,
    /// Hashes signed.
    pub signed: usize,
    /// One-time codes sent.
    pub codes_sent: usize,
}

/// The running service. It stops when dropped.
pub struct CscServer {
    address: SocketAddr,
    edition: Edition,
    state: Shared,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

type Shared = Arc<Mutex<State>>;

struct State {
    edition: Edition,
    terms: Terms,
    trouble: Trouble,
    base: String,
    key: PKey<Private>,
    chain: Vec<Vec<u8>>,
    tsa: Option<Authority>,
    wrong_pins: u32,
    /// The next one-time code: each is good once.
    code: u32,
    grants: Vec<Grant>,
    access: HashSet<String>,
    logins: Vec<login::Pending>,
    counts: Counts,
}

struct Grant {
    sad: String,
    hashes: Vec<String>,
    left: usize,
    ends: Instant,
}

fn locked(state: &Shared) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Something that nobody guesses.
fn random() -> String {
    hex::encode(rand::random::<[u8; 16]>())
}

impl CscServer {
    /// Starts a service that holds this key. With an authority, it makes time-stamps.
    pub fn start(
        edition: Edition,
        key: &TrainingKey,
        terms: Terms,
        tsa: Option<Authority>,
    ) -> Result<Self, PkiError> {
        let tool = |message: String| PkiError::Tool {
            tool: "the remote signature service",
            message,
        };
        let state = Arc::new(Mutex::new(State {
            edition,
            terms,
            trouble: Trouble::None,
            base: String::new(),
            key: PKey::private_key_from_pem(key.key_pem()?.expose_secret().as_bytes())
                .map_err(|error| tool(error.to_string()))?,
            chain: key.chain_der()?,
            tsa,
            wrong_pins: 0,
            code: 100_001,
            grants: Vec::new(),
            access: HashSet::from([ACCESS.to_owned()]),
            logins: Vec::new(),
            counts: Counts::default(),
        }));
        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        locked(&state).base = format!("http://{address}");
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let (stop, stopped) = oneshot::channel::<()>();
        let router = calls::router(state.clone());
        let thread = std::thread::spawn(move || {
            runtime.block_on(async move {
                let Ok(listener) = tokio::net::TcpListener::from_std(listener) else {
                    return;
                };
                // Not a graceful end: an answer that never comes must not hold the test.
                tokio::select! {
                    _ = axum::serve(listener, router) => {}
                    _ = stopped => {}
                }
            });
            runtime.shutdown_background();
        });
        Ok(Self {
            address,
            edition,
            state,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// The address below which the calls stand.
    pub fn base(&self) -> String {
        let edition = match self.edition {
            Edition::V1 => "v1",
            Edition::V2 => "v2",
        };
        format!("http://{}/csc/{edition}", self.address)
    }

    /// Misbehaves from now on.
    pub fn trouble(&self, trouble: Trouble) {
        locked(&self.state).trouble = trouble;
    }

    /// The one-time code that the person reads on the telephone now.
    pub fn otp(&self) -> String {
        locked(&self.state).code.to_string()
    }

    /// What was asked so far.
    pub fn counts(&self) -> Counts {
        locked(&self.state).counts
    }
}

impl Drop for CscServer {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
