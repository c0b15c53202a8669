use region::gateway::{Gateway, Publication};
use region::{Confirm, RegionError, Reply};

use crate::place::Place;

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
    let RegionError::Refused(problem) = refused else { panic!("{refused:?}") };
    assert_eq!(problem.kind, "/msg/document-type", "the multipart was not read as the gateway reads it");
    let code = clinical::FiscalCode::parse("MRTSNT55C52X000I").unwrap();
    let refused = place.region.gateway().of(&code).validate(b"").await.unwrap_err();
    let RegionError::Refused(problem) = refused else { panic!("{refused:?}") };
    assert_eq!(problem.kind, "/msg/empty-file");
}

#[tokio::test]
async fn a_document_that_was_never_published_is_not_found() {
    let place = Place::open_as("valmori-irene").await;
    let identifier = "2.16.840.1.113883.2.9.2.150.4.4^150.TV.20261120093500.0001";
    assert_eq!(place.region.gateway().status_of_document(identifier).await, Ok(vec![]));
    assert_eq!(place.region.gateway().status("no-such-workflow").await, Err(RegionError::NotFound));
    let frozen = Gateway::validate_and_create(b"not a pdf", &publication(identifier)).unwrap();
    assert_eq!(frozen.confirm, Some(Confirm::Document { identifier: identifier.into() }));
    let reply = place.region.send(&frozen, true).await;
    assert!(matches!(&reply, Reply::Refused(p) if p.kind == "/msg/document-type"), "{reply:?}");
}
