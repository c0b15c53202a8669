//! What may be chosen as PIN or passphrase.
//!
//! A PIN of six digits alone can be tried offline in hours, so it is accepted only where the system's
//! keychain holds the other half; elsewhere a passphrase of twelve characters (`decisions/0003`).

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

/// What kind of secret a person chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecretKind {
    /// Digits only, six or more.
    Pin,
    /// Twelve characters or more.
    Passphrase,
}

/// What this PC accepts as a new secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SecretRule {
    /// A PIN of six digits or a passphrase: the keychain holds the other half.
    PinOrPassphrase,
    /// A passphrase: this PC has no keychain.
    PassphraseOnly,
}

/// Shortest PIN.
const PIN_DIGITS: usize = 6;
/// Shortest passphrase.
const PASSPHRASE_CHARACTERS: usize = 12;

/// Why a secret was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WeakSecret {
    /// Fewer than six digits.
    #[error("the PIN has fewer than six digits")]
    ShortPin,
    /// All equal, in a row, repeated, or among the commonest.
    #[error("the PIN is easily guessed")]
    GuessablePin,
    /// This PC has no keychain, so a PIN is not enough.
    #[error("this PC needs a passphrase")]
    PinNotAllowed,
    /// Fewer than twelve characters.
    #[error("the passphrase has fewer than twelve characters")]
    ShortPassphrase,
    /// Too few different characters.
    #[error("the passphrase is easily guessed")]
    GuessablePassphrase,
}

impl SecretRule {
    /// Checks a new secret and says what kind it is.
    pub fn check(self, secret: &SecretString) -> Result<SecretKind, WeakSecret> {
        let text = secret.expose_secret();
        let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let length = text.chars().count();
        if digits && (self == Self::PinOrPassphrase || length < PASSPHRASE_CHARACTERS) {
            return match self {
                Self::PassphraseOnly => Err(WeakSecret::PinNotAllowed),
                Self::PinOrPassphrase if length < PIN_DIGITS => Err(WeakSecret::ShortPin),
                Self::PinOrPassphrase if guessable(text.as_bytes()) => Err(WeakSecret::GuessablePin),
                Self::PinOrPassphrase => Ok(SecretKind::Pin),
            };
        }
        if length < PASSPHRASE_CHARACTERS {
            return Err(WeakSecret::ShortPassphrase);
        }
        let mut different: Vec<char> = text.chars().collect();
        different.sort_unstable();
        different.dedup();
        if different.len() < 5 || (digits && guessable(text.as_bytes())) {
            return Err(WeakSecret::GuessablePassphrase);
        }
        Ok(SecretKind::Passphrase)
    }
}

/// Patterns on the keypad that no rule below catches, and that lists of leaked PINs open with.
const COMMON: [&[u8]; 6] = [b"147258", b"258369", b"159753", b"753951", b"123654", b"520520"];

fn guessable(pin: &[u8]) -> bool {
    let step = |w: &[u8]| (i16::from(w[1]) - i16::from(w[0])).rem_euclid(10);
    let even_steps = pin.windows(2).map(step).collect::<Vec<_>>();
    let one_step = even_steps.windows(2).all(|w| w[0] == w[1]);
    // 121212, 123123: some shorter piece repeated to the end.
    let repeated = (1..=pin.len() / 2).any(|n| pin.iter().zip(&pin[n..]).all(|(a, b)| a == b));
    // 112233, 998877: pairs in a row.
    let pairs = pin.len().is_multiple_of(2)
        && pin.chunks(2).all(|c| c[0] == c[1])
        && pin
            .chunks(2)
            .map(|c| c[0])
            .collect::<Vec<_>>()
            .windows(2)
            .map(step)
            .all(|s| s == 1 || s == 9);
    one_step || repeated || pairs || COMMON.contains(&pin)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rule: SecretRule, text: &str) -> Result<SecretKind, WeakSecret> {
        rule.check(&SecretString::from(text))
    }

    #[test]
    fn easy_pins_are_refused() {
        for pin in [
            "000000",
            "123456",
            "654321",
            "121212",
            "123123",
            "112233",
            "987654321",
            "890123",
            "159753",
        ] {
            let found = check(SecretRule::PinOrPassphrase, pin);
            assert_eq!(
                found,
                Err(WeakSecret::GuessablePin),
                "{pin} is among the first that a thief tries"
            );
        }
        assert_eq!(
            check(SecretRule::PinOrPassphrase, "80421"),
            Err(WeakSecret::ShortPin)
        );
        assert_eq!(check(SecretRule::PinOrPassphrase, "804215"), Ok(SecretKind::Pin));
    }

    #[test]
    fn without_a_keychain_only_a_passphrase_will_do() {
        let rule = SecretRule::PassphraseOnly;
        assert_eq!(check(rule, "804215"), Err(WeakSecret::PinNotAllowed));
        assert_eq!(
            check(rule, "mare e monti"),
            Ok(SecretKind::Passphrase),
            "twelve characters"
        );
        assert_eq!(
            check(rule, "mare e mont"),
            Err(WeakSecret::ShortPassphrase),
            "eleven characters"
        );
        assert_eq!(check(rule, "aaaaaaaaaaaab"), Err(WeakSecret::GuessablePassphrase));
        assert_eq!(
            check(rule, "123456789012"),
            Err(WeakSecret::GuessablePassphrase),
            "twelve digits in a row"
        );
        assert_eq!(check(rule, ""), Err(WeakSecret::ShortPassphrase));
    }
}
