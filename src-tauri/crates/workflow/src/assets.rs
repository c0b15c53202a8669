//! What a region replaces without another program: the templates of questions, the ladder and the checklists of its COTs.
//!
//! The folder is laid out as `assets/` of the sources: `teleconsult/templates.json`, `cot/escalation.json`, `cot/paths.json`.
//! It is read once, at the start. A file that is not there leaves the one that ships; a file that is too large, unreadable or
//! not sound is refused whole, named in the log by its place and never by its words, and the one that ships counts. Not in
//! it: the form of each file (`teleconsult::template`, `transition::policy`), the policy of the station (`sync`).

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::Path;

use ::teleconsult::{Templates, TemplatesError};
use ::transition::{Policy, PolicyError};

/// Largest file, in bytes.
const LIMIT: u64 = 256 * 1024;

const TEMPLATES: &str = "teleconsult/templates.json";
const LADDER: &str = "cot/escalation.json";
const PATHS: &str = "cot/paths.json";

/// Why a file does not count.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
enum Refusal {
    #[error("it cannot be read: {0}")]
    Unreadable(ErrorKind),
    #[error("it is not a file")]
    NotAFile,
    #[error("it is larger than {LIMIT} bytes")]
    TooLarge,
    #[error("it is not UTF-8")]
    NotText,
    #[error(transparent)]
    Templates(#[from] TemplatesError),
    #[error(transparent)]
    Policy(#[from] PolicyError),
}

/// What counts at this station.
#[derive(Debug)]
pub(crate) struct Assets {
    /// What each speciality wants to know with a question.
    pub(crate) templates: Templates,
    /// Ladder and checklists of the COTs.
    pub(crate) policy: Policy,
}

impl Assets {
    /// Those that ship, each file replaced by the one of the folder.
    pub(crate) fn read(folder: Option<&Path>) -> Self {
        let (assets, refused) = Self::replaced(folder);
        for (file, refusal) in refused {
            tracing::error!(file, %refusal, "a file of the region is refused, the one that ships counts");
        }
        assets
    }

    fn replaced(folder: Option<&Path>) -> (Self, Vec<(&'static str, Refusal)>) {
        let mut assets = Self {
            templates: Templates::shipped(),
            policy: Policy::shipped().clone(),
        };
        let mut refused = Vec::new();
        let Some(folder) = folder else {
            return (assets, refused);
        };
        if !folder.is_dir() {
            refused.push((".", Refusal::Unreadable(ErrorKind::NotADirectory)));
            return (assets, refused);
        }
        for file in [TEMPLATES, LADDER, PATHS] {
            match text_of(&folder.join(file)).and_then(|text| match text {
                Some(text) => assets.replace(file, &text),
                None => Ok(()),
            }) {
                Ok(()) => {}
                Err(refusal) => refused.push((file, refusal)),
            }
        }
        (assets, refused)
    }

    fn replace(&mut self, file: &str, text: &str) -> Result<(), Refusal> {
        match file {
            TEMPLATES => self.templates = Templates::read(text)?,
            LADDER => self.policy = self.policy.with_ladder(text)?,
            _ => self.policy = self.policy.with_paths(text)?,
        }
        Ok(())
    }
}

/// The text of a file; none when there is no file.
fn text_of(path: &Path) -> Result<Option<String>, Refusal> {
    let unreadable = |error: std::io::Error| Refusal::Unreadable(error.kind());
    // Asked before it is opened: opening a pipe waits for who writes into it.
    match std::fs::metadata(path) {
        Ok(found) if !found.is_file() => return Err(Refusal::NotAFile),
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(error)),
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(LIMIT + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > LIMIT {
        return Err(Refusal::TooLarge);
    }
    let text = String::from_utf8(bytes).map_err(|_| Refusal::NotText)?;
    // Editors of Windows put a mark before the text.
    Ok(Some(match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    }))
}

#[cfg(test)]
mod tests {
    use ::transition::{Destination, Origin};

    use super::*;

    const CARDIOLOGY: &str = "02";
    const OWN: &str =
        "{\"templates\":[{\"speciality\":\"02\",\"items\":[{\"id\":\"nyha\",\"ask\":\"Classe NYHA\"}]},
        {\"speciality\":\"X9\",\"items\":[{\"id\":\"weight\",\"ask\":\"Peso\"}]}]}";

    fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
        folder
    }

    fn first(assets: &Assets, speciality: &str) -> Option<String> {
        let template = assets.templates.of(speciality, false)?;
        Some(template.items[0].id.clone())
    }

    #[test]
    fn a_region_replaces_one_file_adds_to_it_and_leaves_the_others() {
        let own = folder(&[(TEMPLATES, format!("\u{feff}{OWN}").as_bytes())]);
        let (assets, refused) = Assets::replaced(Some(own.path()));
        assert_eq!(refused, []);
        assert_eq!(first(&assets, CARDIOLOGY).as_deref(), Some("nyha"), "replaced");
        assert_eq!(first(&assets, "X9").as_deref(), Some("weight"), "added");
        assert_eq!(first(&assets, "13"), None, "a set is replaced whole");
        let shipped = Policy::shipped();
        assert_eq!(
            assets.policy.cases_per_operator(),
            shipped.cases_per_operator(),
            "the ladder went with it"
        );
    }

    #[test]
    fn ladder_and_checklists_are_replaced_each_by_its_file() {
        let own = folder(&[
            (
                LADDER,
                br#"{"unassigned":[],"hours_in_state":{},"cases_per_operator":3}"#,
            ),
            (
                PATHS,
                br#"[{"from_hospital":true,"destination":"hospice","items":["Posto"]}]"#,
            ),
        ]);
        let (assets, refused) = Assets::replaced(Some(own.path()));
        assert_eq!(refused, []);
        assert_eq!(assets.policy.cases_per_operator(), 3);
        assert_eq!(
            assets.policy.checklist(Origin::Ward, Destination::Hospice).len(),
            1
        );
        assert!(
            first(&assets, CARDIOLOGY).is_some(),
            "the templates that ship are gone"
        );
    }

    #[test]
    fn a_file_that_is_broken_or_too_large_is_refused_alone_and_what_ships_counts() {
        // Sound JSON beyond the limit: only its size is wrong.
        let large = format!("{OWN}{}", " ".repeat(LIMIT as usize));
        let shipped = first(&Assets::read(None), CARDIOLOGY);
        for (bytes, why) in [
            (large.as_bytes(), Refusal::TooLarge),
            (b"\xff\xfe{}", Refusal::NotText),
            (
                &OWN.as_bytes()[..OWN.len() - 1],
                Refusal::Templates(TemplatesError::Form {
                    line: 2,
                    column: OWN.lines().last().unwrap().len() - 1,
                }),
            ),
        ] {
            let own = folder(&[
                (TEMPLATES, bytes),
                (
                    LADDER,
                    br#"{"unassigned":[],"hours_in_state":{},"cases_per_operator":3}"#,
                ),
            ]);
            let (assets, refused) = Assets::replaced(Some(own.path()));
            assert_eq!(refused, [(TEMPLATES, why)]);
            assert_eq!(first(&assets, CARDIOLOGY), shipped, "half a file counts");
            assert_eq!(assets.policy.cases_per_operator(), 3, "a sound file went with it");
        }
    }

    #[test]
    fn a_folder_in_place_of_a_file_and_no_folder_at_all_are_said() {
        let own = folder(&[("cot/paths.json/inside", b"")]);
        assert_eq!(Assets::replaced(Some(own.path())).1, [(PATHS, Refusal::NotAFile)]);
        let gone = own.path().join("gone");
        assert_eq!(
            Assets::replaced(Some(&gone)).1,
            [(".", Refusal::Unreadable(ErrorKind::NotADirectory))]
        );
    }

    #[test]
    fn what_is_said_of_a_refused_file_has_none_of_its_words() {
        let own = folder(&[(
            PATHS,
            br#"[{"from_hospital":true,"destination":"MARIO ROSSI","items":["x"]}]"#,
        )]);
        let said: String = Assets::replaced(Some(own.path()))
            .1
            .iter()
            .map(|(_, refusal)| refusal.to_string())
            .collect();
        assert_eq!(said, "path 1 is not sound");
    }
}
