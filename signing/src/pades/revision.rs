//! Appends the revision that holds the signature: dictionary, invisible field, form, page and catalog.
//!
//! lopdf writes the appended objects and their cross-reference; the bytes received stay in front of them,
//! unchanged. ISO 32000-1, 7.5.6 (incremental updates) and 12.8.1 (byte range).

use std::io::{self, Write};

use jiff::Timestamp;
use lopdf::{Dictionary, Document, IncrementalDocument, Object, ObjectId, StringFormat, dictionary};
use openssl::sha::Sha256;

use super::inspect;
use super::visible::Placed;
use crate::error::DocumentRefusal;

/// Ten digits: room for any offset of a file under [`super::MAX_DOCUMENT`].
const OFFSET_PLACE: i64 = 9_999_999_999;

/// A PDF with an empty place for a signature.
pub(crate) struct Revision {
    pub(crate) pdf: Vec<u8>,
    /// Where `<` of `/Contents` stands.
    pub(crate) contents_at: usize,
    /// From `<` to `>`, both included.
    pub(crate) contents_len: usize,
    /// SHA-256 of everything but `/Contents`.
    pub(crate) digest: [u8; 32],
}

/// SHA-256 of a file without one part.
pub(crate) fn digest_around(pdf: &[u8], at: usize, len: usize) -> [u8; 32] {
    let mut hash = read_in(pdf.get(..at).unwrap_or_default());
    hash.update(pdf.get(at.saturating_add(len)..).unwrap_or_default());
    hash.finish()
}

/// SHA-256, begun. A revision's identifier and its digest begin with the same bytes, which are most of the file: read once.
pub(super) fn read_in(bytes: &[u8]) -> Sha256 {
    let mut hash = Sha256::new();
    hash.update(bytes);
    hash
}

/// What the revision holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A person's signature, with its time in `/M`.
    Signature,
    /// A time-stamp of the whole document (EN 319 142-1, 5.4.3); it tells its time by itself.
    DocumentTimeStamp,
}

/// Appends the revision, with room for `space` bytes of CMS.
pub(crate) fn append(
    pdf: &[u8],
    document: Document,
    space: usize,
    kind: Kind,
    placed: Option<&Placed>,
    now: Timestamp,
) -> Result<Revision, DocumentRefusal> {
    let damaged = |_| DocumentRefusal::Damaged;
    let page = match placed {
        Some(placed) => placed.page,
        None => document.page_iter().next().ok_or(DocumentRefusal::Damaged)?,
    };
    let field_name = free_name(&document, kind);
    let root = document
        .trailer
        .get(b"Root")
        .and_then(Object::as_reference)
        .map_err(damaged)?;
    let mut update = update_of(pdf, document);

    let mut value = match kind {
        Kind::Signature => dictionary! {
            "Type" => "Sig", "SubFilter" => "ETSI.CAdES.detached", "M" => Object::string_literal(pdf_date(now)),
        },
        Kind::DocumentTimeStamp => dictionary! { "Type" => "DocTimeStamp", "SubFilter" => "ETSI.RFC3161" },
    };
    value.extend(&dictionary! {
        "Filter" => "Adobe.PPKLite",
        "ByteRange" => vec![0.into(), OFFSET_PLACE.into(), OFFSET_PLACE.into(), OFFSET_PLACE.into()],
        // Digits already, in brackets that `fill_places` changes: lopdf formats hexadecimal strings byte by byte.
        "Contents" => Object::String(vec![b'0'; space * 2], StringFormat::Literal),
    });
    let signature = update.new_document.add_object(value);
    // Print and Locked: PDF/A forbids Hidden and NoView, and a rectangle of no size needs no appearance
    // (ISO 19005-3, 6.3.2 and 6.3.3).
    let mut widget = dictionary! {
        "Type" => "Annot",
        "Subtype" => "Widget",
        "FT" => "Sig",
        "T" => Object::string_literal(field_name),
        "F" => 132,
        "Rect" => vec![0.into(), 0.into(), 0.into(), 0.into()],
        "P" => page,
        "V" => signature,
    };
    if let Some(placed) = placed {
        let appearance = placed.draw(&mut update.new_document)?;
        widget.set("Rect", placed.rectangle());
        widget.set("AP", dictionary! { "N" => appearance });
    }
    let field = update.new_document.add_object(widget);
    add_to_page(&mut update, page, field).map_err(damaged)?;
    add_to_form(&mut update, root, field).map_err(damaged)?;
    let received = read_in(pdf);
    renew_identifier(&mut update.new_document.trailer, received.clone(), now);

    fill_places(written(pdf, update)?, pdf.len(), space, received)
}

/// Begins a revision after `pdf`, which `document` was read from. Nobody looks into a stream any more, and together they are as
/// large as the file: lopdf's copies of them go before it makes a copy of that.
pub(super) fn update_of(pdf: &[u8], mut document: Document) -> IncrementalDocument {
    for object in document.objects.values_mut() {
        if let Object::Stream(stream) = object {
            stream.content = Vec::new();
        }
    }
    IncrementalDocument::create_from(pdf.to_vec(), document)
}

/// The file with its new revision. lopdf's copy of the file goes before ours is made.
pub(super) fn written(pdf: &[u8], mut update: IncrementalDocument) -> Result<Vec<u8>, DocumentRefusal> {
    let mut tail = Tail {
        skip: pdf.len(),
        bytes: Vec::new(),
    };
    update.save_to(&mut tail).map_err(|_| DocumentRefusal::Damaged)?;
    drop(update);
    let mut written = Vec::with_capacity(pdf.len() + tail.bytes.len());
    written.extend_from_slice(pdf);
    written.extend_from_slice(&tail.bytes);
    Ok(written)
}

/// Keeps what is written after so many bytes.
struct Tail {
    skip: usize,
    bytes: Vec<u8>,
}

impl Write for Tail {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let skipped = self.skip.min(bytes.len());
        self.skip -= skipped;
        self.bytes
            .extend_from_slice(bytes.get(skipped..).unwrap_or_default());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn add_to_page(update: &mut IncrementalDocument, page: ObjectId, field: ObjectId) -> lopdf::Result<()> {
    update.opt_clone_object_to_new_document(page)?;
    let annotations = update
        .new_document
        .get_dictionary(page)?
        .get(b"Annots")
        .ok()
        .cloned();
    match annotations {
        Some(Object::Reference(list)) => {
            update.opt_clone_object_to_new_document(list)?;
            update
                .new_document
                .get_object_mut(list)?
                .as_array_mut()?
                .push(field.into());
        }
        Some(Object::Array(mut list)) => {
            list.push(field.into());
            update.new_document.get_dictionary_mut(page)?.set("Annots", list);
        }
        _ => update
            .new_document
            .get_dictionary_mut(page)?
            .set("Annots", vec![Object::from(field)]),
    }
    Ok(())
}

fn add_to_form(update: &mut IncrementalDocument, root: ObjectId, field: ObjectId) -> lopdf::Result<()> {
    update.opt_clone_object_to_new_document(root)?;
    let form = update
        .new_document
        .get_dictionary(root)?
        .get(b"AcroForm")
        .ok()
        .cloned();
    let mut form_dictionary = match &form {
        Some(Object::Reference(id)) => update.get_prev_documents().get_dictionary(*id)?.clone(),
        Some(Object::Dictionary(form)) => form.clone(),
        _ => Dictionary::new(),
    };
    match form_dictionary.get(b"Fields").ok().cloned() {
        Some(Object::Reference(list)) => {
            update.opt_clone_object_to_new_document(list)?;
            update
                .new_document
                .get_object_mut(list)?
                .as_array_mut()?
                .push(field.into());
        }
        Some(Object::Array(mut list)) => {
            list.push(field.into());
            form_dictionary.set("Fields", list);
        }
        _ => form_dictionary.set("Fields", vec![Object::from(field)]),
    }
    // SignaturesExist and AppendOnly.
    form_dictionary.set("SigFlags", 3);
    match form {
        Some(Object::Reference(id)) => {
            update.new_document.set_object(id, form_dictionary);
        }
        _ => {
            let id = update.new_document.add_object(form_dictionary);
            update.new_document.get_dictionary_mut(root)?.set("AcroForm", id);
        }
    }
    Ok(())
}

/// The second identifier of the trailer changes with each revision (ISO 32000-1, 14.4). `received` is the file before it, read in.
pub(super) fn renew_identifier(trailer: &mut Dictionary, mut received: Sha256, now: Timestamp) {
    if let Ok(Object::Array(pair)) = trailer.get_mut(b"ID")
        && let [_, second] = pair.as_mut_slice()
    {
        received.update(now.to_string().as_bytes());
        let identifier = received.finish().into_iter().take(16).collect();
        *second = Object::String(identifier, StringFormat::Hexadecimal);
    }
}

/// Writes the byte range and makes `/Contents` a hexadecimal string. `received` is the file up to `from`, read in.
fn fill_places(
    mut pdf: Vec<u8>,
    from: usize,
    space: usize,
    mut received: Sha256,
) -> Result<Revision, DocumentRefusal> {
    let range_place = format!("/ByteRange[0 {OFFSET_PLACE} {OFFSET_PLACE} {OFFSET_PLACE}]");
    let range_at = find(&pdf, from, range_place.as_bytes()).ok_or(DocumentRefusal::Damaged)?;
    let key = b"/Contents(";
    let contents_at = find(&pdf, range_at, key).ok_or(DocumentRefusal::Damaged)? + key.len() - 1;
    let contents_len = space * 2 + 2;
    let after = contents_at + contents_len;
    let place = pdf.get_mut(contents_at..after).ok_or(DocumentRefusal::Damaged)?;
    let [open @ b'(', digits @ .., close @ b')'] = place else {
        return Err(DocumentRefusal::Damaged);
    };
    if digits.iter().any(|digit| *digit != b'0') {
        return Err(DocumentRefusal::Damaged);
    }
    (*open, *close) = (b'<', b'>');
    let rest = pdf.len().checked_sub(after).ok_or(DocumentRefusal::Damaged)?;
    let mut range = format!("/ByteRange[0 {contents_at} {after} {rest}").into_bytes();
    range.resize(range_place.len() - 1, b' ');
    range.push(b']');
    pdf.get_mut(range_at..range_at + range.len())
        .ok_or(DocumentRefusal::Damaged)?
        .copy_from_slice(&range);
    for part in [from..contents_at, after..pdf.len()] {
        received.update(pdf.get(part).ok_or(DocumentRefusal::Damaged)?);
    }
    Ok(Revision {
        pdf,
        contents_at,
        contents_len,
        digest: received.finish(),
    })
}

fn find(bytes: &[u8], from: usize, part: &[u8]) -> Option<usize> {
    memchr::memmem::find(bytes.get(from..)?, part).map(|at| at + from)
}

fn free_name(document: &Document, kind: Kind) -> String {
    let word = match kind {
        Kind::Signature => "Firma",
        Kind::DocumentTimeStamp => "MarcaTemporale",
    };
    let taken: Vec<String> = inspect::signature_fields(document)
        .into_iter()
        .map(|f| f.name)
        .collect();
    let mut number = taken.len() + 1;
    while taken.contains(&format!("{word}{number}")) {
        number += 1;
    }
    format!("{word}{number}")
}

/// ISO 32000-1, 7.9.4, in UTC.
pub(crate) fn pdf_date(time: Timestamp) -> String {
    time.strftime("D:%Y%m%d%H%M%SZ").to_string()
}
