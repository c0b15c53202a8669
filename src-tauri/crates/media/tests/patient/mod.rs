//! The patient of the tests: a real Chromium with a stamped film for a camera, a page that speaks the contract, and a network
//! between it and the workstation that can be broken.
#![allow(dead_code, reason = "each test uses its part")]

#[path = "../../examples/film/mod.rs"]
mod film;
pub(crate) mod network;

use axum::Router;
use axum::extract::State;
use axum::extract::ws::{Message as Frame, WebSocket, WebSocketUpgrade};
use axum::response::Html;
use axum::routing::get;
use media::signalling::{Message, PeerState, Role};
use network::Network;
use serde_json::Value;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};

const PAGE: &str = include_str!("page.html");

/// The other end of the call, with the region's signalling in between.
pub(crate) struct Patient {
    pub(crate) incoming: Option<mpsc::Receiver<Message>>,
    pub(crate) outgoing: mpsc::Sender<Message>,
    pub(crate) seen: watch::Receiver<Value>,
    pub(crate) network: Arc<Network>,
    orders: mpsc::Sender<Value>,
    browser: Child,
    _folder: tempfile::TempDir,
}

struct Region {
    to_workstation: mpsc::Sender<Message>,
    from_workstation: tokio::sync::Mutex<mpsc::Receiver<Message>>,
    orders: tokio::sync::Mutex<mpsc::Receiver<Value>>,
    seen: watch::Sender<Value>,
    network: Arc<Network>,
    admitted: std::sync::atomic::AtomicBool,
}

impl Patient {
    pub(crate) async fn arrive() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (film, tone) = (folder.path().join("film.y4m"), folder.path().join("tono.wav"));
        film::write_y4m(&film, 640, 360, 3).unwrap();
        film::write_wav(&tone, 3).unwrap();
        let (to_workstation, incoming) = mpsc::channel(256);
        let (outgoing, from_workstation) = mpsc::channel(256);
        let (orders, orders_out) = mpsc::channel(16);
        let (seen_in, seen) = watch::channel(Value::Null);
        let network = Arc::new(Network::default());
        let region = Arc::new(Region {
            to_workstation,
            from_workstation: tokio::sync::Mutex::new(from_workstation),
            orders: tokio::sync::Mutex::new(orders_out),
            seen: seen_in,
            network: network.clone(),
            admitted: false.into(),
        });
        let routes = Router::new()
            .route("/", get(|| async { Html(PAGE) }))
            .route("/ws", get(upgrade))
            .with_state(region);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, routes).await });
        let browser =
            Command::new(std::env::var_os("CHROMIUM").unwrap_or_else(|| "/usr/bin/chromium".into()))
                .args([
                    "--headless=new",
                    "--no-sandbox",
                    "--disable-gpu",
                    "--no-first-run",
                    "--disable-dev-shm-usage",
                ])
                .args([
                    "--use-fake-ui-for-media-stream",
                    "--use-fake-device-for-media-stream",
                ])
                .args([
                    "--allow-loopback-in-peer-connection",
                    "--autoplay-policy=no-user-gesture-required",
                ])
                .args([
                    "--disable-background-timer-throttling",
                    "--disable-renderer-backgrounding",
                ])
                .arg(format!("--use-file-for-fake-video-capture={}", film.display()))
                .arg(format!("--use-file-for-fake-audio-capture={}", tone.display()))
                .arg(format!(
                    "--user-data-dir={}",
                    folder.path().join("profile").display()
                ))
                .arg(format!("http://localhost:{}/", address.port()))
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .expect("chromium is needed: apt-get install chromium");
        Self {
            incoming: Some(incoming),
            outgoing,
            seen,
            network,
            orders,
            browser,
            _folder: folder,
        }
    }

    /// Waits until the page has loaded and reports for the first time.
    pub(crate) async fn ready(&mut self) {
        self.until("the page is there", |seen| seen.is_object()).await;
    }

    /// Tells the page to do something that a patient would.
    pub(crate) async fn order(&self, order: Value) {
        self.orders.send(order).await.unwrap();
    }

    /// Waits until the page reports what is wanted.
    pub(crate) async fn until(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let waited =
            tokio::time::timeout(Duration::from_secs(40), self.seen.wait_for(|seen| wanted(seen))).await;
        let found = waited.ok().map(|seen| seen.unwrap().clone());
        found.unwrap_or_else(|| {
            panic!(
                "not seen by the patient: {what}; last report {}",
                *self.seen.borrow()
            )
        })
    }
}

impl Drop for Patient {
    fn drop(&mut self) {
        let _ = self.browser.kill();
        let _ = self.browser.wait();
    }
}

async fn upgrade(State(region): State<Arc<Region>>, upgrade: WebSocketUpgrade) -> axum::response::Response {
    upgrade.on_upgrade(move |socket| speak(socket, region))
}

/// Plays the server of the contract: repeats `admit` to a page that comes back, forwards the rest.
async fn speak(mut socket: WebSocket, region: Arc<Region>) {
    use std::sync::atomic::Ordering::Relaxed;
    let text = |message: &Message| Frame::Text(serde_json::to_string(message).unwrap().into());
    // A page that reloads opens its new socket while the old one still holds these.
    let mut from = region.from_workstation.lock().await;
    let mut orders = region.orders.lock().await;
    let presence = |state| Message::Peer {
        role: Role::Patient,
        state,
    };
    let _ = region.to_workstation.send(presence(PeerState::Joined)).await;
    if region.admitted.load(Relaxed) && socket.send(text(&Message::Admit)).await.is_err() {
        return;
    }
    loop {
        tokio::select! {
            message = from.recv() => {
                let Some(message) = message else { return };
                if message == Message::Admit {
                    region.admitted.store(true, Relaxed);
                }
                if matches!(message, Message::Bye { .. }) {
                    region.admitted.store(false, Relaxed);
                }
                let message = region.network.outward(message).await;
                if socket.send(text(&message)).await.is_err() {
                    break;
                }
            }
            Some(order) = orders.recv() => {
                let mut order = order;
                order["type"] = "test".into();
                let _ = socket.send(Frame::Text(order.to_string().into())).await;
            }
            frame = socket.recv() => {
                let Some(Ok(frame)) = frame else { break };
                let Frame::Text(frame) = frame else { continue };
                let value: Value = serde_json::from_str(&frame).unwrap();
                if value["type"] == "report" {
                    region.seen.send_replace(value["seen"].clone());
                } else if let Some(message) = region.network.inward(serde_json::from_value(value).unwrap()) {
                    let _ = region.to_workstation.send(message).await;
                }
            }
        }
    }
    let _ = region.to_workstation.send(presence(PeerState::Left)).await;
}
