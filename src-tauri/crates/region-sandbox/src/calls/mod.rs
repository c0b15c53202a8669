//! Signalling and TURN of the calls (`R/calls`).

use axum::Router;

use crate::Shared;

/// Routes under `/calls`.
pub fn router() -> Router<Shared> {
    Router::new()
}
