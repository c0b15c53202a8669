//! `teleconsult_claim`: *Assegna a me*. The region decides between two who claim at once, by the version of the Task.
//!
//! Nothing of it waits in the queue: a claim that is not yet the region's would be a promise that nobody keeps. What was
//! typed for an answer is a draft of its own and stays.

use ::teleconsult::fhir::{state_of, task_in};
use ::teleconsult::{Case, CaseState};
use cache::AuditAction;
use cache::replica::CaseTable;
use contract::events::Tag;
use contract::teleconsult::{TeleconsultRequest, TeleconsultView};
use contract::{Answer, ErrorCode, Failure};
use jiff::Timestamp;
use region::fhir::Versioned;
use region::{RegionError, ResourceType};
use serde_json::{Value, json};

use super::{Known, view};
use crate::colleague::names_in;
use crate::core::{Core, blocking};
use crate::desk::Desk;
use crate::failure::{IntoFailure, OrFail};

impl Core {
    /// `teleconsult_claim`.
    pub async fn teleconsult_claim(&self, request: TeleconsultRequest) -> Answer<TeleconsultView> {
        let desk = self.desk()?;
        desk.allow(desk.role().answers_teleconsults(), &request.teleconsult_id)?;
        let id = request.teleconsult_id;
        let mut known = super::require(&desk, &id)?;
        let outcome = self.claim(&desk, &mut known).await;
        // What the region said of it stays, also when it said no.
        let (worker, accepted) = (desk.clone(), outcome.is_ok());
        let view = blocking(move || {
            store(&worker, &known)?;
            if accepted {
                worker.accessed(AuditAction::TeleconsultClaimed, &id)?;
            }
            view::case(&worker, &super::require(&worker, &id)?, Timestamp::now())
        })
        .await?;
        self.changed(&[Tag::Teleconsult]);
        outcome.map(|()| view)
    }

    async fn claim(&self, desk: &Desk, known: &mut Known) -> Result<(), Failure> {
        let fhir = self.inner.region.fhir();
        let me = desk.assignment().id;
        let Some(task) = known.stored.as_ref().and_then(|stored| stored.task.clone()) else {
            return Err(Failure::new(ErrorCode::NotFound, "teleconsult/no-task"));
        };
        let task_id = task
            .get("id")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned();
        let mut standing = fhir.read(ResourceType::Task, &task_id).await.or_fail()?;
        // The second look is for a loser of the race, and for a reply that was lost: the region knows who has it.
        for last in [false, true] {
            take_in(known, &standing)?;
            let mut case: Case = known.case.clone();
            if is_mine(&case.state, &me) {
                return Ok(());
            }
            case.claim(&me)
                .map_err(|refusal| super::refused(refusal, known, desk))?;
            let mut next = task_in(&standing.resource, &case.state);
            next["owner"]["display"] = json!(desk.practitioner.name.display());
            let version = standing.version.clone().unwrap_or_default();
            match fhir.update(&next, &version).await {
                Ok(written) => {
                    return take_in(known, &written);
                }
                Err(RegionError::Conflict | RegionError::Timeout | RegionError::Garbled) if !last => {
                    standing = fhir.read(ResourceType::Task, &task_id).await.or_fail()?;
                }
                Err(error) => return Err(error.failure()),
            }
        }
        Err(Failure::new(ErrorCode::Conflict, "teleconsult/claim"))
    }
}

fn is_mine(state: &CaseState, me: &str) -> bool {
    matches!(state, CaseState::Claimed { by } | CaseState::NeedsInformation { by } if by == me)
}

/// The Task as it stands at the region, in what is known of the case.
pub(super) fn take_in(known: &mut Known, standing: &Versioned) -> Result<(), Failure> {
    let state = state_of(&standing.resource)
        .map_err(|_| Failure::new(ErrorCode::RegionGarbled, "teleconsult/task"))?;
    known.case.state = state.clone();
    known.version = standing.version.clone();
    if let Some(stored) = &mut known.stored {
        stored.names.extend(names_in([&standing.resource]));
        stored.case.state = state;
        stored.task = Some(standing.resource.clone());
    }
    Ok(())
}

pub(super) fn store(desk: &Desk, known: &Known) -> Result<(), Failure> {
    let now = Timestamp::now();
    let Some(stored) = &known.stored else {
        return Ok(());
    };
    let Some(row) = super::row_of(stored, known.version.clone(), now, now) else {
        return Ok(());
    };
    desk.replica()
        .apply(now, move |batch| batch.put_case(CaseTable::Teleconsult, &row))
        .or_fail()
}
