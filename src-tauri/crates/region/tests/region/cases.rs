//! Teleconsults and transitions through the region: what the rules write, the region keeps and gives back.

use clinical::{Consent, ConsentGiver};
use jiff::Timestamp;
use region::fhir::OWN_IDENTIFIER;
use region::{Confirm, FrozenRequest, Region, RegionError, Reply, ResourceType};
use serde_json::Value;
use teleconsult::{
    Access, Addressee, Attachment, Branch, Case, CaseState, Draft, Message, MessageKind, Mode, Priority,
    Range, Timing, Turn,
};
use transition::{Handover, HandoverState, Transition, TransitionState};

use crate::place::Place;

const GP: &str = "ferrantino-guido-general-practitioner";
const CARDIOLOGIST: &str = "valmori-irene-specialist";

async fn read_case(region: &Region, uuid: &str) -> (Case, Value, String) {
    let fhir = region.fhir();
    let identifier = format!("{OWN_IDENTIFIER}|urn:uuid:{uuid}");
    let request = fhir
        .search(ResourceType::ServiceRequest, &[("identifier", &identifier)])
        .await
        .unwrap();
    let request = request
        .matches
        .into_iter()
        .next()
        .expect("the request is at the region");
    let reference = format!("ServiceRequest/{}", request["id"].as_str().unwrap());
    let task = fhir
        .search(
            ResourceType::Task,
            &[("focus", &reference), ("code", "teleconsult")],
        )
        .await
        .unwrap()
        .matches
        .into_iter()
        .next()
        .expect("the case has a task");
    let mut others = fhir
        .search_all(ResourceType::Communication, &[("based-on", &reference)])
        .await
        .unwrap()
        .matches;
    others.extend(
        fhir.search_all(ResourceType::DocumentReference, &[("related", &reference)])
            .await
            .unwrap()
            .matches,
    );
    (
        teleconsult::fhir::case(&request, Some(&task), &others).unwrap(),
        task,
        reference,
    )
}

fn message(sender: &str, kind: MessageKind, text: &str) -> Message {
    Message {
        id: uuid::Uuid::now_v7().to_string(),
        kind,
        sender: sender.into(),
        sender_name: None,
        at: Timestamp::now(),
        text: text.into(),
        to: None,
        disagrees: false,
    }
}

#[tokio::test]
async fn a_request_goes_out_is_claimed_once_and_its_answer_comes_back() {
    let place = Place::open_as("ferrantino-guido").await;
    let specialist = place.colleague("valmori-irene").await;
    let doctor = &place.region;
    let attachment = Attachment {
        id: uuid::Uuid::now_v7().to_string().into(),
        title: "ECG".into(),
        content_type: "image/png".into(),
        size: 4,
        sha256: "0f4636c78f65d3639ece5a064b5ae753e3408614a14fb18ab4d7540d2c248543".into(),
        document: None,
    };
    let mut draft = Draft::new(uuid::Uuid::now_v7().to_string().into());
    draft.patient = Some("marottoli-assunta".into());
    draft.question = "Serve una valutazione in presenza?".into();
    draft.addressee = Some(Addressee::Speciality {
        branch: Branch {
            code: "02".into(),
            name: "Cardiologia".into(),
        },
    });
    draft.priority = Some(Priority::B);
    draft.mode = Some(Mode {
        timing: Timing::Asynchronous,
        with_patient: Some(false),
    });
    draft.access = Some(Access::Impromptu);
    draft.range = Some(Range::Trust);
    draft.consent = Some(Consent {
        to_service: true,
        to_image: false,
        given_by: ConsentGiver::Patient,
        at: Timestamp::now(),
    });
    draft.attachments.push(attachment.clone());
    let request = draft.complete(false, GP, Timestamp::now()).unwrap();
    let uuid = request.id.as_str().to_owned();

    let binary = FrozenRequest::binary(attachment.id.as_str(), "image/png", b"\x89PNG".to_vec()).unwrap();
    assert!(matches!(doctor.send(&binary, false).await, Reply::Done(_)));
    let confirm = Confirm::Identifier {
        resource: "ServiceRequest".into(),
        system: OWN_IDENTIFIER.into(),
        value: format!("urn:uuid:{uuid}"),
    };
    let bundle = teleconsult::fhir::request_bundle(&request);
    let frozen = FrozenRequest::transaction(&bundle, Some(confirm)).unwrap();
    let reply = doctor.send(&frozen, false).await;
    assert!(matches!(reply, Reply::Done(_)), "{reply:?}");
    assert!(matches!(doctor.send(&frozen, true).await, Reply::Done(sent) if sent.found));

    let (mut case, task, reference) = read_case(&specialist, &uuid).await;
    assert_eq!(case.request.question, request.question);
    assert_eq!(case.request.attachments.len(), 1);
    assert_eq!(case.turn(), Turn::Nobody);
    let version = task["meta"]["versionId"].as_str().unwrap();
    case.claim(CARDIOLOGIST).unwrap();
    let claimed = teleconsult::fhir::task_in(&task, &case.state);
    let claimed = specialist.fhir().update(&claimed, version).await.unwrap();
    let late = teleconsult::fhir::task_in(
        &task,
        &CaseState::Claimed {
            by: "quercetti-sandro-specialist".into(),
        },
    );
    assert_eq!(
        specialist.fhir().update(&late, version).await.unwrap_err(),
        RegionError::Conflict,
        "two have the case"
    );

    let documents = specialist.fhir().documents_related(&reference).await.unwrap();
    let bytes = specialist.fhir().document_bytes(&documents[0]).await.unwrap();
    assert_eq!(bytes.bytes, b"\x89PNG");

    let answer = message(CARDIOLOGIST, MessageKind::Answer, "Il passaggio è indicato.");
    case.answer(answer.clone()).unwrap();
    let sent = teleconsult::fhir::communication(&answer, "marottoli-assunta", &reference);
    specialist.fhir().create(&sent).await.unwrap();
    let answered = teleconsult::fhir::task_in(&claimed.resource, &case.state);
    specialist
        .fhir()
        .update(&answered, &claimed.version.unwrap())
        .await
        .unwrap();

    let (back, ..) = read_case(doctor, &uuid).await;
    assert_eq!(
        back.state,
        CaseState::Answered {
            by: CARDIOLOGIST.into()
        }
    );
    assert_eq!(
        back.messages.last().map(|m| m.text.expose().as_str()),
        Some("Il passaggio è indicato.")
    );
    assert_eq!(back.turn(), Turn::Requester);
}

#[tokio::test]
async fn every_teleconsult_of_the_region_is_read() {
    let place = Place::open_as("valmori-irene").await;
    let fhir = place.region.fhir();
    let tasks = fhir
        .search_all(ResourceType::Task, &[("code", "teleconsult")])
        .await
        .unwrap()
        .matches;
    assert!(tasks.len() >= 5, "{}", tasks.len());
    for task in &tasks {
        let id = task["focus"]["reference"]
            .as_str()
            .unwrap()
            .trim_start_matches("ServiceRequest/")
            .to_owned();
        let request = fhir.read(ResourceType::ServiceRequest, &id).await.unwrap();
        let case = teleconsult::fhir::case(&request.resource, Some(task), &[]);
        assert!(case.is_ok(), "{id}: {case:?}");
    }
}

async fn board(region: &Region) -> Vec<(Value, Transition)> {
    let tasks = region
        .fhir()
        .search_all(ResourceType::Task, &[("code", "transition")])
        .await
        .unwrap()
        .matches;
    tasks
        .into_iter()
        .map(|task| {
            let case = transition::fhir::transition(&task);
            let case = case.unwrap_or_else(|e| panic!("{}: {e}", task["id"]));
            (task, case)
        })
        .collect()
}

#[tokio::test]
async fn a_transition_is_claimed_once_and_handed_over_in_one_step() {
    let place = Place::open_as("scarpellini-dario").await;
    let (dario, rita) = ("scarpellini-dario-cot-operator", "marzullesi-rita-cot-operator");
    let region = &place.region;
    let all = board(region).await;
    for state in [
        TransitionState::Reported,
        TransitionState::Assessing,
        TransitionState::ProtectedDischarge,
        TransitionState::TerritoryConfirmation,
    ] {
        assert!(all.iter().any(|(_, c)| c.state == state), "no case in {state:?}");
    }
    let (task, mut case) = all
        .into_iter()
        .find(|(_, c)| c.state == TransitionState::Reported)
        .unwrap();
    let version = |v: &Value| v["meta"]["versionId"].as_str().unwrap().to_owned();
    case.claim(dario).unwrap();
    let claimed = region
        .fhir()
        .update(&transition::fhir::task(&case, Some(&task)), &version(&task))
        .await
        .unwrap()
        .resource;
    let other = place.colleague("marzullesi-rita").await;
    let mut late = transition::fhir::transition(&task).unwrap();
    late.claim(rita).unwrap();
    let lost = other
        .fhir()
        .update(&transition::fhir::task(&late, Some(&task)), &version(&task))
        .await;
    assert_eq!(
        lost.unwrap_err(),
        RegionError::Conflict,
        "two operators own one case"
    );

    let offer = Handover {
        id: uuid::Uuid::now_v7().to_string(),
        from: dario.into(),
        to: rita.into(),
        at: Timestamp::now(),
        note: Some("Richiamare il reparto".into()),
        state: HandoverState::Offered,
    };
    case.offer(offer.clone()).unwrap();
    let about = format!("Task/{}", claimed["id"].as_str().unwrap());
    let patient = case.patient.as_str().to_owned();
    let offered = region
        .fhir()
        .create(&transition::fhir::handover_task(&offer, &patient, &about, None))
        .await
        .unwrap()
        .resource;

    let mut received = transition::fhir::transition(&claimed).unwrap();
    received.handover = Some(transition::fhir::handover(&offered).unwrap().1);
    received.accept(rita, Timestamp::now()).unwrap();
    let handed = transition::fhir::task(&received, Some(&claimed));
    let ended = received.handover.clone().unwrap();
    let ended = transition::fhir::handover_task(&ended, &patient, &about, Some(&offered));
    let (claimed_version, offered_version) = (version(&claimed), version(&offered));
    let bundle =
        transition::fhir::accept_bundle((&handed, &claimed_version), (&ended, &offered_version)).unwrap();
    other.fhir().transaction(&bundle).await.unwrap();
    assert!(
        other.fhir().transaction(&bundle).await.is_err(),
        "the same acceptance stood twice"
    );
    let now = board(region)
        .await
        .into_iter()
        .find(|(t, _)| t["id"] == claimed["id"])
        .unwrap()
        .1;
    assert_eq!(now.owner.as_deref(), Some(rita));
}
