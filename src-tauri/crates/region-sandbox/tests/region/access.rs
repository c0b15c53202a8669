use reqwest::StatusCode;
use serde_json::json;

use crate::visitor::{Place, json as body};

#[tokio::test]
async fn nobody_sees_a_patient_without_a_reason() {
    let place = Place::open().await;
    let [valmori, quercetti, ferrantino, brandolesi, scarpellini] = [
        place.login("valmori-irene").await,
        place.login("quercetti-sandro").await,
        place.login("ferrantino-guido").await,
        place.login("brandolesi-ugo").await,
        place.login("scarpellini-dario").await,
    ];
    for (who, session, path, allowed) in [
        ("cardiologist", &valmori, "/fhir/Patient/marottoli-assunta", true),
        (
            "nephrologist",
            &quercetti,
            "/fhir/Patient/marottoli-assunta",
            false,
        ),
        ("nephrologist", &quercetti, "/fhir/Patient/santoviti-clelia", true),
        ("doctor", &ferrantino, "/fhir/Patient/marottoli-assunta", true),
        ("doctor", &ferrantino, "/fhir/Patient/cellentani-nina", false),
        (
            "paediatrician",
            &brandolesi,
            "/fhir/Patient/cellentani-nina",
            true,
        ),
        (
            "paediatrician",
            &brandolesi,
            "/fhir/DocumentReference/documento-1",
            false,
        ),
        (
            "cardiologist",
            &valmori,
            "/fhir/DocumentReference/documento-1",
            true,
        ),
        ("operator", &scarpellini, "/fhir/Patient/pontecorbi-sara", true),
        ("operator", &scarpellini, "/fhir/Patient/marottoli-assunta", false),
        (
            "operator",
            &scarpellini,
            "/fhir/DocumentReference/documento-1",
            false,
        ),
        ("operator", &scarpellini, "/fhir/Binary/documento-1-file", false),
        ("operator", &scarpellini, "/fhir/Task/transizione-1", true),
        ("operator", &scarpellini, "/fhir/Task/caso-44831", false),
        ("cardiologist", &valmori, "/fhir/Task/transizione-1", false),
        (
            "cardiologist",
            &valmori,
            "/fhir/Organization/cot-valle-serena",
            true,
        ),
    ] {
        let answer = place.get(session, path).send().await.unwrap();
        let expected = if allowed {
            StatusCode::OK
        } else {
            StatusCode::FORBIDDEN
        };
        assert_eq!(answer.status(), expected, "{who} at {path}");
        if !allowed {
            assert_eq!(
                body(answer).await["issue"][0]["diagnostics"],
                "Accesso non consentito"
            );
        }
    }
    assert_eq!(
        place.read(&scarpellini, "/fhir/DocumentReference").await["total"],
        0
    );
    assert_eq!(place.read(&scarpellini, "/fhir/Patient").await["total"], 8);
    let known = "/fhir/Patient?identifier=http://hl7.it/sid/codiceFiscale%7CMRTSNT55C52X000I";
    assert_eq!(
        place.read(&scarpellini, known).await["total"],
        1,
        "a new case begins with a codice fiscale"
    );
    assert_eq!(place.read(&quercetti, known).await["total"], 0);
    assert_eq!(
        place.read(&scarpellini, "/fhir/Patient?name=marottoli").await["total"],
        0
    );

    let new_case = json!({"resourceType": "Task", "status": "requested", "intent": "order", "for": {"reference": "Patient/marottoli-assunta"},
        "code": {"coding": [{"code": "transition"}]}, "groupIdentifier": {"value": "cot-valle-serena"}});
    assert_eq!(
        place
            .post(&scarpellini, "/fhir/Task")
            .json(&new_case)
            .send()
            .await
            .unwrap()
            .status(),
        StatusCode::CREATED
    );
    place.read(&scarpellini, "/fhir/Patient/marottoli-assunta").await;
    let staff = json!({"resourceType": "PractitionerRole", "id": "x"});
    let forged = place
        .put(&valmori, "/fhir/PractitionerRole/x")
        .json(&staff)
        .send()
        .await
        .unwrap();
    assert_eq!(forged.status(), StatusCode::FORBIDDEN, "a role was made up");
    let stranger = json!({"resourceType": "Consent", "patient": {"reference": "Patient/cellentani-nina"}});
    let forged = place
        .post(&ferrantino, "/fhir/Consent")
        .json(&stranger)
        .send()
        .await
        .unwrap();
    assert_eq!(forged.status(), StatusCode::FORBIDDEN);
}
