//! The program `station`, driven as a load driver drives it: lines in, lines out, killed and started again.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a failure here is a test's failure

mod card;
mod driven;
mod load;
mod region;
#[cfg(unix)]
mod traces;
mod way_in;
