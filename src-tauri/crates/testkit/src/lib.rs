//! Invented people, test PKI and test devices; development only.
//!
//! No shipped crate depends on it, except for its tests.

pub mod authority;
pub mod pki;
pub mod responder;
pub mod tsa;
