//! Access and refresh token, in memory only, never printed and wiped when dropped.
//!
//! Not in it: how they are obtained and renewed (`login`).

use std::time::Instant;

use secrecy::SecretString;

/// The tokens of one login.
#[derive(Clone, Debug)]
pub struct Tokens {
    pub(crate) access: SecretString,
    pub(crate) refresh: Option<SecretString>,
    /// Monotonic, so that a wrong clock on this PC does not end the access.
    pub(crate) expires: Option<Instant>,
}

impl Tokens {
    /// From an access token; a refresh token where there is one; the lifetime in seconds where it is said.
    pub fn new(access: SecretString, refresh: Option<SecretString>, lifetime_s: Option<u64>) -> Self {
        let expires = lifetime_s.and_then(|s| Instant::now().checked_add(std::time::Duration::from_secs(s)));
        Self {
            access,
            refresh,
            expires,
        }
    }
}
