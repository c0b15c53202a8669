//! A wrapper that keeps health data and names out of logs and error texts.
//!
//! `Debug` prints the kind of thing and never the thing; there is no `Display`, so a format string that
//! would leak does not compile. Not in it: secrets that must be wiped (`secrecy::SecretString` does that).

use std::fmt;

use serde::{Deserialize, Serialize};

/// A value that may be shown on the screen and stored encrypted, and never printed.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sensitive<T>(T);

impl<T> Sensitive<T> {
    /// Wraps a value.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself. Call it only where the value is shown, stored encrypted or sent to the region.
    pub fn expose(&self) -> &T {
        &self.0
    }

    /// The value itself, by move.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> From<T> for Sensitive<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl From<&str> for Sensitive<String> {
    fn from(value: &str) -> Self {
        Self(value.to_owned())
    }
}

impl<T> fmt::Debug for Sensitive<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_never_shows_the_value() {
        let name: Sensitive<String> = "MAROTTOLI Assunta".into();
        assert_eq!(format!("{name:?}"), "[redacted]", "a name reached Debug");
    }
}
