//! The gateway of the Fascicolo Sanitario Elettronico 2.0 (`R/gateway/v1`), with the region's middleware in front.
//!
//! Calls, shapes and error types are those of the national OpenAPI. The middleware makes the FSE tokens from the
//! session of the caller, so this face takes the region's access token, and `X-Subject` for the patient of the request.
//! A document that is taken in charge is at once on the citizen's portal, and in the FSE five days later. Not in it:
//! the Ministry's XSD, Schematron and dictionaries; the trusted list of signers; INI and EDS.

mod cda;
mod ledger;
mod metadata;
mod operator;
mod pdf;
mod portal;
mod problem;
mod publication;
mod signature;
mod status;
mod upload;
mod validation;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post, put};

use crate::Shared;

/// The largest request: a signed report with pictures stays far below.
const MAX_BODY: usize = 20 * 1024 * 1024;

/// Routes under `/gateway/v1`.
pub fn router() -> Router<Shared> {
    Router::new()
        .route("/documents/validation", post(validation::validate))
        .route("/documents", post(publication::create))
        .route("/documents/validate-and-create", post(publication::validate_and_create))
        .route("/documents/validate-and-replace/{id}", put(publication::validate_and_replace))
        .route("/documents/{id}", put(publication::replace).delete(publication::delete))
        .route("/documents/{id}/metadata", put(publication::update_metadata))
        .route("/status", get(status::health))
        .route("/status/{workflow}", get(status::of_workflow))
        .route("/status/search/{identifier}", get(status::search))
        .layer(DefaultBodyLimit::max(MAX_BODY))
}
