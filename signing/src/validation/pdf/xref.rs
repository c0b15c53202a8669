//! Where the objects of a PDF stand: the chain of cross-reference sections from the last `startxref` back
//! (ISO 32000-1, 7.5.4, 7.5.6 and 7.5.8).
//!
//! An entry that frees an object counts as much as one that defines it: a reader which passes over freed
//! entries would show what a later revision took away. Nothing is repaired.

use std::collections::HashMap;

use super::Fault;
use super::filters;
use super::syntax::{Dictionary, Object, Reader, is_space};

/// ISO 32000-1, annex C: the largest number of indirect objects.
const MAX_OBJECTS: u64 = 8_388_607;
/// Revisions of one file. A patient's report has a handful.
const MAX_SECTIONS: usize = 1024;
/// The longest entry of a cross-reference stream, in bytes.
const MAX_ENTRY: usize = 24;
/// Spaces and line ends after the last `%%EOF`.
const MAX_TAIL: usize = 2048;

/// What the cross-reference says of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Not in use.
    Free,
    /// At an offset, with a generation.
    At(usize, u16),
    /// In an object stream, at an index.
    Within(u32, usize),
}

/// The whole chain.
pub(crate) struct References {
    pub(crate) places: HashMap<u32, Place>,
    /// The newest trailer.
    pub(crate) trailer: Dictionary,
    /// Offsets of the sections, the newest first.
    pub(crate) sections: Vec<usize>,
}

/// What the sections read so far say, the newest first.
struct Places {
    known: HashMap<u32, Place>,
    /// How many entries all sections may still hold: as many as the file has bytes, since every object takes some. A compressed
    /// section could else name millions.
    left: usize,
}

impl Places {
    fn enter(&mut self, number: u64, place: Place) -> Option<()> {
        self.left = self.left.checked_sub(1)?;
        self.known.entry(u32::try_from(number).ok()?).or_insert(place);
        Some(())
    }
}

/// Reads the chain that ends with the file.
pub(crate) fn read(bytes: &[u8]) -> Result<References, Fault> {
    let mut next = Some(start(bytes).ok_or(Fault::Damaged)?);
    let mut places = Places {
        known: HashMap::new(),
        left: bytes.len().saturating_add(1024),
    };
    let mut newest: Option<Dictionary> = None;
    let mut sections = Vec::new();
    while let Some(offset) = next {
        if sections.contains(&offset) || sections.len() == MAX_SECTIONS {
            return Err(Fault::Damaged);
        }
        sections.push(offset);
        let trailer = section(bytes, offset, &mut places)?;
        if trailer.has(b"Encrypt") {
            return Err(Fault::Encrypted);
        }
        if trailer.has(b"XRefStm") {
            return Err(Fault::Hybrid);
        }
        next = match trailer.get(b"Prev") {
            None => None,
            Some(value) => Some(value.size().ok_or(Fault::Damaged)?),
        };
        newest.get_or_insert(trailer);
    }
    Ok(References {
        places: places.known,
        trailer: newest.ok_or(Fault::Damaged)?,
        sections,
    })
}

/// The offset after the last `startxref`, when the file ends with it and `%%EOF`.
fn start(bytes: &[u8]) -> Option<usize> {
    let tail = bytes.iter().rev().take_while(|b| is_space(**b)).count();
    if tail > MAX_TAIL {
        return None;
    }
    let end = bytes.get(..bytes.len() - tail)?.strip_suffix(b"%%EOF")?;
    let from = end.len().saturating_sub(64);
    let key = b"startxref";
    let at = from + end.get(from..)?.windows(key.len()).rposition(|w| w == key)?;
    let mut reader = Reader::new(end, at);
    reader.keyword(key)?;
    let offset = usize::try_from(reader.unsigned()?).ok()?;
    reader.skip_space();
    (reader.at == end.len() && offset < at).then_some(offset)
}

fn section(bytes: &[u8], offset: usize, places: &mut Places) -> Result<Dictionary, Fault> {
    let mut reader = Reader::new(bytes, offset);
    if reader.keyword(b"xref").is_some() {
        table(&mut reader, places).ok_or(Fault::Damaged)
    } else {
        stream(&mut Reader::new(bytes, offset), places)
    }
}

fn table(reader: &mut Reader<'_>, places: &mut Places) -> Option<Dictionary> {
    while reader.clone().keyword(b"trailer").is_none() {
        let first = reader.unsigned()?;
        let count = reader.unsigned()?;
        if first.checked_add(count)? > MAX_OBJECTS {
            return None;
        }
        for number in first..first + count {
            let offset = usize::try_from(reader.unsigned()?).ok()?;
            let generation = u16::try_from(reader.unsigned()?).ok()?;
            let place = if reader.keyword(b"n").is_some() {
                Place::At(offset, generation)
            } else {
                reader.keyword(b"f")?;
                Place::Free
            };
            places.enter(number, place)?;
        }
    }
    reader.keyword(b"trailer")?;
    match reader.value()? {
        Object::Dictionary(trailer) => Some(trailer),
        _ => None,
    }
}

fn stream(reader: &mut Reader<'_>, places: &mut Places) -> Result<Dictionary, Fault> {
    let (dictionary, raw) = stream_bytes(reader).ok_or(Fault::Damaged)?;
    let limit = places.left.saturating_mul(MAX_ENTRY);
    let plain = filters::decoded(&dictionary, raw, limit).ok_or(Fault::Damaged)?;
    entries(&dictionary, &plain, places).ok_or(Fault::Damaged)?;
    Ok(dictionary)
}

/// A cross-reference stream needs no other object to be read: its length is direct.
fn stream_bytes<'a>(reader: &mut Reader<'a>) -> Option<(Dictionary, &'a [u8])> {
    reader.header()?;
    let Object::Dictionary(dictionary) = reader.value()? else {
        return None;
    };
    if dictionary.get(b"Type").and_then(Object::name) != Some(b"XRef") {
        return None;
    }
    let start = stream_start(reader)?;
    let length = dictionary.get(b"Length")?.size()?;
    let raw = reader.bytes.get(start..start.checked_add(length)?)?;
    Some((dictionary, raw))
}

/// Past the keyword `stream` and its end of line.
pub(super) fn stream_start(reader: &mut Reader<'_>) -> Option<usize> {
    reader.keyword(b"stream")?;
    let rest = reader.bytes.get(reader.at..)?;
    let line_end = if rest.starts_with(b"\r\n") {
        2
    } else if rest.starts_with(b"\n") {
        1
    } else {
        return None;
    };
    Some(reader.at + line_end)
}

fn entries(dictionary: &Dictionary, plain: &[u8], places: &mut Places) -> Option<()> {
    let sizes = |key: &[u8]| -> Option<Vec<usize>> {
        dictionary.get(key)?.array()?.iter().map(Object::size).collect()
    };
    let [kind, second, third] = sizes(b"W")?[..] else {
        return None;
    };
    let width = kind.checked_add(second)?.checked_add(third)?;
    if width == 0 || [kind, second, third].iter().any(|w| *w > 8) {
        return None;
    }
    let index = match dictionary.get(b"Index") {
        Some(_) => sizes(b"Index")?,
        None => vec![0, dictionary.get(b"Size")?.size()?],
    };
    let mut rows = plain.chunks_exact(width);
    for pair in index.chunks(2) {
        let [first, count] = *pair else { return None };
        if first.checked_add(count)? as u64 > MAX_OBJECTS {
            return None;
        }
        for number in first..first + count {
            let row = rows.next()?;
            let number_of = |bytes: &[u8]| bytes.iter().fold(0u64, |sum, b| sum << 8 | u64::from(*b));
            let (kinds, rest) = row.split_at_checked(kind)?;
            let (seconds, thirds) = rest.split_at_checked(second)?;
            let (a, b) = (number_of(seconds), number_of(thirds));
            let place = match if kind == 0 { 1 } else { number_of(kinds) } {
                0 => Place::Free,
                1 => Place::At(usize::try_from(a).ok()?, u16::try_from(b).ok()?),
                2 => Place::Within(u32::try_from(a).ok()?, usize::try_from(b).ok()?),
                // 7.5.8.3: any other kind is a reference to nothing.
                _ => Place::Free,
            };
            places.enter(number as u64, place)?;
        }
    }
    Some(())
}
