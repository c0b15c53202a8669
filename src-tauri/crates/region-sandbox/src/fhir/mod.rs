//! FHIR R4: the store of resources and its REST face (`R/fhir`).
//!
//! `store` keeps versions, `writing` is a transaction of it, `search` matches by the `parameters`, `paging` answers searches, `transaction` does Bundles, `access` says who
//! may see what, `rest` is the HTTP of it all.

pub(crate) mod access;
pub(crate) mod elsewhere;
mod numbering;
pub(crate) mod outcome;
mod paging;
mod parameters;
mod prescribing;
pub(crate) mod rest;
mod search;
pub mod store;
mod transaction;
pub(crate) mod writing;

pub use rest::router;
pub use store::{Entry, Precondition, Store, StoreError};
