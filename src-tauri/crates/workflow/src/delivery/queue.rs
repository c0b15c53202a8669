//! *Coda* and the receipts, as the window shows them.

use std::collections::BTreeMap;

use cache::{
    Event, ItemId, ItemKind, Jitter, Outbox, QueueLine, ReceiptStep, ReportRow, ReportState, State,
    StoreError,
};
use clinical::{PatientId, ReportId, TelevisitId};
use contract::delivery::{
    PauseUploadRequest, QueueItemView, QueueRowView, QueueState, QueueSubject, QueueView, UploadView,
};
use contract::events::Tag;
use contract::report::{DeliveryView, ReceiptStep as StepView, ReceiptView};
use contract::{Answer, ErrorCode, Failure};
use jiff::Timestamp;
use region::UploadPlan;

use super::Subject;
use crate::core::{Core, blocking};
use crate::desk::Desk;
use crate::failure::OrFail;
use crate::views;

/// The citizen's FSE shows a report five days after publication (the region's own rule).
const DAYS_TO_FSE: i64 = 5;

impl Core {
    /// `delivery_queue`.
    pub async fn delivery_queue(&self) -> Answer<QueueView> {
        let desk = self.desk()?;
        blocking(move || queue_view(&desk)).await
    }

    /// `delivery_retry_now`: *Riprova ora*.
    pub async fn delivery_retry_now(&self) -> Answer<QueueView> {
        let desk = self.desk()?;
        self.look_at_region().await;
        self.retry_waiting(&desk);
        self.delivery_queue().await
    }

    /// `delivery_pause_upload`. The piece on its way ends first; what the region has is not sent again.
    pub async fn delivery_pause_upload(&self, request: PauseUploadRequest) -> Answer<QueueView> {
        let desk = self.desk()?;
        let worker = desk.clone();
        blocking(move || pause(&worker, &request)).await?;
        desk.uploading.notify_one();
        self.changed(&[Tag::Queue]);
        self.delivery_queue().await
    }
}

fn pause(desk: &Desk, request: &PauseUploadRequest) -> Result<(), Failure> {
    let unknown = || Failure::new(ErrorCode::NotFound, "queue/upload");
    let lines = desk.outbox().queue().or_fail()?;
    let line = lines
        .iter()
        .find(|line| line.id.to_string() == request.item_id && line.kind == ItemKind::AttachmentUpload)
        .ok_or_else(unknown)?;
    let (item, waits, paused) = (line.id, line.state == State::Waiting, request.paused);
    desk.outbox()
        .commit(Timestamp::now(), move |step| -> Result<(), StoreError> {
            step.upload_paused(item, paused)?;
            if !paused && waits {
                // The pause between attempts is not for who has just asked.
                step.apply(item, Event::Retry, Jitter::random())?;
            }
            Ok(())
        })
        .or_fail()
}

fn queue_view(desk: &Desk) -> Result<QueueView, Failure> {
    let now = Timestamp::now();
    let outbox = desk.outbox();
    let lines = outbox.queue().or_fail()?;
    // One row for each subject: the first of its items that the region has not confirmed.
    let mut rows: BTreeMap<i64, QueueRowView> = BTreeMap::new();
    let mut seen = Vec::new();
    let mut bytes = 0_u64;
    for line in &lines {
        bytes += waiting_bytes(outbox, line);
        if seen.contains(&line.subject) {
            continue;
        }
        seen.push(line.subject.clone());
        rows.insert(line.seq, row(desk, line, now)?);
    }
    let (to_correct, queued) = rows
        .into_values()
        .partition(|row| matches!(row.item.state, QueueState::ToCorrect | QueueState::Conflict));
    let mut delivered_today = Vec::new();
    let mut last_sent: Option<Timestamp> = None;
    for report in outbox.reports_delivered_since(start_of_day(now)).or_fail()? {
        let delivery = delivery_view(outbox, &report)?;
        let at = delivery
            .receipts
            .iter()
            .rev()
            .find_map(|receipt| receipt.at.clone());
        let at = at.and_then(|text| text.parse().ok());
        last_sent = last_sent.max(at);
        delivered_today.push(QueueRowView {
            item: QueueItemView {
                id: report.id.to_string(),
                subject: QueueSubject::Report,
                state: QueueState::Confirmed,
                created_at: views::instant(report.updated_at),
                next_try: None,
                attempts: 0,
                detail: None,
                opens: Some(report.subject.clone()),
                upload: None,
            },
            patient: patient_of(desk, QueueSubject::Report, &report.subject, now),
            delivery: Some(delivery),
        });
    }
    Ok(QueueView {
        queued,
        to_correct,
        delivered_today,
        bytes: u32::try_from(bytes).unwrap_or(u32::MAX),
        last_sent: last_sent.map(views::instant),
    })
}

fn row(desk: &Desk, line: &QueueLine, now: Timestamp) -> Result<QueueRowView, Failure> {
    let subject = Subject::parse(&line.subject);
    let kind = subject
        .as_ref()
        .map_or(QueueSubject::Audit, |subject| subject.kind);
    let report = match &subject {
        Some(Subject {
            kind: QueueSubject::Report,
            id,
        }) => desk.outbox().report(&ReportId::from(id.as_str())).or_fail()?,
        _ => None,
    };
    let delivery = match &report {
        Some(report) => Some(delivery_view(desk.outbox(), report)?),
        None => None,
    };
    Ok(QueueRowView {
        item: QueueItemView {
            upload: upload_of(desk.outbox(), line).map(|(plan, upload)| UploadView {
                sent: u32::try_from(upload.sent.min(plan.size)).unwrap_or(u32::MAX),
                size: u32::try_from(plan.size).unwrap_or(u32::MAX),
                paused: upload.paused,
            }),
            ..item_view(
                line,
                kind,
                report.as_ref(),
                opens(&subject, report.as_ref(), line),
            )
        },
        patient: patient_of(desk, kind, &line.conversation, now),
        delivery,
    })
}

fn opens(subject: &Option<Subject>, report: Option<&ReportRow>, line: &QueueLine) -> Option<String> {
    match (subject.as_ref()?.kind, report) {
        (QueueSubject::Report, Some(report)) => Some(report.subject.clone()),
        (QueueSubject::Audit, _) => None,
        _ => Some(line.conversation.clone()),
    }
}

fn item_view(
    line: &QueueLine,
    subject: QueueSubject,
    report: Option<&ReportRow>,
    opens: Option<String>,
) -> QueueItemView {
    let signed = report.is_some_and(|report| report.state == ReportState::Signed);
    QueueItemView {
        id: line.id.to_string(),
        subject,
        state: match state_view(line.state, line.held_by) {
            QueueState::AwaitingSignature if signed => QueueState::AwaitingTimeStamp,
            state => state,
        },
        created_at: views::instant(line.created_at),
        next_try: line.next_at.map(views::instant),
        attempts: line.attempts,
        detail: line.reason.map(|reason| format!("queue/{}", reason.as_str())),
        opens,
        upload: None,
    }
}

/// An attachment's plan and how far it got; none for any other item.
fn upload_of(outbox: &Outbox, line: &QueueLine) -> Option<(UploadPlan, cache::Upload)> {
    if line.kind != ItemKind::AttachmentUpload {
        return None;
    }
    let item = outbox.item(line.id).ok()?;
    let plan = UploadPlan::of(&item.request.path, &item.request.body)?;
    Some((plan, outbox.upload(line.id).ok()?))
}

/// What an item still has to send.
fn waiting_bytes(outbox: &Outbox, line: &QueueLine) -> u64 {
    match upload_of(outbox, line) {
        Some((plan, upload)) => plan.size.saturating_sub(upload.sent),
        None => outbox
            .item(line.id)
            .map_or(0, |item| item.request.body.len() as u64),
    }
}

fn state_view(state: State, held_by: Option<ItemId>) -> QueueState {
    match state {
        State::Ready | State::Waiting if held_by.is_some() => QueueState::Behind,
        State::Ready => QueueState::Ready,
        State::Sending => QueueState::Sending,
        State::Waiting => QueueState::Waiting,
        State::PausedAuth => QueueState::WaitingForLogin,
        State::Quarantined => QueueState::ToCorrect,
        State::Conflict => QueueState::Conflict,
        State::AwaitingSignature => QueueState::AwaitingSignature,
        State::Confirmed | State::Cancelled => QueueState::Confirmed,
    }
}

/// The worst state among the items of a subject that are not confirmed; none when all are.
pub(crate) fn state_of_subject(lines: &[QueueLine], subject: &Subject) -> Option<QueueState> {
    let text = subject.to_string();
    lines
        .iter()
        .find(|line| line.subject == text)
        .map(|line| state_view(line.state, line.held_by))
}

/// The receipts of a report, its clock and the item that carries it.
pub(crate) fn delivery_view(outbox: &Outbox, report: &ReportRow) -> Result<DeliveryView, Failure> {
    let known = outbox.receipts(&report.id).or_fail()?;
    let of = |step: ReceiptStep| known.iter().rfind(|receipt| receipt.step == step);
    let published = of(ReceiptStep::Delivered).map(|receipt| receipt.at);
    let foreseen = views::local(published.unwrap_or_else(Timestamp::now))
        .date()
        .checked_add(jiff::Span::new().days(DAYS_TO_FSE))
        .ok()
        .map(|day| day.to_string());
    let subject = Subject::new(QueueSubject::Report, report.id.as_str()).to_string();
    let lines = outbox.queue().or_fail()?;
    let item = lines.iter().find(|line| line.subject == subject).map(|line| {
        item_view(
            line,
            QueueSubject::Report,
            Some(report),
            Some(report.subject.clone()),
        )
    });
    let stamp_awaited = item
        .as_ref()
        .is_some_and(|item| item.state == QueueState::AwaitingTimeStamp);
    let receipts = [
        (StepView::Validated, ReceiptStep::Validated),
        (StepView::Signed, ReceiptStep::Signed),
        (StepView::TimeStamped, ReceiptStep::TimeStamped),
        (StepView::Delivered, ReceiptStep::Delivered),
        (StepView::OnPortal, ReceiptStep::Available),
        (StepView::InFse, ReceiptStep::InFse),
    ]
    .into_iter()
    .filter(|(step, kept)| *step != StepView::TimeStamped || stamp_awaited || of(*kept).is_some())
    .map(|(step, kept)| ReceiptView {
        step,
        at: of(kept).map(|receipt| views::instant(receipt.at)),
        id: of(kept)
            .map(|receipt| receipt.id.clone())
            .filter(|id| !id.is_empty()),
        foreseen: if step == StepView::InFse {
            foreseen.clone()
        } else {
            None
        },
    })
    .collect();
    Ok(DeliveryView {
        receipts,
        publish_before: report
            .validated_at
            .and_then(|at| {
                at.checked_add(jiff::SignedDuration::from_hours(24 * DAYS_TO_FSE))
                    .ok()
            })
            .map(views::instant),
        item,
    })
}

fn patient_of(
    desk: &Desk,
    kind: QueueSubject,
    id: &str,
    now: Timestamp,
) -> Option<contract::patient::PatientView> {
    use cache::replica::CaseTable;
    let replica = desk.replica();
    let patient: PatientId = match kind {
        QueueSubject::Report | QueueSubject::VisitRecord => {
            replica.televisit(&TelevisitId::from(id)).ok().flatten()?.patient
        }
        QueueSubject::TeleconsultRequest
        | QueueSubject::TeleconsultAnswer
        | QueueSubject::TeleconsultMessage
        | QueueSubject::Attachment => match replica.case(CaseTable::Teleconsult, id).ok().flatten() {
            Some(row) => row.patient,
            None => crate::teleconsult::patient_of_unsent(desk, id)?,
        },
        QueueSubject::Transition | QueueSubject::Handover => {
            match replica.case(CaseTable::Transition, id).ok().flatten() {
                Some(row) => row.patient,
                None => crate::transition::patient_of_unsent(desk, id)?,
            }
        }
        QueueSubject::Audit => return None,
    };
    let patient = replica.patient(&patient).ok().flatten()?;
    Some(views::patient(&patient, &[], now))
}

fn start_of_day(now: Timestamp) -> Timestamp {
    views::local(now)
        .start_of_day()
        .map_or(now, |day| day.timestamp())
}
