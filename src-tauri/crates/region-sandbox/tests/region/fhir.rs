use std::collections::BTreeSet;

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::visitor::{Place, json as body};

fn note(identifier: &str) -> Value {
    json!({"resourceType": "Communication", "status": "completed", "subject": {"reference": "Patient/marottoli-assunta"},
        "identifier": [{"system": "urn:ietf:rfc:3986", "value": identifier}], "payload": [{"contentString": "a"}]})
}

#[tokio::test]
async fn a_resource_is_created_changed_deleted_and_its_history_stays() {
    let place = Place::open().await;
    let valmori = place.login("valmori-irene").await;
    let created = place
        .post(&valmori, "/fhir/Communication")
        .json(&note("urn:uuid:1"))
        .send()
        .await
        .unwrap();
    assert_eq!(created.status(), StatusCode::CREATED);
    assert_eq!(created.headers()["etag"], "W/\"1\"");
    assert!(
        created.headers()["location"]
            .to_str()
            .unwrap()
            .ends_with("/_history/1")
    );
    let mut stored = body(created).await;
    let path = format!("/fhir/Communication/{}", stored["id"].as_str().unwrap());

    stored["payload"][0]["contentString"] = json!("b");
    let update = |tag: &str| place.put(&valmori, &path).header("if-match", tag).json(&stored);
    let changed = update("W/\"1\"").send().await.unwrap();
    assert_eq!(
        (changed.status(), changed.headers()["etag"].to_str().unwrap()),
        (StatusCode::OK, "W/\"2\"")
    );
    let conflict = update("W/\"1\"").send().await.unwrap();
    assert_eq!(conflict.status(), StatusCode::PRECONDITION_FAILED);
    assert_eq!(body(conflict).await["resourceType"], "OperationOutcome");
    assert_eq!(
        update("nonsense").send().await.unwrap().status(),
        StatusCode::BAD_REQUEST
    );

    let first = place.read(&valmori, &format!("{path}/_history/1")).await;
    assert_eq!(first["payload"][0]["contentString"], "a");
    let deleted = place.delete(&valmori, &path).send().await.unwrap();
    assert_eq!(deleted.status(), StatusCode::NO_CONTENT);
    assert_eq!(
        place.get(&valmori, &path).send().await.unwrap().status(),
        StatusCode::GONE
    );
    let found = place
        .read(
            &valmori,
            "/fhir/Communication?identifier=urn:ietf:rfc:3986%7Curn:uuid:1",
        )
        .await;
    assert_eq!(
        (found["total"].clone(), found["entry"].clone()),
        (json!(0), Value::Null)
    );
}

#[tokio::test]
async fn a_conditional_create_makes_one_resource_also_when_twenty_ask_at_once() {
    let place = Place::open().await;
    let valmori = place.login("valmori-irene").await;
    let ask = |value: String| {
        place
            .post(&valmori, "/fhir/Communication")
            .header("if-none-exist", format!("identifier=urn:ietf:rfc:3986|{value}"))
            .json(&note(&value))
            .send()
    };
    let answers = futures_util::future::join_all((0..20).map(|_| ask("urn:uuid:same".to_owned()))).await;
    let mut ids = BTreeSet::new();
    let mut new = 0;
    for answer in answers {
        let answer = answer.unwrap();
        new += usize::from(answer.status() == StatusCode::CREATED);
        ids.insert(body(answer).await["id"].as_str().unwrap().to_owned());
    }
    assert_eq!((new, ids.len()), (1, 1), "the condition did not hold");
    for _ in 0..2 {
        place
            .post(&valmori, "/fhir/Communication")
            .json(&note("urn:uuid:twice"))
            .send()
            .await
            .unwrap();
    }
    assert_eq!(
        ask("urn:uuid:twice".to_owned()).await.unwrap().status(),
        StatusCode::PRECONDITION_FAILED
    );
}

#[tokio::test]
async fn the_agenda_comes_with_its_patients_and_prescriptions_in_order() {
    let place = Place::open_at(region_sandbox::Clock::standing_at(
        "2026-11-21T09:10:00Z".parse().unwrap(),
    ))
    .await;
    let valmori = place.login("valmori-irene").await;
    let today = "2026-11-21";
    let agenda = place
        .read(&valmori, &format!("/fhir/Appointment?actor=PractitionerRole/valmori-irene-specialist&date={today}&_sort=date&_include=Appointment:patient&_include=Appointment:based-on"))
        .await;
    let of = |mode: &str, kind: &str| -> Vec<&Value> {
        agenda["entry"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|e| e["search"]["mode"] == mode && e["resource"]["resourceType"] == kind)
            .map(|e| &e["resource"])
            .collect()
    };
    let starts: Vec<&str> = of("match", "Appointment")
        .iter()
        .map(|a| a["start"].as_str().unwrap())
        .collect();
    assert_eq!(starts.len(), 14);
    assert!(starts.is_sorted(), "{starts:?}");
    assert_eq!(
        (
            of("include", "Patient").len(),
            of("include", "ServiceRequest").len()
        ),
        (14, 14)
    );
    let older = place
        .read(
            &valmori,
            "/fhir/Appointment?_sort=-date&_count=1&_include=Appointment:basedon",
        )
        .await;
    assert_eq!(
        older["entry"][0]["resource"]["start"].as_str(),
        starts.last().copied()
    );
    assert_eq!(
        older["entry"].as_array().unwrap().len(),
        2,
        "the older name of the parameter is known too"
    );
}

#[tokio::test]
async fn a_cursor_over_pages_misses_nothing_that_changes_meanwhile() {
    let place = Place::open().await;
    let ferrantino = place.login("ferrantino-guido").await;
    let first = place
        .read(&ferrantino, "/fhir/Patient?_sort=_lastUpdated&_count=10")
        .await;
    let mut ids: BTreeSet<String> = ids_of(&first);
    let oldest = first["entry"][0]["resource"].clone();
    let path = format!("/fhir/Patient/{}", oldest["id"].as_str().unwrap());
    assert_eq!(
        place
            .put(&ferrantino, &path)
            .json(&oldest)
            .send()
            .await
            .unwrap()
            .status(),
        StatusCode::OK
    );
    let mut page = first;
    let mut last = String::new();
    while let Some(next) = next_of(&page) {
        page = body(
            place
                .client
                .get(next)
                .bearer_auth(&ferrantino.access)
                .send()
                .await
                .unwrap(),
        )
        .await;
        ids.extend(ids_of(&page));
        let entries = page["entry"].as_array().unwrap();
        last = entries.last().unwrap()["resource"]["meta"]["lastUpdated"]
            .as_str()
            .unwrap()
            .to_owned();
        assert!(entries.len() <= 10);
    }
    assert_eq!(
        ids.len(),
        38,
        "a patient was hidden by a change between two pages"
    );
    let after = place
        .read(
            &ferrantino,
            &format!("/fhir/Patient?_lastUpdated=gt{last}&_sort=_lastUpdated"),
        )
        .await;
    assert_eq!(after["total"], 0, "the cursor brings nothing twice");
    place.put(&ferrantino, &path).json(&oldest).send().await.unwrap();
    let after = place
        .read(
            &ferrantino,
            &format!("/fhir/Patient?_lastUpdated=gt{last}&_sort=_lastUpdated"),
        )
        .await;
    assert_eq!(
        ids_of(&after),
        BTreeSet::from([oldest["id"].as_str().unwrap().to_owned()])
    );
}

fn ids_of(bundle: &Value) -> BTreeSet<String> {
    let entries = bundle["entry"].as_array().cloned().unwrap_or_default();
    entries
        .iter()
        .map(|e| e["resource"]["id"].as_str().unwrap().to_owned())
        .collect()
}

fn next_of(bundle: &Value) -> Option<String> {
    let links = bundle["link"].as_array()?;
    links.iter().find(|l| l["relation"] == "next")?["url"]
        .as_str()
        .map(str::to_owned)
}

#[tokio::test]
async fn a_transaction_is_done_whole_with_its_references_or_not_at_all() {
    let place = Place::open().await;
    let ferrantino = place.login("ferrantino-guido").await;
    let request = json!({"resourceType": "ServiceRequest", "status": "active", "intent": "order",
        "identifier": [{"system": "urn:ietf:rfc:3986", "value": "urn:uuid:11111111-1111-7111-8111-111111111111"}],
        "subject": {"reference": "Patient/marottoli-assunta"}, "category": [{"coding": [{"code": "02"}]}]});
    let bundle = |second: Value| {
        json!({"resourceType": "Bundle", "type": "transaction", "entry": [
            {"fullUrl": "urn:uuid:22222222-2222-7222-8222-222222222222", "resource": second, "request": {"method": "POST", "url": "Task",
                "ifNoneExist": "identifier=urn:ietf:rfc:3986|urn:uuid:22222222-2222-7222-8222-222222222222"}},
            {"fullUrl": "urn:uuid:11111111-1111-7111-8111-111111111111", "resource": request, "request": {"method": "POST", "url": "ServiceRequest",
                "ifNoneExist": "identifier=urn:ietf:rfc:3986|urn:uuid:11111111-1111-7111-8111-111111111111"}}]})
    };
    let task = json!({"resourceType": "Task", "status": "requested", "intent": "order",
        "identifier": [{"system": "urn:ietf:rfc:3986", "value": "urn:uuid:22222222-2222-7222-8222-222222222222"}],
        "focus": {"reference": "urn:uuid:11111111-1111-7111-8111-111111111111"}});
    let mut of_stranger = task.clone();
    of_stranger["for"] = json!({"reference": "Patient/cellentani-nina"});
    let refused = place
        .post(&ferrantino, "/fhir")
        .json(&bundle(of_stranger))
        .send()
        .await
        .unwrap();
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    let wanted = "/fhir/ServiceRequest?identifier=urn:uuid:11111111-1111-7111-8111-111111111111";
    assert_eq!(
        place.read(&ferrantino, wanted).await["total"],
        0,
        "half of a transaction was kept"
    );

    let done = body(
        place
            .post(&ferrantino, "/fhir")
            .json(&bundle(task.clone()))
            .send()
            .await
            .unwrap(),
    )
    .await;
    let made = &done["entry"][0]["resource"];
    let request_id = done["entry"][1]["resource"]["id"].as_str().unwrap();
    assert_eq!(
        made["focus"]["reference"],
        format!("ServiceRequest/{request_id}"),
        "{done}"
    );
    assert_eq!(
        made["identifier"][0]["value"], "urn:uuid:22222222-2222-7222-8222-222222222222",
        "an identifier is no reference"
    );
    let again = body(
        place
            .post(&ferrantino, "/fhir/")
            .json(&bundle(task))
            .send()
            .await
            .unwrap(),
    )
    .await;
    assert_eq!(again["entry"][0]["response"]["status"], "200 OK");
    assert_eq!(
        again["entry"][1]["resource"]["id"], request_id,
        "a repeat made a second one"
    );
    let unknown = json!({"resourceType": "Bundle", "type": "batch"});
    assert_eq!(
        place
            .post(&ferrantino, "/fhir")
            .json(&unknown)
            .send()
            .await
            .unwrap()
            .status(),
        StatusCode::BAD_REQUEST
    );
}

#[tokio::test]
async fn a_binary_is_put_and_got_as_bytes_and_as_json() {
    let place = Place::open().await;
    let ferrantino = place.login("ferrantino-guido").await;
    let brandolesi = place.login("brandolesi-ugo").await;
    let bytes: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    let put = place
        .put(&ferrantino, "/fhir/Binary/ecg-1")
        .header("content-type", "image/png")
        .body(bytes.clone());
    assert_eq!(put.send().await.unwrap().status(), StatusCode::CREATED);
    let got = place.get(&ferrantino, "/fhir/Binary/ecg-1").send().await.unwrap();
    assert_eq!(got.headers()["content-type"], "image/png");
    assert_eq!(got.bytes().await.unwrap(), bytes);
    let whole = place
        .get(&ferrantino, "/fhir/Binary/ecg-1")
        .header("accept", "application/fhir+json")
        .send()
        .await
        .unwrap();
    assert_eq!(body(whole).await["contentType"], "image/png");
    let stranger = place.get(&brandolesi, "/fhir/Binary/ecg-1").send().await.unwrap();
    assert_eq!(stranger.status(), StatusCode::FORBIDDEN);
    let overwritten = place
        .put(&brandolesi, "/fhir/Binary/ecg-1")
        .header("content-type", "image/png")
        .body("x");
    assert_eq!(overwritten.send().await.unwrap().status(), StatusCode::FORBIDDEN);
    let earlier = place
        .get(&ferrantino, "/fhir/Binary/documento-1-file")
        .send()
        .await
        .unwrap();
    assert!(
        earlier.bytes().await.unwrap().starts_with(b"%PDF-1.7"),
        "an earlier report is a real PDF"
    );
}

#[tokio::test]
async fn bad_requests_are_refused_with_an_outcome() {
    let place = Place::open().await;
    let valmori = place.login("valmori-irene").await;
    for (path, status) in [
        ("/fhir/Medication", 404),
        ("/fhir/Patient/nobody", 404),
        ("/fhir/Patient?colour=red", 400),
        ("/fhir/Patient?birthdate=yesterday", 400),
        ("/fhir/Patient?_sort=colour", 400),
        ("/fhir/Patient?_include=Patient:colour", 400),
        ("/fhir/Patient?_count=many", 400),
    ] {
        let answer = place.get(&valmori, path).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{path}");
        assert_eq!(body(answer).await["resourceType"], "OperationOutcome", "{path}");
    }
    for (path, text) in [
        ("/fhir/Communication", "{"),
        ("/fhir/Communication", "[]"),
        ("/fhir/Communication", "{\"resourceType\":\"Task\"}"),
        ("/fhir", "{}"),
        ("/fhir", "null"),
    ] {
        let answer = place
            .post(&valmori, path)
            .header("content-type", "application/fhir+json")
            .body(text)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{path} {text}");
    }
    for token in [None, Some("invented")] {
        let mut ask = place.client.get(place.url("/fhir/Patient"));
        if let Some(token) = token {
            ask = ask.bearer_auth(token);
        }
        let answer = ask.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
        assert!(answer.headers().contains_key("www-authenticate"));
    }
}
