//! Invented people, test PKI and test devices; development only.
//!
//! No shipped crate depends on it, except for its tests. Feature `station` (on by default) adds what drives a station
//! without a window, and the program of that name; whoever wants the keys alone switches it off.

pub mod authority;
#[cfg(feature = "csc")]
pub mod csc;
pub mod pki;
pub mod responder;
#[cfg(feature = "station")]
pub mod station;
pub mod trusted_list;
pub mod tsa;
