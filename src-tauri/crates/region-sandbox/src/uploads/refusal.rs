//! Refusals of the uploads, with the status that tus gives them and a body as the gateway's (RFC 9457).

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::headers::VERSION;

/// Why an upload, or a piece of it, was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    /// Another version of the protocol.
    #[error("another version of tus is spoken here")]
    Version,
    /// A header that cannot be read.
    #[error("{0}")]
    Malformed(&'static str),
    /// The bytes are not announced as a piece.
    #[error("a piece is application/offset+octet-stream")]
    MediaType,
    /// Not there, or somebody else's.
    #[error("no such upload")]
    Unknown,
    /// It was left for too long.
    #[error("the upload is over")]
    Expired,
    /// Bytes of another place in the file.
    #[error("the upload stands at another offset")]
    Offset,
    /// The identifier names another content, or another person's.
    #[error("the identifier is taken")]
    Taken,
    /// The bytes are not those that were announced.
    #[error("the checksum does not fit")]
    Checksum,
    /// Larger than is taken.
    #[error("too large")]
    TooLarge,
    /// Too many uploads begun and not ended.
    #[error("too many uploads under way")]
    TooMany,
    /// No room.
    #[error("no room on the disk")]
    Full,
    /// The disk or the database failed.
    #[error("the disk failed")]
    Disk,
}

impl Refusal {
    /// 460 is tus's own (checksum extension, *460 Checksum Mismatch*).
    fn status(self) -> u16 {
        match self {
            Self::Version => 412,
            Self::Malformed(_) => 400,
            Self::MediaType => 415,
            Self::Unknown => 404,
            Self::Expired => 410,
            Self::Offset | Self::Taken => 409,
            Self::Checksum => 460,
            Self::TooLarge => 413,
            Self::TooMany => 429,
            Self::Full => 507,
            Self::Disk => 500,
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let number = self.status();
        let body = json!({"type": "/msg/upload", "title": self.to_string(), "status": number});
        let status = StatusCode::from_u16(number).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (
            status,
            [(header::CONTENT_TYPE, "application/problem+json")],
            body.to_string(),
        )
            .into_response();
        if self == Self::Version {
            response
                .headers_mut()
                .insert("tus-version", header::HeaderValue::from_static(VERSION));
        }
        response
    }
}
