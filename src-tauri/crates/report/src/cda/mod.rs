//! The CDA2 document of the Referto di Televisita: LOINC 75496-0, national template
//! 2.16.840.1.113883.2.9.10.1.16.1.1, written so that XSD and schematron of the Ministry accept it.
//!
//! `header` writes people, order, encounter and structure; `body` the sections; `xml` is the writer. What no
//! official code system covers (the outcome of a televisit) is said in the narrative. Darkening choices are
//! not written, but for the confidentiality code: that a document is darkened must not be readable in it
//! (Garante privacy, guidelines of 4 June 2015, *oscuramento dell'oscuramento*).

mod body;
mod header;
mod xml;

use jiff::Timestamp;

use crate::{DocumentIds, PathMap, ReportForm, VisitRecord, picture::Picture};

/// Object identifiers in use. Source of each: the national implementation guides as the schematron cites them.
mod oid {
    pub(super) const TEMPLATE: &str = "2.16.840.1.113883.2.9.10.1.16.1.1";
    pub(super) const LOINC: &str = "2.16.840.1.113883.6.1";
    pub(super) const ICD9CM: &str = "2.16.840.1.113883.6.103";
    pub(super) const FISCAL_CODE: &str = "2.16.840.1.113883.2.9.4.3.2";
    pub(super) const NRE: &str = "2.16.840.1.113883.2.9.4.3.9";
    pub(super) const TRUST: &str = "2.16.840.1.113883.2.9.4.1.1";
    pub(super) const HOSPITAL: &str = "2.16.840.1.113883.2.9.4.1.2";
    pub(super) const FACILITY: &str = "2.16.840.1.113883.2.9.4.1.3";
    pub(super) const UNIT: &str = "2.16.840.1.113883.2.9.4.1.6";
    pub(super) const NODES: &str = "2.16.840.1.113883.2.9.2";
    pub(super) const DOCUMENTS: &str = "2.16.840.1.113883.2.9.2.150.4.4";
    pub(super) const CONFIDENTIALITY: &str = "2.16.840.1.113883.5.25";
    pub(super) const GENDER: &str = "2.16.840.1.113883.5.1";
    pub(super) const ROLE: &str = "2.16.840.1.113883.5.111";
    pub(super) const ACCESS: &str = "2.16.840.1.113883.2.9.5.1.4";
}

/// A time of the visit lies outside what HL7 TS can write.
#[derive(Debug)]
pub(crate) struct TimeOutOfRange;

/// Writes the document. The form is taken as complete: [`crate::check`] has been asked before.
pub(crate) fn write(
    form: &ReportForm,
    visit: &VisitRecord,
    ids: &DocumentIds,
    picture: &Picture,
    now: Timestamp,
) -> Result<(String, PathMap), TimeOutOfRange> {
    let times = header::Times::of(visit, now).ok_or(TimeOutOfRange)?;
    let mut xml = xml::Xml::new();
    let root = [
        ("xmlns", "urn:hl7-org:v3"),
        ("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance"),
        ("xmlns:sdtc", "urn:hl7-org:sdtc"),
    ];
    xml.element("ClinicalDocument", &root, |x| {
        header::write(x, form, visit, ids, &times);
        body::write(x, form, visit, picture, &times);
    });
    Ok(xml.finish())
}
