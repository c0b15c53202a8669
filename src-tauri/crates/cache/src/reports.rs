//! Reports on their way: state, documents to the byte, receipts. Each step is stored in one transaction with
//! the item that it queues and the access that it records ([`Outbox::commit`]).

use clinical::ReportId;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use sha2::{Digest, Sha256};

use crate::outbox::{from_millis, millis};
use crate::{Outbox, Step, StoreError};

/// How far a report got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReportState {
    /// Being written.
    Draft,
    /// Its text no longer changes; the CDA and the unsigned PDF are stored.
    Frozen,
    /// The gateway accepted it and remembers its hash.
    Validated {
        /// The gateway's own identifier.
        workflow_instance_id: String,
        /// When; publication is refused five days later.
        at: Timestamp,
        /// SHA-256 of the CDA that was validated, in hexadecimal.
        cda_sha256: String,
    },
    /// Signed; the signed PDF is stored.
    Signed,
    /// Its delivery is in the queue.
    Queued,
    /// Consegnato alla Regione.
    Delivered,
    /// Disponibile sul Portale.
    Available,
    /// Nel FSE.
    InFse,
}

impl ReportState {
    /// As kept in the table.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Frozen => "frozen",
            Self::Validated { .. } => "validated",
            Self::Signed => "signed",
            Self::Queued => "queued",
            Self::Delivered => "delivered",
            Self::Available => "available",
            Self::InFse => "in_fse",
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Draft => 0,
            Self::Frozen => 1,
            Self::Validated { .. } => 2,
            Self::Signed => 3,
            Self::Queued => 4,
            Self::Delivered => 5,
            Self::Available => 6,
            Self::InFse => 7,
        }
    }

    /// Whether a report in this state may become `next`: forward, the same again (a validation that expired),
    /// or back to draft while the region does not hold it.
    pub fn may_become(&self, next: &Self) -> bool {
        let (from, to) = (self.rank(), next.rank());
        match next {
            Self::Draft => from < 5,
            // In an outage a report is signed before any validation.
            Self::Signed => (1..=3).contains(&from),
            Self::Validated { .. } => (1..=4).contains(&from),
            Self::Delivered => (3..=5).contains(&from),
            Self::Frozen => from <= 1,
            Self::Queued => (3..=4).contains(&from),
            Self::Available | Self::InFse => from >= 5 && to >= from,
        }
    }
}

/// A report and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportRow {
    /// Identity.
    pub id: ReportId,
    /// The televisit or teleconsult that it reports on.
    pub subject: String,
    /// Where it stands.
    pub state: ReportState,
    /// The last validation, kept through the later states.
    pub workflow_instance_id: Option<String>,
    /// When it was last validated.
    pub validated_at: Option<Timestamp>,
    /// SHA-256 of the CDA that was last validated.
    pub cda_sha256: Option<String>,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// Which document of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DocumentKind {
    /// The frozen form, as the report crate serialises it.
    Form,
    /// The CDA.
    Cda,
    /// The PDF before the signature.
    Pdf,
    /// What a signer prepared, to be resumed.
    Prepared,
    /// The signed PDF.
    SignedPdf,
}

impl DocumentKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Form => "form",
            Self::Cda => "cda",
            Self::Pdf => "pdf",
            Self::Prepared => "prepared",
            Self::SignedPdf => "signed_pdf",
        }
    }
}

/// A stored document.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredDocument {
    /// Its bytes.
    pub content: Vec<u8>,
    /// SHA-256 of the bytes, in hexadecimal.
    pub sha256: String,
    /// When it was stored.
    pub at: Timestamp,
}

impl std::fmt::Debug for StoredDocument {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "StoredDocument({} bytes)", self.content.len())
    }
}

/// What a receipt proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReceiptStep {
    /// Validato.
    Validated,
    /// Firmato.
    Signed,
    /// Marca temporale.
    TimeStamped,
    /// Consegnato alla Regione.
    Delivered,
    /// Disponibile sul Portale.
    Available,
    /// Nel FSE dal.
    InFse,
}

impl ReceiptStep {
    const ALL: [Self; 6] = [
        Self::Validated,
        Self::Signed,
        Self::TimeStamped,
        Self::Delivered,
        Self::Available,
        Self::InFse,
    ];

    /// As kept in the table and written in lists of receipts.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Validated => "validated",
            Self::Signed => "signed",
            Self::TimeStamped => "time_stamped",
            Self::Delivered => "delivered",
            Self::Available => "available",
            Self::InFse => "in_fse",
        }
    }
}

/// Proof that a step was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Which step.
    pub step: ReceiptStep,
    /// When.
    pub at: Timestamp,
    /// What names it: the gateway's instance, the hash of the signed file, the region's document.
    pub id: String,
}

impl Step<'_> {
    /// Opens a report as a draft, if it is not there yet.
    pub fn report_open(&mut self, id: &ReportId, subject: &str) -> Result<ReportRow, StoreError> {
        self.tx.execute(
            "INSERT OR IGNORE INTO report (id, subject, state, updated_at) VALUES (?1, ?2, 'draft', ?3)",
            params![id.as_str(), subject, millis(self.now)],
        )?;
        self.report(id)
    }

    /// A report, as this step sees it.
    pub fn report(&self, id: &ReportId) -> Result<ReportRow, StoreError> {
        report(self.tx, id)?.ok_or(StoreError::NotFound)
    }

    /// Moves a report on. A step that may not follow is refused with [`StoreError::Order`].
    pub fn report_state(&mut self, id: &ReportId, state: &ReportState) -> Result<ReportRow, StoreError> {
        if !self.report(id)?.state.may_become(state) {
            return Err(StoreError::Order);
        }
        let now = millis(self.now);
        match state {
            ReportState::Validated { workflow_instance_id, at, cda_sha256 } => self.tx.execute(
                "UPDATE report SET state = ?2, updated_at = ?3, workflow_instance_id = ?4, validated_at = ?5,
                        cda_sha256 = ?6 WHERE id = ?1",
                params![id.as_str(), state.as_str(), now, workflow_instance_id, millis(*at), cda_sha256],
            )?,
            // What was validated is no longer what will be signed.
            ReportState::Draft => self.tx.execute(
                "UPDATE report SET state = 'draft', updated_at = ?2, workflow_instance_id = NULL, validated_at = NULL,
                        cda_sha256 = NULL WHERE id = ?1",
                params![id.as_str(), now],
            )?,
            _ => self.tx.execute(
                "UPDATE report SET state = ?2, updated_at = ?3 WHERE id = ?1",
                params![id.as_str(), state.as_str(), now],
            )?,
        };
        self.report(id)
    }

    /// Stores a document of a report; earlier ones of the same kind stay. Returns its SHA-256 in hexadecimal.
    pub fn report_document(
        &mut self,
        id: &ReportId,
        kind: DocumentKind,
        content: &[u8],
    ) -> Result<String, StoreError> {
        let sha256 = hex::encode(Sha256::digest(content));
        self.tx.execute(
            "INSERT INTO report_document (report, kind, sha256, content, at) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![id.as_str(), kind.as_str(), sha256, content, millis(self.now)],
        )?;
        Ok(sha256)
    }

    /// Keeps a receipt; the same one twice is one.
    pub fn receipt(&mut self, id: &ReportId, receipt: &Receipt) -> Result<(), StoreError> {
        self.tx.execute(
            "INSERT OR IGNORE INTO report_receipt (report, step, at, identity) VALUES (?1, ?2, ?3, ?4)",
            params![id.as_str(), receipt.step.as_str(), millis(receipt.at), receipt.id],
        )?;
        Ok(())
    }
}

impl Outbox {
    /// A report, if it is there.
    pub fn report(&self, id: &ReportId) -> Result<Option<ReportRow>, StoreError> {
        self.database.read(|db| report(db, id))
    }

    /// Reports on a televisit or teleconsult.
    pub fn reports_of(&self, subject: &str) -> Result<Vec<ReportRow>, StoreError> {
        self.reports_where("subject = ?1", subject)
    }

    /// Reports that have not reached the FSE, last changed first.
    pub fn reports_open(&self) -> Result<Vec<ReportRow>, StoreError> {
        self.reports_where("state <> ?1", "in_fse")
    }

    /// Reports that the region has taken and that changed since, last changed first.
    pub fn reports_delivered_since(&self, since: Timestamp) -> Result<Vec<ReportRow>, StoreError> {
        let mut reports = self.reports_where("state <> ?1", "draft")?;
        reports.retain(|row| {
            let taken = matches!(
                row.state,
                ReportState::Delivered | ReportState::Available | ReportState::InFse
            );
            taken && row.updated_at >= since
        });
        Ok(reports)
    }

    fn reports_where(&self, filter: &'static str, argument: &str) -> Result<Vec<ReportRow>, StoreError> {
        self.database.read(|db| {
            let sql = format!("SELECT {COLUMNS} FROM report WHERE {filter} ORDER BY updated_at DESC, id");
            let mut statement = db.prepare_cached(&sql)?;
            let mut rows = statement.query([argument])?;
            let mut reports = Vec::new();
            while let Some(row) = rows.next()? {
                reports.push(read(row)?);
            }
            Ok(reports)
        })
    }

    /// The last stored document of a kind, its hash checked.
    pub fn report_document(
        &self,
        id: &ReportId,
        kind: DocumentKind,
    ) -> Result<Option<StoredDocument>, StoreError> {
        self.database.read(|db| {
            let sql = "SELECT content, sha256, at FROM report_document WHERE report = ?1 AND kind = ?2
                       ORDER BY id DESC LIMIT 1";
            let found = db
                .prepare_cached(sql)?
                .query_row(params![id.as_str(), kind.as_str()], |row| {
                    Ok((
                        row.get::<_, Vec<u8>>(0)?,
                        row.get::<_, String>(1)?,
                        row.get::<_, i64>(2)?,
                    ))
                })
                .optional()?;
            let Some((content, sha256, at)) = found else {
                return Ok(None);
            };
            if hex::encode(Sha256::digest(&content)) != sha256 {
                return Err(StoreError::Damaged);
            }
            Ok(Some(StoredDocument {
                content,
                sha256,
                at: from_millis(at)?,
            }))
        })
    }

    /// The receipts of a report, in order.
    pub fn receipts(&self, id: &ReportId) -> Result<Vec<Receipt>, StoreError> {
        self.database.read(|db| {
            let sql = "SELECT step, at, identity FROM report_receipt WHERE report = ?1 ORDER BY id";
            let mut statement = db.prepare_cached(sql)?;
            let mut rows = statement.query([id.as_str()])?;
            let mut receipts = Vec::new();
            while let Some(row) = rows.next()? {
                let text: String = row.get(0)?;
                let step = ReceiptStep::ALL.into_iter().find(|s| s.as_str() == text);
                let step = step.ok_or(StoreError::Unreadable("receipt"))?;
                receipts.push(Receipt {
                    step,
                    at: from_millis(row.get(1)?)?,
                    id: row.get(2)?,
                });
            }
            Ok(receipts)
        })
    }
}

const COLUMNS: &str = "id, subject, state, workflow_instance_id, validated_at, cda_sha256, updated_at";

fn report(db: &Connection, id: &ReportId) -> Result<Option<ReportRow>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM report WHERE id = ?1");
    db.prepare_cached(&sql)?
        .query_row([id.as_str()], |row| Ok(read(row)))
        .optional()?
        .transpose()
}

fn read(row: &Row<'_>) -> Result<ReportRow, StoreError> {
    let workflow_instance_id: Option<String> = row.get(3)?;
    let validated_at = row.get::<_, Option<i64>>(4)?.map(from_millis).transpose()?;
    let cda_sha256: Option<String> = row.get(5)?;
    let state = match row.get::<_, String>(2)?.as_str() {
        "draft" => ReportState::Draft,
        "frozen" => ReportState::Frozen,
        "validated" => match (&workflow_instance_id, validated_at, &cda_sha256) {
            (Some(id), Some(at), Some(hash)) => ReportState::Validated {
                workflow_instance_id: id.clone(),
                at,
                cda_sha256: hash.clone(),
            },
            _ => return Err(StoreError::Unreadable("report")),
        },
        "signed" => ReportState::Signed,
        "queued" => ReportState::Queued,
        "delivered" => ReportState::Delivered,
        "available" => ReportState::Available,
        "in_fse" => ReportState::InFse,
        _ => return Err(StoreError::Unreadable("report")),
    };
    Ok(ReportRow {
        id: ReportId(row.get(0)?),
        subject: row.get(1)?,
        state,
        workflow_instance_id,
        validated_at,
        cda_sha256,
        updated_at: from_millis(row.get(6)?)?,
    })
}
