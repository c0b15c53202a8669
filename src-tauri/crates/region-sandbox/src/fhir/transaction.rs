//! The transaction Bundle: all of it or nothing (FHIR R4, http.html#transaction).
//!
//! Entries may create (with `ifNoneExist`), update (with `ifMatch`), delete or read; references to `urn:uuid:` addresses
//! of other entries become the ids that they got, also when a condition found an existing resource.

use std::collections::HashMap;

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::Shared;
use crate::auth::Caller;
use crate::fhir::access::Access;
use crate::fhir::outcome::Refusal;
use crate::fhir::rest::checked_put;
use crate::fhir::store::{Precondition, StoreError};
use crate::fhir::writing::{Created, Writing};

/// Does what a transaction asks, and answers with the response Bundle.
pub(crate) fn process(region: &Shared, caller: &Caller, bundle: &Value) -> Result<Value, Refusal> {
    if bundle["resourceType"] != "Bundle" || bundle["type"] != "transaction" {
        return Err(Refusal::bad("È ammesso solo un Bundle di tipo transaction"));
    }
    let entries = bundle["entry"].as_array().cloned().unwrap_or_default();
    let access = Access::of(caller, &region.store);
    let answers = region.store.write(Some(&caller.practitioner), |writing| {
        run(writing, &access, entries)
    })?;
    Ok(json!({"resourceType": "Bundle", "type": "transaction-response", "entry": answers}))
}

enum Step {
    Create(Value, Option<String>),
    Update(Value, Precondition),
    Delete(String, String, Precondition),
    Read(String, String),
}

fn run(writing: &mut Writing<'_>, access: &Access<'_>, entries: Vec<Value>) -> Result<Vec<Value>, Refusal> {
    let mut addresses: HashMap<String, String> = HashMap::new();
    let mut steps = Vec::new();
    for entry in entries {
        let (step, target) = read(writing, &entry)?;
        if let Some(full_url) = entry["fullUrl"].as_str().filter(|u| u.starts_with("urn:uuid:"))
            && let Some(target) = target
        {
            addresses.insert(full_url.to_owned(), target);
        }
        steps.push(step);
    }
    let (mut answers, mut touched) = (Vec::new(), Vec::new());
    for mut step in steps {
        if let Step::Create(resource, _) | Step::Update(resource, _) = &mut step {
            resolve(resource, &addresses);
        }
        answers.push(apply(writing, access, step, &mut touched)?);
    }
    // Judged at the end: a message may refer to a request that stands after it in the Bundle.
    let allowed = touched.iter().all(|resource| access.may_write(writing, resource));
    if allowed {
        Ok(answers)
    } else {
        Err(Refusal::forbidden())
    }
}

/// Reads an entry, and names the resource that it will stand for.
fn read(writing: &Writing<'_>, entry: &Value) -> Result<(Step, Option<String>), Refusal> {
    let request = &entry["request"];
    let url = request["url"].as_str().unwrap_or_default();
    let expected = match request["ifMatch"].as_str() {
        None => Precondition::None,
        Some(tag) => tag
            .trim_start_matches("W/")
            .trim_matches('"')
            .parse()
            .map(Precondition::Version)
            .map_err(|_| Refusal::bad("ifMatch non si legge"))?,
    };
    let named = || {
        url.split_once('/')
            .map(|(kind, id)| (kind.to_owned(), id.to_owned()))
            .ok_or_else(|| Refusal::bad("L'indirizzo della voce non nomina una risorsa"))
    };
    let mut resource = entry["resource"].clone();
    match request["method"].as_str() {
        Some("POST") => {
            if resource["resourceType"].as_str() != Some(url) {
                return Err(Refusal::bad(
                    "resourceType non corrisponde all'indirizzo della voce",
                ));
            }
            let condition = request["ifNoneExist"].as_str().map(str::to_owned);
            let existing = match &condition {
                Some(condition) => writing.matching(url, condition)?,
                None => None,
            };
            let id = match existing {
                Some(entry) => entry.resource["id"].as_str().unwrap_or_default().to_owned(),
                None => uuid::Uuid::now_v7().to_string(),
            };
            let target = format!("{url}/{id}");
            resource["id"] = json!(id);
            Ok((Step::Create(resource, condition), Some(target)))
        }
        Some("PUT") => {
            let (kind, id) = named()?;
            if resource["resourceType"] != json!(kind) || resource["id"] != json!(id) {
                return Err(Refusal::bad(
                    "resourceType o id non corrispondono all'indirizzo della voce",
                ));
            }
            Ok((Step::Update(resource, expected), Some(url.to_owned())))
        }
        Some("DELETE") => named().map(|(kind, id)| (Step::Delete(kind, id, expected), None)),
        Some("GET") => named().map(|(kind, id)| (Step::Read(kind, id), None)),
        _ => Err(Refusal::bad("Metodo della voce non ammesso")),
    }
}

/// Puts real addresses in place of `urn:uuid:` ones: in references and in addresses of attachments, not in identifiers.
fn resolve(value: &mut Value, addresses: &HashMap<String, String>) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| resolve(item, addresses)),
        Value::Object(object) => {
            for (key, inner) in object.iter_mut() {
                match inner {
                    Value::String(text) if key == "reference" || key == "url" => {
                        if let Some(address) = addresses.get(text.as_str()) {
                            *text = address.clone();
                        }
                    }
                    _ => resolve(inner, addresses),
                }
            }
        }
        _ => {}
    }
}

fn apply(
    writing: &mut Writing<'_>,
    access: &Access<'_>,
    step: Step,
    touched: &mut Vec<Value>,
) -> Result<Value, Refusal> {
    let answer = |status: StatusCode, resource: &Value| {
        let (kind, id) = (&resource["resourceType"], &resource["id"]);
        let version = resource["meta"]["versionId"].as_str().unwrap_or_default();
        json!({"resource": resource, "response": {
            "status": status.to_string(),
            "location": format!("{}/{}/_history/{version}", kind.as_str().unwrap_or_default(), id.as_str().unwrap_or_default()),
            "etag": format!("W/\"{version}\""), "lastModified": resource["meta"]["lastUpdated"]}})
    };
    match step {
        Step::Create(resource, condition) => {
            let created = match condition {
                Some(condition) => writing.create_unless(resource, &condition)?,
                None => writing.put(resource, Precondition::None).map(Created::New)?,
            };
            let (status, stored) = match created {
                Created::New(stored) => (StatusCode::CREATED, stored),
                Created::Existing(stored) => (StatusCode::OK, stored),
            };
            let answer = answer(status, &stored);
            touched.push(stored);
            Ok(answer)
        }
        Step::Update(resource, expected) => {
            let stored = checked_put(writing, access, resource, expected)?;
            let first = stored["meta"]["versionId"] == "1";
            Ok(answer(
                if first {
                    StatusCode::CREATED
                } else {
                    StatusCode::OK
                },
                &stored,
            ))
        }
        Step::Delete(kind, id, expected) => {
            let entry = writing.entry(&kind, &id).ok_or(StoreError::Absent)?;
            if !access.may_read(&entry) || !access.may_write(writing, &entry.resource) {
                return Err(Refusal::forbidden());
            }
            writing.delete(&kind, &id, expected)?;
            Ok(json!({"response": {"status": "204 No Content"}}))
        }
        Step::Read(kind, id) => {
            let entry = writing.entry(&kind, &id).ok_or(StoreError::Absent)?;
            if !access.may_read(&entry) {
                return Err(Refusal::forbidden());
            }
            Ok(answer(StatusCode::OK, &entry.resource))
        }
    }
}
