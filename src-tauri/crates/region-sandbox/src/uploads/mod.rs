//! Resumable uploads (`R/uploads`): tus 1.0.0 with the extensions creation, checksum, expiration and termination
//! (https://tus.io/protocols/resumable-upload).
//!
//! A finished upload is the FHIR `Binary` that its metadata name, with bytes that stay in a file. A piece is taken whole or
//! not at all: its checksum is judged before a byte of it is kept. Not in it: who may read the Binary (`fhir::access`).

mod headers;
mod refusal;
mod shelf;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use axum::routing::{head, post};
use jiff::Timestamp;
use tokio::io::AsyncReadExt;

use crate::Shared;
use crate::auth::Caller;
use headers::{ALGORITHMS, CHECKSUM, EXPIRES, LENGTH, OFFSET, RESUMABLE, VERSION};
use refusal::Refusal;

pub use shelf::UploadState;
pub(crate) use shelf::{Shelf, file_of};

/// The largest file.
pub const MAX_SIZE: u64 = 200 * 1024 * 1024;
/// The largest piece: it is held in memory until its checksum is judged.
pub const MAX_PIECE: usize = 16 * 1024 * 1024;

/// Routes under `/uploads`.
pub(crate) fn router() -> Router<Shared> {
    Router::new()
        .route("/", post(create).options(offer))
        .route("/{id}", head(standing).patch(append).delete(terminate))
        .layer(DefaultBodyLimit::max(MAX_PIECE))
        .layer(map_response(stamped))
}

/// Every answer says the version (tus, *Tus-Resumable*).
async fn stamped(mut response: Response) -> Response {
    response
        .headers_mut()
        .insert(RESUMABLE, HeaderValue::from_static(VERSION));
    response
}

async fn offer() -> Response {
    (
        StatusCode::NO_CONTENT,
        [
            (HeaderName::from_static("tus-version"), VERSION.to_owned()),
            (
                HeaderName::from_static("tus-extension"),
                "creation,checksum,expiration,termination".to_owned(),
            ),
            (HeaderName::from_static("tus-max-size"), MAX_SIZE.to_string()),
            (
                HeaderName::from_static("tus-checksum-algorithm"),
                ALGORITHMS.to_owned(),
            ),
        ],
    )
        .into_response()
}

async fn create(
    State(region): State<Shared>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    headers::spoken(&headers)?;
    let new = headers::new_upload(&headers)?;
    if new.length > MAX_SIZE {
        return Err(Refusal::TooLarge);
    }
    let location = region.base_url.clone();
    let (upload, offset) = on_disk(move || region.uploads.create(&region.store, &caller, new)).await?;
    Ok((
        StatusCode::CREATED,
        [
            (header::LOCATION, format!("{location}/uploads/{}", upload.id)),
            (HeaderName::from_static(EXPIRES), expires(upload.expires)),
            (HeaderName::from_static(OFFSET), offset.to_string()),
        ],
    )
        .into_response())
}

async fn standing(
    State(region): State<Shared>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    headers::spoken(&headers)?;
    let (upload, offset) = on_disk(move || region.uploads.standing(&region.store, &caller, &id)).await?;
    Ok((
        StatusCode::OK,
        [
            (HeaderName::from_static(OFFSET), offset.to_string()),
            (HeaderName::from_static(LENGTH), upload.length.to_string()),
            (HeaderName::from_static(EXPIRES), expires(upload.expires)),
            (header::CACHE_CONTROL, "no-store".to_owned()),
        ],
    )
        .into_response())
}

async fn append(
    State(region): State<Shared>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Refusal> {
    headers::spoken(&headers)?;
    headers::is_piece(&headers)?;
    let offset = headers::number(&headers, OFFSET)?;
    let piece = body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Refusal::TooLarge,
        _ => Refusal::Malformed("il corpo non è arrivato intero"),
    })?;
    let checksum = headers.get(CHECKSUM).cloned();
    let (upload, offset) = on_disk(move || {
        if let Some(checksum) = checksum {
            headers::judge(&checksum, &piece)?;
        }
        region.uploads.append(&region.store, &caller, &id, offset, &piece)
    })
    .await?;
    Ok((
        StatusCode::NO_CONTENT,
        [
            (HeaderName::from_static(OFFSET), offset.to_string()),
            (HeaderName::from_static(EXPIRES), expires(upload.expires)),
        ],
    )
        .into_response())
}

async fn terminate(
    State(region): State<Shared>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode, Refusal> {
    headers::spoken(&headers)?;
    on_disk(move || region.uploads.terminate(&caller, &id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The bytes of a finished upload, a piece at a time.
pub(crate) async fn stream(file: &std::path::Path) -> std::io::Result<Body> {
    let file = tokio::fs::File::open(file).await?;
    let pieces = futures_util::stream::try_unfold(file, |mut file| async move {
        let mut piece = vec![0; 64 * 1024];
        let count = file.read(&mut piece).await?;
        piece.truncate(count);
        Ok::<_, std::io::Error>((count > 0).then(|| (Bytes::from(piece), file)))
    });
    Ok(Body::from_stream(pieces))
}

/// Files are read and written off the network's threads.
async fn on_disk<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or(Err(Refusal::Disk))
}

/// *Upload-Expires*: a date as HTTP writes it (RFC 9110, 5.6.7).
fn expires(seconds: i64) -> String {
    Timestamp::from_second(seconds).map_or_else(
        |_| String::new(),
        |at| at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string(),
    )
}
