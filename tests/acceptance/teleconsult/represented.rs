//! A minor or represented person: who speaks for them, and what the region records of it.

use super::{complete, draft, in_state, of, patient, save};
use acceptance::{Station, TestRegion};
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
