//! `R/events`: Server-Sent Events that say which types changed, a hint to poll now and nothing more.

use std::convert::Infallible;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use axum::routing::get;
use axum::{Json, Router};
use futures_util::{Stream, StreamExt};
use jiff::Timestamp;
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
    /// The newest write before the one that it belongs to.
    pub since: Option<Timestamp>,
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

/// An event is numbered by the moment from which its whole transaction is told again to who asks with `Last-Event-ID`.
async fn feed(
    State(region): State<Shared>,
    headers: HeaderMap,
    _caller: Caller,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    // Before what was missed is looked up: nothing falls between the two.
    let receiver = region.changes();
    let missed = headers
        .get("last-event-id")
        .map(|id| missed(&region, id.to_str().unwrap_or_default()));
    let first = missed.flatten().and_then(|types| changed(&types, None));
    let live = futures_util::stream::unfold(receiver, |mut receiver| async move {
        loop {
            let (types, since) = match receiver.recv().await {
                Ok(change) => (vec![change.resource_type], change.since),
                // Missed some: the poll that follows brings them all.
                Err(RecvError::Lagged(_)) => (Vec::new(), None),
                Err(RecvError::Closed) => return None,
            };
            if let Some(event) = changed(&types, since) {
                return Some((event, receiver));
            }
        }
    });
    let all = futures_util::stream::iter(first).chain(live).map(Ok);
    Sse::new(all).keep_alive(KeepAlive::default())
}

/// What was written since an event; no type at all when nothing is known of it, nothing when nothing was.
fn missed(region: &Shared, id: &str) -> Option<Vec<String>> {
    let known = id
        .parse::<Timestamp>()
        .ok()
        .and_then(|since| region.store.changed_since(since).ok().flatten());
    match known {
        Some(types) if types.is_empty() => None,
        Some(types) => Some(types.into_iter().collect()),
        None => Some(Vec::new()),
    }
}

fn changed(types: &[String], since: Option<Timestamp>) -> Option<Event> {
    let event = Event::default().event("changed");
    let event = match since {
        Some(since) => event.id(since.to_string()),
        None => event,
    };
    event.json_data(json!({"types": types})).ok()
}
