//! Who may see and write what: a reason of care, or the answer is *Accesso non consentito*.
//!
//! Kept simple and real. A family doctor or paediatrician sees the patients of the own list; a specialist those with an
//! appointment, a request or a case at the own structure, and those of a case on which an opinion was asked; a COT operator the transitions of the own COT, their
//! patients, and no clinical document. Staff and structures are seen by all. Who made a resource may always read it.
//! Not in it: the rules of a real region (consent to consultation, obscuring, emergency access).

use std::collections::HashSet;

use serde_json::Value;

use crate::auth::Caller;
use crate::fhir::search::{Resolver, reference_parts};
use crate::fhir::store::{Entry, Store};

/// System of the role codes in `PractitionerRole.code`.
pub(crate) const ROLE_SYSTEM: &str = "https://postazione.example/role";

/// What a member of the staff may reach, worked out once for a request.
#[derive(Debug)]
pub(crate) struct Access<'a> {
    store: &'a Store,
    practitioner: String,
    /// Own `PractitionerRole` ids.
    roles: HashSet<String>,
    organizations: HashSet<String>,
    patients: HashSet<String>,
    cot: bool,
}

impl<'a> Access<'a> {
    pub(crate) fn of(caller: &Caller, store: &'a Store) -> Self {
        let mut access = Self {
            store,
            practitioner: caller.practitioner.clone(),
            roles: HashSet::new(),
            organizations: HashSet::new(),
            patients: HashSet::new(),
            cot: false,
        };
        let mut specialities = HashSet::new();
        let (mut specialist, mut family_doctor) = (false, false);
        for role in store.snapshot("PractitionerRole") {
            let role = &role.resource;
            if !refers(&role["practitioner"], "Practitioner", &caller.practitioner) {
                continue;
            }
            access.roles.extend(role["id"].as_str().map(str::to_owned));
            access
                .organizations
                .extend(target(&role["organization"], "Organization"));
            specialities.extend(codes(&role["specialty"]));
            for code in codes(&role["code"]) {
                match code.as_str() {
                    "specialist" => specialist = true,
                    "general_practitioner" | "paediatrician" => family_doctor = true,
                    "cot_operator" => access.cot = true,
                    _ => {}
                }
            }
        }
        if family_doctor {
            access.add_own_list();
        }
        if specialist {
            access.add_patients_of_structure(&specialities);
        }
        if access.cot {
            access.add_transitions();
        }
        access
    }

    fn add_own_list(&mut self) {
        for patient in self.store.snapshot("Patient") {
            let patient = &patient.resource;
            if list(&patient["generalPractitioner"])
                .iter()
                .any(|r| self.is_mine(r))
            {
                self.patients.extend(patient["id"].as_str().map(str::to_owned));
            }
        }
    }

    fn add_patients_of_structure(&mut self, specialities: &HashSet<String>) {
        let colleagues: HashSet<String> = self
            .store
            .snapshot("PractitionerRole")
            .iter()
            .filter(|r| {
                target(&r.resource["organization"], "Organization")
                    .is_some_and(|o| self.organizations.contains(&o))
            })
            .filter_map(|r| r.resource["id"].as_str().map(str::to_owned))
            .collect();
        for appointment in self.store.snapshot("Appointment") {
            let participants = list(&appointment.resource["participant"]);
            let here = participants
                .iter()
                .filter_map(|p| target(&p["actor"], "PractitionerRole"))
                .any(|role| colleagues.contains(&role));
            if here {
                self.patients
                    .extend(participants.iter().filter_map(|p| target(&p["actor"], "Patient")));
            }
        }
        for request in self.store.snapshot("ServiceRequest") {
            let request = &request.resource;
            let performers = list(&request["performer"]);
            let addressed = if performers.is_empty() {
                codes(&request["category"])
                    .iter()
                    .any(|c| specialities.contains(c))
            } else {
                performers.iter().any(|p| {
                    target(p, "PractitionerRole").is_some_and(|r| colleagues.contains(&r))
                        || target(p, "Organization").is_some_and(|o| self.organizations.contains(&o))
                })
            };
            if addressed {
                self.patients.extend(target(&request["subject"], "Patient"));
            }
        }
        // Who is asked for an opinion on a case sees what the case is about.
        for message in self.store.snapshot("Communication") {
            let message = &message.resource;
            let asked = codes(&message["category"])
                .iter()
                .any(|code| code == "involvement");
            if asked && list(&message["recipient"]).iter().any(|r| self.is_mine(r)) {
                self.patients.extend(target(&message["subject"], "Patient"));
            }
        }
        for task in self.store.snapshot("Task") {
            if self.is_mine(&task.resource["owner"]) {
                self.patients
                    .extend(self.patient_of(self.store, &task.resource, 0));
            }
        }
    }

    fn add_transitions(&mut self) {
        for task in self.store.snapshot("Task") {
            if self.is_of_my_cot(&task.resource) {
                self.patients.extend(target(&task.resource["for"], "Patient"));
            }
        }
    }

    fn is_of_my_cot(&self, task: &Value) -> bool {
        task["groupIdentifier"]["value"]
            .as_str()
            .is_some_and(|o| self.organizations.contains(o))
    }

    fn is_mine(&self, reference: &Value) -> bool {
        refers(reference, "Practitioner", &self.practitioner)
            || target(reference, "PractitionerRole").is_some_and(|role| self.roles.contains(&role))
    }

    /// Whether the caller may read it.
    pub(crate) fn may_read(&self, entry: &Entry) -> bool {
        entry.author.as_deref() == Some(self.practitioner.as_str()) || self.may(self.store, &entry.resource)
    }

    /// Whether the caller may write a resource that would stand so; `view` sees what was written with it.
    pub(crate) fn may_write(&self, view: &dyn Resolver, resource: &Value) -> bool {
        match kind_of(resource) {
            "Practitioner" | "PractitionerRole" | "Organization" | "Library" => false,
            // A Binary has no patient until a DocumentReference names it.
            "Binary" => true,
            _ => self.may(view, resource),
        }
    }

    /// Whether this search names one person by codice fiscale: how an operator starts a case on a person not yet known.
    pub(crate) fn may_look_up(&self, resource_type: &str, pairs: &[(&str, &str)]) -> bool {
        self.cot
            && resource_type == "Patient"
            && pairs.iter().any(|(name, value)| {
                *name == "identifier"
                    && value
                        .strip_prefix("http://hl7.it/sid/codiceFiscale|")
                        .is_some_and(|code| code.len() == 16)
            })
    }

    fn may(&self, view: &dyn Resolver, resource: &Value) -> bool {
        match kind_of(resource) {
            "Practitioner" | "PractitionerRole" | "Organization" | "Library" => true,
            "Binary" => self.may_read_binary(resource["id"].as_str().unwrap_or_default()),
            "Task" if self.cot => {
                self.is_of_my_cot(resource)
                    || self.is_mine(&resource["owner"])
                    || target(&resource["focus"], "Task")
                        .and_then(|id| view.resolve("Task", &id))
                        .is_some_and(|focus| self.is_of_my_cot(&focus.resource))
            }
            "Patient" | "RelatedPerson" if self.cot => self.concerns_my_patient(view, resource),
            "Communication" if self.cot => self.is_about_my_cot(view, resource),
            _ if self.cot => false,
            "Communication" if self.is_sent_to_or_by_me(resource) => true,
            _ => self.concerns_my_patient(view, resource),
        }
    }

    fn concerns_my_patient(&self, view: &dyn Resolver, resource: &Value) -> bool {
        self.patient_of(view, resource, 0)
            .is_some_and(|patient| self.patients.contains(&patient))
    }

    fn is_sent_to_or_by_me(&self, communication: &Value) -> bool {
        self.is_mine(&communication["sender"])
            || list(&communication["recipient"]).iter().any(|r| self.is_mine(r))
    }

    fn is_about_my_cot(&self, view: &dyn Resolver, communication: &Value) -> bool {
        ["about", "partOf", "basedOn"]
            .iter()
            .flat_map(|field| list(&communication[*field]))
            .filter_map(|about| view.resolve("Task", &target(&about, "Task")?))
            .any(|task| self.may(view, &task.resource))
    }

    fn may_read_binary(&self, id: &str) -> bool {
        self.store.snapshot("DocumentReference").iter().any(|document| {
            let contents = list(&document.resource["content"]);
            contents.iter().any(|c| {
                c["attachment"]["url"]
                    .as_str()
                    .is_some_and(|url| reference_parts(url) == (Some("Binary"), id))
            }) && self.may_read(document)
        })
    }

    /// The patient that a resource is about, through what it refers to where it does not say itself.
    fn patient_of(&self, view: &dyn Resolver, resource: &Value, depth: u8) -> Option<String> {
        let direct = match kind_of(resource) {
            "Patient" => resource["id"].as_str().map(str::to_owned),
            "Appointment" => list(&resource["participant"])
                .iter()
                .find_map(|p| target(&p["actor"], "Patient")),
            "RelatedPerson" | "Consent" => target(&resource["patient"], "Patient"),
            "Task" => target(&resource["for"], "Patient"),
            _ => target(&resource["subject"], "Patient"),
        };
        // Task of a task of a request of a patient: no chain is longer.
        if direct.is_some() || depth == 3 {
            return direct;
        }
        let fields = [
            "focus",
            "about",
            "partOf",
            "basedOn",
            "appointment",
            "sourceReference",
        ];
        fields
            .iter()
            .flat_map(|field| list(&resource[*field]))
            .find_map(|reference| {
                let (kind, id) = reference_parts(reference["reference"].as_str()?);
                let entry = view.resolve(kind?, id)?;
                self.patient_of(view, &entry.resource, depth + 1)
            })
    }
}

fn kind_of(resource: &Value) -> &str {
    resource["resourceType"].as_str().unwrap_or_default()
}

/// A field that may hold one or many.
fn list(value: &Value) -> Vec<Value> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(items) => items.clone(),
        one => vec![one.clone()],
    }
}

fn target(reference: &Value, kind: &str) -> Option<String> {
    let (of, id) = reference_parts(reference["reference"].as_str()?);
    (of == Some(kind)).then(|| id.to_owned())
}

fn refers(reference: &Value, kind: &str, id: &str) -> bool {
    target(reference, kind).as_deref() == Some(id)
}

/// Codes of a CodeableConcept or a list of them.
fn codes(concepts: &Value) -> Vec<String> {
    list(concepts)
        .iter()
        .flat_map(|c| list(&c["coding"]))
        .filter_map(|coding| coding["code"].as_str().map(str::to_owned))
        .collect()
}
