use futures_util::{SinkExt, StreamExt};
use region::signalling::{
    ByeReason, Description, ErrorCode, Message, Peer, Presence, SdpKind, SignallingEvent,
};
use region_sandbox::calls::Guest;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite;

use crate::place::Place;

type Page = tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>;

async fn appointment(place: &Place) -> String {
    let page = place
        .region
        .fhir()
        .search(region::ResourceType::Appointment, &[("status", "booked")])
        .await
        .unwrap();
    let one = page
        .matches
        .iter()
        .find(|a| a["id"].as_str().is_some_and(|id| id.contains("marottoli")))
        .unwrap();
    one["id"].as_str().unwrap().to_owned()
}

async fn patient(place: &Place, appointment: &str) -> Page {
    let token = place.running.region.invitation(appointment, Guest::Patient);
    let base = place.running.base_url.replacen("http", "ws", 1);
    let url = format!("{base}/calls/{appointment}/ws?t={token}");
    let (mut page, _) = tokio_tungstenite::connect_async(url).await.unwrap();
    say(
        &mut page,
        json!({"type": "hello", "version": 1, "role": "patient"}),
    )
    .await;
    hear(&mut page, "welcome").await;
    page
}

async fn say(page: &mut Page, message: Value) {
    page.send(tungstenite::Message::text(message.to_string()))
        .await
        .unwrap();
}

/// The next message of a type; pings and others are passed over.
async fn hear(page: &mut Page, kind: &str) -> Value {
    while let Some(frame) = page.next().await {
        let tungstenite::Message::Text(text) = frame.unwrap() else {
            continue;
        };
        let message: Value = serde_json::from_str(&text).unwrap();
        if message["type"] == kind {
            return message;
        }
    }
    panic!("the page was closed before {kind}");
}

#[tokio::test]
async fn both_ends_meet_speak_and_part() {
    let place = Place::open_as("valmori-irene").await;
    let id = appointment(&place).await;
    let mut channel = place.region.call(&id.as_str().into()).unwrap();
    match channel.incoming.recv().await {
        Some(SignallingEvent::Open { peers, .. }) => assert!(peers.is_empty()),
        other => panic!("{other:?}"),
    }
    let mut page = patient(&place, &id).await;
    match channel.incoming.recv().await {
        Some(SignallingEvent::Message(Message::Peer {
            role: Peer::Patient,
            state: Presence::Joined,
        })) => {}
        other => panic!("{other:?}"),
    }
    let arrived = place.region.fhir().televisit(&id.as_str().into()).await.unwrap();
    assert!(
        arrived.waiting_since.is_some(),
        "the waiting room does not show the patient"
    );
    channel.outgoing.send(Message::Admit).await.unwrap();
    hear(&mut page, "admit").await;
    say(&mut page, json!({"type": "somersault"})).await;
    say(
        &mut page,
        json!({"type": "description", "description": {"type": "offer", "sdp": "v=0"}}),
    )
    .await;
    let offer = Description {
        kind: SdpKind::Offer,
        sdp: "v=0".into(),
    };
    match channel.incoming.recv().await {
        Some(SignallingEvent::Message(Message::Description { description })) => {
            assert_eq!(description, offer)
        }
        other => panic!("{other:?}"),
    }
    // The last word is sent even when the channel is dropped at once.
    channel
        .outgoing
        .send(Message::Bye {
            reason: ByeReason::Ended,
        })
        .await
        .unwrap();
    drop(channel);
    assert_eq!(hear(&mut page, "bye").await["reason"], "ended");
}

#[tokio::test]
async fn a_televisit_that_is_not_there_is_refused_for_good() {
    let place = Place::open_as("valmori-irene").await;
    let mut channel = place.region.call(&"no-such-televisit".into()).unwrap();
    match channel.incoming.recv().await {
        Some(SignallingEvent::Refused(ErrorCode::Unknown)) => {}
        other => panic!("{other:?}"),
    }
    assert!(
        channel.incoming.recv().await.is_none(),
        "it went on after a refusal"
    );
}

#[tokio::test]
async fn nobody_logged_in_opens_nothing() {
    let place = Place::open_as("valmori-irene").await;
    let id = appointment(&place).await;
    place.switch("expire-tokens", json!({"refresh": true})).await;
    let mut channel = place.region.call(&id.as_str().into()).unwrap();
    assert!(matches!(
        channel.incoming.recv().await,
        Some(SignallingEvent::Unauthorised)
    ));
}

#[tokio::test]
async fn an_ended_token_is_renewed_before_the_call() {
    let place = Place::open_as("valmori-irene").await;
    let id = appointment(&place).await;
    place.switch("expire-tokens", json!({})).await;
    let mut channel = place.region.call(&id.as_str().into()).unwrap();
    assert!(matches!(
        channel.incoming.recv().await,
        Some(SignallingEvent::Open { .. })
    ));
}

#[tokio::test]
async fn ice_servers_are_read() {
    let place = Place::open_as("valmori-irene").await;
    let servers = place.region.ice_servers().await.unwrap();
    assert!(servers.ice_servers.iter().all(|s| !s.urls.is_empty()));
    assert!(
        !format!("{servers:?}").contains("credential: Some(\""),
        "a credential reached Debug"
    );
}

#[tokio::test]
async fn the_channel_comes_back_by_itself_after_the_region_was_away() {
    let place = Place::open_as("valmori-irene").await;
    let id = appointment(&place).await;
    let mut channel = place.region.call(&id.as_str().into()).unwrap();
    assert!(matches!(
        channel.incoming.recv().await,
        Some(SignallingEvent::Open { .. })
    ));
    let mut hints = place.region.events();
    assert_eq!(hints.next().await, Some(region::feed::Hint::Open));
    let place = place.restart().await;
    assert!(matches!(
        channel.incoming.recv().await,
        Some(SignallingEvent::Lost)
    ));
    assert!(matches!(
        channel.incoming.recv().await,
        Some(SignallingEvent::Open { .. })
    ));
    let mut page = patient(&place, &id).await;
    channel.outgoing.send(Message::Admit).await.unwrap();
    hear(&mut page, "admit").await;
    // The hints come back as well, with word that something may have been missed.
    while hints.next().await.unwrap() != region::feed::Hint::Open {}
}
