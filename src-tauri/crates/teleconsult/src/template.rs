//! What a speciality wants to know with a question: templates as data, and what of one is still unsaid.
//!
//! The set that ships is `assets/teleconsult/templates.json`; a region replaces it with its own. A template helps and never
//! blocks: an urgent question leaves as it is. Not in it: where a region's file lies, and what the archive on the PC can
//! fill in (`workflow`).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// The set that ships.
const SHIPPED: &str = include_str!("../../../../assets/teleconsult/templates.json");

/// Longest answer to one item, in characters.
pub const PARTICULAR_LIMIT: usize = 2_000;

/// Most items of a template.
const ITEMS: usize = 40;

/// Longest id, question or hint of an item, in characters.
const WORDS: usize = 200;

/// Why a set of templates is refused, without its words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplatesError {
    /// Not JSON, or not in the form of a set.
    #[error("not a set of templates at line {line}, column {column}")]
    Form {
        /// From 1.
        line: usize,
        /// From 1; 0 at the start of a line.
        column: usize,
    },
    /// No speciality, nothing asked, more than 40 items, an item that asks nothing, more than 200 characters, or an id twice.
    #[error("template {0} is not sound")]
    Template(usize),
    /// A speciality has two templates for the same people.
    #[error("template {0} is for a speciality that has one already")]
    Twice(usize),
}

/// What can be filled in from the archive on the PC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The therapy of the newest report that states one.
    Therapy,
    /// Title and day of the newest document.
    LastDocument,
    /// Age and sex.
    Person,
}

/// One thing that the speciality wants to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Names it in a draft; never changes its meaning.
    pub id: String,
    /// As asked: *Sintomi e da quando*.
    pub ask: String,
    /// An example or a unit.
    #[serde(default)]
    pub hint: String,
    /// Without it the specialist usually asks back.
    #[serde(default)]
    pub wanted: bool,
    /// What fills it in.
    #[serde(default)]
    pub source: Option<Source>,
}

/// The template of a speciality.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// Code of the branca.
    pub speciality: String,
    /// Only for minors, only for adults, or for all.
    #[serde(default)]
    pub minors: Option<bool>,
    /// What is asked, in this order.
    pub items: Vec<Item>,
}

impl Template {
    fn is_sound(&self) -> bool {
        let fits = |words: &str| words.chars().count() <= WORDS;
        let mut ids = BTreeSet::new();
        !self.speciality.trim().is_empty()
            && (1..=ITEMS).contains(&self.items.len())
            && self.items.iter().all(|item| {
                !item.id.trim().is_empty()
                    && !item.ask.trim().is_empty()
                    && [&item.id, &item.ask, &item.hint]
                        .into_iter()
                        .all(|words| fits(words))
                    && ids.insert(&item.id)
            })
    }
}

/// A set of templates.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Templates {
    templates: Vec<Template>,
}

impl Templates {
    /// The set that ships.
    pub fn shipped() -> Self {
        Self::read(SHIPPED).unwrap_or_default()
    }

    /// A region's own set, whole or not at all. Templates are counted from 1 in the error.
    pub fn read(text: &str) -> Result<Self, TemplatesError> {
        let set: Self = serde_json::from_str(text).map_err(|error| TemplatesError::Form {
            line: error.line(),
            column: error.column(),
        })?;
        let mut known = BTreeSet::new();
        for (n, template) in (1..).zip(&set.templates) {
            if !template.is_sound() {
                return Err(TemplatesError::Template(n));
            }
            if !known.insert((&template.speciality, template.minors)) {
                return Err(TemplatesError::Twice(n));
            }
        }
        Ok(set)
    }

    /// What a speciality wants to know of a minor or an adult: the template made for them, else the one for all.
    pub fn of(&self, speciality: &str, minor: bool) -> Option<&Template> {
        let fits = |wanted: Option<bool>| {
            self.templates
                .iter()
                .find(move |template| template.speciality == speciality && template.minors == wanted)
        };
        fits(Some(minor)).or_else(|| fits(None))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_set_that_ships_is_sound_and_asks_for_little() {
        let set = Templates::read(SHIPPED).expect("assets/teleconsult/templates.json");
        for template in &set.templates {
            let wanted = template.items.iter().filter(|item| item.wanted).count();
            assert!(
                (1..=4).contains(&wanted),
                "{}: {wanted} wanted items tire who asks",
                template.speciality
            );
        }
    }

    #[test]
    fn the_template_for_children_comes_before_the_one_for_all() {
        let set = Templates::read(
            r#"{"templates":[{"speciality":"02","items":[{"id":"a","ask":"A"}]},
                {"speciality":"02","minors":true,"items":[{"id":"b","ask":"B"}]}]}"#,
        )
        .unwrap();
        assert_eq!(set.of("02", true).unwrap().items[0].id, "b");
        assert_eq!(set.of("02", false).unwrap().items[0].id, "a");
        assert!(set.of("99", false).is_none());
    }

    #[test]
    fn a_region_s_set_is_taken_whole_or_refused_whole() {
        let one = |items: &str| format!(r#"{{"templates":[{{"speciality":"02","items":[{items}]}}]}}"#);
        let long = format!(r#"{{"id":"a","ask":"{}"}}"#, "è".repeat(WORDS + 1));
        let many: Vec<String> = (0..=ITEMS)
            .map(|n| format!(r#"{{"id":"{n}","ask":"A"}}"#))
            .collect();
        assert!(Templates::read(&one(&many[1..].join(","))).is_ok());
        for (items, why) in [
            (
                r#"{"id":"a","ask":"A"},{"id":"a","ask":"B"}"#,
                "two items of one name",
            ),
            (r#"{"id":"a","ask":" "}"#, "an item that asks nothing"),
            (r#"{"id":"","ask":"A"}"#, "an item without a name"),
            ("", "nothing asked"),
            (&long, "an endless question"),
            (&many.join(","), "an endless template"),
        ] {
            assert_eq!(
                Templates::read(&one(items)),
                Err(TemplatesError::Template(1)),
                "{why}"
            );
        }
        let twice = r#"{"templates":[{"speciality":"02","items":[{"id":"a","ask":"A"}]},
            {"speciality":"02","items":[{"id":"b","ask":"B"}]}]}"#;
        assert_eq!(Templates::read(twice), Err(TemplatesError::Twice(2)));
        let misspelt = Templates::read(&one("\n{\"id\":\"a\",\"ask\":\"A\",\"wantd\":true}")).unwrap_err();
        assert!(
            matches!(misspelt, TemplatesError::Form { line: 2, .. }),
            "a misspelt word is silently ignored: {misspelt:?}"
        );
        assert!(
            !misspelt.to_string().contains("wantd"),
            "words of the file in an error"
        );
    }
}
