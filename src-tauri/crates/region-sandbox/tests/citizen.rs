//! The citizen's pages over HTTP: who may see what, what leaves as a resource, and that nothing foreign may run.

#[allow(dead_code, unreachable_pub)]
#[path = "region/visitor.rs"]
mod visitor;

use reqwest::StatusCode;
use serde_json::{Value, json};
use visitor::Place;

async fn page(place: &Place, path: &str) -> (StatusCode, String) {
    let answer = place.client.get(place.url(path)).send().await.expect("an answer");
    let policy = answer.headers().get("content-security-policy").expect("a policy").to_str().expect("text").to_owned();
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    let status = answer.status();
    let html = answer.text().await.expect("a page");
    assert!(html.contains("Persone, visite e documenti sono inventati"), "{path} does not say that it is for training");
    (status, html)
}

fn appointment_of(place: &Place, patient: &str) -> String {
    let actor = format!("Patient/{patient}");
    let found = place.running.region.store.search("Appointment", &[("actor", &actor)]).expect("a search");
    found.first().expect("a televisit")["id"].as_str().expect("an id").to_owned()
}

#[tokio::test]
async fn every_page_says_that_it_is_for_training_and_runs_only_its_own_scripts() {
    let place = Place::open().await;
    let id = appointment_of(&place, "marottoli-assunta");
    for path in [
        "/portale",
        "/portale/marottoli-assunta",
        "/portale/documenti/marottoli-assunta",
        &format!("/portale/prova/{id}"),
        &format!("/portale/televisita/{id}?t=x"),
        &format!("/portale/televisita/{id}?t=x&caregiver=1"),
    ] {
        let (status, html) = page(&place, path).await;
        assert_eq!(status, StatusCode::OK, "{path}");
        assert!(!html.contains("{{"), "{path} has a place that was not filled");
        for address in html.split(['"', '\'']).filter(|part| part.contains("://")) {
            panic!("{path} names another origin: {address}");
        }
    }
    for path in ["/portale/nobody", "/portale/prova/none", "/portale/televisita/none?t=x", "/portale/documenti/nobody"] {
        assert_eq!(page(&place, path).await.0, StatusCode::NOT_FOUND, "{path}");
    }
    let home = place.client.get(place.url("/portale/")).send().await.expect("an answer");
    assert_eq!(home.status(), StatusCode::PERMANENT_REDIRECT);
}

#[tokio::test]
async fn names_from_the_store_are_text() {
    let place = Place::open().await;
    let patient = json!({"resourceType": "Patient", "id": "odd", "name": [{"family": "<b>Odd</b>", "given": ["\"Q\""]}]});
    place.running.region.store.create(patient).expect("stored");
    let (_, html) = page(&place, "/portale/odd").await;
    assert!(!html.to_lowercase().contains("<b>odd") && html.contains("&lt;B&gt;ODD&lt;/B&gt; &quot;Q&quot;"), "{html}");
}

#[tokio::test]
async fn the_outcome_of_the_test_becomes_a_task_that_the_doctor_finds() {
    let place = Place::open().await;
    let session = place.login("valmori-irene").await;
    let id = appointment_of(&place, "gualterotti-ivo");
    let send = |found: Value| place.client.post(place.url(&format!("/portale/prova/{id}/esito"))).json(&found).send();
    let good = json!({"passed": true, "camera": "Funziona", "microphone": "Funziona", "network": "Buona, risposta in 4 ms"});
    assert_eq!(send(good).await.expect("an answer").status(), StatusCode::CREATED);
    let bundle = place.read(&session, &format!("/fhir/Task?focus=Appointment/{id}&code=eligibility-test")).await;
    let task = &bundle["entry"][0]["resource"];
    assert_eq!((&task["status"], &task["for"]["reference"]), (&json!("completed"), &json!("Patient/gualterotti-ivo")));
    assert_eq!(task["output"].as_array().map(Vec::len), Some(3));
    assert!(task["executionPeriod"]["end"].is_string());
    assert!(page(&place, "/portale/gualterotti-ivo").await.1.contains("Test superato il"));

    let long = json!({"passed": true, "camera": "x".repeat(10_000), "microphone": "", "network": ""});
    assert_eq!(send(long).await.expect("an answer").status(), StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_report_is_read_by_its_citizen_only() {
    let place = Place::open().await;
    let (_, list) = page(&place, "/portale/documenti/marottoli-assunta").await;
    let path = list
        .split('"')
        .find(|part| part.starts_with("/portale/documenti/marottoli-assunta/"))
        .expect("an earlier report")
        .to_owned();
    assert_eq!(page(&place, &path).await.0, StatusCode::OK);
    let pdf = place.client.get(place.url(&format!("{path}/referto.pdf"))).send().await.expect("an answer");
    assert_eq!(pdf.headers()["content-type"], "application/pdf");
    assert!(pdf.bytes().await.expect("bytes").starts_with(b"%PDF-"));
    let other = path.replace("marottoli-assunta", "torrigiani-elio");
    assert_eq!(page(&place, &other).await.0, StatusCode::NOT_FOUND, "another citizen's address");
    let foreign_pdf = place.client.get(place.url(&format!("{other}/referto.pdf"))).send().await.expect("an answer");
    assert_eq!(foreign_pdf.status(), StatusCode::NOT_FOUND);
}
