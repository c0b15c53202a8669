//! The REST face of the store: read, search, create, update, delete, history, Binary (FHIR R4, http.html).
//!
//! Not in it: the transaction Bundle (`transaction`), and who may see what (`access`).

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::Shared;
use crate::auth::Caller;
use crate::fhir::access::Access;
use crate::fhir::outcome::{Refusal, resource};
use crate::fhir::paging;
use crate::fhir::parameters;
use crate::fhir::store::{Precondition, StoreError};
use crate::fhir::transaction;
use crate::fhir::writing::{Created, Writing};
use crate::uploads;

/// The largest body: attachments above it need resumable uploads.
pub(super) const MAX_BODY: usize = 32 * 1024 * 1024;

/// Routes under `/fhir`.
pub fn router() -> Router<Shared> {
    Router::new()
        .route("/metadata", get(metadata))
        .route("/", post(bundle))
        .route("/{type}", get(search_by_query).post(create))
        .route("/{type}/_search", post(search_by_form))
        .route("/{type}/{id}", get(read).put(update).delete(delete))
        .route("/{type}/{id}/_history", get(history))
        .route("/{type}/{id}/_history/{version}", get(read_version))
        .layer(DefaultBodyLimit::max(MAX_BODY))
}

/// `POST R/fhir`; the server mounts it with a last slash too, which a nested router does not see as its root.
pub(crate) async fn bundle(
    State(region): State<Shared>,
    caller: Caller,
    body: Bytes,
) -> Result<Response, Refusal> {
    let bundle = json_body(&body)?;
    transaction::process(&region, &caller, &bundle).map(|answer| resource(StatusCode::OK, &answer))
}

async fn metadata(State(region): State<Shared>) -> Json<Value> {
    let resources: Vec<Value> = parameters::types()
        .map(|kind| {
            let parameters: Vec<Value> = parameters::of(kind)
                .into_iter()
                .map(|(name, kind)| json!({"name": name, "type": kind}))
                .collect();
            let interactions: Vec<Value> = [
                "read",
                "vread",
                "update",
                "delete",
                "history-instance",
                "create",
                "search-type",
            ]
            .map(|code| json!({"code": code}))
            .into();
            json!({"type": kind, "interaction": interactions, "versioning": "versioned-update",
                "conditionalCreate": true, "updateCreate": true, "searchParam": parameters})
        })
        .collect();
    Json(
        json!({"resourceType": "CapabilityStatement", "status": "active", "kind": "instance", "fhirVersion": "4.0.1",
        "date": region.clock.now().to_string(), "format": ["application/fhir+json"],
        "implementation": {"description": "Regione di prova: persone inventate", "url": format!("{}/fhir", region.base_url)},
        "rest": [{"mode": "server", "resource": resources, "interaction": [{"code": "transaction"}]}]}),
    )
}

fn known(kind: &str) -> Result<(), Refusal> {
    if parameters::is_known(kind) {
        Ok(())
    } else {
        Err(Refusal::new(
            StatusCode::NOT_FOUND,
            "not-supported",
            "Tipo di risorsa non gestito",
        ))
    }
}

fn json_body(body: &[u8]) -> Result<Value, Refusal> {
    serde_json::from_slice(body).map_err(|_| Refusal::bad("Il corpo non è JSON"))
}

async fn search_by_query(
    State(region): State<Shared>,
    caller: Caller,
    Path(kind): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    run_search(&region, &caller, &kind, &query.unwrap_or_default())
}

async fn search_by_form(
    State(region): State<Shared>,
    caller: Caller,
    Path(kind): Path<String>,
    RawQuery(query): RawQuery,
    body: String,
) -> Result<Response, Refusal> {
    let query = query.map_or(body.clone(), |q| format!("{q}&{body}"));
    run_search(&region, &caller, &kind, &query)
}

fn run_search(region: &Shared, caller: &Caller, kind: &str, query: &str) -> Result<Response, Refusal> {
    known(kind)?;
    let access = Access::of(caller, &region.store);
    let base = format!("{}/fhir", region.base_url);
    Ok(resource(
        StatusCode::OK,
        &paging::bundle(&region.store, &access, &base, kind, query)?,
    ))
}

fn if_match(headers: &HeaderMap) -> Result<Precondition, Refusal> {
    let Some(value) = headers.get(header::IF_MATCH) else {
        return Ok(Precondition::None);
    };
    value
        .to_str()
        .ok()
        .map(|v| v.trim().trim_start_matches("W/").trim_matches('"'))
        .and_then(|v| v.parse().ok())
        .map(Precondition::Version)
        .ok_or_else(|| Refusal::bad("If-Match non si legge"))
}

/// Writes for a caller: refused unless what stands and what would stand are both the caller's business.
pub(crate) fn checked_put(
    writing: &mut Writing<'_>,
    access: &Access<'_>,
    resource: Value,
    expected: Precondition,
) -> Result<Value, StoreError> {
    let (kind, id) = (
        resource["resourceType"].as_str().unwrap_or_default(),
        resource["id"].as_str(),
    );
    let standing = id.and_then(|id| writing.entry(kind, id));
    if standing.is_some_and(|entry| !access.may_read(&entry)) || !access.may_write(writing, &resource) {
        return Err(StoreError::Forbidden);
    }
    writing.put(resource, expected)
}

fn is_fhir_json(headers: &HeaderMap) -> bool {
    let media_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .unwrap_or("application/fhir+json");
    let media_type = media_type.split(';').next().unwrap_or_default().trim();
    matches!(media_type, "application/fhir+json" | "application/json")
}

fn media_type(headers: &HeaderMap) -> String {
    let value = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok());
    value.unwrap_or("application/octet-stream").to_owned()
}

fn written(region: &Shared, status: StatusCode, body: &Value) -> Response {
    let mut response = resource(status, body);
    let (kind, id) = (
        body["resourceType"].as_str().unwrap_or_default(),
        body["id"].as_str().unwrap_or_default(),
    );
    let version = body["meta"]["versionId"].as_str().unwrap_or_default();
    if let Ok(location) = format!("{}/fhir/{kind}/{id}/_history/{version}", region.base_url).parse() {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

async fn create(
    State(region): State<Shared>,
    caller: Caller,
    Path(kind): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    known(&kind)?;
    let author = Some(caller.practitioner.as_str());
    if kind == "Binary" && !is_fhir_json(&headers) {
        let id = uuid::Uuid::now_v7().to_string();
        let stored = region.store.write(author, |writing| {
            writing.put_binary(&id, &media_type(&headers), &body, Precondition::None)
        });
        return stored
            .map(|stored| written(&region, StatusCode::CREATED, &stored))
            .map_err(Refusal::from);
    }
    let mut new = json_body(&body)?;
    if new["resourceType"] != json!(kind) {
        return Err(Refusal::bad("resourceType non corrisponde all'indirizzo"));
    }
    // On create the server chooses the id (FHIR R4, http.html#create).
    if let Some(object) = new.as_object_mut() {
        object.remove("id");
    }
    let access = Access::of(&caller, &region.store);
    let condition = headers
        .get(HeaderName::from_static("if-none-exist"))
        .map(|v| v.to_str().unwrap_or_default());
    let created = region.store.write(author, |writing| {
        if !access.may_write(writing, &new) {
            return Err(StoreError::Forbidden);
        }
        let Some(condition) = condition else {
            return writing.put(new, Precondition::None).map(Created::New);
        };
        let created = writing.create_unless(new, condition)?;
        match &created {
            Created::Existing(existing) if !access.may_write(writing, existing) => Err(StoreError::Forbidden),
            _ => Ok(created),
        }
    })?;
    Ok(match created {
        Created::New(stored) => written(&region, StatusCode::CREATED, &stored),
        Created::Existing(stored) => written(&region, StatusCode::OK, &stored),
    })
}

async fn update(
    State(region): State<Shared>,
    caller: Caller,
    Path((kind, id)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    known(&kind)?;
    let expected = if_match(&headers)?;
    let is_new = region.store.entry(&kind, &id).is_none();
    let access = Access::of(&caller, &region.store);
    let author = Some(caller.practitioner.as_str());
    let stored = if kind == "Binary" && !is_fhir_json(&headers) {
        region.store.write(author, |writing| {
            if writing
                .entry("Binary", &id)
                .is_some_and(|e| e.author.as_deref() != author)
            {
                return Err(StoreError::Forbidden);
            }
            if !crate::fhir::writing::is_id(&id) {
                return Err(StoreError::Malformed("the id is not one of FHIR"));
            }
            writing.put_binary(&id, &media_type(&headers), &body, expected)
        })?
    } else {
        let new = json_body(&body)?;
        if new["resourceType"] != json!(kind) || new["id"] != json!(id) {
            return Err(Refusal::bad("resourceType o id non corrispondono all'indirizzo"));
        }
        region
            .store
            .write(author, |writing| checked_put(writing, &access, new, expected))?
    };
    Ok(written(
        &region,
        if is_new {
            StatusCode::CREATED
        } else {
            StatusCode::OK
        },
        &stored,
    ))
}

async fn delete(
    State(region): State<Shared>,
    caller: Caller,
    Path((kind, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    known(&kind)?;
    let expected = if_match(&headers)?;
    let access = Access::of(&caller, &region.store);
    region.store.write(Some(&caller.practitioner), |writing| {
        let entry = writing.entry(&kind, &id).ok_or(StoreError::Absent)?;
        if !access.may_read(&entry) || !access.may_write(writing, &entry.resource) {
            return Err(StoreError::Forbidden);
        }
        writing.delete(&kind, &id, expected)
    })?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn read(
    State(region): State<Shared>,
    caller: Caller,
    Path((kind, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    known(&kind)?;
    let Some(entry) = region.store.entry(&kind, &id) else {
        let gone = !region.store.history(&kind, &id)?.is_empty();
        return Err(if gone {
            Refusal::new(StatusCode::GONE, "deleted", "La risorsa è stata cancellata")
        } else {
            Refusal::absent()
        });
    };
    if !Access::of(&caller, &region.store).may_read(&entry) {
        return Err(Refusal::forbidden());
    }
    if kind == "Binary" {
        let accepted = headers
            .get(header::ACCEPT)
            .and_then(|v| v.to_str().ok())
            .unwrap_or_default();
        let raw = !accepted.contains("fhir+json");
        let typed = |media_type: String| {
            let fallback = header::HeaderValue::from_static("application/octet-stream");
            [(header::CONTENT_TYPE, media_type.parse().unwrap_or(fallback))]
        };
        if raw && let Some((media_type, file)) = region.store.uploaded(&id)? {
            let body = uploads::stream(&file).await.map_err(|_| Refusal::absent())?;
            return Ok((typed(media_type), body).into_response());
        }
        let (media_type, bytes) = region.store.binary(&id)?.ok_or_else(Refusal::absent)?;
        if raw {
            return Ok((typed(media_type), bytes).into_response());
        }
        use base64::Engine;
        let mut whole = entry.resource.clone();
        whole["data"] = json!(base64::engine::general_purpose::STANDARD.encode(bytes));
        return Ok(resource(StatusCode::OK, &whole));
    }
    Ok(resource(StatusCode::OK, &entry.resource))
}

fn readable_history(
    region: &Shared,
    caller: &Caller,
    kind: &str,
    id: &str,
) -> Result<Vec<crate::fhir::store::Version>, Refusal> {
    known(kind)?;
    let versions = region.store.history(kind, id)?;
    if versions.is_empty() {
        return Err(Refusal::absent());
    }
    match region.store.entry(kind, id) {
        Some(entry) if Access::of(caller, &region.store).may_read(&entry) => Ok(versions),
        _ => Err(Refusal::forbidden()),
    }
}

async fn history(
    State(region): State<Shared>,
    caller: Caller,
    Path((kind, id)): Path<(String, String)>,
) -> Result<Response, Refusal> {
    let versions = readable_history(&region, &caller, &kind, &id)?;
    let entries: Vec<Value> = versions
        .into_iter()
        .map(|v| {
            let method = match (&v.body, v.version) {
                (None, _) => "DELETE",
                (Some(_), 1) => "POST",
                (Some(_), _) => "PUT",
            };
            let mut entry = json!({"fullUrl": format!("{}/fhir/{kind}/{id}", region.base_url),
                "request": {"method": method, "url": format!("{kind}/{id}")},
                "response": {"status": "200", "etag": format!("W/\"{}\"", v.version), "lastModified": v.updated}});
            if let Some(body) = v.body {
                entry["resource"] = body;
            }
            entry
        })
        .collect();
    let bundle =
        json!({"resourceType": "Bundle", "type": "history", "total": entries.len(), "entry": entries});
    Ok(resource(StatusCode::OK, &bundle))
}

async fn read_version(
    State(region): State<Shared>,
    caller: Caller,
    Path((kind, id, version)): Path<(String, String, String)>,
) -> Result<Response, Refusal> {
    let versions = readable_history(&region, &caller, &kind, &id)?;
    let wanted = versions
        .into_iter()
        .find(|v| v.version.to_string() == version)
        .ok_or_else(Refusal::absent)?;
    let body = wanted
        .body
        .ok_or_else(|| Refusal::new(StatusCode::GONE, "deleted", "La versione è una cancellazione"))?;
    Ok(resource(StatusCode::OK, &body))
}
