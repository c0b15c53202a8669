//! The program `station`, driven as a load driver drives it: lines in, lines out, killed and started again.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)] // a test fails, and says what was not run

mod card;
mod driven;
mod load;
mod region;
#[cfg(unix)]
mod traces;
mod way_in;
