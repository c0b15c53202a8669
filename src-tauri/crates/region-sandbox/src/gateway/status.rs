//! The events of a workflow, by its id, its trace or the identifier of its document.

use axum::Json;
use axum::extract::{Path, State};
use serde_json::{Value, json};

use super::ledger;
use super::operator::Operator;
use super::problem::{Fault, Problem, trace};
use crate::Shared;

/// `GET status`: the gateway's health.
pub(super) async fn health() -> Json<Value> {
    Json(json!({"status": "UP"}))
}

pub(super) async fn of_workflow(
    State(region): State<Shared>,
    _operator: Operator,
    Path(workflow): Path<String>,
) -> Result<Json<Value>, Problem> {
    answer(&region, &workflow)
}

pub(super) async fn search(
    State(region): State<Shared>,
    _operator: Operator,
    Path(identifier): Path<String>,
) -> Result<Json<Value>, Problem> {
    let workflow = ledger::workflow_of(&region, &identifier)?.ok_or_else(absent)?;
    answer(&region, &workflow)
}

fn answer(region: &Shared, workflow: &str) -> Result<Json<Value>, Problem> {
    let events = ledger::events(region, workflow)?;
    if events.is_empty() {
        return Err(absent());
    }
    let trace = trace();
    Ok(Json(
        json!({"traceID": trace, "spanID": trace, "transactionData": events}),
    ))
}

fn absent() -> Problem {
    Problem::new(Fault::NotFound, "Transazione non trovata")
}
