//! What a refusal of the service means for the person.
//!
//! The codes of the two versions overlap, and the words of `error_description` are those of the specification's tables,
//! with each service's own variations: they are looked at for a few words and then dropped. Nothing of a service's
//! text comes further than its code, and that only where it looks like one.

use super::transport::Answer;
use super::wire::ErrorAnswer;
use crate::error::{DeviceError, RemoteRefusal};

/// The longest code that is kept.
const CODE: usize = 40;

/// What an answer without success means.
pub(super) fn of(answer: &Answer) -> DeviceError {
    let told: ErrorAnswer = serde_json::from_slice(&answer.body).unwrap_or_default();
    let (code, words) = (
        told.error.to_ascii_lowercase(),
        told.error_description.to_ascii_lowercase(),
    );
    let says = |word: &str| code.contains(word) || words.contains(word);
    let refusal = match (answer.status, code.as_str()) {
        (429, _) => RemoteRefusal::TooManyRequests {
            retry_after_s: answer.retry_after_s,
        },
        (status @ 500.., _) => RemoteRefusal::Unavailable { status },
        _ if says("pin") && says("locked") => return DeviceError::PinLocked,
        (_, "invalid_pin") => return DeviceError::WrongPin,
        (_, "expired_otp") => RemoteRefusal::ExpiredOtp,
        (_, "invalid_otp") if says("expired") => RemoteRefusal::ExpiredOtp,
        (_, "invalid_otp") => RemoteRefusal::WrongOtp,
        _ if words_of(&told.error_description).any(|word| word == "SAD") || code.ends_with("_sad") => {
            RemoteRefusal::AuthorisationExpired
        }
        (401, _) | (_, "invalid_token" | "expired_token" | "invalid_grant") => RemoteRefusal::AccessExpired,
        _ if says("disabled") || says("revoked") || says("suspended") => RemoteRefusal::CredentialDisabled,
        _ if code.is_empty() => RemoteRefusal::Refused {
            code: answer.status.to_string(),
        },
        _ => RemoteRefusal::Refused { code: plain(&code) },
    };
    refusal.into()
}

fn words_of(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric())
}

/// A code as specifications write them; anything else may be a text, and a text may name somebody.
fn plain(code: &str) -> String {
    let is_code = code.len() <= CODE && code.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    if is_code { code } else { "other" }.to_owned()
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::*;

    fn told(status: u16, error: &str, words: &str) -> DeviceError {
        let body = serde_json::json!({ "error": error, "error_description": words }).to_string();
        of(&Answer {
            status,
            retry_after_s: Some(7),
            body: Zeroizing::new(body.into_bytes()),
        })
    }

    #[test]
    fn each_refusal_asks_for_its_own_act() {
        use RemoteRefusal as R;
        assert_eq!(
            told(400, "invalid_pin", "The PIN is invalid"),
            DeviceError::WrongPin
        );
        assert_eq!(told(400, "invalid_pin", "PIN locked"), DeviceError::PinLocked);
        let cases = [
            (told(400, "invalid_otp", "The OTP is invalid"), R::WrongOtp),
            (told(400, "invalid_otp", "The OTP has expired"), R::ExpiredOtp),
            (
                told(400, "invalid_request", "The SAD has expired"),
                R::AuthorisationExpired,
            ),
            (
                told(400, "invalid_request", "Invalid parameter SAD"),
                R::AuthorisationExpired,
            ),
            (told(401, "invalid_token", ""), R::AccessExpired),
            (
                told(429, "", ""),
                R::TooManyRequests {
                    retry_after_s: Some(7),
                },
            ),
            (
                told(503, "temporarily_unavailable", ""),
                R::Unavailable { status: 503 },
            ),
            (
                told(400, "invalid_request", "The credential is disabled"),
                R::CredentialDisabled,
            ),
            (
                told(
                    400,
                    "odd <b>code</b> MRARSS80A01H501U and so on and on and on",
                    "",
                ),
                R::Refused { code: "other".into() },
            ),
        ];
        for (told, meant) in cases {
            assert_eq!(told, DeviceError::Remote(meant));
        }
        let page = Answer {
            status: 403,
            retry_after_s: None,
            body: Zeroizing::new(b"<html>proxy</html>".to_vec()),
        };
        assert_eq!(of(&page), R::Refused { code: "403".into() }.into());
    }
}
