//! The conversation: questions back and forth, several opinions.

use super::{CLAIMED, QUERCETTI, answer, in_state, of, opening, reply_lost, words};
use acceptance::{Station, TestRegion, eventually};
use contract::ErrorCode;
use contract::teleconsult::{
    AnswerOpening, InvolveRequest, MessageKind, OpinionRequest, TeleconsultAnswerRequest, TeleconsultState,
};
use workflow::Notice;

#[tokio::test(flavor = "multi_thread")]
async fn a_question_back_stops_the_clock_until_the_reply_and_both_sides_may_be_offline() {
    let mut region = TestRegion::open().await;
    let specialist = Station::at(&region.address);
    specialist.enter("valmori-irene").await;
    let doctor = Station::at(&region.address);
    doctor.enter("ferrantino-guido").await;
    let open = in_state(&specialist, CLAIMED, TeleconsultState::Claimed).await;
    assert!(open.can_ask_information && open.row.due.is_some());
    in_state(&doctor, CLAIMED, TeleconsultState::Claimed).await;

    region.stop().await;
    let empty = specialist
        .core
        .teleconsult_ask_information(words(CLAIMED, " "))
        .await
        .unwrap_err();
    assert_eq!(
        (empty.code, empty.field.as_deref()),
        (ErrorCode::RequestIncomplete, Some("text"))
    );
    let asked = specialist
        .core
        .teleconsult_ask_information(words(CLAIMED, "Peso di oggi e creatinina?"))
        .await
        .unwrap();
    assert_eq!(asked.row.state, TeleconsultState::NeedsInformation);
    assert!(
        asked.clock.unwrap().standing && asked.row.due.is_none(),
        "the clock ran on"
    );
    assert!(asked.row.queue.is_some() && !asked.can_ask_information);
    region.start_again().await;
    let asks = in_state(&doctor, CLAIMED, TeleconsultState::NeedsInformation).await;
    assert!(asks.can_reply && asks.row.my_turn, "it is the asker's turn");
    let not_mine = specialist
        .core
        .teleconsult_reply(words(CLAIMED, "…"))
        .await
        .unwrap_err();
    assert_eq!(not_mine.code, ErrorCode::AccessDenied);

    region.stop().await;
    let replied = doctor
        .core
        .teleconsult_reply(words(CLAIMED, "71 kg, creatinina 1,9."))
        .await
        .unwrap();
    assert_eq!(replied.row.state, TeleconsultState::Claimed);
    assert!(
        replied.row.due.is_some() && !replied.row.my_turn,
        "the clock runs again"
    );
    region.start_again().await;
    region.faults(reply_lost("/fhir", "POST"));
    let back = in_state(&specialist, CLAIMED, TeleconsultState::Claimed).await;
    assert_eq!(back.messages.last().unwrap().kind, MessageKind::Reply);
    assert!(back.row.my_turn && !back.clock.unwrap().standing);

    // Two deeds one after the other without a network: the second is made on what the first will leave.
    region.stop().await;
    specialist
        .core
        .teleconsult_ask_information(words(CLAIMED, "Anche la pressione?"))
        .await
        .unwrap();
    let request = TeleconsultAnswerRequest {
        teleconsult_id: CLAIMED.to_owned(),
        text: "Non serve altro: i dati bastano.".to_owned(),
        opening: opening(),
    };
    let half = TeleconsultAnswerRequest {
        opening: AnswerOpening {
            worry: String::new(),
            ..opening()
        },
        ..request.clone()
    };
    let refused = specialist.core.teleconsult_answer(half).await.unwrap_err();
    assert_eq!(
        (refused.code, refused.field.as_deref()),
        (ErrorCode::RequestIncomplete, Some("worry"))
    );
    specialist.core.teleconsult_answer(request).await.unwrap();
    region.start_again().await;
    region.faults(reply_lost("/fhir", "POST"));
    in_state(&specialist, CLAIMED, TeleconsultState::Answered).await;
    let read = in_state(&doctor, CLAIMED, TeleconsultState::Answered).await;
    let kinds: Vec<MessageKind> = read.messages.iter().map(|m| m.kind).collect();
    assert_eq!(
        kinds,
        [
            MessageKind::Question,
            MessageKind::InformationRequest,
            MessageKind::Reply,
            MessageKind::InformationRequest,
            MessageKind::Answer
        ],
        "something came twice, not at all or out of order"
    );
    let last = read.messages.last().unwrap();
    assert_eq!(
        last.opening.as_ref(),
        Some(&opening()),
        "the three lines changed on their way"
    );
    assert_eq!(last.text, "Non serve altro: i dati bastano.");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_opinion_that_disagrees_stays_beside_the_answer() {
    let region = TestRegion::open().await;
    let owner = Station::at(&region.address);
    owner.enter("valmori-irene").await;
    let open = in_state(&owner, CLAIMED, TeleconsultState::Claimed).await;
    let colleague = eventually("the colleagues arrive", || async {
        let view = owner.core.teleconsult_open(of(CLAIMED)).await.unwrap();
        view.colleagues.into_iter().find(|(role, ..)| role == QUERCETTI)
    })
    .await;
    assert!(open.can_involve && colleague.2 == "Nefrologia");
    let asked = owner
        .core
        .teleconsult_involve(InvolveRequest {
            teleconsult_id: CLAIMED.to_owned(),
            role: QUERCETTI.to_owned(),
            text: "Il filtrato permette di raddoppiare il diuretico?".to_owned(),
        })
        .await
        .unwrap();
    assert_eq!(
        asked.row.state,
        TeleconsultState::Claimed,
        "the case changed hands"
    );
    let other = Station::at(&region.address);
    other.enter("quercetti-sandro").await;
    let seen = in_state(&other, CLAIMED, TeleconsultState::Claimed).await;
    assert!(
        seen.can_give_opinion && seen.row.my_turn && seen.row.opinion_due && !seen.can_answer,
        "an opinion was asked, not the case"
    );
    let given = other
        .core
        .teleconsult_opinion(OpinionRequest {
            teleconsult_id: CLAIMED.to_owned(),
            text: "Con filtrato 34 non lo raddoppierei senza elettroliti.".to_owned(),
            disagrees: true,
        })
        .await
        .unwrap();
    assert!(!given.row.opinion_due, "it was given");
    eventually("the opinion reaches who asked", || async {
        let view = owner.core.teleconsult_open(of(CLAIMED)).await.unwrap();
        view.messages
            .iter()
            .any(|m| m.kind == MessageKind::Opinion && m.disagrees)
            .then_some(())
    })
    .await;
    owner
        .core
        .teleconsult_answer(answer(CLAIMED, "Raddoppi la dose."))
        .await
        .unwrap();
    let doctor = Station::at(&region.address);
    doctor.enter("ferrantino-guido").await;
    let read = in_state(&doctor, CLAIMED, TeleconsultState::Answered).await;
    let opinion = read
        .messages
        .iter()
        .find(|m| m.kind == MessageKind::Opinion)
        .unwrap();
    assert!(
        opinion.disagrees && opinion.author == "QUERCETTI Sandro",
        "the disagreement was lost"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_for_a_message_is_told_once_and_the_list_is_read_again() {
    let region = TestRegion::open().await;
    let specialist = Station::at(&region.address);
    specialist.enter("valmori-irene").await;
    let doctor = Station::at(&region.address);
    doctor.enter("ferrantino-guido").await;
    in_state(&specialist, CLAIMED, TeleconsultState::Claimed).await;
    in_state(&doctor, CLAIMED, TeleconsultState::Claimed).await;
    let told = |station: &Station, notice: Notice| {
        let notices = station.host.notices.lock().unwrap();
        notices.iter().filter(|told| **told == notice).count()
    };
    let ask = specialist
        .core
        .teleconsult_ask_information(words(CLAIMED, "Peso?"));
    ask.await.unwrap();
    eventually("the asker is told", || async {
        (told(&doctor, Notice::InformationAsked) == 1).then_some(())
    })
    .await;
    let listed = doctor.core.teleconsult_list().await.unwrap().rows;
    let row = listed.iter().find(|row| row.id == CLAIMED).unwrap();
    assert!(row.my_turn, "told, and the list is from before");
    doctor
        .core
        .teleconsult_reply(words(CLAIMED, "71 kg."))
        .await
        .unwrap();
    eventually("the specialist is told", || async {
        (told(&specialist, Notice::InformationArrived) == 1).then_some(())
    })
    .await;
    in_state(&specialist, CLAIMED, TeleconsultState::Claimed).await;
    let request = answer(CLAIMED, "Raddoppi la dose.");
    specialist.core.teleconsult_answer(request).await.unwrap();
    eventually("the asker is told of the answer", || async {
        (told(&doctor, Notice::AnswerArrived) == 1).then_some(())
    })
    .await;
    in_state(&doctor, CLAIMED, TeleconsultState::Answered).await;
    assert_eq!(
        [
            told(&doctor, Notice::InformationAsked),
            told(&doctor, Notice::AnswerArrived),
            told(&specialist, Notice::InformationArrived),
            told(&specialist, Notice::AnswerArrived),
            told(&specialist, Notice::InformationAsked),
        ],
        [1, 1, 1, 0, 0],
        "told twice, or of one's own message"
    );
}
