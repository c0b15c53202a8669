//! Patients and those who speak for them or help them.
//!
//! Sources: FHIR R4 Patient and RelatedPerson, HL7 Italia profile of the patient, v3-RoleCode. Not in it: who may
//! consent (`televisit::consent`).

use clinical::{FiscalCode, Patient, PatientId, PersonName, Sensitive, Sex, Title};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::value::{identifier, items, reference_id, text, words};
use super::{FISCAL_CODE, Fhir, ResourceType};
use crate::RegionError;

/// A person related to a patient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelatedPerson {
    /// FHIR id.
    pub id: String,
    /// Of whom.
    pub patient: PatientId,
    /// Name.
    pub name: PersonName,
    /// The title to speak for the patient; `None` for a caregiver.
    pub title: Option<Title>,
    /// The relation in words, for example *madre*.
    pub relation: Option<String>,
    /// Telephone.
    pub phone: Option<Sensitive<String>>,
    /// Codice fiscale, where it is known.
    pub fiscal_code: Option<FiscalCode>,
}

/// The domain record of a FHIR patient; `None` when name, birth date or codice fiscale is missing.
pub fn patient(resource: &Value) -> Option<Patient> {
    let address = items(resource, "/address").next();
    let line = address.and_then(|a| {
        text(a, "/text").map(str::to_owned).or_else(|| {
            let lines: Vec<&str> = items(a, "/line").filter_map(Value::as_str).collect();
            (!lines.is_empty()).then(|| lines.join(", "))
        })
    });
    let birth_place = resource
        .pointer("/extension")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .find(|e| text(e, "/url").is_some_and(|u| u.ends_with("/patient-birthPlace")))
        .and_then(|e| text(e, "/valueAddress/city").or_else(|| text(e, "/valueAddress/text")));
    Some(Patient {
        id: text(resource, "/id")?.into(),
        name: name(resource)?,
        birth_date: Sensitive::new(text(resource, "/birthDate")?.parse().ok()?),
        sex: match text(resource, "/gender") {
            Some("female") => Sex::Female,
            Some("male") => Sex::Male,
            _ => Sex::Unknown,
        },
        fiscal_code: FiscalCode::parse(identifier(resource, FISCAL_CODE)?).ok()?,
        phone: phone(resource),
        birth_place: birth_place.map(Into::into),
        address: line.map(Sensitive::new),
        city: address.and_then(|a| text(a, "/city")).map(Into::into),
    })
}

/// The domain record of a FHIR related person.
pub fn related_person(resource: &Value) -> Option<RelatedPerson> {
    let mut title = None;
    let mut relation = None;
    for concept in items(resource, "/relationship") {
        for coding in items(concept, "/coding") {
            title = title.or(match text(coding, "/code") {
                Some("PRN" | "MTH" | "FTH") => Some(Title::Parent),
                Some("GUARD") => Some(Title::Guardian),
                Some("RESPRSN") => Some(Title::SupportAdministrator),
                _ => None,
            });
        }
        relation = relation.or_else(|| words(concept).map(str::to_owned));
    }
    Some(RelatedPerson {
        id: text(resource, "/id")?.to_owned(),
        patient: reference_id(resource.get("patient")?, "Patient")?.into(),
        name: name(resource)?,
        title,
        relation,
        phone: phone(resource),
        fiscal_code: identifier(resource, FISCAL_CODE).and_then(|c| FiscalCode::parse(c).ok()),
    })
}

/// The official or first name of a person resource.
pub(crate) fn name(resource: &Value) -> Option<PersonName> {
    let names: Vec<&Value> = items(resource, "/name").collect();
    let name = names
        .iter()
        .find(|n| text(n, "/use") == Some("official"))
        .or_else(|| names.first())?;
    let given: Vec<&str> = items(name, "/given").filter_map(Value::as_str).collect();
    match text(name, "/family") {
        Some(family) => Some(PersonName::new(family, given.join(" "))),
        None => Some(PersonName::new(text(name, "/text")?, "")),
    }
}

fn phone(resource: &Value) -> Option<Sensitive<String>> {
    items(resource, "/telecom")
        .find(|t| matches!(text(t, "/system"), Some("phone" | "sms")))
        .and_then(|t| text(t, "/value"))
        .map(Into::into)
}

impl Fhir {
    /// One patient.
    pub async fn patient(&self, id: &PatientId) -> Result<Patient, RegionError> {
        let read = self.read(ResourceType::Patient, id.as_str()).await?;
        patient(&read.resource).ok_or(RegionError::Garbled)
    }

    /// The patient with a codice fiscale.
    pub async fn patient_with(&self, code: &FiscalCode) -> Result<Option<Patient>, RegionError> {
        let query = format!("{FISCAL_CODE}|{}", code.as_str());
        let page = self
            .search(ResourceType::Patient, &[("identifier", &query)])
            .await?;
        Ok(page.matches.iter().find_map(patient))
    }

    /// The patients of an MMG or PLS, by its role.
    pub async fn patients_of(&self, role: &str) -> Result<Vec<Patient>, RegionError> {
        let role = format!("PractitionerRole/{role}");
        let query = [("general-practitioner", role.as_str()), ("_count", "200")];
        let page = self.search_all(ResourceType::Patient, &query).await?;
        Ok(page.matches.iter().filter_map(patient).collect())
    }

    /// Patients by the beginning of a name.
    pub async fn patients_named(&self, name: &str) -> Result<Vec<Patient>, RegionError> {
        let page = self
            .search(ResourceType::Patient, &[("name", name), ("_count", "50")])
            .await?;
        Ok(page.matches.iter().filter_map(patient).collect())
    }

    /// Who speaks for a patient or helps.
    pub async fn related_to(&self, patient: &PatientId) -> Result<Vec<RelatedPerson>, RegionError> {
        let reference = format!("Patient/{patient}");
        let page = self
            .search_all(ResourceType::RelatedPerson, &[("patient", &reference)])
            .await?;
        Ok(page.matches.iter().filter_map(related_person).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_patient_is_read_and_an_incomplete_one_left_out() {
        let full = json!({
            "resourceType": "Patient", "id": "p1",
            "identifier": [{"system": FISCAL_CODE, "value": "MRTSNT55C52X000I"}],
            "name": [{"use": "official", "family": "Marottoli", "given": ["Assunta"]}],
            "birthDate": "1955-03-12", "gender": "female",
            "telecom": [{"system": "email", "value": "a@example.it"}, {"system": "phone", "value": "000 000 0101"}],
            "address": [{"line": ["Via dei Tigli 4"], "city": "Portobello"}]
        });
        let p = patient(&full).unwrap();
        assert_eq!(p.name.display(), "MAROTTOLI Assunta");
        assert_eq!(
            p.phone.unwrap().expose(),
            "000 000 0101",
            "an e-mail address is not a telephone"
        );
        assert_eq!(p.address.unwrap().expose(), "Via dei Tigli 4");
        for missing in ["identifier", "name", "birthDate", "id"] {
            let mut partial = full.clone();
            partial.as_object_mut().unwrap().remove(missing);
            assert!(
                patient(&partial).is_none(),
                "a patient without {missing} was shown"
            );
        }
    }

    #[test]
    fn titles_come_from_codes_and_a_caregiver_has_none() {
        let person = |code: &str, words: &str| {
            related_person(&json!({
                "id": "r", "patient": {"reference": "Patient/p1"}, "name": [{"family": "Cellentani", "given": ["Marta"]}],
                "relationship": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-RoleCode", "code": code}], "text": words}]
            }))
            .unwrap()
        };
        assert_eq!(person("PRN", "madre").title, Some(Title::Parent));
        assert_eq!(person("PRN", "madre").relation.as_deref(), Some("madre"));
        assert_eq!(person("GUARD", "tutore").title, Some(Title::Guardian));
        assert_eq!(person("RESPRSN", "").title, Some(Title::SupportAdministrator));
        assert_eq!(person("CAREGIVER", "figlia").title, None);
    }
}
