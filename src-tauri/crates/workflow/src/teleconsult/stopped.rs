//! *Da correggere*: what the region refused for good, or a newer version stopped, taken back by its author.
//!
//! Nothing of it is lost: the words go back to where they were typed, a request becomes the draft that it was, the refused bytes stay
//! in the outbox. First the region is asked whether it holds them after all: then they are on their way, not back. Not in
//! it: what can be laid on a newer version without asking anybody (`versions`).

use ::teleconsult::{Answer as Written, Message, MessageKind};
use cache::{AuditAction, Event, ItemId, Jitter, OutboxItem, QueueLine, State, Step, StoreError};
use contract::events::Tag;
use contract::teleconsult::{StoppedView, TeleconsultRequest, WordsKind, WordsView};
use contract::{Answer, ErrorCode, Failure};
use jiff::Timestamp;

use super::form::Body;
use super::{ANSWER, DRAFT, Known, SAID, SENT, Said, Sent, view, words};
use crate::colleague::Directory;
use crate::core::{Core, blocking};
use crate::delivery::from_outbox;
use crate::desk::Desk;
use crate::failure::{IntoFailure, OrFail, StepError};
use crate::trace::{self, Trace};

/// What was stopped of a case: the first of it, since it holds the rest.
enum Stopped {
    Message(Box<Trace<Said>>),
    Request(Box<Sent>),
}

impl Stopped {
    fn items(&self) -> &[ItemId] {
        match self {
            Self::Message(trace) => &trace.items,
            Self::Request(sent) => &sent.items,
        }
    }
}

impl Core {
    /// `teleconsult_withdraw`: *Ritira e correggi*. Again is harmless.
    pub async fn teleconsult_withdraw(&self, request: TeleconsultRequest) -> Answer<()> {
        let desk = self.desk()?;
        let role = desk.role();
        let id = request.teleconsult_id;
        desk.allow(role.asks_teleconsults() || role.answers_teleconsults(), &id)?;
        let (worker, case) = (desk.clone(), id.clone());
        let found = blocking(move || {
            let Some(stopped) = find(&worker, &case)? else {
                return Ok(None);
            };
            let mut refused = Vec::new();
            for id in stopped.items() {
                let item = worker.outbox().item(*id).or_fail()?;
                if is_stopped(item.progress.state) {
                    refused.push(item);
                }
            }
            Ok(Some((stopped, refused)))
        })
        .await?;
        if let Some((stopped, refused)) = found {
            let held = self.held(&refused).await?;
            let worker = desk.clone();
            blocking(move || {
                if held {
                    return try_again(&worker, &refused);
                }
                match stopped {
                    Stopped::Message(trace) => take_back(&worker, *trace),
                    Stopped::Request(sent) => take_back_request(&worker, &id, *sent),
                }
            })
            .await?;
        }
        self.changed(&[Tag::Teleconsult, Tag::Queue]);
        desk.outgoing.notify_one();
        Ok(())
    }

    /// Whether the region holds one of some items after all: a copy of it was taken before the refusal.
    async fn held(&self, items: &[OutboxItem]) -> Result<bool, Failure> {
        for item in items {
            if let Some(request) = from_outbox(&item.request)
                && self
                    .inner
                    .region
                    .holds(&request)
                    .await
                    .map_err(IntoFailure::failure)?
            {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn is_stopped(state: State) -> bool {
    matches!(state, State::Quarantined | State::Conflict)
}

fn has_stopped(desk: &Desk, items: &[ItemId]) -> bool {
    items
        .iter()
        .any(|id| desk.outbox().item_state(*id).is_ok_and(is_stopped))
}

fn find(desk: &Desk, case: &str) -> Result<Option<Stopped>, Failure> {
    let draft = desk.outbox().draft_load(case).or_fail()?;
    let sent = draft
        .filter(|draft| draft.kind == SENT)
        .and_then(|draft| serde_json::from_slice::<Sent>(&draft.body).ok());
    if let Some(sent) = sent.filter(|sent| has_stopped(desk, &sent.items)) {
        return Ok(Some(Stopped::Request(Box::new(sent))));
    }
    let said = trace::of_kind::<Said>(desk, SAID).or_fail()?;
    Ok(said
        .into_iter()
        .find(|trace| trace.case == case && has_stopped(desk, &trace.items))
        .map(|trace| Stopped::Message(Box::new(trace))))
}

fn try_again(desk: &Desk, items: &[OutboxItem]) -> Result<(), Failure> {
    for item in items {
        desk.outbox()
            .apply(item.id, Event::Retry, Timestamp::now(), Jitter::random())
            .or_fail()?;
    }
    Ok(())
}

/// Takes the items out of the queue: those that were refused, and those that waited for them and never left.
fn withdraw(step: &mut Step<'_>, items: &[ItemId]) -> Result<(), StoreError> {
    for id in items {
        let item = step.item(*id)?;
        let event = match item.progress.state {
            state if is_stopped(state) => Event::Withdrawn,
            state if !state.is_final() && item.progress.sends == 0 && state != State::Sending => {
                Event::Cancelled
            }
            // A file that is there, or on its way: it harms nobody.
            _ => continue,
        };
        step.apply(*id, event, Jitter::random())?;
    }
    Ok(())
}

fn take_back(desk: &Desk, trace: Trace<Said>) -> Result<(), Failure> {
    let entry = desk.entry(AuditAction::TeleconsultMessage, &trace.case);
    let asks = desk.role().asks_teleconsults();
    let done = desk
        .outbox()
        .commit(Timestamp::now(), move |step| -> Result<(), StepError> {
            withdraw(step, &trace.items)?;
            put_back(step, &trace.case, &trace.deed.message, asks)?;
            step.draft_discard(&trace::subject(SAID, &trace.id))?;
            step.audit(&entry)?;
            Ok(())
        });
    done.or_fail()
}

fn take_back_request(desk: &Desk, id: &str, sent: Sent) -> Result<(), Failure> {
    let body: Body = sent
        .draft
        .ok_or_else(|| Failure::new(ErrorCode::Conflict, "teleconsult/no-draft"))?;
    let entry = desk.entry(AuditAction::TeleconsultAsked, id);
    let (bytes, id) = (body.bytes()?, id.to_owned());
    let done = desk
        .outbox()
        .commit(Timestamp::now(), move |step| -> Result<(), StepError> {
            withdraw(step, &sent.items)?;
            step.draft_put(&id, DRAFT, &bytes)?;
            step.audit(&entry)?;
            Ok(())
        });
    done.or_fail()
}

/// The words of a message, back where they were typed; after what was typed there meanwhile.
fn put_back(step: &mut Step<'_>, case: &str, message: &Message, asked: bool) -> Result<(), StepError> {
    let unreadable = |_| Failure::new(ErrorCode::Internal, "teleconsult/words");
    let text = message.text.expose();
    let kind = match message.kind {
        MessageKind::Answer => None,
        // What went as a note was an answer before, or what the asker wrote.
        MessageKind::Note => asked.then_some(WordsKind::Reply),
        // A number is pasted again.
        MessageKind::Prescription => return Ok(()),
        kind => words::kind_of(kind),
    };
    let Some(kind) = kind else {
        let subject = trace::subject(ANSWER, case);
        let typed = step.draft(&subject)?;
        let typed = typed.map(|draft| String::from_utf8_lossy(&draft.body).into_owned());
        let text = match typed.filter(|typed| !typed.trim().is_empty()) {
            Some(typed) => {
                let mut both = Written::read(&typed);
                both.reasons = after(both.reasons.expose(), text).into();
                both.text()
            }
            None => text.clone(),
        };
        step.draft_put(&subject, ANSWER, text.as_bytes())?;
        return Ok(());
    };
    if kind == WordsKind::Remarks && text == super::acknowledge::SEEN {
        return Ok(());
    }
    let subject = words::subject(case, kind);
    let typed = step.draft(&subject)?;
    let typed: Option<WordsView> = typed.and_then(|draft| serde_json::from_slice(&draft.body).ok());
    let before = typed.as_ref().map_or("", |typed| typed.text.as_str());
    let back = WordsView {
        kind,
        text: after(before, text),
        disagrees: message.disagrees || typed.as_ref().is_some_and(|typed| typed.disagrees),
        role: message.to.clone().unwrap_or_default(),
    };
    let body = serde_json::to_vec(&back).map_err(unreadable)?;
    step.draft_put(&subject, words::WORDS, &body)?;
    Ok(())
}

fn after(before: &str, text: &str) -> String {
    if before.trim().is_empty() {
        return text.to_owned();
    }
    format!("{before}\n\n{text}")
}

/// What the region refused for good, beside the case. What a newer version stopped is shown as *Due versioni*.
pub(super) fn view(
    desk: &Desk,
    known: &Known,
    lines: &[QueueLine],
    directory: &Directory,
) -> Option<StoppedView> {
    let stopped = find(desk, known.case.id().as_str()).ok().flatten()?;
    let line = lines
        .iter()
        .find(|line| line.state == State::Quarantined && stopped.items().contains(&line.id))?;
    Some(StoppedView {
        message: match &stopped {
            Stopped::Message(trace) => Some(view::said(desk, known, &trace.deed.message, directory)),
            Stopped::Request(_) => None,
        },
        detail: line.reason.map(|reason| format!("queue/{}", reason.as_str())),
    })
}
