//! Measures lists and searches on a hundred thousand people and cases: `cargo run --release -p cache --example large_cache`.
//!
//! Prints one JSON object: milliseconds, 50th and 95th percentile, of what the window asks for.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a measurement"
)]

mod fixture;

use std::time::Instant;

use cache::replica::{CasePage, CasePlace, OwnedBy};
use cache::{CaseTable, SecretKey, StoreKeys, UserStore};
use jiff::Timestamp;

const COUNT: usize = 100_000;
const SEARCHES: [&str; 12] = [
    "ma",
    "mar",
    "marot",
    "marottoli",
    "rottol",
    "nicolo",
    "NICOLÒ",
    "ada",
    "zamp gin",
    "giovanni n",
    "zzz",
    "a",
];

fn main() {
    let count = std::env::args()
        .nth(1)
        .and_then(|n| n.parse().ok())
        .unwrap_or(COUNT);
    let dir = tempfile::tempdir().unwrap();
    let keys = StoreKeys {
        outbox: SecretKey::new([1; 32]),
        cache: SecretKey::new([2; 32]),
        audit: SecretKey::new([3; 32]),
        attachments: SecretKey::new([4; 32]),
    };
    let now = Timestamp::now();
    let (store, _) = UserStore::create(dir.path(), &keys, now).unwrap();
    let start = Instant::now();
    fixture::fill(&store.replica, count, now).unwrap();
    let filled = start.elapsed();
    store.close();
    let start = Instant::now();
    let (store, _) = UserStore::open(dir.path(), &keys, now).unwrap();
    let opened = start.elapsed();
    let replica = &store.replica;
    let mut report = serde_json::Map::new();
    report.insert("people".into(), count.into());
    report.insert("fill_s".into(), filled.as_secs_f64().into());
    report.insert("open_ms".into(), (opened.as_secs_f64() * 1e3).into());
    let mut add = |name: &str, mut work: Box<dyn FnMut() -> usize + '_>| {
        let found = work();
        let mut times: Vec<f64> = (0..40)
            .map(|_| {
                let start = Instant::now();
                work();
                start.elapsed().as_secs_f64() * 1e3
            })
            .collect();
        times.sort_by(f64::total_cmp);
        report.insert(
            name.to_owned(),
            serde_json::json!({"rows": found, "p50": times[20], "p95": times[37]}),
        );
    };
    add(
        "first page of people",
        Box::new(|| replica.patients(50).unwrap().0.len()),
    );
    let middle = fixture::person(count / 2).id;
    add(
        "a page in the middle of the people",
        Box::new(|| replica.patients_after(Some(&middle), 50).unwrap().0.len()),
    );
    let code = fixture::fiscal_code(count / 3);
    for text in SEARCHES.into_iter().chain([code.as_str(), &code.as_str()[..8]]) {
        add(
            &format!("search {text}"),
            Box::new(move || replica.find_patients(text, 50).unwrap().total as usize),
        );
    }
    let states = [
        "reported",
        "assessing",
        "protected_discharge",
        "territory_confirmation",
    ];
    let place = CasePlace {
        due_at: now,
        id: String::new(),
    };
    let page = |owner, after| CasePage {
        state: "assessing",
        owner,
        due_before: None,
        opened_before: None,
        patients: None,
        after,
        limit: 50,
    };
    let cases = |page: &CasePage<'_>| replica.case_page(CaseTable::Transition, page).unwrap().len();
    add(
        "first page of cases",
        Box::new(|| cases(&page(OwnedBy::Any, None))),
    );
    add(
        "cases of one operator",
        Box::new(|| cases(&page(OwnedBy::Role("operator-1"), None))),
    );
    add(
        "a page in the middle of the cases",
        Box::new(|| cases(&page(OwnedBy::Any, Some(&place)))),
    );
    add(
        "workload",
        Box::new(|| replica.case_counts(CaseTable::Transition, &states).unwrap().len()),
    );
    println!("{}", serde_json::to_string_pretty(&report).unwrap());
}
