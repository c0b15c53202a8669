//! What is typed on a case and not sent: kept on this PC, back after a lock, a crash and a change of user, gone once it is sent.

use super::{CLAIMED, QUERCETTI, in_state, of, words};
use acceptance::{Station, TestRegion};
use contract::ErrorCode;
use contract::teleconsult::{
    InvolveRequest, OpinionRequest, SaveWordsRequest, TeleconsultState, WordsKind, WordsView,
};

fn typed(kind: WordsKind, text: &str) -> WordsView {
    WordsView {
        kind,
        text: text.to_owned(),
        disagrees: kind == WordsKind::Opinion,
        role: String::new(),
    }
}

async fn save(station: &Station, words: &WordsView) {
    let request = SaveWordsRequest {
        teleconsult_id: CLAIMED.to_owned(),
        words: words.clone(),
    };
    station.core.teleconsult_words_save(request).await.unwrap();
}

async fn begun(station: &Station) -> Vec<WordsView> {
    station.core.teleconsult_open(of(CLAIMED)).await.unwrap().begun
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_and_an_opinion_come_back_as_typed_and_leave_once() {
    let region = TestRegion::open().await;
    let owner = Station::at(&region.address);
    owner.enter("valmori-irene").await;
    in_state(&owner, CLAIMED, TeleconsultState::Claimed).await;
    let ask = typed(WordsKind::InformationRequest, "Peso di oggi?");
    save(&owner, &ask).await;
    let involve = WordsView {
        role: QUERCETTI.to_owned(),
        ..typed(WordsKind::Involvement, "")
    };
    save(&owner, &involve).await;
    assert_eq!(begun(&owner).await, [ask.clone(), involve]);
    owner.core.session_lock().await.unwrap();
    let person = owner.known_person().await;
    owner.unlock(&person).await;
    assert_eq!(begun(&owner).await.len(), 2, "the lock took what was typed");
    let doctor = Station::at(&region.address);
    doctor.enter("ferrantino-guido").await;
    in_state(&doctor, CLAIMED, TeleconsultState::Claimed).await;
    assert!(
        begun(&doctor).await.is_empty(),
        "what is typed on one PC is shown on another"
    );
    let refused = SaveWordsRequest {
        teleconsult_id: CLAIMED.to_owned(),
        words: typed(WordsKind::Opinion, "Non tocca a me."),
    };
    let refused = doctor.core.teleconsult_words_save(refused).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::AccessDenied);

    owner
        .core
        .teleconsult_ask_information(words(CLAIMED, &ask.text))
        .await
        .unwrap();
    assert_eq!(
        begun(&owner).await.len(),
        1,
        "what was sent is still there to be sent again"
    );
    let involve = InvolveRequest {
        teleconsult_id: CLAIMED.to_owned(),
        role: QUERCETTI.to_owned(),
        text: "Che ne pensa?".to_owned(),
    };
    owner.core.teleconsult_involve(involve).await.unwrap();
    assert!(begun(&owner).await.is_empty());
    // A crash is a station that starts on the same folder.
    save(&owner, &ask).await;

    in_state(&doctor, CLAIMED, TeleconsultState::NeedsInformation).await;
    let person_of_owner = owner.known_person().await;
    let owner = owner.restart();
    owner.unlock(&person_of_owner).await;
    assert_eq!(begun(&owner).await, [ask], "the crash took what was typed");
    let reply = typed(WordsKind::Reply, "71 kg, cre");
    save(&doctor, &reply).await;
    // Another person at the same PC, and back.
    let person = doctor.known_person().await;
    doctor.core.session_leave().await.unwrap();
    doctor.enter("brandolesi-ugo").await;
    doctor.core.session_leave().await.unwrap();
    doctor.unlock(&person).await;
    assert_eq!(
        begun(&doctor).await,
        [reply],
        "the change of user took what was typed"
    );
    doctor
        .core
        .teleconsult_reply(words(CLAIMED, "71 kg, creatinina 1,9."))
        .await
        .unwrap();
    assert!(begun(&doctor).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_opinion_is_kept_until_it_is_given_and_an_emptied_text_is_no_draft() {
    let region = TestRegion::open().await;
    let owner = Station::at(&region.address);
    owner.enter("valmori-irene").await;
    in_state(&owner, CLAIMED, TeleconsultState::Claimed).await;
    let opinion = typed(WordsKind::Opinion, "Con filtrato 34 non lo raddoppierei.");
    save(&owner, &opinion).await;
    assert_eq!(begun(&owner).await, std::slice::from_ref(&opinion));
    let nothing = WordsView {
        text: " ".to_owned(),
        disagrees: false,
        ..opinion.clone()
    };
    save(&owner, &nothing).await;
    assert!(begun(&owner).await.is_empty(), "an empty draft is offered");
    save(&owner, &opinion).await;
    let given = owner
        .core
        .teleconsult_opinion(OpinionRequest {
            teleconsult_id: CLAIMED.to_owned(),
            text: opinion.text,
            disagrees: true,
        })
        .await
        .unwrap();
    assert!(given.begun.is_empty(), "what was sent is still there");
}
