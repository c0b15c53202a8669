//! The gateway's counter: documents of one patient, as the cardiologist sends them.

use reqwest::multipart::{Form, Part};
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

use crate::pdf::Sheet;
use crate::visitor::{Place, Session, json as body};

pub(crate) struct Counter {
    pub(crate) place: Place,
    pub(crate) valmori: Session,
}

pub(crate) const PATIENT: &str = "MRTSNT55C52X000I";

pub(crate) fn cda(number: u32) -> String {
    cda_of(PATIENT, number, "")
}

pub(crate) fn cda_of(patient: &str, number: u32, authenticated: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<ClinicalDocument xmlns="urn:hl7-org:v3">
<typeId root="2.16.840.1.113883.1.3" extension="POCD_MT000040UV02"/>
<templateId root="2.16.840.1.113883.2.9.10.1.16.1.1" extension="1.0"/>
<id root="2.16.840.1.113883.2.9.2.150.4.4" extension="150.TV.{number}"/>
<code code="75496-0" codeSystem="2.16.840.1.113883.6.1"/>
<effectiveTime value="20261121093500+0100"/><confidentialityCode code="N"/><languageCode code="it-IT"/>
<setId root="2.16.840.1.113883.2.9.2.150.4.4" extension="150.TV.{number}"/><versionNumber value="1"/>
<recordTarget><patientRole><id root="2.16.840.1.113883.2.9.4.3.2" extension="{patient}"/></patientRole></recordTarget>
<author><time value="20261121093500+0100"/><assignedAuthor><id root="2.16.840.1.113883.2.9.4.3.2" extension="VLMRNI74E48X000A"/></assignedAuthor></author>
<custodian><assignedCustodian><representedCustodianOrganization><id root="2.16.840.1.113883.2.9.4.1.1" extension="150999"/></representedCustodianOrganization></assignedCustodian></custodian>
<legalAuthenticator>{authenticated}</legalAuthenticator>
<component><structuredBody/></component>
</ClinicalDocument>"#
    )
}

pub(crate) fn identifier(number: u32) -> String {
    format!("2.16.840.1.113883.2.9.2.150.4.4^150.TV.{number}")
}

pub(crate) fn publication(number: u32, workflow: Option<&str>) -> Value {
    let mut body = json!({"healthDataFormat": "CDA", "mode": "ATTACHMENT", "tipologiaStruttura": "Territorio",
        "attiCliniciRegoleAccesso": [], "identificativoDoc": identifier(number),
        "identificativoRep": "2.16.840.1.113883.2.9.2.150.4.5.1", "tipoDocumentoLivAlto": "REF",
        "assettoOrganizzativo": "AD_PSC008", "dataInizioPrestazione": "20261120090000",
        "dataFinePrestazione": "20261120092500", "tipoAttivitaClinica": "ERP",
        "identificativoSottomissione": "2.16.840.1.113883.2.9.2.150.4.3.1", "administrativeRequest": ["SSN"]});
    if let Some(workflow) = workflow {
        body["workflowInstanceId"] = json!(workflow);
    }
    body
}

pub(crate) fn validation() -> Value {
    json!({"activity": "VALIDATION", "healthDataFormat": "CDA", "mode": "ATTACHMENT"})
}

pub(crate) fn form(file: Vec<u8>, body: &Value) -> Form {
    let file = Part::bytes(file)
        .file_name("referto.pdf")
        .mime_str("application/pdf")
        .unwrap();
    let body = Part::text(body.to_string()).mime_str("application/json").unwrap();
    Form::new().part("requestBody", body).part("file", file)
}

pub(crate) fn segment(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

impl Counter {
    pub(crate) async fn open() -> Self {
        let place = Place::open().await;
        let valmori = place.login("valmori-irene").await;
        Self { place, valmori }
    }

    pub(crate) async fn send(&self, method: &str, path: &str, file: Vec<u8>, body: &Value) -> Response {
        let url = self.place.url(&format!("/gateway/v1/{path}"));
        let ask = self
            .place
            .client
            .request(method.parse().unwrap(), url)
            .bearer_auth(&self.valmori.access);
        ask.multipart(form(file, body)).send().await.expect("an answer")
    }

    pub(crate) async fn validate(&self, text: &str) -> String {
        let answer = self
            .send(
                "POST",
                "documents/validation",
                Sheet::of(text).build(),
                &validation(),
            )
            .await;
        assert_eq!(answer.status(), StatusCode::CREATED);
        body(answer).await["workflowInstanceId"]
            .as_str()
            .expect("a workflow")
            .to_owned()
    }

    pub(crate) async fn publish(&self, text: &str, number: u32, workflow: &str) -> Response {
        self.send(
            "POST",
            "documents",
            Sheet::of(text).signed().build(),
            &publication(number, Some(workflow)),
        )
        .await
    }

    pub(crate) async fn status(&self, path: &str) -> Response {
        self.place
            .get(&self.valmori, &format!("/gateway/v1/status/{path}"))
            .send()
            .await
            .expect("an answer")
    }

    pub(crate) async fn events(&self, workflow: &str) -> Vec<String> {
        let answer = self.status(&segment(workflow)).await;
        assert_eq!(answer.status(), StatusCode::OK);
        let body = body(answer).await;
        assert!(
            body["traceID"].is_string() && body["spanID"].is_string(),
            "{body}"
        );
        let events = body["transactionData"].as_array().unwrap();
        events
            .iter()
            .map(|e| {
                format!(
                    "{} {}",
                    e["eventType"].as_str().unwrap(),
                    e["eventStatus"].as_str().unwrap()
                )
            })
            .collect()
    }
}

/// Status, type, instance.
pub(crate) type Refusal = (u16, String, String);

/// The problem, in the shape of the OpenAPI: all fields and no other.
pub(crate) async fn problem(answer: Response) -> Refusal {
    let status = answer.status().as_u16();
    assert_eq!(
        answer.headers()["content-type"],
        "application/problem+json",
        "{status}"
    );
    let body = body(answer).await;
    assert_eq!(body["status"], status, "{body}");
    for field in ["traceID", "spanID", "title", "detail"] {
        assert!(
            body[field].as_str().is_some_and(|t| !t.is_empty()),
            "{field}: {body}"
        );
    }
    let allowed = [
        "traceID",
        "spanID",
        "type",
        "title",
        "detail",
        "status",
        "instance",
        "workflowInstanceId",
    ];
    assert!(
        body.as_object()
            .unwrap()
            .keys()
            .all(|k| allowed.contains(&k.as_str())),
        "{body}"
    );
    (
        status,
        body["type"].as_str().unwrap().to_owned(),
        body["instance"].as_str().unwrap().to_owned(),
    )
}

pub(crate) fn is(status: u16, kind: &str, instance: &str) -> Refusal {
    (status, kind.to_owned(), instance.to_owned())
}
