//! The OpenID Connect issuer (`R/oidc`): discovery, keys, login page, tokens.
//!
//! What SPID, CIE and CNS do at a real region is one click here, on a page that says so. Standards: OpenID Connect Core
//! and Discovery 1.0, RFC 6749 (OAuth 2.0), RFC 7636 (PKCE), RFC 8252 (native programs), RFC 9700 (rotation of refresh
//! tokens). Not in it: reading an access token from a request (`auth`).

mod authorize;
mod keys;
mod page;
mod token;

use axum::extract::State;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::Shared;
use crate::state::Region;

pub(crate) use keys::{KeyError, SigningKey};
pub(crate) use token::{ACCESS_SECONDS, Tokens};

/// The only client.
pub(crate) const CLIENT: &str = "postazione";

/// Claim of the codice fiscale, from the SPID/CIE OpenID Connect rules of AgID.
const FISCAL_NUMBER: &str = "https://attributes.eid.gov.it/fiscal_number";

/// Routes under `/oidc`.
pub fn router() -> Router<Shared> {
    Router::new()
        .route("/.well-known/openid-configuration", get(discovery))
        .route("/jwks", get(jwks))
        .route("/authorize", get(authorize::show).post(authorize::choose))
        .route("/token", post(token::exchange))
        .route("/stile.css", get(page::style))
}

pub(crate) fn issuer(region: &Region) -> String {
    format!("{}/oidc", region.base_url)
}

async fn discovery(State(region): State<Shared>) -> Json<Value> {
    let issuer = issuer(&region);
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/jwks"),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["none"],
        "code_challenge_methods_supported": ["S256"],
        "scopes_supported": ["openid", "profile"],
        "acr_values_supported": ["cie", "spid", "cns"],
        "claims_supported": ["sub", "given_name", "family_name", FISCAL_NUMBER, "acr", "amr", "auth_time", "nonce"],
        "ui_locales_supported": ["it"],
        "authorization_response_iss_parameter_supported": true,
    }))
}

async fn jwks(State(region): State<Shared>) -> Json<Value> {
    Json(json!({"keys": [region.signing_key.public_jwk()]}))
}
