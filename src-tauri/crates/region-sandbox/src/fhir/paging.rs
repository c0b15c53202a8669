//! One page of a search: order, `_count`, the link to the next page, `_include`.
//!
//! Pages in the order of `_lastUpdated` continue after the last resource shown, not after a number of them: a resource
//! that changes between two pages moves to the end and hides none. Other orders continue by number.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::fhir::access::Access;
use crate::fhir::outcome::Refusal;
use crate::fhir::search;
use crate::fhir::store::{Entry, Store, StoreError};

const DEFAULT_COUNT: usize = 50;
const MAX_COUNT: usize = 500;
/// Our own parameter in `next` links.
const CONTINUE: &str = "_continue";

#[derive(Default)]
struct Wishes {
    count: Option<usize>,
    sort: Vec<(String, bool)>,
    include: Vec<(String, String)>,
    continue_after: Option<String>,
    only_total: bool,
}

/// The searchset Bundle that answers a query.
pub(crate) fn bundle(
    store: &Store,
    access: &Access<'_>,
    base: &str,
    kind: &str,
    query: &str,
) -> Result<Value, Refusal> {
    let pairs: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes())
        .map(|(k, v)| (k.into_owned(), v.into_owned()))
        .collect();
    let (wishes, criteria) = read(kind, &pairs)?;
    let mut found = store.find(kind, &criteria)?;
    if !access.may_look_up(kind, &criteria) {
        found.retain(|entry| access.may_read(entry));
    }
    let total = found.len();
    order(kind, &wishes, &mut found)?;
    let by_change = wishes.sort.is_empty() || wishes.sort == [("_lastUpdated".to_owned(), false)];
    if let Some(after) = &wishes.continue_after {
        if by_change {
            found.retain(|e| search::last_updated(&e.resource) > after.as_str());
        } else {
            let skip = after
                .parse()
                .map_err(|_| StoreError::BadParameter(CONTINUE.to_owned()))?;
            found.drain(..found.len().min(skip));
        }
    }
    let count = if wishes.only_total {
        0
    } else {
        wishes.count.unwrap_or(DEFAULT_COUNT).min(MAX_COUNT)
    };
    let more = found.len() > count && count > 0;
    found.truncate(count);
    let mut links = vec![json!({"relation": "self", "url": format!("{base}/{kind}?{query}")})];
    if more && let Some(last) = found.last() {
        let after = if by_change {
            search::last_updated(&last.resource).to_owned()
        } else {
            let before = wishes
                .continue_after
                .as_deref()
                .and_then(|a| a.parse::<usize>().ok())
                .unwrap_or(0);
            (before + count).to_string()
        };
        let mut next = url::form_urlencoded::Serializer::new(String::new());
        next.extend_pairs(pairs.iter().filter(|(name, _)| name != CONTINUE));
        next.append_pair(CONTINUE, &after);
        links.push(json!({"relation": "next", "url": format!("{base}/{kind}?{}", next.finish())}));
    }
    let included = include(store, access, &wishes.include, &found)?;
    let shown = |entry: &Arc<Entry>, mode: &str| {
        let (kind, id) = (&entry.resource["resourceType"], &entry.resource["id"]);
        let full = format!(
            "{base}/{}/{}",
            kind.as_str().unwrap_or_default(),
            id.as_str().unwrap_or_default()
        );
        json!({"fullUrl": full, "resource": entry.resource, "search": {"mode": mode}})
    };
    let entries: Vec<Value> = found
        .iter()
        .map(|e| shown(e, "match"))
        .chain(included.iter().map(|e| shown(e, "include")))
        .collect();
    let mut bundle = json!({"resourceType": "Bundle", "type": "searchset", "total": total, "link": links});
    // An empty list is not allowed in FHIR's JSON.
    if !entries.is_empty() {
        bundle["entry"] = Value::Array(entries);
    }
    Ok(bundle)
}

/// Names and values that choose resources.
type Pairs<'a> = Vec<(&'a str, &'a str)>;

fn read<'a>(kind: &str, pairs: &'a [(String, String)]) -> Result<(Wishes, Pairs<'a>), StoreError> {
    let mut wishes = Wishes::default();
    let mut criteria = Vec::new();
    for (name, value) in pairs {
        let bad = || StoreError::BadParameter(name.clone());
        match name.as_str() {
            "_count" => wishes.count = Some(value.parse().map_err(|_| bad())?),
            "_sort" => {
                for key in value.split(',').filter(|k| !k.is_empty()) {
                    let (key, descending) = key.strip_prefix('-').map_or((key, false), |k| (k, true));
                    wishes.sort.push((key.to_owned(), descending));
                }
            }
            "_include" | "_include:iterate" => {
                let (of, parameter) = value.split_once(':').ok_or_else(bad)?;
                let parameter = parameter.split(':').next().unwrap_or_default();
                if search::references(of, parameter, &Value::Null).is_none() {
                    return Err(bad());
                }
                wishes.include.push((of.to_owned(), parameter.to_owned()));
            }
            "_summary" => wishes.only_total = value == "count",
            "_total" | "_format" | "_pretty" | "_elements" => {}
            CONTINUE => wishes.continue_after = Some(value.clone()),
            _ => criteria.push((name.as_str(), value.as_str())),
        }
    }
    for (key, _) in &wishes.sort {
        if search::sort_key(kind, key, &Value::Null).is_none() {
            return Err(StoreError::BadParameter("_sort".to_owned()));
        }
    }
    Ok((wishes, criteria))
}

fn order(kind: &str, wishes: &Wishes, found: &mut [Arc<Entry>]) -> Result<(), StoreError> {
    // Later keys first: the sort is stable.
    for (key, descending) in wishes.sort.iter().rev() {
        found.sort_by_cached_key(|e| search::sort_key(kind, key, &e.resource).unwrap_or_default());
        if *descending {
            found.reverse();
        }
    }
    Ok(())
}

fn include(
    store: &Store,
    access: &Access<'_>,
    wanted: &[(String, String)],
    found: &[Arc<Entry>],
) -> Result<Vec<Arc<Entry>>, StoreError> {
    let mut seen: BTreeSet<(String, String)> = BTreeSet::new();
    let mut included: Vec<Arc<Entry>> = Vec::new();
    let mut round: Vec<Arc<Entry>> = found.to_vec();
    // What is included may itself be named by another `_include`; two rounds reach all that the contract asks for.
    for _ in 0..2 {
        let mut next = Vec::new();
        for entry in &round {
            let of = entry.resource["resourceType"].as_str().unwrap_or_default();
            for (_, parameter) in wanted.iter().filter(|(kind, _)| kind == of) {
                for (kind, id) in search::references(of, parameter, &entry.resource).unwrap_or_default() {
                    let Some(target) = store.entry(&kind, &id) else {
                        continue;
                    };
                    if seen.insert((kind, id)) && access.may_read(&target) {
                        next.push(target);
                    }
                }
            }
        }
        included.extend(next.iter().cloned());
        round = next;
    }
    let shown: BTreeSet<(&str, &str)> = found.iter().map(|e| name_of(e)).collect();
    included.retain(|e| !shown.contains(&name_of(e)));
    Ok(included)
}

fn name_of(entry: &Entry) -> (&str, &str) {
    (
        entry.resource["resourceType"].as_str().unwrap_or_default(),
        entry.resource["id"].as_str().unwrap_or_default(),
    )
}
