//! The running program without its window: settings, session, the open desk, the call.
//!
//! Not in it: the verbs, which are methods of [`Core`] in files of their own.

use std::path::PathBuf;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use contract::events::Tag;
use contract::station::StationCheckView;
use contract::{ErrorCode, Failure};
use jiff::Timestamp;
use region::Region;
use session::{KdfCost, Keychain, Session, Stations};
use url::Url;

use crate::assets::Assets;
use crate::awake::Awake;
use crate::call::{ActiveCall, Preview, Screen};
use crate::delivery::LinkState;
use crate::desk::Desk;
use crate::host::{Event, Host};
use crate::session::{CardInUse, Entering};

/// How the station is set up.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where people's archives are kept.
    pub data_dir: PathBuf,
    /// Base address of the region.
    pub region: Url,
    /// Authorities trusted beside the system's, PEM.
    pub extra_authorities: Option<Vec<u8>>,
    /// Modules of cards and tokens, beside the usual places.
    pub pkcs11_modules: Vec<PathBuf>,
    /// Roots that our own check of a signature must reach; none checks everything but the chain.
    pub signature_roots: Option<Vec<u8>>,
    /// Time-stamp authorities of this station.
    pub time_stamps: crate::signing::StationTimeStamps,
    /// Folder of what the region replaces: `teleconsult/templates.json`, `cot/escalation.json`, `cot/paths.json`.
    pub assets: Option<PathBuf>,
    /// Version of the program.
    pub version: String,
    /// A training edition: synthetic devices, key files, the address of the citizen's pages.
    pub training: Option<Training>,
}

/// What only a training edition has.
#[derive(Clone, Debug)]
pub struct Training {
    /// The citizen's pages of the embedded region.
    pub citizen_address: Option<String>,
    /// Folder of key files (PKCS#12) of invented people.
    pub identities: PathBuf,
    /// Calls stay on the loopback interface.
    pub loopback_calls: bool,
}

/// Why the program cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address of the region, its certificates or the proxy cannot be used.
    #[error(transparent)]
    Region(#[from] region::SettingsError),
    /// The folder of the archives cannot be made.
    #[error("the data folder cannot be made: {0}")]
    DataDir(std::io::ErrorKind),
}

/// The running program. Clones are the same program.
#[derive(Clone)]
pub struct Core {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) settings: Settings,
    pub(crate) assets: Arc<Assets>,
    pub(crate) host: Arc<dyn Host>,
    pub(crate) stations: Stations,
    pub(crate) region: Region,
    pub(crate) session: Mutex<Session>,
    pub(crate) entering: Mutex<Entering>,
    pub(crate) desk: RwLock<Option<Arc<Desk>>>,
    /// The card that the person at the desk came in or signed with.
    pub(crate) card: Mutex<Option<CardInUse>>,
    pub(crate) link: Mutex<LinkState>,
    /// How many times an access was renewed: a refusal of the one before it says nothing of this one.
    pub(crate) renewals: AtomicU64,
    pub(crate) check: Mutex<Option<StationCheckView>>,
    pub(crate) screen: Screen,
    pub(crate) awake: Arc<Awake>,
    pub(crate) call: tokio::sync::Mutex<Option<ActiveCall>>,
    pub(crate) preview: Mutex<Option<Preview>>,
    /// The devices that sign, opened at the first use and listed again at each.
    pub(crate) devices: std::sync::OnceLock<Arc<signing::token::Devices>>,
    /// One verb of signature at a time: a second click waits and finds the work done.
    pub(crate) signing: tokio::sync::Mutex<()>,
}

impl Core {
    /// Starts the program. Nothing is asked of the network yet.
    pub fn start(settings: Settings, host: Arc<dyn Host>) -> Result<Self, StartError> {
        std::fs::create_dir_all(&settings.data_dir).map_err(|e| StartError::DataDir(e.kind()))?;
        let region = Region::new(region::Settings {
            base: settings.region.clone(),
            extra_authorities: settings.extra_authorities.clone(),
            version: settings.version.clone(),
        })?;
        let people = settings.data_dir.join("people");
        let core = Self {
            inner: Arc::new(Inner {
                assets: Arc::new(Assets::read(settings.assets.as_deref())),
                stations: Stations::at(people, Keychain::system(), KdfCost::default()),
                region,
                session: Mutex::new(Session::new(Timestamp::now())),
                entering: Mutex::new(Entering::Nobody),
                desk: RwLock::new(None),
                card: Mutex::new(None),
                link: Mutex::new(LinkState::default()),
                renewals: AtomicU64::new(0),
                check: Mutex::new(None),
                screen: Screen::default(),
                awake: Awake::new(host.clone()),
                call: tokio::sync::Mutex::new(None),
                preview: Mutex::new(None),
                devices: std::sync::OnceLock::new(),
                signing: tokio::sync::Mutex::new(()),
                settings,
                host,
            }),
        };
        core.clone().watch_link();
        core.clone().watch_idle();
        Ok(core)
    }

    /// The open desk, or the refusal that says that the session is locked.
    pub(crate) fn desk(&self) -> Result<Arc<Desk>, Failure> {
        let open = self.inner.desk.read().unwrap_or_else(PoisonError::into_inner);
        let locked = matches!(*self.lock(&self.inner.entering), Entering::Covered { .. });
        match (&*open, locked) {
            (Some(desk), false) => Ok(desk.clone()),
            _ => Err(Failure::new(ErrorCode::SessionLocked, "session/locked")),
        }
    }

    /// The open desk even behind a lock, for what goes on there (a call).
    pub(crate) fn desk_behind_lock(&self) -> Option<Arc<Desk>> {
        self.inner
            .desk
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(crate) fn set_desk(&self, desk: Option<Arc<Desk>>) -> Option<Arc<Desk>> {
        std::mem::replace(
            &mut *self.inner.desk.write().unwrap_or_else(PoisonError::into_inner),
            desk,
        )
    }

    /// A lock that a panic of another thread does not take away.
    pub(crate) fn lock<'a, T>(&self, mutex: &'a Mutex<T>) -> MutexGuard<'a, T> {
        mutex.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn tell(&self, event: Event) {
        self.inner.host.tell(event);
    }

    pub(crate) fn changed(&self, tags: &[Tag]) {
        self.tell(Event::Changed(tags.to_vec()));
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.inner.settings
    }
}

/// Runs blocking work (database, device, drawing) off the network's threads.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(_) => Err(Failure::new(ErrorCode::Internal, "core/worker")),
    }
}
