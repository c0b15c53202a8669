//! A region that misbehaves and files that are spoiled: a sentence's code, nothing lost, nothing invented.

use std::path::PathBuf;

use acceptance::{PASSPHRASE, Station, TestRegion, eventually};
use contract::ErrorCode;
use contract::agenda::AgendaDayRequest;
use contract::session::{SessionView, UnlockRequest};
use region_sandbox::faults::{Effect, Rule};

fn today() -> AgendaDayRequest {
    let day = jiff::Timestamp::now()
        .to_zoned(jiff::tz::TimeZone::get("Europe/Rome").unwrap())
        .date();
    AgendaDayRequest {
        day: day.to_string(),
        search: String::new(),
    }
}

async fn rows(station: &Station) -> usize {
    eventually("today's televisits arrive", || async {
        let day = station.core.agenda_day(today()).await.unwrap();
        (day.rows.len() > 5).then_some(day.rows.len())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_region_that_answers_nonsense_leaves_the_copy_as_it_was() {
    let region = TestRegion::open().await;
    let station = Station::at(&region.address);
    station.enter("valmori-irene").await;
    let before = rows(&station).await;
    for effect in [Effect::CaptivePortal, Effect::Truncate, Effect::LoseReply] {
        region.faults(vec![Rule {
            path: "/fhir".into(),
            effect: Some(effect),
            ..Rule::default()
        }]);
        let day = station.core.agenda_day(today()).await.unwrap();
        assert_eq!(
            day.rows.len(),
            before,
            "the copy answers while the region says {effect:?}"
        );
    }
    region.faults(Vec::new());
    assert_eq!(station.core.agenda_day(today()).await.unwrap().rows.len(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_outbox_is_set_aside_and_said_and_a_foreign_one_is_not_touched() {
    let region = TestRegion::open().await;
    let station = Station::at(&region.address);
    station.enter("valmori-irene").await;
    let person = station.known_person().await;
    let folder = station.folder().join("data").join("people").join(&person);
    let station = station.restart();
    let outbox = folder.join("outbox.db");
    let whole = std::fs::read(&outbox).unwrap();

    std::fs::write(
        &outbox,
        b"SQLite format 3\0 and then a database in the clear, which this program never writes",
    )
    .unwrap();
    remove_logs(&folder);
    let unlock = || UnlockRequest {
        person_id: person.clone(),
        secret: PASSPHRASE.to_owned(),
    };
    let refused = station.core.session_unlock(unlock()).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::ArchiveForeign);
    assert!(outbox.exists(), "a foreign file stays where it is");

    let mut spoiled = whole.clone();
    let middle = spoiled.len() / 2;
    for byte in &mut spoiled[middle..middle + 64] {
        *byte ^= 0xff;
    }
    std::fs::write(&outbox, &spoiled).unwrap();
    let refused = station.core.session_unlock(unlock()).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::ArchiveDamaged, "damage is said");
    let aside: Vec<PathBuf> = std::fs::read_dir(&folder)
        .unwrap()
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| {
            path.file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with("outbox.") && name != "outbox.db")
        })
        .collect();
    assert!(!aside.is_empty(), "the damaged file was set aside, not deleted");
    // The next way in begins a new archive; what was set aside stays.
    let session = station.core.session_unlock(unlock()).await.unwrap();
    assert!(
        matches!(session, SessionView::Open { .. }),
        "work goes on: {session:?}"
    );
    assert!(
        aside.iter().all(|path| path.exists()),
        "what was set aside is still there"
    );
}

fn remove_logs(folder: &std::path::Path) {
    for name in ["outbox.db-wal", "outbox.db-shm"] {
        let _ = std::fs::remove_file(folder.join(name));
    }
}

/// A change that waits, because the region no longer takes the access of who made it.
async fn with_an_access_that_ended(region: &TestRegion) -> Station {
    let station = Station::at(&region.address);
    station.enter("valmori-irene").await;
    rows(&station).await;
    let row = station
        .core
        .agenda_day(today())
        .await
        .unwrap()
        .rows
        .into_iter()
        .find(|row| row.waiting_since.is_none());
    let televisit_id = row.expect("a televisit nobody waits for").televisit_id;
    region
        .switch("expire-tokens", serde_json::json!({ "refresh": true }))
        .await;
    let request = contract::televisit::ChooseOutcomeRequest {
        televisit_id,
        outcome: contract::televisit::OutcomeView::NotDelivered {
            reason: contract::televisit::NotDeliveredReason::PatientAbsent,
            note: String::new(),
        },
    };
    station.core.televisit_not_delivered(request).await.unwrap();
    eventually("the queue waits for a login", || async {
        let queue = station.core.delivery_queue().await.unwrap();
        let waits = contract::delivery::QueueState::WaitingForLogin;
        queue
            .queued
            .iter()
            .any(|row| row.item.state == waits && row.item.attempts == 0)
            .then_some(())
    })
    .await;
    station
}

async fn until_nothing_waits(station: &Station) {
    eventually("the queue is empty", || async {
        let queue = station.core.delivery_queue().await.unwrap();
        queue.queued.is_empty().then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_access_that_ended_pauses_the_queue_and_a_new_login_frees_it() {
    let region = TestRegion::open().await;
    let station = with_an_access_that_ended(&region).await;
    station.login("valmori-irene").await;
    until_nothing_waits(&station).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waited_for_a_login_leaves_also_after_the_program_was_started_again() {
    let region = TestRegion::open().await;
    let station = with_an_access_that_ended(&region).await.restart();
    station.enter("valmori-irene").await;
    until_nothing_waits(&station).await;
}

#[test]
fn no_recording_path_exists() {
    // Sound and pictures pass through these folders. None of them opens a file to write, and the one picture that is kept
    // goes into the encrypted attachments (`call/picture.rs`).
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let forbidden = [
        "File::create",
        "OpenOptions",
        "fs::write",
        "File::options",
        "create_new",
        "tokio::fs",
        "Command::new",
        "ffmpeg",
        "MediaRecorder",
    ];
    let mut files = 0;
    for folder in [
        "src-tauri/crates/media/src",
        "src-tauri/crates/workflow/src/call",
        "src-tauri/crates/televisit/src",
        "ui/src/call",
        "ui/src/televisit",
    ] {
        walk(&root.join(folder), &mut |path, text| {
            files += 1;
            for word in forbidden {
                assert!(!text.contains(word), "{} contains {word}", path.display());
            }
        });
    }
    assert!(files > 20, "the folders were found and read: {files} files");
}

fn walk(folder: &std::path::Path, look: &mut impl FnMut(&std::path::Path, &str)) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, look);
        } else if let Ok(text) = std::fs::read_to_string(&path) {
            look(&path, &text);
        }
    }
}
