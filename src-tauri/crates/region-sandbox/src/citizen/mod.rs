//! The citizen's pages (`R/portale`).

use axum::Router;

use crate::Shared;

/// Routes under `/portale`.
pub fn router() -> Router<Shared> {
    Router::new()
}
