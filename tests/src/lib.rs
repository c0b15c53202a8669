//! A station without a window, beside a started region: what acceptance tests are made of.
//!
//! The region is the real sandbox over HTTP, the archive a real encrypted folder, the person logs in through the issuer's own
//! page, and reports are signed with a real key. Not in it: pictures and sound (the end-to-end tests have them).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a failure here is a test's failure
#![allow(missing_docs)]

mod host;
mod region;
mod station;
mod visit;

pub use host::HeadlessHost;
pub use region::TestRegion;
pub use station::{Card, Signatures, Station};
pub use testkit::station::{PASSPHRASE, sign_in};
pub use visit::{complete_form, held_visit, held_visits};

use std::future::Future;
use std::time::{Duration, Instant};

/// Waits until something becomes true, for as long as a slow machine may need; then fails with a word on what was awaited.
pub async fn eventually<T, F: Future<Output = Option<T>>>(what: &str, mut look: impl FnMut() -> F) -> T {
    let give_up = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < give_up, "it never happened: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
