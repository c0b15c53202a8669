//! Workflows, their events and the documents published, in the region's database.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};
use serde_json::{Value, json};

use crate::Shared;

/// A validation, and what became of it.
#[derive(Clone, Debug)]
pub(crate) struct Workflow {
    pub(crate) id: String,
    pub(crate) cda_hash: String,
    pub(crate) validated: i64,
    pub(crate) published: bool,
}

/// A document that was published.
#[derive(Clone, Debug)]
pub(crate) struct Published {
    pub(crate) id: String,
    pub(crate) workflow: String,
    /// `DocumentReference.id` at the portal.
    pub(crate) reference: String,
    pub(crate) patient: String,
    pub(crate) practitioner: String,
    pub(crate) metadata: Value,
}

/// A new workflow, named as the national one does: what comes before the dots is the document's.
pub(crate) fn new_workflow(patient: &str) -> String {
    use sha2::{Digest, Sha256};
    let digest = hex::encode(Sha256::digest(patient));
    let (head, _) = digest.split_at(20);
    format!(
        "2.16.840.1.113883.2.9.2.150.4.4.{head}.{}^^^^urn:ihe:iti:xdw:2013:workflowInstanceId",
        uuid::Uuid::now_v7().simple()
    )
}

pub(crate) fn add_workflow(
    region: &Shared,
    id: &str,
    trace: &str,
    cda_hash: &str,
    patient: &str,
    practitioner: &str,
) -> Result<(), rusqlite::Error> {
    let validated = region.clock.gateway_now().as_second();
    region
        .database
        .lock()
        .execute(
            "INSERT INTO workflow (id, trace, cda_hash, patient, validated, practitioner) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![id, trace, cda_hash, patient, validated, practitioner],
        )
        .map(drop)
}

pub(crate) fn workflow(region: &Shared, id: &str) -> Result<Option<Workflow>, rusqlite::Error> {
    region
        .database
        .lock()
        .query_row(
            "SELECT id, cda_hash, validated, published FROM workflow WHERE id = ?1",
            [id],
            |row| {
                Ok(Workflow {
                    id: row.get(0)?,
                    cda_hash: row.get(1)?,
                    validated: row.get(2)?,
                    published: row.get::<_, Option<i64>>(3)?.is_some(),
                })
            },
        )
        .optional()
}

pub(crate) fn document(region: &Shared, id: &str) -> Result<Option<Published>, rusqlite::Error> {
    region
        .database
        .lock()
        .query_row(
            "SELECT id, workflow, reference, patient, practitioner, metadata FROM document WHERE id = ?1 AND deleted = 0",
            [id],
            |row| {
                Ok(Published {
                    id: row.get(0)?,
                    workflow: row.get(1)?,
                    reference: row.get(2)?,
                    patient: row.get(3)?,
                    practitioner: row.get(4)?,
                    metadata: serde_json::from_str(&row.get::<_, String>(5)?).unwrap_or_default(),
                })
            },
        )
        .optional()
}

/// Notes a publication: the document, and that its workflow is used up. False when the identifier is taken.
pub(crate) fn add_document(region: &Shared, document: &Published) -> Result<bool, rusqlite::Error> {
    let mut connection = region.database.lock();
    let transaction = connection.transaction()?;
    transaction.execute(
        "DELETE FROM document WHERE id = ?1 AND deleted = 1",
        [&document.id],
    )?;
    let added = transaction.execute(
        "INSERT INTO document (id, workflow, reference, patient, practitioner, metadata) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (id) DO NOTHING",
        params![
            document.id,
            document.workflow,
            document.reference,
            document.patient,
            document.practitioner,
            document.metadata.to_string()
        ],
    )?;
    if added == 0 {
        return Ok(false);
    }
    transaction.execute(
        "UPDATE workflow SET published = ?2, document = ?3 WHERE id = ?1",
        params![
            document.workflow,
            region.clock.gateway_now().as_second(),
            document.id
        ],
    )?;
    transaction.commit()?;
    Ok(true)
}

pub(crate) fn set_metadata(region: &Shared, id: &str, metadata: &Value) -> Result<(), rusqlite::Error> {
    let text = metadata.to_string();
    region
        .database
        .lock()
        .execute("UPDATE document SET metadata = ?2 WHERE id = ?1", [id, &text])
        .map(drop)
}

pub(crate) fn delete_document(region: &Shared, id: &str) -> Result<(), rusqlite::Error> {
    region
        .database
        .lock()
        .execute("UPDATE document SET deleted = 1 WHERE id = ?1", [id])
        .map(drop)
}

/// What an event of a workflow says.
pub(crate) struct Event<'a> {
    pub(crate) kind: &'a str,
    pub(crate) status: &'a str,
    pub(crate) message: &'a str,
    pub(crate) document: &'a str,
    pub(crate) activity: &'a str,
    pub(crate) subject: &'a str,
    pub(crate) trace: &'a str,
}

/// Notes an event that shows from `due` on.
pub(crate) fn add_event(
    region: &Shared,
    workflow: &str,
    due: Timestamp,
    event: &Event<'_>,
) -> Result<(), rusqlite::Error> {
    // The names of StatusCheckDTO; absent ones are left out.
    let mut body = json!({"eventType": event.kind, "eventDate": due.to_string(), "eventStatus": event.status,
        "workflowInstanceId": workflow, "traceId": event.trace, "issuer": "Regione di prova", "subjectRole": "AAS",
        "organizzazione": "150"});
    for (name, value) in [
        ("message", event.message),
        ("identificativoDocumento", event.document),
        ("tipoAttivita", event.activity),
        ("subject", event.subject),
    ] {
        if !value.is_empty() {
            body[name] = json!(value);
        }
    }
    region
        .database
        .lock()
        .execute(
            "INSERT INTO workflow_event (workflow, due, event, body) VALUES (?1, ?2, ?3, ?4)",
            params![workflow, due.as_millisecond(), event.kind, body.to_string()],
        )
        .map(drop)
}

/// Events that are due, oldest first.
pub(crate) fn events(region: &Shared, workflow: &str) -> Result<Vec<Value>, rusqlite::Error> {
    let now = region.clock.gateway_now().as_millisecond();
    let connection = region.database.lock();
    let mut statement = connection
        .prepare("SELECT body FROM workflow_event WHERE workflow = ?1 AND due <= ?2 ORDER BY due, rowid")?;
    let rows = statement.query_map(params![workflow, now], |row| row.get::<_, String>(0))?;
    rows.map(|body| Ok(serde_json::from_str(&body?).unwrap_or_default()))
        .collect()
}

/// The workflow of a document or of a trace, also of a document that was deleted.
pub(crate) fn workflow_of(region: &Shared, identifier: &str) -> Result<Option<String>, rusqlite::Error> {
    region
        .database
        .lock()
        .query_row(
            "SELECT workflow FROM document WHERE id = ?1 UNION SELECT id FROM workflow WHERE trace = ?1 LIMIT 1",
            [identifier],
            |row| row.get(0),
        )
        .optional()
}
