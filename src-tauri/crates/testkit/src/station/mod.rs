//! A person at a station without a window: the login in a browser, and the way in.
//!
//! Used by the acceptance tests, which hold a `Core` in their hands, and by the program `station`, which drives one over
//! lines of text. Not in it: the station itself, which is `workflow`.

mod browser;
mod entering;

pub use browser::{SignInError, sign_in};
pub use entering::{EnterError, enter, log_in};

/// The passphrase of invented people. No keychain is used, so it has twelve characters and more. It protects nobody.
pub const PASSPHRASE: &str = "cavallo blu sul tetto";
