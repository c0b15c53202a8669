//! A minor or represented person: who speaks for them, and what the region records of it.

use super::{complete, draft, in_state, of, patient, save};
use acceptance::{Station, TestRegion, eventually};
use contract::ErrorCode;
use contract::patient::RepresentativeTitle;
use contract::teleconsult::{TeleconsultForm, TeleconsultState};
use contract::televisit::RepresentationInput;

#[tokio::test(flavor = "multi_thread")]
async fn a_child_is_spoken_for_and_the_region_records_by_whom() {
    let region = TestRegion::open().await;
    let station = Station::at(&region.address);
    station.enter("brandolesi-ugo").await;
    let child = patient(&station, "cellentani nina").await;
    let begun = draft(&station, &child).await;
    let alone = save(&station, &begun, complete(&begun.form)).await;
    assert_eq!(
        alone.missing,
        ["representative"],
        "a child of 14 months gave consent"
    );
    let refused = station.core.teleconsult_send(of(&begun.id)).await.unwrap_err();
    assert_eq!(
        (refused.code, refused.field.as_deref()),
        (ErrorCode::RequestIncomplete, Some("representative"))
    );
    let mother = RepresentationInput {
        family: "Cellentani".to_owned(),
        given: "Marta".to_owned(),
        title: RepresentativeTitle::Parent,
        document: "Carta d'identità CA00000AA".to_owned(),
        phone: "000 000 0142".to_owned(),
        both_parents: true,
        minor_opinion: None,
    };
    let form = TeleconsultForm {
        representative: Some(mother.clone()),
        ..complete(&begun.form)
    };
    let saved = save(&station, &alone, form).await;
    assert!(saved.missing.is_empty(), "still missing: {:?}", saved.missing);
    station.core.teleconsult_send(of(&begun.id)).await.unwrap();
    let sent = in_state(&station, &begun.id, TeleconsultState::Requested).await;
    assert_eq!(
        sent.representative,
        Some(mother),
        "who gave the consent came back different"
    );
    let consents = region
        .store()
        .search("Consent", &[("patient", &format!("Patient/{}", child.id))])
        .unwrap();
    let person = &consents[0]["contained"][0];
    assert_eq!(
        person["relationship"][0]["coding"][0]["code"], "PRN",
        "the title is not in the Consent"
    );
    assert_eq!(consents[0]["performer"][0]["reference"], "#representative");
}

async fn portal(region: &TestRegion, path: &str) -> (u16, String) {
    let answer = reqwest::get(format!("{}/portale/{path}", region.address))
        .await
        .unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_from_the_parents_is_in_no_parent_s_view_and_leaves_no_sign_there() {
    let region = TestRegion::open().await;
    let station = Station::at(&region.address);
    station.enter("brandolesi-ugo").await;
    let boy = patient(&station, "benuccelli tommaso").await;
    let mother = RepresentationInput {
        family: "Benuccelli".to_owned(),
        given: "Lara".to_owned(),
        title: RepresentativeTitle::Parent,
        document: "Carta d'identità CA00000BB".to_owned(),
        phone: "000 000 0161".to_owned(),
        both_parents: false,
        minor_opinion: Some("Preferisce che i genitori non lo leggano.".to_owned()),
    };
    let mut sent = Vec::new();
    for (question, obscured_to_parent) in [
        ("Ripresa dello sport dopo miocardite", false),
        ("Colloquio riservato", true),
    ] {
        let begun = draft(&station, &boy).await;
        let form = TeleconsultForm {
            question: question.to_owned(),
            representative: Some(mother.clone()),
            obscured_to_parent,
            ..complete(&begun.form)
        };
        save(&station, &begun, form).await;
        station.core.teleconsult_send(of(&begun.id)).await.unwrap();
        sent.push(in_state(&station, &begun.id, TeleconsultState::Requested).await);
    }
    assert!(!sent[0].obscured && sent[1].obscured);
    let opinion = sent[1].representative.as_ref().unwrap();
    assert_eq!(
        opinion.minor_opinion, mother.minor_opinion,
        "the minor was not heard"
    );
    assert!(!opinion.both_parents);

    let (_, own) = portal(&region, &format!("teleconsulti/{}", boy.id)).await;
    assert!(own.contains("Ripresa dello sport") && own.contains("Colloquio riservato"));
    for parent in ["benuccelli-lara", "benuccelli-stefano"] {
        let (_, seen) = portal(&region, &format!("genitore/{parent}/{}", boy.id)).await;
        assert!(
            seen.contains("Ripresa dello sport"),
            "{parent} sees nothing at all"
        );
        assert!(
            !seen.contains("Colloquio riservato"),
            "{parent} reads what was kept from them"
        );
        for sign in ["oscurat", "nascost", "riservat"] {
            assert!(
                !seen.to_lowercase().contains(sign),
                "{parent} is told that something is hidden"
            );
        }
    }
    let (status, other) = portal(&region, &format!("genitore/cellentani-marta/{}", boy.id)).await;
    assert!(
        status == 404 && !other.contains("Ripresa dello sport"),
        "another child's mother looked in"
    );
    let (status, _) = portal(&region, "genitore/falcinelli-bruno/falcinelli-ines").await;
    assert_eq!(status, 404, "a guardian is no parent");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_latest_weight_stands_beside_the_identity_of_who_needs_it() {
    let region = TestRegion::open().await;
    let station = Station::at(&region.address);
    station.enter("brandolesi-ugo").await;
    let nina = eventually("her weight arrives", || async {
        let child = patient(&station, "cellentani nina").await;
        child.weight_kg.is_some().then_some(child)
    })
    .await;
    assert_eq!((nina.weight_kg, nina.age_months), (Some(9.8), Some(14)));
    // Measured again, in grams.
    let mut newer = region
        .store()
        .search("Observation", &[("patient", "Patient/cellentani-nina")])
        .unwrap()
        .remove(0);
    newer["id"] = "peso-nuovo".into();
    let now = jiff::Timestamp::now();
    newer["effectiveDateTime"] = now.to_string().into();
    newer["valueQuantity"] =
        serde_json::json!({"value": 10050, "code": "g", "system": "http://unitsofmeasure.org"});
    let put = |resource: serde_json::Value| {
        let none = region_sandbox::fhir::Precondition::None;
        region.store().update(resource, none).unwrap()
    };
    put(newer);
    eventually("the newer weight arrives", || async {
        let child = patient(&station, "cellentani nina").await;
        let day = now.to_string().get(..10).map(str::to_owned);
        (child.weight_kg == Some(10.05) && child.weight_on == day).then_some(())
    })
    .await;
    // The specialist who is asked sees it too; an adult who speaks for themselves shows none.
    let specialist = Station::at(&region.address);
    specialist.enter("valmori-irene").await;
    eventually("the specialist sees it", || async {
        let request = contract::patient::PatientRequest {
            patient_id: nina.id.clone(),
        };
        let seen = specialist.core.patient_open(request).await.ok()?;
        (seen.weight_kg == Some(10.05)).then_some(())
    })
    .await;
}
