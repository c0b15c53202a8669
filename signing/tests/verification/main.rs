//! What the validator says of good and damaged files, and that it never panics. The corpus of pyHanko, OpenSSL and
//! our own files needs POSTAZIONE_SHARED; the rest runs everywhere.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test crate: a panic is the failure report"
)]

mod corpus;
mod desk;
#[path = "../signatures/document.rs"]
#[allow(dead_code, reason = "shared with the tests of signing")]
mod document;
mod envelopes;
mod flips;
mod foreign;
mod precheck;
mod revisions;
