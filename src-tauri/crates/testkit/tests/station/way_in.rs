//! Coming in, answering, surviving, ending.

use serde_json::{Value, json};

use crate::driven::Driven;
use crate::region::Region;

fn questions(region: &Region, text: &str) -> usize {
    region
        .all("ServiceRequest")
        .iter()
        .filter(|request| request["note"][0]["text"] == text)
        .count()
}

#[test]
fn every_line_is_answered_in_order_and_the_end_of_the_input_is_an_orderly_end() {
    let region = Region::open();
    let folder = tempfile::tempdir().unwrap();
    let mut station = Driven::spawn(folder.path(), &region.address, "ferrantino-guido", &[]);
    // Written before anybody is in, and answered all the same.
    let early = station.begin("session_state", Value::Null);
    let session = station.until_ready();
    assert_eq!(session["state"], "open");
    assert_eq!(session["person"]["given"], "Guido");
    assert_eq!(station.answer(early).unwrap()["state"], "open");
    station.say("");
    station.say("not JSON");
    let line = station.until("a line that cannot be read is answered", |line| {
        line.get("failure").is_some()
    });
    assert_eq!(line["id"], Value::Null);
    assert_eq!(line["failure"]["code"], "bad_request");
    assert_eq!(line["failure"]["detail"], "station/line");
    let unknown = station.ask("nothing_like_it", Value::Null).unwrap_err();
    assert_eq!(unknown["detail"], "station/command");
    let wrong = station.ask("patient_open", json!({"patient": 3})).unwrap_err();
    assert_eq!(wrong["detail"], "station/request");
    let state = station.ask("station_state", Value::Null).unwrap();
    assert_eq!(state["training"], true);
    let late = station.begin("delivery_queue", Value::Null);
    let (status, left) = station.end();
    assert_eq!(status, Some(0));
    assert!(
        left.iter()
            .any(|line| line["id"] == late && line.get("ok").is_some()),
        "what was asked before the end is answered: {left:?}"
    );
}

#[test]
fn what_was_acknowledged_offline_survives_a_kill_and_arrives_once() {
    let mut region = Region::open();
    let folder = tempfile::tempdir().unwrap();
    let mut station = Driven::open(folder.path(), &region.address, "ferrantino-guido", &[]);
    let patient = station.patient("petracchi");
    // The directory of colleagues comes with the first sync too.
    station.teleconsult(&patient, "Con la rete", None);
    region.stop();
    let picture = folder.path().join("ecg.png");
    std::fs::write(
        &picture,
        b"\x89PNG\r\n\x1a\nnot a picture, but it begins like one",
    )
    .unwrap();
    station.teleconsult(&patient, "Senza rete", Some(&picture));
    // Known to this folder, the person comes in without a region too.
    let mut station = station.killed_and_back();
    assert_eq!(
        station.ask("session_state", Value::Null).unwrap()["offline"],
        true
    );
    assert!(station.waiting() > 0, "the request still waits here");
    region.start_again();
    station.eventually("the queue is empty", |station| {
        (station.waiting() == 0).then_some(())
    });
    assert_eq!(questions(&region, "Con la rete"), 1);
    assert_eq!(questions(&region, "Senza rete"), 1);
    assert_eq!(station.end().0, Some(0));
}

#[test]
fn nobody_of_an_unknown_name_comes_in() {
    let region = Region::open();
    let folder = tempfile::tempdir().unwrap();
    let station = Driven::spawn(folder.path(), &region.address, "nessuno-nessuno", &[]);
    let (status, left) = station.end();
    assert_eq!(status, Some(1), "{left:?}");
    assert!(left.iter().any(|line| line["event"] == "not_in"), "{left:?}");
}

#[test]
fn a_wrong_passphrase_opens_nothing() {
    let region = Region::open();
    let folder = tempfile::tempdir().unwrap();
    Driven::open(folder.path(), &region.address, "valmori-irene", &[]).end();
    // Any variable that is set and is not the passphrase.
    let station = Driven::spawn(
        folder.path(),
        &region.address,
        "valmori-irene",
        &["--secret-env", "PATH"],
    );
    let (status, left) = station.end();
    assert_eq!(status, Some(1));
    let refused = left.iter().find(|line| line["event"] == "not_in").unwrap();
    assert_eq!(refused["payload"]["code"], "wrong_station_secret");
}
