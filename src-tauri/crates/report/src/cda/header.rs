//! The header: document, patient, author, custodian, prescriber, order, encounter, structure.

use clinical::{ConsentGiver, Patient, PersonName, Sensitive, Sex, Title};
use jiff::Timestamp;

use super::{oid, xml::Xml};
use crate::{
    DocumentIds, FieldId, Replaces, ReportForm, VisitRecord,
    text::{clean, is_blank},
    time,
    wording::{self, TITLE},
};

/// The times of a document in HL7 TS.
pub(super) struct Times {
    pub(super) now: String,
    pub(super) start: String,
    pub(super) end: String,
}

impl Times {
    pub(super) fn of(visit: &VisitRecord, now: Timestamp) -> Option<Self> {
        let end = visit.end.unwrap_or(now).max(visit.start);
        Some(Self {
            now: time::hl7(now)?,
            start: time::hl7(visit.start)?,
            end: time::hl7(end)?,
        })
    }
}

pub(super) fn write(x: &mut Xml, form: &ReportForm, visit: &VisitRecord, ids: &DocumentIds, times: &Times) {
    document(x, form, ids, times);
    x.field(FieldId::Patient, |x| patient(x, visit));
    x.field(FieldId::Author, |x| {
        x.element("author", &[], |x| {
            x.empty("time", &[("value", &times.now)]);
            x.element("assignedAuthor", &[("classCode", "ASSIGNED")], |x| {
                signer(x, visit)
            });
        });
    });
    x.field(FieldId::Structure, |x| {
        x.element("custodian", &[], |x| {
            x.element("assignedCustodian", &[], |x| {
                x.element("representedCustodianOrganization", &[], |x| {
                    trust_id(x, visit);
                    let structure = &visit.assignment.structure;
                    x.text(
                        "name",
                        &[],
                        &clean(structure.trust_name.as_deref().unwrap_or(&structure.name)),
                    );
                });
            });
        });
    });
    x.field(FieldId::Author, |x| {
        x.element("legalAuthenticator", &[], |x| {
            x.empty("time", &[("value", &times.now)]);
            x.empty("signatureCode", &[("code", "S")]);
            x.element("assignedEntity", &[], |x| signer(x, visit));
        });
    });
    x.field(FieldId::Prescription, |x| prescription(x, visit));
    x.field(FieldId::Service, |x| {
        x.element("documentationOf", &[], |x| {
            x.element("serviceEvent", &[], |x| {
                x.empty(
                    "code",
                    &[
                        ("code", "PROG"),
                        ("codeSystem", oid::ACCESS),
                        ("codeSystemName", "ActCode"),
                        ("displayName", "Accesso Programmato"),
                    ],
                );
                x.empty("effectiveTime", &[("value", &times.start)]);
            });
        });
    });
    if let Some(earlier) = &ids.replaces {
        let (kind, extension) = match earlier {
            Replaces::Replace(id) => ("RPLC", id),
            Replaces::Append(id) => ("APND", id),
        };
        x.element("relatedDocument", &[("typeCode", kind)], |x| {
            x.element("parentDocument", &[], |x| {
                x.empty("id", &[("root", oid::DOCUMENTS), ("extension", extension)]);
            });
        });
    }
    x.field(FieldId::Structure, |x| encounter(x, visit, times));
}

fn document(x: &mut Xml, form: &ReportForm, ids: &DocumentIds, times: &Times) {
    x.empty("realmCode", &[("code", "IT")]);
    x.empty(
        "typeId",
        &[
            ("root", "2.16.840.1.113883.1.3"),
            ("extension", "POCD_MT000040UV02"),
        ],
    );
    x.empty(
        "templateId",
        &[
            ("root", oid::TEMPLATE),
            ("extension", "1.0"),
            ("assigningAuthorityName", "HL7 Italia"),
        ],
    );
    let region = ("assigningAuthorityName", "Regione Campania");
    x.empty(
        "id",
        &[("root", oid::DOCUMENTS), ("extension", &ids.document), region],
    );
    loinc(x, "75496-0", "Telehealth note");
    x.text("title", &[], TITLE);
    x.empty("sdtc:statusCode", &[("code", "active")]);
    x.empty("effectiveTime", &[("value", &times.now)]);
    x.field(FieldId::Darkening, |x| {
        let (code, name) = if form.darkening.greater_protection {
            ("V", "very restricted")
        } else {
            ("N", "normal")
        };
        x.empty(
            "confidentialityCode",
            &[
                ("code", code),
                ("codeSystem", oid::CONFIDENTIALITY),
                ("codeSystemName", "HL7 Confidentiality"),
                ("displayName", name),
            ],
        );
    });
    x.empty("languageCode", &[("code", "it-IT")]);
    x.empty(
        "setId",
        &[("root", oid::DOCUMENTS), ("extension", &ids.set), region],
    );
    x.empty("versionNumber", &[("value", &ids.version.to_string())]);
}

fn patient(x: &mut Xml, visit: &VisitRecord) {
    let patient = &visit.patient;
    x.element("recordTarget", &[], |x| {
        x.element("patientRole", &[], |x| {
            fiscal_code(x, patient.fiscal_code.as_str());
            if let (Some(address), Some(city)) = (filled(&patient.address), filled(&patient.city)) {
                x.element("addr", &[("use", "HP")], |x| {
                    // 100 is Italy in the ISTAT list of states.
                    x.text("country", &[], "100");
                    x.text("city", &[], &city);
                    x.text("streetAddressLine", &[], &address);
                });
            }
            if let Some(phone) = filled(&patient.phone) {
                let dialled: String = phone
                    .chars()
                    .filter(|c| c.is_ascii_digit() || *c == '+')
                    .collect();
                x.empty("telecom", &[("use", "HP"), ("value", &format!("tel:{dialled}"))]);
            }
            x.element("patient", &[], |x| {
                name(x, &patient.name);
                let (code, words) = match patient.sex {
                    Sex::Female => ("F", "Female"),
                    Sex::Male => ("M", "Male"),
                    Sex::Unknown => ("UN", "Undifferentiated"),
                };
                x.empty(
                    "administrativeGenderCode",
                    &[
                        ("code", code),
                        ("codeSystem", oid::GENDER),
                        ("codeSystemName", "HL7 AdministrativeGender"),
                        ("displayName", words),
                    ],
                );
                x.empty(
                    "birthTime",
                    &[("value", &time::hl7_date(*patient.birth_date.expose()))],
                );
                x.field(FieldId::Consent, |x| guardian(x, visit));
                birthplace(x, patient);
            });
        });
    });
}

/// A minor's or ward's representative as recorded with the consent.
fn guardian(x: &mut Xml, visit: &VisitRecord) {
    let Some(ConsentGiver::Representative { representation }) = visit.consent.as_ref().map(|c| &c.given_by)
    else {
        return;
    };
    let (code, words) = match representation.title {
        Title::Parent => ("PRN", "parent"),
        Title::Guardian | Title::SupportAdministrator => ("GUARD", "guardian"),
    };
    x.element("guardian", &[("classCode", "GUARD")], |x| {
        x.empty(
            "code",
            &[
                ("code", code),
                ("codeSystem", oid::ROLE),
                ("codeSystemName", "RoleCode"),
                ("displayName", words),
            ],
        );
        x.element("guardianPerson", &[], |x| name(x, &representation.name));
    });
}

/// The place of birth is required with its address; the record gives `code name` or a name alone.
fn birthplace(x: &mut Xml, patient: &Patient) {
    x.element("birthplace", &[], |x| {
        x.element("place", &[], |x| match wording::birth_place(patient) {
            Some((code, city)) => x.element("addr", &[], |x| {
                x.text("city", &[], &city);
                // censusTract holds the ISTAT code of the municipality, six digits.
                if let Some(istat) = code.filter(|c| c.len() == 6 && c.bytes().all(|b| b.is_ascii_digit())) {
                    x.text("censusTract", &[], &istat);
                }
            }),
            None => x.empty("addr", &[("nullFlavor", "UNK")]),
        });
    });
}

fn prescription(x: &mut Xml, visit: &VisitRecord) {
    let prescription = &visit.prescription;
    if let Some(prescriber) = &prescription.prescriber {
        x.element("participant", &[("typeCode", "REF")], |x| {
            if let Some(date) = prescription.date {
                x.empty("time", &[("value", &time::hl7_date(date))]);
            }
            x.element("associatedEntity", &[("classCode", "PROV")], |x| {
                match &prescriber.fiscal_code {
                    Some(code) => fiscal_code(x, code.as_str()),
                    None => x.empty("id", &[("nullFlavor", "UNK")]),
                }
                x.element("associatedPerson", &[], |x| name(x, &prescriber.name));
            });
        });
    }
    x.element("inFulfillmentOf", &[], |x| {
        x.element(
            "order",
            &[("classCode", "ACT"), ("moodCode", "RQO")],
            |x| match &prescription.nre {
                Some(nre) => x.empty(
                    "id",
                    &[
                        ("root", oid::NRE),
                        ("extension", nre.as_str()),
                        ("assigningAuthorityName", "MEF"),
                    ],
                ),
                // Paper numbers have no national object identifier; the number is in the narrative.
                None => x.empty("id", &[("nullFlavor", "NA")]),
            },
        );
    });
}

fn encounter(x: &mut Xml, visit: &VisitRecord, times: &Times) {
    let structure = &visit.assignment.structure;
    x.element("componentOf", &[], |x| {
        x.element("encompassingEncounter", &[], |x| {
            x.field(FieldId::Call, |x| {
                // Encounters are numbered by the trust, under its own node.
                let root = match full_trust_code(visit) {
                    Some(code) if code.bytes().all(|b| b.is_ascii_digit()) => {
                        format!("{}.{code}.4.6", oid::NODES)
                    }
                    _ => format!("{}.150.4.6", oid::NODES),
                };
                let authority = clean(structure.trust_name.as_deref().unwrap_or(&structure.name));
                x.empty(
                    "id",
                    &[
                        ("root", &root),
                        ("extension", visit.appointment.as_str()),
                        ("assigningAuthorityName", &authority),
                    ],
                );
                x.element("effectiveTime", &[], |x| {
                    x.empty("low", &[("value", &times.start)]);
                    x.empty("high", &[("value", &times.end)]);
                });
            });
            x.element("location", &[], |x| {
                x.element("healthCareFacility", &[], |x| {
                    let unit = structure
                        .ministerial_code
                        .as_deref()
                        .unwrap_or(structure.id.as_str());
                    x.empty("id", &[("root", oid::UNIT), ("extension", unit)]);
                    x.element("location", &[], |x| {
                        x.text(
                            "name",
                            &[],
                            &clean(structure.unit.as_deref().unwrap_or(&structure.name)),
                        );
                    });
                    x.element("serviceProviderOrganization", &[("classCode", "ORG")], |x| {
                        if let Some(code) = &structure.ministerial_code {
                            // HSP.11 codes are 6 digits, 8 with the site (HSP.11bis); STS.11 codes are longer.
                            let hospital = code.len() <= 8 && code.bytes().all(|b| b.is_ascii_digit());
                            let root = if hospital { oid::HOSPITAL } else { oid::FACILITY };
                            x.empty(
                                "id",
                                &[
                                    ("root", root),
                                    ("extension", code),
                                    ("assigningAuthorityName", "Ministero della Salute"),
                                ],
                            );
                        }
                        x.text("name", &[], &clean(&structure.name));
                        x.element("asOrganizationPartOf", &[], |x| trust_id(x, visit));
                    });
                });
            });
        });
    });
}

/// FLS.11: the region's three digits and the trust's three.
fn full_trust_code(visit: &VisitRecord) -> Option<String> {
    let code = visit
        .assignment
        .structure
        .trust_code
        .as_deref()
        .map(clean)
        .filter(|c| !c.is_empty())?;
    Some(if code.len() == 3 {
        format!("150{code}")
    } else {
        code
    })
}

fn trust_id(x: &mut Xml, visit: &VisitRecord) {
    match full_trust_code(visit) {
        Some(code) => {
            let authority = ("assigningAuthorityName", "Ministero della Salute");
            x.empty("id", &[("root", oid::TRUST), ("extension", &code), authority]);
        }
        None => x.empty("id", &[("nullFlavor", "UNK")]),
    }
}

fn signer(x: &mut Xml, visit: &VisitRecord) {
    fiscal_code(x, visit.author.fiscal_code.as_str());
    x.element("assignedPerson", &[], |x| name(x, &visit.author.name));
}

fn fiscal_code(x: &mut Xml, code: &str) {
    x.empty(
        "id",
        &[
            ("root", oid::FISCAL_CODE),
            ("extension", code),
            ("assigningAuthorityName", "MEF"),
        ],
    );
}

fn name(x: &mut Xml, name: &PersonName) {
    x.element("name", &[], |x| {
        x.text("family", &[], &clean(name.family.expose()));
        x.text("given", &[], &clean(name.given.expose()));
    });
}

/// A LOINC code element.
pub(super) fn loinc(x: &mut Xml, code: &str, words: &str) {
    x.empty(
        "code",
        &[
            ("code", code),
            ("codeSystem", oid::LOINC),
            ("codeSystemName", "LOINC"),
            ("displayName", words),
        ],
    );
}

fn filled(text: &Option<Sensitive<String>>) -> Option<String> {
    text.as_ref()
        .map(Sensitive::expose)
        .filter(|t| !is_blank(t))
        .map(|t| clean(t))
}
