//! *Registro accessi*.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A line of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct AuditLineView {
    /// Order.
    pub seq: u32,
    /// When.
    pub at: String,
    /// Who.
    pub actor: String,
    /// What: a key of `ui/src/i18n/it/audit.ts`.
    pub action: String,
    /// On what: an identifier, never clinical text.
    pub subject: String,
}

/// `audit_list`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct AuditListView {
    /// Newest first.
    pub lines: Vec<AuditLineView>,
    /// The chain is whole.
    pub intact: bool,
}
