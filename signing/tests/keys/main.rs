//! Keys and the devices that hold them, at their worst: drivers that crash, hang and lie, remote services that refuse.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test crate: a panic is the failure report"
)]

#[path = "../signatures/document.rs"]
#[allow(dead_code, reason = "its faults are for other tests")]
mod document;

mod batch;
mod card;
mod helper;
mod hostile;
mod remote;

/// An invented specialist.
pub(crate) const NAME: &str = "Rofilo Del Vecchio";
/// The specialist's fiscal code.
pub(crate) const FISCAL_CODE: &str = "DLVRFO57L04X000A";
/// A PIN.
pub(crate) const PIN: &str = "12345678";
/// A PIN that is not it.
pub(crate) const WRONG: &str = "87654321";
