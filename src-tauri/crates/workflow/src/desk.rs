//! The desk of the person at work: who they are, their open store, the tasks that work for them.
//!
//! Not in it: how it is opened and closed (`session`).

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use cache::{AuditAction, AuditEntry, Outbox, Replica, Step, StoreError, UserStore};
use clinical::{Assignment, Practitioner, Role};
use contract::{ErrorCode, Failure};

use crate::assets::Assets;
use crate::batch::Bench;
use crate::failure::OrFail;
use crate::signing::SigningDesk;
use jiff::Timestamp;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// The open desk.
pub(crate) struct Desk {
    pub(crate) person: session::PersonId,
    pub(crate) practitioner: Practitioner,
    assignment: RwLock<Assignment>,
    pub(crate) store: UserStore,
    /// What the region decides, as data.
    pub(crate) assets: Arc<Assets>,
    /// Rung when something was queued.
    pub(crate) outgoing: Notify,
    /// Rung for the sender of attachments.
    pub(crate) uploading: Notify,
    /// Rung when the region hints that something changed.
    pub(crate) incoming: Notify,
    /// What is known of the person's devices and services of signature.
    pub(crate) signing: SigningDesk,
    /// Many signatures in one go.
    pub(crate) batch: Bench,
    tasks: Mutex<Vec<JoinHandle<()>>>,
}

impl Desk {
    pub(crate) fn new(
        person: session::PersonId,
        practitioner: Practitioner,
        assignment: Assignment,
        store: UserStore,
        assets: Arc<Assets>,
    ) -> Self {
        Self {
            person,
            practitioner,
            assignment: RwLock::new(assignment),
            store,
            assets,
            outgoing: Notify::new(),
            uploading: Notify::new(),
            incoming: Notify::new(),
            signing: SigningDesk::default(),
            batch: Bench::default(),
            tasks: Mutex::new(Vec::new()),
        }
    }

    pub(crate) fn outbox(&self) -> &Outbox {
        &self.store.outbox
    }

    pub(crate) fn replica(&self) -> &Replica {
        &self.store.replica
    }

    pub(crate) fn assignment(&self) -> Assignment {
        self.assignment
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(crate) fn role(&self) -> Role {
        self.assignment
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .role
    }

    /// The reference of the person in this role, as the region writes it.
    pub(crate) fn role_reference(&self) -> String {
        format!("PractitionerRole/{}", self.assignment().id)
    }

    /// Refuses what this role may not do, and records that it was tried.
    pub(crate) fn allow(&self, allowed: bool, subject: &str) -> Result<(), Failure> {
        if allowed {
            return Ok(());
        }
        let entry = self.entry(AuditAction::AccessRefused, subject);
        self.outbox().audit(entry, Timestamp::now()).or_fail()?;
        Err(Failure::new(ErrorCode::AccessDenied, "role/not-allowed"))
    }

    pub(crate) fn entry(&self, action: AuditAction, subject: &str) -> AuditEntry {
        AuditEntry {
            actor: self.practitioner.id.to_string(),
            action,
            subject: subject.to_owned(),
        }
    }

    /// Records an access in a step.
    pub(crate) fn record(
        &self,
        step: &mut Step<'_>,
        action: AuditAction,
        subject: &str,
    ) -> Result<(), StoreError> {
        step.audit(&self.entry(action, subject))
    }

    /// Records an access that comes with no other write.
    pub(crate) fn accessed(&self, action: AuditAction, subject: &str) -> Result<(), Failure> {
        self.outbox()
            .audit(self.entry(action, subject), Timestamp::now())
            .or_fail()
    }

    pub(crate) fn keep_task(&self, task: JoinHandle<()>) {
        self.tasks
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(task);
    }

    /// Stops what works for this desk. What is being sent is found again, as uncertain, when the desk reopens.
    pub(crate) fn stop_tasks(&self) {
        self.batch.cancel();
        for task in self
            .tasks
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .drain(..)
        {
            task.abort();
        }
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.stop_tasks();
    }
}
