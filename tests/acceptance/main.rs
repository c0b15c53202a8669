//! Use cases against the region sandbox, without a window: one binary, a file per subject.

mod delivery;
mod faults;
mod people;
mod session;
mod teleconsult;
mod transition;
