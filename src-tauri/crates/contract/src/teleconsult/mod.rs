//! Teleconsults: ask, claim, ask back, answer, acknowledge, prescribe the control visit. One file a subject, one name space.

mod case;
mod message;
mod prescription;
mod request;

pub use case::*;
pub use message::*;
pub use prescription::*;
pub use request::*;
