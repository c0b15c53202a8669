//! The authorisation server: a person who always consents, and the exchange of the code (RFC 6749, RFC 7636).

use std::collections::HashMap;

use axum::extract::{Form, Query, State as Extract};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Json, response};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use openssl::hash::{MessageDigest, hash};
use serde_json::json;

use super::{CLIENT, CREDENTIAL, Shared, locked, random};

/// A code given out and not used yet.
pub(super) struct Pending {
    code: String,
    redirect: String,
    challenge: String,
    /// What the SAD is for; none for the use of the service.
    hashes: Option<Vec<String>>,
}

type Parameters = HashMap<String, String>;

fn refused(error: &str) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({ "error": error }))).into_response()
}

/// `oauth2/authorize`.
pub(super) async fn authorize(
    Extract(shared): Extract<Shared>,
    Query(asked): Query<Parameters>,
) -> response::Result<Redirect> {
    let get = |name: &str| asked.get(name).cloned().unwrap_or_default();
    let sound = get("response_type") == "code"
        && get("client_id") == CLIENT
        && get("code_challenge_method") == "S256"
        && !get("state").is_empty();
    if !sound {
        return Err(refused("invalid_request").into());
    }
    let hashes = match get("scope").as_str() {
        "service" => None,
        "credential" if get("credentialID") == CREDENTIAL => {
            let decoded = |hash: &str| Some(STANDARD.encode(URL_SAFE_NO_PAD.decode(hash).ok()?));
            let hashes: Option<Vec<String>> = get("hash").split(',').map(decoded).collect();
            Some(hashes.ok_or_else(|| refused("invalid_request"))?)
        }
        _ => return Err(refused("invalid_scope").into()),
    };
    let code = random();
    let redirect = get("redirect_uri");
    let back = format!("{redirect}?code={code}&state={}", get("state"));
    locked(&shared).logins.push(Pending {
        code,
        redirect,
        challenge: get("code_challenge"),
        hashes,
    });
    Ok(Redirect::to(&back))
}

/// `oauth2/token`. A code is good once.
pub(super) async fn token(Extract(shared): Extract<Shared>, Form(asked): Form<Parameters>) -> Response {
    let get = |name: &str| asked.get(name).map(String::as_str).unwrap_or_default();
    let mut state = locked(&shared);
    let Some(place) = state.logins.iter().position(|login| login.code == get("code")) else {
        return refused("invalid_grant");
    };
    let login = state.logins.swap_remove(place);
    let challenge = hash(MessageDigest::sha256(), get("code_verifier").as_bytes())
        .map(|digest| URL_SAFE_NO_PAD.encode(digest))
        .unwrap_or_default();
    if get("grant_type") != "authorization_code"
        || get("client_id") != CLIENT
        || get("redirect_uri") != login.redirect
        || challenge != login.challenge
    {
        return refused("invalid_grant");
    }
    let (token, kind) = match login.hashes {
        None => {
            let token = random();
            state.access.insert(token.clone());
            (token, "Bearer")
        }
        Some(hashes) => {
            let count = hashes.len();
            (state.grant(hashes, count), "SAD")
        }
    };
    Json(json!({ "access_token": token, "token_type": kind, "expires_in": 300 })).into_response()
}
