//! Who calls, as the middleware would write it in the FSE tokens: the operator, the patient named in `X-Subject`.

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;

use super::problem::{Fault, Problem};
use crate::Shared;
use crate::auth::Caller;
use crate::fhir::access::Access;

/// The caller of the gateway.
#[derive(Debug)]
pub(crate) struct Operator {
    pub(crate) caller: Caller,
    /// `X-Subject`: the codice fiscale of the patient of the request.
    subject: Option<String>,
}

impl FromRequestParts<Shared> for Operator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, region: &Shared) -> Result<Self, Self::Rejection> {
        let text = |name| {
            parts
                .headers
                .get(name)
                .and_then(|v| v.to_str().ok())
                .map(str::trim)
        };
        let token = text(AUTHORIZATION.as_str())
            .and_then(|v| v.strip_prefix("Bearer "))
            .filter(|t| !t.is_empty())
            .ok_or_else(|| {
                Problem::new(
                    Fault::MissingToken,
                    "Attenzione il jwt fornito risulta essere vuoto",
                )
            })?;
        let caller = region
            .caller(token)
            .map_err(|_| Problem::new(Fault::ExpiredToken, "Il token è scaduto o non è della Regione"))?;
        Ok(Self {
            caller,
            subject: text("x-subject").map(str::to_ascii_uppercase),
        })
    }
}

impl Operator {
    /// The FHIR id of the patient of a document, when it is the patient of the request and one whom the operator treats.
    pub(crate) fn patient(&self, region: &Shared, fiscal_code: &str) -> Result<String, Problem> {
        let wrong = |detail: &str| Problem::new(Fault::WrongPatient, detail);
        if self
            .subject
            .as_deref()
            .is_some_and(|subject| subject != fiscal_code)
        {
            return Err(wrong(
                "Il person_id del token non corrisponde all'assistito del CDA",
            ));
        }
        let identifier = format!("http://hl7.it/sid/codiceFiscale|{fiscal_code}");
        let found = region.store.find("Patient", &[("identifier", &identifier)])?;
        let access = Access::of(&self.caller, &region.store);
        match found.first() {
            Some(patient) if access.may_read(patient) => {
                Ok(patient.resource["id"].as_str().unwrap_or_default().to_owned())
            }
            Some(_) => Err(wrong("L'operatore non ha in cura l'assistito del CDA")),
            None => Err(wrong("L'assistito del CDA non è nell'anagrafe")),
        }
    }
}
