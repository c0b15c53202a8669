//! What a region decides about its COTs, as data: the ladder of escalation, the time a case may stay in a column, how many
//! cases an operator has at most, and the checklist of each path.
//!
//! The values that ship are in `assets/cot`; a region replaces either file with its own. Not in it: where a region's files lie,
//! and telling the coordinator (`workflow`).
//!
//! Sources: DM 77/2022, allegato 1, § 8 (the COT follows the transitions); the thresholds are this program's own defaults.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use crate::{CheckItem, Destination, Origin, Transition, TransitionState};

/// Longest code of a rung, in bytes.
const CODE: usize = 64;

/// Most items of a checklist.
const ITEMS: usize = 40;

/// Longest item, in characters.
const WORDS: usize = 200;

/// A rung of the ladder: what happens when nobody has taken a case for so long.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rung {
    /// Its name, written with the escalation.
    pub code: String,
    /// Minutes since the report.
    pub after_minutes: u32,
    /// Whether the coordinator is told.
    pub coordinator: bool,
}

/// Why a region's file is refused, without its words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// Not JSON, or not in the form of the file.
    #[error("not in the form of the file at line {line}, column {column}")]
    Form {
        /// From 1.
        line: usize,
        /// From 1; 0 at the start of a line.
        column: usize,
    },
    /// A rung without a code of letters, digits, `-` or `_` (at most 64), or a code twice. Counted from 1, as in the file.
    #[error("rung {0} has no code of its own")]
    Rung(usize),
    /// A name that is no column of the board.
    #[error("hours are given to a column that there is not")]
    Column,
    /// Nobody could have a case.
    #[error("an operator may have no case")]
    NoCases,
    /// An unknown destination, a path twice, no item, more than 40, an item empty, twice, longer than 200 characters or with a
    /// `|`, which ends the date on the wire. Counted from 1.
    #[error("path {0} is not sound")]
    Path(usize),
}

impl PolicyError {
    fn form(error: &serde_json::Error) -> Self {
        Self::Form {
            line: error.line(),
            column: error.column(),
        }
    }
}

/// How urgent a case has become.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// Nothing is late.
    None,
    /// To be looked at.
    Attention,
    /// Past its threshold.
    Late,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ladder {
    unassigned: Vec<Rung>,
    hours_in_state: BTreeMap<String, u32>,
    cases_per_operator: u32,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Path {
    from_hospital: bool,
    destination: String,
    items: Vec<String>,
}

impl Path {
    fn is_sound(&self) -> bool {
        let mut names = BTreeSet::new();
        Destination::ALL
            .into_iter()
            .any(|destination| destination.code() == self.destination)
            && (1..=ITEMS).contains(&self.items.len())
            && self.items.iter().all(|name| {
                !name.trim().is_empty()
                    && !name.contains('|')
                    && name.chars().count() <= WORDS
                    && names.insert(name)
            })
    }
}

/// The policy of a COT.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    ladder: Ladder,
    paths: Vec<Path>,
}

static SHIPPED: LazyLock<Policy> = LazyLock::new(|| {
    // Held readable by this module's tests; without it nothing escalates and no checklist is proposed.
    Policy::read(
        include_str!("../../../../assets/cot/escalation.json"),
        include_str!("../../../../assets/cot/paths.json"),
    )
    .unwrap_or_default()
});

impl Policy {
    /// The one that ships.
    pub fn shipped() -> &'static Self {
        &SHIPPED
    }

    /// From the two files of data.
    pub fn read(ladder: &str, paths: &str) -> Result<Self, PolicyError> {
        Self::default().with_ladder(ladder)?.with_paths(paths)
    }

    /// The same with another ladder, whole or not at all.
    pub fn with_ladder(&self, text: &str) -> Result<Self, PolicyError> {
        let mut ladder: Ladder = serde_json::from_str(text).map_err(|error| PolicyError::form(&error))?;
        let mut codes = BTreeSet::new();
        for (n, rung) in (1..).zip(&ladder.unassigned) {
            let fits = (1..=CODE).contains(&rung.code.len())
                && rung
                    .code
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
            if !fits || !codes.insert(&rung.code) {
                return Err(PolicyError::Rung(n));
            }
        }
        let columns = TransitionState::ALL.map(|state| crate::fhir::column(state).0);
        if !ladder
            .hours_in_state
            .keys()
            .all(|name| columns.contains(&name.as_str()))
        {
            return Err(PolicyError::Column);
        }
        if ladder.cases_per_operator == 0 {
            return Err(PolicyError::NoCases);
        }
        ladder.unassigned.sort_by_key(|rung| rung.after_minutes);
        Ok(Self {
            ladder,
            ..self.clone()
        })
    }

    /// The same with other checklists, whole or not at all. A path that is not in them has none.
    pub fn with_paths(&self, text: &str) -> Result<Self, PolicyError> {
        let paths: Vec<Path> = serde_json::from_str(text).map_err(|error| PolicyError::form(&error))?;
        let mut known = BTreeSet::new();
        for (n, path) in (1..).zip(&paths) {
            if !path.is_sound() || !known.insert((path.from_hospital, &path.destination)) {
                return Err(PolicyError::Path(n));
            }
        }
        Ok(Self {
            paths,
            ..self.clone()
        })
    }

    /// Open cases that one operator should have at most.
    pub fn cases_per_operator(&self) -> u32 {
        self.ladder.cases_per_operator
    }

    /// The checklist of a path, nothing done yet.
    pub fn checklist(&self, origin: Origin, destination: Destination) -> Vec<CheckItem> {
        self.paths
            .iter()
            .find(|path| path.from_hospital == origin.is_hospital() && path.destination == destination.code())
            .into_iter()
            .flat_map(|path| &path.items)
            .map(|name| CheckItem {
                name: name.clone(),
                done_at: None,
            })
            .collect()
    }

    /// The highest rung that a case without operator has reached.
    pub fn rung(&self, case: &Transition, now: Timestamp) -> Option<&Rung> {
        let waited = case.unassigned_for(now)?;
        self.ladder
            .unassigned
            .iter()
            .rev()
            .find(|rung| waited >= minutes(rung.after_minutes))
    }

    /// When something about a case is due: the next call-back, the coordinator's threshold while nobody has it, the time that
    /// it may stay in its column. `since` is when it came into the column. `None` for a closed case.
    pub fn due(&self, case: &Transition, since: Timestamp) -> Option<Timestamp> {
        if case.state == TransitionState::Closed {
            return None;
        }
        let call_back = case.call_back().map(|(_, at)| at);
        [call_back, self.limit(case, since)]
            .into_iter()
            .flatten()
            .min()
            // Data without a limit: the oldest first.
            .or(Some(case.reported_at))
    }

    /// How urgent a case is.
    pub fn urgency(&self, case: &Transition, since: Timestamp, now: Timestamp) -> Urgency {
        if case.state == TransitionState::Closed {
            return Urgency::None;
        }
        let rung = match self.rung(case, now) {
            Some(rung) if rung.coordinator => Urgency::Late,
            Some(_) => Urgency::Attention,
            None => Urgency::None,
        };
        let call = case.call_back().is_some_and(|(_, at)| at <= now);
        let stays = case.owner.is_some() && self.limit(case, since).is_some_and(|at| at <= now);
        rung.max(if call { Urgency::Late } else { Urgency::None })
            .max(if stays { Urgency::Attention } else { Urgency::None })
    }

    fn limit(&self, case: &Transition, since: Timestamp) -> Option<Timestamp> {
        if case.owner.is_none() {
            let rungs = &self.ladder.unassigned;
            let rung = rungs.iter().find(|rung| rung.coordinator).or(rungs.last())?;
            return case.reported_at.checked_add(minutes(rung.after_minutes)).ok();
        }
        let hours = self
            .ladder
            .hours_in_state
            .get(crate::fhir::column(case.state).0)?;
        since
            .checked_add(SignedDuration::from_hours(i64::from(*hours)))
            .ok()
    }
}

fn minutes(n: u32) -> SignedDuration {
    SignedDuration::from_mins(i64::from(n))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::tests::case;
    use crate::{Call, CallResult, LogEntry};

    fn t(minute: i64) -> Timestamp {
        Timestamp::from_second(minute * 60).unwrap()
    }

    #[test]
    fn the_shipped_data_is_read_and_has_a_checklist_for_every_path() {
        let policy = Policy::read(
            include_str!("../../../../assets/cot/escalation.json"),
            include_str!("../../../../assets/cot/paths.json"),
        )
        .unwrap();
        assert!(policy.cases_per_operator() > 0);
        assert!(policy.ladder.unassigned.iter().any(|rung| rung.coordinator));
        for state in ["assessing", "protected_discharge", "territory_confirmation"] {
            assert!(policy.ladder.hours_in_state.contains_key(state), "{state}");
        }
        for origin in Origin::ALL {
            for destination in Destination::ALL {
                let list = policy.checklist(origin, destination);
                assert!(list.len() >= 3, "{origin:?} to {destination:?}");
                assert!(
                    list.iter().all(|item| !item.name.contains('|')),
                    "the bar ends the date on the wire"
                );
            }
        }
    }

    #[test]
    fn a_region_s_ladder_is_taken_whole_or_refused_whole() {
        let ladder = |rungs: &str, hours: &str, cases: u32| {
            format!(
                r#"{{"unassigned": [{rungs}], "hours_in_state": {{{hours}}}, "cases_per_operator": {cases}}}"#
            )
        };
        let rung = |code: &str| format!(r#"{{"code": "{code}", "after_minutes": 30, "coordinator": true}}"#);
        let shipped = Policy::shipped();
        let own = shipped
            .with_ladder(&ladder(&rung("subito"), r#""assessing": 4"#, 3))
            .unwrap();
        assert_eq!(own.rung(&case(), t(30)).unwrap().code, "subito");
        assert_eq!(own.cases_per_operator(), 3);
        assert_eq!(
            own.checklist(Origin::Ward, Destination::Home),
            shipped.checklist(Origin::Ward, Destination::Home),
            "the checklists went with the ladder"
        );
        let twice = format!("{},{}", rung("a"), rung("a"));
        for (text, refusal) in [
            (ladder(&twice, "", 8), PolicyError::Rung(2)),
            (ladder(&rung("due parole"), "", 8), PolicyError::Rung(1)),
            (ladder(&rung(""), "", 8), PolicyError::Rung(1)),
            (ladder("", r#""assesing": 4"#, 8), PolicyError::Column),
            (ladder("", "", 0), PolicyError::NoCases),
        ] {
            assert_eq!(shipped.with_ladder(&text).unwrap_err(), refusal, "{text}");
        }
        let odd = "{\"unassigned\": [], \"hours_in_state\": {}, \"cases_per_operator\": 8,\n\"hour\": 1}";
        let misspelt = shipped.with_ladder(odd).unwrap_err();
        assert!(
            matches!(misspelt, PolicyError::Form { line: 2, .. }),
            "a misspelt threshold is silently ignored: {misspelt:?}"
        );
        assert!(
            !misspelt.to_string().contains("hour"),
            "words of the file in an error"
        );
    }

    #[test]
    fn a_region_s_checklists_are_taken_whole_or_refused_whole() {
        let path = |destination: &str, items: &[&str]| {
            serde_json::json!({"from_hospital": true, "destination": destination, "items": items}).to_string()
        };
        let shipped = Policy::shipped();
        let own = shipped
            .with_paths(&format!("[{}]", path("hospice", &["Posto", "Familiari"])))
            .unwrap();
        assert_eq!(own.checklist(Origin::Ward, Destination::Hospice).len(), 2);
        assert!(own.checklist(Origin::Ward, Destination::Home).is_empty());
        assert_eq!(own.cases_per_operator(), shipped.cases_per_operator());
        let good = path("home", &["Posto"]);
        let many: Vec<String> = (0..=ITEMS).map(|n| n.to_string()).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        let long = "è".repeat(WORDS + 1);
        for bad in [
            path("casa", &["Posto"]),
            path("hospice", &[]),
            path("hospice", &["Posto", "Posto"]),
            path("hospice", &[" "]),
            path("hospice", &["Posto | letto"]),
            path("hospice", &[&long]),
            path("hospice", &many),
            good.clone(),
        ] {
            let refused = shipped.with_paths(&format!("[{good},{bad}]")).unwrap_err();
            assert_eq!(refused, PolicyError::Path(2), "{bad}");
        }
    }

    #[test]
    fn a_case_without_operator_climbs_the_ladder_and_comes_down_when_taken() {
        let policy = Policy::shipped();
        let mut case = case();
        assert_eq!(policy.urgency(&case, t(0), t(59)), Urgency::None);
        assert_eq!(policy.urgency(&case, t(0), t(60)), Urgency::Attention);
        assert!(!policy.rung(&case, t(119)).unwrap().coordinator);
        assert!(policy.rung(&case, t(120)).unwrap().coordinator);
        assert_eq!(policy.urgency(&case, t(0), t(120)), Urgency::Late);
        assert_eq!(policy.due(&case, t(0)), Some(t(120)));
        case.claim("a").unwrap();
        assert_eq!(policy.rung(&case, t(999)), None);
        assert_eq!(policy.urgency(&case, t(900), t(999)), Urgency::None);
        assert_eq!(
            policy.urgency(&case, t(0), t(48 * 60)),
            Urgency::Attention,
            "too long in its column"
        );
    }

    #[test]
    fn a_call_back_comes_before_the_column_s_time_and_is_late_at_its_hour() {
        let policy = Policy::shipped();
        let mut case = case();
        case.claim("a").unwrap();
        let call = |id: &str, result| LogEntry {
            id: id.into(),
            by: "a".into(),
            by_name: None,
            at: t(1),
            call: Some(Call {
                whom: "Figlia".into(),
                result,
            }),
            escalation: None,
            text: "".into(),
        };
        case.log(call("1", CallResult::CallBack { at: t(30) })).unwrap();
        assert_eq!(policy.due(&case, t(0)), Some(t(30)));
        assert_eq!(policy.urgency(&case, t(0), t(29)), Urgency::None);
        assert_eq!(policy.urgency(&case, t(0), t(30)), Urgency::Late);
        case.log(LogEntry {
            at: t(31),
            ..call("2", CallResult::Reached)
        })
        .unwrap();
        assert_eq!(policy.due(&case, t(0)), Some(t(48 * 60)), "followed up");
    }
}
