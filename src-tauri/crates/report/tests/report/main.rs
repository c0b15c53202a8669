//! The report against its referees (the official rules, veraPDF, poppler) and against itself.

// A panic is how a test reports; helpers outside #[test] functions are tests all the same.
#![allow(clippy::expect_used, clippy::panic, clippy::print_stdout)]

mod document;
mod findings;
mod fixture;
mod properties;
mod referees;
mod stored;
