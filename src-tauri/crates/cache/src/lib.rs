//! What one user keeps on this PC, encrypted: the unconfirmed work, a copy of what the region said, files.
//!
//! A user's directory holds two SQLCipher databases and a folder of attachments (`decisions/0002`):
//!
//! - `outbox.db` ([`Outbox`]): everything that the region has not confirmed. Drafts, identity and consent
//!   records, frozen and signed documents, the queue, the access register. Never deleted; set aside when damaged.
//! - `cache.db` ([`Replica`]): a copy of what the region holds, with its search index. May be rebuilt at any time.
//! - `attachments/` ([`Attachments`]): files in encrypted pieces.
//!
//! No transaction spans the two databases: with a write-ahead log a commit is atomic in one file only.
//! Every method blocks; callers on the async runtime use `spawn_blocking`. The time is an argument.
//!
//! Not in it: where the keys come from (`session`), who sends the queue (`workflow`, `region`), and the
//! rules of a subject.

pub mod attachments;
pub mod audit;
mod database;
mod drafts;
mod error;
mod keys;
mod log_tail;
mod mark;
pub mod outbox;
pub mod replica;
mod reports;
mod store;
mod visits;
mod writer;

pub use attachments::{Attachment, AttachmentError, AttachmentReader, Attachments, SealedFile};
pub use audit::{AuditAction, AuditEntry, AuditHead, AuditRow, AuditVerdict};
pub use drafts::{Draft, DraftError, DraftRival, DraftSaved};
pub use error::{OpenError, SetAside, StoreError, UnsentItem};
pub use keys::{SecretKey, StoreKeys};
pub use outbox::{
    Event, FrozenRequest, ItemId, ItemKind, Jitter, Lane, NewItem, Outbox, OutboxItem, Progress, QueueLine,
    Reason, State, Step, TransitionError, Upload,
};
pub use replica::{Batch, CaseFilter, CaseRow, CaseTable, DocumentRow, FeedCursor, Replica, TelevisitRow};
pub use reports::{DocumentKind, Receipt, ReceiptStep, ReportRow, ReportState, StoredDocument};
pub use store::{CacheCondition, OpenReport, UserStore};
pub use visits::{VisitRecord, VisitRecordKind};
