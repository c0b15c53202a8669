//! Text as a document can hold it: characters that XML 1.0 forbids or that would hide or reorder words are
//! left out, line ends are one kind, runs of empty lines are one.
//!
//! Sources: XML 1.0 section 2.2 (Char, and the discouraged C1 range); Unicode UAX 9 for the direction
//! controls. Not in it: escaping (`cda::xml`) and what a font can draw (`pdf::fonts`).

use unicode_normalization::UnicodeNormalization as _;

/// Whether a character is left out of documents.
fn left_out(c: char) -> bool {
    match c {
        '\t' | '\n' | '\r' => false,
        '\u{0}'..='\u{1F}' | '\u{7F}'..='\u{9F}' => true,
        // Direction controls and invisible joiners can show a dose differently from how it is stored.
        '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}' => true,
        // Interlinear and tag characters, private use, noncharacters.
        '\u{FFF9}'..='\u{FFFB}' | '\u{E000}'..='\u{F8FF}' | '\u{FDD0}'..='\u{FDEF}' => true,
        c => (c as u32) & 0xFFFE == 0xFFFE || (c as u32) >= 0xE_0000,
    }
}

/// Whether [`clean`] would leave characters out.
pub(crate) fn has_unprintable(text: &str) -> bool {
    text.chars().any(left_out)
}

/// The text in paragraphs: a paragraph for each line, trimmed, empty ones dropped.
pub(crate) fn paragraphs(text: &str) -> Vec<String> {
    text.replace("\r\n", "\n")
        .split(['\n', '\r', '\u{2028}', '\u{2029}'])
        .map(clean)
        .filter(|line| !line.is_empty())
        .collect()
}

/// The text on one line.
pub(crate) fn clean(text: &str) -> String {
    // Composed, so that an accent pasted as a character of its own is drawn by the typeface.
    let kept: String = text.chars().filter(|c| !left_out(*c)).nfc().collect();
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether nothing would be left to print.
pub(crate) fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || left_out(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_leave_and_words_stay() {
        assert_eq!(clean("  5\u{0}0\u{202E} mg\tdue\nvolte "), "50 mg due volte");
        assert_eq!(
            paragraphs("a\r\n\r\n b \n\u{7}"),
            ["a", "b"],
            "a line of a bell is no paragraph"
        );
        assert!(has_unprintable("x\u{200B}") && !has_unprintable("è 10 € l'ora\n"));
    }
}
