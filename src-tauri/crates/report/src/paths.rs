//! Which field wrote which element, and the way back from an XPath of a gateway or a rule engine.

use serde::{Deserialize, Serialize};

use crate::FieldId;

/// Which field wrote which element of the document: recorded while it was written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PathMap {
    /// Element paths in document order, each with every position written out.
    pub(crate) entries: Vec<(String, FieldId)>,
}

impl PathMap {
    /// The field of an XPath as a gateway or a rule engine reports it: with or without prefixes, `Q{}` names,
    /// `*[local-name()='x']` steps and positions; the field of the longest recorded ancestor where the path
    /// itself was not written. None for what is not a path of this document.
    pub fn field_of_path(&self, xpath: &str) -> Option<FieldId> {
        let mut steps = steps(xpath)?;
        while !steps.is_empty() {
            let wanted: String = steps.iter().map(|(name, n)| format!("/{name}[{n}]")).collect();
            if let Some((_, field)) = self.entries.iter().find(|(path, _)| *path == wanted) {
                return Some(*field);
            }
            steps.pop();
        }
        None
    }
}

/// The steps of an absolute path as local names and positions; an attribute or text step ends it.
fn steps(xpath: &str) -> Option<Vec<(String, usize)>> {
    let mut found = Vec::new();
    for step in split(xpath.trim()) {
        if step.is_empty() {
            continue;
        }
        if step.starts_with('@')
            || step.contains("()") && !step.contains("local-name()") && !step.contains("name()")
        {
            break;
        }
        let (head, predicates) = match without_namespace(step).find('[') {
            Some(at) => {
                let step = without_namespace(step);
                (step.get(..at)?, step.get(at..)?)
            }
            None => (without_namespace(step), ""),
        };
        let mut name = head.rsplit(':').next().unwrap_or(head).to_owned();
        let mut position = 1;
        for predicate in predicates.split('[').filter(|p| !p.is_empty()) {
            let inside = predicate.trim_end_matches(']').trim();
            if let Ok(n) = inside.parse::<usize>() {
                position = n;
            } else if name == "*" && inside.contains("name()") {
                name = inside.split(['\'', '"']).nth(1)?.to_owned();
            }
        }
        if name.is_empty()
            || !name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
        {
            return None;
        }
        found.push((name, position));
    }
    Some(found)
}

/// `Q{urn:hl7-org:v3}text` without its namespace.
fn without_namespace(step: &str) -> &str {
    match (step.starts_with("Q{"), step.find('}')) {
        (true, Some(end)) => step.get(end + 1..).unwrap_or(""),
        _ => step,
    }
}

/// Splits at slashes that stand outside braces, brackets and quotes.
fn split(xpath: &str) -> Vec<&str> {
    let (mut parts, mut from, mut deep, mut quote) = (Vec::new(), 0, 0usize, None);
    for (at, c) in xpath.char_indices() {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, '{' | '[') => deep += 1,
            (None, '}' | ']') => deep = deep.saturating_sub(1),
            (None, '/') if deep == 0 => {
                parts.push(xpath.get(from..at).unwrap_or(""));
                from = at + 1;
            }
            (None, _) => {}
        }
    }
    parts.push(xpath.get(from..).unwrap_or(""));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map() -> PathMap {
        let entry = |path: &str, field| (path.to_owned(), field);
        PathMap {
            entries: vec![
                entry("/ClinicalDocument[1]", FieldId::Document),
                entry("/ClinicalDocument[1]/component[1]", FieldId::Document),
                entry(
                    "/ClinicalDocument[1]/component[1]/section[2]",
                    FieldId::Conclusions,
                ),
            ],
        }
    }

    #[test]
    fn every_way_of_writing_a_path_leads_to_the_field() {
        for path in [
            "/ClinicalDocument/component/section[2]",
            "/hl7:ClinicalDocument[1]/hl7:component[1]/hl7:section[2]/hl7:text[1]",
            "/Q{urn:hl7-org:v3}ClinicalDocument[1]/Q{urn:hl7-org:v3}component[1]/Q{urn:hl7-org:v3}section[2]/@x",
            "/*[local-name()='ClinicalDocument'][1]/*:component/*[local-name()=\"section\"][2]",
        ] {
            assert_eq!(map().field_of_path(path), Some(FieldId::Conclusions), "{path}");
        }
        assert_eq!(
            map().field_of_path("/ClinicalDocument/component/section"),
            Some(FieldId::Document)
        );
        assert_eq!(map().field_of_path("/Other/section[2]"), None);
    }

    proptest::proptest! {
        #[test]
        fn foreign_paths_never_panic(path in "[/\\[\\]{}'\"@a-zQ:0-9è]{0,60}") {
            let _ = map().field_of_path(&path);
        }
    }
}
