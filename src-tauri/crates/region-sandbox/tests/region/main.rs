//! The region over HTTP, started for real: login, clinical data, gateway, faults, people.

mod faults;
mod fhir;
mod gateway;
mod login;
mod pdf;
mod people;
mod visitor;
