//! A PDF as its bytes say it, for judging it: every revision by itself, nothing repaired, decrypted or merged.
//!
//! Signing reads documents with lopdf. A validator asks what lopdf hides: at which byte a value stands, which
//! objects a later revision freed, and whether the file is exactly a chain of revisions. Objects are read when
//! they are asked for, so a large file costs little.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

mod filters;
pub(crate) mod form;
pub(crate) mod syntax;
pub(crate) mod xref;

use syntax::{Dictionary, Object, Reader};
use xref::{Place, References};

/// Decoded bytes of all streams read from one document.
const MAX_DECODED: usize = 96 * 1024 * 1024;
/// A file without object streams that is not larger is harmless to read as a whole.
const MAX_LENIENT: usize = 4 * 1024 * 1024;
/// Objects in one object stream.
const MAX_IN_STREAM: usize = 100_000;
/// References that lead to references.
const MAX_STEPS: usize = 16;

/// Why a PDF cannot be judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// No `%PDF-` header.
    NotPdf,
    /// Its structure cannot be read as it stands.
    Damaged,
    /// `/Encrypt` in a trailer.
    Encrypted,
    /// A table and a stream beside it: two readers may see two documents.
    Hybrid,
}

/// The numbered objects of an object stream.
type Unpacked = Rc<Vec<(u32, Object)>>;

fn is_object_stream(object: &Object) -> bool {
    matches!(object, Object::Stream(dictionary, _) if dictionary.get(b"Type").and_then(Object::name) == Some(b"ObjStm"))
}

/// One revision of a document: everything up to its end.
pub(crate) struct Pdf<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) references: References,
    objects: RefCell<HashMap<u32, Rc<Object>>>,
    streams: RefCell<HashMap<u32, Unpacked>>,
    decoded: Cell<usize>,
    /// How many values may still be read.
    values: Cell<usize>,
}

impl<'a> Pdf<'a> {
    /// Opens the revision that ends with `bytes`.
    pub(crate) fn open(bytes: &'a [u8]) -> Result<Self, Fault> {
        if !bytes.starts_with(b"%PDF-") {
            return Err(Fault::NotPdf);
        }
        let pdf = Self {
            bytes,
            references: xref::read(bytes)?,
            objects: RefCell::default(),
            streams: RefCell::default(),
            decoded: Cell::new(0),
            values: Cell::new(syntax::MAX_VALUES),
        };
        pdf.catalog()?;
        Ok(pdf)
    }

    /// The catalog.
    pub(crate) fn catalog(&self) -> Result<Rc<Object>, Fault> {
        let root = self.references.trailer.get(b"Root").and_then(Object::reference);
        let catalog = self.object(root.ok_or(Fault::Damaged)?)?;
        match &*catalog {
            Object::Dictionary(d) if d.has(b"Pages") => Ok(catalog),
            _ => Err(Fault::Damaged),
        }
    }

    /// What the cross-reference says of a number. Not named is free.
    pub(crate) fn place(&self, number: u32) -> Place {
        self.references
            .places
            .get(&number)
            .copied()
            .unwrap_or(Place::Free)
    }

    /// An object by its number; `Null` when free.
    pub(crate) fn object(&self, number: u32) -> Result<Rc<Object>, Fault> {
        self.numbered(number, MAX_STEPS)
    }

    fn numbered(&self, number: u32, steps: usize) -> Result<Rc<Object>, Fault> {
        if let Some(known) = self.objects.borrow().get(&number) {
            return Ok(Rc::clone(known));
        }
        let steps = steps.checked_sub(1).ok_or(Fault::Damaged)?;
        let object = match self.place(number) {
            Place::Free => Object::Null,
            Place::At(offset, generation) => {
                self.at(offset, number, generation, steps).ok_or(Fault::Damaged)?
            }
            Place::Within(stream, index) => self.within(stream, index, number, steps)?,
        };
        let object = Rc::new(object);
        self.objects.borrow_mut().insert(number, Rc::clone(&object));
        Ok(object)
    }

    /// Follows references until a value.
    pub(crate) fn resolve(&self, object: &Object) -> Result<Rc<Object>, Fault> {
        let mut current = Rc::new(object.clone());
        for _ in 0..MAX_STEPS {
            match current.reference() {
                Some(number) => current = self.object(number)?,
                None => return Ok(current),
            }
        }
        Err(Fault::Damaged)
    }

    /// The value of a key, references followed; `Null` when absent.
    pub(crate) fn value(&self, of: &Dictionary, key: &[u8]) -> Result<Rc<Object>, Fault> {
        match of.get(key) {
            Some(Object::Reference(number, _)) => self.object(*number).and_then(|o| self.resolve(&o)),
            Some(direct) => Ok(Rc::new(direct.clone())),
            None => Ok(Rc::new(Object::Null)),
        }
    }

    fn at(&self, offset: usize, number: u32, generation: u16, steps: usize) -> Option<Object> {
        let mut reader = Reader::new(self.bytes, offset);
        if reader.header()? != (number, generation) {
            return None;
        }
        let value = self.counted(&mut reader)?;
        if reader.clone().keyword(b"endobj").is_some() {
            return Some(value);
        }
        let Object::Dictionary(dictionary) = value else {
            return None;
        };
        let start = xref::stream_start(&mut reader)?;
        let length = match dictionary.get(b"Length")? {
            Object::Reference(n, _) => self.numbered(*n, steps).ok()?.size()?,
            direct => direct.size()?,
        };
        let end = start.checked_add(length)?;
        Reader::new(self.bytes, end).keyword(b"endstream")?;
        Some(Object::Stream(dictionary, start..end))
    }

    fn within(&self, stream: u32, index: usize, number: u32, steps: usize) -> Result<Object, Fault> {
        let known = self.streams.borrow().get(&stream).cloned();
        let all = match known {
            Some(all) => all,
            None => {
                // A stream within a stream is forbidden (7.5.7) and would loop.
                if !matches!(self.place(stream), Place::At(..)) {
                    return Err(Fault::Damaged);
                }
                let object = self.numbered(stream, steps)?;
                let all = Rc::new(self.unpacked(&object).ok_or(Fault::Damaged)?);
                self.streams.borrow_mut().insert(stream, Rc::clone(&all));
                all
            }
        };
        match all.get(index) {
            Some((found, object)) if *found == number => Ok(object.clone()),
            _ => Err(Fault::Damaged),
        }
    }

    fn unpacked(&self, stream: &Object) -> Option<Vec<(u32, Object)>> {
        let Object::Stream(dictionary, place) = stream else {
            return None;
        };
        let plain = self.stream_content(dictionary, place).ok()?;
        let count = dictionary.get(b"N")?.size().filter(|n| *n <= MAX_IN_STREAM)?;
        let first = dictionary.get(b"First")?.size()?;
        let mut header = Reader::new(&plain, 0);
        let mut all = Vec::new();
        for _ in 0..count {
            let number = u32::try_from(header.unsigned()?).ok()?;
            let offset = first.checked_add(usize::try_from(header.unsigned()?).ok()?)?;
            all.push((number, self.counted(&mut Reader::new(&plain, offset))?));
        }
        Some(all)
    }

    /// One value, taken from what the document may hold.
    fn counted(&self, reader: &mut Reader<'_>) -> Option<Object> {
        reader.left = self.values.get();
        let value = reader.value();
        self.values.set(reader.left);
        value
    }

    /// Whether a reader that reads every object at once, and unpacks every object stream, keeps within the same bounds. What we
    /// cannot read, it may: that is taken for bounded in a small file alone.
    pub(crate) fn is_bounded(&self) -> bool {
        let lenient = self.bytes.len() <= MAX_LENIENT;
        self.references.places.iter().all(|(number, place)| {
            let Place::At(offset, generation) = *place else {
                return true;
            };
            match self.at(offset, *number, generation, MAX_STEPS) {
                Some(stream @ Object::Stream(..)) if is_object_stream(&stream) => {
                    self.unpacked(&stream).is_some()
                }
                Some(_) => true,
                None => lenient && self.values.get() > 0,
            }
        })
    }

    /// The bytes of a stream without its filter.
    pub(crate) fn stream_content(
        &self,
        dictionary: &Dictionary,
        place: &Range<usize>,
    ) -> Result<Vec<u8>, Fault> {
        let raw = self.bytes.get(place.clone()).ok_or(Fault::Damaged)?;
        let left = MAX_DECODED.saturating_sub(self.decoded.get());
        let mut direct = Dictionary::default();
        for entry in &dictionary.entries {
            if [b"Filter".as_slice(), b"DecodeParms"].contains(&entry.key.as_slice()) {
                let mut entry = entry.clone();
                entry.value = (*self.resolve(&entry.value)?).clone();
                direct.entries.push(entry);
            }
        }
        let plain = filters::decoded(&direct, raw, left).ok_or(Fault::Damaged)?;
        self.decoded.set(self.decoded.get() + plain.len());
        Ok(plain)
    }
}
