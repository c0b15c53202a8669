//! The measures of *Verifica postazione* against real devices of the synthetic kind and a real TURN server.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what is wrong by failing"
)]

use media::audio::SyntheticAudio;
use media::check::{self, RelayError};
use media::preview::Preview;
use media::signalling::IceServer;
use media::video::pattern::TestPattern;
use media::{FrameSink, I420Frame};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use turn::auth::{AuthHandler, generate_auth_key};
use turn::relay::relay_static::RelayAddressGeneratorStatic;
use turn::server::Server;
use turn::server::config::{ConnConfig, ServerConfig};
use webrtc_util::vnet::net::Net;

const LIMIT: Duration = Duration::from_secs(5);

struct OneUser;

impl AuthHandler for OneUser {
    fn auth_handle(&self, user: &str, realm: &str, _: SocketAddr) -> Result<Vec<u8>, turn::Error> {
        Ok(generate_auth_key(user, realm, "giusta"))
    }
}

async fn relay_server() -> (Server, u16) {
    let socket = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let port = socket.local_addr().unwrap().port();
    let server = Server::new(ServerConfig {
        conn_configs: vec![ConnConfig {
            conn: Arc::new(socket),
            relay_addr_generator: Box::new(RelayAddressGeneratorStatic {
                relay_address: IpAddr::V4(Ipv4Addr::LOCALHOST),
                address: "127.0.0.1".to_owned(),
                net: Arc::new(Net::new(None)),
            }),
        }],
        realm: "prova".to_owned(),
        auth_handler: Arc::new(OneUser),
        channel_bind_timeout: Duration::ZERO,
        alloc_close_notify: None,
    });
    (server.await.unwrap(), port)
}

fn ice(port: u16, credential: &str) -> Vec<IceServer> {
    vec![IceServer {
        urls: vec![format!("turn:127.0.0.1:{port}?transport=udp")],
        username: Some("medico".to_owned()),
        credential: Some(credential.to_owned()),
    }]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relay_is_asked_and_its_answer_is_told_apart() {
    let (server, port) = relay_server().await;
    let granted = check::relay(&ice(port, "giusta"), LIMIT, true).await.unwrap();
    assert!(granted.granted_after < LIMIT);
    let refused = check::relay(&ice(port, "sbagliata"), LIMIT, true).await;
    assert!(
        matches!(refused, Err(RelayError::Refused | RelayError::Unreachable)),
        "{refused:?}"
    );
    server.close().await.unwrap();
    let silent = check::relay(&ice(port, "giusta"), Duration::from_secs(2), true).await;
    assert!(silent.is_err(), "{silent:?}");
    assert_eq!(check::relay(&[], LIMIT, true).await, Err(RelayError::None));
}

#[test]
fn a_camera_and_a_microphone_are_measured() {
    let camera = check::camera(&TestPattern).unwrap();
    assert_eq!((camera.width, camera.height), (640, 360));
    assert!(camera.fps > 1.0, "{camera:?}");
    let microphone = check::microphone(&SyntheticAudio::tone()).unwrap();
    assert!(
        !microphone.silent && microphone.level_dbfs > -20.0,
        "{microphone:?}"
    );
}

#[derive(Default)]
struct Mirror(AtomicU64);

impl FrameSink for Mirror {
    fn remote(&self, _: I420Frame) {}
    fn self_view(&self, frame: I420Frame) {
        assert_eq!((frame.width(), frame.height()), (320, 180));
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn a_preview_shows_and_hears_until_it_is_dropped() {
    let mirror = Arc::new(Mirror::default());
    let preview = Preview::start(
        Some(Box::new(TestPattern)),
        Some(Box::new(SyntheticAudio::tone())),
        mirror.clone(),
    );
    let heard = (0..100).any(|_| {
        std::thread::sleep(Duration::from_millis(50));
        let state = preview.state();
        state.level_dbfs > -20.0 && state.pictures > 3
    });
    assert!(heard, "{:?}", preview.state());
    assert_eq!((preview.state().video, preview.state().audio), (None, None));
    drop(preview);
    let shown = mirror.0.load(Ordering::Relaxed);
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(
        mirror.0.load(Ordering::Relaxed),
        shown,
        "nothing is shown after the end"
    );
}
