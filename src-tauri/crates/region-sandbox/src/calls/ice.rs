//! ICE servers with time-limited credentials (`GET R/calls/ice`).
//!
//! The scheme is draft-uberti-behave-turn-rest-00: the user name begins with the second at which it ends, the
//! password is the HMAC-SHA1 of the user name, so the TURN server needs no list of users.

use axum::Json;
use axum::extract::State;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jiff::{SignedDuration, Timestamp};
use openssl::hash::MessageDigest;
use serde_json::{Value, json};

use crate::auth::Caller;
use crate::calls::invitation::keyed_hash;
use crate::{Region, Shared};

/// A working shift: a call that began with the credentials can renew its allocation until it ends.
const LIFETIME: SignedDuration = SignedDuration::from_hours(8);

/// `GET /calls/ice`.
pub(super) async fn servers(State(region): State<Shared>, caller: Caller) -> Json<Value> {
    let (ice_servers, expires_at) = region.ice_servers(&caller.practitioner);
    Json(json!({"ice_servers": ice_servers, "expires_at": expires_at.to_string()}))
}

impl Region {
    /// The TURN server with fresh credentials for a user, and when they end. Empty when no TURN server runs.
    pub fn ice_servers(&self, user: &str) -> (Vec<Value>, Timestamp) {
        let now = self.clock.now();
        let expires_at = now.checked_add(LIFETIME).unwrap_or(now);
        let Some(address) = self.calls.relay_address() else {
            return (Vec::new(), expires_at);
        };
        let username = format!("{}:{user}", expires_at.as_second());
        let credential = password(self, &username);
        let server = json!({
            "urls": [format!("turn:{address}?transport=udp")],
            "username": username,
            "credential": credential,
        });
        (vec![server], expires_at)
    }
}

/// The password of a user name, or `None` when its time is over.
pub(super) fn valid_password(region: &Region, username: &str) -> Option<String> {
    let expiry: i64 = username.split(':').next()?.parse().ok()?;
    (expiry > region.clock.now().as_second()).then(|| password(region, username))
}

fn password(region: &Region, username: &str) -> String {
    BASE64_STANDARD.encode(keyed_hash(
        MessageDigest::sha1(),
        region.secret(),
        username.as_bytes(),
    ))
}
