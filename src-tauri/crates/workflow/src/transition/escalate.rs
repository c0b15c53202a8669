//! The ladder: a case that nobody takes in time is told to the coordinator, once, whoever is at work; and
//! `transition_acknowledge`, with which note is taken.
//!
//! What is told is a line of the case's log. Its identifier is made from case and rung, so that of several stations that tell
//! it, with the network or without, one line comes to stand at the region. Not in it: the thresholds (`transition::policy`).

use std::sync::Weak;
use std::time::Duration;

use ::transition::{Escalation, LogEntry, TransitionState, fhir};
use cache::replica::{CasePage, CaseTable, OwnedBy};
use cache::{AuditAction, ItemKind};
use contract::transition::{TransitionRequest, TransitionView};
use contract::{Answer, ErrorCode, Failure};
use jiff::Timestamp;
use region::FrozenRequest;
use sha2::{Digest, Sha256};

use super::queue::{ToQueue, of_case, queue};
use super::{Deed, Known, view, word};
use crate::core::{Core, blocking};
use crate::desk::Desk;
use crate::failure::OrFail;

/// Pause between two looks at the clocks.
const EVERY: Duration = Duration::from_secs(20);
/// Told at once at most; the others follow at the next look.
const AT_ONCE: u32 = 50;

impl Core {
    /// Watches the clocks of a COT's cases; ends with the desk.
    pub(crate) async fn watch_escalations(self, weak: Weak<Desk>) {
        loop {
            let Some(desk) = weak.upgrade() else { return };
            if desk.role().works_transitions() {
                let worker = desk.clone();
                match blocking(move || tell_coordinator(&worker, Timestamp::now())).await {
                    Ok(0) => {}
                    Ok(_) => self.transition_queued(&desk),
                    Err(failure) => tracing::warn!(code = failure.detail, "escalation put off"),
                }
            }
            drop(desk);
            tokio::time::sleep(EVERY).await;
        }
    }

    /// `transition_acknowledge`. Again is harmless.
    pub async fn transition_acknowledge(&self, request: TransitionRequest) -> Answer<TransitionView> {
        let desk = self.desk()?;
        desk.allow(desk.role().works_transitions(), &request.transition_id)?;
        let worker = desk.clone();
        let view = blocking(move || {
            let now = Timestamp::now();
            let known = super::require(&worker, &request.transition_id)?;
            let rung = told(&known).ok_or_else(|| Failure::new(ErrorCode::Conflict, "transition/not-now"))?;
            if known.transition.escalated(&rung).1.is_none() {
                write(&worker, &known, Escalation::Acknowledged { rung }, now)?;
            }
            view::case(&worker, &super::require(&worker, &request.transition_id)?, now)
        })
        .await?;
        self.transition_queued(&desk);
        Ok(view)
    }
}

/// The rung at which the coordinator was told of a case.
pub(super) fn told(known: &Known) -> Option<String> {
    known
        .transition
        .log
        .iter()
        .find_map(|line| match &line.escalation {
            Some(Escalation::Raised { rung }) => Some(rung.clone()),
            _ => None,
        })
}

/// Tells of every case past the coordinator's threshold that was not told yet; how many.
fn tell_coordinator(desk: &Desk, now: Timestamp) -> Result<usize, Failure> {
    let mut told = 0;
    for known in past_threshold(desk, now)? {
        let rung = desk
            .assets
            .policy
            .rung(&known.transition, now)
            .filter(|rung| rung.coordinator);
        let Some(rung) = rung else { continue };
        if known.transition.escalated(&rung.code).0.is_some() || known.stored.is_none() {
            continue;
        }
        let rung = rung.code.clone();
        write(desk, &known, Escalation::Raised { rung }, now)?;
        told += 1;
    }
    Ok(told)
}

/// Cases without operator whose clock has run out, the oldest first.
pub(super) fn past_threshold(desk: &Desk, now: Timestamp) -> Result<Vec<Known>, Failure> {
    let mut traced = super::traced(desk)?;
    let page = CasePage {
        state: word(TransitionState::Reported),
        owner: OwnedBy::Nobody,
        due_before: Some(now),
        opened_before: None,
        patients: None,
        after: None,
        limit: AT_ONCE,
    };
    let rows = desk.replica().case_page(CaseTable::Transition, &page).or_fail()?;
    let mut known: Vec<Known> = Vec::with_capacity(rows.len());
    for row in rows {
        known.extend(match traced.remove(&row.id) {
            Some(case) => Some(case),
            None => Known::of(desk, row, Vec::new()),
        });
    }
    known.extend(traced.into_values());
    known.retain(|case| {
        let rung = desk.assets.policy.rung(&case.transition, now);
        rung.is_some_and(|rung| rung.coordinator)
    });
    known.sort_by_key(|case| case.transition.reported_at);
    Ok(known)
}

fn write(desk: &Desk, known: &Known, escalation: Escalation, now: Timestamp) -> Result<(), Failure> {
    let case = known.transition.id.to_string();
    let (rung, words) = match &escalation {
        Escalation::Raised { rung } => (rung, "Coordinatore avvisato: nessun operatore oltre la soglia"),
        Escalation::Acknowledged { rung } => (rung, "Presa visione del coordinamento"),
    };
    let entry = LogEntry {
        id: identifier(&case, rung, matches!(escalation, Escalation::Raised { .. })),
        by: desk.assignment().id,
        by_name: Some(desk.practitioner.name.display().into()),
        at: now,
        call: None,
        text: words.into(),
        escalation: Some(escalation),
    };
    let about = format!("Task/{}", known.at_region()?.task.id());
    let resource = fhir::communication(&entry, known.transition.patient.as_str(), &about);
    let what = ToQueue {
        subject: of_case(&case),
        case,
        kind: ItemKind::FhirCreate,
        request: FrozenRequest::create(&resource),
        version: None,
        deed: Deed::Noted { entry },
        action: AuditAction::TransitionEscalated,
    };
    queue(desk, what, now)
}

/// The same at every station: UUID of version 8 from SHA-256.
fn identifier(case: &str, rung: &str, raised: bool) -> String {
    let digest = Sha256::digest(format!("postazione/escalation/{case}/{rung}/{raised}"));
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(digest).for_each(|(byte, from)| *byte = from);
    uuid::Builder::from_custom_bytes(bytes).into_uuid().to_string()
}

#[cfg(test)]
mod tests {
    use super::identifier;

    #[test]
    fn every_station_gives_an_escalation_the_same_identifier() {
        let one = identifier("case", "coordinator", true);
        assert_eq!(one, identifier("case", "coordinator", true));
        assert_ne!(one, identifier("case", "coordinator", false));
        assert_ne!(one, identifier("other", "coordinator", true));
        assert_eq!(one.parse::<uuid::Uuid>().unwrap().get_version_num(), 8);
    }
}
