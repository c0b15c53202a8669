//! The access register (Registro accessi): who did what, when, to which record, chained from the first row.
//!
//! Each row carries the hash of the one before and a MAC under a key of its own, and is written in the same
//! transaction as what it records. The head, which holds no secret, is anchored at the region through the
//! queue ([`crate::ItemKind::AuditAnchor`]). It never holds a name or clinical text: subjects are identifiers.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use sha2::{Digest, Sha256};

use crate::outbox::{from_millis, millis};
use crate::{Outbox, SecretKey, Step, StoreError};

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident = $text:literal),+ $(,)?) => {
        /// What was done. Closed: each has its Italian words in the window's catalogue.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum AuditAction { $($(#[$doc])* $name),+ }

        impl AuditAction {
            /// Every action.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// As kept in the table.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),+ }
            }
        }
    };
}

actions! {
    /// Logged in at the region.
    LoggedIn = "logged_in",
    /// Asked for something that the role does not allow.
    AccessRefused = "access_refused",
    /// Unlocked the station.
    Unlocked = "unlocked",
    /// A wrong secret was tried.
    UnlockRefused = "unlock_refused",
    /// Locked the station.
    Locked = "locked",
    /// Logged out.
    LoggedOut = "logged_out",
    /// Chose a role and a structure.
    RoleChosen = "role_chosen",
    /// Changed PIN or passphrase.
    SecretChanged = "secret_changed",
    /// Searched among patients.
    PatientSearched = "patient_searched",
    /// Opened a patient's record.
    PatientOpened = "patient_opened",
    /// Opened a document.
    DocumentOpened = "document_opened",
    /// Opened a televisit.
    VisitOpened = "visit_opened",
    /// Recorded how the patient was identified.
    IdentityRecorded = "identity_recorded",
    /// Recorded a mismatch of identity.
    IdentityMismatch = "identity_mismatch",
    /// Invited a caregiver to a televisit.
    CaregiverInvited = "caregiver_invited",
    /// Recorded consent.
    ConsentRecorded = "consent_recorded",
    /// Began a call.
    CallStarted = "call_started",
    /// Ended a call.
    CallEnded = "call_ended",
    /// Took a picture with consent.
    ImageTaken = "image_taken",
    /// Recorded the outcome of a visit.
    OutcomeRecorded = "outcome_recorded",
    /// Froze a report.
    ReportFrozen = "report_frozen",
    /// A report was validated.
    ReportValidated = "report_validated",
    /// Signed a report.
    ReportSigned = "report_signed",
    /// Queued a report for delivery.
    ReportQueued = "report_queued",
    /// The region took a report.
    ReportDelivered = "report_delivered",
    /// Took a report back to draft.
    ReportReopened = "report_reopened",
    /// Threw a draft away.
    DraftDiscarded = "draft_discarded",
    /// Opened a teleconsult.
    TeleconsultOpened = "teleconsult_opened",
    /// Asked for a teleconsult.
    TeleconsultAsked = "teleconsult_asked",
    /// Claimed a teleconsult.
    TeleconsultClaimed = "teleconsult_claimed",
    /// Answered a teleconsult.
    TeleconsultAnswered = "teleconsult_answered",
    /// Took note of the answer to a teleconsult.
    TeleconsultAcknowledged = "teleconsult_acknowledged",
    /// Wrote to a colleague in a teleconsult.
    TeleconsultMessage = "teleconsult_message",
    /// Recorded the NRE of the control visit that an answer indicated.
    TeleconsultPrescribed = "teleconsult_prescribed",
    /// Added an attachment.
    AttachmentAdded = "attachment_added",
    /// Opened an attachment.
    AttachmentOpened = "attachment_opened",
    /// Opened a transition of care.
    TransitionOpened = "transition_opened",
    /// Reported a transition of care.
    TransitionReported = "transition_reported",
    /// Moved a transition of care to another state.
    TransitionMoved = "transition_moved",
    /// Wrote a note or a call in a transition of care.
    TransitionNoted = "transition_noted",
    /// Told the coordinator of a transition of care that nobody takes, or took note of it.
    TransitionEscalated = "transition_escalated",
    /// Took or assigned a transition of care.
    TransitionAssigned = "transition_assigned",
    /// Handed over.
    HandedOver = "handed_over",
    /// Withdrew an item that was never sent.
    ItemWithdrawn = "item_withdrawn",
    /// Asked to send an item again.
    ItemRetried = "item_retried",
    /// Exported or printed.
    Exported = "exported",
    /// Let go of copies that were old and closed; the subject says how many.
    CachePurged = "cache_purged",
    /// A damaged outbox was set aside before this one was begun.
    OutboxSetAside = "outbox_set_aside",
    /// A damaged cache was rebuilt.
    CacheRebuilt = "cache_rebuilt",
}

impl AuditAction {
    fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|a| a.as_str() == text)
    }
}

/// What is to be recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Who: the practitioner's identifier at the region.
    pub actor: String,
    /// What.
    pub action: AuditAction,
    /// To what: an identifier, never a name.
    pub subject: String,
}

/// A row of the register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRow {
    /// Position, from 1.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// What; `None` for an action that a newer version wrote.
    pub action: Option<AuditAction>,
    /// To what.
    pub subject: String,
}

/// The last link, to be anchored outside this PC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditHead {
    /// Rows in the register.
    pub seq: i64,
    /// Hash of the last row, in hexadecimal.
    pub hash: String,
}

/// Whether the register is whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditVerdict {
    /// Every link holds.
    Whole {
        /// Rows in the register.
        rows: i64,
    },
    /// The chain is broken.
    Broken {
        /// The first row that is missing, changed or out of place.
        at: i64,
    },
}

/// What the first row names as the one before.
const GENESIS: [u8; 32] = [0; 32];

fn link(prev: &[u8], seq: i64, at: i64, actor: &str, action: &str, subject: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(b"postazione audit row 1");
    hash.update(prev);
    hash.update(seq.to_be_bytes());
    hash.update(at.to_be_bytes());
    // Lengths keep two different rows from being written as the same bytes.
    for text in [actor, action, subject] {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text.as_bytes());
    }
    hash.finalize().into()
}

fn row_mac(key: &SecretKey, hash: &[u8]) -> [u8; 32] {
    key.mac(&[b"row", hash])
}

fn head_mac(key: &SecretKey, seq: i64, hash: &[u8]) -> [u8; 32] {
    key.mac(&[b"head", &seq.to_be_bytes(), hash])
}

impl Step<'_> {
    /// Records an access in this same transaction.
    pub fn audit(&mut self, entry: &AuditEntry) -> Result<(), StoreError> {
        let (last, prev) = head(self.tx)?.unwrap_or((0, GENESIS.to_vec()));
        let (seq, at, action) = (last + 1, millis(self.now), entry.action.as_str());
        let hash = link(&prev, seq, at, &entry.actor, action, &entry.subject);
        self.tx
            .prepare_cached(
                "INSERT INTO audit (seq, at, actor, action, subject, prev, hash, mac)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute(params![
                seq,
                at,
                entry.actor,
                action,
                entry.subject,
                prev,
                hash,
                row_mac(self.audit_key, &hash)
            ])?;
        self.tx
            .prepare_cached(
                "INSERT INTO audit_head (only, seq, hash, mac) VALUES (1, ?1, ?2, ?3)
             ON CONFLICT (only) DO UPDATE SET seq = ?1, hash = ?2, mac = ?3",
            )?
            .execute(params![seq, hash, head_mac(self.audit_key, seq, &hash)])?;
        Ok(())
    }
}

impl Outbox {
    /// Records an access that comes with no other write.
    pub fn audit(&self, entry: AuditEntry, now: Timestamp) -> Result<(), StoreError> {
        self.commit(now, move |step| step.audit(&entry))
    }

    /// The head to be anchored; `None` while nothing has been recorded.
    pub fn audit_head(&self) -> Result<Option<AuditHead>, StoreError> {
        self.database.read(|db| {
            Ok(head(db)?.map(|(seq, hash)| AuditHead {
                seq,
                hash: hex::encode(hash),
            }))
        })
    }

    /// Rows before a position, newest first.
    pub fn audit_rows(&self, before: Option<i64>, limit: u32) -> Result<Vec<AuditRow>, StoreError> {
        self.database.read(|db| {
            let sql =
                "SELECT seq, at, actor, action, subject FROM audit WHERE seq < ?1 ORDER BY seq DESC LIMIT ?2";
            let mut statement = db.prepare_cached(sql)?;
            let mut rows = statement.query(params![before.unwrap_or(i64::MAX), limit])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                found.push(AuditRow {
                    seq: row.get(0)?,
                    at: from_millis(row.get(1)?)?,
                    actor: row.get(2)?,
                    action: AuditAction::parse(&row.get::<_, String>(3)?),
                    subject: row.get(4)?,
                });
            }
            Ok(found)
        })
    }

    /// Walks the register from its first row and says where it breaks, if it does.
    pub fn audit_verify(&self) -> Result<AuditVerdict, StoreError> {
        let key = self.audit_key.clone();
        self.database.read(move |db| verify(db, &key))
    }
}

fn head(db: &Connection) -> Result<Option<(i64, Vec<u8>)>, StoreError> {
    let sql = "SELECT seq, hash FROM audit_head WHERE only = 1";
    Ok(db
        .prepare_cached(sql)?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?)
}

fn verify(db: &Connection, key: &SecretKey) -> Result<AuditVerdict, StoreError> {
    let mut statement =
        db.prepare("SELECT seq, at, actor, action, subject, prev, hash, mac FROM audit ORDER BY seq")?;
    let mut rows = statement.query([])?;
    let (mut expected, mut prev) = (1i64, GENESIS.to_vec());
    while let Some(row) = rows.next()? {
        if !holds(row, expected, &prev, key)? {
            return Ok(AuditVerdict::Broken { at: expected });
        }
        prev = row.get(6)?;
        expected += 1;
    }
    let rows = expected - 1;
    let sql = "SELECT seq, hash, mac FROM audit_head WHERE only = 1";
    let head = db
        .query_row(sql, [], |row| {
            Ok((
                row.get::<_, i64>(0)?,
                row.get::<_, Vec<u8>>(1)?,
                row.get::<_, Vec<u8>>(2)?,
            ))
        })
        .optional()?;
    let right = match head {
        None => rows == 0,
        Some((seq, hash, mac)) => seq == rows && hash == prev && mac == head_mac(key, seq, &hash),
    };
    Ok(if right {
        AuditVerdict::Whole { rows }
    } else {
        AuditVerdict::Broken { at: expected }
    })
}

fn holds(row: &Row<'_>, expected: i64, before: &[u8], key: &SecretKey) -> Result<bool, StoreError> {
    let (seq, at): (i64, i64) = (row.get(0)?, row.get(1)?);
    let (actor, action, subject): (String, String, String) = (row.get(2)?, row.get(3)?, row.get(4)?);
    let (prev, hash, mac): (Vec<u8>, Vec<u8>, Vec<u8>) = (row.get(5)?, row.get(6)?, row.get(7)?);
    Ok(seq == expected
        && prev == before
        && hash == link(&prev, seq, at, &actor, &action, &subject)
        && mac == row_mac(key, &hash))
}
