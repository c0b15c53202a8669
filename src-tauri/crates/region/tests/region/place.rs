//! A region in a folder of its own, a client, and a browser that logs somebody in.

use region::{LoginMethod, Person, Region, Settings};
use region_sandbox::faults::{Effect, Rule};
use region_sandbox::{Options, RunningRegion, start};
use tempfile::TempDir;
use url::Url;

pub struct Place {
    pub running: RunningRegion,
    pub region: Region,
    _folder: TempDir,
}

impl Place {
    pub async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let running = start(Options {
            turn: false,
            ..Options::new(folder.path())
        })
        .await
        .unwrap();
        let region = client(&running.base_url);
        Self {
            running,
            region,
            _folder: folder,
        }
    }

    pub async fn open_as(practitioner: &str) -> Self {
        let place = Self::open().await;
        place.login(practitioner).await;
        place
    }

    /// The same region after a stop, at the same address, with the same sessions.
    pub async fn restart(self) -> Self {
        let Self {
            running,
            region,
            _folder: folder,
        } = self;
        let base = running.base_url.clone();
        running.shutdown().await;
        let running = start(Options {
            turn: false,
            ..Options::new(folder.path())
        })
        .await
        .unwrap();
        assert_eq!(running.base_url, base, "the port was taken meanwhile");
        Self {
            running,
            region,
            _folder: folder,
        }
    }

    pub async fn login(&self, practitioner: &str) -> Person {
        log_in(&self.region, practitioner).await
    }

    /// Another person at another PC.
    pub async fn colleague(&self, practitioner: &str) -> Region {
        let region = client(&self.running.base_url);
        log_in(&region, practitioner).await;
        region
    }

    pub fn fault(&self, rule: Rule) {
        self.running.region.faults.set(vec![rule]);
    }

    pub fn effect(&self, path: &str, method: &str, effect: Effect) {
        self.fault(Rule {
            path: path.into(),
            method: Some(method.into()),
            times: Some(1),
            effect: Some(effect),
            ..Rule::default()
        });
    }

    pub async fn switch(&self, path: &str, body: serde_json::Value) {
        let url = format!("{}/_sandbox/{path}", self.running.base_url);
        let answer = reqwest::Client::new().post(url).json(&body).send().await.unwrap();
        assert!(answer.status().is_success(), "the switch {path} failed");
    }
}

pub fn client(base: &str) -> Region {
    let settings = Settings {
        base: Url::parse(base).unwrap(),
        extra_authorities: None,
        version: "0".into(),
    };
    Region::new(settings).unwrap()
}

pub async fn log_in(region: &Region, practitioner: &str) -> Person {
    let pending = region.begin_login(LoginMethod::Cie).await.unwrap();
    let url = pending.url().clone();
    let practitioner = practitioner.to_owned();
    let browser = tokio::spawn(async move { browse(&url, &[("practitioner", &practitioner)]).await });
    let person = pending.finish().await.unwrap();
    let page = browser.await.unwrap();
    assert!(
        page.contains("Accesso riuscito"),
        "the browser was told something else: {page}"
    );
    person
}

/// What a browser does: sends the choice, follows the redirect to loopback, shows the page.
pub async fn browse(url: &Url, choice: &[(&str, &str)]) -> String {
    let browser = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let mut form: Vec<(String, String)> = url
        .query_pairs()
        .map(|(n, v)| (n.into_owned(), v.into_owned()))
        .collect();
    form.extend(choice.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())));
    let mut at = url.clone();
    at.set_query(None);
    let answer = browser.post(at).form(&form).send().await.unwrap();
    let back = answer
        .headers()
        .get("location")
        .unwrap()
        .to_str()
        .unwrap()
        .to_owned();
    browser.get(back).send().await.unwrap().text().await.unwrap()
}
