//! Where rules meet requests: around all routes, with a hand on the connection itself so that an answer can be lost.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::extract::connect_info::Connected;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use axum::serve::{IncomingStream, Listener};
use serde_json::json;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

use super::{Effect, Rule};
use crate::Shared;

/// Listens on loopback and hands out connections that can be cut.
pub(crate) struct Door(pub(crate) TcpListener);

/// A connection that can be cut before its answer leaves.
pub(crate) struct Stream {
    inner: TcpStream,
    connection: Connection,
}

/// The hand on a connection.
#[derive(Clone, Debug, Default)]
pub(crate) struct Connection(Arc<AtomicBool>);

impl Connection {
    fn cut(&self) {
        self.0.store(true, Ordering::Release);
    }

    fn is_cut(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

impl Listener for Door {
    type Io = Stream;
    type Addr = std::net::SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            match self.0.accept().await {
                Ok((inner, address)) => {
                    // Small answers of a call's signalling must not wait for more.
                    let _ = inner.set_nodelay(true);
                    return (
                        Stream {
                            inner,
                            connection: Connection::default(),
                        },
                        address,
                    );
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection was not accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<Self::Addr> {
        self.0.local_addr()
    }
}

impl Connected<IncomingStream<'_, Door>> for Connection {
    fn connect_info(stream: IncomingStream<'_, Door>) -> Self {
        stream.io().connection.clone()
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(cx, buf)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        if self.connection.is_cut() {
            return Poll::Ready(Err(std::io::ErrorKind::ConnectionAborted.into()));
        }
        Pin::new(&mut self.inner).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

/// The layer around all routes.
pub(crate) async fn apply(
    State(region): State<Shared>,
    ConnectInfo(connection): ConnectInfo<Connection>,
    request: Request,
    next: Next,
) -> Response {
    let rule = region
        .faults
        .meet(request.method().as_str(), request.uri().path());
    let path = request.uri().path().to_owned();
    let mut response = match rule {
        None => next.run(request).await,
        Some(rule) => spoiled(&rule, &path, &connection, request, next).await,
    };
    // The region's clock may be wrong on purpose, and its `Date` says so too.
    let date = region
        .clock
        .now()
        .strftime("%a, %d %b %Y %H:%M:%S GMT")
        .to_string();
    if let Ok(date) = HeaderValue::from_str(&date) {
        response.headers_mut().insert(header::DATE, date);
    }
    response
}

async fn spoiled(rule: &Rule, path: &str, connection: &Connection, request: Request, next: Next) -> Response {
    if rule.latency_ms > 0 {
        tokio::time::sleep(Duration::from_millis(rule.latency_ms)).await;
    }
    if let Some(status) = rule.status {
        return refused(status, rule.retry_after, path);
    }
    match rule.effect {
        None => next.run(request).await,
        Some(Effect::LoseRequest) => {
            connection.cut();
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
        Some(Effect::LoseReply) => {
            let response = next.run(request).await;
            connection.cut();
            response
        }
        Some(Effect::CaptivePortal) => Html(
            "<!DOCTYPE html><html><head><title>Free WiFi</title></head>\
             <body><form action=\"/login\"><button>Accetto le condizioni</button></form></body></html>",
        )
        .into_response(),
        Some(Effect::Truncate) => halved(next.run(request).await).await,
        Some(Effect::SpoilRequest) => next.run(flipped(request).await).await,
    }
}

fn refused(status: u16, retry_after: Option<u64>, path: &str) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    let title = "Guasto provocato nella Regione di prova";
    let (media_type, body) = if path.starts_with("/fhir") {
        let outcome = json!({"resourceType": "OperationOutcome",
            "issue": [{"severity": "error", "code": "transient", "diagnostics": title}]});
        ("application/fhir+json", outcome)
    } else {
        let problem = json!({"type": "/msg/generic-error", "title": title, "detail": title, "status": status.as_u16(),
            "instance": "-", "traceID": "", "spanID": ""});
        ("application/problem+json", problem)
    };
    let mut response = (status, [(header::CONTENT_TYPE, media_type)], body.to_string()).into_response();
    if let Some(seconds) = retry_after {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

async fn flipped(request: Request) -> Request {
    let (parts, body) = request.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    let mut bytes = bytes.to_vec();
    if let Some(byte) = bytes.last_mut() {
        *byte ^= 1;
    }
    Request::from_parts(parts, Body::from(bytes))
}

async fn halved(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(bytes.slice(..bytes.len() / 2)))
}
