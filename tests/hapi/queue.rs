//! The queue against a stock HAPI FHIR R4 server, with no special endpoints: conditional create, versioned update, search,
//! change feed by `_lastUpdated`, transaction, Binary. `npm run hapi` starts the server and runs this.
//!
//! HAPI is open as it comes, so the sandbox stands before it with its login alone (`region_sandbox::fhir::elsewhere`);
//! staff and patients are those of a seeded sandbox, put in by HAPI's own transaction.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a failure here is a test's failure

use std::path::Path;

use acceptance::{Station, eventually};
use contract::patient::PatientSearchRequest;
use contract::report::Priority;
use contract::teleconsult::{
    AttachRequest, SaveTeleconsultRequest, TeleconsultDraftRequest, TeleconsultForm, TeleconsultRequest,
    TeleconsultState, TeleconsultTextRequest, TeleconsultView,
};
use region_sandbox::faults::{Effect, Rule};
use region_sandbox::{Options, RunningRegion, start};
use serde_json::{Value, json};

const QUESTION: &str = "Blocco di branca sinistra: serve una valutazione in presenza?";

/// The server, asked without a door.
struct Hapi {
    base: String,
    http: reqwest::Client,
}

impl Hapi {
    async fn get(&self, path: &str) -> Value {
        let answer = self
            .http
            .get(format!("{}/{path}", self.base))
            .send()
            .await
            .unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.json().await.unwrap()
    }

    async fn count(&self, search: &str) -> u64 {
        // HAPI keeps the answer of an equal search for a while unless it is told not to.
        let answer = self
            .http
            .get(format!("{}/{search}&_summary=count", self.base))
            .header("cache-control", "no-cache")
            .send()
            .await
            .unwrap();
        answer.json::<Value>().await.unwrap()["total"].as_u64().unwrap()
    }

    /// Staff, structures and patients of a seeded sandbox.
    async fn fill(&self) {
        let folder = tempfile::tempdir().unwrap();
        let seeded = start(Options {
            turn: false,
            ..Options::new(folder.path())
        })
        .await
        .unwrap();
        let mut entries = Vec::new();
        for kind in [
            "Organization",
            "Practitioner",
            "PractitionerRole",
            "Patient",
            "RelatedPerson",
        ] {
            for mut resource in seeded.region.store.search(kind, &[]).unwrap() {
                resource.as_object_mut().unwrap().remove("meta");
                let url = format!("{kind}/{}", resource["id"].as_str().unwrap());
                entries.push(json!({"resource": resource, "request": {"method": "PUT", "url": url}}));
            }
        }
        seeded.shutdown().await;
        let bundle = json!({"resourceType": "Bundle", "type": "transaction", "entry": entries});
        let answer = self
            .http
            .post(&self.base)
            .header("content-type", "application/fhir+json")
            .body(bundle.to_string())
            .send()
            .await
            .unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert!(
            status.is_success(),
            "HAPI does not take the people: {status} {text}"
        );
    }
}

async fn door(hapi: &Hapi, folder: &Path) -> RunningRegion {
    start(Options {
        turn: false,
        fhir: Some(hapi.base.clone()),
        ..Options::new(folder)
    })
    .await
    .unwrap()
}

fn of(id: &str) -> TeleconsultRequest {
    TeleconsultRequest {
        teleconsult_id: id.to_owned(),
    }
}

fn words(id: &str, text: &str) -> TeleconsultTextRequest {
    serde_json::from_value(json!({"teleconsult_id": id, "text": text})).unwrap()
}

async fn in_state(station: &Station, id: &str, state: TeleconsultState) -> TeleconsultView {
    eventually(
        &format!("the case comes to {state:?} and the queue is empty"),
        || async {
            let view = station.core.teleconsult_open(of(id)).await.ok()?;
            (view.row.state == state && view.row.queue.is_none()).then_some(view)
        },
    )
    .await
}

/// Asks with a file; the identifiers of the case and of the file.
async fn ask(station: &Station, file: &[u8]) -> (String, String) {
    let who = eventually("the patient's record arrives", || async {
        let request = PatientSearchRequest {
            text: "petracchi".to_owned(),
            limit: 5,
        };
        station
            .core
            .patient_search(request)
            .await
            .unwrap()
            .patients
            .into_iter()
            .next()
    })
    .await;
    let begun = eventually("the specialities arrive", || async {
        let request = TeleconsultDraftRequest {
            patient_id: who.id.clone(),
        };
        let draft = station.core.teleconsult_draft_open(request).await.unwrap();
        (!draft.specialities.is_empty()).then_some(draft)
    })
    .await;
    let path = station.folder().join("ecg.png");
    std::fs::write(&path, file).unwrap();
    let request = AttachRequest {
        teleconsult_id: begun.id.clone(),
        path: Some(path.to_str().unwrap().to_owned()),
    };
    let with_file = station.core.teleconsult_attach(request).await.unwrap();
    let request = SaveTeleconsultRequest {
        teleconsult_id: begun.id.clone(),
        revision: with_file.revision,
        form: TeleconsultForm {
            question: QUESTION.to_owned(),
            speciality: "02".to_owned(),
            priority: Some(Priority::B),
            diagnosis: "Blocco di branca sinistra".to_owned(),
            consent: true,
            ..begun.form
        },
    };
    let saved = station.core.teleconsult_draft_save(request).await.unwrap();
    assert!(saved.missing.is_empty(), "still missing: {:?}", saved.missing);
    station.core.teleconsult_send(of(&begun.id)).await.unwrap();
    (begun.id, with_file.attachments[0].id.clone())
}

/// The region does what is asked and its reply never comes, once.
fn reply_lost(path: &str, method: &str) -> Rule {
    Rule {
        path: path.into(),
        method: Some(method.into()),
        times: Some(1),
        effect: Some(Effect::LoseReply),
        ..Rule::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_queue_needs_nothing_but_standard_fhir() {
    let Ok(base) = std::env::var("POSTAZIONE_HAPI") else {
        println!("referee check not run: HAPI FHIR (npm run hapi)");
        return;
    };
    let hapi = Hapi {
        base,
        http: reqwest::Client::new(),
    };
    hapi.fill().await;
    let folder = tempfile::tempdir().unwrap();
    let region = door(&hapi, folder.path()).await;

    // The reply to the transaction is lost: HAPI's conditional create is searched, not trusted.
    let doctor = Station::at(&region.base_url);
    doctor.enter("ferrantino-guido").await;
    region.region.faults.set(vec![
        reply_lost("/fhir/Binary", "PUT"),
        Rule {
            path: "/fhir".into(),
            method: Some("POST".into()),
            times: Some(1),
            effect: Some(Effect::LoseReply),
            ..Rule::default()
        },
    ]);
    let file = [b"\x89PNG\r\n\x1a\n".as_slice(), &[7; 700_000]].concat();
    let (case, attachment) = ask(&doctor, &file).await;
    let requested = in_state(&doctor, &case, TeleconsultState::Requested).await;
    assert_eq!(requested.attachments.len(), 1, "the file did not go with it");
    let own = |kind: &str, id: &str| format!("{kind}?identifier=urn:ietf:rfc:3986%7Curn:uuid:{id}");
    assert_eq!(
        hapi.count(&own("ServiceRequest", &case)).await,
        1,
        "the request arrived twice"
    );
    assert_eq!(hapi.count(&own("DocumentReference", &attachment)).await, 1);
    // No uploads at HAPI: the file went as one Binary, and is the same.
    let there = hapi
        .http
        .get(format!("{}/Binary/{attachment}", hapi.base))
        .header("accept", "image/png")
        .send()
        .await
        .unwrap();
    assert!(
        there.bytes().await.unwrap() == file,
        "the file changed on its way"
    );

    let specialist = Station::at(&region.base_url);
    specialist.enter("valmori-irene").await;
    let open = in_state(&specialist, &case, TeleconsultState::Requested).await;
    assert!(open.can_claim, "the specialist cannot claim what HAPI gave");
    // A versioned update whose reply is lost is found to be ours, not a conflict.
    region.region.faults.set(vec![reply_lost("/fhir/Task", "PUT")]);
    let claimed = specialist.core.teleconsult_claim(of(&case)).await.unwrap();
    assert!(
        claimed.can_answer,
        "who has the case was told that somebody else does"
    );
    region.region.faults.set(vec![
        reply_lost("/fhir/Communication", "POST"),
        reply_lost("/fhir/Task", "PUT"),
    ]);
    let answer = "Non serve una visita in presenza. Ripeta l'ECG tra tre mesi.";
    specialist
        .core
        .teleconsult_answer(
            serde_json::from_value(json!({"teleconsult_id": case, "text": answer, "opening":
                {"what": "Ripetere l'ECG", "by_when": "Tre mesi", "worry": "Sincope", "control_visit": false}}))
            .unwrap(),
        )
        .await
        .unwrap();
    in_state(&specialist, &case, TeleconsultState::Answered).await;
    let read = in_state(&doctor, &case, TeleconsultState::Answered).await;
    assert!(
        read.messages
            .iter()
            .filter(|message| message.text.contains(answer))
            .count()
            == 1,
        "the answer did not come once"
    );
    doctor
        .core
        .teleconsult_acknowledge(words(&case, ""))
        .await
        .unwrap();
    in_state(&doctor, &case, TeleconsultState::Acknowledged).await;
    in_state(&specialist, &case, TeleconsultState::Acknowledged).await;
    for station in [&doctor, &specialist] {
        let queue = station.core.delivery_queue().await.unwrap();
        assert!(
            queue.queued.is_empty() && queue.to_correct.is_empty(),
            "something waits for a person: {:?}",
            queue.to_correct
        );
    }
    let request = hapi.get(&own("ServiceRequest", &case)).await;
    let id = request["entry"][0]["resource"]["id"].as_str().unwrap().to_owned();
    let task = hapi.get(&format!("Task?focus=ServiceRequest/{id}")).await;
    assert_eq!(task["entry"].as_array().unwrap().len(), 1);
    assert_eq!(task["entry"][0]["resource"]["status"], "completed");
    region.shutdown().await;
}
