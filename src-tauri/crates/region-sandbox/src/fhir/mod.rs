//! FHIR R4: the store of resources and its REST face (`R/fhir`).

pub mod store;

pub use store::{Precondition, Store, StoreError};

use axum::Router;

use crate::Shared;

/// Routes under `/fhir`.
pub fn router() -> Router<Shared> {
    Router::new()
}
