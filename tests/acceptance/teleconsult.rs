//! A teleconsult from the question to the *presa visione*: with the region, without it, and against somebody faster.

use std::path::PathBuf;

use acceptance::{Station, TestRegion, eventually};
use contract::ErrorCode;
use contract::patient::{PatientSearchRequest, PatientView, RepresentativeTitle};
use contract::report::Priority;
use contract::teleconsult::{
    AnswerOpening, AttachRequest, MessageKind, SaveTeleconsultRequest, SettleDraftRequest,
    TeleconsultAnswerRequest, TeleconsultDraftRequest, TeleconsultDraftView, TeleconsultForm,
    TeleconsultRequest, TeleconsultState, TeleconsultTextRequest, TeleconsultView,
};
use contract::televisit::RepresentationInput;
use region_sandbox::faults::{Effect, Rule};
use serde_json::{Value, json};
use workflow::Notice;

const QUESTION: &str =
    "Blocco di branca sinistra non presente un anno fa. Serve una valutazione in presenza?";

pub(crate) async fn patient(station: &Station, name: &str) -> PatientView {
    eventually("the patient's record arrives", || async {
        let request = PatientSearchRequest {
            text: name.to_owned(),
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
    .await
}

pub(crate) async fn draft(station: &Station, patient: &PatientView) -> TeleconsultDraftView {
    // The specialities come with the directory of colleagues.
    eventually("the specialities arrive", || async {
        let request = TeleconsultDraftRequest {
            patient_id: patient.id.clone(),
        };
        let draft = station.core.teleconsult_draft_open(request).await.unwrap();
        (!draft.specialities.is_empty()).then_some(draft)
    })
    .await
}

pub(crate) fn complete(form: &TeleconsultForm) -> TeleconsultForm {
    TeleconsultForm {
        question: QUESTION.to_owned(),
        speciality: "02".to_owned(),
        priority: Some(Priority::B),
        diagnosis: "Blocco di branca sinistra".to_owned(),
        consent: true,
        ..form.clone()
    }
}

pub(crate) async fn save(
    station: &Station,
    draft: &TeleconsultDraftView,
    form: TeleconsultForm,
) -> TeleconsultDraftView {
    let request = SaveTeleconsultRequest {
        teleconsult_id: draft.id.clone(),
        revision: draft.revision,
        form,
    };
    station.core.teleconsult_draft_save(request).await.unwrap()
}

pub(crate) fn of(id: &str) -> TeleconsultRequest {
    TeleconsultRequest {
        teleconsult_id: id.to_owned(),
    }
}

pub(crate) fn words(id: &str, text: &str) -> TeleconsultTextRequest {
    TeleconsultTextRequest {
        teleconsult_id: id.to_owned(),
        text: text.to_owned(),
    }
}

pub(crate) async fn in_state(station: &Station, id: &str, state: TeleconsultState) -> TeleconsultView {
    eventually("the case comes to its state and the queue is empty", || async {
        let view = station.core.teleconsult_open(of(id)).await.ok()?;
        (view.row.state == state && view.row.queue.is_none()).then_some(view)
    })
    .await
}

fn file(station: &Station, name: &str, bytes: &[u8]) -> PathBuf {
    let path = station.folder().join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

/// A plain answer, as a workstation of another make writes it.
pub(crate) fn answer(id: &str, text: &str) -> TeleconsultAnswerRequest {
    TeleconsultAnswerRequest {
        teleconsult_id: id.to_owned(),
        text: text.to_owned(),
        opening: AnswerOpening::default(),
    }
}

async fn attach(
    station: &Station,
    id: &str,
    path: &std::path::Path,
) -> contract::Answer<TeleconsultDraftView> {
    let path = Some(path.to_str().unwrap().to_owned());
    station
        .core
        .teleconsult_attach(AttachRequest {
            teleconsult_id: id.to_owned(),
            path,
        })
        .await
}

pub(crate) fn requests_of_here(region: &TestRegion) -> Vec<Value> {
    let all = region.store().search("ServiceRequest", &[]).unwrap();
    all.into_iter()
        .filter(|request| request["note"][0]["text"] == QUESTION)
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_made_offline_survives_a_crash_arrives_once_and_comes_back_answered() {
    let mut region = TestRegion::open().await;
    let doctor = Station::at(&region.address);
    doctor.enter("ferrantino-guido").await;
    let who = patient(&doctor, "petracchi").await;
    let begun = draft(&doctor, &who).await;
    region.stop().await;
    let path = file(
        &doctor,
        "ecg.png",
        b"\x89PNG\r\n\x1a\nnot a picture, but it begins like one",
    );
    let with_file = attach(&doctor, &begun.id, &path).await.unwrap();
    assert_eq!(
        with_file.attachments[0].media_type, "image/png",
        "the type is told by content"
    );
    let saved = save(&doctor, &with_file, complete(&begun.form)).await;
    assert!(
        saved.missing.is_empty(),
        "the request lacks nothing: {:?}",
        saved.missing
    );
    let sent = doctor.core.teleconsult_send(of(&begun.id)).await.unwrap();
    assert_eq!(
        sent.row.state,
        TeleconsultState::Queued,
        "without the region it waits here"
    );
    assert!(
        sent.row.queue.is_some() && sent.row.number.is_none(),
        "it looked delivered"
    );
    let again = doctor.core.teleconsult_send(of(&begun.id)).await.unwrap();
    assert_eq!(again.row.id, sent.row.id, "a second click made a second request");

    let doctor = doctor.restart();
    region.start_again().await;
    doctor.enter("ferrantino-guido").await;
    let requested = eventually("the region's number is shown", || async {
        let view = in_state(&doctor, &begun.id, TeleconsultState::Requested).await;
        view.row.number.is_some().then_some(view)
    })
    .await;
    assert_eq!(requested.attachments.len(), 1, "the file went with it");
    let there = requests_of_here(&region);
    assert_eq!(there.len(), 1, "the region holds {} requests", there.len());
    let binary = region
        .store()
        .binary(requested.attachments[0].id.as_str())
        .unwrap();
    let bytes = std::fs::read(doctor.folder().join("ecg.png")).unwrap();
    assert_eq!(
        binary.expect("the file is at the region").1,
        bytes,
        "the file changed on its way"
    );

    let specialist = Station::at(&region.address);
    specialist.enter("valmori-irene").await;
    let open = in_state(&specialist, &begun.id, TeleconsultState::Requested).await;
    assert!(
        open.can_claim && open.row.my_turn && !open.can_answer,
        "it is the cardiologists' turn"
    );
    let claimed = specialist.core.teleconsult_claim(of(&begun.id)).await.unwrap();
    assert!(
        claimed.can_answer && !claimed.can_claim,
        "claimed, it can be answered"
    );
    region.stop().await;
    specialist
        .core
        .teleconsult_answer_save(answer(&begun.id, "Non serve"))
        .await
        .unwrap();
    assert_eq!(
        specialist
            .core
            .teleconsult_open(of(&begun.id))
            .await
            .unwrap()
            .answer_draft,
        "Non serve"
    );
    let told = "Non serve una visita in presenza. Ripeta l'ECG tra tre mesi.";
    let answered = specialist
        .core
        .teleconsult_answer(answer(&begun.id, told))
        .await
        .unwrap();
    assert_eq!(
        answered.row.state,
        TeleconsultState::Answered,
        "the answer is shown at once"
    );
    assert!(
        answered.row.queue.is_some() && answered.answer_draft.is_empty(),
        "it looked delivered"
    );
    let twice = specialist
        .core
        .teleconsult_answer(answer(&begun.id, told))
        .await
        .unwrap_err();
    assert_eq!(twice.code, ErrorCode::Conflict, "it was answered twice");

    region.start_again().await;
    let read = in_state(&doctor, &begun.id, TeleconsultState::Answered).await;
    let last = read.messages.last().unwrap();
    assert_eq!((last.kind, last.text.as_str()), (MessageKind::Answer, told));
    assert!(read.can_acknowledge && read.row.my_turn, "it is the asker's turn");
    let notices = doctor
        .host
        .notices
        .lock()
        .unwrap()
        .iter()
        .filter(|n| **n == Notice::AnswerArrived)
        .count();
    assert_eq!(notices, 1, "one answer is one notification");
    let seen = doctor
        .core
        .teleconsult_acknowledge(words(&begun.id, ""))
        .await
        .unwrap();
    assert_eq!(seen.row.state, TeleconsultState::Acknowledged);
    in_state(&doctor, &begun.id, TeleconsultState::Acknowledged).await;
    let done = in_state(&specialist, &begun.id, TeleconsultState::Acknowledged).await;
    assert_eq!(
        done.messages.len(),
        3,
        "question, answer, presa visione: nothing twice"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_second_is_told_who_was_first_and_keeps_the_text() {
    let mut region = TestRegion::open().await;
    let station = Station::at(&region.address);
    station.enter("valmori-irene").await;
    let id = "teleconsulto-44833";
    in_state(&station, id, TeleconsultState::Requested).await;
    station
        .core
        .teleconsult_answer_save(answer(id, "Vorrei rivedere il tracciato."))
        .await
        .unwrap();
    region.stop().await;
    let offline = station.core.teleconsult_claim(of(id)).await.unwrap_err();
    assert_eq!(
        offline.code,
        ErrorCode::RegionUnreachable,
        "a claim is the region's to decide"
    );
    region.start_again().await;
    let other =
        json!({"reference": "PractitionerRole/quercetti-sandro-specialist", "display": "QUERCETTI Sandro"});
    let mut task = region.store().read("Task", "caso-44833").unwrap().unwrap();
    task["owner"] = other;
    task["status"] = json!("accepted");
    region
        .store()
        .update(task, region_sandbox::fhir::Precondition::None)
        .unwrap();
    let refused = eventually("the region is seen again", || async {
        let refused = station.core.teleconsult_claim(of(id)).await.unwrap_err();
        (refused.code != ErrorCode::RegionUnreachable).then_some(refused)
    })
    .await;
    assert_eq!(refused.code, ErrorCode::AlreadyClaimed);
    assert_eq!(
        refused.name.as_deref(),
        Some("QUERCETTI Sandro"),
        "who has it is said by name"
    );
    let after = station.core.teleconsult_open(of(id)).await.unwrap();
    assert_eq!(
        after.answer_draft, "Vorrei rivedere il tracciato.",
        "the text was lost with the claim"
    );
    assert_eq!(after.owner.as_deref(), Some("QUERCETTI Sandro"));
    assert!(!after.can_answer && !after.can_claim);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_child_is_spoken_for_and_the_region_records_by_whom() {
    let region = TestRegion::open().await;
    let station = Station::at(&region.address);
    station.enter("brandolesi-ugo").await;
    let child = patient(&station, "cellentani nina").await;
    let begun = draft(&station, &child).await;
    let alone = save(&station, &begun, complete(&begun.form)).await;
    assert_eq!(
        alone.missing,
        ["representative"],
        "a child of 14 months gave consent"
    );
    let refused = station.core.teleconsult_send(of(&begun.id)).await.unwrap_err();
    assert_eq!(
        (refused.code, refused.field.as_deref()),
        (ErrorCode::RequestIncomplete, Some("representative"))
    );
    let mother = RepresentationInput {
        family: "Cellentani".to_owned(),
        given: "Marta".to_owned(),
        title: RepresentativeTitle::Parent,
        document: "Carta d'identità CA00000AA".to_owned(),
        phone: "000 000 0142".to_owned(),
        both_parents: true,
        minor_opinion: None,
    };
    let form = TeleconsultForm {
        representative: Some(mother.clone()),
        ..complete(&begun.form)
    };
    let saved = save(&station, &alone, form).await;
    assert!(saved.missing.is_empty(), "still missing: {:?}", saved.missing);
    station.core.teleconsult_send(of(&begun.id)).await.unwrap();
    let sent = in_state(&station, &begun.id, TeleconsultState::Requested).await;
    assert_eq!(
        sent.representative,
        Some(mother),
        "who gave the consent came back different"
    );
    let consents = region
        .store()
        .search("Consent", &[("patient", &format!("Patient/{}", child.id))])
        .unwrap();
    let person = &consents[0]["contained"][0];
    assert_eq!(
        person["relationship"][0]["coding"][0]["code"], "PRN",
        "the title is not in the Consent"
    );
    assert_eq!(consents[0]["performer"][0]["reference"], "#representative");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_another_kind_or_too_large_leaves_the_draft_as_it_was() {
    let region = TestRegion::open().await;
    let station = Station::at(&region.address);
    station.enter("ferrantino-guido").await;
    let who = patient(&station, "petracchi").await;
    let begun = draft(&station, &who).await;
    let program = file(
        &station,
        "ecg.pdf",
        b"MZ\x90\0 a program with the name of a document",
    );
    let refused = attach(&station, &begun.id, &program).await.unwrap_err();
    assert_eq!(
        refused.code,
        ErrorCode::AttachmentType,
        "the name of the file was believed"
    );
    let large = file(&station, "film.pdf", b"%PDF-1.7\n");
    std::fs::File::options()
        .write(true)
        .open(&large)
        .unwrap()
        .set_len(200 * 1024 * 1024 + 1)
        .unwrap();
    let refused = attach(&station, &begun.id, &large).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::AttachmentTooLarge);
    let missing = attach(&station, &begun.id, &station.folder().join("nowhere.pdf"))
        .await
        .unwrap_err();
    assert_eq!(missing.code, ErrorCode::AttachmentUnreadable);
    let after = draft(&station, &who).await;
    assert!(
        after.attachments.is_empty() && after.id == begun.id,
        "a refused file left something behind"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn two_saves_on_one_revision_do_not_overwrite_each_other() {
    let region = TestRegion::open().await;
    let station = Station::at(&region.address);
    station.enter("ferrantino-guido").await;
    let who = patient(&station, "petracchi").await;
    let begun = draft(&station, &who).await;
    let first = save(&station, &begun, complete(&begun.form)).await;
    let late = TeleconsultForm {
        question: "Un altro testo".to_owned(),
        ..begun.form.clone()
    };
    let request = SaveTeleconsultRequest {
        teleconsult_id: begun.id.clone(),
        revision: begun.revision,
        form: late,
    };
    let refused = station.core.teleconsult_draft_save(request).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::Conflict);
    let stands = draft(&station, &who).await;
    assert_eq!(
        (stands.form.question.as_str(), stands.revision),
        (QUESTION, first.revision),
        "a text was overwritten"
    );
    let other = stands.other_version.expect("both versions are shown");
    assert_eq!(other.form.question, "Un altro testo");
    let settle = |revision, take_other| SettleDraftRequest {
        teleconsult_id: begun.id.clone(),
        revision,
        take_other,
    };
    let taken = station
        .core
        .teleconsult_draft_settle(settle(stands.revision, true))
        .await
        .unwrap();
    assert_eq!(
        taken.form.question, "Un altro testo",
        "the chosen version goes on"
    );
    assert!(taken.other_version.is_none(), "it was asked again");
    let stale = station
        .core
        .teleconsult_draft_settle(settle(stands.revision, false))
        .await
        .unwrap_err();
    assert_eq!(stale.code, ErrorCode::Conflict, "a choice on what stands no more");
}

/// The region does what is asked and its reply never comes.
pub(crate) fn reply_lost(path: &str, method: &str) -> Vec<Rule> {
    let rule = Rule {
        path: path.into(),
        method: Some(method.into()),
        times: Some(1),
        effect: Some(Effect::LoseReply),
        ..Rule::default()
    };
    vec![rule]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_lost_at_any_step_makes_nothing_twice() {
    let region = TestRegion::open().await;
    let doctor = Station::at(&region.address);
    doctor.enter("ferrantino-guido").await;
    let who = patient(&doctor, "petracchi").await;
    let begun = draft(&doctor, &who).await;
    save(&doctor, &begun, complete(&begun.form)).await;
    region.faults(reply_lost("/fhir", "POST"));
    doctor.core.teleconsult_send(of(&begun.id)).await.unwrap();
    in_state(&doctor, &begun.id, TeleconsultState::Requested).await;
    assert_eq!(requests_of_here(&region).len(), 1, "the request arrived twice");

    let specialist = Station::at(&region.address);
    specialist.enter("valmori-irene").await;
    in_state(&specialist, &begun.id, TeleconsultState::Requested).await;
    region.faults(reply_lost("/fhir/Task", "PUT"));
    let claimed = specialist.core.teleconsult_claim(of(&begun.id)).await.unwrap();
    assert!(
        claimed.can_answer,
        "who has the case was told that somebody else does"
    );
    region.faults(reply_lost("/fhir", "POST"));
    specialist
        .core
        .teleconsult_answer(answer(&begun.id, "Basta il controllo."))
        .await
        .unwrap();
    in_state(&specialist, &begun.id, TeleconsultState::Answered).await;
    let read = in_state(&doctor, &begun.id, TeleconsultState::Answered).await;
    assert_eq!(read.messages.len(), 2, "the answer arrived twice");
    let queue = specialist.core.delivery_queue().await.unwrap();
    assert!(
        queue.to_correct.is_empty(),
        "our own update was taken for a conflict"
    );
}
