//! Requests frozen by the outbox: sent as they are, byte for byte, as often as needed, and the reply classified.
//!
//! A repeat is made harmless by the identifier inside the request: after an ambiguous reply the region is
//! searched for it before anything is sent again (conditional create is not atomic on every server). The
//! classes of replies are those of the outbox. Not in it: waiting, order, storage.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{Problem, Region, RegionError};

/// HTTP methods in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// GET.
    Get,
    /// POST.
    Post,
    /// PUT.
    Put,
    /// DELETE.
    Delete,
}

/// How to find out whether an earlier attempt was carried out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Confirm {
    /// Search of a FHIR resource by identifier.
    Identifier {
        /// Resource type, for example `Task`.
        resource: String,
        /// `identifier.system`.
        system: String,
        /// `identifier.value`.
        value: String,
    },
    /// Status of a document at the gateway, by `identificativoDoc`.
    Document {
        /// The document's identifier.
        identifier: String,
    },
}

/// A request as the outbox keeps it. No token: it is added when sending. `Debug` shows no body.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrozenRequest {
    /// Method.
    pub method: Method,
    /// Path below the base URL, without leading slash, with query: `fhir/Task`, `gateway/v1/documents`.
    pub path: String,
    /// Headers, names in lower case: `content-type`, `if-match`, `if-none-exist`.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
    /// How to look for an earlier attempt; `None` where a repeat is harmless by itself (PUT with `If-Match`).
    pub confirm: Option<Confirm>,
}

impl std::fmt::Debug for FrozenRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let path = self.path.split('?').next().unwrap_or_default();
        write!(f, "{:?} {path} ({} bytes)", self.method, self.body.len())
    }
}

impl FrozenRequest {
    /// SHA-256 of the body in lower-case hex, stored beside it.
    pub fn body_hash(&self) -> String {
        hex::encode(Sha256::digest(&self.body))
    }
}

/// What the region did with a request that it took.
#[derive(Clone, PartialEq, Eq)]
pub struct Sent {
    /// HTTP status; 200 when found by search.
    pub status: u16,
    /// Id of the created or changed resource.
    pub id: Option<String>,
    /// Its version, for the next `If-Match` (without `W/` and quotes).
    pub version: Option<String>,
    /// `workflowInstanceId` of the gateway.
    pub workflow: Option<String>,
    /// An earlier attempt had been carried out: nothing was sent again.
    pub found: bool,
    /// The body.
    pub body: Vec<u8>,
}

impl std::fmt::Debug for Sent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sent {{ status: {}, found: {} }}", self.status, self.found)
    }
}

/// Why a request has to be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RetryCause {
    /// No network, no answer.
    NoNetwork,
    /// Certificate refused, or something else answered.
    NotTheRegion,
    /// 408, 425, 429, 5xx.
    Busy,
    /// The answer could not be read.
    Garbled,
}

/// The reply, in the outbox's classes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Done, now or by an earlier attempt.
    Done(Sent),
    /// Send again later.
    Again {
        /// Why.
        cause: RetryCause,
        /// HTTP status, where there was one.
        status: Option<u16>,
        /// How long to wait, where the region says.
        retry_after: Option<Duration>,
        /// It may have been carried out: search before the next attempt.
        ambiguous: bool,
    },
    /// 401: pause the user's queue, spend no attempt.
    PauseUser,
    /// 412: a conflict that a person sees.
    Conflict,
    /// 409: it is there already, and not found to be ours.
    Duplicate(Option<Problem>),
    /// Another refusal: quarantine.
    Refused(Problem),
}

impl Region {
    /// Whether the region holds what a request carries, by its identifier. What a person may not read, the region did not take
    /// from them either.
    pub async fn holds(&self, request: &FrozenRequest) -> Result<bool, RegionError> {
        let Some(confirm) = &request.confirm else {
            return Ok(false);
        };
        match self.find_earlier(confirm).await {
            Ok(found) => Ok(found.is_some()),
            Err(RegionError::NotFound | RegionError::Forbidden(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Sends a frozen request. With `confirm_first` (after an ambiguous reply, or after a restart) the region is
    /// searched for an earlier attempt before anything is sent.
    pub async fn send(&self, request: &FrozenRequest, confirm_first: bool) -> Reply {
        if confirm_first && let Some(confirm) = &request.confirm {
            match self.find_earlier(confirm).await {
                Ok(Some(sent)) => return Reply::Done(sent),
                Ok(None) => {}
                // Nothing was sent, but the earlier attempt is as uncertain as before.
                Err(error) => return classify(error, true),
            }
        }
        match self.transmit(request).await {
            Ok(sent) => Reply::Done(sent),
            Err(RegionError::Duplicate(problem)) => match &request.confirm {
                Some(confirm) => match self.find_earlier(confirm).await {
                    Ok(Some(sent)) => Reply::Done(sent),
                    _ => Reply::Duplicate(problem.map(|p| *p)),
                },
                None => Reply::Duplicate(problem.map(|p| *p)),
            },
            Err(error) => Reply::of(error),
        }
    }
}

impl Reply {
    /// What an error means to the outbox, for exchanges that are not one frozen request.
    pub fn of(error: RegionError) -> Self {
        let ambiguous = error.is_ambiguous();
        classify(error, ambiguous)
    }
}

fn classify(error: RegionError, ambiguous: bool) -> Reply {
    let again = |cause, status, retry_after| Reply::Again {
        cause,
        status,
        retry_after,
        ambiguous,
    };
    match error {
        RegionError::Unauthorised => Reply::PauseUser,
        RegionError::Conflict => Reply::Conflict,
        RegionError::Duplicate(problem) => Reply::Duplicate(problem.map(|p| *p)),
        RegionError::Refused(problem) => Reply::Refused(*problem),
        RegionError::Forbidden(problem) => Reply::Refused(problem.map_or_else(|| Problem::bare(403), |p| *p)),
        RegionError::NotFound => Reply::Refused(Problem::bare(404)),
        RegionError::TooLarge => Reply::Refused(Problem::bare(413)),
        RegionError::TooMany { retry_after } => again(RetryCause::Busy, Some(429), retry_after),
        RegionError::Unavailable { status, retry_after } => {
            again(RetryCause::Busy, Some(status), retry_after)
        }
        RegionError::Unreachable | RegionError::Timeout => again(RetryCause::NoNetwork, None, None),
        RegionError::TlsRefused | RegionError::NotTheRegion => again(RetryCause::NotTheRegion, None, None),
        RegionError::Garbled => again(RetryCause::Garbled, None, None),
    }
}
