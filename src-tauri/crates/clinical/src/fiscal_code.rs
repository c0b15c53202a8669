//! The codice fiscale: shape, check character, and what it says of its owner.
//!
//! Source: decree of the Ministry of Finance 23 December 1976 and later omocodia rules. A code is
//! accepted by its shape and check character only; the place code is not looked up.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A codice fiscale of 16 characters with a right check character. `Debug` hides it.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FiscalCode(String);

/// Why a text is not a codice fiscale. Carries no part of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FiscalCodeError {
    /// Not 16 characters.
    #[error("a fiscal code has 16 characters")]
    Length,
    /// A letter where a digit belongs, or the reverse.
    #[error("a character is not allowed in its position")]
    Shape,
    /// The last character does not match the others.
    #[error("the check character is wrong")]
    Check,
}

const ODD: [u32; 26] = [
    1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23,
];

impl FiscalCode {
    /// Reads a code, in either case, with surrounding spaces ignored.
    pub fn parse(text: &str) -> Result<Self, FiscalCodeError> {
        let code = text.trim().to_ascii_uppercase();
        let bytes = code.as_bytes();
        if bytes.len() != 16 {
            return Err(FiscalCodeError::Length);
        }
        for (i, &b) in bytes.iter().enumerate() {
            let ok = match i {
                0..=5 | 8 | 11 | 15 => b.is_ascii_uppercase(),
                // Omocodia replaces digits with these letters.
                _ => b.is_ascii_digit() || b"LMNPQRSTUV".contains(&b),
            };
            if !ok {
                return Err(FiscalCodeError::Shape);
            }
        }
        if check_character(&bytes[..15]) != bytes[15] {
            return Err(FiscalCodeError::Check);
        }
        Ok(Self(code))
    }

    /// As text, upper case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The check character of the first 15 characters (ASCII upper case letters and digits).
pub fn check_character(first: &[u8]) -> u8 {
    let sum: u32 = first
        .iter()
        .enumerate()
        .map(|(i, &b)| {
            let value = if b.is_ascii_digit() {
                u32::from(b - b'0')
            } else {
                u32::from(b.wrapping_sub(b'A')) % 26
            };
            if i % 2 == 0 {
                ODD.get(value as usize).copied().unwrap_or(0)
            } else {
                value
            }
        })
        .sum();
    b'A' + (sum % 26) as u8
}

impl fmt::Debug for FiscalCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[fiscal code]")
    }
}

impl TryFrom<String> for FiscalCode {
    type Error = FiscalCodeError;
    fn try_from(value: String) -> Result<Self, Self::Error> {
        Self::parse(&value)
    }
}

impl From<FiscalCode> for String {
    fn from(value: FiscalCode) -> Self {
        value.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invented_codes_are_read_and_a_wrong_character_is_refused() {
        for code in ["MRTSNT55C52X000I", "DLVRFO57L04X000A", "cllnni25p46x000o"] {
            assert!(FiscalCode::parse(code).is_ok(), "{code} is right");
        }
        assert_eq!(FiscalCode::parse("MRTSNT55C52X000L"), Err(FiscalCodeError::Check));
        assert_eq!(FiscalCode::parse("MRTSNT55C52X00"), Err(FiscalCodeError::Length));
        assert_eq!(FiscalCode::parse("1RTSNT55C52X000I"), Err(FiscalCodeError::Shape));
    }

    proptest::proptest! {
        #[test]
        fn foreign_text_never_panics(text in "\\PC{0,40}") {
            let _ = FiscalCode::parse(&text);
        }
    }
}
