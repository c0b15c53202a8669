//! The patient's earlier documents.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

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
