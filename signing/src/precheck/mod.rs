//! Whether the FSE gateway's public rules would refuse a signed file, and why.
//!
//! The rules are those of the gateway's published code and contract: it looks for signature fields directly under
//! `AcroForm/Fields`, wants `/M` in each, takes a document time-stamp or an empty field for a bad signature, and
//! finds the clinical document by the exact name `cda.xml`. Not in it: trust (`validation`) and what the clinical
//! document says.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::pades::MAX_DOCUMENT;
use crate::validation::pdf::form::{form, text};
use crate::validation::pdf::syntax::{Dictionary, Object};
use crate::validation::pdf::{Fault, Pdf};
use crate::validation::{Indication, LaterChanges, TrustRoots, verify};

/// Leaves of the attachments' name tree.
const MAX_LEAVES: usize = 1024;

/// Why the gateway would refuse a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FseProblem {
    /// Not a PDF (the gateway: *Il documento non è pdf*).
    NotPdf,
    /// Its structure cannot be read as it stands.
    Damaged,
    /// Encrypted, be it with the owner password alone.
    Encrypted,
    /// A hybrid cross-reference.
    HybridCrossReference,
    /// Over [`MAX_DOCUMENT`].
    TooLarge,
    /// No attachments, or none named `cda.xml` (*Errore in fase di estrazione del CDA*).
    CdaMissing,
    /// A clinical document is attached under another name.
    CdaMisnamed,
    /// `cda.xml` more than once.
    CdaTwice,
    /// `cda.xml` holds no `ClinicalDocument`, or cannot be read.
    CdaUnreadable,
    /// The name tree of the attachments is deeper than the gateway looks.
    AttachmentsTooDeep,
    /// No signature directly under the form's fields (*Il pdf non risulta firmato*).
    NotSigned,
    /// A signature field without a signature (*La firma del pdf non risulta valida*).
    EmptySignatureField,
    /// A document time-stamp (B-LTA), which the gateway takes for a bad signature.
    DocumentTimeStamp,
    /// A signature without `/M`.
    NoSigningTime,
    /// A signature that is not `ETSI.CAdES.detached`.
    NotPades,
    /// A signature that does not hold, whoever made it.
    SignatureBroken,
}

impl From<Fault> for FseProblem {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::NotPdf => Self::NotPdf,
            Fault::Damaged => Self::Damaged,
            Fault::Encrypted => Self::Encrypted,
            Fault::Hybrid => Self::HybridCrossReference,
        }
    }
}

/// What the gateway would say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FsePrecheck {
    /// Every reason for which it would refuse the file.
    pub problems: Vec<FseProblem>,
    /// The file does not call itself PDF/A-3, as the guidelines of the FSE ask. The gateway does not look: the
    /// ministry's own signed sample is none.
    pub not_pdf_a_3: bool,
}

impl FsePrecheck {
    /// It would take the file.
    pub fn accepted(&self) -> bool {
        self.problems.is_empty()
    }
}

/// Says whether the gateway would refuse a file. `now` is the moment as of which its signatures are looked at.
pub fn fse_precheck(pdf: &[u8], now: Timestamp) -> FsePrecheck {
    let mut answer = FsePrecheck::default();
    if pdf.len() > MAX_DOCUMENT {
        answer.problems.push(FseProblem::TooLarge);
    } else if let Err(fault) = check(pdf, now, &mut answer) {
        answer.problems.push(fault.into());
    }
    answer
}

fn check(bytes: &[u8], now: Timestamp, answer: &mut FsePrecheck) -> Result<(), Fault> {
    let pdf = Pdf::open(bytes)?;
    let catalog = pdf.catalog()?;
    let catalog = catalog.dictionary().ok_or(Fault::Damaged)?;
    answer.not_pdf_a_3 = !is_pdf_a_3(&pdf, catalog)?;
    let problems = &mut answer.problems;
    clinical_document(&pdf, catalog, problems)?;
    signatures(&pdf, problems)?;
    let report = verify(bytes, &TrustRoots::default(), now);
    let broken = report
        .signatures
        .iter()
        .any(|s| s.indication == Indication::TotalFailed || s.later_changes == LaterChanges::Forbidden);
    if broken {
        problems.push(FseProblem::SignatureBroken);
    }
    Ok(())
}

/// `pdfaid:part` 3 in the metadata (ISO 19005-3, 6.6.4), as element or as attribute.
fn is_pdf_a_3(pdf: &Pdf<'_>, catalog: &Dictionary) -> Result<bool, Fault> {
    let metadata = pdf.value(catalog, b"Metadata")?;
    let Object::Stream(dictionary, place) = &*metadata else {
        return Ok(false);
    };
    let Ok(content) = pdf.stream_content(dictionary, place) else {
        return Ok(false);
    };
    let plain: Vec<u8> = content.into_iter().filter(|b| !b.is_ascii_whitespace()).collect();
    let says = |part: &[u8]| plain.windows(part.len()).any(|w| w == part);
    Ok(says(b"pdfaid:part>3<") || says(b"pdfaid:part=\"3\"") || says(b"pdfaid:part='3'"))
}

fn clinical_document(
    pdf: &Pdf<'_>,
    catalog: &Dictionary,
    problems: &mut Vec<FseProblem>,
) -> Result<(), Fault> {
    let names = pdf.value(catalog, b"Names")?;
    let tree = match names.dictionary() {
        Some(names) => pdf.value(names, b"EmbeddedFiles")?,
        None => {
            problems.push(FseProblem::CdaMissing);
            return Ok(());
        }
    };
    let (mut named, mut others) = (Vec::new(), 0);
    for (key, specification) in attachments(pdf, &tree, problems)? {
        let specification = pdf.resolve(&specification)?;
        let Some(specification) = specification.dictionary() else {
            continue;
        };
        let mut called = vec![key];
        for name in [b"UF".as_slice(), b"F"] {
            called.extend(pdf.value(specification, name)?.text().map(text));
        }
        let clinical = is_clinical_document(pdf, specification)?;
        if called.iter().any(|n| n == "cda.xml") {
            named.push(clinical);
        } else if clinical {
            others += 1;
        }
    }
    match named.as_slice() {
        [true] => {}
        [false] => problems.push(FseProblem::CdaUnreadable),
        [] if others > 0 => problems.push(FseProblem::CdaMisnamed),
        [] => problems.push(FseProblem::CdaMissing),
        _ => problems.push(FseProblem::CdaTwice),
    }
    Ok(())
}

/// Names and specifications, one level of kids at most: the gateway looks no deeper.
fn attachments(
    pdf: &Pdf<'_>,
    tree: &Object,
    problems: &mut Vec<FseProblem>,
) -> Result<Vec<(String, Object)>, Fault> {
    let Some(root) = tree.dictionary() else {
        return Ok(Vec::new());
    };
    let mut leaves = Vec::new();
    if root.has(b"Names") {
        leaves.push(root.clone());
    } else {
        let kids = pdf.value(root, b"Kids")?;
        for kid in kids.array().unwrap_or_default().iter().take(MAX_LEAVES) {
            leaves.extend(pdf.resolve(kid)?.dictionary().cloned());
        }
    }
    let mut found = Vec::new();
    for leaf in leaves {
        let names = pdf.value(&leaf, b"Names")?;
        let Some(names) = names.array() else {
            problems.push(FseProblem::AttachmentsTooDeep);
            continue;
        };
        for pair in names.chunks_exact(2) {
            if let [key, specification] = pair {
                let key = pdf.resolve(key)?;
                found.push((key.text().map(text).unwrap_or_default(), specification.clone()));
            }
        }
    }
    Ok(found)
}

fn is_clinical_document(pdf: &Pdf<'_>, specification: &Dictionary) -> Result<bool, Fault> {
    let embedded = pdf.value(specification, b"EF")?;
    let Some(embedded) = embedded.dictionary() else {
        return Ok(false);
    };
    let file = pdf.value(embedded, b"F")?;
    let Object::Stream(dictionary, place) = &*file else {
        return Ok(false);
    };
    let name = b"ClinicalDocument";
    Ok(pdf
        .stream_content(dictionary, place)
        .is_ok_and(|content| content.windows(name.len()).any(|w| w == name)))
}

fn signatures(pdf: &Pdf<'_>, problems: &mut Vec<FseProblem>) -> Result<(), Fault> {
    let fields = match form(pdf)?.as_deref().and_then(Object::dictionary) {
        Some(form) => pdf.value(form, b"Fields")?,
        None => std::rc::Rc::new(Object::Null),
    };
    let mut signed = 0;
    let mut add = |problem| {
        if !problems.contains(&problem) {
            problems.push(problem);
        }
    };
    for field in fields.array().unwrap_or_default() {
        let field = pdf.resolve(field)?;
        let Some(field) = field.dictionary() else { continue };
        if pdf.value(field, b"FT")?.name() != Some(b"Sig") {
            continue;
        }
        let value = pdf.value(field, b"V")?;
        let Some(value) = value.dictionary() else {
            add(FseProblem::EmptySignatureField);
            continue;
        };
        signed += 1;
        let kind = pdf.value(value, b"SubFilter")?;
        let named = |key: &[u8]| value.get(key).and_then(Object::name);
        if named(b"Type") == Some(b"DocTimeStamp") || kind.name() == Some(b"ETSI.RFC3161") {
            add(FseProblem::DocumentTimeStamp);
        } else {
            if pdf.value(value, b"M")?.text().is_none() {
                add(FseProblem::NoSigningTime);
            }
            if kind.name() != Some(b"ETSI.CAdES.detached") {
                add(FseProblem::NotPades);
            }
        }
    }
    if signed == 0 {
        add(FseProblem::NotSigned);
    }
    Ok(())
}
