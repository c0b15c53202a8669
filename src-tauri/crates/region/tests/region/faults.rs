use region::fhir::OWN_IDENTIFIER;
use region::{FrozenRequest, RegionError, Reply, ResourceType, RetryCause};
use region_sandbox::faults::{Effect, Rule};
use serde_json::json;
use std::time::Duration;

use crate::place::Place;

fn frozen() -> FrozenRequest {
    FrozenRequest::create(&json!({"resourceType": "Communication", "status": "completed",
        "identifier": [{"system": OWN_IDENTIFIER, "value": format!("urn:uuid:{}", uuid::Uuid::now_v7())}],
        "subject": {"reference": "Patient/marottoli-assunta"}, "payload": [{"contentString": "nota"}]}))
    .unwrap()
}

async fn copies(place: &Place, request: &FrozenRequest) -> usize {
    let value = match request.confirm.as_ref().unwrap() {
        region::Confirm::Identifier { system, value, .. } => format!("{system}|{value}"),
        region::Confirm::Document { .. } => unreachable!(),
    };
    let found = place
        .region
        .fhir()
        .search(ResourceType::Communication, &[("identifier", &value)])
        .await
        .unwrap();
    found.matches.len()
}

#[tokio::test]
async fn a_lost_reply_is_found_and_not_sent_again() {
    let place = Place::open_as("valmori-irene").await;
    let request = frozen();
    place.effect("/fhir/Communication", "POST", Effect::LoseReply);
    let reply = place.region.send(&request, false).await;
    assert!(matches!(reply, Reply::Again { ambiguous: true, .. }), "{reply:?}");
    match place.region.send(&request, true).await {
        Reply::Done(sent) => assert!(sent.found && sent.id.is_some(), "it was sent a second time"),
        other => panic!("{other:?}"),
    }
    assert_eq!(copies(&place, &request).await, 1);
}

#[tokio::test]
async fn a_lost_request_is_sent_again_after_the_search_finds_nothing() {
    let place = Place::open_as("valmori-irene").await;
    let request = frozen();
    place.effect("/fhir/Communication", "POST", Effect::LoseRequest);
    let reply = place.region.send(&request, false).await;
    assert!(
        matches!(reply, Reply::Again { ambiguous: true, .. }),
        "silence says nothing of what was done: {reply:?}"
    );
    match place.region.send(&request, true).await {
        Reply::Done(sent) => assert!(!sent.found && sent.status == 201),
        other => panic!("{other:?}"),
    }
    assert_eq!(copies(&place, &request).await, 1);
}

#[tokio::test]
async fn a_cut_answer_is_ambiguous_and_a_portal_s_page_is_no_success() {
    let place = Place::open_as("valmori-irene").await;
    for (effect, cause) in [
        (Effect::Truncate, RetryCause::Garbled),
        (Effect::CaptivePortal, RetryCause::NotTheRegion),
    ] {
        let request = frozen();
        place.effect("/fhir/Communication", "POST", effect);
        match place.region.send(&request, false).await {
            Reply::Again {
                cause: found,
                ambiguous: true,
                ..
            } => assert_eq!(found, cause),
            other => panic!("{effect:?}: {other:?}"),
        }
        assert!(matches!(place.region.send(&request, true).await, Reply::Done(_)));
        assert_eq!(copies(&place, &request).await, 1, "{effect:?}");
    }
}

#[tokio::test]
async fn a_busy_region_says_how_long_to_wait() {
    let place = Place::open_as("valmori-irene").await;
    for status in [503, 429] {
        place.fault(Rule {
            path: "/fhir".into(),
            status: Some(status),
            retry_after: Some(7),
            times: Some(1),
            ..Rule::default()
        });
        match place.region.send(&frozen(), false).await {
            Reply::Again {
                cause: RetryCause::Busy,
                status: Some(found),
                retry_after,
                ..
            } => {
                assert_eq!((found, retry_after), (status, Some(Duration::from_secs(7))));
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn when_the_search_itself_fails_nothing_is_sent() {
    let place = Place::open_as("valmori-irene").await;
    let request = frozen();
    place.fault(Rule {
        path: "/fhir".into(),
        method: Some("GET".into()),
        status: Some(503),
        ..Rule::default()
    });
    let reply = place.region.send(&request, true).await;
    assert!(matches!(reply, Reply::Again { ambiguous: true, .. }), "{reply:?}");
    place.running.region.faults.set(vec![]);
    assert_eq!(
        copies(&place, &request).await,
        0,
        "it was sent although the earlier attempt is unknown"
    );
}

#[tokio::test]
async fn an_ended_session_pauses_the_queue_and_a_refusal_is_for_a_person() {
    let place = Place::open_as("valmori-irene").await;
    let mut wrong = frozen();
    wrong.body = b"{\"resourceType\":\"Patient\"}".to_vec();
    assert!(matches!(place.region.send(&wrong, false).await, Reply::Refused(p) if p.status == 400));
    let mut foreign = frozen();
    let text = String::from_utf8(foreign.body.clone())
        .unwrap()
        .replace("marottoli-assunta", "acciarini-leo");
    foreign.body = text.into_bytes();
    let reply = place.region.send(&foreign, false).await;
    assert!(
        matches!(&reply, Reply::Refused(p) if p.status == 403),
        "{reply:?}"
    );
    place.switch("expire-tokens", json!({"refresh": true})).await;
    assert_eq!(place.region.send(&frozen(), false).await, Reply::PauseUser);
}

#[tokio::test]
async fn a_region_that_is_gone_is_no_network() {
    let place = Place::open_as("valmori-irene").await;
    let Place { running, region, .. } = place;
    running.shutdown().await;
    let reply = region.send(&frozen(), false).await;
    assert!(
        matches!(
            reply,
            Reply::Again {
                cause: RetryCause::NoNetwork,
                status: None,
                ..
            }
        ),
        "{reply:?}"
    );
    assert!(matches!(
        region.health().await,
        Err(RegionError::Unreachable | RegionError::Timeout)
    ));
}

#[tokio::test]
async fn a_repeated_binary_is_the_same_binary() {
    let place = Place::open_as("valmori-irene").await;
    let id = uuid::Uuid::now_v7().to_string();
    let request = FrozenRequest::binary(&id, "image/png", b"\x89PNG".to_vec()).unwrap();
    for _ in 0..2 {
        assert!(
            matches!(place.region.send(&request, false).await, Reply::Done(s) if s.id.as_deref() == Some(&id))
        );
    }
    let reference = json!({"resourceType": "DocumentReference", "status": "current",
        "identifier": [{"system": OWN_IDENTIFIER, "value": format!("urn:uuid:{id}")}],
        "subject": {"reference": "Patient/marottoli-assunta"},
        "content": [{"attachment": {"url": format!("Binary/{id}"), "contentType": "image/png", "size": 4}}]});
    let written = place.region.fhir().create(&reference).await.unwrap();
    let document = region::fhir::document::document(&written.resource).unwrap();
    let bytes = place.region.fhir().document_bytes(&document).await.unwrap();
    assert_eq!(
        (bytes.content_type.as_str(), bytes.bytes.as_slice()),
        ("image/png", b"\x89PNG".as_slice())
    );
}
