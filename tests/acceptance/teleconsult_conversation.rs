//! The conversation of a teleconsult: questions back and forth, several opinions, two versions, the control visit.

use acceptance::{Station, TestRegion, eventually};
use contract::ErrorCode;
use contract::delivery::QueueState;
use contract::teleconsult::{
    AnswerOpening, InvolveRequest, MessageKind, OpinionRequest, PrescribeRequest, PrescriptionDueView,
    PrescriptionState, TeleconsultAnswerRequest, TeleconsultForm, TeleconsultState,
};
use region_sandbox::faults::Rule;
use region_sandbox::fhir::Precondition;
use serde_json::json;

use super::teleconsult::{answer, complete, draft, in_state, of, patient, reply_lost, save, words};

/// In progress with the cardiologist; asked by the family doctor.
const CLAIMED: &str = "teleconsulto-44829";
const QUERCETTI: &str = "quercetti-sandro-specialist";

fn opening() -> AnswerOpening {
    AnswerOpening {
        what: "Raddoppiare il diuretico".to_owned(),
        by_when: "da oggi, peso ogni mattina".to_owned(),
        worry: "dispnea a riposo: pronto soccorso".to_owned(),
        control_visit: true,
    }
}

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

/// The region can be read, and refuses to be written to for now.
fn nothing_gets_in() -> Vec<Rule> {
    vec![Rule {
        path: "/fhir".into(),
        method: Some("POST".into()),
        status: Some(503),
        ..Rule::default()
    }]
}

/// The region gives the case to somebody else, as a coordinator would.
fn reassign(region: &TestRegion) {
    let mut task = region.store().read("Task", "caso-44829").unwrap().unwrap();
    task["owner"] =
        json!({"reference": format!("PractitionerRole/{QUERCETTI}"), "display": "QUERCETTI Sandro"});
    region.store().update(task, Precondition::None).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_lost_the_case_is_shown_beside_it_and_can_still_go_as_a_note() {
    let region = TestRegion::open().await;
    let station = Station::at(&region.address);
    station.enter("valmori-irene").await;
    in_state(&station, CLAIMED, TeleconsultState::Claimed).await;
    region.faults(nothing_gets_in());
    let mine = "Raddoppi il diuretico da oggi.";
    station
        .core
        .teleconsult_answer(answer(CLAIMED, mine))
        .await
        .unwrap();
    reassign(&region);
    region.faults(Vec::new());
    let both = eventually("both versions are shown", || async {
        let view = station.core.teleconsult_open(of(CLAIMED)).await.unwrap();
        view.versions.is_some().then_some(view)
    })
    .await;
    let versions = both.versions.unwrap();
    assert_eq!(versions.mine.text, mine, "what was written is gone");
    assert_eq!(both.row.queue, Some(QueueState::Conflict));
    let there = region.store().search("Communication", &[]).unwrap();
    assert!(
        there.iter().all(|m| m["payload"][0]["contentString"] != mine),
        "half of a refused deed arrived"
    );
    station.core.teleconsult_resolve(of(CLAIMED)).await.unwrap();
    let after = eventually("the note arrives", || async {
        let view = station.core.teleconsult_open(of(CLAIMED)).await.unwrap();
        (view.row.queue.is_none() && view.versions.is_none()).then_some(view)
    })
    .await;
    assert_eq!(
        after.owner.as_deref(),
        Some("QUERCETTI Sandro"),
        "the region's word was overwritten"
    );
    let note = after
        .messages
        .iter()
        .find(|m| m.text == mine)
        .expect("the note stands in the case");
    assert_eq!(note.kind, MessageKind::Note);
    station.core.teleconsult_resolve(of(CLAIMED)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_concerns_nobody_does_not_ask_anybody() {
    let region = TestRegion::open().await;
    let station = Station::at(&region.address);
    station.enter("valmori-irene").await;
    in_state(&station, CLAIMED, TeleconsultState::Claimed).await;
    region.faults(nothing_gets_in());
    station
        .core
        .teleconsult_answer(answer(CLAIMED, "Raddoppi la dose."))
        .await
        .unwrap();
    let mut task = region.store().read("Task", "caso-44829").unwrap().unwrap();
    task["priority"] = json!("asap");
    region.store().update(task, Precondition::None).unwrap();
    region.faults(Vec::new());
    in_state(&station, CLAIMED, TeleconsultState::Answered).await;
    let task = region.store().read("Task", "caso-44829").unwrap().unwrap();
    assert_eq!(
        (task["status"].as_str(), task["priority"].as_str()),
        (Some("completed"), Some("asap")),
        "one change went over the other"
    );
}

async fn due(station: &Station) -> PrescriptionDueView {
    eventually("an indicated control visit is listed", || async {
        let list = station.core.teleconsult_prescriptions().await.unwrap();
        list.rows
            .into_iter()
            .find(|row| row.number.as_deref() == Some("44817"))
    })
    .await
}

fn nre_of(region: &TestRegion, patient: &str) -> String {
    let found = region
        .store()
        .search("ServiceRequest", &[("subject", &format!("Patient/{patient}"))])
        .unwrap();
    let nre = found.iter().find_map(|request| {
        let identifier = &request["identifier"][0];
        (identifier["system"] == "http://hl7.it/sid/nre")
            .then(|| identifier["value"].as_str().unwrap().to_owned())
    });
    nre.expect("the patient has a prescription")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_indicated_control_visit_is_followed_from_the_nre_to_the_date() {
    let mut region = TestRegion::open().await;
    let doctor = Station::at(&region.address);
    doctor.enter("ferrantino-guido").await;
    let listed = due(&doctor).await;
    assert_eq!(listed.state, PrescriptionState::ToPrescribe);
    assert_eq!(listed.by_when, "controllo entro un mese");
    let prescribe = |nre: &str| PrescribeRequest {
        teleconsult_id: listed.teleconsult_id.clone(),
        nre: nre.to_owned(),
    };
    let wrong = doctor
        .core
        .teleconsult_prescribe(prescribe("150A2"))
        .await
        .unwrap_err();
    assert_eq!(
        (wrong.code, wrong.field.as_deref()),
        (ErrorCode::RequestIncomplete, Some("nre"))
    );
    let others = nre_of(&region, "marottoli-assunta");
    doctor
        .core
        .teleconsult_prescribe(prescribe(&others))
        .await
        .unwrap();
    assert_eq!(
        due(&doctor).await.state,
        PrescriptionState::OtherPatient,
        "somebody else's NRE passed"
    );

    let right = nre_of(&region, "fiorentano-mirella");
    region.stop().await;
    let spaced = format!("{} {}-{}", &right[..5], &right[5..10], &right[10..]);
    let offline = doctor
        .core
        .teleconsult_prescribe(prescribe(&spaced))
        .await
        .unwrap();
    let row = offline
        .rows
        .iter()
        .find(|row| row.teleconsult_id == listed.teleconsult_id)
        .unwrap();
    assert_eq!(
        (row.state, row.nre.as_deref()),
        (PrescriptionState::Recorded, Some(right.as_str()))
    );
    assert!(
        row.queue.is_some() && row.booked_for.is_none(),
        "a date was invented"
    );
    region.start_again().await;
    let booked = eventually("the CUP's date is known", || async {
        let row = due(&doctor).await;
        (row.state == PrescriptionState::Booked && row.queue.is_none()).then_some(row)
    })
    .await;
    assert!(booked.booked_for.is_some() && booked.eligible == Some(true) && booked.as_of.is_some());
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
