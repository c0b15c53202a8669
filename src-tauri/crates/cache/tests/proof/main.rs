//! Proofs of the outbox and of the store: a model of the protocol, the real table against a reference, and the files under
//! power cuts, kills, full disks, spoiled bytes.
//!
//! `cargo test` runs a small part of each. The ignored tests are the rest, run by `npm run torture`, which also enlarges the
//! small ones through `TORTURE_FROM` and `TORTURE_COUNT`; each prints a line `torture: …` with what it counted.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a failure here is a test's failure

mod disk;
mod disk_full;
mod kills;
mod machine;
mod power_cut;
mod protocol;
mod rule;
mod spoiled;
mod work;

use std::path::Path;

use cache::{FrozenRequest, ItemKind, NewItem, SecretKey, StoreKeys, UserStore};
use jiff::Timestamp;

fn keys() -> StoreKeys {
    StoreKeys {
        outbox: SecretKey::new([0x11; 32]),
        cache: SecretKey::new([0x22; 32]),
        audit: SecretKey::new([0x33; 32]),
        attachments: SecretKey::new([0x44; 32]),
    }
}

/// Friday 20 November 2026, 08:00 UTC, and some seconds.
fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_795_161_600 + second).unwrap()
}

fn create(dir: &Path) -> UserStore {
    UserStore::create(dir, &keys(), at(0)).unwrap().0
}

fn open(dir: &Path) -> UserStore {
    UserStore::open(dir, &keys(), at(0)).unwrap().0
}

fn request(body: &str) -> FrozenRequest {
    FrozenRequest {
        method: "POST".into(),
        path: "/fhir/Communication".into(),
        headers: vec![("Content-Type".into(), "application/fhir+json".into())],
        body: body.as_bytes().to_vec(),
        confirm: None,
    }
}

fn item(conversation: &str, body: &str) -> NewItem {
    NewItem {
        conversation: conversation.into(),
        kind: ItemKind::FhirCreate,
        subject: format!("subject-of-{conversation}"),
        depends_on: vec![],
        request: request(body),
        etag: None,
        awaiting_signature: false,
    }
}

/// How many of something, and from which: the small part unless `npm run torture` asks for more.
fn share(small: u64) -> std::ops::Range<u64> {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let from = number("TORTURE_FROM").unwrap_or(0);
    from..from + number("TORTURE_COUNT").unwrap_or(small)
}
