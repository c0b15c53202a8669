use std::collections::BTreeMap;

use region_sandbox::Clock;
use serde_json::Value;

use crate::visitor::Place;

fn resources(bundle: &Value) -> Vec<&Value> {
    bundle["entry"]
        .as_array()
        .map(|all| all.iter().map(|e| &e["resource"]).collect())
        .unwrap_or_default()
}

#[tokio::test]
async fn the_day_of_the_cardiologist_has_each_kind_of_visit() {
    let place = Place::open().await;
    let valmori = place.login("valmori-irene").await;
    let prescriptions = place
        .read(
            &valmori,
            "/fhir/ServiceRequest?category=https://postazione.example/visit%7Cfirst",
        )
        .await;
    assert_eq!(
        resources(&prescriptions)[0]["subject"]["display"],
        "SORBELLINI Ada"
    );
    let all = place
        .read(&valmori, "/fhir/ServiceRequest?category=control,first&_count=100")
        .await;
    for request in resources(&all) {
        let nre = request["identifier"][0]["value"].as_str().unwrap();
        assert!(
            clinical::Nre::parse(nre).is_ok() && nre.starts_with("150"),
            "{nre}"
        );
    }
    let failed = place
        .read(&valmori, "/fhir/Task?code=eligibility-test&status=failed")
        .await;
    assert_eq!(resources(&failed)[0]["for"]["display"], "CASTAGNARI Delio");
    let passed = place
        .read(
            &valmori,
            "/fhir/Task?code=eligibility-test&status=completed&_summary=count",
        )
        .await;
    assert_eq!(passed["total"], 12, "one failed and one was not done");
    let held = place
        .read(&valmori, "/fhir/Appointment?status=fulfilled&_summary=count")
        .await;
    assert_eq!(held["total"], 2);
    let reports = place.read(&valmori, "/fhir/DocumentReference?type=75496-0").await;
    assert_eq!(reports["total"], 2, "each held visit has its report");
    let papers = place
        .read(
            &valmori,
            "/fhir/DocumentReference?patient=Patient/marottoli-assunta&_sort=-date",
        )
        .await;
    let titles: Vec<&str> = resources(&papers)
        .iter()
        .map(|d| d["description"].as_str().unwrap())
        .collect();
    assert_eq!(
        titles,
        [
            "Impianto pacemaker, dimissione",
            "Visita cardiologica con ECG",
            "Ecocardiogramma"
        ]
    );
    let therapy = &resources(&papers)[0]["extension"][0]["extension"];
    assert_eq!(therapy[0]["valueString"], "Bisoprololo 2,5 mg");
}

#[tokio::test]
async fn everyone_has_a_right_codice_fiscale_and_the_represented_have_someone_to_speak_for_them() {
    let place = Place::open().await;
    let mut seen = 0;
    let mut speakers: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (who, list) in [("ferrantino-guido", 38), ("brandolesi-ugo", 10)] {
        let session = place.login(who).await;
        let patients = place.read(&session, "/fhir/Patient?_count=200").await;
        assert_eq!(patients["total"], list);
        for person in resources(&patients) {
            let code = person["identifier"][0]["value"].as_str().unwrap();
            assert!(
                clinical::FiscalCode::parse(code).is_ok() && &code[11..15] == "X000",
                "{code}"
            );
            seen += 1;
        }
        for person in resources(&place.read(&session, "/fhir/RelatedPerson?_count=50").await) {
            let patient = person["patient"]["display"].as_str().unwrap().to_owned();
            let code = person["relationship"][0]["coding"][0]["code"]
                .as_str()
                .unwrap()
                .to_owned();
            speakers.entry(patient).or_default().push(code);
        }
    }
    assert_eq!(seen, 48);
    assert_eq!(speakers["CELLENTANI Nina"], ["PRN", "PRN"], "two parents");
    assert_eq!(speakers["FALCINELLI Ines"], ["GUARD"]);
    assert_eq!(speakers["MORETTANI Livio"], ["RESPRSN"]);
    assert_eq!(speakers["MAROTTOLI Assunta"], ["CAREGIVER"]);
}

#[tokio::test]
async fn the_board_and_the_queue_have_cases_in_every_state() {
    let place = Place::open().await;
    let scarpellini = place.login("scarpellini-dario").await;
    let board = place
        .read(
            &scarpellini,
            "/fhir/Task?code=transition&group-identifier=cot-valle-serena",
        )
        .await;
    let mut columns: BTreeMap<&str, usize> = BTreeMap::new();
    for task in resources(&board) {
        *columns
            .entry(task["businessStatus"]["text"].as_str().unwrap())
            .or_default() += 1;
    }
    let expected = [
        "Conferma del territorio",
        "Da assegnare",
        "Dimissione protetta",
        "In valutazione",
    ]
    .map(|c| (c, 2));
    assert_eq!(columns, BTreeMap::from(expected));
    let valmori = place.login("valmori-irene").await;
    let cases = place.read(&valmori, "/fhir/Task?code=teleconsult").await;
    let states: Vec<&str> = resources(&cases)
        .iter()
        .map(|t| t["status"].as_str().unwrap())
        .collect();
    for state in ["requested", "accepted", "in-progress", "on-hold"] {
        assert!(states.contains(&state), "no case is {state}: {states:?}");
    }
    let talk = place
        .read(
            &valmori,
            "/fhir/Communication?about=ServiceRequest/teleconsulto-44831&_sort=sent",
        )
        .await;
    assert_eq!(talk["total"], 2);
    let ferrantino = place.login("ferrantino-guido").await;
    let answered = place
        .read(&ferrantino, "/fhir/Task?code=teleconsult&status=completed")
        .await;
    assert_eq!(answered["total"], 2);
}

#[tokio::test]
async fn an_old_data_directory_opens_on_todays_agenda_and_keeps_the_old_one() {
    let at = |time: &str| Clock::standing_at(time.parse().unwrap());
    let place = Place::open_at(at("2026-11-20T09:10:00Z")).await;
    let session = place.login("valmori-irene").await;
    let count = async |place: &Place, day: &str, session| {
        place
            .read(session, &format!("/fhir/Appointment?date={day}&_summary=count"))
            .await["total"]
            .as_u64()
            .unwrap()
    };
    assert_eq!(count(&place, "2026-11-20", &session).await, 14);
    let place = place.restart(at("2026-11-20T15:00:00Z")).await;
    let session = place.login("valmori-irene").await;
    assert_eq!(
        count(&place, "2026-11-20", &session).await,
        14,
        "the same day is planted once"
    );
    let place = place.restart(at("2026-11-23T08:00:00Z")).await;
    let session = place.login("valmori-irene").await;
    assert_eq!(count(&place, "2026-11-23", &session).await, 14);
    assert_eq!(count(&place, "2026-11-20", &session).await, 14);
}
