//! The store as it really is: encrypted files in a temporary directory, killed processes, spoiled bytes.

// What the tests share may unwrap, as the tests do: a panic there is the failure report.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod attachments;
mod audit;
mod canary;
mod drafts;
mod kill;
mod migrations;
mod opening;
mod queue;
mod replica;
mod reports;
mod transition;
mod uploads;

use std::path::Path;

use cache::{FrozenRequest, ItemKind, NewItem, SecretKey, StoreKeys, UserStore};
use jiff::Timestamp;

const OUTBOX_KEY: [u8; 32] = [0x11; 32];

fn keys() -> StoreKeys {
    StoreKeys {
        outbox: SecretKey::new(OUTBOX_KEY),
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

/// The database as SQLCipher alone opens it, to look behind the store's back.
fn raw(dir: &Path) -> rusqlite::Connection {
    use std::io::Read;
    let path = dir.join("outbox.db");
    let mut salt = [0u8; 16];
    std::fs::File::open(&path).unwrap().read_exact(&mut salt).unwrap();
    let connection = rusqlite::Connection::open(path).unwrap();
    let key = format!(
        "PRAGMA key = \"x'{}{}'\"; PRAGMA cipher_hmac_algorithm = HMAC_SHA256;",
        hex::encode(OUTBOX_KEY),
        hex::encode(salt)
    );
    connection.execute_batch(&key).unwrap();
    connection
}
