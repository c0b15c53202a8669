//! The citizen's pages over HTTP: who may see what, what leaves as a resource, and that nothing foreign may run.

// A panic is the failure report of a test, also in what its tests share.
#![allow(clippy::expect_used, clippy::panic)]

#[allow(dead_code, unreachable_pub)]
#[path = "region/visitor.rs"]
mod visitor;

use lopdf::{Document, Stream, dictionary};
use reqwest::StatusCode;
use serde_json::{Value, json};
use visitor::Place;

async fn page(place: &Place, path: &str) -> (StatusCode, String) {
    let answer = place.client.get(place.url(path)).send().await.expect("an answer");
    let policy = answer
        .headers()
        .get("content-security-policy")
        .expect("a policy")
        .to_str()
        .expect("text")
        .to_owned();
    assert!(
        policy.starts_with("default-src 'none'") && !policy.contains("unsafe"),
        "{policy}"
    );
    let status = answer.status();
    let html = answer.text().await.expect("a page");
    assert!(
        html.contains("Persone, visite e documenti sono inventati"),
        "{path} does not say that it is for training"
    );
    (status, html)
}

fn appointment_of(place: &Place, patient: &str) -> String {
    let actor = format!("Patient/{patient}");
    let found = place
        .running
        .region
        .store
        .search("Appointment", &[("actor", &actor)])
        .expect("a search");
    found.first().expect("a televisit")["id"]
        .as_str()
        .expect("an id")
        .to_owned()
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
        let foreign = html.split(['"', '\'']).find(|part| part.contains("://"));
        assert_eq!(foreign, None, "{path} names another origin");
    }
    for path in [
        "/portale/nobody",
        "/portale/prova/none",
        "/portale/televisita/none?t=x",
        "/portale/documenti/nobody",
    ] {
        assert_eq!(page(&place, path).await.0, StatusCode::NOT_FOUND, "{path}");
    }
    let home = place
        .client
        .get(place.url("/portale/"))
        .send()
        .await
        .expect("an answer");
    assert_eq!(home.status(), StatusCode::PERMANENT_REDIRECT);
}

#[tokio::test]
async fn names_from_the_store_are_text() {
    let place = Place::open().await;
    let patient = json!({"resourceType": "Patient", "id": "odd", "name": [{"family": "<b>Odd</b>", "given": ["\"Q\""]}]});
    place.running.region.store.create(patient).expect("stored");
    let (_, html) = page(&place, "/portale/odd").await;
    assert!(
        !html.to_lowercase().contains("<b>odd") && html.contains("&lt;B&gt;ODD&lt;/B&gt; &quot;Q&quot;"),
        "{html}"
    );
}

#[tokio::test]
async fn the_outcome_of_the_test_becomes_a_task_that_the_doctor_finds() {
    let place = Place::open().await;
    let session = place.login("valmori-irene").await;
    let id = appointment_of(&place, "gualterotti-ivo");
    let send = |found: Value| {
        place
            .client
            .post(place.url(&format!("/portale/prova/{id}/esito")))
            .json(&found)
            .send()
    };
    let good = json!({"passed": true, "camera": "Funziona", "microphone": "Funziona", "network": "Buona, risposta in 4 ms"});
    assert_eq!(send(good).await.expect("an answer").status(), StatusCode::CREATED);
    let bundle = place
        .read(
            &session,
            &format!("/fhir/Task?focus=Appointment/{id}&code=eligibility-test"),
        )
        .await;
    let task = &bundle["entry"][0]["resource"];
    assert_eq!(
        (&task["status"], &task["for"]["reference"]),
        (&json!("completed"), &json!("Patient/gualterotti-ivo"))
    );
    assert_eq!(task["output"].as_array().map(Vec::len), Some(3));
    assert!(task["executionPeriod"]["end"].is_string());
    assert!(
        page(&place, "/portale/gualterotti-ivo")
            .await
            .1
            .contains("Test superato il")
    );

    let long = json!({"passed": true, "camera": "x".repeat(10_000), "microphone": "", "network": ""});
    assert_eq!(
        send(long).await.expect("an answer").status(),
        StatusCode::UNPROCESSABLE_ENTITY
    );
}

const CDA: &str = r#"<ClinicalDocument xmlns="urn:hl7-org:v3"><title>Referto di televisita</title>
<author><assignedAuthor><assignedPerson><name><prefix>Dott.ssa</prefix><given>Irene</given><family>Valmori</family></name>
</assignedPerson></assignedAuthor></author><component><structuredBody><component><section><title>Referto</title>
<text><paragraph>Compenso emodinamico stabile.</paragraph></text></section></component></structuredBody></component>
</ClinicalDocument>"#;

fn pdf_with_cda() -> Vec<u8> {
    let mut pdf = Document::with_version("1.7");
    let file = pdf.add_object(Stream::new(
        dictionary! { "Type" => "EmbeddedFile" },
        CDA.as_bytes().to_vec(),
    ));
    let name = || lopdf::Object::string_literal("cda.xml");
    let specification =
        pdf.add_object(dictionary! { "Type" => "Filespec", "F" => name(), "UF" => name(), "EF" => dictionary! { "F" => file } });
    let pages = pdf
        .add_object(dictionary! { "Type" => "Pages", "Kids" => Vec::<lopdf::Object>::new(), "Count" => 0 });
    let files = dictionary! { "Names" => vec![name(), specification.into()] };
    let catalog = pdf.add_object(
        dictionary! { "Type" => "Catalog", "Pages" => pages, "Names" => dictionary! { "EmbeddedFiles" => files } },
    );
    pdf.trailer.set("Root", catalog);
    let mut bytes = Vec::new();
    pdf.save_to(&mut bytes).expect("written");
    bytes
}

#[tokio::test]
async fn a_published_report_is_read_at_once_and_gone_when_withdrawn() {
    let place = Place::open().await;
    let store = &place.running.region.store;
    let binary = store
        .create_binary("application/pdf", &pdf_with_cda())
        .expect("stored");
    let mut reference = json!({
        "resourceType": "DocumentReference", "id": "delivered", "status": "current",
        "masterIdentifier": {"value": "2.16.840.1.113883.2.9.2.150.4.4^1"},
        "type": {"coding": [{"system": "http://loinc.org", "code": "11488-4"}], "text": "Referto"},
        "subject": {"reference": "Patient/marottoli-assunta"}, "date": place.running.region.clock.now().to_string(),
        "context": {"related": [{"reference": "ServiceRequest/1"}]},
        "content": [{"attachment": {"contentType": "application/pdf", "url": format!("Binary/{binary}")}}],
    });
    store.create(reference.clone()).expect("stored");
    let path = "/portale/documenti/marottoli-assunta/delivered";
    assert!(
        page(&place, "/portale/marottoli-assunta").await.1.contains(path),
        "first on the home page"
    );
    let (_, html) = page(&place, path).await;
    assert!(
        html.contains("<h2>Referto</h2>") && html.contains("<p>Compenso emodinamico stabile.</p>"),
        "{html}"
    );
    assert!(html.contains("Dott.ssa Irene Valmori"));
    reference["status"] = json!("superseded");
    store
        .update(reference, region_sandbox::fhir::Precondition::None)
        .expect("stored");
    assert_eq!(page(&place, path).await.0, StatusCode::NOT_FOUND);
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
    let pdf = place
        .client
        .get(place.url(&format!("{path}/referto.pdf")))
        .send()
        .await
        .expect("an answer");
    assert_eq!(pdf.headers()["content-type"], "application/pdf");
    assert!(pdf.bytes().await.expect("bytes").starts_with(b"%PDF-"));
    let other = path.replace("marottoli-assunta", "torrigiani-elio");
    assert_eq!(
        page(&place, &other).await.0,
        StatusCode::NOT_FOUND,
        "another citizen's address"
    );
    let foreign_pdf = place
        .client
        .get(place.url(&format!("{other}/referto.pdf")))
        .send()
        .await
        .expect("an answer");
    assert_eq!(foreign_pdf.status(), StatusCode::NOT_FOUND);
}
