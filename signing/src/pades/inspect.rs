//! Reads a PDF before anything is asked of a device, and refuses what must not be signed.
//!
//! lopdf repairs, decrypts and merges in silence; a signer must not sign what it had to repair. The FSE
//! rules mirror what the gateway's published code looks at (AcroForm/Fields, Names/EmbeddedFiles).

use lopdf::{Dictionary, Document, LoadOptions, Object};

use super::{Conditions, MAX_DOCUMENT};
use crate::error::DocumentRefusal;
use crate::validation::pdf::{Fault, Pdf};

/// Deeper or larger forms than this are not made by anyone; the bounds also stop loops of references.
const MAX_DEPTH: usize = 8;
const MAX_FIELDS: usize = 10_000;

/// An attachment of a real report is far below this.
const MAX_ATTACHMENT: usize = 32 * 1024 * 1024;

/// Opens a PDF, or says why not.
pub(crate) fn open(pdf: &[u8]) -> Result<Document, DocumentRefusal> {
    if pdf.len() > MAX_DOCUMENT {
        return Err(DocumentRefusal::TooLarge);
    }
    if !pdf.starts_with(b"%PDF-") {
        return Err(DocumentRefusal::NotPdf);
    }
    if contains(pdf, b"/XRefStm") {
        return Err(DocumentRefusal::HybridCrossReference);
    }
    let unreadable = || {
        if contains(pdf, b"/Encrypt") {
            DocumentRefusal::Encrypted
        } else {
            DocumentRefusal::Damaged
        }
    };
    // lopdf repairs, and unpacks everything at once, each stream up to its limit. What our own reader cannot open would fail the
    // check after the signature anyway.
    match Pdf::open(pdf) {
        Ok(read) if read.is_bounded() => {}
        Ok(_) => return Err(DocumentRefusal::TooLarge),
        Err(Fault::Encrypted) => return Err(DocumentRefusal::Encrypted),
        Err(Fault::Hybrid) => return Err(DocumentRefusal::HybridCrossReference),
        Err(Fault::NotPdf | Fault::Damaged) => return Err(unreadable()),
    }
    let options = LoadOptions {
        max_decompressed_size: Some(MAX_DOCUMENT),
        ..LoadOptions::default()
    };
    let document = Document::load_mem_with_options(pdf, options).map_err(|_| unreadable())?;
    // With an empty user password lopdf has already decrypted by now and says nothing.
    if document.is_encrypted() || document.was_encrypted() || document.trailer.has(b"Encrypt") {
        return Err(DocumentRefusal::Encrypted);
    }
    if document.xref_recovery.is_some() || document.catalog().is_err() || document.get_pages().is_empty() {
        return Err(DocumentRefusal::Damaged);
    }
    Ok(document)
}

/// All refusals of a document.
pub(crate) fn check(pdf: &[u8], conditions: &Conditions) -> Result<Document, DocumentRefusal> {
    let document = open(pdf)?;
    if certified_without_changes(&document) {
        return Err(DocumentRefusal::Certified);
    }
    if let Some(form) = form(&document) {
        if form.has(b"XFA") {
            return Err(DocumentRefusal::Xfa);
        }
        if signature_fields(&document).iter().any(|f| f.value.is_none()) {
            return Err(DocumentRefusal::EmptySignatureField);
        }
    }
    if conditions.fse_precheck {
        clinical_document(&document)?;
    }
    Ok(document)
}

/// A field of type `Sig`.
pub(crate) struct SignatureField<'a> {
    pub(crate) name: String,
    pub(crate) value: Option<&'a Dictionary>,
}

/// Every signature field of the form, in its order.
pub(crate) fn signature_fields(document: &Document) -> Vec<SignatureField<'_>> {
    let (mut found, mut left) = (Vec::new(), MAX_FIELDS);
    if let Some(fields) = form(document).and_then(|f| array(document, f, b"Fields")) {
        walk(document, fields, false, MAX_DEPTH, &mut left, &mut found);
    }
    found
}

fn walk<'a>(
    document: &'a Document,
    fields: &'a [Object],
    inherited: bool,
    depth: usize,
    left: &mut usize,
    found: &mut Vec<SignatureField<'a>>,
) {
    for field in fields.iter().filter_map(|f| dictionary(document, f)) {
        match left.checked_sub(1) {
            Some(less) => *left = less,
            None => return,
        }
        let signature = match name(document, field, b"FT") {
            Some(kind) => kind == b"Sig",
            None => inherited,
        };
        let kids = array(document, field, b"Kids").filter(|_| depth > 0);
        if signature && (field.has(b"T") || kids.is_none()) {
            found.push(SignatureField {
                name: field
                    .get_deref(b"T", document)
                    .and_then(lopdf::decode_text_string)
                    .unwrap_or_default(),
                value: field.get(b"V").ok().and_then(|v| dictionary(document, v)),
            });
        } else if let Some(kids) = kids {
            walk(document, kids, signature, depth - 1, left, found);
        }
    }
}

pub(crate) fn form(document: &Document) -> Option<&Dictionary> {
    document
        .catalog()
        .ok()?
        .get(b"AcroForm")
        .ok()
        .and_then(|f| dictionary(document, f))
}

/// DocMDP with P=1 (ISO 32000-1, table 254). Without P the default is 2.
pub(crate) fn certified_without_changes(document: &Document) -> bool {
    let level = || {
        let permissions = dictionary(document, document.catalog().ok()?.get(b"Perms").ok()?)?;
        let signature = dictionary(document, permissions.get(b"DocMDP").ok()?)?;
        array(document, signature, b"Reference")?
            .iter()
            .filter_map(|r| dictionary(document, r))
            .filter(|r| name(document, r, b"TransformMethod") == Some(b"DocMDP"))
            .filter_map(|r| dictionary(document, r.get(b"TransformParams").ok()?))
            .find_map(|p| p.get_deref(b"P", document).and_then(Object::as_i64).ok())
    };
    level() == Some(1)
}

/// The gateway wants `cda.xml` by that very name, one level of kids at most.
fn clinical_document(document: &Document) -> Result<(), DocumentRefusal> {
    let files = attachments(document);
    let (named, others): (Vec<_>, Vec<_>) =
        files.iter().partition(|f| f.names.iter().any(|n| n == "cda.xml"));
    match named.as_slice() {
        [one] if one.is_clinical_document(document) => Ok(()),
        [_] => Err(DocumentRefusal::CdaUnreadable),
        [] if others.iter().any(|f| f.is_clinical_document(document)) => Err(DocumentRefusal::CdaMisnamed),
        [] => Err(DocumentRefusal::CdaMissing),
        _ => Err(DocumentRefusal::CdaTwice),
    }
}

struct Attachment<'a> {
    names: Vec<String>,
    specification: &'a Dictionary,
}

impl Attachment<'_> {
    fn is_clinical_document(&self, document: &Document) -> bool {
        let content = || {
            let embedded = dictionary(document, self.specification.get(b"EF").ok()?)?;
            let stream = embedded
                .get_deref(b"F", document)
                .and_then(Object::as_stream)
                .ok()?;
            stream.get_plain_content_with_limit(MAX_ATTACHMENT).ok()
        };
        content().is_some_and(|c| contains(&c, b"ClinicalDocument"))
    }
}

fn attachments(document: &Document) -> Vec<Attachment<'_>> {
    let tree = || {
        let names = dictionary(document, document.catalog().ok()?.get(b"Names").ok()?)?;
        dictionary(document, names.get(b"EmbeddedFiles").ok()?)
    };
    let Some(tree) = tree() else { return Vec::new() };
    let leaves: Vec<&Dictionary> = if tree.has(b"Names") {
        vec![tree]
    } else {
        array(document, tree, b"Kids")
            .into_iter()
            .flatten()
            .filter_map(|k| dictionary(document, k))
            .collect()
    };
    let pairs = leaves
        .into_iter()
        .filter_map(|l| array(document, l, b"Names"))
        .flat_map(|n| n.chunks_exact(2));
    pairs
        .filter_map(|pair| {
            let specification = dictionary(document, &pair[1])?;
            let text = |o: &Object| {
                document
                    .dereference(o)
                    .and_then(|(_, o)| lopdf::decode_text_string(o))
                    .unwrap_or_default()
            };
            let mut names = vec![text(&pair[0])];
            names.extend(
                [b"UF".as_slice(), b"F"]
                    .iter()
                    .filter_map(|k| specification.get(k).ok())
                    .map(text),
            );
            Some(Attachment { names, specification })
        })
        .collect()
}

pub(crate) fn dictionary<'a>(document: &'a Document, object: &'a Object) -> Option<&'a Dictionary> {
    document
        .dereference(object)
        .ok()
        .and_then(|(_, o)| o.as_dict().ok())
}

pub(crate) fn array<'a>(document: &'a Document, of: &'a Dictionary, key: &[u8]) -> Option<&'a [Object]> {
    of.get_deref(key, document)
        .and_then(Object::as_array)
        .ok()
        .map(Vec::as_slice)
}

pub(crate) fn name<'a>(document: &'a Document, of: &'a Dictionary, key: &[u8]) -> Option<&'a [u8]> {
    of.get_deref(key, document).and_then(Object::as_name).ok()
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    memchr::memmem::find(bytes, part).is_some()
}
