//! The search parameters that each type knows: those of the region's contract, with the standard names of R4.

use serde_json::Value;

/// How a parameter compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Token,
    Reference,
    Date,
    Text,
}

/// A search parameter: what it is called and where it looks.
pub(super) struct Parameter {
    name: &'static str,
    pub(super) kind: Kind,
    paths: &'static [&'static str],
}

const fn token(name: &'static str, paths: &'static [&'static str]) -> Parameter {
    Parameter {
        name,
        kind: Kind::Token,
        paths,
    }
}
const fn reference(name: &'static str, paths: &'static [&'static str]) -> Parameter {
    Parameter {
        name,
        kind: Kind::Reference,
        paths,
    }
}
const fn date(name: &'static str, paths: &'static [&'static str]) -> Parameter {
    Parameter {
        name,
        kind: Kind::Date,
        paths,
    }
}
const fn text(name: &'static str, paths: &'static [&'static str]) -> Parameter {
    Parameter {
        name,
        kind: Kind::Text,
        paths,
    }
}

static OF_EVERY_TYPE: &[Parameter] = &[
    token("_id", &["id"]),
    date("_lastUpdated", &["meta.lastUpdated"]),
    token("identifier", &["identifier"]),
];

static BY_TYPE: &[(&str, &[Parameter])] = &[
    (
        "Patient",
        &[
            text("name", &["name.family", "name.given", "name.text"]),
            text("family", &["name.family"]),
            text("given", &["name.given"]),
            date("birthdate", &["birthDate"]),
            token("gender", &["gender"]),
            reference("general-practitioner", &["generalPractitioner"]),
            reference("organization", &["managingOrganization"]),
        ],
    ),
    (
        "RelatedPerson",
        &[
            reference("patient", &["patient"]),
            token("relationship", &["relationship"]),
            text("name", &["name.family", "name.given", "name.text"]),
        ],
    ),
    (
        "Practitioner",
        &[
            text("name", &["name.family", "name.given", "name.text"]),
            text("family", &["name.family"]),
        ],
    ),
    (
        "PractitionerRole",
        &[
            reference("practitioner", &["practitioner"]),
            reference("organization", &["organization"]),
            token("role", &["code"]),
            token("specialty", &["specialty"]),
            token("active", &["active"]),
        ],
    ),
    (
        "Organization",
        &[
            text("name", &["name", "alias"]),
            reference("partof", &["partOf"]),
            token("type", &["type"]),
        ],
    ),
    (
        "Appointment",
        &[
            reference("actor", &["participant.actor"]),
            reference("patient", &["participant.actor"]),
            reference("practitioner", &["participant.actor"]),
            reference("based-on", &["basedOn"]),
            reference("basedon", &["basedOn"]),
            date("date", &["start"]),
            token("status", &["status"]),
        ],
    ),
    (
        "ServiceRequest",
        &[
            reference("subject", &["subject"]),
            reference("patient", &["subject"]),
            reference("requester", &["requester"]),
            reference("performer", &["performer"]),
            token("status", &["status"]),
            token("intent", &["intent"]),
            token("category", &["category"]),
            token("code", &["code"]),
            token("priority", &["priority"]),
            date("authored", &["authoredOn"]),
        ],
    ),
    (
        "Task",
        &[
            reference("focus", &["focus"]),
            reference("owner", &["owner"]),
            reference("requester", &["requester"]),
            reference("patient", &["for"]),
            reference("subject", &["for"]),
            reference("based-on", &["basedOn"]),
            reference("part-of", &["partOf"]),
            token("code", &["code"]),
            token("status", &["status"]),
            token("business-status", &["businessStatus"]),
            token("group-identifier", &["groupIdentifier"]),
            date("authored-on", &["authoredOn"]),
            date("period", &["executionPeriod"]),
        ],
    ),
    (
        "Communication",
        &[
            reference("about", &["about"]),
            reference("based-on", &["basedOn"]),
            reference("part-of", &["partOf"]),
            reference("recipient", &["recipient"]),
            reference("sender", &["sender"]),
            reference("subject", &["subject"]),
            reference("patient", &["subject"]),
            token("category", &["category"]),
            token("status", &["status"]),
            date("sent", &["sent"]),
        ],
    ),
    (
        "Consent",
        &[
            reference("patient", &["patient"]),
            reference("source-reference", &["sourceReference"]),
            token("status", &["status"]),
            date("date", &["dateTime"]),
        ],
    ),
    (
        "Encounter",
        &[
            reference("appointment", &["appointment"]),
            reference("subject", &["subject"]),
            reference("patient", &["subject"]),
            reference("based-on", &["basedOn"]),
            token("status", &["status"]),
            date("date", &["period"]),
        ],
    ),
    (
        "DocumentReference",
        &[
            reference("patient", &["subject"]),
            reference("subject", &["subject"]),
            reference("related", &["context.related"]),
            reference("author", &["author"]),
            reference("relatesto", &["relatesTo.target"]),
            token("type", &["type"]),
            token("status", &["status"]),
            date("date", &["date"]),
        ],
    ),
    (
        "Observation",
        &[
            reference("patient", &["subject"]),
            reference("subject", &["subject"]),
            token("code", &["code"]),
            token("category", &["category"]),
            token("status", &["status"]),
            date("date", &["effectiveDateTime"]),
        ],
    ),
    (
        "Library",
        &[
            token("url", &["url"]),
            token("status", &["status"]),
            token("type", &["type"]),
        ],
    ),
    ("Binary", &[]),
];

/// Whether the type is kept here.
pub(crate) fn is_known(resource_type: &str) -> bool {
    BY_TYPE.iter().any(|(name, _)| *name == resource_type)
}

/// The types kept here.
pub(crate) fn types() -> impl Iterator<Item = &'static str> {
    BY_TYPE.iter().map(|(name, _)| *name)
}

/// Name and FHIR type of each parameter of a type, for the capability statement.
pub(crate) fn of(resource_type: &str) -> Vec<(&'static str, &'static str)> {
    let own = BY_TYPE
        .iter()
        .find(|(name, _)| *name == resource_type)
        .map_or(&[][..], |(_, list)| *list);
    OF_EVERY_TYPE
        .iter()
        .chain(own)
        .map(|p| {
            let kind = match p.kind {
                Kind::Token => "token",
                Kind::Reference => "reference",
                Kind::Date => "date",
                Kind::Text => "string",
            };
            (p.name, kind)
        })
        .collect()
}

/// The parameter of a type, by its name.
pub(super) fn parameter(resource_type: &str, name: &str) -> Option<&'static Parameter> {
    let own = BY_TYPE.iter().find(|(kind, _)| *kind == resource_type)?.1;
    OF_EVERY_TYPE.iter().chain(own).find(|p| p.name == name)
}

impl Parameter {
    /// What it finds in a resource.
    pub(super) fn values<'a>(&self, resource: &'a Value) -> Vec<&'a Value> {
        let mut found = Vec::new();
        for path in self.paths {
            collect(resource, path, &mut found);
        }
        found
    }
}

/// What lies at a dotted path, lists opened on the way.
fn collect<'a>(value: &'a Value, path: &str, found: &mut Vec<&'a Value>) {
    if let Value::Array(items) = value {
        for item in items {
            collect(item, path, found);
        }
        return;
    }
    if path.is_empty() {
        if !value.is_null() {
            found.push(value);
        }
        return;
    }
    let (head, rest) = path.split_once('.').unwrap_or((path, ""));
    if let Some(next) = value.get(head) {
        collect(next, rest, found);
    }
}
