//! Real handshakes that lose exactly one datagram: without the guard they hang, with it they end.

use super::records::{self, CLIENT_HELLO, SERVER_HELLO};
use super::*;
use std::io::IoSliceMut;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use tokio::sync::mpsc;
use webrtc::peer_connection::{
    PeerConnection, PeerConnectionBuilder, PeerConnectionEventHandler, RTCIceCandidateInit,
    RTCPeerConnectionIceEvent, RTCPeerConnectionState, SettingEngine,
};
use webrtc::runtime::{RecvMeta, Transmit};

/// What goes wrong at one end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// The first datagram of flight 4 is lost: ServerHello onwards.
    LoseFour,
    /// The first datagram of flight 5 is lost: the client's Certificate onwards.
    LoseFive,
    /// The hello is repeated every 250 ms with new record numbers, as browsers do: the crate itself waits for a second, and
    /// it is the repeat that stops the server's timer.
    RepeatHello,
    /// Flight 4 likewise, which stops the client's timer.
    RepeatFour,
}

/// The default runtime with a fault.
#[derive(Debug)]
struct Faulty {
    inner: Arc<dyn Runtime>,
    fault: Fault,
    spent: Arc<AtomicBool>,
}

#[derive(Debug)]
struct FaultySocket {
    inner: Arc<dyn AsyncUdpSocket>,
    aside: Arc<std::net::UdpSocket>,
    fault: Fault,
    spent: Arc<AtomicBool>,
}

impl FaultySocket {
    fn loses(&self, datagram: &[u8]) -> bool {
        let kinds: Vec<u8> = records::records(datagram)
            .iter()
            .filter_map(|record| record.handshake)
            .collect();
        let hit = match self.fault {
            Fault::LoseFour => kinds.contains(&SERVER_HELLO),
            Fault::LoseFive => kinds.iter().any(|kind| matches!(kind, 11 | 16)),
            Fault::RepeatHello | Fault::RepeatFour => false,
        };
        hit && !self.spent.swap(true, Ordering::SeqCst)
    }

    fn repeat(&self, datagram: &[u8], to: SocketAddr) {
        let found = records::records(datagram);
        let hit = found.iter().any(|record| match self.fault {
            // The second hello carries the cookie.
            Fault::RepeatHello => record.handshake == Some(CLIENT_HELLO) && record.message == Some(1),
            Fault::RepeatFour => record.handshake == Some(SERVER_HELLO),
            Fault::LoseFour | Fault::LoseFive => false,
        });
        if !hit || self.spent.swap(true, Ordering::SeqCst) {
            return;
        }
        let (aside, mut datagram) = (self.aside.clone(), datagram.to_vec());
        std::thread::spawn(move || {
            for round in 1..=30u8 {
                std::thread::sleep(Duration::from_millis(250));
                for record in &found {
                    datagram[record.at + 9] = round;
                }
                let _ = aside.send_to(&datagram, to);
            }
        });
    }
}

impl AsyncUdpSocket for FaultySocket {
    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.inner.local_addr()
    }

    fn poll_send(&self, cx: &mut Context<'_>, transmit: &Transmit<'_>) -> Poll<io::Result<usize>> {
        // GSO is not offered, so each call is one datagram.
        if self.loses(transmit.contents) {
            return Poll::Ready(Ok(transmit.contents.len()));
        }
        self.repeat(transmit.contents, transmit.destination);
        self.inner.poll_send(cx, transmit)
    }

    fn poll_recv(
        &self,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
        meta: &mut [RecvMeta],
    ) -> Poll<io::Result<usize>> {
        self.inner.poll_recv(cx, bufs, meta)
    }

    fn max_gro_segments(&self) -> usize {
        self.inner.max_gro_segments()
    }
}

impl Runtime for Faulty {
    fn wrap_udp_socket(&self, socket: std::net::UdpSocket) -> io::Result<Arc<dyn AsyncUdpSocket>> {
        let aside = Arc::new(socket.try_clone()?);
        Ok(Arc::new(FaultySocket {
            inner: self.inner.wrap_udp_socket(socket)?,
            aside,
            fault: self.fault,
            spent: self.spent.clone(),
        }))
    }
    fn spawn(&self, future: Pin<Box<dyn Future<Output = ()> + Send>>) -> Box<dyn JoinHandle> {
        self.inner.spawn(future)
    }
    fn wrap_tcp_listener(&self, listener: std::net::TcpListener) -> io::Result<Arc<dyn AsyncTcpListener>> {
        self.inner.wrap_tcp_listener(listener)
    }
    fn connect_tcp<'a>(
        &'a self,
        remote: SocketAddr,
    ) -> Pin<Box<dyn Future<Output = io::Result<Arc<dyn AsyncTcpStream>>> + Send + 'a>> {
        self.inner.connect_tcp(remote)
    }
    fn resolve_host<'a>(
        &'a self,
        host: &'a str,
    ) -> Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send + 'a>> {
        self.inner.resolve_host(host)
    }
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + 'static>> {
        self.inner.sleep(duration)
    }
    fn interval(&self, period: Duration) -> Box<dyn AsyncInterval> {
        self.inner.interval(period)
    }
    fn block_on(&self, future: Pin<Box<dyn Future<Output = ()> + '_>>) {
        self.inner.block_on(future);
    }
}

struct Ears {
    candidates: mpsc::UnboundedSender<RTCIceCandidateInit>,
    up: mpsc::UnboundedSender<()>,
}

#[async_trait::async_trait]
impl PeerConnectionEventHandler for Ears {
    async fn on_ice_candidate(&self, event: RTCPeerConnectionIceEvent) {
        let _ = self.candidates.send(event.candidate.to_json().unwrap());
    }
    async fn on_connection_state_change(&self, state: RTCPeerConnectionState) {
        if state == RTCPeerConnectionState::Connected {
            let _ = self.up.send(());
        }
    }
}

type Heard<T> = mpsc::UnboundedReceiver<T>;

async fn peer(runtime: Arc<dyn Runtime>) -> (Arc<dyn PeerConnection>, Heard<RTCIceCandidateInit>, Heard<()>) {
    let (candidates, heard) = mpsc::unbounded_channel();
    let (up, connected) = mpsc::unbounded_channel();
    let settings = rtc::peer_connection::configuration::setting_engine::SettingEngineBuilder::new()
        .with_include_loopback_candidate(true)
        .build();
    let _: &SettingEngine = &settings;
    let peer = PeerConnectionBuilder::new()
        .with_handler(Arc::new(Ears { candidates, up }))
        .with_setting_engine(settings)
        .with_runtime(runtime)
        .with_udp_addrs(vec!["127.0.0.1:0"])
        .build()
        .await
        .unwrap();
    (Arc::new(peer), heard, connected)
}

/// Whether both ends are up within the bound. `faults` are those of the server (the offerer) and of the client.
async fn connects(faults: (Option<Fault>, Option<Fault>), guarded: bool, bound: Duration) -> bool {
    let spent = Arc::new(AtomicBool::new(false));
    let runtime = |fault: Option<Fault>| -> Arc<dyn Runtime> {
        let inner = default_runtime().unwrap();
        let inner: Arc<dyn Runtime> = match fault {
            Some(fault) => Arc::new(Faulty {
                inner,
                fault,
                spent: match fault {
                    Fault::LoseFour | Fault::LoseFive => spent.clone(),
                    Fault::RepeatHello | Fault::RepeatFour => Arc::default(),
                },
            }),
            None => inner,
        };
        if guarded {
            Arc::new(GuardedRuntime::over(inner))
        } else {
            inner
        }
    };
    let (offerer, mut from_offerer, mut offerer_up) = peer(runtime(faults.0)).await;
    let (answerer, mut from_answerer, mut answerer_up) = peer(runtime(faults.1)).await;
    let _channel = offerer.create_data_channel("prova", None).await.unwrap();
    let offer = offerer.create_offer(None).await.unwrap();
    offerer.set_local_description(offer.clone()).await.unwrap();
    answerer.set_remote_description(offer).await.unwrap();
    let answer = answerer.create_answer(None).await.unwrap();
    answerer.set_local_description(answer.clone()).await.unwrap();
    offerer.set_remote_description(answer).await.unwrap();
    let trickle = async {
        loop {
            tokio::select! {
                Some(candidate) = from_offerer.recv() => { let _ = answerer.add_ice_candidate(candidate).await; }
                Some(candidate) = from_answerer.recv() => { let _ = offerer.add_ice_candidate(candidate).await; }
            }
        }
    };
    let both = async { tokio::join!(offerer_up.recv(), answerer_up.recv()) };
    let up = tokio::select! {
        () = trickle => false,
        up = tokio::time::timeout(bound, both) => up.is_ok(),
    };
    assert!(spent.load(Ordering::SeqCst), "the datagram was lost");
    let _ = offerer.close().await;
    let _ = answerer.close().await;
    up
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_datagram_hangs_the_bare_crate_and_not_the_guarded_one() {
    let bound = Duration::from_secs(8);
    let lost_four = (Some(Fault::LoseFour), Some(Fault::RepeatHello));
    let lost_five = (Some(Fault::RepeatFour), Some(Fault::LoseFive));
    let (bare_four, bare_five, four, five) = tokio::join!(
        connects(lost_four, false, bound),
        connects(lost_five, false, bound),
        connects(lost_four, true, bound),
        connects(lost_five, true, bound),
    );
    assert!(four, "flight 4 is sent again");
    assert!(five, "flight 5 is sent again");
    // When these fail, a newer rtc-dtls has mended its timer, and the guard may go (decision 0005).
    assert!(!bare_four, "the bare crate hangs on flight 4");
    assert!(!bare_five, "the bare crate hangs on flight 5");
}

fn handshake(kind: u8, message: u16) -> Vec<u8> {
    let mut record = vec![
        22,
        254,
        253,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        message as u8,
        0,
        13,
        kind,
        0,
        0,
        1,
    ];
    record.extend_from_slice(&message.to_be_bytes());
    record.extend_from_slice(&[0, 0, 0, 0, 0, 1, 7]);
    record
}

fn pair() -> (Arc<std::net::UdpSocket>, std::net::UdpSocket, SocketAddr) {
    let ours = Arc::new(std::net::UdpSocket::bind("127.0.0.1:0").unwrap());
    let theirs = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    theirs.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    let to = theirs.local_addr().unwrap();
    (ours, theirs, to)
}

fn replays(theirs: &std::net::UdpSocket) -> usize {
    let mut buffer = [0; 2_048];
    std::iter::from_fn(|| theirs.recv(&mut buffer).ok()).count()
}

#[test]
fn a_flight_is_sent_again_until_the_peer_goes_on() {
    let (ours, theirs, to) = pair();
    let mut guard = Guard::default();
    let start = Instant::now();
    let at = |ms| start + Duration::from_millis(ms);
    guard.on_sent(&ours, to, &handshake(CLIENT_HELLO, 0), start);
    guard.on_time(at(299));
    assert_eq!(replays(&theirs), 0, "not old enough");
    guard.on_time(at(300));
    assert_eq!(replays(&theirs), 1);
    guard.on_received(&mut handshake(SERVER_HELLO, 0), at(310));
    guard.on_time(at(900));
    assert_eq!(replays(&theirs), 0, "the server went on");

    guard.on_sent(&ours, to, &handshake(11, 1), at(1_000));
    guard.on_sent(&ours, to, &handshake(16, 2), at(1_000));
    let mut repeat = handshake(14, 4);
    guard.on_received(&mut repeat, at(1_050));
    assert_eq!(replays(&theirs), 0, "not within 100 ms");
    assert_eq!(repeat[3..5], [0xff, 0xff], "the repeat is hidden from the crate");
    guard.on_received(&mut handshake(14, 4), at(1_100));
    assert_eq!(replays(&theirs), 2, "a repeat is answered at once");
    guard.on_sent(&ours, to, &handshake(11, 1), at(1_200));
    guard.on_time(at(1_500));
    assert_eq!(replays(&theirs), 1, "a resend by the crate replaces the flight");
    guard.on_time(at(12_000));
    assert_eq!(replays(&theirs), 0, "not for ever");
    guard.on_received(&mut [128; 20], at(12_001));
    assert!(guard.is_done(), "sound flows");
}

#[test]
fn a_server_hides_repeated_hellos_and_ends_with_its_cipher() {
    let (ours, theirs, to) = pair();
    let mut guard = Guard::default();
    let start = Instant::now();
    guard.on_sent(&ours, to, &handshake(3, 0), start);
    guard.on_time(start + Duration::from_secs(1));
    assert_eq!(replays(&theirs), 0, "HelloVerifyRequest is never repeated");
    guard.on_sent(&ours, to, &handshake(SERVER_HELLO, 1), start);
    guard.on_sent(&ours, to, &handshake(14, 4), start);
    let mut hello = handshake(CLIENT_HELLO, 1);
    guard.on_received(&mut hello, start + Duration::from_millis(150));
    assert_eq!(hello[3..5], [0xff, 0xff]);
    assert_eq!(replays(&theirs), 2);
    let mut certificate = handshake(11, 2);
    guard.on_received(&mut certificate, start + Duration::from_millis(200));
    assert_eq!(
        certificate[3..5],
        [0, 0],
        "flight 5 is never hidden from a server"
    );
    guard.on_sent(&ours, to, &[20, 254, 253, 0, 0, 0, 0, 0, 0, 0, 9, 0, 1, 1], start);
    assert!(guard.is_done());
}

#[test]
fn records_are_found_inside_turn_and_foreign_bytes_are_not_records() {
    let record = handshake(11, 1);
    let two = [record.clone(), handshake(16, 2)].concat();
    assert_eq!(records::records(&two).len(), 2);
    let mut channel = vec![0x40, 1, 0, record.len() as u8];
    channel.extend_from_slice(&record);
    assert_eq!(records::records(&channel)[0].at, 4);
    let mut data = vec![0, 0x17, 0, 0];
    data.extend_from_slice(&[0; 16]);
    data.extend_from_slice(&[
        0,
        0x12,
        0,
        8,
        0,
        1,
        0,
        0,
        127,
        0,
        0,
        1,
        0,
        0x13,
        0,
        record.len() as u8,
    ]);
    data.extend_from_slice(&record);
    assert_eq!(records::records(&data)[0].handshake, Some(11));
    let found = records::records(&data)[0];
    records::hide(&mut data, &found);
    assert_eq!(records::records(&data)[0].epoch, 0xffff);
    for cut in 0..data.len() {
        assert!(records::records(&data[..cut]).is_empty(), "cut at {cut}");
        let _ = records::payload(&data[..cut]);
    }
    assert!(records::records(&[22; 40]).is_empty());
}
