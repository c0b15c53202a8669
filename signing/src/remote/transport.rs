//! One POST to a remote signature service: a trait, so that a program uses the client it already has.
//!
//! It tells apart what a retry may depend on: whether anything was sent. Not in it: what is said (`wire`).

use std::io::Read as _;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

/// The longest answer that is read, in bytes: hundreds of signatures are far below it.
pub const LONGEST_ANSWER: usize = 4 * 1024 * 1024;

/// What is sent. `Debug` shows the address alone.
pub struct Request<'a> {
    /// Where to.
    pub url: &'a str,
    /// The access token, for `Authorization: Bearer`.
    pub bearer: Option<&'a SecretString>,
    /// The media type of the body.
    pub media_type: &'static str,
    /// The body. It may hold a PIN.
    pub body: &'a [u8],
}

impl std::fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Request")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

/// What came back, whatever the status. It may hold a SAD, so it is wiped.
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// `Retry-After`, in seconds.
    pub retry_after_s: Option<u64>,
    /// The body, at most [`LONGEST_ANSWER`] bytes.
    pub body: Zeroizing<Vec<u8>>,
}

/// Why there was no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransportFault {
    /// No connection: nothing was sent.
    #[error("no connection")]
    NotSent,
    /// The request left, or may have left, and no whole answer came.
    #[error("no answer")]
    NoAnswer,
}

/// A client that posts. It blocks, follows no redirect and tries nothing twice.
pub trait Transport: Send + Sync {
    /// One POST.
    fn post(&self, request: &Request<'_>) -> Result<Answer, TransportFault>;
}

/// The one that works as it is: reqwest with the system's proxy and certificates. Not to be used on a thread of an
/// event loop.
pub struct HttpTransport {
    client: reqwest::blocking::Client,
}

impl HttpTransport {
    /// `patience` bounds each exchange.
    pub fn new(patience: Duration) -> Result<Self, TransportFault> {
        reqwest::blocking::Client::builder()
            .timeout(patience)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .build()
            .map(|client| Self { client })
            .map_err(|_| TransportFault::NotSent)
    }
}

impl Transport for HttpTransport {
    fn post(&self, request: &Request<'_>) -> Result<Answer, TransportFault> {
        let mut post = self
            .client
            .post(request.url)
            .header("Content-Type", request.media_type)
            .body(request.body.to_vec());
        if let Some(bearer) = request.bearer {
            post = post.bearer_auth(bearer.expose_secret());
        }
        let answer = post.send().map_err(|error| {
            if error.is_connect() || error.is_builder() {
                TransportFault::NotSent
            } else {
                TransportFault::NoAnswer
            }
        })?;
        let retry_after_s = answer
            .headers()
            .get("Retry-After")
            .and_then(|value| value.to_str().ok()?.trim().parse().ok());
        let status = answer.status().as_u16();
        let mut body = Zeroizing::new(Vec::new());
        let most = u64::try_from(LONGEST_ANSWER).unwrap_or(u64::MAX);
        answer
            .take(most.saturating_add(1))
            .read_to_end(&mut body)
            .map_err(|_| TransportFault::NoAnswer)?;
        if body.len() > LONGEST_ANSWER {
            return Err(TransportFault::NoAnswer);
        }
        Ok(Answer {
            status,
            retry_after_s,
            body,
        })
    }
}
