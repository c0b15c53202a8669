//! The request as ServiceRequest (profile ServiceRequestRichiestaTeleconsulto) and as one transaction.

use serde_json::{Value, json};

use super::read::{coding, extension, instant, items, own_uuid, reference, sensitive, text};
use super::{
    ConsentCode, EXTENSION, GUIDE, OWN_IDENTIFIER, TASK, Unmapped, consent_resource, document_reference, urn,
};
use crate::{Access, Addressee, Branch, Diagnosis, Mode, Particular, Priority, Range, Request, Timing};

const ICD_9_CM: &str = "http://hl7.org/fhir/sid/icd-9-cm";

fn system(name: &str) -> String {
    format!("{GUIDE}CodeSystem/{name}")
}

fn definition(name: &str) -> String {
    format!("{GUIDE}StructureDefinition/{name}")
}

fn mode_code(mode: Mode) -> (&'static str, &'static str) {
    match (mode.timing, mode.with_patient) {
        (Timing::Synchronous, None) => ("SINC", "Sincrona"),
        (Timing::Synchronous, Some(true)) => ("SINC_PRES", "Sincrona, in presenza dell'assistito"),
        (Timing::Synchronous, Some(false)) => ("SINC_ABS", "Sincrona, in assenza dell'assistito"),
        (Timing::Asynchronous, None) => ("ASINC", "Asincrona"),
        (Timing::Asynchronous, Some(true)) => ("ASINC_PRES", "Asincrona, in presenza dell'assistito"),
        (Timing::Asynchronous, Some(false)) => ("ASINC_ABS", "Asincrona, in assenza dell'assistito"),
    }
}

fn mode(code: &str) -> Option<Mode> {
    let (timing, rest) = match code {
        c if c.starts_with("ASINC") => (Timing::Asynchronous, c.strip_prefix("ASINC")),
        c if c.starts_with("SINC") => (Timing::Synchronous, c.strip_prefix("SINC")),
        _ => return None,
    };
    let with_patient = match rest? {
        "" => None,
        "_PRES" => Some(true),
        "_ABS" => Some(false),
        _ => return None,
    };
    Some(Mode { timing, with_patient })
}

/// The ServiceRequest.
pub fn service_request(request: &Request) -> Value {
    let (mode_code, mode_display) = mode_code(request.mode);
    let priority = match request.priority {
        Priority::U => "U",
        Priority::B => "B",
        Priority::D => "D",
        Priority::P => "P",
    };
    let (range, range_display) = match request.range {
        Range::Trust => ("AZI", "Aziendale"),
        Range::Region => ("REG", "Regionale"),
        Range::Nation => ("NAZ", "Nazionale"),
    };
    let (access, access_display) = match request.access {
        Access::Scheduled { .. } => ("PROG", "Programmata"),
        Access::Impromptu => ("DIR", "Estemporanea"),
    };
    let branch = request.addressee.branch();
    let identifier = json!({"system": OWN_IDENTIFIER, "value": urn(request.id.as_str())});
    let mut resource = json!({
        "resourceType": "ServiceRequest",
        "meta": {"profile": [definition("ServiceRequestRichiestaTeleconsulto")]},
        "extension": [
            {"url": definition("modalitaEsecPrestazione"), "valueCodeableConcept":
                {"coding": [{"system": system("csModalitaTC"), "code": mode_code, "display": mode_display}]}},
            {"url": definition("oscuramentodati"), "valueBoolean": request.obscured},
            {"url": format!("{EXTENSION}priority-class"), "valueCode": priority}
        ],
        "identifier": [identifier.clone()],
        "requisition": identifier,
        "status": "active",
        "intent": "order",
        "category": [{"coding": [{"system": system("branca-prestazione"), "code": branch.code, "display": branch.name}]}],
        "priority": if request.priority == Priority::U { "urgent" } else { "routine" },
        "code": {"text": "Teleconsulto"},
        "orderDetail": [
            {"coding": [{"system": system("csRaggioErogazione"), "code": range, "display": range_display}]},
            {"coding": [{"system": system("csTipologiaAccessoTC"), "code": access, "display": access_display}]}
        ],
        "subject": {"reference": format!("Patient/{}", request.patient)},
        "authoredOn": request.authored_on.to_string(),
        "requester": {"reference": format!("PractitionerRole/{}", request.requester)},
        "note": notes(request)
    });
    if let Access::Scheduled { at: Some(at) } = request.access {
        resource["occurrenceDateTime"] = json!(at.to_string());
    }
    if let Addressee::Named { role, name, .. } = &request.addressee {
        resource["performer"] =
            json!([{"reference": format!("PractitionerRole/{role}"), "display": name.expose()}]);
    }
    if let Some(diagnosis) = &request.diagnosis {
        let mut reason = json!({"text": diagnosis.text.expose()});
        if let Some(code) = &diagnosis.code {
            reason["coding"] = json!([{"system": ICD_9_CM, "code": code}]);
        }
        resource["reasonCode"] = json!([reason]);
    }
    resource
}

/// The question, then one note for each particular (*Terapia in atto: ...*): who reads them in order reads the whole.
fn notes(request: &Request) -> Value {
    let mut notes = vec![json!({"text": request.question.expose()})];
    notes.extend(request.particulars.iter().map(
        |particular| json!({"text": format!("{}: {}", particular.ask, particular.words.expose().trim())}),
    ));
    Value::Array(notes)
}

fn particular(note: &Value) -> Option<Particular> {
    let (ask, words) = text(note, "/text")?.split_once(": ")?;
    Some(Particular {
        ask: ask.to_owned(),
        words: words.into(),
    })
}

/// Reads a request. Consent and attachments live in resources of their own and come back empty.
pub fn request(resource: &Value) -> Result<Request, Unmapped> {
    if text(resource, "/resourceType") != Some("ServiceRequest") {
        return Err(Unmapped::NotThis);
    }
    let mode = extension(resource, &definition("modalitaEsecPrestazione"))
        .and_then(|e| coding(e.get("valueCodeableConcept")?, &system("csModalitaTC")))
        .and_then(|c| text(c, "/code"))
        .ok_or(Unmapped::NotThis)
        .and_then(|c| mode(c).ok_or(Unmapped::Element("modalitaEsecPrestazione")))?;
    let detail = |name: &str| {
        items(resource, "/orderDetail")
            .find_map(|d| coding(d, &system(name)))
            .and_then(|c| text(c, "/code"))
    };
    let branch = items(resource, "/category")
        .find_map(|c| coding(c, &system("branca-prestazione")).or_else(|| items(c, "/coding").next()))
        .ok_or(Unmapped::Element("category"))?;
    let branch = Branch {
        code: text(branch, "/code")
            .ok_or(Unmapped::Element("category"))?
            .to_owned(),
        name: text(branch, "/display").unwrap_or_default().to_owned(),
    };
    let addressee = match reference(resource, "/performer/0/reference", "PractitionerRole") {
        Some(role) => Addressee::Named {
            branch,
            role: role.to_owned(),
            name: sensitive(resource, "/performer/0/display").unwrap_or_default(),
        },
        None => Addressee::Speciality { branch },
    };
    let class = extension(resource, &format!("{EXTENSION}priority-class"))
        .and_then(|e| text(e, "/valueCode").or_else(|| text(e, "/valueString")));
    let priority = match (class, text(resource, "/priority")) {
        (Some("U"), _) => Priority::U,
        (Some("B"), _) => Priority::B,
        (Some("D"), _) => Priority::D,
        (Some("P"), _) => Priority::P,
        // Another workstation may write FHIR's own priority only.
        (_, Some("urgent" | "asap" | "stat")) => Priority::U,
        (_, Some("routine")) => Priority::D,
        _ => return Err(Unmapped::Element("priority")),
    };
    let diagnosis = resource.pointer("/reasonCode/0").map(|reason| Diagnosis {
        code: coding(reason, ICD_9_CM)
            .and_then(|c| text(c, "/code"))
            .map(str::to_owned),
        text: sensitive(reason, "/text").unwrap_or_default(),
    });
    Ok(Request {
        id: own_uuid(resource)
            .or_else(|| text(resource, "/id"))
            .ok_or(Unmapped::Element("identifier"))?
            .into(),
        patient: reference(resource, "/subject/reference", "Patient")
            .ok_or(Unmapped::Element("subject"))?
            .into(),
        question: sensitive(resource, "/note/0/text").ok_or(Unmapped::Element("note"))?,
        particulars: items(resource, "/note").skip(1).filter_map(particular).collect(),
        diagnosis,
        addressee,
        priority,
        mode,
        access: match detail("csTipologiaAccessoTC") {
            Some("PROG") => Access::Scheduled {
                at: instant(resource, "/occurrenceDateTime"),
            },
            _ => Access::Impromptu,
        },
        range: match detail("csRaggioErogazione") {
            Some("AZI") => Range::Trust,
            Some("NAZ") => Range::Nation,
            _ => Range::Region,
        },
        consent: None,
        obscured: extension(resource, &definition("oscuramentodati"))
            .and_then(|e| e.get("valueBoolean"))
            .and_then(Value::as_bool)
            .unwrap_or(false),
        attachments: Vec::new(),
        requester: reference(resource, "/requester/reference", "PractitionerRole")
            .ok_or(Unmapped::Element("requester"))?
            .to_owned(),
        authored_on: instant(resource, "/authoredOn").ok_or(Unmapped::Element("authoredOn"))?,
    })
}

/// Everything that a new request brings to the region, in one transaction: ServiceRequest, Task, Consent and the
/// DocumentReferences. The Binaries go before it, one `PUT Binary/<attachment id>` each. Every entry is a conditional
/// create; the search for the ServiceRequest's identifier tells whether an earlier attempt was carried out.
pub fn request_bundle(request: &Request) -> Value {
    let id = request.id.as_str();
    let here = urn(id);
    let at = request.authored_on.to_string();
    let mut service = service_request(request);
    let mut supporting = Vec::new();
    let mut entries = Vec::new();
    if let Some(consent) = &request.consent {
        let resource = consent_resource(
            id,
            ConsentCode::Teleconsult,
            request.patient.as_str(),
            &here,
            consent,
        );
        let url = derived(id, 1);
        supporting.push(json!({"reference": url.clone()}));
        entries.push(entry(&url, resource));
    }
    for attachment in &request.attachments {
        let url = urn(attachment.id.as_str());
        supporting.push(json!({"reference": url.clone()}));
        let resource = document_reference(
            attachment,
            request.patient.as_str(),
            &request.requester,
            &here,
            &at,
        );
        entries.push(entry(&url, resource));
    }
    if !supporting.is_empty() {
        service["supportingInfo"] = json!(supporting);
    }
    let task = json!({
        "resourceType": "Task",
        "identifier": [{"system": OWN_IDENTIFIER, "value": here.clone()}],
        "status": "requested",
        "businessStatus": {"text": "richiesto"},
        "intent": "order",
        "priority": service["priority"].clone(),
        "code": {"coding": [{"system": TASK, "code": "teleconsult"}]},
        "focus": {"reference": here.clone()},
        "for": {"reference": format!("Patient/{}", request.patient)},
        "authoredOn": at,
        "requester": {"reference": format!("PractitionerRole/{}", request.requester)}
    });
    entries.insert(0, entry(&here, service));
    entries.push(entry(&derived(id, 2), task));
    json!({"resourceType": "Bundle", "type": "transaction", "entry": entries})
}

/// A further UUID for an entry of the same transaction, always the same for the same request: a frozen body and
/// its repeat must not differ.
fn derived(id: &str, nth: u8) -> String {
    let mut bytes = uuid::Uuid::parse_str(id).unwrap_or_default().into_bytes();
    bytes[15] ^= nth;
    urn(&uuid::Uuid::from_bytes(bytes).to_string())
}

fn entry(full_url: &str, resource: Value) -> Value {
    let kind = text(&resource, "/resourceType").unwrap_or_default().to_owned();
    let condition =
        text(&resource, "/identifier/0/value").map(|value| format!("identifier={OWN_IDENTIFIER}|{value}"));
    let mut request = json!({"method": "POST", "url": kind});
    if let Some(condition) = condition {
        request["ifNoneExist"] = json!(condition);
    }
    json!({"fullUrl": full_url, "resource": resource, "request": request})
}
