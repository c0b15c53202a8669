//! Roles and structures: who may work where, and the directory of specialists.
//!
//! Sources: FHIR R4 PractitionerRole and Organization, `CONTRACT.md` (*Login*). Not in it: what a role may do
//! (`clinical::Role`).

use clinical::{Assignment, FiscalCode, Practitioner, Role, Structure};
use serde_json::Value;

use super::people::name;
use super::value::{code, identifier, items, reference_id, text, words};
use super::{EXTENSION, FISCAL_CODE, Fhir, ResourceType, STRUCTURE};
use crate::RegionError;

/// System of the role codes.
pub const ROLE: &str = "https://postazione.example/role";

/// A practitioner with one role; the person appears once for each role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffMember {
    /// The person.
    pub practitioner: Practitioner,
    /// The role and where.
    pub assignment: Assignment,
    /// Code of the speciality (branca).
    pub speciality_code: Option<String>,
}

/// The role of a code.
pub fn role(code: &str) -> Option<Role> {
    Some(match code {
        "specialist" => Role::Specialist,
        "general_practitioner" => Role::GeneralPractitioner,
        "paediatrician" => Role::Paediatrician,
        "cot_operator" => Role::CotOperator,
        _ => return None,
    })
}

/// A practitioner.
pub fn practitioner(resource: &Value) -> Option<Practitioner> {
    Some(Practitioner {
        id: text(resource, "/id")?.into(),
        name: name(resource)?,
        fiscal_code: FiscalCode::parse(identifier(resource, FISCAL_CODE)?).ok()?,
    })
}

/// A structure; the trust is looked up among `others`, by `partOf`.
pub fn structure(resource: &Value, others: &[Value]) -> Option<Structure> {
    let trust = resource.get("partOf").and_then(|p| {
        let id = reference_id(p, "Organization")?;
        others
            .iter()
            .find(|o| text(o, "/resourceType") == Some("Organization") && text(o, "/id") == Some(id))
    });
    let part_of = resource.get("partOf");
    Some(Structure {
        id: text(resource, "/id")?.into(),
        name: text(resource, "/name")?.to_owned(),
        unit: text(resource, "/alias/0").map(str::to_owned),
        ministerial_code: identifier(resource, STRUCTURE).map(str::to_owned),
        trust_code: trust
            .and_then(|t| identifier(t, STRUCTURE).or_else(|| text(t, "/identifier/0/value")))
            .or_else(|| part_of.and_then(|p| text(p, "/identifier/value")))
            .map(str::to_owned),
        trust_name: trust
            .and_then(|t| text(t, "/name"))
            .or_else(|| part_of.and_then(|p| text(p, "/display")))
            .map(str::to_owned),
    })
}

/// A staff member of a role resource, from the resources that came along.
pub fn staff_member(resource: &Value, others: &[Value]) -> Option<StaffMember> {
    let find = |kind: &str, pointer: &str| {
        let id = reference_id(resource.get(pointer)?, kind)?;
        others
            .iter()
            .find(|o| text(o, "/resourceType") == Some(kind) && text(o, "/id") == Some(id))
    };
    let practitioner = practitioner(find("Practitioner", "practitioner")?)?;
    let organization = find("Organization", "organization")?;
    let role = items(resource, "/code")
        .find_map(|c| code(c, ROLE))
        .and_then(role)?;
    let speciality = items(resource, "/specialty").next();
    let mut structure = structure(organization, others)?;
    structure.unit = structure.unit.or_else(|| {
        super::value::extension(organization, &format!("{EXTENSION}unit"))
            .and_then(|e| text(e, "/valueString"))
            .map(str::to_owned)
    });
    Some(StaffMember {
        practitioner,
        assignment: Assignment {
            id: text(resource, "/id")?.to_owned(),
            role,
            structure,
            speciality: speciality.and_then(words).map(str::to_owned),
        },
        speciality_code: speciality
            .and_then(|s| text(s, "/coding/0/code"))
            .map(str::to_owned),
    })
}

impl Fhir {
    /// The roles of a person, with structure and trust. Inactive roles are left out.
    pub async fn assignments(&self, fiscal_code: &FiscalCode) -> Result<Vec<StaffMember>, RegionError> {
        let person = format!("{FISCAL_CODE}|{}", fiscal_code.as_str());
        self.staff(&[("practitioner.identifier", &person)]).await
    }

    /// The specialists of a branca.
    pub async fn specialists(&self, speciality: &str) -> Result<Vec<StaffMember>, RegionError> {
        let mut staff = self.staff(&[("specialty", speciality)]).await?;
        staff.retain(|s| s.assignment.role == Role::Specialist);
        Ok(staff)
    }

    /// Everyone with a role, for the directory of colleagues.
    pub async fn staff(&self, only: &[(&str, &str)]) -> Result<Vec<StaffMember>, RegionError> {
        let mut query = only.to_vec();
        query.push(("_include", "PractitionerRole:organization"));
        query.push(("_include", "PractitionerRole:practitioner"));
        let mut page = self.search_all(ResourceType::PractitionerRole, &query).await?;
        let mut trusts: Vec<String> = page
            .included
            .iter()
            .filter_map(|o| reference_id(o.get("partOf")?, "Organization").map(str::to_owned))
            .filter(|id| page.included.iter().all(|o| text(o, "/id") != Some(id)))
            .collect();
        trusts.sort();
        trusts.dedup();
        for id in trusts {
            match self.read(ResourceType::Organization, &id).await {
                Ok(read) => page.included.push(read.resource),
                // A trust that cannot be read costs its name only.
                Err(RegionError::NotFound | RegionError::Forbidden(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(page
            .matches
            .iter()
            .filter(|r| r.get("active").and_then(Value::as_bool) != Some(false))
            .filter_map(|r| staff_member(r, &page.included))
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_role_needs_its_person_its_structure_and_a_known_code() {
        let others = [
            json!({"resourceType": "Practitioner", "id": "d1", "name": [{"family": "Valmori", "given": ["Irene"]}],
                "identifier": [{"system": FISCAL_CODE, "value": "MRTSNT55C52X000I"}]}),
            json!({"resourceType": "Organization", "id": "o1", "name": "Ospedale del Golfo, Cardiologia",
                "identifier": [{"system": STRUCTURE, "value": "150001"}], "partOf": {"reference": "Organization/t1"}}),
            json!({"resourceType": "Organization", "id": "t1", "name": "ASL Golfo",
                "identifier": [{"system": STRUCTURE, "value": "201"}]}),
        ];
        let role = |code: &str| {
            json!({"resourceType": "PractitionerRole", "id": "r1", "practitioner": {"reference": "Practitioner/d1"},
                "organization": {"reference": "Organization/o1"}, "code": [{"coding": [{"system": ROLE, "code": code}]}],
                "specialty": [{"coding": [{"system": "http://hl7.it/fhir/teleconsulto/CodeSystem/branca-prestazione", "code": "02", "display": "Cardiologia"}]}]})
        };
        let member = staff_member(&role("specialist"), &others).unwrap();
        assert_eq!(member.assignment.role, Role::Specialist);
        assert_eq!(member.assignment.structure.trust_code.as_deref(), Some("201"));
        assert_eq!(member.assignment.speciality.as_deref(), Some("Cardiologia"));
        assert_eq!(member.speciality_code.as_deref(), Some("02"));
        assert!(
            staff_member(&role("administrator"), &others).is_none(),
            "an unknown role opened the program"
        );
        assert!(staff_member(&role("specialist"), &others[1..]).is_none());
    }
}
