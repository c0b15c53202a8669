//! What the gateway is told of a report: facts of the visit and of the structure, in its own codes.
//!
//! Value sets: `tipologiaStruttura`, `assettoOrganizzativo`, `tipoAttivitaClinica`, `tipoDocumentoLivAlto` of the FSE 2.0 gateway.

use clinical::ReportId;
use contract::{ErrorCode, Failure};
use jiff::Timestamp;
use region::gateway::{Gateway, Publication};

use super::freeze::{Frozen, frozen};
use crate::delivery::to_outbox;
use crate::desk::Desk;
use crate::failure::OrFail;
use crate::views;

/// Roots of Regione Campania's repository and submission sets.
const REPOSITORY: &str = "2.16.840.1.113883.2.9.2.150.4.5.1";
const SUBMISSIONS: &str = "2.16.840.1.113883.2.9.2.150.4.3";

/// The publication of a report that was validated.
pub(super) fn publish(
    desk: &Desk,
    report: &Frozen,
    workflow: &str,
    signed: &[u8],
) -> Result<cache::FrozenRequest, Failure> {
    let publication = publication(desk, report, Some(workflow.to_owned()));
    to_outbox(
        Gateway::publish(signed, &publication)
            .or_fail()?
            .for_subject(&report.patient),
    )
}

/// Validation and publication in one, for a report signed in an outage or published too late: the signature is the same.
pub(crate) fn validate_and_create(
    desk: &Desk,
    report: &ReportId,
    signed: &[u8],
) -> Result<cache::FrozenRequest, Failure> {
    let frozen = frozen(desk, report)?.ok_or_else(|| Failure::new(ErrorCode::NotFound, "report/frozen"))?;
    let publication = publication(desk, &frozen, None);
    to_outbox(
        Gateway::validate_and_create(signed, &publication)
            .or_fail()?
            .for_subject(&frozen.patient),
    )
}

fn publication(desk: &Desk, report: &Frozen, workflow: Option<String>) -> Publication {
    let (begin, end) = report.service;
    Publication {
        workflow_instance_id: workflow,
        tipologia_struttura: "Territorio".to_owned(),
        atti_clinici_regole_accesso: report.access_rules.clone(),
        identificativo_doc: report.document(),
        identificativo_rep: REPOSITORY.to_owned(),
        tipo_documento_liv_alto: "REF".to_owned(),
        assetto_organizzativo: setting(desk).to_owned(),
        data_inizio_prestazione: Some(compact(begin)),
        data_fine_prestazione: Some(compact(end)),
        tipo_attivita_clinica: "ERP".to_owned(),
        identificativo_sottomissione: format!("{SUBMISSIONS}.{}", compact(report.at)),
        administrative_request: vec!["SSN".to_owned()],
    }
}

/// `assettoOrganizzativo` by speciality; general medicine where none fits.
fn setting(desk: &Desk) -> &'static str {
    let speciality = desk.assignment().speciality.unwrap_or_default().to_lowercase();
    let known = [
        ("cardiolog", "AD_PSC008"),
        ("pneumolog", "AD_PSC068"),
        ("pediatr", "AD_PSC039"),
        ("neurolog", "AD_PSC032"),
        ("geriatr", "AD_PSC021"),
    ];
    known
        .iter()
        .find(|(word, _)| speciality.contains(word))
        .map_or("AD_PSC026", |(_, code)| code)
}

fn compact(at: Timestamp) -> String {
    views::local(at).strftime("%Y%m%d%H%M%S").to_string()
}
