use clinical::FiscalCode;
use region::gateway::{EventKind, EventOutcome, Gateway, Publication};
use region::{Confirm, RegionError, Reply};
use region_sandbox::faults::{Effect, Rule};

use crate::place::Place;
use crate::sheet::Sheet;

const PATIENT: &str = "MRTSNT55C52X000I";

fn identifier(number: u32) -> String {
    format!("2.16.840.1.113883.2.9.2.150.4.4^150.TV.{number}")
}

/// The least CDA that the gateway takes.
fn cda(number: u32) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<ClinicalDocument xmlns="urn:hl7-org:v3">
<typeId root="2.16.840.1.113883.1.3" extension="POCD_MT000040UV02"/>
<templateId root="2.16.840.1.113883.2.9.10.1.16.1.1" extension="1.0"/>
<id root="2.16.840.1.113883.2.9.2.150.4.4" extension="150.TV.{number}"/>
<code code="75496-0" codeSystem="2.16.840.1.113883.6.1"/>
<effectiveTime value="20261121093500+0100"/><confidentialityCode code="N"/><languageCode code="it-IT"/>
<setId root="2.16.840.1.113883.2.9.2.150.4.4" extension="150.TV.{number}"/><versionNumber value="1"/>
<recordTarget><patientRole><id root="2.16.840.1.113883.2.9.4.3.2" extension="{PATIENT}"/></patientRole></recordTarget>
<author><time value="20261121093500+0100"/><assignedAuthor><id root="2.16.840.1.113883.2.9.4.3.2" extension="VLMRNI74E48X000A"/></assignedAuthor></author>
<custodian><assignedCustodian><representedCustodianOrganization><id root="2.16.840.1.113883.2.9.4.1.1" extension="150999"/></representedCustodianOrganization></assignedCustodian></custodian>
<legalAuthenticator></legalAuthenticator>
<component><structuredBody/></component>
</ClinicalDocument>"#
    )
}

#[tokio::test]
async fn a_report_is_validated_and_published_once_although_the_reply_was_lost() {
    let place = Place::open_as("valmori-irene").await;
    let patient = FiscalCode::parse(PATIENT).unwrap();
    let gateway = place.region.gateway();
    let receipt = gateway
        .clone()
        .of(&patient)
        .validate(&Sheet::of(&cda(1)).build())
        .await
        .unwrap();
    let published = Publication {
        workflow_instance_id: Some(receipt.workflow.clone()),
        ..publication(&identifier(1))
    };
    let frozen = Gateway::publish(&Sheet::of(&cda(1)).signed().build(), &published)
        .unwrap()
        .for_subject(&patient);
    place.effect("/gateway/v1/documents", "POST", Effect::LoseReply);
    let reply = place.region.send(&frozen, false).await;
    assert!(matches!(reply, Reply::Again { ambiguous: true, .. }), "{reply:?}");
    match place.region.send(&frozen, true).await {
        Reply::Done(sent) => {
            assert!(sent.found, "the report was published a second time");
            assert_eq!(sent.workflow, Some(receipt.workflow.clone()));
        }
        other => panic!("{other:?}"),
    }
    // Also without the search: the repeat is refused as a duplicate, found to be ours, and counts as done.
    assert!(matches!(place.region.send(&frozen, false).await, Reply::Done(sent) if sent.found));
    let events = gateway.status(&receipt.workflow).await.unwrap();
    let publications = events
        .iter()
        .filter(|e| e.kind == EventKind::Publication && e.outcome == EventOutcome::Success);
    assert_eq!(publications.count(), 1);
    assert_eq!(gateway.status_of_document(&identifier(1)).await.unwrap(), events);
}

#[tokio::test]
async fn a_report_signed_in_an_outage_goes_out_in_one_call() {
    let place = Place::open_as("valmori-irene").await;
    let pdf = Sheet::of(&cda(2)).signed().build();
    let frozen = Gateway::validate_and_create(&pdf, &publication(&identifier(2))).unwrap();
    place.fault(Rule {
        path: "/gateway".into(),
        status: Some(503),
        times: Some(1),
        ..Rule::default()
    });
    assert!(matches!(
        place.region.send(&frozen, false).await,
        Reply::Again {
            status: Some(503),
            ..
        }
    ));
    match place.region.send(&frozen, true).await {
        Reply::Done(sent) => assert!(!sent.found && sent.status == 202 && sent.workflow.is_some()),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_report_of_somebody_else_is_refused() {
    let place = Place::open_as("valmori-irene").await;
    let other = FiscalCode::parse("DLVRFO57L04X000A").unwrap();
    let refused = place
        .region
        .gateway()
        .of(&other)
        .validate(&Sheet::of(&cda(3)).build())
        .await
        .unwrap_err();
    let RegionError::Forbidden(Some(problem)) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(problem.instance.as_deref(), Some("/jwt-person-id"));
}

fn publication(identifier: &str) -> Publication {
    Publication {
        workflow_instance_id: None,
        tipologia_struttura: "Ospedale".into(),
        atti_clinici_regole_accesso: vec![],
        identificativo_doc: identifier.into(),
        identificativo_rep: "2.16.840.1.113883.2.9.2.150.4.5.1".into(),
        tipo_documento_liv_alto: "REF".into(),
        assetto_organizzativo: "AD_PSC008".into(),
        data_inizio_prestazione: Some("20261120090000".into()),
        data_fine_prestazione: Some("20261120092500".into()),
        tipo_attivita_clinica: "ERP".into(),
        identificativo_sottomissione: "2.16.840.1.113883.2.9.2.150.4.3.1".into(),
        administrative_request: vec!["SSN".into()],
    }
}

#[tokio::test]
async fn a_refusal_comes_with_the_gateway_s_own_type() {
    let place = Place::open_as("valmori-irene").await;
    let refused = place.region.gateway().validate(b"not a pdf").await.unwrap_err();
    let RegionError::Refused(problem) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(
        problem.kind, "/msg/document-type",
        "the multipart was not read as the gateway reads it"
    );
    let code = clinical::FiscalCode::parse("MRTSNT55C52X000I").unwrap();
    let refused = place.region.gateway().of(&code).validate(b"").await.unwrap_err();
    let RegionError::Refused(problem) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(problem.kind, "/msg/empty-file");
}

#[tokio::test]
async fn a_document_that_was_never_published_is_not_found() {
    let place = Place::open_as("valmori-irene").await;
    let identifier = "2.16.840.1.113883.2.9.2.150.4.4^150.TV.20261120093500.0001";
    assert_eq!(
        place.region.gateway().status_of_document(identifier).await,
        Ok(vec![])
    );
    assert_eq!(
        place.region.gateway().status("no-such-workflow").await,
        Err(RegionError::NotFound)
    );
    let frozen = Gateway::validate_and_create(b"not a pdf", &publication(identifier)).unwrap();
    assert_eq!(
        frozen.confirm,
        Some(Confirm::Document {
            identifier: identifier.into()
        })
    );
    let reply = place.region.send(&frozen, true).await;
    assert!(
        matches!(&reply, Reply::Refused(p) if p.kind == "/msg/document-type"),
        "{reply:?}"
    );
}
