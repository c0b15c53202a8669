use clinical::Role;
use region::{LoginError, LoginMethod, RegionError};
use region_sandbox::faults::{Effect, Rule};
use serde_json::json;

use crate::place::{Place, browse, client};

#[tokio::test]
async fn a_specialist_logs_in_and_chooses_a_role() {
    let place = Place::open().await;
    assert!(!place.region.is_logged_in());
    let person = place.login("valmori-irene").await;
    assert_eq!(person.name.display(), "VALMORI Irene");
    assert!(person.acr.is_some_and(|acr| acr.contains("SpidL3")));
    let staff = place
        .region
        .fhir()
        .assignments(&person.fiscal_code)
        .await
        .unwrap();
    assert_eq!(staff.len(), 1);
    let assignment = &staff[0].assignment;
    assert_eq!(assignment.role, Role::Specialist);
    assert_eq!(assignment.structure.name, "Ospedale del Golfo, Cardiologia");
    assert_eq!(assignment.structure.unit.as_deref(), Some("Cardiologia"));
    assert_eq!(
        assignment.structure.trust_name.as_deref(),
        Some("Azienda ospedaliera del Golfo")
    );
    assert_eq!(staff[0].practitioner.fiscal_code, person.fiscal_code);
}

#[tokio::test]
async fn every_member_of_the_staff_has_a_role_that_the_program_knows() {
    let place = Place::open_as("valmori-irene").await;
    let staff = place.region.fhir().staff(&[]).await.unwrap();
    for role in [
        Role::Specialist,
        Role::GeneralPractitioner,
        Role::Paediatrician,
        Role::CotOperator,
    ] {
        assert!(
            staff.iter().any(|s| s.assignment.role == role),
            "{role:?} was not read"
        );
    }
    let cardiologists = place.region.fhir().specialists("02").await.unwrap();
    assert!(
        !cardiologists.is_empty()
            && cardiologists
                .iter()
                .all(|s| s.speciality_code.as_deref() == Some("02"))
    );
}

#[tokio::test]
async fn a_person_who_cancels_in_the_browser_is_told_so_and_nobody_is_logged_in() {
    let place = Place::open().await;
    let pending = place.region.begin_login(LoginMethod::Spid).await.unwrap();
    let url = pending.url().clone();
    let browser = tokio::spawn(async move { browse(&url, &[("annulla", "1")]).await });
    assert_eq!(
        pending.finish().await,
        Err(LoginError::Refused("access_denied".into()))
    );
    assert!(browser.await.unwrap().contains("Accesso non concluso"));
    assert!(!place.region.is_logged_in());
}

#[tokio::test]
async fn a_foreign_knock_does_not_end_the_login() {
    let place = Place::open().await;
    let pending = place.region.begin_login(LoginMethod::Spid).await.unwrap();
    let url = pending.url().clone();
    let redirect = url
        .query_pairs()
        .find(|(n, _)| n == "redirect_uri")
        .unwrap()
        .1
        .into_owned();
    let browser = tokio::spawn(async move {
        let forged = reqwest::get(format!("{redirect}?state=forged&code=x"))
            .await
            .unwrap();
        assert_eq!(forged.status(), 404, "a forged state was taken");
        browse(&url, &[("practitioner", "valmori-irene")]).await
    });
    assert!(pending.finish().await.is_ok());
    browser.await.unwrap();
}

#[tokio::test]
async fn the_person_may_cancel_here() {
    let place = Place::open().await;
    let pending = place.region.begin_login(LoginMethod::Cns).await.unwrap();
    let canceller = pending.canceller();
    canceller.cancel();
    assert_eq!(pending.finish().await, Err(LoginError::Cancelled));
}

#[tokio::test]
async fn an_issuer_s_clock_far_behind_is_named_as_a_wrong_clock() {
    let place = Place::open().await;
    let skew = json!({"clock_skew_seconds": -7200, "rules": []});
    let url = format!("{}/_sandbox/faults", place.running.base_url);
    reqwest::Client::new().put(url).json(&skew).send().await.unwrap();
    let pending = place.region.begin_login(LoginMethod::Cie).await.unwrap();
    let url = pending.url().clone();
    let browser = tokio::spawn(async move { browse(&url, &[("practitioner", "valmori-irene")]).await });
    assert_eq!(pending.finish().await, Err(LoginError::WrongClock));
    assert!(
        browser.await.unwrap().contains("Accesso non riuscito"),
        "the page promised an access that was not given"
    );
    let health = place.region.health().await.unwrap();
    assert!(
        (-7_210_000..=-7_190_000).contains(&health.skew_ms),
        "the clock was measured as {} ms",
        health.skew_ms
    );
}

#[tokio::test]
async fn discovery_behind_a_captive_portal_is_not_an_issuer() {
    let place = Place::open().await;
    place.effect("/oidc", "GET", Effect::CaptivePortal);
    let refused = place.region.begin_login(LoginMethod::Cie).await.unwrap_err();
    assert_eq!(refused, LoginError::Region(RegionError::NotTheRegion));
    place.effect("/oidc", "GET", Effect::Truncate);
    let refused = place.region.begin_login(LoginMethod::Cie).await.unwrap_err();
    assert_eq!(refused, LoginError::Region(RegionError::Garbled));
    place.fault(Rule {
        path: "/oidc".into(),
        status: Some(503),
        times: Some(1),
        ..Rule::default()
    });
    let refused = place.region.begin_login(LoginMethod::Cie).await.unwrap_err();
    assert!(
        matches!(
            refused,
            LoginError::Region(RegionError::Unavailable { status: 503, .. })
        ),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_first_login_without_the_region_is_unreachable() {
    // A port that was ours a moment ago and is closed now.
    let port = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    let region = client(&format!("http://127.0.0.1:{port}"));
    let refused = region.begin_login(LoginMethod::Cie).await.unwrap_err();
    assert_eq!(refused, LoginError::Region(RegionError::Unreachable));
    assert_eq!(region.health().await, Err(RegionError::Unreachable));
}

#[tokio::test]
async fn an_ended_token_is_renewed_once_for_all_and_an_ended_session_is_not() {
    let place = Place::open_as("valmori-irene").await;
    let person = place.running.region.clone();
    let fhir = place.region.fhir();
    place.switch("expire-tokens", json!({})).await;
    let (a, b, c) = tokio::join!(fhir.staff(&[]), fhir.staff(&[]), fhir.staff(&[]));
    assert!(
        a.is_ok() && b.is_ok() && c.is_ok(),
        "an ended token was not renewed behind the scenes"
    );
    place.switch("expire-tokens", json!({"refresh": true})).await;
    assert_eq!(fhir.staff(&[]).await, Err(RegionError::Unauthorised));
    place.region.forget_tokens();
    assert_eq!(fhir.staff(&[]).await, Err(RegionError::Unauthorised));
    drop(person);
}

#[tokio::test]
async fn another_user_of_the_pc_has_tokens_of_its_own() {
    let place = Place::open_as("valmori-irene").await;
    let other = place.region.for_another_user();
    assert!(!other.is_logged_in());
    assert_eq!(other.fhir().staff(&[]).await, Err(RegionError::Unauthorised));
    assert!(place.region.fhir().staff(&[]).await.is_ok());
}
