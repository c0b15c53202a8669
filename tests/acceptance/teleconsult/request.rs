//! A request from the draft to the region, with a network and without.

use super::{
    QUESTION, answer, attach, complete, draft, file, in_state, of, patient, reply_lost, requests_of_here,
    save, words,
};
use acceptance::{Station, TestRegion, eventually};
use contract::ErrorCode;
use contract::teleconsult::{
    MessageKind, SaveTeleconsultRequest, SettleDraftRequest, TeleconsultForm, TeleconsultState,
};
use workflow::Notice;

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

#[tokio::test(flavor = "multi_thread")]
async fn what_the_speciality_asks_is_filled_from_the_archive_and_travels_with_the_question() {
    let region = TestRegion::open().await;
    let doctor = Station::at(&region.address);
    doctor.enter("ferrantino-guido").await;
    let who = patient(&doctor, "petracchi").await;
    let begun = draft(&doctor, &who).await;
    assert!(begun.template.is_empty(), "no speciality was chosen");
    let chosen = save(&doctor, &begun, complete(&begun.form)).await;
    let ids: Vec<&str> = chosen.template.iter().map(|item| item.id.as_str()).collect();
    assert!(ids.contains(&"symptoms") && chosen.unsaid.contains(&"symptoms".to_owned()));
    assert!(
        chosen.missing.is_empty(),
        "a template must not hold a question back"
    );
    let mut form: TeleconsultForm = chosen.form.clone();
    form.particulars
        .insert("symptoms".to_owned(), "Nessuno: riscontro casuale".to_owned());
    let said = save(&doctor, &chosen, form).await;
    assert!(!said.unsaid.contains(&"symptoms".to_owned()));
    doctor.core.teleconsult_send(of(&begun.id)).await.unwrap();
    let specialist = Station::at(&region.address);
    specialist.enter("valmori-irene").await;
    let read = in_state(&specialist, &begun.id, TeleconsultState::Requested).await;
    assert!(
        read.particulars.contains(&(
            "Sintomi e da quando".to_owned(),
            "Nessuno: riscontro casuale".to_owned()
        )),
        "what was asked did not arrive: {:?}",
        read.particulars
    );
}
