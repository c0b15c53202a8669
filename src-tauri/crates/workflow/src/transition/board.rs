//! `transition_board`, `transition_filter` and `handover_list`.
//!
//! A column is read a page at a time in the order of its clocks, and counted by the copy: what is not on screen costs
//! nothing. What was done here and is not in the copy yet is few, and laid over it. Not in it: a single case (`view`).

use std::collections::{BTreeMap, BTreeSet};

use ::transition::{HandoverState, TransitionState};
use cache::replica::{CasePage, CaseTable, OwnedBy};
use cache::{AuditAction, CaseRow};
use clinical::{PatientId, Role};
use contract::events::Tag;
use contract::transition::{
    EscalationView, HandoverListView, HandoverSheetView, OperatorLoadView, TransitionBoardView,
    TransitionColumnView, TransitionCountsView, TransitionFilterRequest, TransitionOwnerFilter,
};
use contract::{Answer, Failure};
use jiff::{SignedDuration, Timestamp};

use super::{Known, OPEN, escalate, view, word};
use crate::colleague::Directory;
use crate::core::{Core, blocking};
use crate::desk::Desk;
use crate::failure::OrFail;
use crate::views;

/// Cards of a column on the board as it opens.
const FIRST: u32 = 40;
/// Cards of a column at most.
const MOST: u32 = 1_000;
/// People looked through for a text.
const PEOPLE: u32 = 500;
/// Cases that a printed page holds.
const SHEET: u32 = 30;

impl Core {
    /// `transition_board`: open cases, what is due first in each column.
    pub async fn transition_board(&self) -> Answer<TransitionBoardView> {
        self.transition_filter(TransitionFilterRequest {
            limit: FIRST,
            ..TransitionFilterRequest::default()
        })
        .await
    }

    /// `transition_filter`.
    pub async fn transition_filter(&self, request: TransitionFilterRequest) -> Answer<TransitionBoardView> {
        let desk = self.desk()?;
        desk.allow(desk.role().works_transitions(), "transitions")?;
        blocking(move || Board::read(&desk, &request, Timestamp::now())).await
    }

    /// `handover_list`: offers that nobody has answered, to this person or from them, and those accepted of which this person
    /// has still to take note.
    pub async fn handover_list(&self) -> Answer<HandoverListView> {
        let desk = self.desk()?;
        desk.allow(desk.role().works_transitions(), "handovers")?;
        blocking(move || handovers(&desk)).await
    }
}

impl Core {
    /// `handover_sheet`.
    pub async fn handover_sheet(&self) -> Answer<HandoverSheetView> {
        let desk = self.desk()?;
        desk.allow(desk.role().works_transitions(), "handover-sheet")?;
        let worker = desk.clone();
        let sheet = blocking(move || {
            let now = Timestamp::now();
            let request = TransitionFilterRequest {
                owner: TransitionOwnerFilter::Mine,
                limit: SHEET,
                ..TransitionFilterRequest::default()
            };
            let board = Board::read(&worker, &request, now)?;
            let mut cards = board.cards;
            cards.sort_by(|a, b| a.due_at.cmp(&b.due_at));
            cards.truncate(SHEET as usize);
            worker.accessed(AuditAction::Exported, "handover-sheet")?;
            let shown = u32::try_from(cards.len()).unwrap_or(SHEET);
            Ok(HandoverSheetView {
                at: views::instant(now),
                operator: worker.practitioner.name.display(),
                structure: worker.assignment().structure.name,
                left_out: board.counts.mine.saturating_sub(shown),
                cards,
            })
        })
        .await?;
        self.changed(&[Tag::Audit]);
        Ok(sheet)
    }
}

/// What a filter lets through.
struct Board<'a> {
    desk: &'a Desk,
    me: String,
    now: Timestamp,
    owner: TransitionOwnerFilter,
    opened_before: Option<Timestamp>,
    patients: Option<Vec<PatientId>>,
    limit: u32,
}

impl<'a> Board<'a> {
    fn read(
        desk: &'a Desk,
        request: &TransitionFilterRequest,
        now: Timestamp,
    ) -> Result<TransitionBoardView, Failure> {
        let text = request.text.trim();
        let patients = if text.is_empty() {
            None
        } else {
            let found = desk.replica().search_patients(text, PEOPLE).or_fail()?;
            Some(found.into_iter().map(|patient| patient.id).collect())
        };
        let board = Self {
            desk,
            me: desk.assignment().id,
            now,
            owner: request.owner,
            opened_before: request.older_than_days.and_then(|days| {
                let span = SignedDuration::from_hours(24 * i64::from(days));
                now.checked_sub(span).ok()
            }),
            patients,
            limit: request.limit.clamp(1, MOST),
        };
        let traced = super::traced(desk)?;
        let directory = Directory::load(desk);
        let lines = desk.outbox().queue().or_fail()?;
        let (mut cards, mut columns) = (Vec::new(), Vec::new());
        let mut names = BTreeMap::new();
        let counted = board.counted(&traced)?;
        for state in OPEN {
            let (cases, more) = board.column(state, &traced)?;
            for known in &cases {
                names.extend(known.names());
                cards.extend(view::card(desk, known, &directory, &lines, now));
            }
            columns.push(TransitionColumnView {
                state: view::column(state),
                total: board.total(state, &counted),
                more,
            });
        }
        let late = states();
        let late = desk
            .replica()
            .cases_due(CaseTable::Transition, &late, now)
            .or_fail()?;
        let sum = |holds: &dyn Fn(&Option<String>) -> bool| {
            let of = counted.iter().filter(|((_, owner), _)| holds(owner));
            of.map(|(_, n)| u32::try_from(*n).unwrap_or(0)).sum()
        };
        let mut load: BTreeMap<&str, u32> = colleague_roles(desk, &directory);
        for ((_, owner), n) in &counted {
            if let Some(owner) = owner.as_deref().filter(|owner| *owner != board.me) {
                *load.entry(owner).or_default() += u32::try_from(*n).unwrap_or(0);
            }
        }
        let mut load: Vec<OperatorLoadView> = load
            .into_iter()
            .map(|(role, cases)| OperatorLoadView {
                name: directory.name(role, &names),
                cases,
            })
            .filter(|load| !load.name.is_empty() || load.cases > 0)
            .collect();
        load.sort_by(|a, b| (b.cases, &a.name).cmp(&(a.cases, &b.name)));
        let feed = desk.replica().cursor(crate::sync::TRANSITION_FEED).or_fail()?;
        Ok(TransitionBoardView {
            cards,
            columns,
            counts: TransitionCountsView {
                all: sum(&|_| true),
                mine: sum(&|owner| owner.as_deref() == Some(board.me.as_str())),
                free: sum(&Option::is_none),
                late,
            },
            load,
            most_each: desk.assets.policy.cases_per_operator(),
            escalations: escalations(desk, &directory, now)?,
            colleagues: colleagues(desk, &directory),
            as_of: feed.map(|feed| views::instant(feed.at)),
        })
    }

    /// A column's first cases in the order of their clocks, and whether there are more.
    fn column(
        &self,
        state: TransitionState,
        traced: &BTreeMap<String, Known>,
    ) -> Result<(Vec<Known>, bool), Failure> {
        // Those laid over may fall out of the page.
        let room = u32::try_from(traced.len()).unwrap_or(MOST);
        let page = CasePage {
            state: word(state),
            owner: match self.owner {
                TransitionOwnerFilter::Mine => OwnedBy::Role(&self.me),
                TransitionOwnerFilter::Free => OwnedBy::Nobody,
                TransitionOwnerFilter::All | TransitionOwnerFilter::Late => OwnedBy::Any,
            },
            due_before: (self.owner == TransitionOwnerFilter::Late).then_some(self.now),
            opened_before: self.opened_before,
            patients: self.patients.as_deref(),
            after: None,
            limit: self.limit.saturating_add(room).saturating_add(1),
        };
        let rows: Vec<CaseRow> = self
            .desk
            .replica()
            .case_page(CaseTable::Transition, &page)
            .or_fail()?;
        let mut cases: Vec<(Option<Timestamp>, Known)> = Vec::with_capacity(rows.len());
        for row in rows {
            if !traced.contains_key(&row.id) {
                let due = row.due_at;
                cases.extend(Known::of(self.desk, row, Vec::new()).map(|known| (due, known)));
            }
        }
        for known in traced.values().filter(|known| self.takes(known, state)) {
            cases.push((known.due(&self.desk.assets.policy), known.clone()));
        }
        cases.sort_by(|(a, one), (b, other)| {
            (a, one.transition.id.as_str()).cmp(&(b, other.transition.id.as_str()))
        });
        let most = self.limit as usize;
        let more = cases.len() > most;
        cases.truncate(most);
        Ok((cases.into_iter().map(|(_, known)| known).collect(), more))
    }

    fn takes(&self, known: &Known, state: TransitionState) -> bool {
        let case = &known.transition;
        let owned = match self.owner {
            TransitionOwnerFilter::All => true,
            TransitionOwnerFilter::Mine => case.owner.as_deref() == Some(self.me.as_str()),
            TransitionOwnerFilter::Free => case.owner.is_none(),
            TransitionOwnerFilter::Late => known
                .due(&self.desk.assets.policy)
                .is_some_and(|at| at < self.now),
        };
        let patients = self.patients.as_ref();
        owned
            && case.state == state
            && self.opened_before.is_none_or(|before| case.reported_at < before)
            && patients.is_none_or(|ids| ids.contains(&case.patient))
    }

    /// How many open cases each role has in each column, what was done here counted.
    fn counted(&self, traced: &BTreeMap<String, Known>) -> Result<Counted, Failure> {
        let mut counted: Counted = BTreeMap::new();
        for (state, owner, n) in self
            .desk
            .replica()
            .case_counts(CaseTable::Transition, &states())
            .or_fail()?
        {
            counted.insert((state, owner), i64::from(n));
        }
        for known in traced.values() {
            if let Some(stored) = &known.stored {
                let was = &stored.transition;
                if was.state != TransitionState::Closed {
                    *counted
                        .entry((word(was.state).to_owned(), was.owner.clone()))
                        .or_default() -= 1;
                }
            }
            let is = &known.transition;
            if is.state != TransitionState::Closed {
                *counted
                    .entry((word(is.state).to_owned(), is.owner.clone()))
                    .or_default() += 1;
            }
        }
        Ok(counted)
    }

    fn total(&self, state: TransitionState, counted: &Counted) -> Option<u32> {
        let mine = |owner: &Option<String>| owner.as_deref() == Some(self.me.as_str());
        if self.patients.is_some()
            || self.opened_before.is_some()
            || self.owner == TransitionOwnerFilter::Late
        {
            return None;
        }
        let sum: i64 = counted
            .iter()
            .filter(|((column, owner), _)| {
                column == word(state)
                    && match self.owner {
                        TransitionOwnerFilter::Mine => mine(owner),
                        TransitionOwnerFilter::Free => owner.is_none(),
                        TransitionOwnerFilter::All | TransitionOwnerFilter::Late => true,
                    }
            })
            .map(|(_, n)| n)
            .sum();
        u32::try_from(sum).ok()
    }
}

/// Column and owner.
type Counted = BTreeMap<(String, Option<String>), i64>;

fn states() -> Vec<&'static str> {
    OPEN.into_iter().map(word).collect()
}

fn escalations(desk: &Desk, directory: &Directory, now: Timestamp) -> Result<Vec<EscalationView>, Failure> {
    let mut list = Vec::new();
    for known in escalate::past_threshold(desk, now)? {
        let case = &known.transition;
        let Some(rung) = desk.assets.policy.rung(case, now) else {
            continue;
        };
        let (told, acknowledged) = case.escalated(&rung.code);
        let by = case.log.iter().find(|line| {
            matches!(&line.escalation, Some(::transition::Escalation::Acknowledged { rung: of }) if *of == rung.code)
        });
        list.push(EscalationView {
            transition_id: case.id.to_string(),
            waiting_since: views::instant(case.reported_at),
            threshold_minutes: rung.after_minutes,
            told_at: told.map(views::instant),
            acknowledged_at: acknowledged.map(views::instant),
            acknowledged_by: by.map(|line| match &line.by_name {
                Some(name) => name.expose().clone(),
                None => directory.name(&line.by, &known.names()),
            }),
        });
    }
    Ok(list)
}

pub(super) fn handovers(desk: &Desk) -> Result<HandoverListView, Failure> {
    let now = Timestamp::now();
    let directory = Directory::load(desk);
    let lines = desk.outbox().queue().or_fail()?;
    let me = desk.assignment().id;
    let mut handovers = Vec::new();
    for known in super::with_handover(desk)? {
        let mine = known
            .transition
            .handover
            .as_ref()
            .is_some_and(|offer| match offer.state {
                HandoverState::Offered => offer.to == me || offer.from == me,
                HandoverState::Accepted { .. } => offer.from == me,
                _ => false,
            });
        if mine {
            handovers.extend(view::handover(desk, &known, &directory, &lines, now));
        }
    }
    handovers.sort_by(|a, b| a.at.cmp(&b.at));
    Ok(HandoverListView { handovers })
}

/// Who may receive a case: the other operators of the same COT.
pub(super) fn colleagues(desk: &Desk, directory: &Directory) -> Vec<(String, String)> {
    let mine = desk.assignment();
    let mut list: Vec<(String, String)> = directory
        .all()
        .filter(|other| other.role == Role::CotOperator && other.id != mine.id)
        .filter(|other| other.structure == mine.structure.id.as_str())
        .map(|other| (other.id.clone(), other.name.clone()))
        .collect();
    list.sort_by(|a, b| a.1.cmp(&b.1));
    list
}

/// The colleagues' roles, nobody having a case yet.
fn colleague_roles<'a>(desk: &Desk, directory: &'a Directory) -> BTreeMap<&'a str, u32> {
    let known: BTreeSet<String> = colleagues(desk, directory)
        .into_iter()
        .map(|(role, _)| role)
        .collect();
    directory
        .all()
        .filter(|other| known.contains(&other.id))
        .map(|other| (other.id.as_str(), 0))
        .collect()
}
