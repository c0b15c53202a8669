//! FHIR search: whether a resource matches the parameters of a query.
//!
//! The parameters themselves are in `parameters`. An unknown one is refused and not
//! ignored, so that a mistake of a client shows. Dates without an hour are days of Italy. Not in it: paging and
//! included resources (`rest`).

use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde_json::Value;

use crate::fhir::parameters::{Kind, Parameter, parameter, types};
use crate::fhir::store::{Entry, StoreError};

/// Finds what a reference names, for chained parameters.
pub(crate) trait Resolver {
    fn resolve(&self, kind: &str, id: &str) -> Option<Arc<Entry>>;
}

/// `meta.lastUpdated` as text, which sorts by time.
pub(crate) fn last_updated(resource: &Value) -> &str {
    resource["meta"]["lastUpdated"].as_str().unwrap_or_default()
}

/// The parameters of one search, read.
pub(crate) struct Criteria(Vec<Criterion>);

struct Criterion {
    parameter: &'static Parameter,
    test: Test,
}

enum Test {
    Missing(bool),
    Any(Vec<Wanted>),
    Not(Vec<Wanted>),
    /// The referenced resource matches.
    Chain(Vec<(&'static str, Criteria)>),
}

enum Wanted {
    Token {
        system: Option<String>,
        code: Option<String>,
    },
    Reference {
        kind: Option<String>,
        id: String,
    },
    Identifier {
        system: Option<String>,
        code: Option<String>,
    },
    Date {
        prefix: Prefix,
        from: Timestamp,
        to: Timestamp,
    },
    Starts(String),
    Contains(String),
    Exact(String),
}

#[derive(Clone, Copy)]
enum Prefix {
    Equal,
    NotEqual,
    After,
    FromOn,
    Before,
    UpTo,
}

impl Criteria {
    /// Reads the parameters of a search of this type.
    pub(crate) fn read(resource_type: &str, pairs: &[(&str, &str)]) -> Result<Self, StoreError> {
        pairs
            .iter()
            .map(|(name, value)| criterion(resource_type, name, value))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Whether all of them hold.
    pub(crate) fn matches(&self, resource: &Value, resolver: &dyn Resolver) -> bool {
        self.0.iter().all(|c| c.matches(resource, resolver))
    }
}

fn criterion(resource_type: &str, name: &str, value: &str) -> Result<Criterion, StoreError> {
    let unknown = || StoreError::UnknownParameter(name.to_owned());
    let bad = || StoreError::BadParameter(name.to_owned());
    let (path, modifier) = match name.split_once(':') {
        Some((path, modifier)) if !modifier.contains('.') => (path, Some(modifier)),
        _ => (name, None),
    };
    if let Some((link, rest)) = path.split_once('.') {
        let (link, only) = link.split_once(':').map_or((link, None), |(l, k)| (l, Some(k)));
        let parameter = parameter(resource_type, link)
            .filter(|p| p.kind == Kind::Reference)
            .ok_or_else(unknown)?;
        let chained = types()
            .filter(|kind| only.is_none_or(|o| o == *kind))
            .filter_map(|kind| Some((kind, Criteria(vec![criterion(kind, rest, value).ok()?]))))
            .collect::<Vec<_>>();
        if chained.is_empty() {
            return Err(unknown());
        }
        return Ok(Criterion {
            parameter,
            test: Test::Chain(chained),
        });
    }
    let parameter = parameter(resource_type, path).ok_or_else(unknown)?;
    if modifier == Some("missing") {
        return Ok(Criterion {
            parameter,
            test: Test::Missing(value.parse().map_err(|_| bad())?),
        });
    }
    let wanted = alternatives(value)
        .into_iter()
        .map(|v| wanted(parameter.kind, modifier, &v).ok_or_else(bad))
        .collect::<Result<Vec<_>, _>>()?;
    let test = if modifier == Some("not") {
        Test::Not(wanted)
    } else {
        Test::Any(wanted)
    };
    Ok(Criterion { parameter, test })
}

/// Values separated by commas, `\,` being a comma of the value.
fn alternatives(value: &str) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        let Some(last) = all.last_mut() else { break };
        match c {
            '\\' => last.extend(chars.next()),
            ',' => all.push(String::new()),
            _ => last.push(c),
        }
    }
    all
}

fn wanted(kind: Kind, modifier: Option<&str>, value: &str) -> Option<Wanted> {
    let pair = || match value.split_once('|') {
        Some((system, code)) => (
            Some(system.to_owned()),
            (!code.is_empty()).then(|| code.to_owned()),
        ),
        None => (None, Some(value.to_owned())),
    };
    match (kind, modifier) {
        (Kind::Token, None | Some("not")) => {
            let (system, code) = pair();
            Some(Wanted::Token { system, code })
        }
        (Kind::Reference, Some("identifier")) => {
            let (system, code) = pair();
            Some(Wanted::Identifier { system, code })
        }
        (Kind::Reference, modifier) => {
            let (kind, id) = reference_parts(value);
            Some(Wanted::Reference {
                kind: kind.or(modifier).map(str::to_owned),
                id: id.to_owned(),
            })
        }
        (Kind::Text, None) => Some(Wanted::Starts(value.to_lowercase())),
        (Kind::Text, Some("contains")) => Some(Wanted::Contains(value.to_lowercase())),
        (Kind::Text, Some("exact")) => Some(Wanted::Exact(value.to_owned())),
        (Kind::Date, None) => {
            let (prefix, rest) = match value.get(..2) {
                Some("eq") => (Prefix::Equal, &value[2..]),
                Some("ne") => (Prefix::NotEqual, &value[2..]),
                Some("gt" | "sa") => (Prefix::After, &value[2..]),
                Some("ge") => (Prefix::FromOn, &value[2..]),
                Some("lt" | "eb") => (Prefix::Before, &value[2..]),
                Some("le") => (Prefix::UpTo, &value[2..]),
                _ => (Prefix::Equal, value),
            };
            let (from, to) = range(rest)?;
            Some(Wanted::Date { prefix, from, to })
        }
        _ => None,
    }
}

/// Type and id of a reference (`Patient/1`, an address ending so, or the bare id).
pub(crate) fn reference_parts(reference: &str) -> (Option<&str>, &str) {
    let reference = reference.split("/_history/").next().unwrap_or(reference);
    match reference.rsplit_once('/') {
        Some((before, id)) => (before.rsplit('/').next(), id),
        None => (None, reference),
    }
}

fn italy() -> TimeZone {
    TimeZone::get("Europe/Rome").unwrap_or(TimeZone::UTC)
}

/// The stretch of time that a FHIR date of any precision covers: from, and the first moment after.
pub(crate) fn range(text: &str) -> Option<(Timestamp, Timestamp)> {
    // A plus of an offset arrives as a space where a client did not escape it.
    let text = text.replace(' ', "+");
    if text.contains('T') {
        let from = text.parse::<Timestamp>().ok().or_else(|| {
            let local: jiff::civil::DateTime = text.parse().ok()?;
            local.to_zoned(italy()).ok().map(|z| z.timestamp())
        })?;
        let step = if text.contains('.') {
            SignedDuration::from_millis(1)
        } else {
            SignedDuration::from_secs(1)
        };
        return Some((from, from.checked_add(step).ok()?));
    }
    let parts: Vec<i16> = text.split('-').map(|p| p.parse().ok()).collect::<Option<_>>()?;
    let (first, next) = match parts[..] {
        [year] => {
            let first = Date::new(year, 1, 1).ok()?;
            (first, first.checked_add(1.year()).ok()?)
        }
        [year, month] => {
            let first = Date::new(year, i8::try_from(month).ok()?, 1).ok()?;
            (first, first.checked_add(1.month()).ok()?)
        }
        [year, month, day] => {
            let first = Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
            (first, first.checked_add(1.day()).ok()?)
        }
        _ => return None,
    };
    let zone = italy();
    let at = |day: Date| day.to_zoned(zone.clone()).ok().map(|z| z.timestamp());
    Some((at(first)?, at(next)?))
}

impl Criterion {
    fn matches(&self, resource: &Value, resolver: &dyn Resolver) -> bool {
        let values = self.parameter.values(resource);
        match &self.test {
            Test::Missing(missing) => values.is_empty() == *missing,
            Test::Any(wanted) => values.iter().any(|v| wanted.iter().any(|w| w.matches(v))),
            Test::Not(wanted) => !values.iter().any(|v| wanted.iter().any(|w| w.matches(v))),
            Test::Chain(chained) => values.iter().any(|value| {
                let (kind, id) = reference_parts(value["reference"].as_str().unwrap_or_default());
                chained
                    .iter()
                    .filter(|(of, _)| kind == Some(*of))
                    .any(|(of, criteria)| {
                        resolver
                            .resolve(of, id)
                            .is_some_and(|e| criteria.matches(&e.resource, resolver))
                    })
            }),
        }
    }
}

/// References that a parameter of a type finds in a resource (for `_include`); nothing when it is not a reference.
pub(crate) fn references(resource_type: &str, name: &str, resource: &Value) -> Option<Vec<(String, String)>> {
    let parameter = parameter(resource_type, name).filter(|p| p.kind == Kind::Reference)?;
    let found = parameter
        .values(resource)
        .into_iter()
        .filter_map(|v| {
            let (kind, id) = reference_parts(v["reference"].as_str()?);
            Some((kind?.to_owned(), id.to_owned()))
        })
        // `patient` and `practitioner` name one kind of actor only.
        .filter(|(kind, _)| match name {
            "patient" => kind == "Patient",
            "practitioner" => kind.starts_with("Practitioner"),
            _ => true,
        })
        .collect();
    Some(found)
}

/// What a parameter sorts by; nothing for a parameter that is unknown or cannot sort.
pub(crate) fn sort_key(resource_type: &str, name: &str, resource: &Value) -> Option<String> {
    let parameter = parameter(resource_type, name)?;
    let first = parameter.values(resource).into_iter().next();
    Some(match (parameter.kind, first) {
        (_, None) => String::new(),
        (Kind::Date, Some(value)) => moments(value)
            .map(|(from, _)| crate::fhir::store::instant(from))
            .unwrap_or_default(),
        (_, Some(Value::String(text))) => text.to_lowercase(),
        (_, Some(value)) => value["reference"]
            .as_str()
            .or(value["value"].as_str())
            .unwrap_or_default()
            .to_owned(),
    })
}

fn moments(value: &Value) -> Option<(Timestamp, Timestamp)> {
    match value {
        Value::String(text) => range(text),
        period => {
            let start = period["start"]
                .as_str()
                .and_then(range)
                .map_or(Timestamp::MIN, |(from, _)| from);
            let end = period["end"]
                .as_str()
                .and_then(range)
                .map_or(Timestamp::MAX, |(_, to)| to);
            Some((start, end))
        }
    }
}

impl Wanted {
    fn matches(&self, value: &Value) -> bool {
        match self {
            Self::Token { system, code } => token_matches(value, system.as_deref(), code.as_deref()),
            Self::Identifier { system, code } => {
                token_matches(&value["identifier"], system.as_deref(), code.as_deref())
            }
            Self::Reference { kind, id } => {
                let Some(reference) = value["reference"].as_str() else {
                    return false;
                };
                let (stored_kind, stored_id) = reference_parts(reference);
                stored_id == id && kind.as_deref().is_none_or(|k| stored_kind == Some(k))
            }
            Self::Date { prefix, from, to } => {
                let Some((start, end)) = moments(value) else {
                    return false;
                };
                match prefix {
                    Prefix::Equal => *from <= start && end <= *to,
                    Prefix::NotEqual => !(*from <= start && end <= *to),
                    // Greater than means later than the whole stretch that was named.
                    Prefix::After => end > *to && start >= *to || is_point_after(start, end, *from, *to),
                    Prefix::FromOn => end > *from,
                    Prefix::Before => start < *from,
                    Prefix::UpTo => start < *to,
                }
            }
            Self::Starts(wanted) => value.as_str().is_some_and(|text| {
                let text = text.to_lowercase();
                text.starts_with(wanted) || text.split_whitespace().any(|word| word.starts_with(wanted))
            }),
            Self::Contains(wanted) => value
                .as_str()
                .is_some_and(|text| text.to_lowercase().contains(wanted)),
            Self::Exact(wanted) => value.as_str() == Some(wanted),
        }
    }
}

/// `gt` between two instants: the milliseconds decide, not the width of a second written without them.
fn is_point_after(start: Timestamp, end: Timestamp, from: Timestamp, to: Timestamp) -> bool {
    let narrow = SignedDuration::from_secs(1);
    end.duration_since(start) <= narrow && to.duration_since(from) <= narrow && start > from
}

fn token_matches(value: &Value, system: Option<&str>, code: Option<&str>) -> bool {
    let one = |stored_system: Option<&str>, stored: Option<&str>| {
        let system_matches = match system {
            None => true,
            Some("") => stored_system.is_none(),
            Some(wanted) => stored_system == Some(wanted),
        };
        system_matches && code.is_none_or(|wanted| stored == Some(wanted))
    };
    match value {
        Value::String(text) => code == Some(text) && system.is_none_or(str::is_empty),
        Value::Bool(flag) => code == Some(if *flag { "true" } else { "false" }),
        Value::Object(object) => {
            if let Some(codings) = object.get("coding").and_then(Value::as_array) {
                codings
                    .iter()
                    .any(|c| one(c["system"].as_str(), c["code"].as_str()))
                    || (system.is_none()
                        && object.get("text").and_then(Value::as_str) == code
                        && code.is_some())
            } else if object.contains_key("text") {
                system.is_none() && object["text"].as_str() == code
            } else {
                one(
                    value["system"].as_str(),
                    value["value"].as_str().or(value["code"].as_str()),
                )
            }
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    struct Nothing;
    impl Resolver for Nothing {
        fn resolve(&self, _kind: &str, _id: &str) -> Option<Arc<Entry>> {
            None
        }
    }

    fn holds(kind: &str, resource: &Value, name: &str, value: &str) -> bool {
        Criteria::read(kind, &[(name, value)])
            .expect("a criterion")
            .matches(resource, &Nothing)
    }

    #[test]
    fn tokens_dates_references_and_names_are_matched_as_fhir_says() {
        let appointment = json!({"resourceType": "Appointment", "status": "booked", "start": "2026-11-21T09:30:00+01:00",
            "identifier": [{"system": "http://hl7.it/sid/cup", "value": "A1"}],
            "participant": [{"actor": {"reference": "Patient/p1"}}, {"actor": {"reference": "PractitionerRole/r1"}}],
            "meta": {"lastUpdated": "2026-11-21T08:00:00.500Z"}});
        for (name, value, expected) in [
            ("identifier", "http://hl7.it/sid/cup|A1", true),
            ("identifier", "A1", true),
            ("identifier", "http://other|A1", false),
            ("identifier", "http://hl7.it/sid/cup|", true),
            ("status", "arrived,booked", true),
            ("status:not", "booked", false),
            ("actor", "PractitionerRole/r1", true),
            ("actor", "Practitioner/r1", false),
            ("actor", "r1", true),
            ("date", "2026-11-21", true),
            ("date", "2026-11-20", false),
            ("date", "ge2026-11-21", true),
            ("date", "lt2026-11-21", false),
            ("date", "gt2026-11-21", false),
            ("date", "gt2026-11-20", true),
            ("date", "2026-11-21T08:30:00Z", true),
            ("_lastUpdated", "gt2026-11-21T08:00:00.500Z", false),
            ("_lastUpdated", "gt2026-11-21T08:00:00.499Z", true),
            ("_lastUpdated", "gt2026-11-21T08:00:00Z", true),
            ("based-on:missing", "true", true),
        ] {
            assert_eq!(
                holds("Appointment", &appointment, name, value),
                expected,
                "{name}={value}"
            );
        }
        let patient = json!({"name": [{"family": "De Rosa", "given": ["Assunta", "Maria"]}], "birthDate": "1955-03-12"});
        for (name, value, expected) in [
            ("name", "mar", true),
            ("name", "rosa", true),
            ("name", "sunta", false),
            ("name:contains", "sunta", true),
        ] {
            assert_eq!(
                holds("Patient", &patient, name, value),
                expected,
                "{name}={value}"
            );
        }
    }

    proptest::proptest! {
        #[test]
        fn foreign_queries_never_panic(name in "(_lastUpdated|identifier|status|date|actor|based-on|actor\\.name)(:[a-z]{0,8})?", value in "\\PC{0,30}") {
            if let Ok(criteria) = Criteria::read("Appointment", &[(&name, &value)]) {
                let _ = criteria.matches(&json!({"start": value, "status": value, "identifier": [{"value": value}]}), &Nothing);
            }
        }
    }

    #[test]
    fn what_is_unknown_or_unreadable_is_refused() {
        assert!(matches!(
            Criteria::read("Task", &[("colour", "red")]),
            Err(StoreError::UnknownParameter(_))
        ));
        for (name, value) in [
            ("date", "yesterday"),
            ("date", "2026-13"),
            ("date:exact", "2026"),
            ("status:missing", "x"),
        ] {
            let read = Criteria::read("Appointment", &[(name, value)]);
            assert!(
                matches!(read, Err(StoreError::BadParameter(_))),
                "{name}={value} was taken"
            );
        }
    }
}
