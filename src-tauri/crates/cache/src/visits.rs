//! What happened during a televisit, as it happened: appended, never changed.

use clinical::TelevisitId;
use jiff::Timestamp;
use rusqlite::params;
use serde::{Serialize, de::DeserializeOwned};

use crate::outbox::{from_millis, millis};
use crate::{Outbox, Step, StoreError};

/// What a record says. The payload is the subject's own type, kept as JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum VisitRecordKind {
    /// How the patient was identified.
    Identity,
    /// Consent, with who gives it.
    Consent,
    /// Arrivals, calls, hang-ups, quality of the link.
    CallLog,
    /// Outcome of the visit.
    Outcome,
    /// A picture taken with consent; the payload names its attachment.
    Image,
    /// Where the visit stands, to resume it after a restart.
    Progress,
}

impl VisitRecordKind {
    const ALL: [Self; 6] = [
        Self::Identity,
        Self::Consent,
        Self::CallLog,
        Self::Outcome,
        Self::Image,
        Self::Progress,
    ];

    fn as_str(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Consent => "consent",
            Self::CallLog => "call_log",
            Self::Outcome => "outcome",
            Self::Image => "image",
            Self::Progress => "progress",
        }
    }

    fn parse(text: &str) -> Result<Self, StoreError> {
        Self::ALL
            .into_iter()
            .find(|k| k.as_str() == text)
            .ok_or(StoreError::Unreadable("visit record"))
    }
}

/// A record of a televisit.
#[derive(Clone, PartialEq, Eq)]
pub struct VisitRecord {
    /// What it says.
    pub kind: VisitRecordKind,
    /// When it was written.
    pub at: Timestamp,
    payload: String,
}

impl VisitRecord {
    /// The payload as its own type.
    pub fn payload<T: DeserializeOwned>(&self) -> Result<T, StoreError> {
        serde_json::from_str(&self.payload).map_err(|_| StoreError::Unreadable("visit record"))
    }
}

impl std::fmt::Debug for VisitRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "VisitRecord({:?} at {})", self.kind, self.at)
    }
}

impl Step<'_> {
    /// Appends a record.
    pub fn visit_record<T: Serialize>(
        &mut self,
        televisit: &TelevisitId,
        kind: VisitRecordKind,
        payload: &T,
    ) -> Result<(), StoreError> {
        let payload = serde_json::to_string(payload).map_err(|_| StoreError::Unreadable("visit record"))?;
        self.tx.execute(
            "INSERT INTO visit_record (televisit, kind, payload, at) VALUES (?1, ?2, ?3, ?4)",
            params![televisit.as_str(), kind.as_str(), payload, millis(self.now)],
        )?;
        Ok(())
    }
}

impl Outbox {
    /// Every record of a televisit, in the order in which it was written.
    pub fn visit_records(&self, televisit: &TelevisitId) -> Result<Vec<VisitRecord>, StoreError> {
        self.database.read(|db| {
            let sql = "SELECT kind, payload, at FROM visit_record WHERE televisit = ?1 ORDER BY id";
            let mut statement = db.prepare_cached(sql)?;
            let mut rows = statement.query([televisit.as_str()])?;
            let mut records = Vec::new();
            while let Some(row) = rows.next()? {
                records.push(VisitRecord {
                    kind: VisitRecordKind::parse(&row.get::<_, String>(0)?)?,
                    payload: row.get(1)?,
                    at: from_millis(row.get(2)?)?,
                });
            }
            Ok(records)
        })
    }

    /// The last record of a kind, if there is one.
    pub fn visit_last(
        &self,
        televisit: &TelevisitId,
        kind: VisitRecordKind,
    ) -> Result<Option<VisitRecord>, StoreError> {
        Ok(self
            .visit_records(televisit)?
            .into_iter()
            .rfind(|record| record.kind == kind))
    }
}
