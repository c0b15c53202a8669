//! Starting and stopping the region: the data directory, the port, the routes.
//!
//! The region runs on a thread and a runtime of its own, so that its end is an end: every connection closes, whatever
//! it was waiting for, and those who embed it see it gone as they would see a server gone.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{any, post};
use jiff::SignedDuration;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::calls::Calls;
use crate::clock::Clock;
use crate::database::Database;
use crate::faults::{self, Connection, Door, Faults};
use crate::fhir::{Store, StoreError};
use crate::login::{KeyError, SigningKey, Tokens};
use crate::state::{Region, Shared};
use crate::uploads::Shelf;
use crate::{calls, citizen, events, fhir, gateway, login, seed, uploads};

/// How the region is started.
#[derive(Debug)]
pub struct Options {
    /// Where its data are kept; made when absent.
    pub data_dir: PathBuf,
    /// Port on 127.0.0.1; 0 takes the one that the data directory remembers when it is free, else any.
    pub port: u16,
    /// Whether a TURN server runs with it.
    pub turn: bool,
    /// Whether the invented people are put in, and today's appointments made.
    pub seed: bool,
    /// Its time.
    pub clock: Clock,
    /// Address of a FHIR R4 server that stands in for the store of this one; then there are no uploads either.
    pub fhir: Option<String>,
}

impl Options {
    /// Any port, TURN on, invented people in, the machine's clock.
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            port: 0,
            turn: true,
            seed: true,
            clock: Clock::system(),
            fhir: None,
        }
    }
}

/// Why the region did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data directory cannot be made or written.
    #[error("the data directory cannot be used")]
    DataDirectory(#[source] std::io::Error),
    /// The port is taken or not allowed.
    #[error("the port cannot be opened")]
    Port(#[source] std::io::Error),
    /// The database cannot be opened.
    #[error("the database cannot be opened")]
    Database(#[from] rusqlite::Error),
    /// The resources cannot be read or the people not put in.
    #[error("the resources cannot be read or written")]
    Store(#[from] StoreError),
    /// No key for the issuer.
    #[error("there is no key for the issuer")]
    Key(#[from] KeyError),
    /// No randomness for the region's secret.
    #[error("there is no randomness")]
    Random(#[from] getrandom::Error),
    /// The TURN server does not start.
    #[error("the TURN server cannot be started")]
    Relay(#[from] calls::RelayError),
    /// No client for a FHIR store that stands elsewhere.
    #[error("the HTTP client cannot be made")]
    Client(#[source] reqwest::Error),
    /// The region's thread or runtime cannot be made.
    #[error("the region's thread cannot be started")]
    Thread(#[source] std::io::Error),
    /// The thread ended before it was ready.
    #[error("the region ended while it started")]
    Ended,
}

/// A region at work. It ends when this is dropped; [`RunningRegion::shutdown`] waits for the end.
#[derive(Debug)]
pub struct RunningRegion {
    /// `http://127.0.0.1:<port>`.
    pub base_url: String,
    /// The citizen's first page.
    pub portal_url: String,
    /// The state, for those who embed the region and for tests.
    pub region: Shared,
    stop: oneshot::Sender<()>,
    ended: oneshot::Receiver<()>,
}

impl RunningRegion {
    /// Stops listening, closes every connection and waits for the end.
    pub async fn shutdown(self) {
        let _ = self.stop.send(());
        let _ = self.ended.await;
    }
}

/// Starts the region on loopback.
pub async fn start(options: Options) -> Result<RunningRegion, StartError> {
    let (ready_to, ready) = oneshot::channel();
    let (stop, stopped) = oneshot::channel();
    let (ended_to, ended) = oneshot::channel();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("region-sandbox")
        .enable_all()
        .build()
        .map_err(StartError::Thread)?;
    std::thread::Builder::new()
        .name("region-sandbox".to_owned())
        .spawn(move || {
            runtime.block_on(async {
                match open(options).await {
                    Ok((listener, region)) => {
                        // Nobody waits any more: stop at once.
                        if ready_to.send(Ok(region.clone())).is_ok() {
                            serve(listener, region, stopped).await;
                        }
                    }
                    Err(error) => drop(ready_to.send(Err(error))),
                }
            });
            runtime.shutdown_timeout(Duration::from_secs(1));
            let _ = ended_to.send(());
        })
        .map_err(StartError::Thread)?;
    let region = ready.await.map_err(|_| StartError::Ended)??;
    let base_url = region.base_url.clone();
    Ok(RunningRegion {
        portal_url: format!("{base_url}/portale"),
        base_url,
        region,
        stop,
        ended,
    })
}

async fn open(options: Options) -> Result<(TcpListener, Shared), StartError> {
    let Options {
        data_dir,
        port,
        turn,
        seed,
        clock,
        fhir,
    } = options;
    std::fs::create_dir_all(&data_dir).map_err(StartError::DataDirectory)?;
    let database = Arc::new(Database::open(&data_dir.join("region.sqlite"))?);
    if let Some(seconds) = database.setting("advance_seconds")?.and_then(|s| s.parse().ok()) {
        clock.set_advance(SignedDuration::from_secs(seconds));
    }
    let clock = Arc::new(clock);
    let listener = listen(port, &database).await?;
    let port = listener.local_addr().map_err(StartError::Port)?.port();
    database.set_setting("port", &port.to_string())?;
    let shelf = Shelf::open(&data_dir, database.clone(), clock.clone()).map_err(StartError::DataDirectory)?;
    let region: Shared = Arc::new(Region {
        fhir_elsewhere: fhir.map(|base| base.trim_end_matches('/').to_owned()),
        client: reqwest::Client::builder()
            .no_proxy()
            .build()
            .map_err(StartError::Client)?,
        uploads: shelf,
        store: Store::open(database.clone(), clock.clone())?,
        base_url: format!("http://127.0.0.1:{port}"),
        clock,
        faults: Faults::default(),
        calls: Calls::open(&data_dir),
        tokens: Tokens::new(database.clone()),
        signing_key: SigningKey::of(&database)?,
        secret: secret(&database)?,
        database,
        data_dir,
    });
    if seed {
        seed::plant(&region)?;
    }
    calls::start(&region, turn).await?;
    Ok((listener, region))
}

async fn listen(port: u16, database: &Database) -> Result<TcpListener, StartError> {
    let bind = |port| TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    if port == 0
        && let Some(before) = database.setting("port")?.and_then(|p| p.parse().ok())
        && let Ok(listener) = bind(before).await
    {
        return Ok(listener);
    }
    bind(port).await.map_err(StartError::Port)
}

fn secret(database: &Database) -> Result<[u8; 32], StartError> {
    let mut secret = [0; 32];
    if let Some(kept) = database.setting("secret")?
        && hex::decode_to_slice(kept, &mut secret).is_ok()
    {
        return Ok(secret);
    }
    getrandom::fill(&mut secret)?;
    database.set_setting("secret", &hex::encode(secret))?;
    Ok(secret)
}

async fn serve(listener: TcpListener, region: Shared, stopped: oneshot::Receiver<()>) {
    let app = routes(region.fhir_elsewhere.is_some())
        .layer(from_fn_with_state(region.clone(), faults::apply))
        .with_state(region.clone())
        .into_make_service_with_connect_info::<Connection>();
    let served = axum::serve(Door(listener), app);
    tokio::select! {
        result = served => if let Err(error) = result { tracing::error!(%error, "the region stopped by itself") },
        _ = stopped => {}
    }
    region.calls.close().await;
}

fn routes(fhir_elsewhere: bool) -> Router<Shared> {
    let clinical = if fhir_elsewhere {
        Router::new()
            .route("/fhir/", any(fhir::elsewhere::pass))
            .nest("/fhir", fhir::elsewhere::router())
    } else {
        Router::new()
            .route("/fhir/", post(fhir::rest::bundle))
            .nest("/fhir", fhir::router())
            .nest("/uploads", uploads::router())
    };
    clinical
        .merge(events::router())
        .nest("/oidc", login::router())
        .nest("/gateway/v1", gateway::router())
        .nest("/calls", calls::router())
        .nest("/portale", citizen::router())
        .merge(citizen::front_door())
        .nest("/_sandbox", faults::router())
}
