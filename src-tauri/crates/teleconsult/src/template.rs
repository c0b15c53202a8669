//! What a speciality wants to know with a question: templates as data, and what of one is still unsaid.
//!
//! The set that ships is `assets/teleconsult/templates.json`; a region replaces it with its own. A template helps and never
//! blocks: an urgent question leaves as it is. Not in it: what the archive on the PC can fill in (`workflow`).

use serde::{Deserialize, Serialize};

/// The set that ships.
const SHIPPED: &str = include_str!("../../../../assets/teleconsult/templates.json");

/// Longest answer to one item, in characters.
pub const PARTICULAR_LIMIT: usize = 2_000;

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
pub struct Template {
    /// Code of the branca.
    pub speciality: String,
    /// Only for minors, only for adults, or for all.
    #[serde(default)]
    pub minors: Option<bool>,
    /// What is asked, in this order.
    pub items: Vec<Item>,
}

/// A set of templates.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Templates {
    templates: Vec<Template>,
}

impl Templates {
    /// The set that ships.
    pub fn shipped() -> Self {
        Self::read(SHIPPED).unwrap_or_default()
    }

    /// A region's own set. None when it cannot be read or names an item twice: then the one that ships counts.
    pub fn read(text: &str) -> Option<Self> {
        let set: Self = serde_json::from_str(text).ok()?;
        let sound = set.templates.iter().all(|template| {
            let mut ids: Vec<&str> = template.items.iter().map(|item| item.id.as_str()).collect();
            ids.sort_unstable();
            ids.windows(2).all(|pair| pair[0] != pair[1])
                && template.items.iter().all(|item| !item.ask.trim().is_empty())
        });
        sound.then_some(set)
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
        let twice =
            r#"{"templates":[{"speciality":"02","items":[{"id":"a","ask":"A"},{"id":"a","ask":"B"}]}]}"#;
        assert!(Templates::read(twice).is_none(), "two items of one name");
    }
}
