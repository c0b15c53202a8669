//! Create, replace, delete and metadata update: a document is taken in charge, and its events begin.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::SignedDuration;
use serde_json::Value;

use super::cda::Cda;
use super::ledger::{self, Event, Published};
use super::operator::Operator;
use super::pdf::Pdf;
use super::problem::{Fault, Problem, trace};
use super::upload::Upload;
use super::validation::{self, Validated, receipt};
use super::{metadata, portal, signature};
use crate::Shared;

/// Days from validation to publication at most, and from publication to the FSE.
const FIVE_DAYS: SignedDuration = SignedDuration::from_hours(5 * 24);

pub(super) async fn create(
    State(region): State<Shared>,
    operator: Operator,
    upload: Upload,
) -> Result<Response, Problem> {
    publish(&region, &operator, &upload, None, false)
}

pub(super) async fn validate_and_create(
    State(region): State<Shared>,
    operator: Operator,
    upload: Upload,
) -> Result<Response, Problem> {
    publish(&region, &operator, &upload, None, true)
}

pub(super) async fn replace(
    State(region): State<Shared>,
    operator: Operator,
    Path(id): Path<String>,
    upload: Upload,
) -> Result<Response, Problem> {
    publish(&region, &operator, &upload, Some(&id), false)
}

pub(super) async fn validate_and_replace(
    State(region): State<Shared>,
    operator: Operator,
    Path(id): Path<String>,
    upload: Upload,
) -> Result<Response, Problem> {
    publish(&region, &operator, &upload, Some(&id), true)
}

fn publish(
    region: &Shared,
    operator: &Operator,
    upload: &Upload,
    replaced: Option<&str>,
    validate: bool,
) -> Result<Response, Problem> {
    let identifier = metadata::check_publication(&upload.body)?;
    let named = upload.body["workflowInstanceId"]
        .as_str()
        .filter(|w| !w.is_empty());
    if !validate && named.is_none() {
        return Err(Problem::new(
            Fault::MissingWorkflow,
            "Errore durante l'estrazione del workflow instance id",
        ));
    }
    let pdf = Pdf::read(&upload.file)?;
    signature::verify(&pdf, &upload.file)?;
    let replaced = replaced.map(|id| found(region, operator, id)).transpose()?;
    if ledger::document(region, &identifier)?.is_some() {
        return Err(taken());
    }
    let validated = match named {
        Some(workflow) if !validate => was_validated(region, operator, &pdf, workflow)?,
        _ => validation::run(region, operator, &pdf, true)?,
    };
    let document = Published {
        id: identifier,
        workflow: validated.workflow.clone(),
        reference: uuid::Uuid::now_v7().to_string(),
        patient: validated.patient.clone(),
        practitioner: operator.caller.practitioner.clone(),
        metadata: upload.body.clone(),
    };
    if !ledger::add_document(region, &document)? {
        return Err(taken());
    }
    portal::publish(region, &document, &validated.cda, &upload.file, replaced.as_ref())?;
    if let Some(replaced) = &replaced {
        ledger::delete_document(region, &replaced.id)?;
    }
    let trace = trace();
    note_events(
        region,
        &document,
        if replaced.is_some() { "REPLACE" } else { "CREATE" },
        &trace,
    )?;
    Ok((StatusCode::ACCEPTED, Json(receipt(&trace, &document.workflow))).into_response())
}

fn taken() -> Problem {
    Problem::new(Fault::DocumentExists, "identificativoDoc è già presente")
}

/// The validation that a publication names, when it was of this very CDA and is not over.
fn was_validated(
    region: &Shared,
    operator: &Operator,
    pdf: &Pdf,
    workflow: &str,
) -> Result<Validated, Problem> {
    let cda = Cda::read(&pdf.cda()?)?;
    let patient = operator.patient(region, &cda.patient)?;
    let not_validated = || Problem::new(Fault::NotValidated, "Il CDA non risulta validato");
    let stored = ledger::workflow(region, workflow)?.ok_or_else(not_validated)?;
    if stored.cda_hash != cda.hash || stored.published {
        return Err(not_validated().in_workflow(&stored.id));
    }
    let age = region.clock.gateway_now().as_second() - stored.validated;
    if age > FIVE_DAYS.as_secs() {
        let problem = Problem::new(Fault::TooOld, "Error: cannot publish documents older than 5 days");
        return Err(problem.in_workflow(&stored.id));
    }
    Ok(Validated {
        workflow: stored.id,
        trace: trace(),
        cda,
        patient,
    })
}

/// A published document whose patient the operator treats.
fn found(region: &Shared, operator: &Operator, id: &str) -> Result<Published, Problem> {
    let document = ledger::document(region, id)?
        .ok_or_else(|| Problem::new(Fault::NotFound, "Documento non trovato"))?;
    let patient = region.store.entry("Patient", &document.patient);
    let code = patient
        .as_ref()
        .and_then(|p| p.resource["identifier"][0]["value"].as_str())
        .unwrap_or_default();
    operator.patient(region, code)?;
    Ok(document)
}

fn note_events(region: &Shared, document: &Published, activity: &str, trace: &str) -> Result<(), Problem> {
    let now = region.clock.gateway_now();
    let later = now.checked_add(FIVE_DAYS).unwrap_or(now);
    for (kind, due) in [("PUBLICATION", now), ("PORTAL", now), ("SEND_TO_INI", later)] {
        let event = Event {
            kind,
            status: "SUCCESS",
            message: "",
            document: &document.id,
            activity,
            subject: &document.practitioner,
            trace,
        };
        ledger::add_event(region, &document.workflow, due, &event)?;
    }
    Ok(())
}

pub(super) async fn delete(
    State(region): State<Shared>,
    operator: Operator,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let document = found(&region, &operator, &id)?;
    ledger::delete_document(&region, &id)?;
    portal::withdraw(&region, &document)?;
    changed(&region, &document, "DELETE")
}

pub(super) async fn update_metadata(
    State(region): State<Shared>,
    operator: Operator,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response, Problem> {
    let new: Value = serde_json::from_slice(&body)
        .ok()
        .filter(Value::is_object)
        .ok_or_else(|| Problem::new(Fault::BadFormat, "Il corpo non è un oggetto JSON"))?;
    metadata::check_metadata(&new)?;
    let document = found(&region, &operator, &id)?;
    let mut whole = document.metadata.clone();
    if let (Some(whole), Some(new)) = (whole.as_object_mut(), new.as_object()) {
        whole.extend(new.clone());
    }
    ledger::set_metadata(&region, &id, &whole)?;
    changed(&region, &document, "UPDATE")
}

fn changed(region: &Shared, document: &Published, kind: &str) -> Result<Response, Problem> {
    let trace = trace();
    let event = Event {
        kind,
        status: "SUCCESS",
        message: "",
        document: &document.id,
        activity: kind,
        subject: &document.practitioner,
        trace: &trace,
    };
    ledger::add_event(region, &document.workflow, region.clock.gateway_now(), &event)?;
    Ok(Json(receipt(&trace, &document.workflow)).into_response())
}
