//! What can go wrong between this PC and the region, in a closed list.
//!
//! No variant prints health data: what the region says in words stays in [`Problem::detail`], which no log can
//! print. Not in it: the Italian sentences, which the window's contract owns.

use std::time::Duration;

use clinical::Sensitive;
use serde::{Deserialize, Serialize};

/// A refusal in the region's words: `application/problem+json` (RFC 9457) or a FHIR `OperationOutcome`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Type, for example `/msg/jwt-validation`; the issue code for a FHIR outcome.
    #[serde(rename = "type", default)]
    pub kind: String,
    /// Short title.
    #[serde(default)]
    pub title: String,
    /// Details, may name a patient.
    #[serde(default)]
    pub detail: Option<Sensitive<String>>,
    /// HTTP status.
    #[serde(default)]
    pub status: u16,
    /// Which rule, for example `/cda-validation`.
    #[serde(default)]
    pub instance: Option<String>,
    /// Trace for the help desk.
    #[serde(default, rename = "traceID", alias = "traceId")]
    pub trace: Option<String>,
}

/// Why a call to the region failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegionError {
    /// No connection: no network, name not found, refused.
    #[error("the region cannot be reached")]
    Unreachable,
    /// No answer in time, or the connection ended before the answer. The request may have been carried out.
    #[error("the region did not answer in time")]
    Timeout,
    /// The server's certificate is not trusted.
    #[error("the region's certificate was refused")]
    TlsRefused,
    /// 401, and no renewal was possible, or nobody is logged in.
    #[error("the access ended")]
    Unauthorised,
    /// 403.
    #[error("access denied")]
    Forbidden(Option<Box<Problem>>),
    /// 404 or 410.
    #[error("not found")]
    NotFound,
    /// 412: somebody else changed it.
    #[error("changed by somebody else")]
    Conflict,
    /// 409: it is there already.
    #[error("already there")]
    Duplicate(Option<Box<Problem>>),
    /// 429.
    #[error("too many requests")]
    TooMany {
        /// How long to wait, where the region says.
        retry_after: Option<Duration>,
    },
    /// 408, 425 and 5xx.
    #[error("the region is unavailable ({status})")]
    Unavailable {
        /// HTTP status.
        status: u16,
        /// How long to wait, where the region says.
        retry_after: Option<Duration>,
    },
    /// Another 4xx.
    #[error("refused ({})", .0.status)]
    Refused(Box<Problem>),
    /// HTML, a redirect or another content type: a captive portal or proxy answered.
    #[error("something else answered in the region's place")]
    NotTheRegion,
    /// The answer was cut or is not what the standard says.
    #[error("the answer cannot be read")]
    Garbled,
    /// The answer is larger than this program reads.
    #[error("the answer is too large")]
    TooLarge,
}

impl RegionError {
    /// Whether the same request may be sent again later without a person's help.
    pub fn is_passing(&self) -> bool {
        matches!(
            self,
            Self::Unreachable
                | Self::Timeout
                | Self::TlsRefused
                | Self::TooMany { .. }
                | Self::Unavailable { .. }
                | Self::NotTheRegion
                | Self::Garbled
        )
    }

    /// Whether the request may have been carried out although no good answer came.
    pub fn is_ambiguous(&self) -> bool {
        matches!(
            self,
            Self::Timeout | Self::Garbled | Self::NotTheRegion | Self::TooLarge | Self::Unavailable { .. }
        )
    }

    /// The wait that the region asked for.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::TooMany { retry_after } | Self::Unavailable { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}

impl Problem {
    /// A refusal without words.
    pub fn bare(status: u16) -> Self {
        Self {
            kind: String::new(),
            title: String::new(),
            detail: None,
            status,
            instance: None,
            trace: None,
        }
    }
}
