//! Both ways without loss, the guide's own example, and foreign JSON.

use clinical::{Consent, ConsentGiver, PersonName, Representation, Title};
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{
    Access, Addressee, Attachment, Branch, CaseState, Diagnosis, Message, MessageKind, Mode, Priority, Range,
    Request, Timing,
};

fn t(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn whole_request() -> Request {
    Request {
        id: "0190c8f0-0000-7000-8000-0000000000f1".into(),
        patient: "p1".into(),
        question: "Soffio sistolico dolce".into(),
        particulars: vec![crate::Particular {
            ask: "Crescita".into(),
            words: "9,8 kg: 50° centile".into(),
        }],
        diagnosis: Some(Diagnosis {
            code: Some("785.2".into()),
            text: "Soffio cardiaco".into(),
        }),
        addressee: Addressee::Named {
            branch: Branch {
                code: "02".into(),
                name: "Cardiologia".into(),
            },
            role: "card".into(),
            name: "VALMORI Irene".into(),
        },
        priority: Priority::D,
        mode: Mode {
            timing: Timing::Asynchronous,
            with_patient: Some(false),
        },
        access: Access::Impromptu,
        range: Range::Trust,
        consent: Some(Consent {
            to_service: true,
            to_image: true,
            given_by: ConsentGiver::Representative {
                representation: Representation {
                    name: PersonName::new("Cellentani", "Marta"),
                    title: Title::Parent,
                    document: "carta d'identità".into(),
                    phone: "000 000 0142".into(),
                    both_parents: true,
                    minor_opinion: Some("d'accordo".into()),
                },
            },
            at: t(1000),
        }),
        obscured: true,
        attachments: vec![Attachment {
            id: "0190c8f0-0000-7000-8000-0000000000a1".into(),
            title: "ECG".into(),
            content_type: "image/png".into(),
            size: 12,
            sha256: "ab".repeat(32),
            document: None,
        }],
        requester: "pls".into(),
        authored_on: t(2000),
    }
}

#[test]
fn a_request_survives_the_way_to_the_region_and_back() {
    let whole = whole_request();
    let read = request(&service_request(&whole)).unwrap();
    assert_eq!(
        read,
        Request {
            consent: None,
            attachments: vec![],
            ..whole
        }
    );
}

#[test]
fn the_bundle_carries_every_part_once_and_a_repeat_is_byte_for_byte_the_same() {
    let whole = whole_request();
    let bundle = request_bundle(&whole);
    assert_eq!(
        bundle,
        request_bundle(&whole),
        "a frozen request and its repeat differ"
    );
    let entries = bundle["entry"].as_array().unwrap();
    let kinds: Vec<&str> = entries
        .iter()
        .map(|e| e["resource"]["resourceType"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["ServiceRequest", "Consent", "DocumentReference", "Task"]);
    let mut urls: Vec<&str> = entries.iter().map(|e| e["fullUrl"].as_str().unwrap()).collect();
    urls.sort_unstable();
    urls.dedup();
    assert_eq!(urls.len(), 4, "two entries share an address");
    for entry in entries {
        assert!(
            entry["request"]["ifNoneExist"]
                .as_str()
                .unwrap()
                .starts_with("identifier=urn:ietf:rfc:3986|urn:uuid:")
        );
    }
    let others: Vec<Value> = entries.iter().map(|e| e["resource"].clone()).collect();
    let case = case(&others[0], Some(&others[3]), &others).unwrap();
    assert_eq!(case.state, CaseState::Requested);
    assert_eq!(case.request, whole, "consent or attachment came back different");
}

#[test]
fn the_profile_s_mandatory_elements_are_there() {
    let resource = service_request(&whole_request());
    for element in [
        "requisition",
        "category",
        "priority",
        "requester",
        "status",
        "intent",
        "subject",
        "performer",
    ] {
        assert!(
            !resource[element].is_null(),
            "{element} is mandatory in ServiceRequestRichiestaTeleconsulto"
        );
    }
}

#[test]
fn the_shape_of_the_guide_s_example_is_read() {
    let example = json!({
        "resourceType": "ServiceRequest", "id": "13e1",
        "extension": [{"url": "http://hl7.it/fhir/teleconsulto/StructureDefinition/modalitaEsecPrestazione",
            "valueCodeableConcept": {"coding": [{"code": "SINC_ABS", "system": "http://hl7.it/fhir/teleconsulto/CodeSystem/csModalitaTC"}]}}],
        "requisition": {"value": "RQO-1"},
        "category": [{"coding": [{"code": "22", "system": "http://hl7.it/fhir/teleconsulto/CodeSystem/branca-prestazione", "display": "Pneumologia"}]}],
        "code": {"text": "Teleconsulto"},
        "orderDetail": [{"coding": [{"system": "http://hl7.it/fhir/teleconsulto/CodeSystem/csRaggioErogazione", "code": "AZI"}]}],
        "performer": [{"reference": "PractitionerRole/0cad"}], "note": [{"text": "Quesito"}],
        "priority": "routine", "intent": "order", "status": "active", "subject": {"reference": "Patient/64ab"},
        "authoredOn": "2026-06-16T10:30:00+02:00", "requester": {"reference": "PractitionerRole/82c6"}
    });
    let read = request(&example).unwrap();
    assert_eq!(
        read.mode,
        Mode {
            timing: Timing::Synchronous,
            with_patient: Some(false)
        }
    );
    assert_eq!(read.range, Range::Trust);
    assert_eq!(read.priority, Priority::D);
    assert_eq!(read.id.as_str(), "13e1");
}

#[test]
fn a_prescription_is_not_a_teleconsult() {
    let prescription = json!({"resourceType": "ServiceRequest", "id": "s", "intent": "order"});
    assert_eq!(request(&prescription), Err(Unmapped::NotThis));
}

#[test]
fn every_state_goes_through_its_task() {
    let bundle = request_bundle(&whole_request());
    let task = &bundle["entry"][3]["resource"];
    let by = || "card".to_owned();
    for state in [
        CaseState::Requested,
        CaseState::Claimed { by: by() },
        CaseState::NeedsInformation { by: by() },
        CaseState::Answered { by: by() },
        CaseState::Acknowledged { by: by() },
        CaseState::Closed,
    ] {
        let written = task_in(task, &state);
        assert_eq!(state_of(&written), Ok(state));
        assert_eq!(
            written["focus"], task["focus"],
            "an element of the region's copy was lost"
        );
    }
    let released = task_in(
        &task_in(task, &CaseState::Claimed { by: by() }),
        &CaseState::Requested,
    );
    assert!(released.get("owner").is_none(), "a released case kept its owner");
}

#[test]
fn messages_survive_and_unknown_categories_become_notes() {
    for kind in [
        MessageKind::Note,
        MessageKind::InformationRequest,
        MessageKind::Information,
        MessageKind::Answer,
        MessageKind::Acknowledgement,
        MessageKind::Involvement,
        MessageKind::Opinion,
        MessageKind::Prescription,
    ] {
        let written = Message {
            id: "0190c8f0-0000-7000-8000-0000000000b1".into(),
            kind,
            sender: "card".into(),
            sender_name: Some("VALMORI Irene".into()),
            at: t(5),
            text: "testo".into(),
            to: (kind == MessageKind::Involvement).then(|| "neph".to_owned()),
            disagrees: kind == MessageKind::Opinion,
        };
        let mut resource = communication(&written, "p1", "ServiceRequest/s");
        assert_eq!(message(&resource), Ok(written));
        resource["category"] = json!([{"coding": [{"code": "something-new"}]}]);
        assert_eq!(message(&resource).unwrap().kind, MessageKind::Note);
    }
}

#[test]
fn an_indicated_control_visit_is_told_in_a_code_of_its_own() {
    let answer = crate::Answer {
        what: "Controllo".into(),
        control_visit: true,
        ..crate::Answer::default()
    };
    let written = Message {
        id: "0190c8f0-0000-7000-8000-0000000000b1".into(),
        kind: MessageKind::Answer,
        sender: "card".into(),
        sender_name: None,
        at: t(5),
        text: answer.text().into(),
        to: None,
        disagrees: false,
    };
    let resource = communication(&written, "p1", "ServiceRequest/s");
    assert_eq!(resource["category"][1]["coding"][0]["code"], "control-visit");
    assert_eq!(message(&resource), Ok(written));
}

#[test]
fn a_refused_consent_reads_as_refused() {
    let refused = Consent {
        to_service: false,
        to_image: false,
        given_by: ConsentGiver::Patient,
        at: t(1),
    };
    let resource = consent_resource("u", ConsentCode::Televisit, "p", "Appointment/a", &refused);
    assert_eq!(consent(&resource), Ok(refused));
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 48, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map(
                "(identifier|extension|status|owner|code|coding|subject|sent|note|[a-z]{1,6})",
                inner,
                0..6
            )
            .prop_map(|m| Value::Object(m.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn foreign_json_never_panics(mut value in any_json(), kind in "(ServiceRequest|Task|Communication|Consent|DocumentReference)") {
        if let Some(fields) = value.as_object_mut() {
            fields.insert("resourceType".into(), json!(kind));
        }
        let _ = (request(&value), state_of(&value), message(&value), consent(&value), attachment(&value), case(&value, None, &[]));
    }
}
