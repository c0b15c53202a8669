//! *Oggi*: the day of a specialist, from the copy on this PC; the region is asked behind it.

use cache::{ReceiptStep, ReportRow, ReportState};
use clinical::TelevisitId;
use contract::agenda::{AgendaDayRequest, AgendaDayView, AgendaRowView, RibbonStepView, TelevisitStage};
use contract::agenda::{RibbonState as StateView, RibbonStep as StepView};
use contract::{Answer, ErrorCode, Failure};
use jiff::Timestamp;
use region::fhir::{AgendaEntry, AppointmentStatus};
use televisit::{Access, Outcome, Ribbon, RibbonFacts, Step, StepState, Visit, VisitState};

use crate::core::{Core, blocking};
use crate::desk::Desk;
use crate::failure::{IntoFailure, OrFail};
use crate::views;

impl Core {
    /// `agenda_day`. Today's answer comes from this PC at once; another day is fetched first when the region is there.
    pub async fn agenda_day(&self, request: AgendaDayRequest) -> Answer<AgendaDayView> {
        let desk = self.desk()?;
        desk.allow(desk.role().holds_televisits(), "agenda")?;
        let day = views::parse_day(&request.day)?;
        let now = Timestamp::now();
        let known = desk.replica().cursor(crate::sync::AGENDA_FEED).or_fail()?;
        let ask = (day != views::today(now) || known.is_none())
            && self.inner.region.is_logged_in()
            && self.is_online();
        if ask && let Err(error) = self.sync_agenda(&desk, day).await {
            // Offline the copy answers; a refusal is told.
            let failure = error.failure();
            if matches!(failure.code, ErrorCode::AccessDenied | ErrorCode::RegionRefused) {
                return Err(failure);
            }
        }
        blocking(move || {
            let needle = fold(&request.search);
            let mut rows = Vec::new();
            for row in desk.replica().agenda(day).or_fail()? {
                let facts = Facts::load(&desk, &row.id)?;
                if let Some(view) = facts.row(&desk, now)
                    && (needle.is_empty() || matches(&view, &facts, &needle))
                {
                    rows.push(view);
                }
            }
            let mut overdue = Vec::new();
            for report in desk.outbox().reports_open().or_fail()? {
                let waiting = !matches!(
                    report.state,
                    ReportState::Delivered | ReportState::Available | ReportState::InFse
                );
                let id = TelevisitId::from(report.subject.as_str());
                let before = desk
                    .replica()
                    .televisit(&id)
                    .or_fail()?
                    .is_some_and(|row| row.day < day);
                if waiting
                    && before
                    && let Some(view) = Facts::load(&desk, &id)?.row(&desk, now)
                {
                    overdue.push(view);
                }
            }
            Ok(AgendaDayView {
                day: day.to_string(),
                rows,
                overdue,
                as_of: desk
                    .replica()
                    .cursor(crate::sync::AGENDA_FEED)
                    .or_fail()?
                    .map(|c| views::instant(c.at)),
            })
        })
        .await
    }
}

/// Everything known here of one televisit.
pub(crate) struct Facts {
    pub(crate) entry: AgendaEntry,
    pub(crate) visit: Option<Visit>,
    pub(crate) report: Option<ReportRow>,
    pub(crate) signed: Option<Timestamp>,
    pub(crate) on_portal: Option<Timestamp>,
}

impl Facts {
    pub(crate) fn load(desk: &Desk, id: &TelevisitId) -> Result<Self, Failure> {
        let row = desk.replica().televisit(id).or_fail()?;
        let row = row.ok_or_else(|| Failure::new(ErrorCode::NotFound, "televisit/unknown"))?;
        let mut entry: AgendaEntry = serde_json::from_value(row.payload)
            .map_err(|_| Failure::new(ErrorCode::ArchiveDamaged, "televisit/payload"))?;
        if entry.patient.is_none() {
            entry.patient = desk.replica().patient(&row.patient).or_fail()?;
        }
        let visit = crate::televisit::stored_visit(desk, id)?;
        let report = desk
            .outbox()
            .reports_of(id.as_str())
            .or_fail()?
            .into_iter()
            .next();
        let receipts = match &report {
            Some(report) => desk.outbox().receipts(&report.id).or_fail()?,
            None => Vec::new(),
        };
        let at = |step| {
            receipts
                .iter()
                .rfind(|receipt| receipt.step == step)
                .map(|receipt| receipt.at)
        };
        Ok(Self {
            signed: at(ReceiptStep::Signed),
            on_portal: at(ReceiptStep::Available),
            entry,
            visit,
            report,
        })
    }

    /// Whether the prescription admits a televisit.
    pub(crate) fn admitted(&self) -> bool {
        self.entry
            .prescription
            .as_ref()
            .is_none_or(|prescription| prescription.admit().is_ok())
    }

    fn outcome(&self) -> Option<&Outcome> {
        match self.visit.as_ref().map(|visit| &visit.state) {
            Some(VisitState::Completed { outcome, .. }) => Some(outcome),
            _ => None,
        }
    }

    pub(crate) fn waiting_since(&self) -> Option<Timestamp> {
        self.entry
            .waiting_since
            .filter(|_| self.entry.status == AppointmentStatus::Arrived)
    }

    pub(crate) fn stage(&self) -> TelevisitStage {
        if !self.admitted() {
            return TelevisitStage::Refused;
        }
        match self.visit.as_ref().map(|visit| &visit.state) {
            Some(VisitState::InCall { .. }) => TelevisitStage::InCall,
            Some(VisitState::AwaitingOutcome { .. }) => TelevisitStage::InCall,
            Some(VisitState::Completed { outcome, .. }) if !outcome.was_held() => TelevisitStage::NotHeld,
            Some(VisitState::Completed { .. }) => match self.report.as_ref().map(|report| &report.state) {
                Some(ReportState::Signed | ReportState::Queued) => TelevisitStage::Delivering,
                Some(ReportState::Delivered | ReportState::Available | ReportState::InFse) => {
                    TelevisitStage::Done
                }
                _ => TelevisitStage::ToReport,
            },
            _ => match self.entry.status {
                AppointmentStatus::Arrived => TelevisitStage::Waiting,
                AppointmentStatus::Fulfilled => TelevisitStage::Done,
                AppointmentStatus::NoShow | AppointmentStatus::Cancelled => TelevisitStage::NotHeld,
                _ => TelevisitStage::Booked,
            },
        }
    }

    pub(crate) fn ribbon(&self, now: Timestamp) -> Vec<RibbonStepView> {
        let access = match (self.stage(), self.waiting_since()) {
            (
                TelevisitStage::InCall
                | TelevisitStage::ToReport
                | TelevisitStage::Delivering
                | TelevisitStage::Done,
                _,
            ) => Access::Joined,
            (_, Some(since)) => Access::Waiting { since },
            (TelevisitStage::NotHeld, None) => Access::NoShow,
            _ => Access::NotYet,
        };
        let facts = RibbonFacts {
            prescription: self.entry.prescription.as_ref(),
            eligibility: self.entry.eligibility.as_ref(),
            booking: Some(&self.entry.booking),
            access,
            outcome: self.outcome(),
            report_signed: self.signed,
            on_portal: self.on_portal,
        };
        let Ribbon(steps) = Ribbon::of(&facts, now);
        steps
            .iter()
            .map(|step| RibbonStepView {
                step: match step.step {
                    Step::Prescription => StepView::Prescription,
                    Step::Eligibility => StepView::Eligibility,
                    Step::Booking => StepView::Booking,
                    Step::Access => StepView::Access,
                    Step::Delivery => StepView::Delivery,
                    Step::Consultation => StepView::Consultation,
                },
                state: match step.state {
                    StepState::Done => StateView::Done,
                    StepState::Current => StateView::Current,
                    StepState::ToDo => StateView::ToDo,
                    StepState::Attention => StateView::Failed,
                },
                at: step.at.map(views::instant),
                note: self.note(step.step),
            })
            .collect()
    }

    fn note(&self, step: Step) -> Option<String> {
        use televisit::Payment;
        let note = match step {
            Step::Prescription if !self.admitted() => "first_visit",
            Step::Eligibility if self.entry.eligibility.is_none() => "not_done",
            Step::Booking => match self.entry.booking.payment? {
                Payment::Paid => "paid",
                Payment::Exempt => "exempt",
                Payment::Due => "due",
            },
            _ => return None,
        };
        Some(note.to_owned())
    }

    pub(crate) fn row(&self, desk: &Desk, now: Timestamp) -> Option<AgendaRowView> {
        let patient = self.entry.patient.as_ref()?;
        let related = crate::patient::related_of(desk, &patient.id);
        let question = self
            .entry
            .prescription
            .as_ref()
            .and_then(|prescription| prescription.question.as_ref());
        let deadline = self
            .report
            .as_ref()
            .filter(|_| self.stage() != TelevisitStage::Done);
        Some(AgendaRowView {
            televisit_id: self.entry.id.to_string(),
            start: views::instant(self.entry.booking.start),
            patient: views::patient(patient, &related, now),
            reason: question.map(|text| first_line(text.expose())).unwrap_or_default(),
            stage: self.stage(),
            ribbon: self.ribbon(now),
            waiting_since: self.waiting_since().map(views::instant),
            deadline: deadline
                .and_then(|report| report.validated_at)
                .and_then(|at| at.checked_add(jiff::SignedDuration::from_hours(120)).ok())
                .map(views::instant),
            with_caregiver: related.iter().any(|person| person.title.is_none()),
        })
    }
}

/// The first sentence, short enough for a row.
fn first_line(text: &str) -> String {
    let line = text.split(['\n', '.']).next().unwrap_or_default().trim();
    line.chars().take(80).collect()
}

fn matches(row: &AgendaRowView, facts: &Facts, needle: &str) -> bool {
    let nre = facts
        .entry
        .prescription
        .as_ref()
        .and_then(|p| p.nre.as_ref())
        .map_or("", |nre| nre.as_str());
    let hay = format!(
        "{} {} {} {nre}",
        row.patient.family, row.patient.given, row.patient.fiscal_code
    );
    let hay = fold(&hay);
    needle.split_whitespace().all(|word| hay.contains(word))
}

/// Lower case without the accents of Italian names.
pub(crate) fn fold(text: &str) -> String {
    text.chars()
        .flat_map(char::to_lowercase)
        .map(|c| match c {
            'à' | 'á' | 'â' | 'ä' => 'a',
            'è' | 'é' | 'ê' | 'ë' => 'e',
            'ì' | 'í' | 'î' | 'ï' => 'i',
            'ò' | 'ó' | 'ô' | 'ö' => 'o',
            'ù' | 'ú' | 'û' | 'ü' => 'u',
            'ç' => 'c',
            'ñ' => 'n',
            other => other,
        })
        .collect()
}
