//! One HTTP exchange with a time-stamp authority, an OCSP responder, or the address of a CRL or of a trusted list.
//!
//! A trait, so that who embeds this crate may bring a client of its own; [`Http`] is the one that works as it is.
//! It is reqwest, which the workstation has anyway, with the system's proxy and certificates: hospitals stand
//! behind both. Answers are bounded in size and time. Not in it: retries and caches, which their owners decide.

use std::io::Read as _;
use std::time::{Duration, Instant};

use secrecy::{ExposeSecret, SecretString};

/// User and password of a subscription (HTTP Basic), as most Italian time-stamp authorities ask for.
#[derive(Clone)]
pub struct Credentials {
    /// The user.
    pub user: String,
    /// The password.
    pub password: SecretString,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Credentials(..)")
    }
}

/// What is sent.
#[derive(Clone, Copy, Debug)]
pub struct Exchange<'a> {
    /// `http://` or `https://`. Time-stamps, OCSP answers and CRLs are signed and travel in clear as a rule.
    pub url: &'a str,
    /// Media type and bytes to POST; without, it is a GET.
    pub body: Option<(&'a str, &'a [u8])>,
    /// Who pays for it.
    pub credentials: Option<&'a Credentials>,
    /// The longest answer that is read, in bytes.
    pub limit: usize,
}

/// Why there was no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// Not an `http` or `https` address.
    #[error("the address cannot be used")]
    Address,
    /// No connection, or it broke.
    #[error("the service cannot be reached")]
    Unreachable,
    /// No whole answer in time.
    #[error("the service did not answer in time")]
    TimedOut,
    /// User or password refused (401 or 403).
    #[error("the service refused the credentials")]
    Denied,
    /// Another status than 200.
    #[error("the service answered with status {0}")]
    Status(u16),
    /// Longer than the limit.
    #[error("the answer of the service is too long")]
    TooLong,
}

/// Something that carries an exchange out. It blocks.
pub trait Transport: Send + Sync {
    /// The body of an answer with status 200.
    fn send(&self, exchange: &Exchange<'_>) -> Result<Vec<u8>, TransportError>;
}

/// The transport over HTTP. Not to be made or used on a thread of an event loop.
pub struct Http {
    client: reqwest::blocking::Client,
    patience: Duration,
}

impl Http {
    /// `patience` bounds each exchange from the connection to the last byte.
    pub fn new(patience: Duration) -> Result<Self, TransportError> {
        let client = reqwest::blocking::Client::builder()
            .timeout(patience)
            .build()
            .map_err(|_| TransportError::Unreachable)?;
        Ok(Self { client, patience })
    }
}

impl Transport for Http {
    fn send(&self, exchange: &Exchange<'_>) -> Result<Vec<u8>, TransportError> {
        let deadline = Instant::now() + self.patience;
        let web = ["http://", "https://"].iter().any(|scheme| {
            exchange
                .url
                .get(..scheme.len())
                .is_some_and(|s| s.eq_ignore_ascii_case(scheme))
        });
        if !web {
            return Err(TransportError::Address);
        }
        let mut request = match exchange.body {
            Some((kind, bytes)) => self
                .client
                .post(exchange.url)
                .header("Content-Type", kind)
                .body(bytes.to_vec()),
            None => self.client.get(exchange.url),
        };
        if let Some(Credentials { user, password }) = exchange.credentials {
            request = request.basic_auth(user, Some(password.expose_secret()));
        }
        let mut answer = request.send().map_err(|e| {
            if e.is_timeout() {
                TransportError::TimedOut
            } else if e.is_builder() {
                TransportError::Address
            } else {
                TransportError::Unreachable
            }
        })?;
        match answer.status().as_u16() {
            200 => {}
            401 | 403 => return Err(TransportError::Denied),
            other => return Err(TransportError::Status(other)),
        }
        // The client bounds each read; who sends a byte now and then must not hold us longer than that.
        let (mut whole, mut piece) = (Vec::new(), [0; 16 * 1024]);
        loop {
            let count = answer.read(&mut piece).map_err(|e| match e.kind() {
                std::io::ErrorKind::TimedOut => TransportError::TimedOut,
                _ if Instant::now() >= deadline => TransportError::TimedOut,
                _ => TransportError::Unreachable,
            })?;
            let Some(read) = piece.get(..count).filter(|read| !read.is_empty()) else {
                return Ok(whole);
            };
            if whole.len() + read.len() > exchange.limit {
                return Err(TransportError::TooLong);
            }
            whole.extend_from_slice(read);
            if Instant::now() >= deadline {
                return Err(TransportError::TimedOut);
            }
        }
    }
}
