//! The region beside the driven stations, on a runtime of its own, that can be stopped and started again.

use region_sandbox::faults::Rule;
use region_sandbox::{Options, RunningRegion, start};
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;

pub(crate) struct Region {
    folder: TempDir,
    runtime: Runtime,
    running: Option<RunningRegion>,
    pub(crate) address: String,
}

impl Region {
    pub(crate) fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let runtime = Runtime::new().unwrap();
        let running = runtime.block_on(start(Self::options(&folder))).unwrap();
        Self {
            address: running.base_url.clone(),
            folder,
            runtime,
            running: Some(running),
        }
    }

    fn options(folder: &TempDir) -> Options {
        Options {
            turn: false,
            ..Options::new(folder.path())
        }
    }

    pub(crate) fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            self.runtime.block_on(running.shutdown());
        }
    }

    pub(crate) fn start_again(&mut self) {
        let running = self.runtime.block_on(start(Self::options(&self.folder))).unwrap();
        assert_eq!(running.base_url, self.address, "the port was taken meanwhile");
        self.running = Some(running);
    }

    /// Of an invented practitioner.
    pub(crate) fn fiscal_code(&self, practitioner: &str) -> String {
        let running = self.running.as_ref().expect("the region runs");
        let found = running
            .region
            .store
            .read("Practitioner", practitioner)
            .unwrap()
            .unwrap();
        found["identifier"][0]["value"].as_str().unwrap().to_owned()
    }

    pub(crate) fn faults(&self, rules: Vec<Rule>) {
        self.running
            .as_ref()
            .expect("the region runs")
            .region
            .faults
            .set(rules);
    }

    /// Every access token ends now.
    pub(crate) fn expire_tokens(&self) {
        let url = format!("{}/_sandbox/expire-tokens", self.address);
        self.runtime.block_on(async {
            let sent = reqwest::Client::new()
                .post(url)
                .json(&serde_json::json!({}))
                .send()
                .await;
            assert!(sent.unwrap().status().is_success());
        });
    }

    pub(crate) fn all(&self, kind: &str) -> Vec<Value> {
        let store = &self.running.as_ref().expect("the region runs").region.store;
        store.search(kind, &[]).unwrap()
    }

    pub(crate) fn binary(&self, id: &str) -> Option<Vec<u8>> {
        let store = &self.running.as_ref().expect("the region runs").region.store;
        store.binary(id).unwrap().map(|(_, bytes)| bytes)
    }
}
