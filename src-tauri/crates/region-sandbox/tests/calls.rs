//! The rooms of the televisits over real WebSockets, and the TURN server by a real client.

// A panic is the failure report of a test, also in what its tests share.
#![allow(clippy::expect_used, clippy::panic)]

#[allow(dead_code, unreachable_pub)]
#[path = "region/visitor.rs"]
mod visitor;

use std::net::SocketAddr;
use std::sync::Arc;

use futures_util::{SinkExt, StreamExt};
use jiff::SignedDuration;
use region_sandbox::calls::Guest;
use region_sandbox::{Clock, Options, start};
use serde_json::{Value, json};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::{Duration, timeout};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use turn::client::{Client, ClientConfig};
use visitor::{Place, Session};
use webrtc_util::Conn;

/// Far longer than anything here takes: a hang is a failure, not a wait.
const PATIENCE: Duration = Duration::from_secs(20);
const DOCTOR: &str = "valmori-irene";
const COLLEAGUE: &str = "quercetti-sandro";

/// One end of a room.
struct End(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl End {
    async fn clinician(place: &Place, session: &Session, appointment: &str) -> Result<Self, Error> {
        let address = place
            .url(&format!("/calls/{appointment}/ws"))
            .replacen("http", "ws", 1);
        let mut request = address.into_client_request()?;
        let bearer = format!("Bearer {}", session.access).parse().expect("a header");
        request.headers_mut().insert("authorization", bearer);
        connect_async(request).await.map(|(socket, _)| Self(socket))
    }

    async fn guest(place: &Place, appointment: &str, token: &str, more: &str) -> Self {
        let address = place
            .url(&format!("/calls/{appointment}/ws?t={token}{more}"))
            .replacen("http", "ws", 1);
        Self(connect_async(address).await.expect("a socket").0)
    }

    async fn patient(place: &Place, appointment: &str) -> Self {
        let token = place.running.region.invitation(appointment, Guest::Patient);
        let mut end = Self::guest(place, appointment, &token, "").await;
        end.hello("patient").await;
        end
    }

    async fn doctor(place: &Place, session: &Session, appointment: &str) -> Self {
        let mut end = Self::clinician(place, session, appointment)
            .await
            .expect("a socket");
        end.hello("clinician").await;
        end
    }

    async fn hello(&mut self, role: &str) {
        self.say(json!({"type": "hello", "version": 1, "role": role}))
            .await;
    }

    async fn say(&mut self, message: Value) {
        self.0
            .send(Message::text(message.to_string()))
            .await
            .expect("sent");
    }

    /// The next message that is no sign of life; `None` when the server closed.
    async fn hear(&mut self) -> Option<Value> {
        loop {
            match timeout(PATIENCE, self.0.next())
                .await
                .expect("the server says something")
            {
                Some(Ok(Message::Text(text))) => {
                    let message: Value = serde_json::from_str(&text).expect("JSON");
                    if message["type"] != "ping" {
                        return Some(message);
                    }
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                Some(Ok(_)) => {}
            }
        }
    }

    async fn hear_type(&mut self, wanted: &str) -> Value {
        loop {
            let message = self
                .hear()
                .await
                .unwrap_or_else(|| panic!("closed before {wanted}"));
            if message["type"] == wanted {
                return message;
            }
        }
    }

    /// The error that the server closes with.
    async fn refused_with(mut self) -> String {
        let error = self.hear_type("error").await;
        assert_eq!(self.hear().await, None, "closed after the error");
        error["code"].as_str().expect("a code").to_owned()
    }
}

/// A televisit of the day that is still to come.
fn booked(place: &Place) -> String {
    let found = place
        .running
        .region
        .store
        .search("Appointment", &[("status", "booked")])
        .expect("a search");
    found.first().expect("a booked televisit")["id"]
        .as_str()
        .expect("an id")
        .to_owned()
}

fn status(place: &Place, appointment: &str) -> (String, bool) {
    let appointment = place
        .running
        .region
        .store
        .read("Appointment", appointment)
        .expect("a store")
        .expect("there");
    let waiting = appointment["extension"].as_array().is_some_and(|list| {
        list.iter().any(|e| {
            e["url"]
                .as_str()
                .is_some_and(|url| url.ends_with("/waiting-since"))
        })
    });
    (
        appointment["status"].as_str().expect("a status").to_owned(),
        waiting,
    )
}

/// Waits for the change that another connection causes.
async fn status_becomes(place: &Place, appointment: &str, wanted: &str) {
    let mut changes = place.running.region.changes();
    while status(place, appointment).0 != wanted {
        timeout(PATIENCE, changes.recv())
            .await
            .expect("a change")
            .expect("the feed is open");
    }
}

#[tokio::test]
async fn patient_and_clinician_meet_and_their_words_are_carried() {
    let place = Place::open().await;
    let session = place.login(DOCTOR).await;
    let id = booked(&place);

    let mut patient = End::patient(&place, &id).await;
    let welcome = patient.hear_type("welcome").await;
    assert_eq!((&welcome["version"], &welcome["peers"]), (&json!(1), &json!([])));
    status_becomes(&place, &id, "arrived").await;
    assert!(status(&place, &id).1, "the time of waiting is written");

    let mut doctor = End::doctor(&place, &session, &id).await;
    assert_eq!(doctor.hear_type("welcome").await["peers"], json!(["patient"]));
    assert_eq!(
        patient.hear().await,
        Some(json!({"type": "peer", "role": "clinician", "state": "joined"}))
    );

    doctor.say(json!({"type": "hologram"})).await;
    doctor.say(json!({"type": "admit"})).await;
    assert_eq!(
        patient.hear().await,
        Some(json!({"type": "admit"})),
        "the unknown type before it was ignored"
    );
    let offer = json!({"type": "description", "description": {"type": "offer", "sdp": "v=0\r\n"}});
    patient.say(offer.clone()).await;
    assert_eq!(doctor.hear().await, Some(offer));
    for candidate in [
        json!({"candidate": "candidate:1 1 udp 1 127.0.0.1 9 typ host", "sdpMid": "0"}),
        Value::Null,
    ] {
        let message = json!({"type": "candidate", "candidate": candidate});
        doctor.say(message.clone()).await;
        assert_eq!(patient.hear().await, Some(message));
    }
    patient.say(json!({"type": "restart", "reason": "dtls"})).await;
    assert_eq!(
        doctor.hear().await,
        Some(json!({"type": "restart", "reason": "dtls"}))
    );
    doctor.say(json!({"type": "ping"})).await;
    assert_eq!(doctor.hear().await, Some(json!({"type": "pong"})));

    drop(patient);
    assert_eq!(doctor.hear_type("peer").await["state"], "left");
    status_becomes(&place, &id, "booked").await;
    assert!(!status(&place, &id).1);
}

#[tokio::test]
async fn a_call_not_ended_is_admitted_again_also_after_the_region_restarts() {
    let place = Place::open().await;
    let session = place.login(DOCTOR).await;
    let id = booked(&place);
    let mut patient = End::patient(&place, &id).await;
    patient.hear_type("welcome").await;
    let mut doctor = End::doctor(&place, &session, &id).await;
    doctor.say(json!({"type": "admit"})).await;
    patient.hear_type("admit").await;

    let place = place.restart(Clock::system()).await;
    while patient.hear().await.is_some() {}
    assert_eq!(
        status(&place, &id),
        ("booked".to_owned(), false),
        "nobody waits after a restart"
    );
    let mut patient = End::patient(&place, &id).await;
    patient.hear_type("admit").await;

    let session = place.login(DOCTOR).await;
    let mut doctor = End::doctor(&place, &session, &id).await;
    doctor.hear_type("welcome").await;
    doctor.say(json!({"type": "bye", "reason": "identity"})).await;
    assert_eq!(patient.hear_type("bye").await["reason"], "identity");
    drop(patient);
    doctor.hear_type("peer").await;
    let mut late = End::patient(&place, &id).await;
    assert_eq!(
        late.hear_type("bye").await["reason"],
        "identity",
        "who was away is told how it ended"
    );
    assert_eq!(
        status(&place, &id).0,
        "arrived",
        "after the end the status is the workstation's"
    );
}

#[tokio::test]
async fn one_place_for_each_role() {
    let place = Place::open().await;
    let (doctor, colleague) = (place.login(DOCTOR).await, place.login(COLLEAGUE).await);
    let id = booked(&place);
    let mut first = End::doctor(&place, &doctor, &id).await;
    first.hear_type("welcome").await;
    assert_eq!(
        End::doctor(&place, &colleague, &id).await.refused_with().await,
        "busy"
    );

    let mut patient = End::patient(&place, &id).await;
    patient.hear_type("welcome").await;
    let mut second = End::doctor(&place, &doctor, &id).await;
    assert_eq!(second.hear_type("welcome").await["peers"], json!(["patient"]));
    assert_eq!(
        first.refused_with().await,
        "busy",
        "the older connection of the same person is told and closed"
    );
    assert_eq!(patient.hear_type("peer").await["state"], "left");
    assert_eq!(patient.hear_type("peer").await["state"], "joined");

    let again = End::patient(&place, &id).await;
    assert_eq!(patient.refused_with().await, "busy");
    // The new connection came before the old one left: the patient is still in the waiting room.
    assert_eq!(status(&place, &id).0, "arrived");
    drop(again);
    status_becomes(&place, &id, "booked").await;
}

#[tokio::test]
async fn what_does_not_belong_is_refused_by_name() {
    let place = Place::open().await;
    let session = place.login(DOCTOR).await;
    let id = booked(&place);
    let region = &place.running.region;
    let token = region.invitation(&id, Guest::Patient);

    let mut old = End::guest(&place, &id, &token, "").await;
    old.say(json!({"type": "hello", "version": 0, "role": "patient"}))
        .await;
    assert_eq!(old.refused_with().await, "version");
    let mut rude = End::guest(&place, &id, &token, "").await;
    rude.say(json!({"type": "admit"})).await;
    assert_eq!(
        rude.refused_with().await,
        "version",
        "the first message is not a hello"
    );
    let mut later = End::guest(&place, &id, &token, "").await;
    later
        .say(json!({"type": "hello", "version": 7, "role": "patient"}))
        .await;
    assert_eq!(
        later.hear_type("welcome").await["version"],
        1,
        "the highest that the server speaks"
    );

    assert_eq!(
        End::guest(&place, &id, "0000", "").await.refused_with().await,
        "token"
    );
    let caregiver = region.invitation(&id, Guest::Caregiver);
    assert_eq!(
        End::guest(&place, &id, &caregiver, "").await.refused_with().await,
        "token"
    );
    let mut posing = End::guest(&place, &id, &token, "").await;
    posing.hello("clinician").await;
    assert_eq!(posing.refused_with().await, "token");
    let nowhere = region.invitation("nowhere", Guest::Patient);
    let mut lost = End::guest(&place, "nowhere", &nowhere, "").await;
    lost.hello("patient").await;
    assert_eq!(lost.refused_with().await, "unknown");

    let mut doctor = End::doctor(&place, &session, &id).await;
    doctor.hear_type("welcome").await;
    let long = |length: usize| {
        let empty = json!({"type": "description", "description": ""})
            .to_string()
            .len();
        json!({"type": "description", "description": "x".repeat(length - empty)})
    };
    doctor.say(long(64 * 1024)).await;
    later.hear_type("description").await;
    doctor.say(long(64 * 1024 + 1)).await;
    assert_eq!(doctor.refused_with().await, "too_large");

    let stranger = Session {
        access: "none".to_owned(),
        refresh: String::new(),
        id_token: String::new(),
    };
    let Err(Error::Http(answer)) = End::clinician(&place, &stranger, &id).await else {
        panic!("let in")
    };
    assert_eq!(answer.status(), 401);
    let unnamed = connect_async(place.url(&format!("/calls/{id}/ws")).replacen("http", "ws", 1)).await;
    assert!(matches!(unnamed, Err(Error::Http(answer)) if answer.status() == 401));
}

#[tokio::test]
async fn a_caregiver_is_present_and_no_more() {
    let place = Place::open().await;
    let session = place.login(DOCTOR).await;
    let id = booked(&place);
    let mut doctor = End::doctor(&place, &session, &id).await;
    doctor.hear_type("welcome").await;
    let token = place.running.region.invitation(&id, Guest::Caregiver);
    let mut caregiver = End::guest(&place, &id, &token, "&caregiver=1").await;
    caregiver.hello("patient").await;
    assert_eq!(
        caregiver.hear_type("welcome").await["peers"],
        json!(["clinician"])
    );
    assert_eq!(
        doctor.hear().await,
        Some(json!({"type": "peer", "role": "caregiver", "state": "joined"}))
    );
    assert_eq!(status(&place, &id).0, "booked", "the patient is not there yet");
    caregiver
        .say(json!({"type": "description", "description": {"type": "offer", "sdp": ""}}))
        .await;
    drop(caregiver);
    assert_eq!(
        doctor.hear().await,
        Some(json!({"type": "peer", "role": "caregiver", "state": "left"}))
    );
}

#[tokio::test]
async fn a_notice_of_delay_reaches_who_waits_and_who_comes_later() {
    let place = Place::open().await;
    let id = booked(&place);
    let mut patient = End::patient(&place, &id).await;
    patient.hear_type("welcome").await;
    let notice = json!({
        "resourceType": "Communication", "status": "completed",
        "category": [{"coding": [{"code": "delay"}]}],
        "about": [{"reference": format!("Appointment/{id}")}],
        "payload": [{"contentString": "Il medico è in ritardo di 15 minuti."}],
    });
    place.running.region.store.create(notice).expect("stored");
    assert_eq!(
        patient.hear().await,
        Some(json!({"type": "delay", "minutes": 15}))
    );
    drop(patient);
    let mut later = End::patient(&place, &id).await;
    assert_eq!(later.hear_type("delay").await["minutes"], 15);
}

/// A TURN client with these credentials.
async fn turn_client(address: SocketAddr, username: &str, password: &str) -> Client {
    let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a socket");
    let client = Client::new(ClientConfig {
        stun_serv_addr: address.to_string(),
        turn_serv_addr: address.to_string(),
        username: username.to_owned(),
        password: password.to_owned(),
        realm: String::new(),
        software: String::new(),
        rto_in_ms: 0,
        conn: Arc::new(socket),
        vnet: None,
    })
    .await
    .expect("a client");
    client.listen().await.expect("listening");
    client
}

#[tokio::test]
async fn the_relay_serves_who_has_credentials_and_only_while_they_last() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = start(Options {
        seed: false,
        ..Options::new(folder.path())
    })
    .await
    .expect("a region");
    let address = running.region.calls.relay_address().expect("a TURN server");
    let (servers, expires) = running.region.ice_servers("valmori-irene");
    let text = |field: &str| servers[0][field].as_str().expect("text").to_owned();
    let (username, credential) = (text("username"), text("credential"));
    assert_eq!(
        servers[0]["urls"],
        json!([format!("turn:{address}?transport=udp")])
    );
    assert_eq!(username, format!("{}:valmori-irene", expires.as_second()));

    let client = turn_client(address, &username, &credential).await;
    let relayed = client.allocate().await.expect("an allocation");
    let relay_address = relayed.local_addr().expect("an address");
    let peer = UdpSocket::bind("127.0.0.1:0").await.expect("a socket");
    let peer_address = peer.local_addr().expect("an address");
    relayed.send_to(b"there", peer_address).await.expect("sent");
    let mut buffer = [0; 64];
    let (length, from) = timeout(PATIENCE, peer.recv_from(&mut buffer))
        .await
        .expect("in time")
        .expect("received");
    assert_eq!(
        (&buffer[..length], from),
        (b"there".as_slice(), relay_address),
        "it comes from the relay"
    );
    peer.send_to(b"and back", relay_address).await.expect("sent");
    let (length, from) = timeout(PATIENCE, relayed.recv_from(&mut buffer))
        .await
        .expect("in time")
        .expect("received");
    assert_eq!((&buffer[..length], from), (b"and back".as_slice(), peer_address));
    client.close().await.expect("closed");

    let guess = turn_client(address, &username, "guess").await;
    assert!(guess.allocate().await.is_err(), "a wrong password");
    let endless = format!("{}:valmori-irene", expires.as_second() + 1);
    assert!(
        turn_client(address, &endless, &credential)
            .await
            .allocate()
            .await
            .is_err(),
        "a later expiry"
    );
    running.region.clock.set_skew(SignedDuration::from_hours(9));
    assert!(
        turn_client(address, &username, &credential)
            .await
            .allocate()
            .await
            .is_err(),
        "after their time"
    );
    running.shutdown().await;
}

#[tokio::test]
async fn ice_servers_are_for_the_staff() {
    let place = Place::open().await;
    let session = place.login(DOCTOR).await;
    let answer = place
        .client
        .get(place.url("/calls/ice"))
        .send()
        .await
        .expect("an answer");
    assert_eq!(answer.status(), 401);
    let servers = place.read(&session, "/calls/ice").await;
    assert_eq!(servers["ice_servers"], json!([]), "this region runs without TURN");
    assert!(
        servers["expires_at"]
            .as_str()
            .is_some_and(|time| time.parse::<jiff::Timestamp>().is_ok())
    );
}
