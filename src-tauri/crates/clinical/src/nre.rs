//! The NRE, number of the electronic prescription (DM 2 November 2011): 15 characters.
//!
//! Shape as seen in published gateway threads: three digits of the region, two letters or digits, ten
//! digits. The region is the judge of existence; here only the shape is checked.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An NRE of 15 characters. `Debug` hides it, since it leads to a patient.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Nre(String);

/// The text is not shaped like an NRE.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an NRE has 15 characters: region, lot and number")]
pub struct NreError;

impl Nre {
    /// Reads an NRE, spaces and dashes ignored, in either case.
    pub fn parse(text: &str) -> Result<Self, NreError> {
        let clean: String = text
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '-' && *c != '*')
            .map(|c| c.to_ascii_uppercase())
            .collect();
        let b = clean.as_bytes();
        let right = b.len() == 15
            && b[..3].iter().all(u8::is_ascii_digit)
            && b[3..5].iter().all(u8::is_ascii_alphanumeric)
            && b[5..].iter().all(u8::is_ascii_digit);
        if right { Ok(Self(clean)) } else { Err(NreError) }
    }

    /// As text, upper case, without spaces.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Nre {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[nre]")
    }
}

impl TryFrom<String> for Nre {
    type Error = NreError;
    fn try_from(value: String) -> Result<Self, Self::Error> {
        Self::parse(&value)
    }
}

impl From<Nre> for String {
    fn from(value: Nre) -> Self {
        value.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shape_is_checked_and_separators_forgiven() {
        assert_eq!(
            Nre::parse("150 A2 4000000012").map(String::from).as_deref(),
            Ok("150A24000000012")
        );
        assert!(Nre::parse("150A2400000001").is_err(), "14 characters");
        assert!(Nre::parse("ABCA24000000012").is_err(), "the region is digits");
    }
}
