//! `POST documents/validation`: what is validated is remembered by its hash alone.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::cda::Cda;
use super::ledger::{self, Event};
use super::metadata;
use super::operator::Operator;
use super::pdf::Pdf;
use super::problem::{Fault, Problem, trace};
use super::upload::Upload;
use crate::Shared;

/// A CDA that was validated, in its workflow.
pub(super) struct Validated {
    pub(super) workflow: String,
    pub(super) trace: String,
    pub(super) cda: Cda,
    /// FHIR id of the patient.
    pub(super) patient: String,
}

pub(super) async fn validate(
    State(region): State<Shared>,
    operator: Operator,
    upload: Upload,
) -> Result<Response, Problem> {
    let kept = metadata::check_validation(&upload.body)?;
    let pdf = Pdf::read(&upload.file)?;
    let validated = run(&region, &operator, &pdf, kept)?;
    let body = receipt(&validated.trace, &validated.workflow);
    Ok((
        if kept { StatusCode::CREATED } else { StatusCode::OK },
        Json(body),
    )
        .into_response())
}

/// The answer that validation and publication share.
pub(super) fn receipt(trace: &str, workflow: &str) -> Value {
    json!({"traceID": trace, "spanID": trace, "workflowInstanceId": workflow})
}

/// Checks the CDA of a PDF; keeps the hash under a new workflow when asked. A refusal is noted in the workflow too.
pub(super) fn run(region: &Shared, operator: &Operator, pdf: &Pdf, kept: bool) -> Result<Validated, Problem> {
    let bytes = pdf.cda()?;
    let checked = Cda::read(&bytes).and_then(|cda| {
        let patient = operator.patient(region, &cda.patient)?;
        Ok((cda, patient))
    });
    let subject = operator.caller.practitioner.as_str();
    match checked {
        Ok((cda, patient)) => {
            let workflow = ledger::new_workflow(&cda.patient);
            let trace = trace();
            if kept {
                ledger::add_workflow(region, &workflow, &trace, &cda.hash, &cda.patient, subject)?;
                note(region, &workflow, "SUCCESS", "", subject, &trace)?;
            }
            Ok(Validated {
                workflow,
                trace,
                cda,
                patient,
            })
        }
        Err(problem) if matches!(problem.fault, Fault::Syntax | Fault::Semantic) => {
            let workflow = ledger::new_workflow(&trace());
            if kept {
                note(
                    region,
                    &workflow,
                    "BLOCKING_ERROR",
                    problem.detail(),
                    subject,
                    problem.trace(),
                )?;
            }
            Err(problem.in_workflow(&workflow))
        }
        Err(problem) => Err(problem),
    }
}

fn note(
    region: &Shared,
    workflow: &str,
    status: &str,
    message: &str,
    subject: &str,
    trace: &str,
) -> Result<(), Problem> {
    let event = Event {
        kind: "VALIDATION",
        status,
        message,
        document: "",
        activity: "VALIDATION",
        subject,
        trace,
    };
    Ok(ledger::add_event(
        region,
        workflow,
        region.clock.gateway_now(),
        &event,
    )?)
}
