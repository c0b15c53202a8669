//! The token endpoint, and the tokens in the database (only their hashes are kept).
//!
//! Access tokens are short; refresh tokens change at each use, and the one before stays good until the new one is used,
//! so that an answer that is lost on the way ends no session. A code that comes twice ends what it gave
//! (RFC 6749, 4.1.2).

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::Json;
use axum::extract::{Form, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rusqlite::{OptionalExtension, params};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::authorize::{AuthorizationRequest, Method};
use super::{CLIENT, FISCAL_NUMBER, KeyError, issuer};
use crate::Shared;
use crate::auth::Caller;
use crate::clock::Clock;
use crate::database::Database;

/// Lifetime of a code, seconds (RFC 6749 advises at most ten minutes).
const CODE_SECONDS: i64 = 60;
/// Lifetime of an access token, seconds.
pub(crate) const ACCESS_SECONDS: i64 = 15 * 60;
/// Lifetime of a refresh token, seconds: one shift.
const REFRESH_SECONDS: i64 = 12 * 60 * 60;

/// The tokens given out.
#[derive(Debug)]
pub(crate) struct Tokens {
    database: Arc<Database>,
    access_seconds: AtomicI64,
}

/// What a token stands for.
struct Grant {
    practitioner: String,
    /// `acr`, `amr`, `auth_time`.
    claims: Value,
    family: String,
}

/// Why no token was given (RFC 6749, 5.2).
#[derive(Debug, thiserror::Error)]
pub(crate) enum TokenRefusal {
    #[error("{0}")]
    InvalidRequest(&'static str),
    #[error("the client is not known")]
    InvalidClient,
    #[error("{0}")]
    InvalidGrant(&'static str),
    #[error("only authorization_code and refresh_token")]
    UnsupportedGrantType,
    #[error("the database failed")]
    Database(#[from] rusqlite::Error),
    #[error("the key failed")]
    Key(#[from] KeyError),
    #[error("no randomness")]
    Random(#[from] getrandom::Error),
}

impl IntoResponse for TokenRefusal {
    fn into_response(self) -> Response {
        let (status, error) = match &self {
            Self::InvalidRequest(_) => (StatusCode::BAD_REQUEST, "invalid_request"),
            Self::InvalidClient => (StatusCode::UNAUTHORIZED, "invalid_client"),
            Self::InvalidGrant(_) => (StatusCode::BAD_REQUEST, "invalid_grant"),
            Self::UnsupportedGrantType => (StatusCode::BAD_REQUEST, "unsupported_grant_type"),
            Self::Database(_) | Self::Key(_) | Self::Random(_) => {
                (StatusCode::INTERNAL_SERVER_ERROR, "server_error")
            }
        };
        let body = json!({"error": error, "error_description": self.to_string()});
        (status, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
    }
}

/// 256 random bits as text.
fn random() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

fn hash(token: &str) -> String {
    hex::encode(Sha256::digest(token))
}

impl Tokens {
    pub(crate) fn new(database: Arc<Database>) -> Self {
        Self {
            database,
            access_seconds: AtomicI64::new(ACCESS_SECONDS),
        }
    }

    /// Lifetime of the access tokens that are given from now on.
    pub(crate) fn set_access_seconds(&self, seconds: i64) {
        self.access_seconds.store(seconds.max(1), Ordering::Relaxed);
    }

    pub(crate) fn access_seconds(&self) -> i64 {
        self.access_seconds.load(Ordering::Relaxed)
    }

    /// Who holds this access token.
    pub(crate) fn holder(&self, clock: &Clock, token: &str) -> Option<Caller> {
        let grant = self.live(clock, "access", token).ok()??;
        Some(Caller {
            practitioner: grant.practitioner,
        })
    }

    /// Ends every access token now, and the refresh tokens too when asked.
    pub(crate) fn expire(&self, refresh_too: bool) -> Result<(), rusqlite::Error> {
        self.database
            .lock()
            .execute(
                "UPDATE token SET expires = 0 WHERE kind = 'access' OR ?1",
                [refresh_too],
            )
            .map(drop)
    }

    pub(crate) fn issue_code(
        &self,
        clock: &Clock,
        request: &AuthorizationRequest,
        practitioner: &str,
    ) -> Result<String, TokenRefusal> {
        let code = random()?;
        let stored =
            json!({"request": request, "practitioner": practitioner, "auth_time": clock.now().as_second()});
        self.database.lock().execute(
            "INSERT INTO code (hash, request, expires, family) VALUES (?1, ?2, ?3, ?4)",
            params![
                hash(&code),
                stored.to_string(),
                clock.now().as_second() + CODE_SECONDS,
                random()?
            ],
        )?;
        Ok(code)
    }

    fn live(&self, clock: &Clock, kind: &str, token: &str) -> Result<Option<Grant>, rusqlite::Error> {
        self.database
            .lock()
            .query_row(
                "SELECT practitioner, claims, family FROM token WHERE hash = ?1 AND kind = ?2 AND expires > ?3",
                params![hash(token), kind, clock.now().as_second()],
                |row| {
                    let claims: String = row.get(1)?;
                    let claims = serde_json::from_str(&claims).unwrap_or_default();
                    Ok(Grant { practitioner: row.get(0)?, claims, family: row.get(2)? })
                },
            )
            .optional()
    }

    fn give(
        &self,
        clock: &Clock,
        kind: &str,
        grant: &Grant,
        parent: Option<&str>,
    ) -> Result<String, TokenRefusal> {
        let token = random()?;
        let seconds = if kind == "access" {
            self.access_seconds()
        } else {
            REFRESH_SECONDS
        };
        self.database.lock().execute(
            "INSERT INTO token (hash, kind, practitioner, claims, family, parent, expires)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                hash(&token),
                kind,
                grant.practitioner,
                grant.claims.to_string(),
                grant.family,
                parent,
                clock.now().as_second() + seconds
            ],
        )?;
        Ok(token)
    }

    /// The request that a code answers; a code is good once.
    fn redeem(&self, clock: &Clock, form: &TokenForm) -> Result<(Grant, AuthorizationRequest), TokenRefusal> {
        let now = clock.now().as_second();
        let code = hash(&form.code);
        let connection = self.database.lock();
        let found = connection
            .query_row(
                "SELECT request, expires, family, used FROM code WHERE hash = ?1",
                [&code],
                |row| {
                    Ok((
                        row.get::<_, String>(0)?,
                        row.get::<_, i64>(1)?,
                        row.get::<_, String>(2)?,
                        row.get::<_, bool>(3)?,
                    ))
                },
            )
            .optional()?;
        let Some((stored, expires, family, used)) = found else {
            return Err(TokenRefusal::InvalidGrant("the code is not known"));
        };
        if used {
            connection.execute("DELETE FROM token WHERE family = ?1", [&family])?;
            return Err(TokenRefusal::InvalidGrant("the code was used before"));
        }
        connection.execute("UPDATE code SET used = 1 WHERE hash = ?1", [&code])?;
        if expires <= now {
            return Err(TokenRefusal::InvalidGrant("the code is over"));
        }
        let stored: Value = serde_json::from_str(&stored).unwrap_or_default();
        let request: AuthorizationRequest =
            serde_json::from_value(stored["request"].clone()).unwrap_or_default();
        if request.redirect_uri != form.redirect_uri {
            return Err(TokenRefusal::InvalidGrant(
                "redirect_uri is not that of the request",
            ));
        }
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&form.code_verifier));
        if challenge != request.code_challenge {
            return Err(TokenRefusal::InvalidGrant(
                "code_verifier does not match the challenge",
            ));
        }
        let method = Method::of(&request.acr_values);
        let grant = Grant {
            practitioner: stored["practitioner"].as_str().unwrap_or_default().to_owned(),
            claims: json!({"acr": method.acr(), "amr": [method.code()], "auth_time": stored["auth_time"]}),
            family,
        };
        Ok((grant, request))
    }
}

/// The form of a token request.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct TokenForm {
    grant_type: String,
    client_id: String,
    code: String,
    redirect_uri: String,
    code_verifier: String,
    refresh_token: String,
}

/// `POST token`.
pub(crate) async fn exchange(
    State(region): State<Shared>,
    Form(form): Form<TokenForm>,
) -> Result<Response, TokenRefusal> {
    if form.client_id != CLIENT {
        return Err(TokenRefusal::InvalidClient);
    }
    let tokens = &region.tokens;
    let (grant, nonce, parent) = match form.grant_type.as_str() {
        "authorization_code" => {
            // 43 to 128 unreserved characters (RFC 7636, 4.1).
            if !(43..=128).contains(&form.code_verifier.len()) {
                return Err(TokenRefusal::InvalidRequest(
                    "code_verifier is missing or not of 43 to 128 characters",
                ));
            }
            let (grant, request) = tokens.redeem(&region.clock, &form)?;
            (grant, Some(request.nonce), None)
        }
        "refresh_token" => {
            let grant = tokens
                .live(&region.clock, "refresh", &form.refresh_token)?
                .ok_or(TokenRefusal::InvalidGrant("the refresh token is unknown or over"))?;
            let used = hash(&form.refresh_token);
            // Its use proves that the answer that brought it arrived: the one before is over.
            let connection = tokens.database.lock();
            connection.execute(
                "DELETE FROM token WHERE hash = (SELECT parent FROM token WHERE hash = ?1)",
                [&used],
            )?;
            drop(connection);
            (grant, None, Some(used))
        }
        "" => return Err(TokenRefusal::InvalidRequest("grant_type is missing")),
        _ => return Err(TokenRefusal::UnsupportedGrantType),
    };
    let access = tokens.give(&region.clock, "access", &grant, None)?;
    let refresh = tokens.give(&region.clock, "refresh", &grant, parent.as_deref())?;
    let id_token = region
        .signing_key
        .sign(&id_claims(&region, &grant, nonce.as_deref())?)?;
    let body = json!({"access_token": access, "token_type": "Bearer", "expires_in": tokens.access_seconds(),
        "refresh_token": refresh, "id_token": id_token, "scope": "openid profile"});
    Ok((
        [(header::CACHE_CONTROL, "no-store"), (header::PRAGMA, "no-cache")],
        Json(body),
    )
        .into_response())
}

fn id_claims(region: &Shared, grant: &Grant, nonce: Option<&str>) -> Result<Value, TokenRefusal> {
    let person = region
        .store
        .entry("Practitioner", &grant.practitioner)
        .ok_or(TokenRefusal::InvalidGrant("the person is not known any more"))?;
    let person = &person.resource;
    let now = region.clock.now().as_second();
    let fiscal_code = person["identifier"][0]["value"].as_str().unwrap_or_default();
    let mut claims = json!({
        "iss": issuer(region), "aud": CLIENT, "sub": grant.practitioner, "iat": now, "exp": now + 300,
        "given_name": person["name"][0]["given"][0], "family_name": person["name"][0]["family"],
        FISCAL_NUMBER: format!("TINIT-{fiscal_code}"),
        "acr": grant.claims["acr"], "amr": grant.claims["amr"], "auth_time": grant.claims["auth_time"],
    });
    if let Some(nonce) = nonce {
        claims["nonce"] = json!(nonce);
    }
    Ok(claims)
}
