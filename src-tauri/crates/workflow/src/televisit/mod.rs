//! One televisit from the waiting room to its outcome.
//!
//! The visit is a state machine of the crate `televisit`; here each verb loads it, lets it decide, and stores it in one step
//! with the access it records and what the region must learn. During a call the living visit is in memory
//! ([`crate::call`]) and every change is stored as it happens.

mod consent;
mod delay;
mod identity;
mod invite;
mod open;
mod outcome;
mod resources;
mod start;

use std::sync::Arc;

use cache::{AuditAction, NewItem, VisitRecordKind};
use clinical::{TelevisitId, Title};
use contract::televisit::TelevisitView;
use contract::{Answer, ErrorCode, Failure};
use jiff::Timestamp;
use televisit::{Capacity, StoredVisit, Visit};

use crate::agenda::Facts;
use crate::core::{Core, blocking};
use crate::desk::Desk;
use crate::failure::{OrFail, StepError};
use crate::views;

pub(crate) use open::{method_view, outcome_view};
pub(crate) use resources::encounter_item;

/// The visit as last stored, taken up after a restart.
pub(crate) fn stored_visit(desk: &Desk, id: &TelevisitId) -> Result<Option<Visit>, Failure> {
    let Some(record) = desk
        .outbox()
        .visit_last(id, VisitRecordKind::Progress)
        .or_fail()?
    else {
        return Ok(None);
    };
    let value: serde_json::Value = record.payload().or_fail()?;
    let damaged = || Failure::new(ErrorCode::ArchiveDamaged, "visit/record");
    let bytes = serde_json::to_vec(&value).map_err(|_| damaged())?;
    StoredVisit::resume(&bytes).map(Some).map_err(|_| damaged())
}

/// The visit, from its record or begun from the agenda; refused when it is not a control visit.
pub(crate) fn visit_of(desk: &Desk, facts: &Facts) -> Result<Visit, Failure> {
    let mut visit = match &facts.visit {
        Some(visit) => visit.clone(),
        None => {
            let refused = || Failure::new(ErrorCode::NotAControlVisit, "televisit/first-visit");
            let prescription = facts.entry.prescription.as_ref().ok_or_else(refused)?;
            let patient = facts.entry.patient.as_ref();
            let day = views::local(facts.entry.booking.start).date();
            let titles: Vec<Title> = crate::patient::related_of(desk, &facts.entry.patient_id)
                .iter()
                .filter_map(|p| p.title)
                .collect();
            let age = patient.map_or(clinical::Age::Years(0), |patient| patient.age_on(day));
            Visit::schedule(
                facts.entry.id.clone(),
                facts.entry.patient_id.clone(),
                Capacity::of(age, &titles),
                facts.entry.booking.start,
                prescription,
            )
            .map_err(|_| refused())?
        }
    };
    if !visit.is_completed() {
        match facts.waiting_since() {
            Some(since) => visit.patient_arrived(since),
            None if visit.call().is_none() && visit.present_since.is_some() => {
                visit.patient_left(Timestamp::now())
            }
            None => {}
        }
    }
    Ok(visit)
}

/// What a verb writes beside the visit.
pub(crate) struct Written {
    pub(crate) action: AuditAction,
    pub(crate) record: Option<(VisitRecordKind, serde_json::Value)>,
    pub(crate) items: Vec<NewItem>,
}

impl Written {
    pub(crate) fn only(action: AuditAction) -> Self {
        Self {
            action,
            record: None,
            items: Vec::new(),
        }
    }
}

/// Stores a visit with what goes with it, in one step.
pub(crate) fn store_visit(desk: &Arc<Desk>, visit: &Visit, written: Option<Written>) -> Result<(), Failure> {
    let now = Timestamp::now();
    let stored = StoredVisit::of(visit, now);
    let id = visit.id.clone();
    let worker = desk.clone();
    desk.outbox()
        .commit(now, move |step| -> Result<(), StepError> {
            step.visit_record(&id, VisitRecordKind::Progress, &stored)?;
            if let Some(written) = written {
                if let Some((kind, payload)) = &written.record {
                    step.visit_record(&id, *kind, payload)?;
                }
                for item in written.items {
                    step.enqueue(item)?;
                }
                worker.record(step, written.action, id.as_str())?;
            }
            Ok(())
        })
        .or_fail()?;
    desk.outgoing.notify_one();
    Ok(())
}

impl Core {
    /// Lets a visit decide, stores what it became, and shows it. During its call the living visit is the one changed.
    async fn change_visit(
        &self,
        id: TelevisitId,
        change: impl FnOnce(&Desk, &mut Visit, &Facts, Timestamp) -> Result<Written, Failure> + Send + 'static,
    ) -> Answer<TelevisitView> {
        let desk = self.desk()?;
        desk.allow(desk.role().holds_televisits(), id.as_str())?;
        let mut call = self.inner.call.lock().await;
        let living = call
            .as_ref()
            .filter(|call| call.televisit() == &id)
            .map(|call| call.visit());
        let now = Timestamp::now();
        let worker = desk.clone();
        let visit = blocking(move || {
            let facts = Facts::load(&worker, &id)?;
            let mut visit = match living {
                Some(visit) => visit,
                None => visit_of(&worker, &facts)?,
            };
            let written = change(&worker, &mut visit, &facts, now)?;
            store_visit(&worker, &visit, Some(written))?;
            Ok(visit)
        })
        .await?;
        if let Some(call) = call.as_mut().filter(|call| call.televisit() == &visit.id) {
            call.set_visit(visit.clone());
        }
        drop(call);
        self.changed(&[contract::events::Tag::Agenda, contract::events::Tag::Queue]);
        self.tell_link();
        self.televisit_view(&desk, visit.id).await
    }
}
