//! A case as the board and its detail show it.

use ::transition::{
    Assessment, Call, CallResult, Destination, Escalation, HandoverState, Origin, Transition,
    TransitionState, Urgency,
};
use cache::QueueLine;
use contract::delivery::QueueState;
use contract::transition::{
    CallResult as ResultView, ChecklistItemView, EscalationStep, HandoverView, LogLineView,
    TransitionAssessment, TransitionCardView, TransitionDestination, TransitionOrigin,
    TransitionState as Column, TransitionUrgency, TransitionView,
};
use contract::{ErrorCode, Failure};
use jiff::Timestamp;

use super::Known;
use super::queue::{of_case, of_handover};
use crate::colleague::Directory;
use crate::delivery::state_of_subject;
use crate::desk::Desk;
use crate::failure::OrFail;
use crate::{patient, views};

/// A case with its log.
pub(super) fn case(desk: &Desk, known: &Known, now: Timestamp) -> Result<TransitionView, Failure> {
    let directory = Directory::load(desk);
    let lines = desk.outbox().queue().or_fail()?;
    let names = known.names();
    let card = card(desk, known, &directory, &lines, now)
        .ok_or_else(|| Failure::new(ErrorCode::NotFound, "transition/patient"))?;
    let log = known
        .transition
        .log
        .iter()
        .map(|line| LogLineView {
            at: views::instant(line.at),
            author: match &line.by_name {
                Some(name) => name.expose().clone(),
                None => directory.name(&line.by, &names),
            },
            call: line.call.as_ref().map(|call| match call.result {
                CallResult::Reached => ResultView::Called,
                CallResult::NoAnswer => ResultView::NoAnswer,
                CallResult::CallBack { .. } => ResultView::CallBack,
            }),
            whom: line.call.as_ref().and_then(whom),
            call_back_at: line.call.as_ref().and_then(|call| match call.result {
                CallResult::CallBack { at } => Some(views::instant(at)),
                _ => None,
            }),
            escalation: line.escalation.as_ref().map(|step| match step {
                Escalation::Raised { .. } => EscalationStep::Raised,
                Escalation::Acknowledged { .. } => EscalationStep::Acknowledged,
            }),
            text: line.text.expose().clone(),
        })
        .collect();
    let transition = &known.transition;
    Ok(TransitionView {
        card,
        checklist: transition
            .checklist
            .iter()
            .map(|item| ChecklistItemView {
                name: item.name.clone(),
                done_at: item.done_at.map(views::instant),
            })
            .collect(),
        assessment: transition.assessment.map(|assessment| match assessment {
            Assessment::Simple => TransitionAssessment::Simple,
            Assessment::Uvm => TransitionAssessment::Uvm,
        }),
        pai: transition.pai.clone(),
        receiver: transition.receiver.clone(),
        from_citizen: transition.from_citizen,
        colleagues: super::board::colleagues(desk, &directory),
        log,
    })
}

fn whom(call: &Call) -> Option<String> {
    let name = call.whom.expose().trim();
    (!name.is_empty()).then(|| name.to_owned())
}

/// Calls without answer since somebody was last reached.
fn no_answers(transition: &Transition) -> u32 {
    let calls = transition.log.iter().rev().filter_map(|line| line.call.as_ref());
    let unanswered = calls
        .take_while(|call| call.result != CallResult::Reached)
        .filter(|call| call.result == CallResult::NoAnswer);
    u32::try_from(unanswered.count()).unwrap_or(u32::MAX)
}

/// A card; none while the patient's record is not here.
pub(super) fn card(
    desk: &Desk,
    known: &Known,
    directory: &Directory,
    lines: &[QueueLine],
    now: Timestamp,
) -> Option<TransitionCardView> {
    let transition = &known.transition;
    let names = known.names();
    let last_words = transition
        .log
        .iter()
        .rev()
        .filter(|line| line.escalation.is_none())
        .map(|line| &line.text)
        .find(|text| !text.expose().trim().is_empty());
    let offer = transition
        .handover
        .as_ref()
        .filter(|offer| offer.state == HandoverState::Offered);
    let call_back = transition.call_back();
    let (told, acknowledged) = super::escalate::told(known)
        .map(|rung| transition.escalated(&rung))
        .unwrap_or_default();
    Some(TransitionCardView {
        id: transition.id.to_string(),
        patient: patient::view_of(desk, &transition.patient, now)?,
        origin: origin(transition.origin),
        destination: destination(transition.destination),
        state: column(transition.state),
        note: last_words
            .or(transition.note.as_ref())
            .map(|words| words.expose().clone())
            .unwrap_or_default(),
        owner: transition
            .owner
            .as_ref()
            .map(|owner| directory.name(owner, &names)),
        mine: transition.owner.as_deref() == Some(desk.assignment().id.as_str()),
        since: views::instant(known.since()),
        expected_discharge: transition
            .expected_discharge
            .map(|at| views::local(at).date().to_string()),
        call_back_at: call_back.map(|(_, at)| views::instant(at)),
        call_back_whom: call_back.and_then(|(line, _)| line.call.as_ref().and_then(whom)),
        no_answers: no_answers(transition),
        due_at: known.due(&desk.assets.policy).map(views::instant),
        urgency: match desk.assets.policy.urgency(transition, known.since(), now) {
            Urgency::None => TransitionUrgency::None,
            Urgency::Attention => TransitionUrgency::Attention,
            Urgency::Late => TransitionUrgency::Late,
        },
        escalated_at: told.map(views::instant),
        acknowledged_at: acknowledged.map(views::instant),
        checks_done: count(
            transition
                .checklist
                .iter()
                .filter(|item| item.done_at.is_some())
                .count(),
        ),
        checks: count(transition.checklist.len()),
        handed_to: offer.map(|offer| directory.name(&offer.to, &names)),
        queue: state_of_subject(lines, &of_case(transition.id.as_str()))
            .or_else(|| handover_queue(known, lines)),
    })
}

/// An offer.
pub(super) fn handover(
    desk: &Desk,
    known: &Known,
    directory: &Directory,
    lines: &[QueueLine],
    now: Timestamp,
) -> Option<HandoverView> {
    let offer = known.transition.handover.as_ref()?;
    let names = known.names();
    Some(HandoverView {
        id: offer.id.clone(),
        card: card(desk, known, directory, lines, now)?,
        from: directory.name(&offer.from, &names),
        to: directory.name(&offer.to, &names),
        incoming: offer.to == desk.assignment().id,
        accepted_at: match offer.state {
            HandoverState::Accepted { at } => Some(views::instant(at)),
            _ => None,
        },
        at: views::instant(offer.at),
        note: offer
            .note
            .as_ref()
            .map(|note| note.expose().clone())
            .unwrap_or_default(),
        queue: handover_queue(known, lines),
    })
}

fn handover_queue(known: &Known, lines: &[QueueLine]) -> Option<QueueState> {
    let offer = known.transition.handover.as_ref()?;
    state_of_subject(lines, &of_handover(&offer.id))
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// The column of a state.
pub(super) fn column(state: TransitionState) -> Column {
    match state {
        TransitionState::Reported => Column::Referred,
        TransitionState::Assessing => Column::Assessment,
        TransitionState::ProtectedDischarge => Column::ProtectedDischarge,
        TransitionState::TerritoryConfirmation => Column::TerritoryConfirmation,
        TransitionState::Closed => Column::Closed,
    }
}

fn origin(origin: Origin) -> TransitionOrigin {
    match origin {
        Origin::Ward => TransitionOrigin::Ward,
        Origin::EmergencyRoom => TransitionOrigin::EmergencyRoom,
        Origin::FamilyDoctor => TransitionOrigin::PrimaryCare,
        Origin::HomeCare => TransitionOrigin::HomeCare,
        Origin::SocialServices => TransitionOrigin::SocialServices,
        Origin::JudicialAuthority => TransitionOrigin::Court,
    }
}

/// The rules' word for an origin.
pub(super) fn origin_in(origin: TransitionOrigin) -> Origin {
    match origin {
        TransitionOrigin::Ward => Origin::Ward,
        TransitionOrigin::EmergencyRoom => Origin::EmergencyRoom,
        TransitionOrigin::PrimaryCare => Origin::FamilyDoctor,
        TransitionOrigin::HomeCare => Origin::HomeCare,
        TransitionOrigin::SocialServices => Origin::SocialServices,
        TransitionOrigin::Court => Origin::JudicialAuthority,
    }
}

fn destination(destination: Destination) -> TransitionDestination {
    match destination {
        Destination::Home => TransitionDestination::Home,
        Destination::CommunityHouse => TransitionDestination::CommunityHouse,
        Destination::CommunityHospital => TransitionDestination::CommunityHospital,
        Destination::NursingHome => TransitionDestination::ResidentialCare,
        Destination::Hospice => TransitionDestination::Hospice,
    }
}

/// The rules' word for a destination.
pub(super) fn destination_in(destination: TransitionDestination) -> Destination {
    match destination {
        TransitionDestination::Home => Destination::Home,
        TransitionDestination::CommunityHouse => Destination::CommunityHouse,
        TransitionDestination::CommunityHospital => Destination::CommunityHospital,
        TransitionDestination::ResidentialCare => Destination::NursingHome,
        TransitionDestination::Hospice => Destination::Hospice,
    }
}
