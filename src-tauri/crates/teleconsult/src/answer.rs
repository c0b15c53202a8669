//! How an answer is written: three lines first (*Che cosa fare, entro quando, quando preoccuparsi*), then the reasons.
//!
//! The lines are part of the text, each with its label, so that a workstation of another make and a person who reads the
//! message as it is find them too. Not in it: who may answer and when (`case`).

use clinical::Sensitive;

const WHAT: &str = "Che cosa fare:";
const BY_WHEN: &str = "Entro quando:";
const WORRY: &str = "Quando preoccuparsi:";
const CONTROL: &str = "Indicata televisita di controllo.";

/// An answer, as its author writes it. While it is a draft anything may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// *Che cosa fare*, one line.
    pub what: Sensitive<String>,
    /// *Entro quando*, one line.
    pub by_when: Sensitive<String>,
    /// *Quando preoccuparsi*, one line.
    pub worry: Sensitive<String>,
    /// *Indicata televisita di controllo*: the asker prescribes it.
    pub control_visit: bool,
    /// The reasons, in as many lines as wanted.
    pub reasons: Sensitive<String>,
}

/// A line of the opening that is empty while another is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpeningLine {
    /// *Che cosa fare*.
    What,
    /// *Entro quando*.
    ByWhen,
    /// *Quando preoccuparsi*.
    Worry,
}

impl Answer {
    /// Reads a text. One that was written elsewhere, without the lines, is all reasons.
    pub fn read(text: &str) -> Self {
        let mut answer = Self::default();
        let mut rest = text;
        loop {
            let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
            let said = |label: &str| {
                line.strip_prefix(label)
                    .map(|words| words.trim().to_owned().into())
            };
            if let Some(words) = said(WHAT) {
                answer.what = words;
            } else if let Some(words) = said(BY_WHEN) {
                answer.by_when = words;
            } else if let Some(words) = said(WORRY) {
                answer.worry = words;
            } else if line.trim_end() == CONTROL {
                answer.control_visit = true;
            } else {
                break;
            }
            rest = after;
        }
        answer.reasons = rest.trim_matches('\n').to_owned().into();
        answer
    }

    /// The text that leaves, and that is kept while it is written.
    pub fn text(&self) -> String {
        let mut lines = Vec::new();
        for (label, words) in [(WHAT, &self.what), (BY_WHEN, &self.by_when), (WORRY, &self.worry)] {
            let words = one_line(words.expose());
            if !words.is_empty() {
                lines.push(format!("{label} {words}"));
            }
        }
        if self.control_visit {
            lines.push(CONTROL.to_owned());
        }
        let reasons = self.reasons.expose();
        if !reasons.trim().is_empty() {
            if !lines.is_empty() {
                lines.push(String::new());
            }
            lines.push(reasons.clone());
        }
        lines.join("\n")
    }

    /// The first line that is empty although another of the three is written. An answer that opens with none of them is one
    /// of another workstation's making, and passes.
    pub fn lacks(&self) -> Option<OpeningLine> {
        let blank = |words: &Sensitive<String>| words.expose().trim().is_empty();
        let lines = [
            (OpeningLine::What, blank(&self.what)),
            (OpeningLine::ByWhen, blank(&self.by_when)),
            (OpeningLine::Worry, blank(&self.worry)),
        ];
        if lines.iter().all(|(_, blank)| *blank) {
            return None;
        }
        lines.into_iter().find(|(_, blank)| *blank).map(|(line, _)| line)
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn three_lines_open_the_text_and_are_found_again() {
        let answer = Answer {
            what: "Sospendere il warfarin\ne iniziare apixaban".into(),
            by_when: "entro 7 giorni".into(),
            worry: "sanguinamento, INR oltre 4".into(),
            control_visit: true,
            reasons: "Filtrato stabile.\n\nNessuna interazione.".into(),
        };
        let text = answer.text();
        assert!(
            text.starts_with("Che cosa fare: Sospendere il warfarin e iniziare apixaban\nEntro quando: ")
        );
        let read = Answer::read(&text);
        assert_eq!(read.by_when, answer.by_when);
        assert!(read.control_visit);
        assert_eq!(read.reasons, answer.reasons);
        assert_eq!(read.lacks(), None);
    }

    #[test]
    fn an_opening_is_whole_or_absent() {
        assert_eq!(
            Answer::read("Basta il controllo.").lacks(),
            None,
            "written elsewhere"
        );
        let begun = Answer::read("Che cosa fare: ridurre la dose");
        assert_eq!(begun.lacks(), Some(OpeningLine::ByWhen));
    }

    proptest! {
        #[test]
        fn what_is_kept_reads_back_the_same(what in "[a-z]{0,9}", by in "[a-z]{0,9}", control: bool, reasons in "[a-z]{0,9}(\n[a-z]{1,9}){0,3}") {
            let answer = Answer { what: what.into(), by_when: by.into(), worry: String::new().into(), control_visit: control,
                reasons: reasons.trim_matches('\n').to_owned().into() };
            prop_assert_eq!(Answer::read(&answer.text()), answer);
        }
    }
}
