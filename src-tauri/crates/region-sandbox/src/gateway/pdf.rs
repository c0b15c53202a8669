//! What the gateway looks for in a PDF: that it is one, and its `cda.xml`.
//!
//! The attachment stands in Root/Names/EmbeddedFiles, at most one level of Kids deep, first in order, with the exact
//! name `cda.xml` (FSE 2.0 framework, injection of the CDA in mode ATTACHMENT).

use lopdf::{Dictionary, Document, Object};

use super::problem::{Fault, Problem};

const NAME: &[u8] = b"cda.xml";

/// A PDF that can be read.
pub(crate) struct Pdf {
    pub(crate) document: Document,
}

impl Pdf {
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Problem> {
        if bytes.is_empty() {
            return Err(Problem::new(Fault::EmptyFile, "File vuoto"));
        }
        let not_pdf = || Problem::new(Fault::NotPdf, "Il documento non è pdf.");
        // ISO 32000-1, annex H: readers accept the header within the first 1,024 bytes.
        let head = bytes.get(..bytes.len().min(1024)).unwrap_or_default();
        if !head.windows(5).any(|w| w == b"%PDF-") {
            return Err(not_pdf());
        }
        let document = Document::load_mem(bytes).map_err(|_| not_pdf())?;
        if document.trailer.has(b"Encrypt") || document.is_encrypted() {
            return Err(Problem::new(Fault::NoCda, "Il pdf è cifrato"));
        }
        Ok(Self { document })
    }

    /// The bytes of `cda.xml`.
    pub(crate) fn cda(&self) -> Result<Vec<u8>, Problem> {
        let refused = || Problem::new(Fault::NoCda, "Errore in fase di estrazione del CDA.");
        let (name, specification) = self.first_attachment().ok_or_else(refused)?;
        let file_name = specification.get(b"UF").or_else(|_| specification.get(b"F"));
        let file_name = file_name.ok().and_then(|f| f.as_str().ok()).unwrap_or_default();
        if name != NAME && decoded(file_name) != NAME {
            return Err(refused());
        }
        let stream = self
            .dictionary(specification.get(b"EF").ok())
            .and_then(|files| files.get(b"F").ok())
            .and_then(|file| self.document.dereference(file).ok())
            .and_then(|(_, object)| object.as_stream().ok())
            .ok_or_else(refused)?;
        let bytes = if stream.dict.has(b"Filter") {
            stream.decompressed_content().map_err(|_| refused())?
        } else {
            stream.content.clone()
        };
        if bytes.is_empty() {
            Err(refused())
        } else {
            Ok(bytes)
        }
    }

    fn first_attachment(&self) -> Option<(Vec<u8>, &Dictionary)> {
        let catalog = self.document.catalog().ok()?;
        let names = self.dictionary(catalog.get(b"Names").ok())?;
        let tree = self.dictionary(names.get(b"EmbeddedFiles").ok())?;
        let leaf = match tree.get(b"Kids") {
            Ok(kids) => {
                let (_, kids) = self.document.dereference(kids).ok()?;
                self.dictionary(kids.as_array().ok()?.first())?
            }
            Err(_) => tree,
        };
        let (_, pairs) = self.document.dereference(leaf.get(b"Names").ok()?).ok()?;
        let pairs = pairs.as_array().ok()?;
        let name = pairs.first()?.as_str().ok()?.to_vec();
        Some((decoded(&name).to_vec(), self.dictionary(pairs.get(1))?))
    }

    /// A dictionary, also through a reference.
    pub(crate) fn dictionary<'a>(&'a self, object: Option<&'a Object>) -> Option<&'a Dictionary> {
        let (_, object) = self.document.dereference(object?).ok()?;
        object.as_dict().ok()
    }
}

/// A text string whose characters are all ASCII, written in UTF-16 or in one byte each.
fn decoded(text: &[u8]) -> Vec<u8> {
    match text.strip_prefix(&[0xFE, 0xFF]) {
        Some(wide) => wide
            .chunks_exact(2)
            .map(|c| if c[0] == 0 { c[1] } else { b'?' })
            .collect(),
        None => text.to_vec(),
    }
}
