//! Earlier documents: of one patient, and of all the patients in the copy on this PC.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::patient::PatientView;

/// One document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct DocumentView {
    /// Identifier.
    pub id: String,
    /// Patient's identifier.
    pub patient_id: String,
    /// Title.
    pub title: String,
    /// Date.
    pub date: String,
    /// Author or structure.
    pub author: String,
    /// Media type.
    pub media_type: String,
    /// Size in bytes.
    pub size: u32,
    /// The content is on this PC and opens without the network.
    pub on_this_pc: bool,
}

/// `document_list`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct DocumentListView {
    /// Newest first.
    pub documents: Vec<DocumentView>,
}

/// `document_content`: answered with raw bytes.
#[derive(Clone, Debug, Deserialize, Serialize, TS)]
#[ts(export)]
pub struct DocumentRequest {
    /// Identifier.
    pub document_id: String,
}

/// `document_recent`: the documents this PC knows, of every patient in its copy.
#[derive(Clone, Debug, Deserialize, Serialize, TS)]
#[ts(export)]
pub struct RecentDocumentsRequest {
    /// Words of the patient's name, of the codice fiscale or of the title; empty lists all.
    pub text: String,
    /// At most this many.
    pub limit: u32,
}

/// A document with whose it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct RecentDocumentView {
    /// The document.
    pub document: DocumentView,
    /// Whose.
    pub patient: PatientView,
}

/// `document_recent`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct RecentDocumentsView {
    /// Newest first.
    pub documents: Vec<RecentDocumentView>,
    /// How many there are in all.
    pub total: u32,
}
