//! Many stations at once, a region that restarts and misbehaves, stations that are killed: every case that was acknowledged
//! arrives, once, and in its order.
//!
//! `STATION_LOAD="20 2000 600"` (stations, cases, seconds of misbehaviour) makes it the load of `npm run torture`; unset, it
//! is three stations and twenty cases.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use region_sandbox::faults::{Effect, Rule};
use serde_json::{Value, json};

use crate::driven::Driven;
use crate::region::Region;

struct Size {
    stations: usize,
    cases: usize,
    misbehaves: Duration,
}

fn size() -> Size {
    let text = std::env::var("STATION_LOAD").unwrap_or_else(|_| "3 20 8".to_owned());
    let numbers: Vec<usize> = text.split_whitespace().map(|n| n.parse().unwrap()).collect();
    let [stations, cases, seconds] = numbers[..] else {
        panic!("STATION_LOAD is three numbers");
    };
    Size {
        stations,
        cases,
        misbehaves: Duration::from_secs(seconds as u64),
    }
}

/// What a station was told: the words of each thing that it acknowledged, in order, and those of the things that a kill
/// cut short (which may have been done or not).
#[derive(Default)]
struct Told {
    acknowledged: Vec<String>,
    unknown: Vec<String>,
}

#[test]
fn every_acknowledged_case_arrives_once_and_in_order() {
    let size = size();
    let region = Mutex::new(Region::open());
    let folders: Vec<_> = (0..size.stations).map(|_| tempfile::tempdir().unwrap()).collect();
    let address = region.lock().unwrap().address.clone();
    let over = AtomicBool::new(false);
    let began = Instant::now();
    let told: Vec<Told> = std::thread::scope(|scope| {
        let chaos = scope.spawn(|| misbehave(&region, &over, size.misbehaves));
        let work: Vec<_> = folders
            .iter()
            .enumerate()
            .map(|(n, folder)| {
                let share = size.cases / size.stations + usize::from(n < size.cases % size.stations);
                let (address, over) = (&address, &over);
                let pace = size.misbehaves / u32::try_from(share.max(1)).unwrap();
                scope.spawn(move || work(n, folder.path(), address, (share, pace), over))
            })
            .collect();
        let told = work.into_iter().map(|station| station.join().unwrap()).collect();
        chaos.join().unwrap();
        told
    });
    let region = region.into_inner().unwrap();
    let (requests, notes) = (
        arrived(&region, "ServiceRequest"),
        arrived(&region, "Communication"),
    );
    let mut acknowledged = 0;
    for (n, told) in told.iter().enumerate() {
        let there = if asks(n) { &requests } else { &notes };
        let mut last = String::new();
        for words in &told.acknowledged {
            let found = there.get(words).map_or(&[][..], Vec::as_slice);
            assert_eq!(found.len(), 1, "{words}: the region holds {}", found.len());
            // One conversation: the notes of a case follow each other. Requests are conversations of their own.
            if !asks(n) {
                assert!(found[0] >= last, "{words} overtook the one before");
                last = found[0].clone();
            }
            acknowledged += 1;
        }
        for words in &told.unknown {
            let found = there.get(words).map_or(0, Vec::len);
            assert!(found <= 1, "{words}: never acknowledged, and there {found} times");
        }
    }
    assert_eq!(acknowledged, size.cases);
    files_are_whole(&region);
    println!(
        "torture: stations={} cases={acknowledged} lost=0 twice=0 seconds={}",
        size.stations,
        began.elapsed().as_secs()
    );
}

/// Two of three stations ask for teleconsults; the third is a COT's and writes notes on one case.
fn asks(n: usize) -> bool {
    n % 3 != 2
}

/// Works through a share of the cases, one a pace, so that the region misbehaves under all of them.
fn work(n: usize, folder: &Path, address: &str, (share, pace): (usize, Duration), over: &AtomicBool) -> Told {
    let user = match (asks(n), n % 2) {
        (true, _) => "ferrantino-guido",
        (false, 0) => "scarpellini-dario",
        (false, _) => "marzullesi-rita",
    };
    let picture = folder.join("foto.png");
    std::fs::write(
        &picture,
        [
            b"\x89PNG\r\n\x1a\n".as_slice(),
            &[u8::try_from(n).unwrap(); 70_000],
        ]
        .concat(),
    )
    .unwrap();
    let mut station = Driven::open(folder, address, user, &[]);
    let about = if asks(n) {
        station.patient("petracchi")
    } else {
        card(&mut station)
    };
    let mut told = Told::default();
    let mut due = Instant::now();
    for case in 0..share {
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        due += pace;
        let words = format!("Carico: postazione {n}, caso {case}");
        // Every seventh is cut by a kill between the command and its answer, and asked again in other words.
        if case % 7 == 3 {
            let lost = format!("{words}, interrotto");
            if asks(n) {
                let id = station.draft(&about, &lost, None);
                station.begin("teleconsult_send", json!({"teleconsult_id": id}));
            } else {
                station.begin("transition_log_call", note(&about, &lost));
            }
            std::thread::sleep(Duration::from_millis((case as u64 * 37 + n as u64 * 11) % 60));
            station = station.killed_and_back();
            told.unknown.push(lost);
        }
        if asks(n) {
            let file = (case % 3 == 1).then_some(picture.as_path());
            station.teleconsult(&about, &words, file);
        } else {
            station.ask("transition_log_call", note(&about, &words)).unwrap();
        }
        told.acknowledged.push(words);
    }
    station = station.killed_and_back();
    let patience = Instant::now() + size().misbehaves + Duration::from_secs(120);
    while !over.load(Ordering::Relaxed) {
        assert!(Instant::now() < patience, "the misbehaviour never ended");
        std::thread::sleep(Duration::from_millis(100));
    }
    let mut left = usize::MAX;
    let mut since = Instant::now();
    loop {
        let now = station.waiting();
        if now == 0 {
            break;
        }
        if now < left {
            (left, since) = (now, Instant::now());
        }
        assert!(
            since.elapsed() < Duration::from_secs(300),
            "station {n}: {now} items do not leave"
        );
        station.ask("delivery_retry_now", Value::Null).unwrap();
        std::thread::sleep(Duration::from_millis(500));
    }
    assert_eq!(station.end().0, Some(0));
    told
}

/// A case of the board on which notes are written.
fn card(station: &mut Driven) -> String {
    station.eventually("the board arrives", |station| {
        let board = station.ask("transition_board", Value::Null).unwrap();
        let cards = board["cards"].as_array()?;
        cards.iter().find(|card| card["state"] != "closed")?["id"]
            .as_str()
            .map(str::to_owned)
    })
}

fn note(case: &str, text: &str) -> Value {
    json!({"transition_id": case, "call": null, "call_back_at": null, "text": text})
}

/// The region's bad day: restarts, lost requests and replies, refusals, a captive portal, accesses that end.
fn misbehave(region: &Mutex<Region>, over: &AtomicBool, span: Duration) {
    let rule = |path: &str| Rule {
        path: path.to_owned(),
        ..Rule::default()
    };
    let effect = |effect| Rule {
        effect: Some(effect),
        times: Some(6),
        ..rule("/fhir")
    };
    let busy = Rule {
        status: Some(503),
        retry_after: Some(1),
        times: Some(8),
        ..rule("/fhir")
    };
    let slow = Rule {
        latency_ms: 400,
        times: Some(20),
        ..rule("")
    };
    let until = Instant::now() + span;
    for turn in 0_usize.. {
        if Instant::now() >= until {
            break;
        }
        let mut region = region.lock().unwrap();
        match turn % 8 {
            0 => region.faults(vec![effect(Effect::LoseReply)]),
            1 => region.faults(vec![busy.clone()]),
            2 => {
                region.stop();
                std::thread::sleep(Duration::from_millis(700));
                region.start_again();
            }
            3 => region.faults(vec![effect(Effect::LoseRequest)]),
            4 => region.expire_tokens(),
            5 => region.faults(vec![effect(Effect::Truncate)]),
            6 => region.faults(vec![effect(Effect::CaptivePortal)]),
            _ => region.faults(vec![slow.clone()]),
        }
        drop(region);
        std::thread::sleep(Duration::from_millis(900));
    }
    region.lock().unwrap().faults(Vec::new());
    over.store(true, Ordering::Relaxed);
}

/// What arrived: by its words, when.
fn arrived(region: &Region, kind: &str) -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for resource in region.all(kind) {
        let words = match kind {
            "ServiceRequest" => &resource["note"][0]["text"],
            _ => &resource["payload"][0]["contentString"],
        };
        if let Some(words) = words.as_str() {
            let at = resource["meta"]["lastUpdated"].as_str().unwrap_or_default();
            found.entry(words.to_owned()).or_default().push(at.to_owned());
        }
    }
    found
}

/// No request names a file that the region does not hold.
fn files_are_whole(region: &Region) {
    for document in region.all("DocumentReference") {
        let address = document["content"][0]["attachment"]["url"]
            .as_str()
            .unwrap_or_default();
        let Some(id) = address.strip_prefix("Binary/") else {
            continue;
        };
        assert!(
            region.binary(id).is_some(),
            "a request arrived before its file {id}"
        );
    }
}
