//! Reports: a step with its item and its access is stored whole or not at all.

use cache::{
    AuditAction, AuditEntry, AuditVerdict, DocumentKind, Receipt, ReceiptStep, ReportState, StoreError,
    VisitRecordKind,
};
use clinical::{ReportId, TelevisitId};
use serde::{Deserialize, Serialize};

use crate::{at, create, item, open};

fn entry(action: AuditAction) -> AuditEntry {
    AuditEntry {
        actor: "practitioner-1".into(),
        action,
        subject: "report-1".into(),
    }
}

fn validated(id: &str) -> ReportState {
    ReportState::Validated {
        workflow_instance_id: id.into(),
        at: at(5),
        cda_sha256: "ab".repeat(32),
    }
}

#[test]
fn a_report_walks_to_the_fse_with_its_receipts() {
    let dir = tempfile::tempdir().unwrap();
    let store = create(dir.path());
    let id = ReportId::from("report-1");
    let report = id.clone();
    store
        .outbox
        .commit(at(1), move |step| {
            step.report_open(&report, "televisit-1")?;
            step.report_state(&report, &ReportState::Frozen)?;
            step.report_document(&report, DocumentKind::Cda, b"<ClinicalDocument/>")?;
            step.audit(&entry(AuditAction::ReportFrozen))
        })
        .unwrap();
    let report = id.clone();
    store
        .outbox
        .commit(at(5), move |step| {
            step.report_state(&report, &validated("wf-1"))?;
            step.receipt(
                &report,
                &Receipt {
                    step: ReceiptStep::Validated,
                    at: at(5),
                    id: "wf-1".into(),
                },
            )
        })
        .unwrap();
    let report = id.clone();
    store
        .outbox
        .commit(at(6), move |step| {
            step.report_state(&report, &ReportState::Signed)?;
            let hash = step.report_document(&report, DocumentKind::SignedPdf, b"%PDF-1.7 signed")?;
            step.receipt(
                &report,
                &Receipt {
                    step: ReceiptStep::Signed,
                    at: at(6),
                    id: hash,
                },
            )?;
            step.enqueue(item("report-1", "publish"))?;
            step.report_state(&report, &ReportState::Queued)
        })
        .unwrap();
    store.close();
    let store = open(dir.path());
    let row = store.outbox.report(&id).unwrap().unwrap();
    assert_eq!(row.state, ReportState::Queued);
    assert_eq!(
        row.workflow_instance_id.as_deref(),
        Some("wf-1"),
        "the validation is remembered through later states"
    );
    assert_eq!(row.validated_at, Some(at(5)));
    for state in [ReportState::Delivered, ReportState::Available, ReportState::InFse] {
        let report = id.clone();
        store
            .outbox
            .commit(at(7), move |step| step.report_state(&report, &state))
            .unwrap();
    }
    let steps: Vec<_> = store
        .outbox
        .receipts(&id)
        .unwrap()
        .into_iter()
        .map(|r| (r.step, r.at))
        .collect();
    assert_eq!(
        steps,
        [(ReceiptStep::Validated, at(5)), (ReceiptStep::Signed, at(6))]
    );
    let pdf = store
        .outbox
        .report_document(&id, DocumentKind::SignedPdf)
        .unwrap()
        .unwrap();
    assert_eq!(pdf.content, b"%PDF-1.7 signed");
}

#[test]
fn a_step_that_fails_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = create(dir.path());
    let id = ReportId::from("report-1");
    let report = id.clone();
    let failed: Result<(), StoreError> = store.outbox.commit(at(1), move |step| {
        step.report_open(&report, "televisit-1")?;
        step.enqueue(item("report-1", "publish"))?;
        step.audit(&entry(AuditAction::ReportQueued))?;
        // Delivered before it was ever signed.
        step.report_state(&report, &ReportState::Delivered).map(|_| ())
    });
    assert!(matches!(failed, Err(StoreError::Order)));
    assert_eq!(store.outbox.report(&id).unwrap(), None);
    assert_eq!(store.outbox.queue().unwrap(), []);
    assert_eq!(
        store.outbox.audit_verify().unwrap(),
        AuditVerdict::Whole { rows: 0 }
    );
}

#[test]
fn steps_may_only_follow_one_another() {
    use ReportState as S;
    let all = [
        S::Draft,
        S::Frozen,
        validated("w"),
        S::Signed,
        S::Queued,
        S::Delivered,
        S::Available,
        S::InFse,
    ];
    let allowed = |from: &S| {
        all.iter()
            .filter(|to| from.may_become(to))
            .map(S::as_str)
            .collect::<Vec<_>>()
    };
    assert_eq!(allowed(&S::Draft), ["draft", "frozen"]);
    assert_eq!(
        allowed(&S::Frozen),
        ["draft", "frozen", "validated", "signed"],
        "signed first in an outage"
    );
    assert_eq!(allowed(&validated("w")), ["draft", "validated", "signed"]);
    assert_eq!(
        allowed(&S::Signed),
        ["draft", "validated", "signed", "queued", "delivered"]
    );
    assert_eq!(
        allowed(&S::Queued),
        ["draft", "validated", "queued", "delivered"],
        "validated again after five days"
    );
    assert_eq!(
        allowed(&S::Delivered),
        ["delivered", "available", "in_fse"],
        "the region holds it: no way back"
    );
    assert_eq!(allowed(&S::InFse), ["in_fse"]);
}

#[test]
fn records_of_a_visit_read_back_as_their_own_type() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Outcome {
        delivered: bool,
    }
    let dir = tempfile::tempdir().unwrap();
    let store = create(dir.path());
    let televisit = TelevisitId::from("tv-1");
    let id = televisit.clone();
    store
        .outbox
        .commit(at(1), move |step| {
            step.visit_record(&id, VisitRecordKind::Outcome, &Outcome { delivered: false })?;
            step.visit_record(&id, VisitRecordKind::Outcome, &Outcome { delivered: true })
        })
        .unwrap();
    let all = store.outbox.visit_records(&televisit).unwrap();
    assert_eq!(all.len(), 2, "appended, not replaced");
    let last = store
        .outbox
        .visit_last(&televisit, VisitRecordKind::Outcome)
        .unwrap()
        .unwrap();
    assert_eq!(last.payload::<Outcome>().unwrap(), Outcome { delivered: true });
    assert!(matches!(last.payload::<u32>(), Err(StoreError::Unreadable(_))));
}
