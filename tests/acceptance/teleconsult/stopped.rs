//! *Da correggere*: what the region refuses for good comes back to its author, whole, and holds nothing once it is taken back.

use acceptance::{Station, TestRegion, eventually};
use contract::delivery::QueueState;
use contract::teleconsult::{MessageKind, TeleconsultState, WordsKind, WordsView};
use region_sandbox::faults::Rule;

use super::{
    CLAIMED, answer, attach, complete, draft, file, in_state, of, patient, requests_of_here, save, words,
};

/// The region reads what is written to it, and will not have it.
fn refuses_writing() -> Vec<Rule> {
    vec![Rule {
        path: "/fhir".into(),
        method: Some("POST".into()),
        status: Some(422),
        ..Rule::default()
    }]
}

async fn stopped(station: &Station, id: &str) -> contract::teleconsult::TeleconsultView {
    eventually("the refusal is shown", || async {
        let view = station.core.teleconsult_open(of(id)).await.unwrap();
        view.stopped.is_some().then_some(view)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_answer_is_taken_back_corrected_and_sent_once() {
    let mut region = TestRegion::open().await;
    let station = Station::at(&region.address);
    station.enter("valmori-irene").await;
    in_state(&station, CLAIMED, TeleconsultState::Claimed).await;
    region.faults(refuses_writing());
    station
        .core
        .teleconsult_answer(answer(CLAIMED, "Raddoppi il diruetico."))
        .await
        .unwrap();
    let view = stopped(&station, CLAIMED).await;
    let shown = view.stopped.unwrap();
    assert_eq!(shown.detail.as_deref(), Some("queue/unacceptable"));
    assert_eq!(shown.message.unwrap().text, "Raddoppi il diruetico.");
    assert_eq!(
        (view.row.state, view.row.queue),
        (TeleconsultState::Claimed, Some(QueueState::ToCorrect))
    );
    assert!(
        view.messages.iter().all(|m| m.kind != MessageKind::Answer),
        "what was refused is shown as said"
    );
    // Without the region nobody knows whether it holds it.
    region.stop().await;
    let offline = station.core.teleconsult_withdraw(of(CLAIMED)).await;
    assert!(offline.is_err(), "taken back although the region may hold it");
    assert!(
        station
            .core
            .teleconsult_open(of(CLAIMED))
            .await
            .unwrap()
            .stopped
            .is_some()
    );
    region.start_again().await;
    region.faults(Vec::new());

    // What was typed meanwhile stays too.
    let typed = contract::teleconsult::TeleconsultAnswerRequest {
        text: "Rivalutare tra un mese.".to_owned(),
        ..answer(CLAIMED, "")
    };
    station.core.teleconsult_answer_save(typed).await.unwrap();
    eventually("the region answers again", || async {
        station.core.teleconsult_withdraw(of(CLAIMED)).await.ok()
    })
    .await;
    let back = station.core.teleconsult_open(of(CLAIMED)).await.unwrap();
    assert_eq!(
        back.answer_draft, "Rivalutare tra un mese.\n\nRaddoppi il diruetico.",
        "words were lost"
    );
    assert!(back.stopped.is_none() && back.row.queue.is_none() && back.can_answer);
    station.core.teleconsult_withdraw(of(CLAIMED)).await.unwrap();
    station
        .core
        .teleconsult_answer(answer(CLAIMED, "Raddoppi il diuretico."))
        .await
        .unwrap();
    let read = in_state(&station, CLAIMED, TeleconsultState::Answered).await;
    let answers: Vec<&str> = read
        .messages
        .iter()
        .filter(|m| m.kind == MessageKind::Answer)
        .map(|m| m.text.as_str())
        .collect();
    assert_eq!(answers, ["Raddoppi il diuretico."]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_reply_holds_what_follows_until_it_is_taken_back() {
    let region = TestRegion::open().await;
    let specialist = Station::at(&region.address);
    specialist.enter("valmori-irene").await;
    in_state(&specialist, CLAIMED, TeleconsultState::Claimed).await;
    let doctor = Station::at(&region.address);
    doctor.enter("ferrantino-guido").await;
    specialist
        .core
        .teleconsult_ask_information(words(CLAIMED, "Peso?"))
        .await
        .unwrap();
    in_state(&doctor, CLAIMED, TeleconsultState::NeedsInformation).await;
    region.faults(refuses_writing());
    doctor
        .core
        .teleconsult_reply(words(CLAIMED, "71 kg."))
        .await
        .unwrap();
    stopped(&doctor, CLAIMED).await;
    region.faults(Vec::new());
    doctor.core.teleconsult_withdraw(of(CLAIMED)).await.unwrap();
    let back = doctor.core.teleconsult_open(of(CLAIMED)).await.unwrap();
    let expected = WordsView {
        kind: WordsKind::Reply,
        text: "71 kg.".to_owned(),
        disagrees: false,
        role: String::new(),
    };
    assert_eq!(back.begun, [expected]);
    assert!(back.can_reply && back.row.my_turn);
    doctor
        .core
        .teleconsult_reply(words(CLAIMED, "71 kg, stabile."))
        .await
        .unwrap();
    in_state(&specialist, CLAIMED, TeleconsultState::Claimed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_region_holds_after_all_is_not_taken_back() {
    let region = TestRegion::open().await;
    let station = Station::at(&region.address);
    station.enter("valmori-irene").await;
    in_state(&station, CLAIMED, TeleconsultState::Claimed).await;
    region.faults(refuses_writing());
    station
        .core
        .teleconsult_answer(answer(CLAIMED, "Raddoppi il diuretico."))
        .await
        .unwrap();
    stopped(&station, CLAIMED).await;
    region.faults(Vec::new());
    // A proxy delivers a copy of what was refused: the region has it.
    let store = region.store();
    let mut copy = store.search("Communication", &[]).unwrap().remove(0);
    let sent = station.core.delivery_queue().await.unwrap().to_correct.remove(0);
    let message = station
        .core
        .teleconsult_open(of(CLAIMED))
        .await
        .unwrap()
        .stopped
        .unwrap()
        .message
        .unwrap();
    assert_eq!(sent.item.state, QueueState::ToCorrect);
    copy["id"] = "copia".into();
    copy["identifier"] =
        serde_json::json!([{"system": "urn:ietf:rfc:3986", "value": format!("urn:uuid:{}", message.id)}]);
    store
        .update(copy, region_sandbox::fhir::Precondition::None)
        .unwrap();
    station.core.teleconsult_withdraw(of(CLAIMED)).await.unwrap();
    let view = station.core.teleconsult_open(of(CLAIMED)).await.unwrap();
    assert!(view.answer_draft.is_empty(), "sent and taken back at once");
    eventually("it is confirmed instead", || async {
        let queue = station.core.delivery_queue().await.unwrap();
        (queue.to_correct.is_empty() && queue.queued.is_empty()).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_request_becomes_the_draft_that_it_was_with_its_files() {
    let region = TestRegion::open().await;
    let doctor = Station::at(&region.address);
    doctor.enter("ferrantino-guido").await;
    let who = patient(&doctor, "petracchi").await;
    let begun = draft(&doctor, &who).await;
    let path = file(
        &doctor,
        "ecg.png",
        b"\x89PNG\r\n\x1a\nnot a picture, but it begins like one",
    );
    let begun = attach(&doctor, &begun.id, &path).await.unwrap();
    let whole = save(&doctor, &begun, complete(&begun.form)).await;
    region.faults(refuses_writing());
    doctor.core.teleconsult_send(of(&begun.id)).await.unwrap();
    let view = stopped(&doctor, &begun.id).await;
    assert!(
        view.stopped.unwrap().message.is_none(),
        "the request itself was refused"
    );
    region.faults(Vec::new());
    doctor.core.teleconsult_withdraw(of(&begun.id)).await.unwrap();
    let back = draft(&doctor, &who).await;
    assert_eq!((back.id.as_str(), &back.form), (begun.id.as_str(), &whole.form));
    assert_eq!(back.attachments.len(), 1, "the file was lost");
    assert!(back.missing.is_empty());
    assert!(doctor.core.delivery_queue().await.unwrap().to_correct.is_empty());
    doctor.core.teleconsult_send(of(&begun.id)).await.unwrap();
    in_state(&doctor, &begun.id, TeleconsultState::Requested).await;
    assert_eq!(requests_of_here(&region).len(), 1);
}
