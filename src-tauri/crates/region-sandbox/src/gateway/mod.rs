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

pub(crate) use pdf::Pdf;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post, put};

use crate::Shared;

/// The largest file: a signed report with pictures stays far below.
const MAX_FILE: usize = 20 * 1024 * 1024;
/// The largest request that is read at all. A file that is too large is read to its end, so that the answer arrives:
/// one given half-way is lost when the connection closes under the sender.
const MAX_BODY: usize = 4 * MAX_FILE;

/// Routes under `/gateway/v1`.
pub fn router() -> Router<Shared> {
    Router::new()
        .route("/documents/validation", post(validation::validate))
        .route("/documents", post(publication::create))
        .route(
            "/documents/validate-and-create",
            post(publication::validate_and_create),
        )
        .route(
            "/documents/validate-and-replace/{id}",
            put(publication::validate_and_replace),
        )
        .route(
            "/documents/{id}",
            put(publication::replace).delete(publication::delete),
        )
        .route("/documents/{id}/metadata", put(publication::update_metadata))
        .route("/status", get(status::health))
        .route("/status/{workflow}", get(status::of_workflow))
        .route("/status/search/{identifier}", get(status::search))
        .layer(DefaultBodyLimit::max(MAX_BODY))
}

#[cfg(test)]
mod referees {
    use std::path::PathBuf;

    use super::cda::Cda;
    use super::pdf::Pdf;
    use super::signature;

    /// The official contracts, where they are at hand.
    fn shared(check: &str) -> Option<PathBuf> {
        match std::env::var_os("POSTAZIONE_SHARED") {
            Some(folder) => {
                let samples = PathBuf::from(folder).join("specs/cda2/samples");
                assert!(
                    samples.is_dir(),
                    "POSTAZIONE_SHARED is set and the samples are missing"
                );
                Some(samples)
            }
            None => {
                eprintln!("referee check not run: {check}");
                None
            }
        }
    }

    #[test]
    fn official_samples_are_taken() {
        let Some(samples) = shared("the sandbox's gateway takes the official samples") else {
            return;
        };
        for name in [
            "official/LDO",
            "official/PSS",
            "official/RSA",
            "official/VPS",
            "ours/televisita",
            "ours/teleconsulto",
        ] {
            let bytes = std::fs::read(samples.join(format!("{name}.xml"))).expect("a sample");
            assert!(Cda::read(&bytes).is_ok(), "{name}: {:?}", Cda::read(&bytes));
        }
        // The signature is sound, but its test certificate says nothing of its use.
        let refusals = [
            ("RSA_unsigned_attachment", "non risulta firmato"),
            ("RSA_signed_pades", "nonRepudiation"),
        ];
        for (name, refusal) in refusals {
            let bytes = std::fs::read(samples.join(format!("official/{name}.pdf"))).expect("a sample");
            let pdf = Pdf::read(&bytes).expect("a PDF");
            // Their CDA is of an older edition: extraction and signature are what they are good for.
            assert!(pdf.cda().is_ok_and(|cda| cda.starts_with(b"<")), "{name}");
            let verified = signature::verify(&pdf, &bytes);
            assert!(
                verified.as_ref().is_err_and(|p| p.detail().contains(refusal)),
                "{name}: {verified:?}"
            );
        }
    }
}
