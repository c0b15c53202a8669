//! The colleagues whose names the screens show, kept on this PC: askers, specialists, operators of the same COT.
//!
//! Not in it: how they are fetched (`sync::people`), and what a role may do (`clinical::Role`).

use std::collections::BTreeMap;

use clinical::Role;
use region::fhir::staff::StaffMember;
use serde::{Deserialize, Serialize};

use crate::desk::Desk;

/// Somebody with a role at the region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Colleague {
    /// FHIR id of the PractitionerRole.
    pub(crate) id: String,
    /// `COGNOME Nome`.
    pub(crate) name: String,
    pub(crate) role: Role,
    /// FHIR id of the Organization.
    pub(crate) structure: String,
    pub(crate) speciality: Option<String>,
    pub(crate) speciality_code: Option<String>,
}

impl From<&StaffMember> for Colleague {
    fn from(member: &StaffMember) -> Self {
        Self {
            id: member.assignment.id.clone(),
            name: member.practitioner.name.display(),
            role: member.assignment.role,
            structure: member.assignment.structure.id.to_string(),
            speciality: member.assignment.speciality.clone(),
            speciality_code: member.speciality_code.clone(),
        }
    }
}

/// The directory as it stands on this PC, with the person at the desk in it.
pub(crate) struct Directory {
    known: BTreeMap<String, Colleague>,
}

impl Directory {
    /// What is kept here. A directory that cannot be read costs names only.
    pub(crate) fn load(desk: &Desk) -> Self {
        let mut known: BTreeMap<String, Colleague> = desk
            .replica()
            .colleagues()
            .unwrap_or_default()
            .into_iter()
            .filter_map(|value| serde_json::from_value::<Colleague>(value).ok())
            .map(|colleague| (colleague.id.clone(), colleague))
            .collect();
        let mine = desk.assignment();
        known.entry(mine.id.clone()).or_insert_with(|| Colleague {
            id: mine.id,
            name: desk.practitioner.name.display(),
            role: mine.role,
            structure: mine.structure.id.to_string(),
            speciality: mine.speciality,
            speciality_code: None,
        });
        Self { known }
    }

    pub(crate) fn get(&self, role: &str) -> Option<&Colleague> {
        self.known.get(role)
    }

    /// The name of a role, from the directory or from what the region wrote beside the reference.
    pub(crate) fn name(&self, role: &str, written: &BTreeMap<String, String>) -> String {
        self.known
            .get(role)
            .map(|colleague| colleague.name.clone())
            .or_else(|| written.get(role).cloned())
            .unwrap_or_default()
    }

    /// The role in Italian words, as under a name.
    pub(crate) fn role_words(&self, role: &str) -> String {
        let Some(colleague) = self.known.get(role) else {
            return String::new();
        };
        match colleague.role {
            Role::Specialist => colleague
                .speciality
                .clone()
                .unwrap_or_else(|| "medico specialista".to_owned()),
            Role::GeneralPractitioner => "medico di medicina generale".to_owned(),
            Role::Paediatrician => "pediatra di libera scelta".to_owned(),
            Role::CotOperator => "operatore COT".to_owned(),
        }
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Colleague> {
        self.known.values()
    }

    /// The specialities that can be asked: code and name, by name.
    pub(crate) fn specialities(&self) -> Vec<(String, String)> {
        let by_code: BTreeMap<String, String> = self
            .known
            .values()
            .filter(|colleague| colleague.role == Role::Specialist)
            .filter_map(|colleague| Some((colleague.speciality_code.clone()?, colleague.speciality.clone()?)))
            .collect();
        let mut list: Vec<(String, String)> = by_code.into_iter().collect();
        list.sort_by(|a, b| a.1.cmp(&b.1));
        list
    }
}

/// The names that the region wrote beside references to roles, anywhere in some resources.
pub(crate) fn names_in<'a>(
    resources: impl IntoIterator<Item = &'a serde_json::Value>,
) -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    let mut left: Vec<&serde_json::Value> = resources.into_iter().collect();
    while let Some(value) = left.pop() {
        match value {
            serde_json::Value::Array(items) => left.extend(items),
            serde_json::Value::Object(fields) => {
                let reference = fields.get("reference").and_then(serde_json::Value::as_str);
                let display = fields.get("display").and_then(serde_json::Value::as_str);
                if let (Some(reference), Some(display)) = (reference, display)
                    && let Some(role) = region::fhir::value::id_in(reference, "PractitionerRole")
                {
                    names.insert(role.to_owned(), display.to_owned());
                }
                left.extend(fields.values());
            }
            _ => {}
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn names_are_found_wherever_a_role_is_named() {
        let resource = json!({"requester": {"reference": "PractitionerRole/r1", "display": "VALMORI Irene"},
            "subject": {"reference": "Patient/p", "display": "MAROTTOLI Assunta"},
            "recipient": [{"reference": "https://r/fhir/PractitionerRole/r2", "display": "FERRANTINO Guido"}]});
        let names = super::names_in([&resource]);
        assert_eq!(names.get("r1").map(String::as_str), Some("VALMORI Irene"));
        assert_eq!(names.get("r2").map(String::as_str), Some("FERRANTINO Guido"));
        assert_eq!(names.len(), 2, "a patient is no colleague");
    }
}
