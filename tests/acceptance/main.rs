//! Use cases against the region sandbox, without a window: one binary, a file per subject.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)] // a test fails, and says what was not run

mod assets;
mod attachments;
mod batch;
mod delivery;
mod faults;
mod kill;
mod levels;
mod people;
mod remote;
mod session;
mod shared_pc;
mod teleconsult;
mod televisit;
mod transition;
