//! Signatures made with a real SoftHSM2 token and with PKCS#12, judged by our validator and by others'.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test crate: a panic is the failure report"
)]

mod damage;
mod document;
mod referees;
mod refusals;
mod software;
mod token;

/// An invented specialist.
pub(crate) const NAME: &str = "Rofilo Del Vecchio";
/// The specialist's fiscal code.
pub(crate) const FISCAL_CODE: &str = "DLVRFO57L04X000A";
/// A PIN, or a password.
pub(crate) const PIN: &str = "12345678";
