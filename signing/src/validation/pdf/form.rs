//! The signature fields of a revision (ISO 32000-1, 12.7).

use std::collections::HashSet;
use std::rc::Rc;

use super::syntax::{Dictionary, Object};
use super::{Fault, Pdf};

/// Larger or deeper forms are made by nobody; the bounds also stop loops.
const MAX_FIELDS: usize = 20_000;
const MAX_DEPTH: usize = 32;

/// A terminal signature field.
pub(crate) struct SignatureField {
    pub(crate) name: String,
    /// Its value, when signed.
    pub(crate) value: Option<Object>,
}

/// The form's dictionary.
pub(crate) fn form(pdf: &Pdf<'_>) -> Result<Option<Rc<Object>>, Fault> {
    let catalog = pdf.catalog()?;
    let Some(catalog) = catalog.dictionary() else {
        return Err(Fault::Damaged);
    };
    let form = pdf.value(catalog, b"AcroForm")?;
    Ok(form.dictionary().is_some().then_some(form))
}

/// Every signature field, in the form's order.
pub(crate) fn signature_fields(pdf: &Pdf<'_>) -> Result<Vec<SignatureField>, Fault> {
    let Some(form) = form(pdf)? else {
        return Ok(Vec::new());
    };
    let fields = match form.dictionary() {
        Some(form) => pdf.value(form, b"Fields")?,
        None => return Ok(Vec::new()),
    };
    let mut walk = Walk {
        pdf,
        seen: HashSet::new(),
        left: MAX_FIELDS,
        found: Vec::new(),
    };
    walk.fields(fields.array().unwrap_or_default(), false, "", MAX_DEPTH)?;
    Ok(walk.found)
}

struct Walk<'p, 'a> {
    pdf: &'p Pdf<'a>,
    seen: HashSet<u32>,
    left: usize,
    found: Vec<SignatureField>,
}

impl Walk<'_, '_> {
    fn fields(&mut self, fields: &[Object], inherited: bool, above: &str, depth: usize) -> Result<(), Fault> {
        let depth = depth.checked_sub(1).ok_or(Fault::Damaged)?;
        for field in fields {
            self.left = self.left.checked_sub(1).ok_or(Fault::Damaged)?;
            if let Some(number) = field.reference()
                && !self.seen.insert(number)
            {
                continue;
            }
            let object = self.pdf.resolve(field)?;
            if let Some(field) = object.dictionary() {
                self.field(field, inherited, above, depth)?;
            }
        }
        Ok(())
    }

    fn field(&mut self, field: &Dictionary, inherited: bool, above: &str, depth: usize) -> Result<(), Fault> {
        let signature = match &*self.pdf.value(field, b"FT")? {
            Object::Name(kind) => kind == b"Sig",
            _ => inherited,
        };
        let own = self.pdf.value(field, b"T")?;
        let name = match own.text().map(text) {
            Some(own) if above.is_empty() => own,
            Some(own) => format!("{above}.{own}"),
            None => above.to_owned(),
        };
        let kids = self.pdf.value(field, b"Kids")?;
        let value = field.get(b"V").filter(|v| !matches!(v, Object::Null)).cloned();
        if signature && (value.is_some() || kids.array().is_none()) {
            self.found.push(SignatureField { name, value });
        } else if let Some(kids) = kids.array() {
            self.fields(kids, signature, &name, depth)?;
        }
        Ok(())
    }
}

/// A text string (7.9.2.2): UTF-16 with its mark, UTF-8 with its mark, else one byte a character.
pub(crate) fn text(bytes: &[u8]) -> String {
    if let Some(units) = bytes.strip_prefix(&[0xfe, 0xff]) {
        let units: Vec<u16> = units
            .chunks_exact(2)
            .map(|c| u16::from_be_bytes([c[0], c[1]]))
            .collect();
        String::from_utf16_lossy(&units)
    } else if let Some(utf8) = bytes.strip_prefix(&[0xef, 0xbb, 0xbf]) {
        String::from_utf8_lossy(utf8).into_owned()
    } else {
        bytes.iter().map(|b| char::from(*b)).collect()
    }
}
