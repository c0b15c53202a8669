//! Freezing a report, and what the gateway said of one that it refused.

use cache::{AuditAction, DocumentKind, ReportRow, ReportState};
use clinical::{ReportId, Sensitive};
use contract::report::{FindingSeverity, FindingView, ReportField};
use contract::{ErrorCode, Failure};
use jiff::Timestamp;
use region::Problem;
use report::{DocumentIds, FreezeError, PathMap, ReportForm, VisitRecord};
use serde::{Deserialize, Serialize};

use super::form;
use crate::desk::Desk;
use crate::failure::{OrFail, StepError};

/// Root of the documents of this region (`clinical` documents of Regione Campania, code 150).
const DOCUMENT_ROOT: &str = "2.16.840.1.113883.2.9.2.150.4.4";

/// What is kept of a frozen report beside its bytes.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Frozen {
    /// Revision of the draft that was frozen.
    pub(super) revision: u32,
    /// The form.
    pub(super) form: ReportForm,
    /// Identifier of the document.
    pub(super) document_id: String,
    /// Access rules that the darkening asks for.
    pub(super) access_rules: Vec<String>,
    /// When.
    pub(super) at: Timestamp,
    /// Begin and end of the service.
    pub(super) service: (Timestamp, Timestamp),
    /// Codice fiscale of the patient.
    pub(super) patient: clinical::FiscalCode,
    /// Which field wrote which element.
    pub(super) paths: PathMap,
    /// What the gateway refused, until the text changes.
    #[serde(default)]
    pub(super) refusal: Option<Refusal>,
}

/// A refusal of the gateway.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Refusal {
    field: report::FieldId,
    code: String,
    words: Option<Sensitive<String>>,
}

impl Frozen {
    /// `identificativoDoc`: root and extension.
    pub(super) fn document(&self) -> String {
        format!("{DOCUMENT_ROOT}^{}", self.document_id)
    }
}

/// What was kept of the frozen report; none while it never was.
pub(super) fn frozen(desk: &Desk, report: &ReportId) -> Result<Option<Frozen>, Failure> {
    let Some(stored) = desk
        .outbox()
        .report_document(report, DocumentKind::Form)
        .or_fail()?
    else {
        return Ok(None);
    };
    serde_json::from_slice(&stored.content)
        .map(Some)
        .map_err(|_| Failure::new(ErrorCode::ArchiveDamaged, "report/frozen-form"))
}

/// The frozen report of this revision: the one already stored (a second try after a wrong PIN, a restart), or a new one.
pub(super) fn freeze(
    desk: &std::sync::Arc<Desk>,
    row: &ReportRow,
    form: ReportForm,
    revision: u32,
    visit: &VisitRecord,
) -> Result<(Frozen, Vec<u8>), Failure> {
    if row.state != ReportState::Draft
        && let Some(known) = frozen(desk, &row.id)?.filter(|known| known.revision == revision)
        && let Some(pdf) = desk
            .outbox()
            .report_document(&row.id, DocumentKind::Pdf)
            .or_fail()?
    {
        return Ok((known, pdf.content));
    }
    let now = Timestamp::now();
    // A new identifier for each frozen text: the gateway must never meet one name with two contents.
    let ids = DocumentIds::first(format!("150.TV.{}", uuid::Uuid::now_v7().simple()));
    let document = report::freeze(&form, visit, &ids, now).map_err(|error| match error {
        FreezeError::Open(open) => {
            let field = open.first().map(|finding| form::field_view(finding.field));
            let failure = Failure::new(ErrorCode::ReportIncomplete, "report/findings");
            match field
                .and_then(|field| serde_json::to_value(field).ok())
                .and_then(|f| f.as_str().map(str::to_owned))
            {
                Some(field) => failure.with_field(field),
                None => failure,
            }
        }
        FreezeError::Time => Failure::new(ErrorCode::ReportIncomplete, "report/time"),
        FreezeError::Draw(_) => Failure::new(ErrorCode::Internal, "report/draw"),
    })?;
    let kept = Frozen {
        revision,
        form,
        document_id: document.document_id.clone(),
        access_rules: document.access_rules.clone(),
        at: document.at,
        service: (visit.start, visit.end.unwrap_or(now)),
        patient: visit.patient.fiscal_code.clone(),
        paths: document.paths.clone(),
        refusal: None,
    };
    let meta = serde_json::to_vec(&kept).map_err(|_| Failure::new(ErrorCode::Internal, "report/frozen"))?;
    let (report, cda, pdf) = (
        row.id.clone(),
        document.cda.into_inner(),
        document.pdf.into_inner(),
    );
    let (bytes, worker) = (pdf.clone(), desk.clone());
    desk.outbox()
        .commit(now, move |step| -> Result<(), StepError> {
            step.report_document(&report, DocumentKind::Form, &meta)?;
            step.report_document(&report, DocumentKind::Cda, cda.as_bytes())?;
            step.report_document(&report, DocumentKind::Pdf, &bytes)?;
            if step.report(&report)?.state != ReportState::Draft {
                step.report_state(&report, &ReportState::Draft)?;
            }
            step.report_state(&report, &ReportState::Frozen)?;
            worker.record(step, AuditAction::ReportFrozen, report.as_str())?;
            Ok(())
        })
        .or_fail()?;
    Ok((kept, pdf))
}

/// Keeps a refusal of the gateway and takes the report back to draft: nothing was signed, the text is intact.
pub(super) fn refuse(
    desk: &std::sync::Arc<Desk>,
    report: &ReportId,
    problem: &Problem,
) -> Result<Failure, Failure> {
    let mut kept = frozen(desk, report)?.ok_or_else(|| Failure::new(ErrorCode::NotFound, "report/frozen"))?;
    let words = problem.detail.clone();
    let field = words
        .as_ref()
        .and_then(|text| path_in(text.expose()))
        .and_then(|path| kept.paths.field_of_path(path))
        .unwrap_or(report::FieldId::Document);
    kept.refusal = Some(Refusal {
        field,
        code: problem.kind.clone(),
        words,
    });
    let meta = serde_json::to_vec(&kept).map_err(|_| Failure::new(ErrorCode::Internal, "report/frozen"))?;
    let (id, worker) = (report.clone(), desk.clone());
    desk.outbox()
        .commit(Timestamp::now(), move |step| -> Result<(), StepError> {
            step.report_document(&id, DocumentKind::Form, &meta)?;
            step.report_state(&id, &ReportState::Draft)?;
            worker.record(step, AuditAction::ReportReopened, id.as_str())?;
            Ok(())
        })
        .or_fail()?;
    let field = serde_json::to_value(form::field_view(field)).ok();
    let failure = Failure::new(ErrorCode::ReportRefused, format!("gateway{}", problem.kind));
    Ok(match field.as_ref().and_then(|field| field.as_str()) {
        Some(field) => failure.with_field(field),
        None => failure,
    })
}

/// The refusal beside its field, while the text is the one that was refused.
pub(super) fn refusals(desk: &Desk, row: &ReportRow) -> Result<Vec<FindingView>, Failure> {
    if row.state != ReportState::Draft {
        return Ok(Vec::new());
    }
    let current = super::draft_of(desk, &row.id)?.map_or(0, |(_, revision, _)| revision);
    let Some(kept) = frozen(desk, &row.id)?.filter(|kept| kept.revision == current) else {
        return Ok(Vec::new());
    };
    Ok(kept
        .refusal
        .map(|refusal| FindingView {
            field: match form::field_view(refusal.field) {
                ReportField::Visit => ReportField::Visit,
                field => field,
            },
            severity: FindingSeverity::Advice,
            code: "refused_by_region".to_owned(),
            region_text: Some(refusal.words.map_or(refusal.code, Sensitive::into_inner)),
        })
        .into_iter()
        .collect())
}

/// The element path in a gateway's sentence, when it names one (`/ClinicalDocument/…`).
fn path_in(words: &str) -> Option<&str> {
    let start = words.find("/ClinicalDocument")?;
    let path = words.get(start..)?;
    let end = path
        .find(|c: char| c.is_whitespace() || c == '"' || c == ',')
        .unwrap_or(path.len());
    path.get(..end)
}
