//! The program killed with SIGKILL while it validates, signs, queues and delivers: the report arrives, once.
//!
//! A child process (this same test binary) signs and sends; the parent kills it after a pause that differs each time, so that
//! the blow falls on different steps, then goes on from what is on the disk.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use acceptance::{Station, TestRegion};
use contract::report::ReceiptStep;

use crate::delivery::{Desk, PIN, with_draft};

const FOLDER: &str = "POSTAZIONE_KILL_FOLDER";
const REGION: &str = "POSTAZIONE_KILL_REGION";
const REPORT: &str = "POSTAZIONE_KILL_REPORT";

/// The child: comes in, says that it begins, signs and sends, and stays until it is killed.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "the child of the kill test, which runs it"]
async fn child_signs_and_sends() {
    let (Ok(folder), Ok(region), Ok(report)) = (
        std::env::var(FOLDER),
        std::env::var(REGION),
        std::env::var(REPORT),
    ) else {
        return;
    };
    let (televisit, revision) = report.split_once('@').expect("televisit@revision");
    let station = Station::in_folder(Path::new(&folder), &region);
    station.enter("valmori-irene").await;
    let desk = Desk {
        station,
        televisit: televisit.to_owned(),
        revision: revision.parse().unwrap(),
    };
    println!("begins");
    // Killed here, or after it.
    let _ = desk.sign(PIN).await;
    println!("signed");
    tokio::time::sleep(Duration::from_secs(60)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_killed_at_any_step_of_its_delivery_arrives_once() {
    // The whole of it takes about a second: the blows fall before, between and after its steps.
    for pause in [0, 150, 400, 700, 1100] {
        let region = TestRegion::open().await;
        let desk = with_draft(&region).await;
        let documents = documents(&region);
        let Desk {
            station,
            televisit,
            revision,
        } = desk;
        // The child works in the same folder; this process lets go of it meanwhile.
        station.core.abandon();
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "kill::child_signs_and_sends",
                "--ignored",
                "--nocapture",
            ])
            .env(FOLDER, station.folder())
            .env(REGION, &region.address)
            .env(REPORT, format!("{televisit}@{revision}"))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let begun = lines
            .by_ref()
            .map_while(Result::ok)
            .any(|line| line.contains("begins"));
        assert!(begun, "the child did not come in");
        tokio::time::sleep(Duration::from_millis(pause)).await;
        child.kill().unwrap();
        child.wait().unwrap();

        let desk = Desk {
            station,
            televisit,
            revision,
        }
        .back("valmori-irene")
        .await;
        // Signs again where the blow fell before the signature; finds it done where it fell after.
        desk.sign(PIN).await.unwrap();
        let delivery = desk.until(ReceiptStep::OnPortal).await;
        assert!(
            delivery.item.is_none(),
            "after {pause} ms: nothing waits for a person: {:?}",
            delivery.item
        );
        assert_eq!(
            self::documents(&region),
            documents + 1,
            "after {pause} ms: one report, and one only"
        );
    }
}

/// Reports of the patient at the region.
fn documents(region: &TestRegion) -> usize {
    let query = [("patient", "Patient/marottoli-assunta")];
    region.store().search("DocumentReference", &query).unwrap().len()
}
