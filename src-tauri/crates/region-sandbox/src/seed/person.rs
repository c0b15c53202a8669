//! An invented person, and the codice fiscale that the rules give (decree 23 December 1976), with the place X000.

use clinical::fiscal_code::check_character;
use jiff::civil::Date;

/// An invented person. The id in the store is made of the name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Person {
    pub(super) family: &'static str,
    pub(super) given: &'static str,
    pub(super) female: bool,
    pub(super) born: Date,
}

/// A woman.
pub(super) const fn f(family: &'static str, given: &'static str, born: Date) -> Person {
    Person {
        family,
        given,
        female: true,
        born,
    }
}

/// A man.
pub(super) const fn m(family: &'static str, given: &'static str, born: Date) -> Person {
    Person {
        family,
        given,
        female: false,
        born,
    }
}

impl Person {
    /// `marottoli-assunta`.
    pub(super) fn id(&self) -> String {
        format!("{}-{}", self.family, self.given)
            .to_lowercase()
            .replace([' ', '\''], "-")
    }

    /// `MAROTTOLI Assunta`.
    pub(super) fn display(&self) -> String {
        format!("{} {}", self.family.to_uppercase(), self.given)
    }

    pub(super) fn fiscal_code(&self) -> String {
        const MONTHS: &[u8; 12] = b"ABCDEHLMPRST";
        let month = usize::try_from(self.born.month() - 1)
            .ok()
            .and_then(|i| MONTHS.get(i))
            .copied()
            .unwrap_or(b'A');
        let day = self.born.day() + if self.female { 40 } else { 0 };
        let mut code = format!(
            "{}{}{:02}{}{:02}X000",
            letters(self.family, false),
            letters(self.given, true),
            self.born.year() % 100,
            char::from(month),
            day
        );
        let check = check_character(code.as_bytes());
        code.push(char::from(check));
        code
    }
}

/// Three letters: consonants, then vowels, then X; of four or more consonants in a given name the second is left out.
fn letters(name: &str, given: bool) -> String {
    let upper: Vec<char> = name
        .to_uppercase()
        .chars()
        .filter(char::is_ascii_alphabetic)
        .collect();
    let (vowels, mut consonants): (Vec<char>, Vec<char>) =
        upper.into_iter().partition(|c| "AEIOU".contains(*c));
    if given && consonants.len() >= 4 {
        consonants.remove(1);
    }
    consonants
        .into_iter()
        .chain(vowels)
        .chain("XXX".chars())
        .take(3)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use clinical::FiscalCode;
    use jiff::civil::date;

    #[test]
    fn codes_are_those_the_rules_give() {
        assert_eq!(
            f("Marottoli", "Assunta", date(1955, 3, 12)).fiscal_code(),
            "MRTSNT55C52X000I"
        );
        assert_eq!(
            m("Delvecchiati", "Orfeo", date(1957, 7, 4)).fiscal_code(),
            "DLVRFO57L04X000A"
        );
        assert_eq!(
            f("Cellentani", "Nina", date(2025, 9, 6)).fiscal_code(),
            "CLLNNI25P46X000O"
        );
        let short = m("Fo", "Ai", date(1990, 1, 31)).fiscal_code();
        assert!(short.starts_with("FOXAIX90A31X000"), "{short}");
        assert!(FiscalCode::parse(&short).is_ok());
    }
}
