//! Consent and who gave it, as a FHIR Consent with the representative contained in it.
//!
//! The representative is recorded as seen at the time, with document and title, so it is contained and not a
//! reference to a record that may change. Serves televisit and teleconsult alike: the code says which.

use clinical::{Consent, ConsentGiver, PersonName, Representation, Title};
use serde_json::{Value, json};

use super::read::{coding, extension, instant, items, sensitive, text};
use super::{CONSENT, EXTENSION, OWN_IDENTIFIER, Unmapped, urn};

const ROLE_CODE: &str = "http://terminology.hl7.org/CodeSystem/v3-RoleCode";

/// To what the consent is given, beside a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConsentCode {
    /// `televisit`.
    Televisit,
    /// `teleconsult`.
    Teleconsult,
}

impl ConsentCode {
    fn as_str(self) -> &'static str {
        match self {
            Self::Televisit => "televisit",
            Self::Teleconsult => "teleconsult",
        }
    }
}

/// The Consent resource. `source` is `Appointment/…`, `ServiceRequest/…` or a `urn:uuid:…` of the same transaction.
pub fn consent_resource(
    uuid: &str,
    code: ConsentCode,
    patient: &str,
    source: &str,
    consent: &Consent,
) -> Value {
    let mut codes = Vec::new();
    let mut add = |given: bool, code: &str| {
        if given {
            codes.push(json!({"coding": [{"system": CONSENT, "code": code}]}));
        }
    };
    add(consent.to_service, code.as_str());
    add(consent.to_image, "image");
    let mut resource = json!({
        "resourceType": "Consent",
        "identifier": [{"system": OWN_IDENTIFIER, "value": urn(uuid)}],
        "status": if consent.to_service { "active" } else { "rejected" },
        "scope": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "treatment"}]},
        "category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0", "display": "Consent Document"}]}],
        "patient": {"reference": format!("Patient/{patient}")},
        "dateTime": consent.at.to_string(),
        "performer": [{"reference": format!("Patient/{patient}")}],
        "policyRule": {"text": "Legge 22 dicembre 2017, n. 219"},
        "sourceReference": {"reference": source},
        "provision": {"type": "permit", "code": codes}
    });
    if let ConsentGiver::Representative { representation: r } = &consent.given_by {
        let (role, display) = match r.title {
            Title::Parent => ("PRN", "genitore"),
            Title::Guardian => ("GUARD", "tutore"),
            Title::SupportAdministrator => ("RESPRSN", "amministratore di sostegno"),
        };
        let mut extensions = vec![
            json!({"url": format!("{EXTENSION}identity-document"), "valueString": r.document.expose()}),
            json!({"url": format!("{EXTENSION}both-parents"), "valueBoolean": r.both_parents}),
        ];
        if let Some(opinion) = &r.minor_opinion {
            extensions
                .push(json!({"url": format!("{EXTENSION}minor-opinion"), "valueString": opinion.expose()}));
        }
        resource["contained"] = json!([{
            "resourceType": "RelatedPerson",
            "id": "representative",
            "extension": extensions,
            "patient": {"reference": format!("Patient/{patient}")},
            "relationship": [{"coding": [{"system": ROLE_CODE, "code": role}], "text": display}],
            "name": [{"family": r.name.family.expose(), "given": [r.name.given.expose()]}],
            "telecom": [{"system": "phone", "value": r.phone.expose()}]
        }]);
        resource["performer"] = json!([{"reference": "#representative"}]);
    }
    resource
}

/// Reads a Consent that [`consent_resource`] or another workstation wrote.
pub fn consent(resource: &Value) -> Result<Consent, Unmapped> {
    if text(resource, "/resourceType") != Some("Consent") {
        return Err(Unmapped::NotThis);
    }
    let codes: Vec<&str> = items(resource, "/provision/code")
        .filter_map(|c| coding(c, CONSENT))
        .filter_map(|c| text(c, "/code"))
        .collect();
    let in_force = text(resource, "/status") == Some("active");
    let given_by = match text(resource, "/performer/0/reference") {
        Some("#representative") => {
            let person = items(resource, "/contained")
                .find(|c| text(c, "/id") == Some("representative"))
                .ok_or(Unmapped::Element("contained"))?;
            ConsentGiver::Representative {
                representation: representation(person)?,
            }
        }
        Some(reference) if reference.contains("Patient/") => ConsentGiver::Patient,
        _ => return Err(Unmapped::Element("performer")),
    };
    Ok(Consent {
        to_service: in_force && codes.iter().any(|c| matches!(*c, "televisit" | "teleconsult")),
        to_image: in_force && codes.contains(&"image"),
        given_by,
        at: instant(resource, "/dateTime").ok_or(Unmapped::Element("dateTime"))?,
    })
}

fn representation(person: &Value) -> Result<Representation, Unmapped> {
    let title = match items(person, "/relationship")
        .find_map(|r| coding(r, ROLE_CODE))
        .and_then(|c| text(c, "/code"))
    {
        Some("PRN") => Title::Parent,
        Some("GUARD") => Title::Guardian,
        Some("RESPRSN") => Title::SupportAdministrator,
        _ => return Err(Unmapped::Element("relationship")),
    };
    let extension = |name: &str| extension(person, &format!("{EXTENSION}{name}"));
    Ok(Representation {
        name: PersonName::new(
            text(person, "/name/0/family").ok_or(Unmapped::Element("name"))?,
            text(person, "/name/0/given/0").unwrap_or_default(),
        ),
        title,
        document: extension("identity-document")
            .and_then(|e| sensitive(e, "/valueString"))
            .unwrap_or_default(),
        phone: sensitive(person, "/telecom/0/value").unwrap_or_default(),
        both_parents: extension("both-parents")
            .and_then(|e| e.get("valueBoolean"))
            .and_then(Value::as_bool)
            .unwrap_or(false),
        minor_opinion: extension("minor-opinion").and_then(|e| sensitive(e, "/valueString")),
    })
}
