//! A FHIR store that stands elsewhere: the sandbox is then only its door, with the region's login before it.
//!
//! For proving that the workstation needs nothing but standard FHIR: behind the door stands a stock server, open as it comes.
//! A token is asked for, and nothing else is added or taken away. Not in it: who may see what, which such a server
//! leaves to whoever runs it.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, OriginalUri, State};
use axum::http::{HeaderMap, HeaderName, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;

use crate::Shared;
use crate::auth::Caller;
use crate::fhir::outcome::Refusal;
use crate::fhir::rest::MAX_BODY;

/// What a FHIR exchange says in its headers (FHIR R4, http.html); `Host` makes the links of the answer lead through the door.
const ASKED: [HeaderName; 8] = [
    header::ACCEPT,
    header::CACHE_CONTROL,
    header::CONTENT_TYPE,
    header::IF_MATCH,
    header::IF_NONE_MATCH,
    HeaderName::from_static("if-none-exist"),
    HeaderName::from_static("prefer"),
    header::HOST,
];
const ANSWERED: [HeaderName; 5] = [
    header::CONTENT_TYPE,
    header::ETAG,
    header::LOCATION,
    header::CONTENT_LOCATION,
    header::LAST_MODIFIED,
];

/// Routes under `/fhir`.
pub(crate) fn router() -> Router<Shared> {
    Router::new()
        .route("/", any(pass))
        .route("/{*rest}", any(pass))
        .layer(DefaultBodyLimit::max(MAX_BODY))
}

pub(crate) async fn pass(
    State(region): State<Shared>,
    _caller: Caller,
    method: Method,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let unreachable = || {
        Refusal::new(
            StatusCode::BAD_GATEWAY,
            "transient",
            "Il server FHIR non risponde",
        )
    };
    let base = region.fhir_elsewhere.as_deref().ok_or_else(unreachable)?;
    let below = uri.path_and_query().map(|path| path.as_str()).unwrap_or_default();
    let below = below.strip_prefix("/fhir").unwrap_or(below);
    let mut ask = region.client.request(method, format!("{base}{below}")).body(body);
    for name in ASKED {
        if let Some(value) = headers.get(&name) {
            ask = ask.header(name, value);
        }
    }
    let answer = ask.send().await.map_err(|_| unreachable())?;
    let (status, found) = (answer.status(), answer.headers().clone());
    let body = answer.bytes().await.map_err(|_| unreachable())?;
    let mut response = (status, Body::from(body)).into_response();
    for name in ANSWERED {
        if let Some(value) = found.get(&name) {
            response.headers_mut().insert(name, value.clone());
        }
    }
    Ok(response)
}
