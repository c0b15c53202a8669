//! The program killed with SIGKILL in the middle of a batch: each report arrives, once.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use acceptance::{Station, TestRegion};
use contract::batch::{BatchDocumentRequest, BatchDocumentState as State, BatchStartRequest};

use super::day::count;
use crate::delivery::PIN;

const FOLDER: &str = "POSTAZIONE_BATCH_FOLDER";
const REGION: &str = "POSTAZIONE_BATCH_KILL_REGION";
const REPORTS: &str = "POSTAZIONE_BATCH_REPORTS";

/// The child: comes in, reads, signs, and says how many are signed until it is killed.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "the child of the kill test, which runs it"]
async fn child_signs_many() {
    let (Ok(folder), Ok(region), Ok(reports)) = (
        std::env::var(FOLDER),
        std::env::var(REGION),
        std::env::var(REPORTS),
    ) else {
        return;
    };
    let documents: Vec<BatchDocumentRequest> = serde_json::from_str(&reports).unwrap();
    let station = Station::in_folder(Path::new(&folder), &region);
    station.enter("valmori-irene").await;
    for document in &documents {
        station.core.batch_preview(document.clone()).await.unwrap();
    }
    let devices = station.core.report_signing_devices().await.unwrap();
    let mine = devices.identities.iter().find(|identity| identity.is_author);
    let request = BatchStartRequest {
        identity_id: mine.unwrap().id.clone(),
        pin: PIN.to_owned(),
        otp: String::new(),
        documents,
    };
    station.core.batch_start(request).await.unwrap();
    loop {
        let view = station.core.batch_state().unwrap().unwrap();
        println!("signed {}", count(&view, State::Signed));
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_killed_at_any_report_loses_none_and_signs_none_twice() {
    // Before the first signature, between two, and after many.
    for blow in [0, 1, 7] {
        let region = TestRegion::open().await;
        let day = super::day(&region, 12, 0).await;
        day.station.core.abandon();
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "batch::kill::child_signs_many",
                "--ignored",
                "--nocapture",
            ])
            .env(FOLDER, day.station.folder())
            .env(REGION, &region.address)
            .env(REPORTS, serde_json::to_string(&day.reports).unwrap())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let signed = BufReader::new(child.stdout.take().unwrap())
            .lines()
            .map_while(Result::ok)
            .filter_map(|line| line.rsplit_once("signed ")?.1.trim().parse::<usize>().ok())
            .find(|signed| *signed >= blow);
        child.kill().unwrap();
        child.wait().unwrap();
        let signed = signed.expect("the child signs");

        let day = day.back().await;
        day.read_all_open().await;
        let view = day.sign_all(PIN).await;
        let before = count(&view, State::SignedBefore);
        assert!(
            before >= signed,
            "{before} found of {signed} that were told as signed"
        );
        assert_eq!(before + count(&view, State::Signed), 12, "{view:?}");
        day.delivered(&region, 12).await;
    }
}
