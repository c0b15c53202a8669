//! A case as the window shows it: *Tocca a*, the clock, the conversation, what can be done.

use std::collections::BTreeMap;

use ::teleconsult::{Answer as Written, AnswerLimits, Case, CaseState, Message, MessageKind, Turn};
use cache::QueueLine;
use contract::delivery::{QueueState, QueueSubject};
use contract::teleconsult::{
    AnswerClockView, AnswerOpening, AttachmentView, MessageKind as KindView, MessageView, TeleconsultRowView,
    TeleconsultState, TeleconsultView,
};
use contract::{ErrorCode, Failure};
use jiff::Timestamp;

use super::{Known, answer, form, stopped, versions, words};
use crate::colleague::Directory;
use crate::delivery::{Subject, state_of_subject};
use crate::desk::Desk;
use crate::failure::OrFail;
use crate::{patient, views};

/// A case with its conversation.
pub(super) fn case(desk: &Desk, known: &Known, now: Timestamp) -> Result<TeleconsultView, Failure> {
    let directory = Directory::load(desk);
    let lines = desk.outbox().queue().or_fail()?;
    let me = desk.assignment().id;
    let row = row(desk, known, &directory, &lines, now)
        .ok_or_else(|| Failure::new(ErrorCode::NotFound, "teleconsult/patient"))?;
    let case = &known.case;
    let names = known.names();
    let mut messages = vec![MessageView {
        id: case.id().to_string(),
        author: directory.name(&case.request.requester, &names),
        author_role: directory.role_words(&case.request.requester),
        mine: case.request.requester == me,
        at: views::instant(case.request.authored_on),
        kind: KindView::Question,
        text: case.request.question.expose().clone(),
        opening: None,
        to: None,
        disagrees: false,
        queue: request_queue(&lines, case),
    }];
    messages.extend(
        case.messages
            .iter()
            .map(|message| message_view(message, known, &directory, &names, &lines, &me)),
    );
    let mut attachments = Vec::with_capacity(case.request.attachments.len());
    for file in &case.request.attachments {
        let here = desk.store.attachments.get(&file.id).or_fail()?.is_some();
        let kept = match &file.document {
            Some(document) => desk
                .replica()
                .document(document)
                .or_fail()?
                .is_some_and(|row| row.has_content),
            None => false,
        };
        attachments.push(AttachmentView {
            // The identifier under which `document_content` gives the bytes.
            id: match &file.document {
                Some(document) if !here => document.to_string(),
                _ => file.id.to_string(),
            },
            name: file.title.expose().clone(),
            media_type: file.content_type.clone(),
            size: u32::try_from(file.size).unwrap_or(u32::MAX),
            on_this_pc: here || kept,
        });
    }
    let role = desk.role();
    let begun = answer::begun(desk, case.id().as_str())?;
    let answers = role.answers_teleconsults();
    let holds =
        matches!(&case.state, CaseState::Claimed { by } | CaseState::NeedsInformation { by } if *by == me);
    Ok(TeleconsultView {
        row,
        mode: form::mode(case.request.mode),
        messages,
        attachments,
        requester: directory.name(&case.request.requester, &names),
        owner: case.owner().map(|owner| directory.name(owner, &names)),
        representative: case.request.consent.as_ref().and_then(form::representative),
        can_claim: role.answers_teleconsults()
            && known.task().is_some()
            && case.state == CaseState::Requested
            && case.clone().claim(&me).is_ok(),
        can_answer: answers && holds,
        can_acknowledge: role.asks_teleconsults()
            && matches!(case.state, CaseState::Answered { .. })
            && case.clone().acknowledge(&me, None).is_ok(),
        answer_draft: begun.reasons.expose().clone(),
        answer_opening: answer::opening(&begun),
        begun: words::begun(desk, case.id().as_str())?,
        particulars: case
            .request
            .particulars
            .iter()
            .map(|particular| (particular.ask.clone(), particular.words.expose().clone()))
            .collect(),
        can_ask_information: answers && matches!(&case.state, CaseState::Claimed { by } if *by == me),
        can_reply: role.asks_teleconsults()
            && matches!(case.state, CaseState::NeedsInformation { .. })
            && case.request.requester == me,
        can_involve: answers && holds,
        can_give_opinion: answers && case.is_involved(&me) && case.state != CaseState::Closed,
        colleagues: if answers && holds {
            colleagues(&directory, case, &me)
        } else {
            Vec::new()
        },
        clock: case
            .clock(&AnswerLimits::default(), now)
            .filter(|_| known.stored.is_some())
            .map(|clock| AnswerClockView {
                limit_s: seconds(clock.limit),
                used_s: seconds(clock.used),
                paused_s: seconds(clock.paused),
                standing: clock.standing,
            }),
        obscured: case.request.obscured,
        versions: versions::view(desk, known, &directory),
        stopped: stopped::view(desk, known, &lines, &directory),
    })
}

/// A row of the list; none while the patient's record is not here.
pub(super) fn row(
    desk: &Desk,
    known: &Known,
    directory: &Directory,
    lines: &[QueueLine],
    now: Timestamp,
) -> Option<TeleconsultRowView> {
    let case = &known.case;
    let request = &case.request;
    let me = desk.assignment();
    let names = known.names();
    let branch = request.addressee.branch();
    let speciality = if branch.name.is_empty() {
        form::speciality(directory, &branch.code)
    } else {
        branch.name.clone()
    };
    let (turn_of, my_turn) = match case.turn() {
        Turn::Requester => (
            Some(directory.name(&request.requester, &names)),
            request.requester == me.id,
        ),
        Turn::Specialist(role) => (Some(directory.name(&role, &names)), role == me.id),
        Turn::Nobody => (
            Some(speciality.clone()),
            is_of(directory, &me.id, me.speciality.as_deref(), branch),
        ),
        Turn::Queue | Turn::Over => (None, false),
    };
    let turn_unit = match case.turn() {
        Turn::Specialist(role) => directory.get(&role).and_then(|known| known.speciality.clone()),
        _ => None,
    };
    let opinion_due = case.owes_opinion(&me.id);
    let said = known
        .said
        .iter()
        .find_map(|trace| message_queue(lines, &trace.id));
    Some(TeleconsultRowView {
        id: case.id().to_string(),
        number: known.stored.as_ref().and_then(|stored| stored.number.clone()),
        patient: patient::view_of(desk, &request.patient, now)?,
        question: first_line(request.question.expose()),
        priority: form::priority(request.priority),
        state: state(&case.state),
        turn_of: turn_of.filter(|name| !name.is_empty()),
        turn_unit,
        my_turn: my_turn || opinion_due,
        opinion_due,
        due: case
            .clock(&AnswerLimits::default(), now)
            .and_then(|clock| clock.due)
            .map(views::instant),
        asked_at: views::instant(request.authored_on),
        queue: request_queue(lines, case).or(said),
        speciality,
    })
}

/// The first line, short enough for a row.
pub(super) fn first_line(text: &str) -> String {
    let line = text.trim().lines().next().unwrap_or_default();
    line.chars().take(120).collect()
}

fn message_view(
    message: &Message,
    known: &Known,
    directory: &Directory,
    names: &BTreeMap<String, String>,
    lines: &[QueueLine],
    me: &str,
) -> MessageView {
    let written = message.sender_name.as_ref().map(|name| name.expose().clone());
    let written_answer = (message.kind == MessageKind::Answer).then(|| Written::read(message.text.expose()));
    MessageView {
        id: message.id.clone(),
        author: written.unwrap_or_else(|| directory.name(&message.sender, names)),
        author_role: directory.role_words(&message.sender),
        mine: message.sender == me,
        at: views::instant(message.at),
        kind: match message.kind {
            MessageKind::InformationRequest => KindView::InformationRequest,
            MessageKind::Answer => KindView::Answer,
            MessageKind::Acknowledgement => KindView::Acknowledgement,
            MessageKind::Involvement => KindView::Involvement,
            MessageKind::Opinion => KindView::Opinion,
            MessageKind::Prescription => KindView::Prescription,
            // Another workstation may reply with a plain message.
            MessageKind::Note if message.sender != known.case.request.requester => KindView::Note,
            MessageKind::Information | MessageKind::Note => KindView::Reply,
        },
        text: match &written_answer {
            Some(answer) => answer.reasons.expose().clone(),
            None => message.text.expose().clone(),
        },
        opening: written_answer
            .as_ref()
            .map(answer::opening)
            .filter(|opening| *opening != AnswerOpening::default()),
        to: message.to.as_deref().map(|role| directory.name(role, names)),
        disagrees: message.disagrees,
        queue: known
            .said
            .iter()
            .find(|trace| trace.id == message.id)
            .and_then(|trace| message_queue(lines, &trace.id)),
    }
}

fn request_queue(lines: &[QueueLine], case: &Case) -> Option<QueueState> {
    let request = Subject::new(QueueSubject::TeleconsultRequest, case.id().as_str());
    state_of_subject(lines, &request)
}

pub(super) fn message_queue(lines: &[QueueLine], message: &str) -> Option<QueueState> {
    [QueueSubject::TeleconsultAnswer, QueueSubject::TeleconsultMessage]
        .into_iter()
        .find_map(|kind| state_of_subject(lines, &Subject::new(kind, message)))
}

fn seconds(span: jiff::SignedDuration) -> u32 {
    u32::try_from(span.as_secs()).unwrap_or_default()
}

/// Specialists who can be asked for an opinion: role, name, speciality.
fn colleagues(directory: &Directory, case: &Case, me: &str) -> Vec<(String, String, String)> {
    let mut known: Vec<_> = directory
        .all()
        .filter(|colleague| colleague.role.answers_teleconsults())
        .filter(|colleague| colleague.id != me && colleague.id != case.request.requester)
        .map(|colleague| {
            let speciality = colleague.speciality.clone().unwrap_or_default();
            (colleague.id.clone(), colleague.name.clone(), speciality)
        })
        .collect();
    known.sort_by(|a, b| (&a.2, &a.1).cmp(&(&b.2, &b.1)));
    known
}

/// A message outside the conversation.
pub(super) fn said(desk: &Desk, known: &Known, message: &Message, directory: &Directory) -> MessageView {
    let lines = desk.outbox().queue().unwrap_or_default();
    message_view(
        message,
        known,
        directory,
        &known.names(),
        &lines,
        &desk.assignment().id,
    )
}

/// Whether a role is of the speciality that was asked.
fn is_of(directory: &Directory, me: &str, speciality: Option<&str>, branch: &::teleconsult::Branch) -> bool {
    let code = directory
        .get(me)
        .and_then(|colleague| colleague.speciality_code.as_deref());
    code == Some(branch.code.as_str())
        || speciality.is_some_and(|name| !branch.name.is_empty() && name.eq_ignore_ascii_case(&branch.name))
}

pub(super) fn state(state: &CaseState) -> TeleconsultState {
    match state {
        CaseState::Draft => TeleconsultState::Draft,
        CaseState::Queued => TeleconsultState::Queued,
        CaseState::Requested => TeleconsultState::Requested,
        CaseState::Claimed { .. } => TeleconsultState::Claimed,
        CaseState::NeedsInformation { .. } => TeleconsultState::NeedsInformation,
        CaseState::Answered { .. } => TeleconsultState::Answered,
        CaseState::Acknowledged { .. } | CaseState::Closed => TeleconsultState::Acknowledged,
    }
}
