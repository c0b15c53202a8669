//! The switches that make the region fail on demand (`R/_sandbox`), for tests and training.
//!
//! Rules answer in the place of a route, slow it down, or lose and spoil its answer; the clock can be wrong; tokens can
//! end; time can pass at the gateway. Rules live in memory: a restart begins without faults. Not in it: faults of the
//! calls, which tests make on the network.

mod layer;
mod switches;

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

pub(crate) use layer::{Connection, Door, apply};
pub(crate) use switches::router;

/// What is done to requests under a path.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rule {
    /// Beginning of the path, for example `/gateway/v1/documents`; empty means all.
    pub path: String,
    /// HTTP method; none means all.
    pub method: Option<String>,
    /// How many requests it still meets; none means all until it is removed.
    pub times: Option<u32>,
    /// Wait before anything else.
    pub latency_ms: u64,
    /// Answer with this status and do nothing.
    pub status: Option<u16>,
    /// `Retry-After` beside the status, seconds.
    pub retry_after: Option<u64>,
    /// What becomes of the answer.
    pub effect: Option<Effect>,
}

/// What becomes of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// The work is done and the connection closes without an answer.
    LoseReply,
    /// The connection closes and nothing is done.
    LoseRequest,
    /// A hotel's login page, with status 200.
    CaptivePortal,
    /// The first half of the answer, as if it were all.
    Truncate,
    /// One bit of the body changes on its way to the region.
    SpoilRequest,
}

/// The rules in force.
#[derive(Debug, Default)]
pub struct Faults {
    rules: Mutex<Vec<Rule>>,
}

impl Faults {
    /// Replaces all rules.
    pub fn set(&self, rules: Vec<Rule>) {
        *self.rules() = rules;
    }

    /// Adds a rule after the others.
    pub fn add(&self, rule: Rule) {
        self.rules().push(rule);
    }

    /// The rules in force.
    pub fn current(&self) -> Vec<Rule> {
        self.rules().clone()
    }

    /// The first rule that meets a request, counted down.
    pub(crate) fn meet(&self, method: &str, path: &str) -> Option<Rule> {
        if path.starts_with("/_sandbox") {
            return None;
        }
        let mut rules = self.rules();
        let position = rules.iter().position(|rule| {
            path.starts_with(&rule.path)
                && rule
                    .method
                    .as_deref()
                    .is_none_or(|m| m.eq_ignore_ascii_case(method))
                && rule.times != Some(0)
        })?;
        let rule = rules.get_mut(position)?;
        rule.times = rule.times.map(|times| times - 1);
        let met = rule.clone();
        if rule.times == Some(0) {
            rules.remove(position);
        }
        Some(met)
    }

    fn rules(&self) -> MutexGuard<'_, Vec<Rule>> {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_meets_its_path_as_often_as_it_says_and_never_the_switches() {
        let faults = Faults::default();
        faults.set(vec![
            Rule {
                path: "/fhir".into(),
                method: Some("post".into()),
                times: Some(2),
                ..Rule::default()
            },
            Rule {
                path: "/fhir/Task".into(),
                latency_ms: 5,
                ..Rule::default()
            },
        ]);
        assert!(faults.meet("GET", "/fhir/Patient").is_none());
        assert_eq!(faults.meet("POST", "/fhir/Task").map(|r| r.latency_ms), Some(0));
        assert_eq!(faults.meet("POST", "/fhir/Task").map(|r| r.latency_ms), Some(0));
        assert_eq!(
            faults.meet("POST", "/fhir/Task").map(|r| r.latency_ms),
            Some(5),
            "the first rule is used up"
        );
        assert_eq!(faults.current().len(), 1);
        faults.set(vec![Rule::default()]);
        assert!(
            faults.meet("PUT", "/_sandbox/faults").is_none(),
            "nobody could switch it off again"
        );
        assert!(faults.meet("GET", "/health").is_some());
    }
}
