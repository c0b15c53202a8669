//! The switches over HTTP: `R/_sandbox/…`. No token is asked for: the region listens on loopback only.

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Rule;
use crate::Shared;
use crate::login::ACCESS_SECONDS;
use crate::seed;

/// Everything that can be switched.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Settings {
    rules: Vec<Rule>,
    /// How wrong the region's clock is, seconds.
    clock_skew_seconds: i64,
    /// Lifetime of new access tokens.
    access_token_seconds: Option<i64>,
}

/// Routes under `/_sandbox`.
pub(crate) fn router() -> Router<Shared> {
    Router::new()
        .route("/faults", get(show).put(replace).post(add).delete(clear))
        .route("/expire-tokens", post(expire_tokens))
        .route("/advance", post(advance))
        .route("/reset", post(reset))
}

fn current(region: &Shared) -> Json<Settings> {
    Json(Settings {
        rules: region.faults.current(),
        clock_skew_seconds: region.clock.skew().as_secs(),
        access_token_seconds: Some(region.tokens.access_seconds()),
    })
}

async fn show(State(region): State<Shared>) -> Json<Settings> {
    current(&region)
}

async fn replace(State(region): State<Shared>, Json(settings): Json<Settings>) -> Json<Settings> {
    region.faults.set(settings.rules);
    region
        .clock
        .set_skew(SignedDuration::from_secs(settings.clock_skew_seconds));
    region
        .tokens
        .set_access_seconds(settings.access_token_seconds.unwrap_or(ACCESS_SECONDS));
    current(&region)
}

async fn add(State(region): State<Shared>, Json(rule): Json<Rule>) -> Json<Settings> {
    region.faults.add(rule);
    current(&region)
}

async fn clear(State(region): State<Shared>) -> Json<Settings> {
    replace(State(region), Json(Settings::default())).await
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Expire {
    /// Ends the sessions too, so that a new login is needed.
    refresh: bool,
}

async fn expire_tokens(State(region): State<Shared>, body: Option<Json<Expire>>) -> StatusCode {
    let refresh = body.is_some_and(|Json(expire)| expire.refresh);
    done(region.tokens.expire(refresh))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Advance {
    days: i64,
    seconds: i64,
}

/// Lets time pass at the gateway: the five days of the FSE, and the age of validations.
async fn advance(State(region): State<Shared>, Json(by): Json<Advance>) -> Json<Value> {
    let by = SignedDuration::from_secs(by.days.saturating_mul(86_400).saturating_add(by.seconds));
    let advanced = region.clock.advance().saturating_add(by);
    region.clock.set_advance(advanced);
    if let Err(error) = region
        .database
        .set_setting("advance_seconds", &advanced.as_secs().to_string())
    {
        tracing::warn!(%error, "the advance is not kept");
    }
    Json(json!({"gateway_time": region.clock.gateway_now().to_string()}))
}

/// Everything as at the first start: people, appointments of today, no documents, no sessions, no faults.
async fn reset(State(region): State<Shared>) -> StatusCode {
    region.faults.set(Vec::new());
    region.clock.set_skew(SignedDuration::ZERO);
    region.clock.set_advance(SignedDuration::ZERO);
    region.tokens.set_access_seconds(ACCESS_SECONDS);
    let emptied = region
        .database
        .clear()
        .and_then(|()| region.database.set_setting("advance_seconds", "0"));
    let seeded = emptied
        .map_err(Into::into)
        .and_then(|()| region.store.load())
        .and_then(|()| seed::plant(&region));
    if let Err(error) = region.uploads.sweep() {
        tracing::warn!(%error, "files of uploads are left");
    }
    done(seeded)
}

fn done<E: std::fmt::Display>(result: Result<(), E>) -> StatusCode {
    match result {
        Ok(()) => StatusCode::NO_CONTENT,
        Err(error) => {
            tracing::error!(%error, "a switch failed");
            StatusCode::INTERNAL_SERVER_ERROR
        }
    }
}
