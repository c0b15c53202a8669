//! Coming in, locking, unlocking with the region gone, leaving.

use acceptance::{PASSPHRASE, Station, TestRegion, eventually};
use contract::ErrorCode;
use contract::agenda::AgendaDayRequest;
use contract::session::{LoginMethod, LoginRequest, SessionView, UnlockRequest};

fn today() -> AgendaDayRequest {
    let day = jiff::Timestamp::now()
        .to_zoned(jiff::tz::TimeZone::get("Europe/Rome").unwrap())
        .date();
    AgendaDayRequest {
        day: day.to_string(),
        search: String::new(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_specialist_comes_in_and_reads_the_agenda_also_with_the_region_gone() {
    let mut region = TestRegion::open().await;
    let station = Station::at(&region.address);
    let session = station.enter("valmori-irene").await;
    assert!(
        matches!(session, SessionView::Open { offline: false, .. }),
        "not at work: {session:?}"
    );
    let rows = eventually("today's televisits arrive", || async {
        let day = station.core.agenda_day(today()).await.unwrap();
        (day.rows.len() > 5).then_some(day.rows)
    })
    .await;
    region.stop().await;
    station.core.session_lock().await.unwrap();
    assert_eq!(
        station.core.agenda_day(today()).await.unwrap_err().code,
        ErrorCode::SessionLocked,
        "a locked station answers nothing"
    );
    let person = station.known_person().await;
    let wrong = UnlockRequest {
        person_id: person.clone(),
        secret: "gatto rosso nel prato".to_owned(),
    };
    assert_eq!(
        station.core.session_unlock(wrong).await.unwrap_err().code,
        ErrorCode::WrongStationSecret
    );
    let session = station.unlock(&person).await;
    assert!(
        matches!(session, SessionView::Open { .. }),
        "not back: {session:?}"
    );
    let again = station.core.agenda_day(today()).await.unwrap();
    assert_eq!(
        again.rows.len(),
        rows.len(),
        "the agenda is here without the region"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_known_person_comes_in_without_the_region_and_a_new_one_does_not() {
    let mut region = TestRegion::open().await;
    let station = Station::at(&region.address);
    station.enter("valmori-irene").await;
    let person = station.known_person().await;
    let station = station.restart();
    region.stop().await;
    let request = UnlockRequest {
        person_id: person,
        secret: PASSPHRASE.to_owned(),
    };
    let session = station.core.session_unlock(request).await.unwrap();
    assert!(
        matches!(session, SessionView::Open { offline: true, .. }),
        "not at work offline: {session:?}"
    );
    station.core.session_leave().await.unwrap();
    let refused = station
        .core
        .session_login(LoginRequest {
            method: LoginMethod::Spid,
        })
        .await
        .unwrap_err();
    assert_eq!(
        refused.code,
        ErrorCode::FirstLoginNeedsNetwork,
        "a first login needs the network"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_sees_only_its_own_work_and_the_refusal_is_recorded() {
    let region = TestRegion::open().await;
    let station = Station::at(&region.address);
    station.enter("ferrantino-guido").await;
    let refused = station.core.agenda_day(today()).await.unwrap_err();
    assert_eq!(
        refused.code,
        ErrorCode::AccessDenied,
        "a family doctor has no agenda of televisits"
    );
    let register = station.core.audit_list().await.unwrap();
    assert!(register.intact, "the register is whole");
    assert!(
        register.lines.iter().any(|line| line.action == "access_refused"),
        "the refusal was not recorded"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_given_up_or_by_somebody_else_leaves_the_work_as_it_was() {
    let region = TestRegion::open().await;
    let station = Station::at(&region.address);
    station.enter("valmori-irene").await;
    station
        .core
        .session_login(LoginRequest {
            method: LoginMethod::Cie,
        })
        .await
        .unwrap();
    let session = station.core.session_login_cancel();
    assert!(
        matches!(session, SessionView::Open { .. }),
        "giving up the login is not leaving: {session:?}"
    );
    station.browser_login("quercetti-sandro").await;
    let session = eventually("the other person's login ends", || async {
        let now = station.core.session_state();
        matches!(now, SessionView::Open { .. }).then_some(now)
    })
    .await;
    let SessionView::Open { person, .. } = session else {
        panic!("not at work")
    };
    assert_eq!(person.family, "Valmori", "the desk is still hers");
    assert!(
        station.core.agenda_day(today()).await.is_ok(),
        "and her agenda is still there"
    );
}
