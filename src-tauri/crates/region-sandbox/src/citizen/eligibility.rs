//! The eligibility test: its page, what it measures against, and its outcome as a `Task`.
//!
//! The page tries camera, microphone, a WebSocket of this server and the TURN server; what it found is stored as it
//! says. The region cannot check a citizen's camera, so a page that lies is believed, as everywhere.

use axum::Json;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::Shared;
use crate::citizen::chart::{self, Citizen, Televisit};
use crate::citizen::shell::{Page, Place, escape, fill, nothing_here};

/// An echo is for a few short words.
const LONGEST_ECHO: usize = 1024;
const MOST_ECHOES: usize = 100;
/// Words of an outcome, on the doctor's agenda; more is not an outcome.
const LONGEST_WORDS: usize = 200;

/// `GET /portale/prova/{appointment}`.
pub(super) async fn page(State(region): State<Shared>, Path(id): Path<String>) -> Response {
    let found = Televisit::read(&region, &id);
    let Some((televisit, citizen)) = found.and_then(|t| Citizen::read(&region, &t.patient).map(|c| (t, c)))
    else {
        return nothing_here(
            &region,
            "Questo test non esiste",
            "L'appuntamento può essere stato spostato o annullato. Controlli i Suoi appuntamenti.",
        );
    };
    let now = region.clock.now();
    let of_visit = televisit
        .start
        .map(|start| format!("di {}", chart::day(start, now)))
        .unwrap_or_else(|| "in programma".to_owned());
    let home = citizen.home();
    let crumbs = format!(
        "<nav class=\"crumbs\" aria-label=\"Percorso\"><ol><li><a href=\"{}\">Appuntamenti</a></li>\
         <li aria-current=\"page\">Test di eleggibilità</li></ol></nav>",
        escape(&home)
    );
    Page {
        title: "Test di eleggibilità",
        name: "prova",
        citizen: Some(&citizen),
        place: Some(Place::Appointments),
        data: vec![("state", "ready"), ("appointment", &televisit.id)],
        script: Some("prova.js"),
        content: fill(
            include_str!("pages/prova.html"),
            &[("of_visit", &of_visit), ("home", &home)],
            &[("crumbs", &crumbs)],
        ),
    }
    .answer(&region)
}

/// A WebSocket that says back what it hears: the way to the waiting room, without entering it.
pub(super) async fn echo(Path(_appointment): Path<String>, upgrade: WebSocketUpgrade) -> Response {
    upgrade.max_message_size(LONGEST_ECHO).on_upgrade(say_back)
}

async fn say_back(mut socket: WebSocket) {
    for _ in 0..MOST_ECHOES {
        match socket.recv().await {
            Some(Ok(Message::Text(text))) if socket.send(Message::Text(text.clone())).await.is_ok() => {}
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
            _ => return,
        }
    }
}

/// Credentials for the TURN server.
pub(super) async fn relay(State(region): State<Shared>, Path(id): Path<String>) -> Response {
    if Televisit::read(&region, &id).is_none() {
        return StatusCode::NOT_FOUND.into_response();
    }
    let (ice_servers, expires_at) = region.ice_servers("eligibility-test");
    Json(json!({"ice_servers": ice_servers, "expires_at": expires_at.to_string()})).into_response()
}

/// What the page found.
#[derive(Debug, Deserialize)]
pub(super) struct Found {
    passed: bool,
    camera: String,
    microphone: String,
    network: String,
}

/// Stores the outcome.
pub(super) async fn outcome(
    State(region): State<Shared>,
    Path(id): Path<String>,
    Json(found): Json<Found>,
) -> Response {
    let Some(televisit) = Televisit::read(&region, &id) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    if [&found.camera, &found.microphone, &found.network]
        .iter()
        .any(|words| words.len() > LONGEST_WORDS)
    {
        return StatusCode::UNPROCESSABLE_ENTITY.into_response();
    }
    match region
        .store
        .create(task(&televisit, &found, &region.clock.now().to_string()))
    {
        Ok(_) => StatusCode::CREATED.into_response(),
        Err(error) => {
            tracing::error!(%error, "the outcome of an eligibility test could not be stored");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn task(televisit: &Televisit, found: &Found, now: &str) -> Value {
    let system = "https://postazione.example/task";
    let output = |name: &str, words: &str| json!({"type": {"coding": [{"system": system, "code": name}]}, "valueString": words});
    json!({
        "resourceType": "Task",
        "identifier": [{"system": "urn:ietf:rfc:3986", "value": format!("urn:uuid:{}", Uuid::now_v7())}],
        "status": if found.passed { "completed" } else { "failed" },
        "intent": "order",
        "code": {"coding": [{"system": system, "code": "eligibility-test"}], "text": "Test di eleggibilità"},
        "focus": {"reference": format!("Appointment/{}", televisit.id)},
        "for": {"reference": format!("Patient/{}", televisit.patient)},
        "authoredOn": now,
        "executionPeriod": {"end": now},
        "output": [
            output("camera", &found.camera),
            output("microphone", &found.microphone),
            output("network", &found.network),
        ],
    })
}
