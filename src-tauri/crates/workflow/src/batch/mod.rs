//! *Firma massiva*: the reports ready to sign, previewed one by one and signed in one go.
//!
//! Each report passes the steps of *Firma e invia 1 referto* ([`crate::report`]): frozen and validated first, one after the
//! other; then the device is asked once for as many as one authorisation covers ([`signing::batch`]); each signed report is
//! stored with its item before the next is signed. So a crash, a lock or a card pulled out leaves every report either
//! unsigned and as it was, or signed and on its way. Nothing of a batch is kept on disk: the reports say where they stand.
//!
//! Not in it: those steps themselves, a number of attempts (nobody here counts them), a PIN kept for a second use.

mod control;
mod list;
mod preview;
mod run;
mod sign;
mod start;

pub(crate) use run::Bench;
