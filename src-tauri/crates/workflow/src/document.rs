//! Earlier documents: the list of a patient, the search among all that this PC knows, and the bytes of one, from this PC
//! or from the region.
//!
//! What is read once stays here and opens without the network. A file attached on this PC is a document too, under
//! the identifier of its attachment. Not in it: what is fetched ahead (`sync::documents`).

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io::Read;

use cache::{AuditAction, DocumentRow};
use clinical::{AttachmentId, DocumentId, PatientId};
use contract::document::{
    DocumentListView, DocumentRequest, DocumentView, RecentDocumentView, RecentDocumentsRequest,
    RecentDocumentsView,
};
use contract::patient::{PatientRequest, PatientView};
use contract::{Answer, ErrorCode, Failure};
use jiff::Timestamp;
use region::fhir::EarlierDocument;
use region::fhir::document::Medication;
use region::fhir::value::text;
use serde_json::Value;

use crate::agenda::fold;
use crate::core::{Core, blocking};
use crate::desk::Desk;
use crate::failure::{IntoFailure, OrFail};
use crate::{patient, sync, views};

/// More than anybody scrolls through; the total says that there are more.
const MOST: u32 = 200;

impl Core {
    /// `document_list`. The copy answers when the region does not.
    pub async fn document_list(&self, request: PatientRequest) -> Answer<DocumentListView> {
        let desk = self.desk()?;
        desk.allow(!desk.role().works_transitions(), &request.patient_id)?;
        let patient = PatientId::from(request.patient_id);
        if self.can_ask()
            && let Err(error) = sync::documents_of(self, &desk, &patient).await
        {
            let failure = error.failure();
            if failure.code == ErrorCode::AccessDenied {
                return Err(failure);
            }
        }
        blocking(move || {
            Ok(DocumentListView {
                documents: views_of(&desk, &patient)?,
            })
        })
        .await
    }

    /// `document_recent`. The copy alone answers: typing asks nothing of the region and is not an access.
    pub async fn document_recent(&self, request: RecentDocumentsRequest) -> Answer<RecentDocumentsView> {
        let desk = self.desk()?;
        desk.allow(!desk.role().works_transitions(), "documents")?;
        blocking(move || recent(&desk, &request)).await
    }

    /// `document_content`: the bytes.
    pub async fn document_content(&self, request: DocumentRequest) -> Answer<Vec<u8>> {
        let desk = self.desk()?;
        let (worker, id) = (desk.clone(), request.document_id.clone());
        let here = blocking(move || local(&worker, &id)).await?;
        let (row, known) = match here {
            Local::Bytes(bytes) => return Ok(bytes),
            Local::Elsewhere(row, known) => (row, known),
            Local::Unknown => return Err(Failure::new(ErrorCode::NotFound, "document/unknown")),
        };
        let binary = self.inner.region.fhir().document_bytes(&known).await.or_fail()?;
        blocking(move || {
            let (id, kept) = (row.id.clone(), binary.bytes.clone());
            // A copy that could not be kept is still a document that can be read.
            let stored = desk.replica().apply(Timestamp::now(), move |batch| {
                batch.put_document_content(&id, &kept)
            });
            if stored.is_err() {
                tracing::warn!("a document was read and not kept");
            }
            crate::audit::opened(&desk, AuditAction::DocumentOpened, row.id.as_str())?;
            Ok(binary.bytes)
        })
        .await
    }
}

fn recent(desk: &Desk, request: &RecentDocumentsRequest) -> Result<RecentDocumentsView, Failure> {
    let now = Timestamp::now();
    let typed = fold(&request.text);
    let limit = request.limit.clamp(1, MOST) as usize;
    let mut people: HashMap<PatientId, Option<PatientView>> = HashMap::new();
    let mut found = RecentDocumentsView {
        documents: Vec::new(),
        total: 0,
    };
    for row in desk.replica().documents().or_fail()? {
        let Some(document) = view(&row) else { continue };
        let patient = match people.entry(row.patient) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => {
                let who = patient::view_of(desk, new.key(), now);
                new.insert(who)
            }
        };
        let Some(patient) = patient else { continue };
        if !matches(&document, patient, &typed) {
            continue;
        }
        found.total = found.total.saturating_add(1);
        if found.documents.len() < limit {
            found.documents.push(RecentDocumentView {
                document,
                patient: patient.clone(),
            });
        }
    }
    Ok(found)
}

/// Every word typed is part of the name, of the codice fiscale or of the title.
fn matches(document: &DocumentView, patient: &PatientView, typed: &str) -> bool {
    let hay = fold(&format!(
        "{} {} {} {}",
        patient.family, patient.given, patient.fiscal_code, document.title
    ));
    typed.split_whitespace().all(|word| hay.contains(word))
}

enum Local {
    Bytes(Vec<u8>),
    Elsewhere(Box<DocumentRow>, Box<EarlierDocument>),
    Unknown,
}

fn local(desk: &Desk, id: &str) -> Result<Local, Failure> {
    let attachment = AttachmentId::from(id);
    if let Some(found) = desk.store.attachments.get(&attachment).or_fail()? {
        let mut bytes = Vec::with_capacity(usize::try_from(found.size).unwrap_or_default());
        let damaged = || Failure::new(ErrorCode::AttachmentUnreadable, "attachment/damaged");
        let mut reader = desk.store.attachments.read(&attachment).map_err(|_| damaged())?;
        reader.read_to_end(&mut bytes).map_err(|_| damaged())?;
        crate::audit::opened(desk, AuditAction::AttachmentOpened, id)?;
        return Ok(Local::Bytes(bytes));
    }
    let id = DocumentId::from(id);
    let Some(row) = desk.replica().document(&id).or_fail()? else {
        return Ok(Local::Unknown);
    };
    if let Some(bytes) = desk.replica().document_content(&id).or_fail()? {
        crate::audit::opened(desk, AuditAction::DocumentOpened, id.as_str())?;
        return Ok(Local::Bytes(bytes));
    }
    match serde_json::from_value(row.payload.clone()) {
        Ok(known) => Ok(Local::Elsewhere(Box::new(row), Box::new(known))),
        Err(_) => Err(Failure::new(ErrorCode::ArchiveDamaged, "document/payload")),
    }
}

/// A document as the lists show it; none for one that is no longer in force.
pub(crate) fn view(row: &DocumentRow) -> Option<DocumentView> {
    let document: EarlierDocument = serde_json::from_value(row.payload.clone()).ok()?;
    (!document.superseded).then(|| DocumentView {
        id: row.id.to_string(),
        patient_id: row.patient.to_string(),
        title: document.title.expose().clone(),
        date: views::instant(row.at),
        author: document
            .author
            .map(|author| author.expose().clone())
            .unwrap_or_default(),
        media_type: document.content_type.unwrap_or_default(),
        size: u32::try_from(document.size.unwrap_or_default()).unwrap_or(u32::MAX),
        on_this_pc: row.has_content,
    })
}

/// The documents of a patient that are in force, newest first.
pub(crate) fn views_of(desk: &Desk, patient: &PatientId) -> Result<Vec<DocumentView>, Failure> {
    Ok(desk
        .replica()
        .documents_of(patient)
        .or_fail()?
        .iter()
        .filter_map(view)
        .collect())
}

/// The therapy of the newest document that states one, and the instant of that document.
pub(crate) fn last_therapy(desk: &Desk, patient: &PatientId) -> (Vec<String>, Option<String>) {
    let rows = desk.replica().documents_of(patient).unwrap_or_default();
    for row in rows {
        let Ok(document) = serde_json::from_value::<EarlierDocument>(row.payload) else {
            continue;
        };
        if document.therapy.is_empty() || document.superseded {
            continue;
        }
        let line = |medicine: &Medication| {
            let (name, dosage) = (medicine.name.expose(), medicine.dosage.expose());
            if dosage.is_empty() {
                name.clone()
            } else {
                format!("{name}, {dosage}")
            }
        };
        return (
            document.therapy.iter().map(line).collect(),
            Some(views::instant(row.at)),
        );
    }
    (Vec::new(), None)
}

/// A DocumentReference as the copy on this PC keeps it.
pub(crate) fn row_of(resource: &Value) -> Option<DocumentRow> {
    let document = region::fhir::document::document(resource)?;
    Some(DocumentRow {
        id: document.id.clone(),
        patient: document.patient.clone(),
        kind: document.type_code.clone().unwrap_or_default(),
        at: document.at.unwrap_or(Timestamp::UNIX_EPOCH),
        version: text(resource, "/meta/versionId").map(str::to_owned),
        payload: serde_json::to_value(&document).ok()?,
        has_content: false,
    })
}
