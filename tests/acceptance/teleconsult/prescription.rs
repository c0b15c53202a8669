//! *Da prescrivere*, from the NRE to the date given by the CUP.

use acceptance::{Station, TestRegion, eventually};
use contract::ErrorCode;
use contract::teleconsult::{PrescribeRequest, PrescriptionDueView, PrescriptionState};
use serde_json::json;

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
async fn an_nre_that_the_region_did_not_know_is_followed_through_test_and_booking_to_the_date() {
    let region = TestRegion::open().await;
    let doctor = Station::at(&region.address);
    doctor.enter("ferrantino-guido").await;
    let listed = due(&doctor).await;
    let prescribe = |nre: &str| PrescribeRequest {
        teleconsult_id: listed.teleconsult_id.clone(),
        nre: nre.to_owned(),
    };
    for wrong in ["150A2 400000001", "1A0A24000000012", "150A24000O00012", ""] {
        let refused = doctor
            .core
            .teleconsult_prescribe(prescribe(wrong))
            .await
            .unwrap_err();
        assert_eq!(refused.field.as_deref(), Some("nre"), "{wrong:?} passed");
    }
    // As the barcode reader gives its two parts.
    let nre = "150B71234567890";
    doctor
        .core
        .teleconsult_prescribe(prescribe("*150B7*\n*1234567890*"))
        .await
        .unwrap();
    let booked = eventually("the CUP's date is known", || async {
        let row = due(&doctor).await;
        (row.state == PrescriptionState::Booked && row.queue.is_none()).then_some(row)
    })
    .await;
    assert_eq!((booked.nre.as_deref(), booked.eligible), (Some(nre), None));
    let visit = booked.booked_for.expect("a date");
    let appointment = format!("televisita-{}", nre.to_lowercase());
    let there = region.store().read("Appointment", &appointment).unwrap().unwrap();
    let there: jiff::Timestamp = there["start"].as_str().unwrap().parse().unwrap();
    assert_eq!(
        visit.parse::<jiff::Timestamp>().unwrap(),
        there,
        "another date is shown"
    );

    // The citizen takes the eligibility test on the portal.
    let outcome =
        json!({"passed": true, "camera": "superata", "microphone": "superata", "network": "superata"});
    let answer = reqwest::Client::new()
        .post(format!("{}/portale/prova/{appointment}/esito", region.address))
        .header("content-type", "application/json")
        .body(outcome.to_string())
        .send()
        .await
        .unwrap();
    assert!(answer.status().is_success(), "{}", answer.status());
    eventually("the test is known", || async {
        (due(&doctor).await.eligible == Some(true)).then_some(())
    })
    .await;
}
