//! Queueing a deed with its trace, in one transaction.

use cache::{AuditAction, ItemKind, NewItem};
use contract::Failure;
use contract::delivery::QueueSubject;
use jiff::Timestamp;
use region::FrozenRequest;
use uuid::Uuid;

use super::{DONE, Deed};
use crate::delivery::{Subject, to_outbox};
use crate::desk::Desk;
use crate::failure::{IntoFailure, OrFail, StepError};
use crate::trace::Trace;
use region::RegionError;

/// Something to be queued for a case.
pub(super) struct ToQueue {
    /// The case; its conversation too.
    pub(super) case: String,
    pub(super) subject: Subject,
    pub(super) kind: ItemKind,
    pub(super) request: Result<FrozenRequest, RegionError>,
    /// Version sent as `If-Match`.
    pub(super) version: Option<String>,
    pub(super) deed: Deed,
    pub(super) action: AuditAction,
}

/// The subject of what belongs to the case itself.
pub(super) fn of_case(id: &str) -> Subject {
    Subject::new(QueueSubject::Transition, id)
}

/// The subject of a handover.
pub(super) fn of_handover(id: &str) -> Subject {
    Subject::new(QueueSubject::Handover, id)
}

pub(super) fn queue(desk: &Desk, what: ToQueue, now: Timestamp) -> Result<(), Failure> {
    let request = to_outbox(what.request.map_err(IntoFailure::failure)?)?;
    let entry = desk.entry(what.action, &what.case);
    let done = desk.outbox().commit(now, move |step| -> Result<(), StepError> {
        let item = step.enqueue(NewItem {
            conversation: what.case.clone(),
            kind: what.kind,
            subject: what.subject.to_string(),
            depends_on: Vec::new(),
            request,
            etag: what.version,
            awaiting_signature: false,
        })?;
        let trace = Trace {
            id: Uuid::now_v7().to_string(),
            case: what.case,
            items: vec![item.id],
            at: now,
            deed: what.deed,
        };
        trace.put(step, DONE)?;
        step.audit(&entry)?;
        Ok(())
    });
    done.or_fail()
}
