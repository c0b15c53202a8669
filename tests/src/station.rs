//! A station: the core, its host, its folder.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use contract::session::{LoginMethod, LoginRequest, SessionView, UnlockRequest};
use tempfile::TempDir;
use tokio::sync::{Mutex, mpsc};
use workflow::{Core, Settings};

use testkit::station::{PASSPHRASE, enter, sign_in};

use crate::{HeadlessHost, eventually};

/// A station without a window.
pub struct Station {
    pub core: Core,
    pub host: Arc<HeadlessHost>,
    browser: Mutex<mpsc::UnboundedReceiver<String>>,
    folder: Arc<Folder>,
    region: String,
    card: Option<Card>,
    signatures: Signatures,
}

/// What a station was set up with for signatures, beside a card.
#[derive(Clone, Default)]
pub struct Signatures {
    pub roots: Option<Vec<u8>>,
    pub time_stamps: workflow::StationTimeStamps,
}

/// A driver of cards, and the roots that what it signs must reach.
#[derive(Clone, Debug)]
pub struct Card {
    pub module: PathBuf,
    pub roots: Vec<u8>,
}

/// The folder of a station: its own, or one that another process prepared and keeps.
enum Folder {
    Own(TempDir),
    Given(PathBuf),
}

impl Folder {
    fn path(&self) -> &Path {
        match self {
            Self::Own(folder) => folder.path(),
            Self::Given(path) => path,
        }
    }
}

impl Station {
    /// A new station at a region's address.
    pub fn at(region: &str) -> Self {
        Self::set_up(region, Signatures::default())
    }

    /// A new station with roots and time-stamp authorities.
    pub fn set_up(region: &str, signatures: Signatures) -> Self {
        let folder = Arc::new(Folder::Own(tempfile::tempdir().unwrap()));
        Self::on(folder, region, None, signatures)
    }

    /// A new station with a card's reader.
    pub fn with_card(region: &str, card: Card) -> Self {
        let folder = Arc::new(Folder::Own(tempfile::tempdir().unwrap()));
        Self::on(folder, region, Some(card), Signatures::default())
    }

    /// The station of a folder that is there already, for a process that will be killed.
    pub fn in_folder(folder: &Path, region: &str) -> Self {
        let folder = Arc::new(Folder::Given(folder.to_owned()));
        Self::on(folder, region, None, Signatures::default())
    }

    fn on(folder: Arc<Folder>, region: &str, card: Option<Card>, signatures: Signatures) -> Self {
        let (to_browser, browser) = mpsc::unbounded_channel();
        let host = Arc::new(HeadlessHost::new(to_browser));
        let settings = Settings {
            data_dir: folder.path().join("data"),
            region: region.parse().unwrap(),
            extra_authorities: None,
            pkcs11_modules: card.iter().map(|card| card.module.clone()).collect(),
            signature_roots: card
                .as_ref()
                .map(|card| card.roots.clone())
                .or(signatures.roots.clone()),
            time_stamps: signatures.time_stamps.clone(),
            assets: Some(folder.path().join("assets")).filter(|own| own.is_dir()),
            version: "0".to_owned(),
            training: Some(workflow::Training {
                citizen_address: None,
                identities: folder.path().join("identities"),
                loopback_calls: true,
            }),
        };
        std::fs::create_dir_all(folder.path().join("identities")).unwrap();
        let core = Core::start(settings, host.clone()).unwrap();
        Self {
            core,
            host,
            browser: Mutex::new(browser),
            folder,
            region: region.to_owned(),
            card,
            signatures,
        }
    }

    /// The program ends, as after a crash: nothing is told to anybody.
    pub fn restart(self) -> Self {
        let Self {
            core,
            folder,
            region,
            card,
            signatures,
            ..
        } = self;
        core.abandon();
        drop(core);
        Self::on(folder, &region, card, signatures)
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn identities(&self) -> PathBuf {
        self.folder.path().join("identities")
    }

    /// The whole way in of somebody new to this PC.
    pub async fn enter(&self, practitioner: &str) -> SessionView {
        self.login(practitioner).await;
        enter(&self.core, PASSPHRASE, None).await.unwrap()
    }

    /// Login in the browser, up to what the station asks next.
    pub async fn login(&self, practitioner: &str) {
        let before = std::mem::discriminant(&self.core.session_state());
        self.core
            .session_login(LoginRequest {
                method: LoginMethod::Cie,
            })
            .await
            .unwrap();
        let address = self
            .browser
            .lock()
            .await
            .recv()
            .await
            .expect("a browser was opened");
        let page = sign_in(&address, practitioner).await.unwrap();
        assert!(
            page.contains("Accesso riuscito"),
            "the browser was told something else: {page}"
        );
        eventually("the login ends", || async {
            let now = self.core.session_state();
            let over = !matches!(now, SessionView::LoggingIn { .. });
            (over && (std::mem::discriminant(&now) != before || matches!(now, SessionView::Open { .. })))
                .then_some(())
        })
        .await;
    }

    /// The browser's part of a login alone: what becomes of it is for the test to see.
    pub async fn browser_login(&self, practitioner: &str) {
        while self.browser.lock().await.try_recv().is_ok() {}
        self.core
            .session_login(LoginRequest {
                method: LoginMethod::Cie,
            })
            .await
            .unwrap();
        let address = self
            .browser
            .lock()
            .await
            .recv()
            .await
            .expect("a browser was opened");
        sign_in(&address, practitioner).await.unwrap();
    }

    /// Opens the next address that the station gives to the browser, and tells what the last page says.
    pub async fn follow_browser(&self) -> String {
        let mut browser = self.browser.lock().await;
        let address = browser.recv().await.expect("a browser was opened");
        reqwest::get(address).await.unwrap().text().await.unwrap()
    }

    pub async fn unlock(&self, person_id: &str) -> SessionView {
        let request = UnlockRequest {
            person_id: person_id.to_owned(),
            secret: PASSPHRASE.to_owned(),
        };
        self.core.session_unlock(request).await.unwrap()
    }

    /// The only person known to this station.
    pub async fn known_person(&self) -> String {
        self.core.station_state().await.unwrap().people[0]
            .person
            .id
            .clone()
    }
}
