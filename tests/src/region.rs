//! The region in a folder of its own, that can be stopped and started again at the same address.

use region_sandbox::faults::Rule;
use region_sandbox::{Options, RunningRegion, start};
use tempfile::TempDir;

/// A region for one test.
pub struct TestRegion {
    folder: TempDir,
    running: Option<RunningRegion>,
    pub address: String,
}

impl TestRegion {
    pub async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let running = start(Options {
            turn: false,
            ..Options::new(folder.path())
        })
        .await
        .unwrap();
        let address = running.base_url.clone();
        Self {
            folder,
            running: Some(running),
            address,
        }
    }

    /// The region is gone, as for a station without network.
    pub async fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            running.shutdown().await;
        }
    }

    /// The region is back, with what it had.
    pub async fn start_again(&mut self) {
        assert!(self.running.is_none(), "it runs already");
        let running = start(Options {
            turn: false,
            ..Options::new(self.folder.path())
        })
        .await
        .unwrap();
        assert_eq!(running.base_url, self.address, "the port was taken meanwhile");
        self.running = Some(running);
    }

    /// The codice fiscale of an invented practitioner.
    pub fn fiscal_code(&self, practitioner: &str) -> String {
        let store = &self.running.as_ref().expect("the region runs").region.store;
        let people = store.search("Practitioner", &[]).unwrap();
        let person = people
            .iter()
            .find(|person| person["id"] == practitioner)
            .expect("an invented practitioner");
        person["identifier"][0]["value"].as_str().unwrap().to_owned()
    }

    /// What the region holds.
    pub fn store(&self) -> &region_sandbox::fhir::Store {
        &self.running.as_ref().expect("the region runs").region.store
    }

    /// The running region, uploads and all.
    pub fn state(&self) -> &region_sandbox::Region {
        &self.running.as_ref().expect("the region runs").region
    }

    pub fn faults(&self, rules: Vec<Rule>) {
        self.running
            .as_ref()
            .expect("the region runs")
            .region
            .faults
            .set(rules);
    }

    /// Moves a sandbox switch.
    pub async fn switch(&self, path: &str, body: serde_json::Value) {
        let url = format!("{}/_sandbox/{path}", self.address.trim_end_matches('/'));
        let answer = reqwest::Client::new().post(url).json(&body).send().await.unwrap();
        assert!(
            answer.status().is_success(),
            "the switch {path} failed: {}",
            answer.status()
        );
    }
}
