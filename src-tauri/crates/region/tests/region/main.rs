//! The client against the started region, over HTTP: login, clinical data, faults, gateway, calls.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub)]

mod calls;
mod cases;
mod clinical_data;
mod faults;
mod gateway;
mod login;
mod place;
// The maker of signed PDFs of the gateway's own tests.
#[allow(dead_code)]
#[path = "../../../region-sandbox/tests/region/pdf.rs"]
mod sheet;
mod trust;
mod uploads;
