//! The region on loopback: the embedded default for development, training and tests.
//!
//! It plays every part of the region that the workstation speaks to, as `region/CONTRACT.md` writes it: login,
//! clinical data, the gateway of the FSE, calls, and the citizen's pages. Its people are invented and it says so on
//! every page. Not in it: anything of the workstation (it depends on `clinical` alone), and any protection that
//! only a real region needs: data lie unencrypted on disk, because there is nothing in them to protect.
//!
//! Where things are: [`login`] the issuer, [`fhir`] the store and its REST face, [`gateway`] the FSE calls,
//! [`uploads`] large attachments, [`faults`] the switches, [`seed`] the invented people, [`calls`] signalling and TURN, [`citizen`] the portal.

pub mod auth;
pub mod calls;
pub mod citizen;
pub mod clock;
mod database;
pub mod events;
pub mod faults;
pub mod fhir;
pub mod gateway;
pub mod login;
pub mod seed;
mod server;
mod state;
pub mod uploads;

pub use clock::Clock;
pub use server::{Options, RunningRegion, StartError, start};
pub use state::{Region, Shared};
