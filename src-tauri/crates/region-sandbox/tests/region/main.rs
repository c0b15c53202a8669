//! The region over HTTP, started for real: login, clinical data, gateway, faults, people.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test ends where a step fails"
)]

mod access;
mod counter;
mod faults;
mod fhir;
mod gateway;
mod login;
mod pdf;
mod people;
mod uploads;
mod visitor;
