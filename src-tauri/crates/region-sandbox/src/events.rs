//! `R/events`: Server-Sent Events that say which types changed, a hint to poll now and nothing more.

use std::convert::Infallible;

use axum::extract::State;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use axum::routing::get;
use axum::{Json, Router};
use futures_util::Stream;
use serde_json::{Value, json};
use tokio::sync::broadcast::error::RecvError;

use crate::Shared;
use crate::auth::Caller;

/// A resource was written.
#[derive(Clone, Debug)]
pub struct Changed {
    /// FHIR resource type.
    pub resource_type: String,
    /// Its id.
    pub id: String,
}

/// Routes `/events` and `/health`.
pub fn router() -> Router<Shared> {
    Router::new()
        .route("/events", get(feed))
        .route("/health", get(health))
}

async fn health(State(region): State<Shared>) -> Json<Value> {
    Json(json!({"status": "up", "time": region.clock.now().to_string()}))
}

async fn feed(
    State(region): State<Shared>,
    _caller: Caller,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let receiver = region.changes();
    let stream = futures_util::stream::unfold(receiver, |mut receiver| async move {
        loop {
            let types = match receiver.recv().await {
                Ok(change) => vec![change.resource_type],
                // Missed some: the poll that follows brings them all.
                Err(RecvError::Lagged(_)) => Vec::new(),
                Err(RecvError::Closed) => return None,
            };
            if let Ok(event) = Event::default()
                .event("changed")
                .json_data(json!({"types": types}))
            {
                return Some((Ok(event), receiver));
            }
        }
    });
    Sse::new(stream).keep_alive(KeepAlive::default())
}
