//! `teleconsult_answer` and `teleconsult_answer_save`: *Rispondi e chiudi*, and what is typed until then.

use ::teleconsult::{Answer as Written, MessageKind, OpeningLine};
use cache::AuditAction;
use contract::delivery::QueueSubject;
use contract::teleconsult::{AnswerOpening, TeleconsultAnswerRequest, TeleconsultView};
use contract::{Answer, ErrorCode, Failure};
use jiff::Timestamp;

use super::{ANSWER, say, view};
use crate::core::{Core, blocking};
use crate::desk::Desk;
use crate::failure::OrFail;
use crate::trace;

impl Core {
    /// `teleconsult_answer_save`: what was typed is durable when this returns.
    pub async fn teleconsult_answer_save(&self, request: TeleconsultAnswerRequest) -> Answer<()> {
        let desk = self.desk()?;
        desk.allow(desk.role().answers_teleconsults(), &request.teleconsult_id)?;
        blocking(move || {
            let subject = trace::subject(ANSWER, &request.teleconsult_id);
            let text = written(&request.opening, &request.text).text();
            desk.outbox()
                .commit(Timestamp::now(), move |step| {
                    step.draft_put(&subject, ANSWER, text.as_bytes())
                })
                .or_fail()
        })
        .await
    }

    /// `teleconsult_answer`.
    pub async fn teleconsult_answer(&self, request: TeleconsultAnswerRequest) -> Answer<TeleconsultView> {
        let desk = self.desk()?;
        desk.allow(desk.role().answers_teleconsults(), &request.teleconsult_id)?;
        let worker = desk.clone();
        let view = blocking(move || {
            let id = request.teleconsult_id;
            let known = super::require(&worker, &id)?;
            let words = written(&request.opening, request.text.trim());
            if let Some(line) = words.lacks() {
                return Err(
                    Failure::new(ErrorCode::RequestIncomplete, "teleconsult/opening").with_field(field(line))
                );
            }
            let message = say::message(&worker, MessageKind::Answer, &words.text());
            let mut case = known.case.clone();
            case.answer(message.clone())
                .map_err(|refusal| super::refused(refusal, &known, &worker))?;
            let action = AuditAction::TeleconsultAnswered;
            say::say(
                &worker,
                &known,
                &case,
                message,
                QueueSubject::TeleconsultAnswer,
                action,
            )?;
            view::case(&worker, &super::require(&worker, &id)?, Timestamp::now())
        })
        .await?;
        self.teleconsult_queued(&desk);
        Ok(view)
    }
}

/// An answer that was begun.
pub(super) fn begun(desk: &Desk, id: &str) -> Result<Written, Failure> {
    let draft = desk.outbox().draft_load(&trace::subject(ANSWER, id)).or_fail()?;
    Ok(draft
        .map(|draft| Written::read(&String::from_utf8_lossy(&draft.body)))
        .unwrap_or_default())
}

fn written(opening: &AnswerOpening, reasons: &str) -> Written {
    Written {
        what: opening.what.as_str().into(),
        by_when: opening.by_when.as_str().into(),
        worry: opening.worry.as_str().into(),
        control_visit: opening.control_visit,
        reasons: reasons.into(),
    }
}

/// The lines that open an answer, as the window shows them.
pub(super) fn opening(answer: &Written) -> AnswerOpening {
    AnswerOpening {
        what: answer.what.expose().clone(),
        by_when: answer.by_when.expose().clone(),
        worry: answer.worry.expose().clone(),
        control_visit: answer.control_visit,
    }
}

fn field(line: OpeningLine) -> &'static str {
    match line {
        OpeningLine::What => "what",
        OpeningLine::ByWhen => "by_when",
        OpeningLine::Worry => "worry",
    }
}
