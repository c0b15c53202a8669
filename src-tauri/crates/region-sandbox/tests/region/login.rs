use openidconnect::core::{CoreIdToken, CoreIdTokenVerifier, CoreJsonWebKeySet, CoreProviderMetadata};
use openidconnect::{ClientId, IssuerUrl, Nonce};
use region_sandbox::Clock;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::visitor::{Place, REDIRECT, VERIFIER, json as body, location, parameter, request, session};

#[tokio::test]
async fn the_code_flow_gives_tokens_that_a_client_library_accepts() {
    let place = Place::open().await;
    let metadata: Value = body(
        place
            .client
            .get(place.url("/oidc/.well-known/openid-configuration"))
            .send()
            .await
            .unwrap(),
    )
    .await;
    let metadata: CoreProviderMetadata =
        serde_json::from_value(metadata).expect("discovery as the standard says");
    assert_eq!(metadata.issuer().as_str(), place.url("/oidc"));
    let keys: CoreJsonWebKeySet = place
        .client
        .get(metadata.jwks_uri().as_str())
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let session = place.login("valmori-irene").await;
    let verifier = CoreIdTokenVerifier::new_public_client(
        ClientId::new("postazione".to_owned()),
        IssuerUrl::new(place.url("/oidc")).unwrap(),
        keys,
    );
    let token: CoreIdToken = session.id_token.parse().expect("a JWT");
    let claims = token
        .claims(&verifier, &Nonce::new("the-nonce".to_owned()))
        .expect("a valid ID token");
    assert_eq!(claims.subject().as_str(), "valmori-irene");
    assert!(
        token
            .claims(&verifier, &Nonce::new("another".to_owned()))
            .is_err(),
        "the nonce is not in the token"
    );
    let raw = serde_json::to_value(claims).unwrap();
    assert_eq!(raw["family_name"], "Valmori");
    assert_eq!(
        raw["acr"], "https://www.spid.gov.it/SpidL3",
        "a CIE is of the third level"
    );
    let payload = session.id_token.split('.').nth(1).unwrap();
    use base64::Engine;
    let payload = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(payload)
        .unwrap();
    let payload: Value = serde_json::from_slice(&payload).unwrap();
    let fiscal_number = payload["https://attributes.eid.gov.it/fiscal_number"]
        .as_str()
        .unwrap();
    assert!(
        clinical::FiscalCode::parse(fiscal_number.strip_prefix("TINIT-").unwrap()).is_ok(),
        "{fiscal_number}"
    );
    let role = place
        .read(
            &session,
            "/fhir/PractitionerRole?practitioner.identifier=http://hl7.it/sid/codiceFiscale%7C",
        )
        .await;
    assert_eq!(role["total"], 6, "a system alone matches every code");
}

#[tokio::test]
async fn the_login_page_lists_the_invented_staff_and_says_what_it_is() {
    let place = Place::open().await;
    let page = place
        .client
        .get(place.url("/oidc/authorize"))
        .query(&request())
        .send()
        .await
        .unwrap();
    assert_eq!(page.status(), StatusCode::OK);
    let page = page.text().await.unwrap();
    for part in [
        "Regione di prova: persone inventate",
        "VALMORI Irene",
        "SCARPELLINI Dario",
        "Entra con CIE",
        "Entra con SPID",
        "Entra con CNS",
        "value=\"the-state\"",
    ] {
        assert!(page.contains(part), "{part} is not on the page");
    }
    assert!(!page.contains("<script"), "the page needs no script");
}

#[tokio::test]
async fn a_wrong_client_or_redirect_is_never_redirected_to() {
    let place = Place::open().await;
    for (name, value) in [
        ("client_id", "another"),
        ("redirect_uri", "https://evil.example/callback"),
        ("redirect_uri", "http://localhost:4000/callback"),
        ("redirect_uri", ""),
    ] {
        let mut request = request();
        for pair in &mut request {
            if pair.0 == name {
                pair.1 = value.to_owned();
            }
        }
        for answer in [
            place
                .client
                .get(place.url("/oidc/authorize"))
                .query(&request)
                .send()
                .await
                .unwrap(),
            place
                .client
                .post(place.url("/oidc/authorize"))
                .form(&request)
                .send()
                .await
                .unwrap(),
        ] {
            assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{name}={value}");
            assert!(
                answer.headers().get("location").is_none(),
                "{name}={value} was redirected to"
            );
        }
    }
}

#[tokio::test]
async fn other_faults_of_a_request_go_back_to_the_client_with_the_state() {
    let place = Place::open().await;
    for (name, value, error) in [
        ("response_type", "token", "unsupported_response_type"),
        ("scope", "profile", "invalid_scope"),
        ("nonce", "", "invalid_request"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("code_challenge", "short", "invalid_request"),
        ("state", "", "invalid_request"),
    ] {
        let mut request = request();
        for pair in &mut request {
            if pair.0 == name {
                pair.1 = value.to_owned();
            }
        }
        let answer = place
            .client
            .get(place.url("/oidc/authorize"))
            .query(&request)
            .send()
            .await
            .unwrap();
        let location = location(&answer);
        assert!(location.starts_with(REDIRECT), "{location}");
        assert_eq!(
            parameter(&location, "error").as_deref(),
            Some(error),
            "{name}={value}"
        );
        assert!(parameter(&location, "code").is_none());
        let state = parameter(&location, "state");
        assert_eq!(state.is_none(), name == "state", "{location}");
    }
    let mut cancelled = request();
    cancelled.push(("annulla", "1".to_owned()));
    let answer = place
        .client
        .post(place.url("/oidc/authorize"))
        .form(&cancelled)
        .send()
        .await
        .unwrap();
    assert_eq!(
        parameter(&location(&answer), "error").as_deref(),
        Some("access_denied")
    );
}

#[tokio::test]
async fn a_code_is_good_once_with_its_verifier_and_its_redirect() {
    let place = Place::open().await;
    let refused = async |code: &str, verifier: &str, redirect: &str| {
        let answer = place.redeem(code, verifier, redirect).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
        body(answer).await["error"].as_str().unwrap().to_owned()
    };
    let code = place.code("valmori-irene").await;
    assert_eq!(
        refused(&code, &"x".repeat(43), REDIRECT).await,
        "invalid_grant",
        "another verifier"
    );
    assert_eq!(
        refused(&code, VERIFIER, REDIRECT).await,
        "invalid_grant",
        "the code was used up by the attempt"
    );
    let code = place.code("valmori-irene").await;
    assert_eq!(
        refused(&code, VERIFIER, "http://127.0.0.1:1/callback").await,
        "invalid_grant",
        "another redirect"
    );
    let code = place.code("valmori-irene").await;
    assert_eq!(refused(&code, "short", REDIRECT).await, "invalid_request");
    assert_eq!(refused("invented", VERIFIER, REDIRECT).await, "invalid_grant");
    let late = place.code("valmori-irene").await;
    place
        .running
        .region
        .clock
        .set_skew(jiff::SignedDuration::from_secs(61));
    assert_eq!(
        refused(&late, VERIFIER, REDIRECT).await,
        "invalid_grant",
        "a minute later"
    );
    place.running.region.clock.set_skew(jiff::SignedDuration::ZERO);

    let code = place.code("valmori-irene").await;
    let session = session(&body(place.redeem(&code, VERIFIER, REDIRECT).await).await);
    assert_eq!(
        place
            .get(&session, "/fhir/Patient")
            .send()
            .await
            .unwrap()
            .status(),
        StatusCode::OK
    );
    assert_eq!(refused(&code, VERIFIER, REDIRECT).await, "invalid_grant");
    let after = place.get(&session, "/fhir/Patient").send().await.unwrap();
    assert_eq!(
        after.status(),
        StatusCode::UNAUTHORIZED,
        "a stolen code ends what it gave"
    );

    let form = [("grant_type", "password"), ("client_id", "postazione")];
    let answer = place
        .client
        .post(place.url("/oidc/token"))
        .form(&form)
        .send()
        .await
        .unwrap();
    assert_eq!(body(answer).await["error"], "unsupported_grant_type");
    let form = [("grant_type", "refresh_token"), ("client_id", "other")];
    let answer = place
        .client
        .post(place.url("/oidc/token"))
        .form(&form)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_refresh_survives_a_lost_answer_and_the_old_token_ends_with_the_use_of_the_new() {
    let place = Place::open().await;
    let first = place.login("ferrantino-guido").await;
    let lost = session(&body(place.refresh(&first.refresh).await).await);
    let second = session(&body(place.refresh(&first.refresh).await).await);
    assert_ne!(lost.refresh, second.refresh);
    let third = session(&body(place.refresh(&second.refresh).await).await);
    let old = place.refresh(&first.refresh).await;
    assert_eq!(
        old.status(),
        StatusCode::BAD_REQUEST,
        "the token before the last is still good"
    );
    assert_eq!(
        place.get(&third, "/fhir/Patient").send().await.unwrap().status(),
        StatusCode::OK
    );
}

#[tokio::test]
async fn access_tokens_end_by_time_and_by_the_switch_and_refresh_goes_on() {
    let place = Place::open().await;
    let session = place.login("valmori-irene").await;
    let status =
        async |s: &crate::visitor::Session| place.get(s, "/fhir/Patient").send().await.unwrap().status();
    place
        .running
        .region
        .clock
        .set_skew(jiff::SignedDuration::from_mins(15));
    assert_eq!(status(&session).await, StatusCode::UNAUTHORIZED);
    let renewed = crate::visitor::session(&body(place.refresh(&session.refresh).await).await);
    assert_eq!(status(&renewed).await, StatusCode::OK);
    assert_eq!(
        place.switch("POST", "expire-tokens", json!({})).await.status(),
        StatusCode::NO_CONTENT
    );
    assert_eq!(status(&renewed).await, StatusCode::UNAUTHORIZED);
    let again = crate::visitor::session(&body(place.refresh(&renewed.refresh).await).await);
    assert_eq!(status(&again).await, StatusCode::OK);
    place
        .switch("POST", "expire-tokens", json!({"refresh": true}))
        .await;
    assert_eq!(
        place.refresh(&again.refresh).await.status(),
        StatusCode::BAD_REQUEST
    );
}

#[tokio::test]
async fn a_restart_keeps_address_key_sessions_and_data() {
    let place = Place::open().await;
    let session = place.login("valmori-irene").await;
    let address = place.url("");
    let keys = body(place.client.get(place.url("/oidc/jwks")).send().await.unwrap()).await;
    let id = "0196f000-0000-7000-8000-000000000001";
    let note = json!({"resourceType": "Communication", "id": id, "status": "completed",
        "subject": {"reference": "Patient/marottoli-assunta"}});
    let put = place
        .put(&session, &format!("/fhir/Communication/{id}"))
        .json(&note)
        .send()
        .await
        .unwrap();
    assert_eq!(put.status(), StatusCode::CREATED);
    let place = place.restart(Clock::system()).await;
    assert_eq!(place.url(""), address, "the port was free and is taken again");
    let after = body(place.client.get(place.url("/oidc/jwks")).send().await.unwrap()).await;
    assert_eq!(after, keys, "the issuer's key changed");
    let read = place.read(&session, &format!("/fhir/Communication/{id}")).await;
    assert_eq!(read["meta"]["versionId"], "1");
    assert_eq!(place.refresh(&session.refresh).await.status(), StatusCode::OK);
}
