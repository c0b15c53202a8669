//! Starting and stopping the region: the data directory, the port, the routes.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::clock::Clock;
use crate::fhir::{Store, StoreError};
use crate::state::{Region, Shared};
use crate::{calls, citizen, events, fhir};

/// How the region is started.
#[derive(Debug)]
pub struct Options {
    /// Where its data are kept; made when absent.
    pub data_dir: PathBuf,
    /// Port on 127.0.0.1; 0 takes any, or the one that the data directory remembers when that is free.
    pub port: u16,
    /// Whether a TURN server runs with it.
    pub turn: bool,
    /// Whether the invented people are put in, and today's appointments made.
    pub seed: bool,
    /// Its time.
    pub clock: Clock,
}

impl Options {
    /// Any port, TURN on, invented people in, the machine's clock.
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self { data_dir: data_dir.into(), port: 0, turn: true, seed: true, clock: Clock::system() }
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
    Store(#[from] StoreError),
    /// The TURN server does not start.
    #[error("the TURN server cannot be started")]
    Relay(#[from] calls::RelayError),
}

/// A region at work. Dropping it leaves the server running until the runtime ends; call [`RunningRegion::shutdown`].
#[derive(Debug)]
pub struct RunningRegion {
    /// `http://127.0.0.1:<port>`.
    pub base_url: String,
    /// The citizen's first page.
    pub portal_url: String,
    /// The state, for those who embed the region and for tests.
    pub region: Shared,
    stop: watch::Sender<bool>,
    server: JoinHandle<()>,
}

impl RunningRegion {
    /// Stops listening, closes what is open and waits for the end.
    pub async fn shutdown(self) {
        let _ = self.stop.send(true);
        self.region.calls.close().await;
        let _ = self.server.await;
    }
}

/// Starts the region on loopback.
pub async fn start(options: Options) -> Result<RunningRegion, StartError> {
    std::fs::create_dir_all(&options.data_dir).map_err(StartError::DataDirectory)?;
    let store = Store::open(&options.data_dir.join("region.sqlite"))?;
    let listener =
        TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, options.port))).await.map_err(StartError::Port)?;
    let port = listener.local_addr().map_err(StartError::Port)?.port();
    let base_url = format!("http://127.0.0.1:{port}");
    let region: Shared = Arc::new(Region::new(store, base_url.clone(), options.clock, options.data_dir, [0; 32]));
    calls::start(&region, options.turn).await?;
    let app = routes().with_state(region.clone());
    let (stop, mut stopped) = watch::channel(false);
    let server = tokio::spawn(async move {
        let served = axum::serve(listener, app);
        tokio::select! {
            result = served => if let Err(error) = result { tracing::error!(%error, "the region stopped") },
            _ = stopped.changed() => {}
        }
    });
    Ok(RunningRegion { portal_url: format!("{base_url}/portale"), base_url, region, stop, server })
}

fn routes() -> Router<Shared> {
    Router::new()
        .merge(events::router())
        .nest("/fhir", fhir::router())
        .nest("/calls", calls::router())
        .nest("/portale", citizen::router())
}
