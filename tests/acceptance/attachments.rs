//! Attachments on their way: the station killed, the region killed, bits spoiled, a pause, a region without uploads. Each
//! arrives once and whole, and nothing of it is in the clear on this PC.
//!
//! The size is 20 MB; `cargo test -p acceptance -- --ignored attachments::two_hundred` takes 200. Stations and regions that are
//! killed are this same test binary, as a child; memory is what the kernel says of the child (Linux).

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use acceptance::{Station, TestRegion, eventually};
use contract::ErrorCode;
use contract::delivery::{PauseUploadRequest, QueueRowView, QueueState, QueueSubject};
use contract::document::DocumentRequest;
use contract::patient::PatientSearchRequest;
use contract::report::Priority;
use contract::teleconsult::{
    AttachRequest, SaveTeleconsultRequest, TeleconsultDraftRequest, TeleconsultDraftView, TeleconsultForm,
    TeleconsultRequest,
};
use region_sandbox::faults::{Effect, Rule};
use region_sandbox::uploads::UploadState;
use region_sandbox::{Options, start};

const MEGABYTE: usize = 1024 * 1024;
const DOCTOR: &str = "ferrantino-guido";
const CANARY: &[u8] = b"CANARINO-IN-CHIARO-4711";
const FOLDER: &str = "POSTAZIONE_ATTACHMENT_FOLDER";
const REGION: &str = "POSTAZIONE_ATTACHMENT_REGION";
const FILE: &str = "POSTAZIONE_ATTACHMENT_FILE";

/// A DICOM file by its mark, with a word every few pieces that must be found nowhere else.
fn content(size: usize) -> Vec<u8> {
    let mut bytes = vec![0; size];
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    for chunk in bytes.chunks_mut(8) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        chunk.copy_from_slice(&state.to_le_bytes()[..chunk.len()]);
    }
    bytes[128..132].copy_from_slice(b"DICM");
    for at in (1000..size.saturating_sub(CANARY.len())).step_by(100_000) {
        bytes[at..at + CANARY.len()].copy_from_slice(CANARY);
    }
    bytes
}

pub(crate) async fn begun(station: &Station) -> TeleconsultDraftView {
    let who = eventually("the patient's record arrives", || async {
        let request = PatientSearchRequest {
            text: "petracchi".to_owned(),
            limit: 5,
        };
        station
            .core
            .patient_search(request)
            .await
            .unwrap()
            .patients
            .into_iter()
            .next()
    })
    .await;
    eventually("the specialities arrive", || async {
        let request = TeleconsultDraftRequest {
            patient_id: who.id.clone(),
        };
        let draft = station.core.teleconsult_draft_open(request).await.unwrap();
        (!draft.specialities.is_empty()).then_some(draft)
    })
    .await
}

async fn attach(station: &Station, draft: &str, path: &Path) -> contract::Answer<TeleconsultDraftView> {
    let request = AttachRequest {
        teleconsult_id: draft.to_owned(),
        path: Some(path.to_str().unwrap().to_owned()),
    };
    station.core.teleconsult_attach(request).await
}

/// Writes, attaches, completes and sends; the identifiers of the case and of the attachment.
async fn send(station: &Station, path: &Path) -> (String, String) {
    let begun = begun(station).await;
    let with_file = attach(station, &begun.id, path).await.unwrap();
    let request = SaveTeleconsultRequest {
        teleconsult_id: begun.id.clone(),
        revision: with_file.revision,
        form: TeleconsultForm {
            question: "Serve una valutazione in presenza?".to_owned(),
            speciality: "02".to_owned(),
            priority: Some(Priority::B),
            diagnosis: "Blocco di branca sinistra".to_owned(),
            consent: true,
            ..begun.form
        },
    };
    let saved = station.core.teleconsult_draft_save(request).await.unwrap();
    assert!(saved.missing.is_empty(), "still missing: {:?}", saved.missing);
    let request = TeleconsultRequest {
        teleconsult_id: begun.id.clone(),
    };
    station.core.teleconsult_send(request).await.unwrap();
    (begun.id, with_file.attachments[0].id.clone())
}

/// The same with a file of so many megabytes.
pub(crate) async fn send_file(station: &Station, megabytes: usize) -> (String, String) {
    send(station, &file(station.folder(), &content(megabytes * MEGABYTE))).await
}

fn file(folder: &Path, bytes: &[u8]) -> PathBuf {
    let path = folder.join("ecg.dcm");
    std::fs::write(&path, bytes).unwrap();
    path
}

/// What waits, attachments and the rest.
async fn waiting(station: &Station) -> Vec<QueueRowView> {
    let queue = station.core.delivery_queue().await.unwrap();
    queue.queued.into_iter().chain(queue.to_correct).collect()
}

/// Longer than other waits: tens of megabytes pass through unoptimised ciphers.
async fn all_arrived(station: &Station) {
    for _ in 0..3000 {
        if waiting(station).await.is_empty() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("something never arrived: {:?}", waiting(station).await);
}

fn upload(rows: &[QueueRowView]) -> Option<&QueueRowView> {
    rows.iter()
        .find(|row| row.item.subject == QueueSubject::Attachment)
}

/// Each piece takes its time, so that there is a middle.
fn slow() -> Rule {
    Rule {
        path: "/uploads".into(),
        method: Some("PATCH".into()),
        latency_ms: 400,
        ..Rule::default()
    }
}

async fn in_the_middle(look: impl Fn() -> Vec<UploadState>) {
    eventually("the upload is in its middle", || {
        let found = look()
            .into_iter()
            .find(|upload| upload.offset > 0 && !upload.done);
        async move { found }
    })
    .await;
}

/// Once, whole, and the request after it.
fn arrived_once(store: &region_sandbox::fhir::Store, uploads: &[UploadState], id: &str, bytes: &[u8]) {
    let (media_type, there) = store.binary(id).unwrap().expect("the file is at the region");
    assert_eq!(media_type, "application/dicom");
    assert!(there == bytes, "the file changed on its way");
    let binary = store.read("Binary", id).unwrap().unwrap();
    assert_eq!(binary["meta"]["versionId"], "1", "it was written twice");
    assert!(
        uploads.len() == 1 && uploads[0].done,
        "something was left half way: {uploads:?}"
    );
    let query = [("identifier", format!("urn:ietf:rfc:3986|urn:uuid:{id}"))];
    let query: Vec<_> = query
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let documents = store.search("DocumentReference", &query).unwrap();
    assert_eq!(documents.len(), 1, "the request did not go after its file, once");
}

/// Nothing of the file below a folder, in whatever file.
fn nothing_in_the_clear(folder: &Path) {
    let mut left = vec![folder.to_owned()];
    let mut read = 0;
    while let Some(next) = left.pop() {
        for entry in std::fs::read_dir(next).unwrap().flatten() {
            if entry.file_type().unwrap().is_dir() {
                left.push(entry.path());
                continue;
            }
            let bytes = std::fs::read(entry.path()).unwrap();
            read += bytes.len();
            let found = bytes.windows(CANARY.len()).any(|window| window == CANARY);
            assert!(!found, "in the clear: {}", entry.path().display());
        }
    }
    assert!(read > 0, "nothing was looked at");
}

#[cfg(target_os = "linux")]
fn kilobytes(process: &str, what: &str) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with(what))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(not(target_os = "linux"))]
fn kilobytes(_process: &str, _what: &str) -> Option<u64> {
    None
}

/// A child of this test binary.
struct Killed {
    child: Child,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
}

impl Killed {
    fn start(test: &str, settings: &[(&str, &str)]) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", test, "--ignored", "--nocapture"])
            .envs(settings.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// What follows a word on the child's output.
    async fn says(self, word: &'static str) -> (Self, String) {
        tokio::task::spawn_blocking(move || {
            let mut this = self;
            let found = this
                .lines
                .by_ref()
                .map_while(Result::ok)
                .find_map(|line| line.split_once(word).map(|(_, rest)| rest.trim().to_owned()));
            (
                this,
                found.unwrap_or_else(|| panic!("the child never said {word}")),
            )
        })
        .await
        .unwrap()
    }

    /// SIGKILL: nothing is finished, nothing is told.
    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a child of the tests of this file, which run it"]
async fn child_station() {
    let (Ok(folder), Ok(region)) = (std::env::var(FOLDER), std::env::var(REGION)) else {
        return;
    };
    let station = Station::in_folder(Path::new(&folder), &region);
    station.enter(DOCTOR).await;
    // The way in derives a key from the passphrase, which takes memory on purpose: Linux counts the highest use anew from here.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    let before = kilobytes("self", "VmRSS").unwrap_or_default();
    if let Ok(path) = std::env::var(FILE) {
        begun(&station).await;
        let (_, attachment) = send(&station, Path::new(&path)).await;
        println!("sent {attachment}");
    }
    // A kill may fall on any line above: what stands is what the folder says.
    let give_up = std::time::Instant::now() + std::time::Duration::from_secs(600);
    while !waiting(&station).await.is_empty() && std::time::Instant::now() < give_up {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    let most = kilobytes("self", "VmHWM").unwrap_or_default();
    println!("arrived {before} {}", most.saturating_sub(before));
    tokio::time::sleep(std::time::Duration::from_secs(60)).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a child of the tests of this file, which run it"]
async fn child_region() {
    let Ok(folder) = std::env::var(FOLDER) else {
        return;
    };
    let running = start(Options {
        turn: false,
        ..Options::new(folder)
    })
    .await
    .unwrap();
    println!("address {}", running.base_url);
    tokio::time::sleep(std::time::Duration::from_secs(600)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_station_goes_on_where_it_was_with_nothing_in_the_clear() {
    // The memory of a whole copy of so small a file cannot be told from that of a station at work: the test of 200 MB tells.
    station_killed(20 * MEGABYTE, 1, None).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes"]
async fn two_hundred_megabytes_survive_three_kills_of_the_station() {
    // All attachments of a request together may be 200 MiB.
    station_killed(200 * MEGABYTE, 3, Some(40 * 1024)).await;
}

/// `most` is what the station may use beside what it used before, in KiB.
async fn station_killed(size: usize, kills: usize, most: Option<u64>) {
    let region = TestRegion::open().await;
    region.faults(vec![slow()]);
    let folder = tempfile::tempdir().unwrap();
    let (home, temporary) = (folder.path().join("station"), folder.path().join("temporary"));
    std::fs::create_dir_all(&home).unwrap();
    std::fs::create_dir_all(&temporary).unwrap();
    let bytes = content(size);
    let source = file(folder.path(), &bytes);
    let settings = [
        (FOLDER, home.to_str().unwrap()),
        (REGION, region.address.as_str()),
        ("TMPDIR", temporary.to_str().unwrap()),
    ];
    let first: Vec<_> = settings
        .iter()
        .copied()
        .chain([(FILE, source.to_str().unwrap())])
        .collect();
    let child = Killed::start("attachments::child_station", &first);
    let (mut child, attachment) = child.says("sent ").await;
    let mut reached = 0;
    for _ in 0..kills {
        let further = || {
            let found = region.state().uploads();
            found
                .into_iter()
                .filter(|upload| upload.offset > reached)
                .collect()
        };
        in_the_middle(further).await;
        child.kill();
        let stood = region.state().uploads();
        assert!(
            stood.len() == 1 && !stood[0].done,
            "the kill came too late: {stood:?}"
        );
        reached = stood[0].offset;
        nothing_in_the_clear(&home);
        child = Killed::start("attachments::child_station", &settings);
    }
    // What the last station used while it carried the rest of the file.
    let (child, after) = child.says("arrived ").await;
    child.kill();
    arrived_once(region.store(), &region.state().uploads(), &attachment, &bytes);
    nothing_in_the_clear(&home);
    assert!(
        std::fs::read_dir(&temporary).unwrap().next().is_none(),
        "a temporary file was left"
    );
    let (before, more) = after.split_once(' ').unwrap();
    if let Some(most) = most {
        assert!(
            more.parse::<u64>().unwrap() < most,
            "{more} KiB more than the {before} before the file"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_region_gets_the_rest_and_holds_the_file_once() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("region");
    let settings = [(FOLDER, home.to_str().unwrap())];
    let (child, address) = Killed::start("attachments::child_region", &settings)
        .says("address ")
        .await;
    let station = Station::at(&address);
    station.enter(DOCTOR).await;
    begun(&station).await;
    let faults = serde_json::json!({"rules": [slow()]});
    let switch = format!("{address}/_sandbox/faults");
    let moved = reqwest::Client::new()
        .put(switch)
        .json(&faults)
        .send()
        .await
        .unwrap();
    assert!(moved.status().is_success());
    let bytes = content(20 * MEGABYTE);
    let (_, attachment) = send(&station, &file(folder.path(), &bytes)).await;
    let some = eventually("the upload is in its middle", || async {
        let rows = waiting(&station).await;
        upload(&rows)?
            .item
            .upload
            .clone()
            .filter(|upload| upload.sent > 0)
    })
    .await;
    child.kill();
    assert!(
        some.sent < some.size && some.size as usize == bytes.len(),
        "{some:?}"
    );
    let (child, again) = Killed::start("attachments::child_region", &settings)
        .says("address ")
        .await;
    assert_eq!(again, address, "the port was taken meanwhile");
    all_arrived(&station).await;
    child.kill();
    let running = start(Options {
        turn: false,
        ..Options::new(&home)
    })
    .await
    .unwrap();
    arrived_once(
        &running.region.store,
        &running.region.uploads(),
        &attachment,
        &bytes,
    );
    running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn spoiled_bits_lost_replies_and_a_forgetful_region_cost_only_time() {
    let region = TestRegion::open().await;
    let station = Station::at(&region.address);
    station.enter(DOCTOR).await;
    begun(&station).await;
    let once = |method: &str, effect| Rule {
        path: "/uploads".into(),
        method: Some(method.into()),
        times: Some(1),
        effect: Some(effect),
        ..Rule::default()
    };
    let gone = Rule {
        path: "/uploads".into(),
        method: Some("HEAD".into()),
        times: Some(1),
        status: Some(410),
        ..Rule::default()
    };
    region.faults(vec![
        once("POST", Effect::LoseReply),
        once("PATCH", Effect::SpoilRequest),
        once("PATCH", Effect::SpoilRequest),
        once("PATCH", Effect::LoseReply),
        once("PATCH", Effect::CaptivePortal),
        gone,
    ]);
    let bytes = content(3 * MEGABYTE);
    let (_, attachment) = send(&station, &file(station.folder(), &bytes)).await;
    eventually("everything arrives", || async {
        // The pauses between attempts are for people who wait, not for a test.
        let _ = station.core.delivery_retry_now().await;
        waiting(&station).await.is_empty().then_some(())
    })
    .await;
    arrived_once(region.store(), &region.state().uploads(), &attachment, &bytes);
    let request = DocumentRequest {
        document_id: attachment,
    };
    assert!(station.core.document_content(request).await.unwrap() == bytes);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_attachment_waits_for_a_person_and_holds_only_its_own_request() {
    let region = TestRegion::open().await;
    let station = Station::at(&region.address);
    station.enter(DOCTOR).await;
    begun(&station).await;
    region.faults(vec![slow()]);
    let bytes = content(8 * MEGABYTE);
    let (_, attachment) = send(&station, &file(station.folder(), &bytes)).await;
    in_the_middle(|| region.state().uploads()).await;
    let rows = waiting(&station).await;
    let item = upload(&rows).unwrap().item.id.clone();
    let ask = |paused| PauseUploadRequest {
        item_id: item.clone(),
        paused,
    };
    station.core.delivery_pause_upload(ask(true)).await.unwrap();
    let stopped = eventually("the piece under way ends", || async {
        let rows = waiting(&station).await;
        let item = &upload(&rows)?.item;
        (item.state == QueueState::Waiting).then(|| item.upload.clone().unwrap())
    })
    .await;
    region.faults(Vec::new());
    station.core.delivery_retry_now().await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    let rows = waiting(&station).await;
    let after = upload(&rows).unwrap().item.upload.clone().unwrap();
    // The piece that was on its way when the person asked may have arrived; nothing after it.
    assert!(
        after.paused && after.sent < after.size,
        "it went on by itself: {stopped:?} {after:?}"
    );
    let station = station.restart();
    station.enter(DOCTOR).await;
    let rows = waiting(&station).await;
    let kept = upload(&rows).unwrap().item.upload.clone().unwrap();
    assert!(
        kept.paused && kept.sent == after.sent,
        "a restart forgot the pause: {kept:?}"
    );
    station.core.delivery_pause_upload(ask(false)).await.unwrap();
    all_arrived(&station).await;
    arrived_once(region.store(), &region.state().uploads(), &attachment, &bytes);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attachment_goes_on_behind_the_lock() {
    let region = TestRegion::open().await;
    let station = Station::at(&region.address);
    station.enter(DOCTOR).await;
    let person = station.known_person().await;
    begun(&station).await;
    region.faults(vec![slow()]);
    let bytes = content(8 * MEGABYTE);
    let (_, attachment) = send(&station, &file(station.folder(), &bytes)).await;
    in_the_middle(|| region.state().uploads()).await;
    station.core.session_lock().await.unwrap();
    eventually("the file arrives behind the lock", || async {
        region
            .state()
            .uploads()
            .first()
            .filter(|upload| upload.done)
            .map(|_| ())
    })
    .await;
    let locked = station.core.delivery_queue().await.unwrap_err();
    assert_eq!(locked.code, ErrorCode::SessionLocked);
    station.unlock(&person).await;
    all_arrived(&station).await;
    arrived_once(region.store(), &region.state().uploads(), &attachment, &bytes);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_region_without_uploads_gets_a_binary_while_it_is_small_enough() {
    let region = TestRegion::open().await;
    let station = Station::at(&region.address);
    station.enter(DOCTOR).await;
    begun(&station).await;
    region.faults(vec![Rule {
        path: "/uploads".into(),
        status: Some(404),
        ..Rule::default()
    }]);
    let bytes = content(MEGABYTE);
    let (_, attachment) = send(&station, &file(station.folder(), &bytes)).await;
    all_arrived(&station).await;
    let (_, there) = region.store().binary(&attachment).unwrap().expect("a Binary");
    assert!(there == bytes && region.state().uploads().is_empty());

    send(&station, &file(station.folder(), &content(33 * MEGABYTE))).await;
    let refused = eventually("the large one waits for a person", || async {
        let rows = waiting(&station).await;
        let item = upload(&rows)?.item.clone();
        (item.state == QueueState::ToCorrect).then_some(item)
    })
    .await;
    assert_eq!(refused.detail.as_deref(), Some("queue/too_large"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_kept_without_what_could_deceive() {
    let region = TestRegion::open().await;
    let station = Station::at(&region.address);
    station.enter(DOCTOR).await;
    let begun = begun(&station).await;
    let name = "refer\u{202e}to\u{7} di Ugo\t.pdf";
    let path = station.folder().join(name);
    std::fs::write(&path, b"\x89PNG\r\n\x1a\n not a PDF, whatever its name says").unwrap();
    let view = attach(&station, &begun.id, &path).await.unwrap();
    let file = &view.attachments[0];
    assert_eq!(file.name, "referto di Ugo.pdf");
    assert_eq!(file.media_type, "image/png", "the name was believed");
}
