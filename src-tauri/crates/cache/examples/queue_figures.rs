//! What the queue and the archive cost, each figure beside plain SQLite doing the bare minimum in the same run:
//! `cargo run --release -p cache --example queue_figures`. Called by `npm run bench`.
//!
//! Prints one JSON array of `{name, unit, values, peer, peer_values, aim}`; the values are those of each run, interleaved with
//! the peer's. Plain SQLite has no cipher, no order, no access register: one table, the same durability
//! (`synchronous = FULL` with a write-ahead log), the bytes of the request and nothing else.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a measurement"
)]

use std::path::Path;
use std::time::Instant;

use cache::replica::{CasePage, OwnedBy};
use cache::{
    CaseTable, Event, FrozenRequest, ItemKind, Jitter, NewItem, SecretKey, StoreError, StoreKeys, UserStore,
};
use jiff::Timestamp;
use rusqlite::Connection;
use serde_json::{Value, json};
use uuid::Uuid;

#[path = "large_cache/fixture.rs"]
mod fixture;

/// Of a request with its consent and its task, as a station queues it.
const BODY: usize = 6_000;
const SEARCH: &str = "marot";

fn keys() -> StoreKeys {
    StoreKeys {
        outbox: SecretKey::new([1; 32]),
        cache: SecretKey::new([2; 32]),
        audit: SecretKey::new([3; 32]),
        attachments: SecretKey::new([4; 32]),
    }
}

fn new_item() -> NewItem {
    let case = Uuid::now_v7();
    NewItem {
        conversation: case.to_string(),
        kind: ItemKind::FhirTransaction,
        subject: format!("teleconsult_request/{case}"),
        depends_on: Vec::new(),
        request: FrozenRequest {
            method: "POST".into(),
            path: "fhir/".into(),
            headers: vec![("content-type".into(), "application/fhir+json".into())],
            body: vec![b'x'; BODY],
            confirm: None,
        },
        etag: None,
        awaiting_signature: false,
    }
}

fn plain(path: &Path) -> Connection {
    let db = Connection::open(path).unwrap();
    db.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         CREATE TABLE IF NOT EXISTS item (seq INTEGER PRIMARY KEY, state INTEGER NOT NULL, request BLOB NOT NULL);
         CREATE INDEX IF NOT EXISTS item_ready ON item (seq) WHERE state = 0;",
    )
    .unwrap();
    db
}

fn ms(work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64() * 1e3
}

fn p95(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() * 95 / 100]
}

fn figure(name: &str, values: Vec<f64>, peer: &str, peer_values: Vec<f64>, aim: Option<f64>) -> Value {
    json!({"name": name, "unit": "ms", "values": values, "peer": peer, "peer_values": peer_values, "aim": aim})
}

/// One request, durable: ours and plain SQLite's in turn, so that both meet the same disk.
fn enqueue(store: &UserStore, db: &Connection, runs: usize) -> Value {
    let (mut own, mut peer) = (Vec::new(), Vec::new());
    let body = vec![b'x'; BODY];
    for _ in 0..runs {
        let (mut one, mut other) = (Vec::new(), Vec::new());
        for _ in 0..200 {
            one.push(ms(|| {
                let new = new_item();
                store
                    .outbox
                    .commit(Timestamp::now(), move |step| step.enqueue(new))
                    .map(drop)
                    .unwrap();
            }));
            other.push(ms(|| {
                db.prepare_cached("INSERT INTO item (state, request) VALUES (0, ?1)")
                    .unwrap()
                    .execute([&body])
                    .unwrap();
            }));
        }
        own.push(p95(one));
        peer.push(p95(other));
    }
    figure(
        "accodamento durevole, p95",
        own,
        "SQLite semplice",
        peer,
        Some(1.3),
    )
}

/// Taking each item and writing that it was confirmed: the queue's own part of a drain, without the network.
fn drain(count: usize) -> Value {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = UserStore::create(&dir.path().join("store"), &keys(), Timestamp::now()).unwrap();
    let db = plain(&dir.path().join("plain.db"));
    for _ in 0..count {
        let new = new_item();
        store
            .outbox
            .commit(Timestamp::now(), move |step| step.enqueue(new))
            .map(drop)
            .unwrap();
        db.execute(
            "INSERT INTO item (state, request) VALUES (0, ?1)",
            [vec![b'x'; BODY]],
        )
        .unwrap();
    }
    let done = Event::Reply {
        status: 201,
        retry_after: None,
        etag: None,
        receipt: b"{}".to_vec(),
    };
    let own = ms(|| {
        while let Some(item) = store.outbox.take_next(Timestamp::now()).unwrap() {
            store
                .outbox
                .apply(item.id, done.clone(), Timestamp::now(), Jitter(0))
                .unwrap();
        }
    });
    let peer = ms(|| {
        let next = "SELECT seq, request FROM item WHERE state = 0 ORDER BY seq LIMIT 1";
        while let Ok(seq) = db.prepare_cached(next).unwrap().query_row([], |row| {
            let _: Vec<u8> = row.get(1)?;
            row.get::<_, i64>(0)
        }) {
            // Durable before it is sent, and durable when it is confirmed.
            for state in [1, 2] {
                db.prepare_cached("UPDATE item SET state = ?2 WHERE seq = ?1")
                    .unwrap()
                    .execute([seq, state])
                    .unwrap();
            }
        }
    });
    figure(
        &format!("svuotamento di {count} elementi, senza la rete"),
        vec![own],
        "SQLite semplice",
        vec![peer],
        None,
    )
}

fn large(count: usize, runs: usize) -> Vec<Value> {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("store");
    let now = Timestamp::now();
    let (store, _) = UserStore::create(&folder, &keys(), now).unwrap();
    fixture::fill(&store.replica, count, now).unwrap();
    store.close();
    let path = dir.path().join("plain.db");
    {
        let db = plain(&path);
        db.execute_batch(
            "CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT NOT NULL); CREATE INDEX person_name ON person (name);
             CREATE TABLE one (id INTEGER PRIMARY KEY, state TEXT NOT NULL, due INTEGER NOT NULL, body TEXT NOT NULL);
             CREATE INDEX one_due ON one (state, due); BEGIN;",
        )
        .unwrap();
        for n in 0..count {
            let person = fixture::person(n);
            let name = person.name.display().to_lowercase();
            db.prepare_cached("INSERT INTO person (name) VALUES (?1)")
                .unwrap()
                .execute([name])
                .unwrap();
            let state = [
                "reported",
                "assessing",
                "protected_discharge",
                "territory_confirmation",
            ][n % 4];
            db.prepare_cached("INSERT INTO one (state, due, body) VALUES (?1, ?2, ?3)")
                .unwrap()
                .execute((state, i64::try_from(n).unwrap(), "x".repeat(600)))
                .unwrap();
        }
        db.execute_batch("COMMIT").unwrap();
    }
    let (mut open, mut open_plain) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        open.push(ms(|| UserStore::open(&folder, &keys(), now).unwrap().0.close()));
        open_plain.push(ms(|| {
            let db = Connection::open(&path).unwrap();
            db.query_row("SELECT count(*) FROM sqlite_schema", [], |row| {
                row.get::<_, i64>(0)
            })
            .unwrap();
        }));
    }
    let (store, _) = UserStore::open(&folder, &keys(), now).unwrap();
    let db = Connection::open(&path).unwrap();
    let read_plain = |sql: &str, argument: &str| -> Result<usize, StoreError> {
        let mut statement = db.prepare_cached(sql)?;
        let mut rows = statement.query([argument])?;
        let mut found = 0;
        while let Some(row) = rows.next()? {
            let _: String = row.get(1)?;
            found += 1;
        }
        Ok(found)
    };
    let page = CasePage {
        state: "assessing",
        owner: OwnedBy::Any,
        due_before: None,
        opened_before: None,
        patients: None,
        after: None,
        limit: 50,
    };
    let times = |work: &dyn Fn() -> usize| {
        assert!(work() > 0, "nothing was found");
        (0..runs)
            .map(|_| p95((0..60).map(|_| ms(|| assert!(work() > 0))).collect()))
            .collect::<Vec<_>>()
    };
    vec![
        figure(
            "apertura dell'archivio",
            open,
            "SQLite semplice",
            open_plain,
            None,
        ),
        figure(
            &format!("prima pagina di {count} casi, p95"),
            times(&|| {
                store
                    .replica
                    .case_page(CaseTable::Transition, &page)
                    .unwrap()
                    .len()
            }),
            "SQLite semplice",
            times(&|| {
                read_plain(
                    "SELECT id, body FROM one WHERE state = ?1 ORDER BY due LIMIT 50",
                    "assessing",
                )
                .unwrap()
            }),
            None,
        ),
        figure(
            &format!("ricerca tra {count} persone, p95"),
            times(&|| store.replica.find_patients(SEARCH, 50).unwrap().total as usize),
            "SQLite semplice (inizio del nome)",
            times(&|| {
                read_plain(
                    "SELECT id, name FROM person WHERE name >= ?1 AND name < ?1 || 'zzzz' LIMIT 50",
                    SEARCH,
                )
                .unwrap()
            }),
            None,
        ),
    ]
}

fn main() {
    let number = |n: usize, usual: usize| {
        std::env::args()
            .nth(n)
            .and_then(|text| text.parse().ok())
            .unwrap_or(usual)
    };
    let (runs, people, items) = (number(1, 5), number(2, 100_000), number(3, 2_000));
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = UserStore::create(&dir.path().join("store"), &keys(), Timestamp::now()).unwrap();
    let db = plain(&dir.path().join("plain.db"));
    let mut figures = vec![enqueue(&store, &db, runs)];
    store.close();
    figures.push(drain(items));
    figures.extend(large(people, runs));
    println!("{}", Value::Array(figures));
}
