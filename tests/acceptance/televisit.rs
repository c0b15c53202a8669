//! A televisit outside of its call.

use acceptance::{Station, TestRegion, eventually};
use contract::ErrorCode;
use contract::agenda::AgendaDayRequest;
use contract::televisit::{InviteCaregiverRequest, TelevisitRequest, TelevisitView};

async fn opened(station: &Station, id: &str) -> TelevisitView {
    let request = TelevisitRequest {
        televisit_id: id.to_owned(),
    };
    station.core.televisit_open(request).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_made_without_the_region_reaches_it_once_and_the_patient_has_the_link() {
    let mut region = TestRegion::open().await;
    let station = Station::at(&region.address);
    station.enter("valmori-irene").await;
    let day = jiff::Timestamp::now()
        .to_zoned(jiff::tz::TimeZone::get("Europe/Rome").unwrap())
        .date();
    let row = eventually("the televisit arrives", || async {
        let request = AgendaDayRequest {
            day: day.to_string(),
            search: "marottoli".to_owned(),
        };
        let rows = station.core.agenda_day(request).await.unwrap().rows;
        rows.into_iter().next()
    })
    .await;
    let id = row.televisit_id;
    let visit = eventually("the related person arrives", || async {
        let visit = opened(&station, &id).await;
        (!visit.patient.related.is_empty()).then_some(visit)
    })
    .await;
    let related = visit.patient.related[0].clone();
    let home = format!("{}/portale/{}", region.address, visit.patient.id);
    let link = format!("/portale/televisita/{id}?t=");
    let page = reqwest::get(&home).await.unwrap().text().await.unwrap();
    assert!(page.contains(&link), "the page does not show the televisit");
    assert!(!page.contains("caregiver=1"), "a link before any invitation");

    region.stop().await;
    let invite = |given: &str| InviteCaregiverRequest {
        televisit_id: id.clone(),
        family: related.family.clone(),
        given: given.to_owned(),
        relation: related.relation.clone(),
    };
    let nameless = station
        .core
        .televisit_invite_caregiver(invite(" "))
        .await
        .unwrap_err();
    assert_eq!(nameless.code, ErrorCode::BadRequest);
    for _ in 0..2 {
        let view = station
            .core
            .televisit_invite_caregiver(invite(&related.given))
            .await
            .unwrap();
        let invited: Vec<_> = view
            .participants
            .iter()
            .filter(|person| person.invited_at.is_some())
            .collect();
        assert_eq!(invited.len(), 1, "a second click invites nobody");
        assert!(
            invited[0].invitation_queued && !invited[0].connected,
            "it waits here"
        );
        assert_eq!(
            view.participants.len(),
            visit.participants.len(),
            "who is known is listed once"
        );
    }

    region.start_again().await;
    eventually("the invitation arrives", || async {
        let view = opened(&station, &id).await;
        view.participants
            .iter()
            .any(|person| person.invited_at.is_some() && !person.invitation_queued)
            .then_some(())
    })
    .await;
    let sent = region.store().search("Communication", &[]).unwrap();
    let sent: Vec<_> = sent
        .iter()
        .filter(|message| message["category"][0]["coding"][0]["code"] == "invitation")
        .collect();
    assert_eq!(sent.len(), 1, "the region has it once");
    let recipient = sent[0]["recipient"][0]["reference"].as_str().unwrap();
    assert!(
        recipient.starts_with("RelatedPerson/"),
        "a known person is named: {recipient}"
    );
    let page = reqwest::get(&home).await.unwrap().text().await.unwrap();
    assert!(page.contains("caregiver=1"), "the patient's page has no link");
    let register = station.core.audit_list().await.unwrap();
    let invited = register
        .lines
        .iter()
        .filter(|line| line.action == "caregiver_invited");
    assert_eq!(invited.count(), 1);
}
