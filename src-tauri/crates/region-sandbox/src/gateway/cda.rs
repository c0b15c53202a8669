//! What the gateway checks in a CDA that needs no file of the Ministry, and its hash.
//!
//! Well-formed and without DOCTYPE; type, template, code; the identifiers and participants that every template asks
//! for. The hash leaves out the content of `legalAuthenticator`, which is completed at the signature.

use roxmltree::{Document, Node};
use sha2::{Digest, Sha256};

use super::problem::{Fault, Problem};

const HL7: &str = "urn:hl7-org:v3";
const FISCAL_CODE: &str = "2.16.840.1.113883.2.9.4.3.2";
const NRE: &str = "2.16.840.1.113883.2.9.4.3.9";

/// Template, LOINC code and name of the documents that this gateway takes.
const TYPES: &[(&str, &str, &str)] = &[
    (
        "2.16.840.1.113883.2.9.10.1.16.1.1",
        "75496-0",
        "Referto di televisita",
    ),
    (
        "2.16.840.1.113883.2.9.10.1.16.2.1",
        "85208-7",
        "Relazione collaborativa di teleconsulto",
    ),
    (
        "2.16.840.1.113883.2.9.10.1.16.4.1",
        "75496-0",
        "Relazione finale di teleassistenza",
    ),
    (
        "2.16.840.1.113883.2.9.10.1.9.1",
        "11488-4",
        "Referto di specialistica ambulatoriale",
    ),
    (
        "2.16.840.1.113883.2.9.10.1.5",
        "34105-7",
        "Lettera di dimissione ospedaliera",
    ),
    (
        "2.16.840.1.113883.2.9.10.1.4.1.1",
        "60591-5",
        "Profilo sanitario sintetico",
    ),
    (
        "2.16.840.1.113883.2.9.10.1.6.1",
        "59258-4",
        "Verbale di pronto soccorso",
    ),
];

/// What the region takes from a CDA.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cda {
    pub(crate) patient: String,
    pub(crate) code: &'static str,
    pub(crate) name: &'static str,
    pub(crate) prescription: Option<String>,
    /// SHA-256 without the content of `legalAuthenticator`, hex.
    pub(crate) hash: String,
}

impl Cda {
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Problem> {
        let syntax = |detail: String| Problem::new(Fault::Syntax, detail);
        let text = std::str::from_utf8(bytes).map_err(|_| syntax("Il CDA non è in UTF-8".to_owned()))?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let document = Document::parse(text).map_err(|e| {
            let place = e.pos();
            syntax(format!(
                "Il CDA non è XML ben formato (riga {}, colonna {})",
                place.row, place.col
            ))
        })?;
        let root = document.root_element();
        if !root.has_tag_name((HL7, "ClinicalDocument")) {
            return Err(syntax("L'elemento radice non è ClinicalDocument".to_owned()));
        }
        let (code, name) = document_type(root)?;
        let patient = required(root, "recordTarget/patientRole/id", "extension")?;
        if children(root, "recordTarget/patientRole/id").all(|id| id.attribute("root") != Some(FISCAL_CODE)) {
            return Err(semantic("recordTarget/patientRole/id non è un codice fiscale"));
        }
        let patient = children(root, "recordTarget/patientRole/id")
            .find(|id| id.attribute("root") == Some(FISCAL_CODE))
            .and_then(|id| id.attribute("extension"))
            .unwrap_or(patient)
            .to_ascii_uppercase();
        for (path, attribute) in [
            ("id", "root"),
            ("effectiveTime", "value"),
            ("confidentialityCode", "code"),
            ("languageCode", "code"),
            ("setId", "root"),
            ("versionNumber", "value"),
            ("author/time", "value"),
            ("author/assignedAuthor/id", "extension"),
            (
                "custodian/assignedCustodian/representedCustodianOrganization/id",
                "extension",
            ),
        ] {
            required(root, path, attribute)?;
        }
        for path in ["legalAuthenticator", "component/structuredBody"] {
            if children(root, path).next().is_none() {
                return Err(semantic(&format!("{path} è obbligatorio")));
            }
        }
        let orders: Vec<Node<'_, '_>> = children(root, "inFulfillmentOf/order/id").collect();
        let prescription = orders
            .iter()
            .find(|id| id.attribute("root") == Some(NRE))
            .or(orders.first())
            .and_then(|id| id.attribute("extension"))
            .map(str::to_owned);
        Ok(Self {
            patient,
            code,
            name,
            prescription,
            hash: hash(root, text),
        })
    }
}

fn semantic(detail: &str) -> Problem {
    Problem::new(Fault::Semantic, detail)
}

fn document_type(root: Node<'_, '_>) -> Result<(&'static str, &'static str), Problem> {
    let type_id = children(root, "typeId")
        .next()
        .ok_or_else(|| semantic("typeId è obbligatorio"))?;
    let known = type_id.attribute("root") == Some("2.16.840.1.113883.1.3")
        && matches!(
            type_id.attribute("extension"),
            Some("POCD_MT000040UV02" | "POCD_HD000040")
        );
    if !known {
        return Err(semantic("typeId non è quello di CDA R2"));
    }
    let (_, code, name) = children(root, "templateId")
        .filter_map(|t| t.attribute("root"))
        .find_map(|t| TYPES.iter().find(|(template, _, _)| *template == t))
        .ok_or_else(|| semantic("templateId non è di un documento gestito"))?;
    if required(root, "code", "code")? != *code {
        return Err(semantic("code non è quello del templateId"));
    }
    Ok((code, name))
}

/// Elements of HL7 at a path below an element.
fn children<'a, 'i>(from: Node<'a, 'i>, path: &'a str) -> Box<dyn Iterator<Item = Node<'a, 'i>> + 'a>
where
    'i: 'a,
{
    let (head, rest) = path.split_once('/').unwrap_or((path, ""));
    let here = from.children().filter(move |n| n.has_tag_name((HL7, head)));
    if rest.is_empty() {
        Box::new(here)
    } else {
        Box::new(here.flat_map(move |n| children(n, rest)))
    }
}

fn required<'a>(root: Node<'a, '_>, path: &'a str, attribute: &str) -> Result<&'a str, Problem> {
    children(root, path)
        .find_map(|n| n.attribute(attribute).filter(|v| !v.trim().is_empty()))
        .ok_or_else(|| semantic(&format!("{path}/@{attribute} è obbligatorio")))
}

/// The text without what lies between the tags of `legalAuthenticator`.
fn hash(root: Node<'_, '_>, text: &str) -> String {
    let mut digest = Sha256::new();
    let mut from = 0;
    for element in children(root, "legalAuthenticator") {
        let range = element.range();
        digest.update(text.get(from..range.start).unwrap_or_default());
        digest.update("<legalAuthenticator/>");
        from = range.end;
    }
    digest.update(text.get(from..).unwrap_or_default());
    hex::encode(digest.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A small CDA that passes the checks here.
    fn sample(patient: &str) -> String {
        format!(
            r#"<?xml version="1.0" encoding="UTF-8"?>
<ClinicalDocument xmlns="urn:hl7-org:v3">
<typeId root="2.16.840.1.113883.1.3" extension="POCD_MT000040UV02"/>
<templateId root="2.16.840.1.113883.2.9.10.1.16.1.1" extension="1.0"/>
<id root="2.16.840.1.113883.2.9.2.150.4.4" extension="150.TV.1"/>
<code code="75496-0" codeSystem="2.16.840.1.113883.6.1"/>
<effectiveTime value="20261121093500+0100"/><confidentialityCode code="N"/><languageCode code="it-IT"/>
<setId root="2.16.840.1.113883.2.9.2.150.4.4" extension="150.TV.1"/><versionNumber value="1"/>
<recordTarget><patientRole><id root="2.16.840.1.113883.2.9.4.3.2" extension="{patient}"/></patientRole></recordTarget>
<author><time value="20261121093500+0100"/><assignedAuthor><id root="2.16.840.1.113883.2.9.4.3.2" extension="VLMRNI74E48X000A"/></assignedAuthor></author>
<custodian><assignedCustodian><representedCustodianOrganization><id root="2.16.840.1.113883.2.9.4.1.1" extension="150999"/></representedCustodianOrganization></assignedCustodian></custodian>
<legalAuthenticator><time value="20261121093500+0100"/></legalAuthenticator>
<inFulfillmentOf><order><id root="2.16.840.1.113883.2.9.4.3.9" extension="150A22026112103"/></order></inFulfillmentOf>
<component><structuredBody/></component>
</ClinicalDocument>"#
        )
    }

    #[test]
    fn a_document_is_read_and_each_lack_has_its_type() {
        let good = sample("MRTSNT55C52X000I");
        let cda = Cda::read(good.as_bytes()).expect("a CDA");
        assert_eq!((cda.patient.as_str(), cda.code), ("MRTSNT55C52X000I", "75496-0"));
        assert_eq!(cda.prescription.as_deref(), Some("150A22026112103"));
        for (find, put, fault) in [
            ("</ClinicalDocument>", "", Fault::Syntax),
            (
                "<ClinicalDocument",
                "<!DOCTYPE x [<!ENTITY a 'b'>]><ClinicalDocument",
                Fault::Syntax,
            ),
            ("xmlns=\"urn:hl7-org:v3\"", "", Fault::Syntax),
            ("16.1.1\"", "99.1.1\"", Fault::Semantic),
            ("75496-0", "11488-4", Fault::Semantic),
            ("POCD_MT000040UV02", "POCD_MT000040UV09", Fault::Semantic),
            (
                "2.16.840.1.113883.2.9.4.3.2\" extension=\"MRT",
                "2.16.840.1.113883.2.9.4.3.7\" extension=\"MRT",
                Fault::Semantic,
            ),
            ("<setId", "<setX", Fault::Semantic),
            ("<languageCode code=\"it-IT\"/>", "", Fault::Semantic),
        ] {
            let bad = good.replacen(find, put, 1);
            assert_eq!(
                Cda::read(bad.as_bytes()).map_err(|p| p.fault),
                Err(fault),
                "{find} → {put}"
            );
        }
        assert_eq!(Cda::read(&[0xFF, 0xFE]).map_err(|p| p.fault), Err(Fault::Syntax));
    }

    proptest::proptest! {
        #[test]
        fn foreign_documents_never_panic(at in 0_usize..1900, put in "\\PC{0,6}") {
            let mut text: Vec<char> = sample("MRTSNT55C52X000I").chars().collect();
            let at = at.min(text.len());
            let end = (at + 3).min(text.len());
            text.splice(at..end, put.chars());
            let _ = Cda::read(text.into_iter().collect::<String>().as_bytes());
        }

        #[test]
        fn foreign_files_never_panic(body in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..400)) {
            let _ = crate::gateway::pdf::Pdf::read(&[b"%PDF-1.7\n", &body[..]].concat()).map(|pdf| pdf.cda());
        }
    }

    #[test]
    fn the_hash_leaves_out_the_content_of_the_legal_authenticator_alone() {
        let hash = |text: &str| Cda::read(text.as_bytes()).map(|c| c.hash).expect("a CDA");
        let before = sample("MRTSNT55C52X000I");
        let signed = before.replace(
            "<legalAuthenticator><time value=\"20261121093500+0100\"/></legalAuthenticator>",
            "<legalAuthenticator><time value=\"20261121101010+0100\"/><signatureCode code=\"S\"/></legalAuthenticator>",
        );
        assert_ne!(before, signed);
        assert_eq!(hash(&before), hash(&signed));
        assert_ne!(hash(&before), hash(&before.replace("150.TV.1", "150.TV.2")));
        assert_ne!(
            hash(&before),
            hash(&before.replace("\n<code", "\n <code")),
            "every other byte counts"
        );
    }
}
