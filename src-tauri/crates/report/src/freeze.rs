//! From form and visit to the frozen document: CDA2, its hash, and the PDF/A-3b that carries it.
//!
//! Freezing is pure: the same form, visit, identifiers and time give the same bytes, so that a report frozen
//! twice by a crash is one report. Not in it: the signature, which is added to [`FrozenReport::pdf`].

use clinical::Sensitive;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use sha2::{Digest, Sha256};

use crate::{
    Finding, PathMap, ReportForm, Severity, VisitRecord, cda,
    pdf::{self, Draft},
    picture::{Picture, PictureError},
};

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
    #[serde(with = "crate::encoding")]
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
    ids: &DocumentIds,
    now: Timestamp,
) -> Result<FrozenReport, FreezeError> {
    let open: Vec<Finding> = crate::check(form, visit)
        .into_iter()
        .filter(|f| f.severity == Severity::Blocking)
        .collect();
    if !open.is_empty() {
        return Err(FreezeError::Open(open));
    }
    let picture = Picture::of(visit).map_err(picture_error)?;
    let (cda, paths) =
        cda::write(form, visit, ids, &picture, now).map_err(|cda::TimeOutOfRange| FreezeError::Time)?;
    let draft = Draft::Final {
        document: &ids.document,
        version: ids.version,
    };
    let drawn = pdf::draw(form, visit, Some(&picture), now, &draft)?;
    let pdf = pdf::finish::archive(&drawn, cda.as_bytes(), "it-IT", now)?;
    Ok(FrozenReport {
        cda_sha256: hex::encode(Sha256::digest(cda.as_bytes())),
        pdf_sha256: hex::encode(Sha256::digest(&pdf)),
        cda: Sensitive::new(cda),
        pdf: Sensitive::new(pdf),
        document_id: ids.document.clone(),
        at: now,
        access_rules: form
            .darkening
            .access_rules()
            .into_iter()
            .map(str::to_owned)
            .collect(),
        paths,
    })
}

/// Draws an unfinished draft with the same page as the final document; what is missing is said in words
/// (*da completare*). Not a PDF/A and without attachment: it is only looked at. A picture that cannot be read
/// is left out, since the findings say so.
pub fn preview_pdf(form: &ReportForm, visit: &VisitRecord, now: Timestamp) -> Result<Vec<u8>, DrawError> {
    let picture = visit.image.is_some().then(|| Picture::of(visit).ok()).flatten();
    pdf::draw(form, visit, picture.as_ref(), now, &Draft::Preview).or_else(|error| match error {
        DrawError::Picture => pdf::draw(form, visit, None, now, &Draft::Preview),
        other => Err(other),
    })
}

fn picture_error(error: PictureError) -> DrawError {
    match error {
        PictureError::Font => DrawError::Font,
        PictureError::Unreadable | PictureError::TooLarge => DrawError::Picture,
    }
}
