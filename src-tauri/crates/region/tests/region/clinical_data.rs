use clinical::{FiscalCode, Title};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use region::fhir::{AgendaEntry, AppointmentStatus, Cursor, OWN_IDENTIFIER};
use region::{RegionError, ResourceType};
use serde_json::{Value, json};
use televisit::{Payment, VisitKind};

use crate::place::Place;

async fn agenda(place: &Place) -> Vec<AgendaEntry> {
    let zone = TimeZone::get("Europe/Rome").unwrap();
    let today = Timestamp::now().to_zoned(zone.clone()).date();
    place
        .region
        .fhir()
        .agenda("valmori-irene-specialist", today, &zone)
        .await
        .unwrap()
}

fn named<'a>(agenda: &'a [AgendaEntry], family: &str) -> &'a AgendaEntry {
    agenda
        .iter()
        .find(|e| {
            e.patient
                .as_ref()
                .is_some_and(|p| p.name.family.expose().eq_ignore_ascii_case(family))
        })
        .unwrap_or_else(|| panic!("{family} is not in the agenda"))
}

#[tokio::test]
async fn the_day_has_every_visit_with_its_facts() {
    let place = Place::open_as("valmori-irene").await;
    let agenda = agenda(&place).await;
    assert!(agenda.len() >= 12, "{} visits", agenda.len());
    assert!(
        agenda
            .windows(2)
            .all(|w| w[0].booking.start <= w[1].booking.start),
        "not by hour"
    );
    assert!(
        agenda
            .iter()
            .all(|e| e.patient.is_some() && e.prescription.is_some())
    );
    let marottoli = named(&agenda, "Marottoli");
    let prescription = marottoli.prescription.as_ref().unwrap();
    assert_eq!(prescription.kind, Some(VisitKind::Control));
    assert!(
        prescription.nre.is_some() && prescription.question.is_some() && prescription.prescriber.is_some()
    );
    assert_eq!(marottoli.booking.payment, Some(Payment::Paid));
    assert!(
        marottoli
            .eligibility
            .as_ref()
            .is_some_and(|e| e.passed && e.checks.len() == 3)
    );
    assert_eq!(marottoli.status, AppointmentStatus::Booked);
    assert_eq!(
        named(&agenda, "Sorbellini").prescription.as_ref().unwrap().kind,
        Some(VisitKind::First)
    );
    assert!(!named(&agenda, "Castagnari").eligibility.as_ref().unwrap().passed);
    assert!(named(&agenda, "Gualterotti").eligibility.is_none());
    let one = place.region.fhir().televisit(&marottoli.id).await.unwrap();
    assert_eq!(&one, marottoli);
}

#[tokio::test]
async fn a_child_a_ward_and_a_supported_adult_have_their_representatives() {
    let place = Place::open_as("valmori-irene").await;
    let agenda = agenda(&place).await;
    for (family, title, count) in [
        ("Cellentani", Title::Parent, 2),
        ("Falcinelli", Title::Guardian, 1),
        ("Morettani", Title::SupportAdministrator, 1),
    ] {
        let related = place
            .region
            .fhir()
            .related_to(&named(&agenda, family).patient_id)
            .await
            .unwrap();
        assert_eq!(
            related.iter().filter(|r| r.title == Some(title)).count(),
            count,
            "{family}"
        );
        assert!(related.iter().all(|r| r.phone.is_some()));
    }
    let caregiver = place
        .region
        .fhir()
        .related_to(&named(&agenda, "Marottoli").patient_id)
        .await
        .unwrap();
    assert!(
        caregiver.iter().any(|r| r.title.is_none()),
        "a caregiver speaks for nobody"
    );
}

#[tokio::test]
async fn earlier_reports_are_read_and_their_bytes_checked() {
    let place = Place::open_as("valmori-irene").await;
    let agenda = agenda(&place).await;
    let fhir = place.region.fhir();
    let documents = fhir
        .documents_of(&named(&agenda, "Marottoli").patient_id)
        .await
        .unwrap();
    assert!(documents.len() >= 3, "{}", documents.len());
    assert!(documents.windows(2).all(|w| w[0].at >= w[1].at), "newest first");
    assert!(
        documents.iter().any(|d| !d.therapy.is_empty()),
        "no report left a therapy"
    );
    let bytes = fhir.document_bytes(&documents[0]).await.unwrap();
    assert!(bytes.bytes.starts_with(b"%PDF-"));
    let mut forged = documents[0].clone();
    forged.sha256 = Some("00".repeat(32));
    assert_eq!(
        fhir.document_bytes(&forged).await,
        Err(RegionError::Garbled),
        "other bytes passed for the document"
    );
}

#[tokio::test]
async fn a_family_doctor_finds_the_own_patients_and_no_other_s() {
    let place = Place::open_as("ferrantino-guido").await;
    let fhir = place.region.fhir();
    let list = fhir
        .patients_of("ferrantino-guido-general-practitioner")
        .await
        .unwrap();
    assert!(list.len() >= 20);
    let first = fhir.patient_with(&list[0].fiscal_code).await.unwrap();
    assert_eq!(first.as_ref(), Some(&list[0]));
    assert!(
        fhir.patients_named("Marot")
            .await
            .unwrap()
            .iter()
            .any(|p| p.name.family.expose() == "Marottoli")
    );
    let unknown = FiscalCode::parse("DLVRFO57L04X000A").unwrap();
    assert!(
        fhir.patient_with(&unknown)
            .await
            .unwrap()
            .is_none_or(|p| p.fiscal_code == unknown)
    );
    let refused = fhir.read(ResourceType::Patient, "cellentani-nina").await;
    assert!(matches!(refused, Err(RegionError::Forbidden(_))), "{refused:?}");
}

fn note(uuid: &str) -> Value {
    json!({"resourceType": "Communication", "status": "completed",
        "identifier": [{"system": OWN_IDENTIFIER, "value": format!("urn:uuid:{uuid}")}],
        "subject": {"reference": "Patient/marottoli-assunta"}, "payload": [{"contentString": "nota"}]})
}

#[tokio::test]
async fn create_is_done_once_and_an_update_needs_the_version_that_was_read() {
    let place = Place::open_as("valmori-irene").await;
    let fhir = place.region.fhir();
    let uuid = uuid::Uuid::now_v7().to_string();
    let first = fhir.create(&note(&uuid)).await.unwrap();
    let second = fhir.create(&note(&uuid)).await.unwrap();
    assert_eq!(
        first.resource["id"], second.resource["id"],
        "a repeat made a second resource"
    );
    let mut changed = first.resource.clone();
    changed["payload"] = json!([{"contentString": "nota corretta"}]);
    let version = first.version.unwrap();
    let updated = fhir.update(&changed, &version).await.unwrap();
    assert_ne!(updated.version.as_deref(), Some(version.as_str()));
    assert_eq!(
        fhir.update(&changed, &version).await.unwrap_err(),
        RegionError::Conflict
    );
    let id = first.resource["id"].as_str().unwrap();
    assert_eq!(
        fhir.history(ResourceType::Communication, id).await.unwrap().len(),
        2
    );
    assert_eq!(
        fhir.read(ResourceType::Communication, "absent")
            .await
            .unwrap_err(),
        RegionError::NotFound
    );
    assert_eq!(
        fhir.read(ResourceType::Communication, "../Patient")
            .await
            .unwrap_err(),
        RegionError::NotFound
    );
}

#[tokio::test]
async fn the_change_feed_brings_every_change_once() {
    let place = Place::open_as("valmori-irene").await;
    let fhir = place.region.fhir();
    let mut cursor = Cursor::default();
    let mut seen = std::collections::HashSet::new();
    loop {
        let changes = fhir.changes(ResourceType::Communication, &cursor).await.unwrap();
        for change in &changes.changes {
            assert!(
                seen.insert((change.id.clone(), change.version.clone())),
                "a change came twice"
            );
        }
        cursor = changes.cursor;
        if !changes.more {
            break;
        }
    }
    let written = fhir
        .create(&note(&uuid::Uuid::now_v7().to_string()))
        .await
        .unwrap();
    let changes = fhir.changes(ResourceType::Communication, &cursor).await.unwrap();
    let new: Vec<&str> = changes.changes.iter().map(|c| c.id.as_str()).collect();
    assert_eq!(new, [written.resource["id"].as_str().unwrap()]);
    let again = fhir
        .changes(ResourceType::Communication, &changes.cursor)
        .await
        .unwrap();
    assert!(again.changes.is_empty());
}

#[tokio::test]
async fn a_hint_comes_when_something_changes() {
    let place = Place::open_as("valmori-irene").await;
    let mut feed = place.region.events();
    assert_eq!(feed.next().await, Some(region::feed::Hint::Open));
    place
        .region
        .fhir()
        .create(&note(&uuid::Uuid::now_v7().to_string()))
        .await
        .unwrap();
    assert_eq!(
        feed.next().await,
        Some(region::feed::Hint::Changed(vec![ResourceType::Communication]))
    );
}
