use reqwest::StatusCode;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::counter::{
    Counter, PATIENT, Refusal, cda, cda_of, form, identifier, is, problem, publication, segment, validation,
};
use crate::pdf::{Sheet, Signature};
use crate::visitor::json as body;

#[tokio::test]
async fn a_report_is_validated_published_seen_on_the_portal_and_after_five_days_in_the_fse() {
    let counter = Counter::open().await;
    let workflow = counter.validate(&cda(1)).await;
    assert_eq!(counter.events(&workflow).await, ["VALIDATION SUCCESS"]);
    let signed = Sheet::of(&cda_of(PATIENT, 1, "<time value=\"20261121101500+0100\"/>")).signed();
    let pdf = Sheet { kids: true, ..signed }.build();
    let answer = counter
        .send("POST", "documents", pdf.clone(), &publication(1, Some(&workflow)))
        .await;
    assert_eq!(answer.status(), StatusCode::ACCEPTED);
    let receipt = body(answer).await;
    assert_eq!(receipt["workflowInstanceId"], workflow.as_str());
    let delivered = ["VALIDATION SUCCESS", "PUBLICATION SUCCESS", "PORTAL SUCCESS"];
    assert_eq!(counter.events(&workflow).await, delivered);

    let wanted = format!("/fhir/DocumentReference?identifier={}", segment(&identifier(1)));
    let found = counter.place.read(&counter.valmori, &wanted).await;
    let reference = &found["entry"][0]["resource"];
    assert_eq!(reference["subject"]["reference"], "Patient/marottoli-assunta");
    let path = format!(
        "/fhir/{}",
        reference["content"][0]["attachment"]["url"].as_str().unwrap()
    );
    let file = counter
        .place
        .get(&counter.valmori, &path)
        .send()
        .await
        .unwrap()
        .bytes()
        .await
        .unwrap();
    assert_eq!(
        file, pdf,
        "the citizen reads another document than the one that was signed"
    );

    counter
        .place
        .switch("POST", "advance", json!({"days": 4, "seconds": 86_000}))
        .await;
    assert_eq!(counter.events(&workflow).await, delivered);
    counter
        .place
        .switch("POST", "advance", json!({"seconds": 400}))
        .await;
    assert_eq!(
        counter.events(&workflow).await.last().unwrap(),
        "SEND_TO_INI SUCCESS"
    );
    let by_document = counter
        .status(&format!("search/{}", segment(&identifier(1))))
        .await;
    assert_eq!(
        body(by_document).await["transactionData"][0]["workflowInstanceId"],
        workflow.as_str()
    );
    assert_eq!(
        problem(counter.status("unknown").await).await,
        is(404, "/msg/record-not-found", "-")
    );
}

#[tokio::test]
async fn what_is_not_a_pdf_with_a_cda_is_refused() {
    let counter = Counter::open().await;
    let good = cda(1);
    let sheet = || Sheet::of(&good);
    let cases: Vec<(&str, Vec<u8>, Refusal)> = vec![
        (
            "empty",
            Vec::new(),
            is(400, "/msg/empty-file", "/empty-multipart-file"),
        ),
        (
            "text",
            b"not a PDF at all".to_vec(),
            is(415, "/msg/document-type", "/multipart-file"),
        ),
        (
            "cut",
            sheet().build()[..40].to_vec(),
            is(415, "/msg/document-type", "/multipart-file"),
        ),
        (
            "no attachment",
            Sheet { name: "", ..sheet() }.build(),
            is(400, "/msg/cda-element", "/cda-extraction"),
        ),
        (
            "misnamed",
            Sheet {
                name: "CDA.xml",
                ..sheet()
            }
            .build(),
            is(400, "/msg/cda-element", "/cda-extraction"),
        ),
        (
            "second",
            Sheet {
                before: true,
                ..sheet()
            }
            .build(),
            is(400, "/msg/cda-element", "/cda-extraction"),
        ),
        (
            "not well-formed",
            Sheet::of(&good.replace("</author>", "")).build(),
            is(400, "/msg/syntax", "/validation/error"),
        ),
        (
            "template",
            Sheet::of(&good.replace("10.1.16.1.1", "10.1.99.1")).build(),
            is(422, "/msg/semantic", "/validation/error"),
        ),
        (
            "no code",
            Sheet::of(&good.replace("75496-0", "")).build(),
            is(422, "/msg/semantic", "/validation/error"),
        ),
        (
            "stranger",
            Sheet::of(&cda_of("CLLMRT93E57X000A", 1, "")).build(),
            is(403, "/msg/jwt-validation", "/jwt-person-id"),
        ),
    ];
    for (name, file, expected) in cases {
        let answer = counter
            .send("POST", "documents/validation", file.clone(), &validation())
            .await;
        assert_eq!(problem(answer).await, expected, "{name}, validation");
    }
    let large = counter
        .send(
            "POST",
            "documents/validation",
            vec![b'x'; 21 * 1024 * 1024],
            &validation(),
        )
        .await;
    assert_eq!(large.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let verified = counter
        .send(
            "POST",
            "documents/validation",
            sheet().build(),
            &json!({"activity": "VERIFICA"}),
        )
        .await;
    assert_eq!(verified.status(), StatusCode::OK);
    let workflow = body(verified).await["workflowInstanceId"]
        .as_str()
        .unwrap()
        .to_owned();
    let unkept = counter.publish(&good, 1, &workflow).await;
    assert_eq!(
        problem(unkept).await,
        is(400, "/msg/cda-match", "/cda-validation"),
        "VERIFICA keeps nothing"
    );
}

#[tokio::test]
async fn a_refused_validation_leaves_its_event() {
    let counter = Counter::open().await;
    let file = Sheet::of(&cda(1).replace("10.1.16.1.1", "10.1.99.1")).build();
    let refused = counter
        .send("POST", "documents/validation", file, &validation())
        .await;
    let workflow = body(refused).await["workflowInstanceId"]
        .as_str()
        .expect("a workflow")
        .to_owned();
    assert_eq!(counter.events(&workflow).await, ["VALIDATION BLOCKING_ERROR"]);
}

#[tokio::test]
async fn a_document_that_is_not_well_signed_is_refused() {
    let counter = Counter::open().await;
    let good = cda(2);
    let workflow = counter.validate(&good).await;
    let signed = |signature: Signature| {
        Sheet {
            signature: Some(signature),
            ..Sheet::of(&good)
        }
        .build()
    };
    let mut after = signed(Signature::default());
    after.extend_from_slice(b"\n% more\n");
    let mut changed = signed(Signature::default());
    let at = changed.windows(8).position(|w| w == b"MediaBox").unwrap();
    changed[at] = b'm';
    let cases = [
        ("unsigned", Sheet::of(&good).build()),
        ("changed after the signature", changed),
        ("longer than what was signed", after),
        (
            "not CAdES",
            signed(Signature {
                sub_filter: "adbe.pkcs7.detached",
                ..Signature::default()
            }),
        ),
        (
            "no time",
            signed(Signature {
                time: false,
                ..Signature::default()
            }),
        ),
        (
            "authentication certificate",
            signed(Signature {
                non_repudiation: false,
                ..Signature::default()
            }),
        ),
        (
            "not bound to its certificate",
            signed(Signature {
                cades: false,
                ..Signature::default()
            }),
        ),
    ];
    for (name, file) in cases {
        let answer = counter
            .send("POST", "documents", file, &publication(2, Some(&workflow)))
            .await;
        assert_eq!(
            problem(answer).await,
            is(400, "/msg/sign-error", "/msg/sign-error"),
            "{name}"
        );
    }
    assert_eq!(
        counter.publish(&good, 2, &workflow).await.status(),
        StatusCode::ACCEPTED,
        "a refusal used up the validation"
    );
}

#[tokio::test]
async fn publication_wants_the_cda_that_was_validated_within_five_days_and_a_new_identifier() {
    let counter = Counter::open().await;
    let workflow = counter.validate(&cda(3)).await;
    let other = cda(3).replace(
        "150.TV.3\"/><versionNumber value=\"1\"",
        "150.TV.3\"/><versionNumber value=\"2\"",
    );
    assert_eq!(
        problem(counter.publish(&other, 3, &workflow).await).await,
        is(400, "/msg/cda-match", "/cda-validation")
    );
    assert_eq!(
        problem(counter.publish(&cda(3), 3, "unknown").await).await,
        is(400, "/msg/cda-match", "/cda-validation")
    );
    let nameless = counter
        .send(
            "POST",
            "documents",
            Sheet::of(&cda(3)).signed().build(),
            &publication(3, None),
        )
        .await;
    assert_eq!(
        problem(nameless).await,
        is(
            400,
            "/msg/workflow-id-error-extraction",
            "/msg/workflow-id-error-extraction"
        )
    );
    assert_eq!(
        counter.publish(&cda(3), 3, &workflow).await.status(),
        StatusCode::ACCEPTED
    );
    let again = counter.publish(&cda(3), 3, &workflow).await;
    assert_eq!(problem(again).await, is(409, "/msg/id-doc", "/invalid-id"));
    let again = counter
        .send(
            "POST",
            "documents/validate-and-create",
            Sheet::of(&cda(3)).signed().build(),
            &publication(3, None),
        )
        .await;
    assert_eq!(problem(again).await, is(409, "/msg/id-doc", "/invalid-id"));

    let late = counter.validate(&cda(4)).await;
    counter
        .place
        .switch("POST", "advance", json!({"days": 5, "seconds": 60}))
        .await;
    let refused = counter.publish(&cda(4), 4, &late).await;
    assert_eq!(
        problem(refused).await,
        is(400, "/msg/max-day-limit-exceed", "/msg/max-day-limit-exceed")
    );
    let renewed = counter.validate(&cda(4)).await;
    assert_eq!(
        counter.publish(&cda(4), 4, &renewed).await.status(),
        StatusCode::ACCEPTED,
        "the same signature is good again"
    );
}

#[tokio::test]
async fn tokens_patients_and_fields_are_checked_before_the_document() {
    let counter = Counter::open().await;
    let Counter { place, valmori } = &counter;
    let url = place.url("/gateway/v1/documents/validation");
    let file = || form(Sheet::of(&cda(5)).build(), &validation());
    let without = place.client.post(&url).multipart(file()).send().await.unwrap();
    assert_eq!(
        problem(without).await,
        is(403, "/msg/missing-token", "/missing-jwt")
    );
    let subject = |code: &'static str| {
        place
            .client
            .post(&url)
            .bearer_auth(&valmori.access)
            .header("x-subject", code)
    };
    let other = subject("TRRLEI68D02X000A")
        .multipart(file())
        .send()
        .await
        .unwrap();
    assert_eq!(
        problem(other).await,
        is(403, "/msg/jwt-validation", "/jwt-person-id"),
        "the CDA is of another patient"
    );
    assert_eq!(
        subject(PATIENT).multipart(file()).send().await.unwrap().status(),
        StatusCode::CREATED
    );
    let brandolesi = place.login("brandolesi-ugo").await;
    let stranger = place
        .post(&brandolesi, "/gateway/v1/documents/validation")
        .multipart(file())
        .send()
        .await
        .unwrap();
    assert_eq!(
        problem(stranger).await,
        is(403, "/msg/jwt-validation", "/jwt-person-id"),
        "not a patient of the caller"
    );

    for (name, value, kind, instance) in [
        (
            "identificativoDoc",
            Value::Null,
            "/msg/mandatory-element",
            "/request-missing-field",
        ),
        (
            "tipologiaStruttura",
            json!("Casa"),
            "/msg/invalid-format",
            "/request-invalid-format",
        ),
        (
            "dataInizioPrestazione",
            json!("ieri"),
            "/msg/invalid-format",
            "/request-invalid-date-format",
        ),
    ] {
        let mut wrong = publication(5, Some("w"));
        wrong[name] = value;
        let answer = counter
            .send("POST", "documents", Sheet::of(&cda(5)).signed().build(), &wrong)
            .await;
        assert_eq!(problem(answer).await, is(400, kind, instance), "{name}");
    }
    let no_file = Form::new().part("requestBody", Part::text(validation().to_string()));
    let answer = place
        .post(valmori, "/gateway/v1/documents/validation")
        .multipart(no_file)
        .send()
        .await
        .unwrap();
    assert_eq!(
        problem(answer).await,
        is(400, "/msg/mandatory-element", "/request-missing-field")
    );
    let plain = place
        .post(valmori, "/gateway/v1/documents/validation")
        .body("x")
        .send()
        .await
        .unwrap();
    assert_eq!(problem(plain).await.0, 400);

    place.switch("POST", "expire-tokens", json!({})).await;
    let ended = counter
        .send(
            "POST",
            "documents/validation",
            Sheet::of(&cda(5)).build(),
            &validation(),
        )
        .await;
    assert_eq!(
        problem(ended).await,
        is(401, "/msg/unauthorized", "/jwt-expired"),
        "401 pauses the queue"
    );
}

#[tokio::test]
async fn a_report_signed_in_an_outage_is_validated_and_created_then_replaced_changed_and_deleted() {
    let counter = Counter::open().await;
    let signed = |number: u32| Sheet::of(&cda(number)).signed().build();
    let created = counter
        .send(
            "POST",
            "documents/validate-and-create",
            signed(6),
            &publication(6, None),
        )
        .await;
    assert_eq!(created.status(), StatusCode::ACCEPTED);
    let status = async |number: u32| {
        let path = format!(
            "/fhir/DocumentReference?identifier={}",
            segment(&identifier(number))
        );
        counter.place.read(&counter.valmori, &path).await["entry"][0]["resource"].clone()
    };
    assert_eq!(status(6).await["status"], "current");

    let path = format!("documents/validate-and-replace/{}", segment(&identifier(6)));
    let replaced = counter.send("PUT", &path, signed(7), &publication(7, None)).await;
    assert_eq!(replaced.status(), StatusCode::ACCEPTED);
    let old = status(6).await;
    assert_eq!(old["status"], "superseded");
    let target = format!("DocumentReference/{}", old["id"].as_str().unwrap());
    assert_eq!(status(7).await["relatesTo"][0]["target"]["reference"], target);
    let workflow = counter.validate(&cda(8)).await;
    let path = format!("documents/{}", segment(&identifier(7)));
    let replaced = counter
        .send("PUT", &path, signed(8), &publication(8, Some(&workflow)))
        .await;
    assert_eq!(replaced.status(), StatusCode::ACCEPTED);
    let again = counter
        .send("PUT", &path, signed(9), &publication(9, Some(&workflow)))
        .await;
    assert_eq!(
        problem(again).await,
        is(404, "/msg/record-not-found", "-"),
        "the replaced one is not there any more"
    );

    let path = format!("/gateway/v1/documents/{}", segment(&identifier(8)));
    let mut metadata = publication(8, None);
    metadata["tipologiaStruttura"] = json!("Ospedale");
    let changed = counter
        .place
        .put(&counter.valmori, &format!("{path}/metadata"))
        .json(&metadata)
        .send()
        .await
        .unwrap();
    assert_eq!(changed.status(), StatusCode::OK);
    metadata["tipologiaStruttura"] = json!("Casa");
    let refused = counter
        .place
        .put(&counter.valmori, &format!("{path}/metadata"))
        .json(&metadata)
        .send()
        .await
        .unwrap();
    assert_eq!(problem(refused).await.1, "/msg/invalid-format");
    let deleted = counter
        .place
        .delete(&counter.valmori, &path)
        .send()
        .await
        .unwrap();
    assert_eq!(deleted.status(), StatusCode::OK);
    assert_eq!(status(8).await["status"], "entered-in-error");
    let gone = counter
        .place
        .delete(&counter.valmori, &path)
        .send()
        .await
        .unwrap();
    assert_eq!(problem(gone).await, is(404, "/msg/record-not-found", "-"));
}
