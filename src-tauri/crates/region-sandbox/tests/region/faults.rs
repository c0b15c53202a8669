use std::time::Duration;

use futures_util::StreamExt;
use region_sandbox::Clock;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::visitor::{Place, json as body};

#[tokio::test]
async fn a_status_meets_its_path_so_often_and_says_when_to_come_back() {
    let place = Place::open().await;
    let valmori = place.login("valmori-irene").await;
    let rule =
        json!({"path": "/fhir/Appointment", "method": "GET", "times": 2, "status": 503, "retry_after": 7});
    let set = place.switch("PUT", "faults", json!({"rules": [rule]})).await;
    assert_eq!(body(set).await["rules"][0]["times"], 2);
    for _ in 0..2 {
        let answer = place.get(&valmori, "/fhir/Appointment").send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(answer.headers()["retry-after"], "7");
    }
    assert_eq!(
        place
            .get(&valmori, "/fhir/Appointment")
            .send()
            .await
            .unwrap()
            .status(),
        StatusCode::OK
    );
    place
        .switch("POST", "faults", json!({"path": "/gateway", "status": 502}))
        .await;
    let answer = place.get(&valmori, "/gateway/v1/status").send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    place.switch("DELETE", "faults", Value::Null).await;
    assert_eq!(
        place
            .get(&valmori, "/gateway/v1/status")
            .send()
            .await
            .unwrap()
            .status(),
        StatusCode::OK
    );
    let wrong = place
        .switch("PUT", "faults", json!({"rules": [{"paht": "/fhir"}]}))
        .await;
    assert!(wrong.status().is_client_error(), "a misspelt switch was taken");
}

#[tokio::test]
async fn a_lost_answer_leaves_the_work_done_and_a_lost_request_does_not() {
    let place = Place::open().await;
    let valmori = place.login("valmori-irene").await;
    let send = || {
        place
            .post(&valmori, "/fhir/Communication")
            .header("if-none-exist", "identifier=urn:ietf:rfc:3986|urn:uuid:a")
            .json(&json!({"resourceType": "Communication", "status": "completed", "subject": {"reference": "Patient/marottoli-assunta"},
                "identifier": [{"system": "urn:ietf:rfc:3986", "value": "urn:uuid:a"}]}))
            .send()
    };
    let count = async || {
        place
            .read(
                &valmori,
                "/fhir/Communication?identifier=urn:uuid:a&_summary=count",
            )
            .await["total"]
            .as_u64()
            .unwrap()
    };
    for (effect, stored) in [("lose_request", 0), ("lose_reply", 1)] {
        place
            .switch(
                "POST",
                "faults",
                json!({"path": "/fhir/Communication", "method": "POST", "times": 1, "effect": effect}),
            )
            .await;
        let error = send().await.expect_err("an answer came");
        assert!(!error.is_timeout() && error.status().is_none(), "{error:?}");
        assert_eq!(count().await, stored, "{effect}");
    }
    assert_eq!(
        send().await.unwrap().status(),
        StatusCode::OK,
        "the repeat finds what the first attempt made"
    );
    assert_eq!(count().await, 1);
}

#[tokio::test]
async fn answers_are_spoiled_on_demand() {
    let place = Place::open().await;
    let valmori = place.login("valmori-irene").await;
    place
        .switch(
            "POST",
            "faults",
            json!({"path": "/fhir", "times": 1, "effect": "captive_portal"}),
        )
        .await;
    let portal = place.get(&valmori, "/fhir/Patient").send().await.unwrap();
    assert_eq!(portal.status(), StatusCode::OK);
    assert!(
        portal.headers()["content-type"]
            .to_str()
            .unwrap()
            .starts_with("text/html")
    );
    place
        .switch(
            "POST",
            "faults",
            json!({"path": "/fhir", "times": 1, "effect": "truncate"}),
        )
        .await;
    let cut = place.get(&valmori, "/fhir/Patient").send().await.unwrap();
    assert_eq!(cut.status(), StatusCode::OK);
    let text = cut.text().await.unwrap();
    assert!(
        text.len() > 1000 && serde_json::from_str::<Value>(&text).is_err(),
        "{text}"
    );
    place
        .switch(
            "POST",
            "faults",
            json!({"path": "/health", "times": 1, "latency_ms": 600_000}),
        )
        .await;
    let slow = place
        .client
        .get(place.url("/health"))
        .timeout(Duration::from_millis(300))
        .send()
        .await;
    assert!(slow.expect_err("no latency").is_timeout());
    assert_eq!(
        place
            .client
            .get(place.url("/health"))
            .send()
            .await
            .unwrap()
            .status(),
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_wrong_clock_shows_in_every_time_that_the_region_tells() {
    let place = Place::open_at(Clock::standing_at("2026-11-21T09:00:00Z".parse().unwrap())).await;
    place
        .switch("PUT", "faults", json!({"clock_skew_seconds": -3600}))
        .await;
    let health = place.client.get(place.url("/health")).send().await.unwrap();
    assert_eq!(health.headers()["date"], "Sat, 21 Nov 2026 08:00:00 GMT");
    let health = body(health).await;
    assert_eq!(
        (health["status"].as_str(), health["time"].as_str()),
        (Some("up"), Some("2026-11-21T08:00:00Z"))
    );
    let valmori = place.login("valmori-irene").await;
    let note =
        json!({"resourceType": "Communication", "subject": {"reference": "Patient/marottoli-assunta"}});
    let stored = body(
        place
            .post(&valmori, "/fhir/Communication")
            .json(&note)
            .send()
            .await
            .unwrap(),
    )
    .await;
    let updated = stored["meta"]["lastUpdated"].as_str().unwrap();
    assert!(
        updated > "2026-11-21T09:00:00",
        "a clock set back would hide the change from every cursor: {updated}"
    );
}

#[tokio::test]
async fn a_change_is_told_to_those_who_listen() {
    let place = Place::open().await;
    let valmori = place.login("valmori-irene").await;
    let refused = place.client.get(place.url("/events")).send().await.unwrap();
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    let feed = place.get(&valmori, "/events").send().await.unwrap();
    assert_eq!(feed.headers()["content-type"], "text/event-stream");
    let mut feed = feed.bytes_stream();
    let note =
        json!({"resourceType": "Communication", "subject": {"reference": "Patient/marottoli-assunta"}});
    place
        .post(&valmori, "/fhir/Communication")
        .json(&note)
        .send()
        .await
        .unwrap();
    let mut text = String::new();
    while !text.contains("\n\n") {
        let part = tokio::time::timeout(Duration::from_secs(20), feed.next())
            .await
            .expect("no event")
            .unwrap()
            .unwrap();
        text.push_str(&String::from_utf8_lossy(&part));
    }
    assert!(
        text.contains("event: changed") && text.contains("data: {\"types\":[\"Communication\"]}"),
        "{text}"
    );
    let running = place.running;
    running.shutdown().await;
    let end = tokio::time::timeout(Duration::from_secs(20), feed.next())
        .await
        .expect("the feed outlived the region");
    assert!(!matches!(end, Some(Ok(_))));
}

#[tokio::test]
async fn reset_brings_back_the_first_day() {
    let place = Place::open().await;
    let valmori = place.login("valmori-irene").await;
    let note = json!({"resourceType": "Communication", "id": "mine", "subject": {"reference": "Patient/marottoli-assunta"}});
    place
        .put(&valmori, "/fhir/Communication/mine")
        .json(&note)
        .send()
        .await
        .unwrap();
    place.switch("POST", "advance", json!({"days": 9})).await;
    place
        .switch(
            "PUT",
            "faults",
            json!({"rules": [{"path": "/fhir", "status": 500}]}),
        )
        .await;
    assert_eq!(
        place.switch("POST", "reset", Value::Null).await.status(),
        StatusCode::NO_CONTENT
    );
    assert_eq!(
        place
            .get(&valmori, "/fhir/Patient")
            .send()
            .await
            .unwrap()
            .status(),
        StatusCode::UNAUTHORIZED
    );
    let valmori = place.login("valmori-irene").await;
    assert_eq!(
        place
            .get(&valmori, "/fhir/Communication/mine")
            .send()
            .await
            .unwrap()
            .status(),
        StatusCode::NOT_FOUND
    );
    assert_eq!(place.read(&valmori, "/fhir/Appointment").await["total"], 14);
}
